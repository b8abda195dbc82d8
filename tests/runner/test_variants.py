"""One thing changed at a time."""

import pytest

from bakeoff.models.recipes import expand_layers
from bakeoff.runner.variants import (
    halve_depth,
    halve_width,
    leave_out_dropout,
    make_variants,
    normalize,
    shorten,
)
from bakeoff.spec import Holdout, Named, parse_study, read_study


def _model(entry: str, protocol: str = "{}"):
    text = f"name: v\ndata: digits\nprotocol: {protocol}\nmodels: {{m: {entry}}}"
    return parse_study(text).study.model("m")


def _shape(layers) -> list[str]:
    """Names of the layers, with their sizes."""
    return [
        f"{layer.name} {layer.arguments.get('units', layer.arguments.get('filters', ''))}".strip() for layer in layers
    ]


def _stack(*items) -> list[Named]:
    return [Named.model_validate(item) for item in items]


def test_study_b_gets_every_change():
    """Model 1_5 with raw pixels and KL divergence can be changed in nine ways, each in that thing alone."""
    model = read_study("study-b-pixels").model("1_5-raw")
    variants = {variant.change: variant for variant in make_variants(model)}
    assert list(variants) == [
        "scaling the pixels",
        "the loss from logits",
        "a tenth of the learning rate",
        "a hundredth of the learning rate",
        "ten times the learning rate",
        "a hundred times the learning rate",
        "batch normalisation",
        "half the depth",
        "half the width",
    ]
    before, layers = model.protocol.model_dump(), expand_layers(model)
    for change, changed in (
        ("scaling the pixels", {"pixels": "unit"}),
        ("the loss from logits", {"loss": "categorical_crossentropy"}),
        ("a tenth of the learning rate", {"optimizer": {"adam": {"learning_rate": 0.0001}}}),
        ("ten times the learning rate", {"optimizer": {"adam": {"learning_rate": 0.01}}}),
        ("a hundredth of the learning rate", {"optimizer": {"adam": {"learning_rate": 0.00001}}}),
        ("a hundred times the learning rate", {"optimizer": {"adam": {"learning_rate": 0.1}}}),
    ):
        variant = variants[change].model
        assert variant.protocol.model_dump() == {**before, **changed}
        assert expand_layers(variant) == layers
    for change in ("batch normalisation", "half the depth", "half the width"):
        assert variants[change].model.protocol == model.protocol
    shallow = _shape(expand_layers(variants["half the depth"].model))
    assert shallow == ["Flatten", "Dense 256", "Dense 128", "Dense classes"]
    assert _shape(expand_layers(variants["half the width"].model))[1:-1] == [
        f"Dense {units}" for units in (128, 64, 32, 16, 8)
    ]


def test_what_would_change_nothing_is_left_out():
    """Scaled pixels, cross-entropy, a single hidden layer of one unit that is normalised: only the rates are left."""
    model = _model("{mlp: {hidden: [1], batch_normalization: true}}", "{optimizer: {sgd: {learning_rate: 0.5}}}")
    rates = {variant.setting.rpartition("=")[2] for variant in make_variants(model)}
    assert rates == {"0.05", "0.005", "5", "50"}
    assert make_variants(model)[0].setting == "models.m.protocol.optimizer.sgd.learning_rate=0.05"
    schedule = _model("{mlp: {hidden: []}}", "{optimizer: {sgd: {learning_rate: {decay: 1}}}}")
    assert make_variants(schedule) == ()


def test_settings_do_what_they_say():
    """`--set` with a variant's setting makes the variant's protocol."""
    text = "name: v\ndata: digits\nprotocol: {pixels: raw, loss: kl_divergence}\nmodels: {m: {mlp: {hidden: [4]}}}"
    for variant in make_variants(parse_study(text).study.model("m"))[:6]:
        assert parse_study(text, overrides=[variant.setting]).study.model("m").protocol == variant.model.protocol


@pytest.mark.parametrize("place", ["study", "model"])
def test_settings_keep_what_they_do_not_change(place):
    """Momentum that a model has from its study, or of its own, is there after a change of the learning rate."""
    entry = "protocol: {optimizer: {sgd: {momentum: 0.9, nesterov: true}}}"
    shared, own = (entry, "") if place == "study" else ("", f", {entry}")
    text = f"name: v\ndata: digits\n{shared}\nmodels: {{m: {{mlp: {{hidden: [4]}}{own}}}}}"
    for variant in make_variants(parse_study(text).study.model("m"))[:4]:
        changed = parse_study(text, overrides=variant.setting.split(" --set ")).study.model("m")
        assert changed.protocol == variant.model.protocol
        assert changed.protocol.optimizer.arguments["momentum"] == 0.9


def test_a_setting_that_cannot_be_typed_is_left_out():
    """An argument that is no plain value has no short form."""
    optimizer = "{adam: {learning_rate: 0.01, ema: {decay: 0.9}}}"
    assert make_variants(_model("{mlp: {hidden: []}}", f"{{optimizer: {optimizer}}}"))[0].setting == ""


def test_normalisation_comes_before_the_activation():
    """As the recipe's own argument does it; recurrent layers stay as they are."""
    plain, normal = (_model(f"{{mlp: {{hidden: [8, 4], batch_normalization: {on}}}}}") for on in ("false", "true"))
    assert tuple(normalize(expand_layers(plain))) == expand_layers(normal)
    leaky = _stack({"Dense": {"units": 8}}, "LeakyReLU", {"LSTM": {"units": 3}}, {"Dense": {"units": "classes"}})
    assert _shape(normalize(leaky)) == ["Dense 8", "BatchNormalization", "LeakyReLU", "LSTM 3", "Dense classes"]


def test_half_the_depth_of_a_convolutional_network():
    """The second half of the layers goes with its pooling; what flattens stays."""
    layers = expand_layers(read_study("study-d").model("cnn"))
    assert _shape(halve_depth(layers)) == [
        "Conv2D 32",
        "MaxPooling2D",
        "Conv2D 64",
        "MaxPooling2D",
        "Flatten",
        "Dense classes",
    ]


def test_half_the_depth_of_a_recurrent_network():
    """The recurrent layer that has become the last hands on its last state only, as the last one did."""
    layers = expand_layers(_model("{lstm: {units: [8, 4]}}"))
    (_, only, _) = halve_depth(layers)
    assert only == Named(name="LSTM", arguments={"units": 8, "activation": "tanh"})
    whole = _stack({"GRU": {"units": 8}}, {"GRU": {"units": 4, "return_sequences": True}}, {"Dense": {"units": 9}})
    assert halve_depth(whole)[0].arguments == {"units": 8, "return_sequences": True}


def test_dropout_is_left_out_alone():
    """Every kind of it, also where it is an argument; a network without any is not changed."""
    dropping = _model("{mlp: {hidden: [8, 4], dropout: 0.9}}")
    plain = _model("{mlp: {hidden: [8, 4]}}")
    (changed,) = [each.model for each in make_variants(dropping) if each.change == "leaving out dropout"]
    assert expand_layers(changed) == expand_layers(plain)
    assert changed.protocol == dropping.protocol
    assert "leaving out dropout" not in [variant.change for variant in make_variants(plain)]
    kinds = _stack(
        {"LSTM": {"units": 3, "recurrent_dropout": 0.1, "dropout": 0.2}}, {"AlphaDropout": {"rate": 0.5}}, "Flatten"
    )
    assert leave_out_dropout(kinds) == _stack({"LSTM": {"units": 3}}, "Flatten")


def test_half_the_depth_keeps_dropout():
    """As much is dropped as before, so that a cure by half the depth is not one by less dropout."""
    layers = expand_layers(_model("{mlp: {hidden: [8, 4], dropout: 0.9}}"))
    assert _shape(layers) == ["Flatten", "Dense 8", "Dropout", "Dense 4", "Dropout", "Dense classes"]
    assert _shape(halve_depth(layers)) == ["Flatten", "Dense 8", "Dropout", "Dropout", "Dense classes"]


def test_one_hidden_layer_cannot_be_halved():
    """Neither is one unit."""
    layers = list(expand_layers(_model("{mlp: {hidden: [1]}}")))
    assert halve_depth(layers) == layers
    assert halve_width(layers) == layers


@pytest.mark.parametrize(
    ("validation", "expected"),
    [("{kfold: 4}", 0.25), ("none", 0.1), ("test", 0.1), ("{holdout: 0.3}", 0.3)],
)
def test_a_trial_is_judged_by_images_kept_from_training(validation, expected):
    """Never by the test images, whatever the study does; to the last epoch, be the protocol's own fewer or more."""
    model = _model("{mlp: {hidden: [4]}}", f"{{epochs: 9, validation: {validation}}}")
    short = shorten(model, epochs=3, seeds=2).protocol
    assert short.validation == Holdout(holdout=expected)
    assert (short.epochs, short.seeds, short.stop) == (3, 2, "last")
    assert shorten(model, epochs=30, seeds=2).protocol.epochs == 30

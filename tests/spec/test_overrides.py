"""`--set` on top of a study file."""

import pytest

from bakeoff.errors import StudyError
from bakeoff.spec import Holdout, KFold, Named, Race, parse_study
from bakeoff.spec.overrides import select_training

TEXT = """\
name: small
data: digits
protocol: {epochs: 3, optimizer: rmsprop, validation: {holdout: 0.2}}
models:
  dense: {mlp: {hidden: [8]}, protocol: {epochs: 7, batch_size: 16}}
  mlp-0.5: {mlp: {hidden: [4]}}
  flat: {layers: [Flatten, {Dense: {units: 5}}]}
grid: {mlp: {activation: [relu, tanh]}}
"""


def _overridden(*overrides):
    return parse_study(TEXT, file="a.yaml", overrides=overrides).study


def _protocols(study, field):
    return [getattr(model.protocol, field) for model in study.models]


def test_protocol_override_is_for_all_models():
    """`protocol.X` replaces the study's X and every model's own X, and leaves their other fields."""
    study = _overridden("protocol.epochs=2")
    assert study.protocol.epochs == 2
    assert set(_protocols(study, "epochs")) == {2}
    assert study.model("dense").protocol.batch_size == 16


def test_override_of_the_whole_protocol_is_for_all_models():
    """`protocol={...}` replaces the protocol, and models lose their own values of the fields named."""
    study = _overridden("protocol={epochs: 2}")
    assert set(_protocols(study, "epochs")) == {2}
    assert study.protocol.optimizer == Named(name="adam")


@pytest.mark.parametrize("order", [1, -1])
def test_model_override_beats_protocol_override(order):
    """`models.NAME.protocol.X` is the more specific wish, in whichever order both are given."""
    wishes = ["protocol.epochs=2", "models.dense.protocol.epochs=9"]
    study = _overridden(*wishes[::order])
    assert study.model("dense").protocol.epochs == 9
    assert study.model("flat").protocol.epochs == 2


def test_later_override_wins():
    """Of two values for one key the later counts."""
    assert _overridden("protocol.epochs=2", "protocol.epochs=4").protocol.epochs == 4


@pytest.mark.parametrize(
    ("override", "field", "value"),
    [
        (
            "protocol.optimizer.adam.learning_rate=0.01",
            "optimizer",
            Named(name="adam", arguments={"learning_rate": 0.01}),
        ),
        (
            "protocol.optimizer.rmsprop.learning_rate=1e-2",
            "optimizer",
            Named(name="rmsprop", arguments={"learning_rate": 0.01}),
        ),
        ("protocol.validation.kfold=5", "validation", KFold(kfold=5)),
        ("protocol.validation.holdout=0.3", "validation", Holdout(holdout=0.3)),
        ("protocol.validation=none", "validation", "none"),
    ],
)
def test_a_new_choice_replaces_the_old_one(override, field, value):
    """Fields that choose one of several forms take the new form alone."""
    assert getattr(_overridden(override).protocol, field) == value


def test_arguments_add_up_within_one_choice():
    """Two arguments of the same optimiser stand beside each other."""
    study = _overridden("protocol.optimizer.adam.learning_rate=0.01", "protocol.optimizer.adam.beta_1=0.8")
    assert study.protocol.optimizer.arguments == {"learning_rate": 0.01, "beta_1": 0.8}


def test_any_part_of_the_file_can_be_set():
    """Top-level keys, a model's arguments, items of a list, models of the grid and names with dots."""
    study = _overridden(
        "data=mnist-5k",
        "title=Quick",
        "models.dense.mlp.activation=tanh",
        "models.flat.layers.1.Dense.units=6",
        "models.mlp-0.5.mlp.hidden=[2, 3]",
        "models.mlp-relu.protocol.epochs=1",
    )
    assert (study.data, study.title) == ("mnist-5k", "Quick")
    assert study.model("dense").arguments == {"hidden": [8], "activation": "tanh"}
    assert study.model("flat").arguments[1] == {"Dense": {"units": 6}}
    assert study.model("mlp-0.5").arguments == {"hidden": [2, 3]}
    assert study.model("mlp-relu").protocol.epochs == 1


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("protocol.epoch=2", "unknown key 'epoch' in protocol; did you mean 'epochs'? Available: "),
        ("protcol.epochs=2", "unknown key 'protcol' in the study; did you mean 'protocol'? Available: "),
        ("epochs=2", "unknown key 'epochs' in the study; it belongs under protocol"),
        ("protocol.epochs=0", "epochs must be at least 1, got 0"),
        ("protocol={epochs: 0}", "epochs must be at least 1, got 0"),
        ("protocol.validation.kfolds=5", "validation must be {holdout: share or number}, {kfold: k}, none, or test"),
        (
            "models.dens.protocol.epochs=2",
            "no model 'dens' in this study; did you mean 'dense'? Available: dense, flat, ",
        ),
        ("models.dense.protocol.epoch=2", "unknown key 'epoch' in protocol of model 'dense'; did you mean 'epochs'?"),
        ("models.dense.protocl.epochs=2", "model 'dense' has 2 builders, 'mlp' and 'protocl', and needs exactly one"),
        ("models.flat.layers.5.Dense.units=1", "models.flat.layers is a list of 2: its items are 0 to 1, got 5"),
        ("models.flat.layers.Dense.units=1", "models.flat.layers is a list of 2: its items are 0 to 1, got Dense"),
        ("data.name=2", "data is 'digits', which has no keys to set"),
        ("grid.mlp.activation=relu", "the grid needs a list of values for activation, such as [relu], got 'relu'"),
        ("protocol.epochs", "expected KEY=VALUE, such as protocol.epochs=2"),
        ("=2", "expected KEY=VALUE, such as protocol.epochs=2"),
        ("protocol..epochs=2", "expected KEY=VALUE, such as protocol.epochs=2"),
        ("protocol.pixels={l2: 1", "this is not valid YAML: expected ',' or '}'"),
        ("protocol={epochs: 1, epochs: 2}", "key 'epochs' is defined twice (lines 1 and 1)"),
    ],
)
def test_errors_name_the_override(override, message):
    """A mistake on the command line is reported against the `--set` that made it."""
    with pytest.raises(StudyError) as caught:
        _overridden(override)
    assert caught.value.where == f"--set {override}"
    assert caught.value.message.startswith(message)


def test_overridden_values_are_placed_at_the_override():
    """An error found later in a value from the command line does not blame the file."""
    file = parse_study(TEXT, file="a.yaml", overrides=["protocol.epochs=2", "models.dense.mlp.hidden=[9]"])
    wheres = [
        file.place(StudyError("no", path=path)).where
        for path in [
            ("models", "dense", "protocol", "epochs"),
            ("models", "flat", "protocol", "epochs"),
            ("models", "dense", "mlp", "hidden", 0),
            ("models", "dense", "protocol", "batch_size"),
        ]
    ]
    assert wheres == [
        "--set protocol.epochs=2",
        "--set protocol.epochs=2",
        "--set models.dense.mlp.hidden=[9]",
        "a.yaml:5",
    ]


def test_overrides_that_change_what_is_trained_are_remembered():
    """Not the number of seeds, the margin, or what is only said: these leave every run as it was."""
    trained = [
        "data=mnist",
        "protocol.epochs=2",
        "protocol={epochs: 2}",
        "defaults.mlp.activation=tanh",
        "models.dense.protocol.epochs=3",
        "models.dense.mlp.hidden=[9]",
    ]
    judged = [
        "protocol.seeds=2",
        "protocol.margin=0.01",
        "models.dense.protocol.seeds=3",
        "models.dense.note=Mine.",
        "models.dense.trials=3",
        "published.dense.accuracy=0.9",
        "title=Mine",
    ]
    mixed = [text for pair in zip(trained, judged, strict=False) for text in pair]
    assert select_training(mixed) == tuple(trained)
    assert _overridden("protocol.epochs=2", "protocol.seeds=2").overrides == ("protocol.epochs=2",)


def test_the_number_of_seeds_of_a_race_can_be_set():
    """Inside a race one value is set; a number takes the place of the race."""
    race = _overridden("protocol.seeds={min: 3, max: 30}", "protocol.seeds.max=8")
    assert race.protocol.seeds == Race(min=3, max=8)
    assert _overridden("protocol.seeds={min: 3, max: 30}", "protocol.seeds=4").protocol.seeds == 4

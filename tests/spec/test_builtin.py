"""The built-in studies against the published comparisons: a table typed from the sources, not from the study files."""

import itertools
import re

import pytest

from bakeoff.spec import FactorOrder, KFold, L2Pixels, Named, builtin_studies, read_study

HOLD_OUT = {"holdout": 0.2}
CCE, KLD = "categorical_crossentropy", "kl_divergence"

# id: hidden layers, activation, loss, extras, validation, epochs, seconds, test loss, test accuracy in per cent, class
STUDY_B = {
    "1_1": ("128-64", "relu", CCE, "", "none", 15, 61, 1.1932, 75.26, "Medium"),
    "1_2": ("256-128-32", "sigmoid", KLD, "", HOLD_OUT, 20, 41, 0.5769, 78.68, "Medium"),
    "1_3": ("256-128-32-16", "tanh", CCE, "", {"kfold": 5}, 12, 90, 0.5573, 79.76, "Medium"),
    "1_4": ("256-32-128-32-16", "relu", KLD, "", HOLD_OUT, 15, 120, 0.7757, 77.45, "Medium"),
    "1_5": ("256-128-64-32-16", "relu", KLD, "", HOLD_OUT, 15, 120, 12.9896, 19.41, "Inferior"),
    "1_6": ("128-64-32", "leaky_relu", KLD, "", HOLD_OUT, 20, 41, 12.9896, 19.41, "Inferior"),
    "1_7": ("256-128-32-16", "leaky_relu", CCE, "", HOLD_OUT, 12, 115, 0.4011, 87.55, "Superior"),
    "2_1": ("1024-512-256-200-128-100-64-50-20", "relu", CCE, "d", HOLD_OUT, 10, 300, 2.1345, 18.74, "Inferior"),
    "2_2": ("512-256-200-128-100-64-50-20", "relu", CCE, "d", HOLD_OUT, 10, 120, 1.1077, 63.66, "Medium"),
    "2_3": ("512-256-200-128-100-64-50-20", "relu", CCE, "db", HOLD_OUT, 10, 81, 0.3887, 86.66, "Superior"),
    "4_1": ("128-64-32-16", "leaky_relu", CCE, "", HOLD_OUT, 20, 41, 0.3783, 88.17, "Superior"),
    "4_2": ("128-64-32-16", "relu", CCE, "", HOLD_OUT, 20, 41, 0.4428, 86.80, "Superior"),
    "4_3": ("128-64-32-16", "tanh", CCE, "", HOLD_OUT, 20, 41, 0.7266, 70.60, "Medium"),
    "4_4": ("128-64-32-16", "sigmoid", CCE, "", HOLD_OUT, 20, 41, 0.5969, 77.49, "Medium"),
    "4_5": ("128-64-32", "relu", KLD, "", "none", 20, 92, 11.6043, 28.00, "Inferior"),
    "4_6": ("128-64", "sigmoid", CCE, "", "none", 15, 77, 0.4783, 83.31, "Superior"),
    "4_7": ("128-64", "tanh", CCE, "", "none", 15, 45, 0.4742, 83.05, "Superior"),
}


def _facts_of_study_b(study, name):
    """What a study says about one model, in the columns of the table above."""
    model, published = study.model(name), study.published[name]
    assert model.recipe == "mlp"
    arguments, protocol = model.arguments, model.protocol.model_dump(mode="json")
    extras = ("d" if "dropout" in arguments else "") + ("b" if arguments.get("batch_normalization") else "")
    hidden = "-".join(map(str, arguments["hidden"]))
    made = (hidden, arguments["activation"], protocol["loss"], extras, protocol["validation"], protocol["epochs"])
    return (*made, published.seconds, published.loss, pytest.approx(100 * published.accuracy), published.label)


def _dense_parameters(inputs, widths):
    """Weights and biases of a stack of dense layers."""
    sizes = [inputs, *widths]
    return sum(before * after + after for before, after in itertools.pairwise(sizes))


def test_all_studies_are_there():
    """The quick start, the four published comparisons, and the one that looks into pixel scaling."""
    assert {study.name: study.alias for study in builtin_studies()} == {
        "quickstart": "",
        "mnist-dnn-lstm-cnn": "study-a",
        "fashion-mnist-17-mlps": "study-b",
        "fashion-mnist-17-mlps-pixels": "study-b-pixels",
        "mnist-first-project": "study-c",
        "mnist-dense-dropout-cnn": "study-d",
    }


@pytest.mark.parametrize("builtin", builtin_studies(), ids=lambda study: study.name)
def test_studies_are_found_by_name_and_alias_and_say_what_they_are(builtin):
    """File name, `name` and alias lead to one study, which has a title and says what it chose."""
    study = read_study(builtin.name)
    assert study.name == builtin.name
    assert builtin.title == study.title != ""
    assert study.choices
    if builtin.alias:
        assert read_study(builtin.alias) == study
        assert study.source


def test_study_a():
    """Layers, protocol, figures and claim of study A."""
    study = read_study("study-a")
    protocol = study.protocol
    assert (study.data, protocol.pixels, protocol.validation) == ("mnist", L2Pixels(l2=1), "none")
    assert (protocol.epochs, protocol.batch_size) == (5, 32)
    assert protocol.optimizer == Named(name="adam")
    assert protocol.loss == Named(name="sparse_categorical_crossentropy")
    relu = {"activation": "relu"}
    output = {"Dense": {"units": "classes", "activation": "softmax"}}
    assert study.model("dnn").arguments == [
        "Flatten",
        {"Dense": {"units": 128, **relu}},
        {"Dense": {"units": 128, **relu}},
        output,
    ]
    assert study.model("lstm").arguments == [
        {"Reshape": {"target_shape": [28, 28]}},
        {"LSTM": {"units": 128, **relu, "return_sequences": True}},
        {"LSTM": {"units": 128, **relu}},
        {"Dense": {"units": 32, **relu}},
        output,
    ]
    convolution = {"Conv2D": {"filters": 32, "kernel_size": 3}}
    assert study.model("cnn").arguments == [convolution, "Flatten", {"Dense": {"units": 100, **relu}}, output]
    assert all(model.protocol == protocol for model in study.models)
    accuracies = {name: figures.accuracy for name, figures in study.published.items()}
    assert accuracies == {"dnn": 0.9721, "lstm": 0.9854, "cnn": 0.9808}


def test_study_b_has_seventeen_models_in_order():
    """The ids are text, in the order of the source."""
    assert [model.name for model in read_study("study-b").models] == list(STUDY_B)


@pytest.mark.parametrize("name", STUDY_B)
def test_study_b(name):
    """Each row of study B's table."""
    assert _facts_of_study_b(read_study("study-b"), name) == STUDY_B[name]


@pytest.mark.parametrize("name", STUDY_B)
def test_study_b_common_choices(name):
    """Raw pixels, Adam, batches of 32 for all; dropout at 0.2 where there is dropout."""
    model = read_study("study-b").model(name)
    assert (model.protocol.pixels, model.protocol.batch_size) == ("raw", 32)
    assert model.protocol.optimizer == Named(name="adam")
    assert model.arguments.get("dropout", 0.2) == 0.2


@pytest.mark.parametrize("pixels", ["raw", "unit"])
@pytest.mark.parametrize("name", STUDY_B)
def test_study_b_pixels(name, pixels):
    """Every model of study B, once with raw and once with scaled pixels, and nothing else changed."""
    study = read_study("study-b-pixels")
    model, original = study.model(f"{name}-{pixels}"), read_study("study-b").model(name)
    assert model.protocol.pixels == pixels
    assert model.factors == {**original.factors, "pixels": pixels}
    assert model.arguments == original.arguments
    assert _facts_of_study_b(study, model.name) == STUDY_B[name]


def test_study_b_pixels_has_nothing_else():
    """Seventeen models, twice."""
    assert len(read_study("study-b-pixels").models) == 34


def test_labels_of_study_b_say_what_the_models_are():
    """The factors, which are typed beside the models, agree with them."""
    short = {CCE: "cce", KLD: "kld"}
    extras = {"": "none", "d": "dropout", "db": "dropout and batch normalisation"}
    for name, (hidden, activation, loss, extra, *_) in STUDY_B.items():
        expected = {"hidden": hidden, "activation": activation, "loss": short[loss], "extras": extras[extra]}
        assert read_study("study-b").model(name).factors == expected


def _said(study):
    """The claims that can be judged."""
    return [claim.claim for claim in study.claims if claim.claim]


def _prose(study):
    return [claim.says for claim in study.claims if not claim.claim]


def test_claims_of_study_a():
    """Two orders, of accuracy and of time, the count of parameters, and one statement that nothing measures."""
    study = read_study("study-a")
    assert _said(study) == [
        "lstm > cnn > dnn",
        "seconds(dnn) < seconds(cnn) < seconds(lstm)",
        "parameters(dnn) > parameters(cnn)",
        "parameters(dnn) > parameters(lstm)",
    ]
    assert len(_prose(study)) == 1


def test_claims_of_study_d():
    """The halved error rate, the best model, the hard classes and their cause, overfitting; the advice is prose."""
    study = read_study("study-d")
    assert _said(study) == [
        "error(cnn) <= 0.55 * error(dense)",
        "cnn > dense",
        "cnn > dropout",
        "hardest(dense): 4, 5, 8",
        "rarest: 4, 5, 8",
        "overfitting(dropout) < overfitting(dense)",
        "hardest(dropout): 8",
    ]
    assert len(_prose(study)) == 1


def test_every_claim_has_the_words_of_its_source():
    """A reader can see what was read as what."""
    assert all(claim.says for study in builtin_studies() for claim in read_study(study.name).claims)


def test_figures_are_rounded_as_printed():
    """All were printed with two decimals of per cent, trailing zeros included; study C's with one."""
    halves = {
        (study.alias, figures.half_digit)
        for study in builtin_studies()
        for figures in read_study(study.name).published.values()
    }
    two = {(alias, 0.00005) for alias in ("study-a", "study-b", "study-b-pixels", "study-d")}
    assert halves == {*two, ("study-c", 0.0005)}


def test_the_figure_that_was_printed_twice_is_the_best_of_two():
    """Model 1_4 of study B came out at 26.94 % before."""
    published = read_study("study-b").published
    assert {name: figures.best_of for name, figures in published.items() if figures.best_of > 1} == {"1_4": 2}


@pytest.mark.parametrize("pixels", ["raw", "unit"])
def test_claims_of_study_b_pixels_are_those_of_study_b(pixels):
    """Every claim of study B about models, of both variants; why one fails is judged by its scaled variant."""
    study, original = read_study("study-b-pixels"), read_study("study-b")
    about_models = [claim for claim in _said(original) if not claim.startswith("activation")]
    names = sorted((model.name for model in original.models), reverse=True)
    variants = [re.sub("|".join(names), rf"\g<0>-{pixels}", claim) for claim in about_models]
    assert [claim for claim in _said(study) if pixels in claim] == variants
    (cause,) = _prose(original)
    assert _prose(study) == []
    assert [claim.claim for claim in study.claims if claim.says == cause] == ["fails(1_5-unit)"]


def test_study_b_claims_are_about_its_models():
    """The order claims hold the activations of the one network that has all four."""
    study = read_study("study-b")
    assert study.claims[0].statement == FactorOrder("activation", ("leaky_relu", "relu", "sigmoid", "tanh"))
    first = study.claims[1].statement.models
    assert [study.model(name).arguments["activation"] for name in first] == ["leaky_relu", "relu", "sigmoid", "tanh"]
    assert {tuple(study.model(name).arguments["hidden"]) for name in first} == {(128, 64, 32, 16)}
    depth = ["4_2 > 1_1", "4_4 > 4_6", "4_3 > 4_7", "4_2 > 2_2"]
    others = ["2_3 > 2_2", "2_2 > 2_1", "4_3 > 1_3", "4_1 > 1_7", "4_2 - 4_4 >= 0.075", "improving(1_3)", "fails(1_5)"]
    assert _said(study)[2:] == depth + others
    assert len(_prose(study)) == 1
    assert study.model("1_3").protocol.validation == KFold(kfold=5)


def test_study_c():
    """Study C's one network has 669,706 parameters, and its protocol is the published one."""
    study = read_study("study-c")
    (model,) = study.models
    assert _dense_parameters(28 * 28, [*model.arguments["hidden"], 10]) == 669_706
    assert (model.arguments["activation"], model.arguments["dropout"]) == ("relu", 0.2)
    protocol = model.protocol
    assert (study.data, protocol.pixels, protocol.validation) == ("mnist", "unit", "none")
    assert (protocol.epochs, protocol.batch_size) == (5, 128)
    assert (protocol.optimizer, protocol.loss) == (Named(name="adam"), Named(name=CCE))
    assert study.published[model.name].accuracy == 0.984


@pytest.mark.parametrize(
    ("name", "epochs", "accuracy", "loss"),
    [("dense", 15, 0.9811, 0.0898), ("dropout", 44, 0.9839, 0.0976), ("cnn", 5, 0.9917, 0.0243)],
)
def test_study_d(name, epochs, accuracy, loss):
    """Each row of study D's table, with the test set as validation set."""
    study = read_study("study-d")
    protocol = study.model(name).protocol
    assert (study.data, protocol.pixels, protocol.validation) == ("mnist", "unit", "test")
    assert (protocol.epochs, protocol.batch_size) == (epochs, 128)
    assert (protocol.optimizer, protocol.loss) == (Named(name="rmsprop"), Named(name=CCE))
    assert (study.published[name].accuracy, study.published[name].loss) == (accuracy, loss)


def test_networks_of_study_d():
    """The sizes of study D: 407,050 parameters twice, and 356,298."""
    study = read_study("study-d")
    for name, dropout in (("dense", None), ("dropout", 0.5)):
        arguments = study.model(name).arguments
        assert _dense_parameters(28 * 28, [*arguments["hidden"], 10]) == 407_050
        assert arguments.get("dropout") == dropout
    layers = [
        next(iter(layer.items())) if isinstance(layer, dict) else (layer, {}) for layer in study.model("cnn").arguments
    ]
    kinds = ["Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Conv2D", "Flatten", "Dense", "Dense"]
    assert [kind for kind, _ in layers] == kinds
    side, channels, parameters = 28, 1, 0
    for kind, arguments in layers:
        if kind == "Conv2D":
            kernel, filters = arguments["kernel_size"], arguments["filters"]
            parameters += kernel * kernel * channels * filters + filters
            side, channels = side - kernel + 1, filters
        elif kind == "MaxPooling2D":
            side //= arguments["pool_size"]
    dense = [
        10 if arguments["units"] == "classes" else arguments["units"] for kind, arguments in layers if kind == "Dense"
    ]
    assert parameters + _dense_parameters(side * side * channels, dense) == 356_298


def test_long_runs_of_study_d_are_one_override_away():
    """`--set protocol.epochs=100` is the source's long run, for all three models."""
    study = read_study("study-d", overrides=["protocol.epochs=100"])
    assert [model.protocol.epochs for model in study.models] == [100, 100, 100]


def test_quickstart():
    """Four families, one protocol, five seeds, on the images that need no network."""
    study = read_study("quickstart")
    assert study.data == "mnist-5k"
    assert [(model.name, model.recipe) for model in study.models] == [
        ("dense", "mlp"),
        ("dropout", "mlp"),
        ("cnn", "cnn"),
        ("lstm", "lstm"),
    ]
    assert {model.protocol.seeds for model in study.models} == {5}
    assert 3_500 % study.protocol.batch_size == 0

"""Models from a grid."""

import pytest

from bakeoff.errors import StudyError
from bakeoff.spec import parse_study

HEAD = "name: a\ndata: digits\n"


def _models_of(text):
    return parse_study(HEAD + text, file="a.yaml").study.models


def test_every_combination_becomes_a_model():
    """Two widths and two activations are four models, named by what varies, with all values as factors."""
    models = _models_of("grid: {mlp: {hidden: [[128], [128, 64]], activation: [relu, tanh], dropout: [0.5]}}")
    assert [model.name for model in models] == ["mlp-128-relu", "mlp-128-tanh", "mlp-128-64-relu", "mlp-128-64-tanh"]
    assert models[2].recipe == "mlp"
    assert models[2].arguments == {"hidden": [128, 64], "activation": "relu", "dropout": 0.5}
    assert models[2].factors == {"hidden": "128-64", "activation": "relu", "dropout": "0.5"}


def test_switches_and_empty_lists_have_readable_names():
    """A switch gives its name or `no-` and its name; an empty list is `none`."""
    models = _models_of("grid: {mlp: {hidden: [[], [8]], batch_normalization: [true, false]}}")
    assert [model.name for model in models] == [
        "mlp-none-batch_normalization",
        "mlp-none-no-batch_normalization",
        "mlp-8-batch_normalization",
        "mlp-8-no-batch_normalization",
    ]
    assert models[1].factors == {"hidden": "none", "batch_normalization": "no"}


def test_grid_stands_beside_models_and_takes_defaults_protocol_and_labels():
    """Models of the grid come last and inherit as the others do."""
    models = _models_of(
        "protocol: {epochs: 2}\n"
        "defaults: {mlp: {activation: tanh}}\n"
        "models: {own: {mlp: {hidden: [3]}}}\n"
        "grid: {mlp: {hidden: [[8], [4]]}, cnn: {filters: [[2]]}}\n"
        'factors: {mlp-8: {wide: "yes"}}\n'
        "published: {mlp-4: {accuracy: 0.5}}\n"
    )
    assert [model.name for model in models] == ["own", "mlp-8", "mlp-4", "cnn"]
    assert models[1].arguments == {"activation": "tanh", "hidden": [8]}
    assert models[1].factors == {"hidden": "8", "wide": "yes"}
    assert models[3].protocol.epochs == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "grid:\n  mlp:\n    hidden: [[8]]\n    activation: relu\n",
            "a.yaml:6: the grid needs a list of values for activation, such as [relu], got 'relu'",
        ),
        (
            "grid:\n  mlp:\n    hidden: []\n",
            "a.yaml:5: the grid needs a list of values for hidden, such as [1], got []",
        ),
        ("grid:\n  mlp: [8]\n", "a.yaml:4: mlp must be a mapping of arguments to lists of values, got [8]"),
        (
            "models:\n  mlp-4: {mlp: {hidden: [4]}}\ngrid:\n  mlp: {hidden: [[8], [4]]}\n",
            "a.yaml:6: the grid makes a model 'mlp-4', and there is one of this name already; rename that "
            "one, or list the "
            "models one by one under models",
        ),
        (
            "grid:\n  mlp: {activation: [relu, relu]}\n",
            "a.yaml:4: the grid makes a model 'mlp-relu', and there is one of this name already; rename that "
            "one, or list "
            "the models one by one under models",
        ),
        (
            "grid:\n  mlp: {hidden: [[8]]}\nfactors:\n  mlp: {hidden: small}\n",
            "a.yaml:6: factor 'hidden' of model 'mlp' is given twice: here, and by the model or its grid",
        ),
    ],
)
def test_errors(text, message):
    """A grid that is no grid, or makes a name twice, says so with its line."""
    with pytest.raises(StudyError) as caught:
        _models_of(text)
    assert str(caught.value) == message


def test_later_errors_find_the_line_of_the_grid():
    """An argument of a grid's model is placed at the grid's argument."""
    file = parse_study(HEAD + "grid:\n  mlp:\n    hidden: [[8]]\n    activation: [relu, tanh]\n", file="a.yaml")
    assert file.place(StudyError("no", path=("models", "mlp-relu", "mlp", "activation"))).where == "a.yaml:6"
    assert file.place(StudyError("no", path=("models", "mlp-relu"))).where == "a.yaml:4"

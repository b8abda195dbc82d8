import sys
import types
from importlib.metadata import EntryPoint

import pytest

from bakeoff.errors import StudyError
from bakeoff.models import recipes
from bakeoff.models.blocks import softmax_output
from bakeoff.models.network import build_network
from bakeoff.models.recipes import expand_layers, recipe_names
from bakeoff.spec import Frozen, ModelSpec, Named, Protocol, read_study


def _model(recipe, arguments) -> ModelSpec:
    return ModelSpec(name="mine", recipe=recipe, arguments=arguments, protocol=Protocol())


def _names(recipe, arguments) -> list[str]:
    return [layer.name for layer in expand_layers(_model(recipe, arguments))]


@pytest.mark.parametrize(
    ("study", "parameters"),
    [
        (  # by hand: dense layers inputs x units + units, LSTM 4 x (units x (inputs + units) + units), 3 x 3 kernels
            "study-a",
            {
                "dnn": 784 * 128 + 128 + 128 * 128 + 128 + 128 * 10 + 10,
                "lstm": 4 * (128 * (28 + 128) + 128) + 4 * (128 * (128 + 128) + 128) + 128 * 32 + 32 + 32 * 10 + 10,
                "cnn": 3 * 3 * 32 + 32 + 26 * 26 * 32 * 100 + 100 + 100 * 10 + 10,
            },
        ),
        ("study-c", {"dense": 669_706}),  # the source prints it
        ("study-d", {"dense": 407_050, "dropout": 407_050, "cnn": 356_298}),  # the source prints them
    ],
)
def test_parameters_are_those_of_the_source(study, parameters):
    """The published networks are rebuilt weight for weight."""
    built = {
        model.name: build_network(expand_layers(model), (28, 28, 1), classes=10, seed=0).count_params()
        for model in read_study(study).models
    }
    assert built == parameters


def test_layers_stand_as_they_are_written():
    """`layers:` is taken literally."""
    stack = expand_layers(_model("layers", ["Flatten", {"Dense": {"units": "classes", "activation": "softmax"}}]))
    assert stack == (
        Named(name="Flatten"),
        Named(name="Dense", arguments={"units": "classes", "activation": "softmax"}),
    )


def test_batch_normalisation_stands_between_layer_and_activation():
    """The order in a block is layer, normalisation, activation, dropout."""
    names = _names("mlp", {"hidden": [8, 4], "batch_normalization": True, "dropout": 0.5})
    block = ["Dense", "BatchNormalization", "Activation", "Dropout"]
    assert names == ["Flatten", *block, *block, "Dense"]


def test_a_convolution_is_normalised_before_its_activation_and_pooled_after():
    """The order in a convolutional block is convolution, normalisation, activation, pooling."""
    names = _names("cnn", {"filters": [8], "batch_normalization": True, "activation": "leaky_relu"})
    assert names == ["Conv2D", "BatchNormalization", "LeakyReLU", "MaxPooling2D", "Flatten", "Dense"]


def test_no_pooling_and_no_dropout_leave_no_layer():
    """A pool of 0 and a dropout of 0 add nothing."""
    assert _names("cnn", {"filters": [8], "pool": 0, "dense": [4]}) == ["Conv2D", "Flatten", "Dense", "Dense"]


def test_dropout_of_a_cnn_comes_once_before_the_output():
    """A CNN drops units before the output layer, and nowhere else."""
    assert _names("cnn", {"filters": [8], "dense": [4], "dropout": 0.5})[-3:] == ["Dense", "Dropout", "Dense"]


@pytest.mark.parametrize(("given", "slope"), [({}, 0.3), ({"negative_slope": 0.1}, 0.1)])
def test_the_slope_of_leaky_relu_is_that_of_the_keras_layer(given, slope):
    """Leaky ReLU has slope 0.3 unless a study says otherwise."""
    _, dense, activation, _ = expand_layers(_model("mlp", {"hidden": [8], "activation": "leaky_relu", **given}))
    assert dense == Named(name="Dense", arguments={"units": 8})
    assert activation == Named(name="LeakyReLU", arguments={"negative_slope": slope})


def test_all_but_the_last_recurrent_layer_hand_on_their_sequence():
    """Stacked LSTMs see sequences, and the dense layers the last step only."""
    stack = expand_layers(_model("lstm", {"units": [8, 8, 8], "dense": [4], "dropout": 0.1}))
    assert [layer.name for layer in stack] == ["Reshape", "LSTM", "LSTM", "LSTM", "Dense", "Dropout", "Dense"]
    assert [layer.arguments.get("return_sequences", False) for layer in stack[1:4]] == [True, True, False]


def test_one_time_step_is_one_row_of_pixels():
    """An LSTM reads a coloured image from top to bottom, width x channels numbers at a time."""
    network = build_network(expand_layers(_model("lstm", {"units": [3]})), (6, 5, 2), classes=4, seed=0)
    assert network.layers[1].output.shape == (None, 6, 5 * 2)


@pytest.mark.parametrize(
    ("recipe", "arguments", "words", "place"),
    [
        ("mlpp", {}, "unknown recipe 'mlpp': a model needs `layers:` or one recipe; did you mean 'mlp'", ()),
        ("network", {}, "unknown recipe 'network'", ()),
        ("mlp", None, "hidden is missing in mlp", ()),
        ("mlp", [8], r"mlp must be a mapping, got \[8\]", ()),
        ("mlp", {"hidden": 8}, "hidden must be a list, got 8", ("hidden",)),
        ("mlp", {"hidden": [8], "dropout": 1}, "dropout must be less than 1, got 1", ("dropout",)),
        ("mlp", {"hidden": [8], "batch_normalization": 1}, "batch_normalization: .*boolean, got 1", ("batch_normal",)),
        ("mlp", {"hidden": [8], "epochs": 3}, "unknown key 'epochs' in mlp; it belongs under protocol", ("epochs",)),
        ("cnn", {"filters": []}, "filters: .*at least 1 item", ("filters",)),
        ("cnn", {"filters": [8], "pool": -1}, "pool must be at least 0, got -1", ("pool",)),
        ("lstm", {"units": [8], "activation": 5}, "activation must be text, got 5; put it in quotes", ("activation",)),
        ("layers", "Flatten", "layers must be a list, got 'Flatten'", ()),
        ("layers", ["Flatten", 5], r"layers\[1\] must be a name, .*got 5", (1,)),
        ("layers", [{"Dense": [5]}], r"layers\[0\] must give 'Dense' its arguments by name", (0,)),
    ],
)
def test_mistakes_are_explained(recipe, arguments, words, place):
    """An error says what was required and received, and its path leads to the entry."""
    with pytest.raises(StudyError, match=words) as caught:
        expand_layers(_model(recipe, arguments))
    found = caught.value.path
    assert found[:3] == ("models", "mine", recipe)
    assert len(found) == 3 + len(place)
    assert all(str(got).startswith(str(wanted)) for got, wanted in zip(found[3:], place, strict=True))


@pytest.fixture
def install(monkeypatch):
    """Pretends that another package brings softmax regression as a recipe of some name."""
    module = types.ModuleType("perceptron_recipe")
    module.Arguments = Frozen
    module.layers = lambda arguments: [Named(name="Flatten"), softmax_output()]
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def pretend(name: str) -> None:
        def entry_points(*, group):
            return [EntryPoint(name, module.__name__, group)] if group == "bakeoff.recipes" else []

        monkeypatch.setattr(recipes, "entry_points", entry_points)
        recipe_names.cache_clear()

    yield pretend
    monkeypatch.undo()
    recipe_names.cache_clear()


def test_an_installed_recipe_is_found_and_expanded(install):
    """Another package adds a recipe through the entry-point group, and no line of Bakeoff changes."""
    install("perceptron")
    assert "perceptron" in recipe_names()
    assert _names("perceptron", {}) == ["Flatten", "Dense"]


def test_an_installed_recipe_cannot_replace_one_of_ours(install):
    """What `mlp` means in a study does not depend on what else is installed."""
    install("mlp")
    assert _names("mlp", {"hidden": [8]}) == ["Flatten", "Dense", "Dense"]


def test_an_unknown_recipe_is_compared_with_installed_ones_too(install):
    """The nearest name may be that of an installed recipe."""
    install("perceptron")
    with pytest.raises(StudyError, match="did you mean 'perceptron'"):
        expand_layers(_model("perceptrn", {}))

import random

import keras
import numpy as np
import pytest

from bakeoff.errors import StudyError
from bakeoff.models import network as networks
from bakeoff.models.network import build_loss, build_network, build_optimizer, pre_softmax, without_cudnn
from bakeoff.spec import Named

SOFTMAX = {"Dense": {"units": "classes", "activation": "softmax"}}
PATH = ("models", "mine", "layers")


def _build(*layers, image_shape=(8, 8, 1), classes=3, seed=0, path=PATH) -> keras.Model:
    stack = [Named.model_validate(layer) for layer in layers]
    return build_network(stack, image_shape, classes=classes, seed=seed, path=path)


def _weights(network) -> np.ndarray:
    return np.concatenate([np.asarray(weight).ravel() for weight in network.weights])


def test_words_stand_for_the_numbers_of_the_data():
    """`height`, `width`, `channels` and `classes` are replaced wherever they stand in arguments, in lists too."""
    network = _build(
        {"Reshape": {"target_shape": ["height", ["width", "channels"][0], "channels"]}},
        {"Reshape": {"target_shape": ["width", -1]}},
        {"LSTM": {"units": "channels"}},
        {"Dense": {"units": "classes", "activation": "softmax", "kernel_regularizer": {"class_name": "L2"}}},
        image_shape=(4, 6, 2),
        classes=5,
    )
    assert [layer.output.shape[1:] for layer in network.layers[1:]] == [(4, 6, 2), (6, 8), (2,), (5,)]


def test_the_same_seed_draws_the_same_weights():
    """Weights follow from the seed, whatever was drawn before."""
    layers = ({"Conv2D": {"filters": 2, "kernel_size": 3}}, "Flatten", {"Dense": {"units": 4}}, SOFTMAX)
    first = _weights(_build(*layers, seed=7))
    other = _weights(_build(*layers, seed=8))
    again = _weights(_build(*layers, seed=7))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_no_draw_of_others_changes_the_weights(monkeypatch):
    """A draw from the global generators between two layers, by a type checker or another thread, leaves no trace."""
    layers = ("Flatten", {"Dense": {"units": 4}}, SOFTMAX)
    expected = _weights(_build(*layers, seed=7))
    undisturbed = networks._with_numbers
    monkeypatch.setattr(networks, "_with_numbers", lambda *given: (random.random(), undisturbed(*given))[1])
    np.testing.assert_array_equal(_weights(_build(*layers, seed=7)), expected)


def test_layers_of_one_shape_start_differently():
    """Each layer has a seed of its own."""
    network = _build("Flatten", {"Dense": {"units": 4}}, {"Dense": {"units": 4}}, {"Dense": {"units": 4}}, SOFTMAX)
    first, second = (np.asarray(network.layers[index].kernel) for index in (3, 4))
    assert not np.allclose(first, second)


def test_the_seed_decides_dropout():
    """Two networks of one seed drop the same units; of two seeds, others."""
    images = np.ones((1, 8, 8, 1), dtype=np.float32)

    def dropped(seed: int) -> np.ndarray:
        network = _build("Flatten", {"Dropout": {"rate": 0.5}}, SOFTMAX, seed=seed)
        return np.asarray(network.layers[2](images.reshape(1, 64), training=True))

    np.testing.assert_array_equal(dropped(1), dropped(1))
    assert (dropped(1) != dropped(2)).any()


@pytest.mark.parametrize("spelling", ["BatchNormalization", "batch_normalization", "batchnormalization"])
def test_spelling_of_a_layer_does_not_matter(spelling):
    """Keras's class name and its snake case are the same layer."""
    assert isinstance(_build("Flatten", spelling, SOFTMAX).layers[2], keras.layers.BatchNormalization)


@pytest.mark.parametrize(
    ("layers", "words", "index"),
    [
        (["Flattn", SOFTMAX], "Keras has no layer 'Flattn': did you mean 'Flatten'", 0),
        (["Layer", SOFTMAX], "Keras has no layer 'Layer'", 0),
        (["Flatten", {"Dense": {"unit": 3}}], "layer Dense has no argument 'unit': did you mean 'units'", 1),
        (["Flatten", "Dense"], "layer Dense: .*missing 1 required positional argument: 'units'", 1),
        (["Flatten", {"Dense": {"units": "ten", "dtype": "float32"}}], "Dense: .*a positive integer.*units=ten", 1),
        (["Flatten", {"Dense": {"units": 3, "activation": "rel"}}], "layer Dense: .*activation function .*: rel", 1),
        (
            [{"Conv2D": {"filters": 2, "kernel_size": 9}}, "Flatten", SOFTMAX],
            r"layer Conv2D does not fit an input of shape \(None, 8, 8, 1\): .*output size would be zero or negative",
            0,
        ),
        (
            [{"MaxPooling2D": {"pool_size": 9}}, "Flatten", SOFTMAX],
            r"layer MaxPooling2D does not fit an input of shape \(None, 8, 8, 1\): Computed output size would be zero",
            0,
        ),
        (
            [{"Reshape": {"target_shape": [5, 5]}}, SOFTMAX],
            r"layer Reshape does not fit an input of shape \(None, 8, 8, 1\): The total size of the tensor must",
            0,
        ),
        (["Flatten", {"Reshape": {"target_shape": ["x"]}}, SOFTMAX], "layer Dense does not fit .*fully-defined", 2),
        ([{"LSTM": {"units": 3}}, SOFTMAX], r"layer LSTM does not fit .*expected ndim=3, found ndim=4", 0),
        (
            [{"BatchNormalization": {"axis": 9}}, "Flatten", SOFTMAX],
            "BatchNormalization does not fit .*out of range",
            0,
        ),
        (["StringLookup", SOFTMAX], "layer StringLookup: .*requires TensorFlow", 0),
        (["Concatenate", SOFTMAX], "layer Concatenate does not fit .*list of at least 1 input", 0),
        ([], "the last layer must have a softmax activation, .*this model has no layers", None),
        (["Flatten"], "must have a softmax activation, .*this model ends in Flatten", None),
        (["Flatten", {"Dense": {"units": 3}}], "this model ends in Dense with activation linear", None),
        (
            [{"Reshape": {"target_shape": [8, 8]}}, {"LSTM": {"units": 3, "activation": "softmax"}}],
            "must have a softmax activation, .*this model ends in LSTM with activation softmax",
            None,
        ),
        (
            ["Flatten", {"Dense": {"units": 10, "activation": "softmax"}}],
            r"each of the 3 classes, shape \(None, 3\); this one puts out \(None, 10\)\. Write units: classes",
            None,
        ),
        ([SOFTMAX], r"this one puts out \(None, 8, 8, 3\)\. Put Flatten before it", None),
        (
            ["Flatten", {"Dense": {"units": 3, "name": "a"}}, {"Dense": {"units": 3, "name": "a"}}, SOFTMAX],
            'these layers do not make a network: The name "a" is used 2 times',
            None,
        ),
    ],
)
def test_a_wrong_layer_is_explained(layers, words, index):
    """An error names the layer, what it got and what is available, on one line, and leads to the layer's entry."""
    with pytest.raises(StudyError, match=words) as caught:
        _build(*layers)
    assert caught.value.path == (PATH if index is None else (*PATH, index))
    assert "\n" not in caught.value.message
    assert "\x1b" not in caught.value.message


def test_an_error_in_a_recipe_leads_to_the_recipe():
    """Layers that a recipe made have no place of their own in the file."""
    with pytest.raises(StudyError, match="activation function") as caught:
        _build("Flatten", {"Dense": {"units": 3, "activation": "rel"}}, SOFTMAX, path=("models", "mine", "mlp"))
    assert caught.value.path == ("models", "mine", "mlp")


@pytest.mark.parametrize("spelling", ["rmsprop", "RMSprop", "rms_prop"])
def test_spelling_of_an_optimizer_does_not_matter(spelling):
    """Studies may write the name as papers, Keras strings or Keras classes do; arguments reach Keras."""
    optimizer = build_optimizer(Named(name=spelling, arguments={"learning_rate": 0.25}))
    assert isinstance(optimizer, keras.optimizers.RMSprop)
    assert float(optimizer.learning_rate) == 0.25


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        ("adm", "Keras has no optimizer 'adm': did you mean 'adam'"),
        ("RMSprp", "Keras has no optimizer 'RMSprp': did you mean 'RMSprop'"),
        ("optimizer", "Keras has no optimizer 'optimizer'"),
        (
            {"adam": {"lerning_rate": 0.1}},
            "optimizer adam has no argument 'lerning_rate': did you mean 'learning_rate'",
        ),
        ({"adam": {"learning_rate": "fast"}}, "optimizer adam: .*should be float.*learning_rate=fast"),
        ({"LossScaleOptimizer": {"inner_optimizer": "adam"}}, "optimizer LossScaleOptimizer: "),
    ],
)
def test_a_wrong_optimizer_is_explained(optimizer, words):
    """An unknown optimiser or argument is refused with the nearest valid one."""
    path = ("models", "mine", "protocol", "optimizer")
    with pytest.raises(StudyError, match=words) as caught:
        build_optimizer(Named.model_validate(optimizer), path=path)
    assert caught.value.path == path


@pytest.mark.parametrize("spelling", ["kl_divergence", "KLDivergence", "kldivergence"])
def test_spelling_of_a_loss_does_not_matter(spelling):
    """Keras's class name and its snake case are the same loss."""
    assert isinstance(build_loss(Named(name=spelling)), keras.losses.KLDivergence)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ("categorical_crossentrpy", "Keras has no loss .*did you mean 'categorical_crossentropy'"),
        ({"kl_divergence": {"smoothing": 1}}, "loss kl_divergence has no argument 'smoothing': .*Available: "),
        ({"categorical_crossentropy": {"reduction": "x"}}, "loss categorical_crossentropy: .*reduction"),
        (
            {"poisson": {"reduction": "sum"}},
            "must be the mean over the images of a batch, got 'sum'; leave reduction out",
        ),
        ({"poisson": {"reduction": None}}, "must be the mean over the images of a batch, got 'none'|got None"),
        ("ctc", "loss ctc does not compare class probabilities with classes; take categorical_crossentropy"),
        ("circle", "loss circle does not compare class probabilities with classes"),
    ],
)
def test_a_wrong_loss_is_explained(loss, words):
    """An unknown loss, and one that is no mean over classified images, is refused before anything is trained."""
    path = ("models", "mine", "protocol", "loss")
    with pytest.raises(StudyError, match=words) as caught:
        build_loss(Named.model_validate(loss), path=path)
    assert caught.value.path == path


@pytest.mark.parametrize("ending", [[SOFTMAX], [{"Dense": {"units": 3}}, {"Activation": {"activation": "softmax"}}]])
def test_logits_are_what_the_softmax_is_taken_of(ending):
    """Within `pre_softmax` the network returns numbers whose softmax are its probabilities; after it, these again."""
    network = _build("Flatten", *ending)
    images = np.linspace(0, 1, 128, dtype=np.float32).reshape(2, 8, 8, 1)
    probabilities = np.asarray(network(images))
    with pre_softmax(network):
        logits = np.asarray(network(images), dtype=np.float64)
    by_hand = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert not np.allclose(logits.sum(axis=1), 1)
    np.testing.assert_allclose(by_hand, probabilities, rtol=1e-5)
    np.testing.assert_array_equal(np.asarray(network(images)), probabilities)


def test_the_softmax_comes_back_after_an_error():
    """A failed call inside `pre_softmax` leaves the network as it was."""
    network = _build("Flatten", SOFTMAX)
    with pytest.raises(RuntimeError, match="stop"), pre_softmax(network):
        raise RuntimeError("stop")
    assert network.layers[-1].activation is keras.activations.softmax


def test_recurrent_layers_do_without_cudnn():
    """Within `without_cudnn`, and only there, recurrent layers step by themselves, inside a wrapper too."""
    wrapped = keras.layers.Bidirectional(keras.layers.GRU(2))
    network = keras.Sequential([keras.Input((4, 3)), keras.layers.LSTM(2, return_sequences=True), wrapped])
    layers = [network.layers[0], wrapped.forward_layer, wrapped.backward_layer]
    with without_cudnn(network):
        assert [layer.use_cudnn for layer in layers] == [False, False, False]
    assert [layer.use_cudnn for layer in layers] == ["auto", "auto", "auto"]

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from bakeoff.engine.objective import make_batch_loss
from bakeoff.errors import StudyError
from bakeoff.spec import Named

LOGITS = np.array([[2.0, -1.0, 0.5], [0.0, 3.0, -2.0], [1.0, 1.0, 1.0], [-4.0, 0.0, 5.0]])
LABELS = np.array([0, 2, 1, 2])
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
ONE_HOT = np.eye(3)[LABELS]
SATURATED = np.array([[0.0, 200.0, 0.0]])  # all probability on class 1


def _loss(name, logits=LOGITS, labels=LABELS, **arguments) -> float:
    function = make_batch_loss(Named(name=name, arguments=arguments), classes=3)
    return float(function(jnp.asarray(logits, dtype=jnp.float32), jnp.asarray(labels, dtype=jnp.int32)))


def _gradient(name, logits, labels) -> np.ndarray:
    function = make_batch_loss(Named(name=name), classes=3)
    logits = jnp.asarray(logits, dtype=jnp.float32)
    return np.asarray(jax.grad(function)(logits, jnp.asarray(labels, dtype=jnp.int32)))


@pytest.mark.parametrize("name", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_cross_entropy_is_the_mean_of_minus_log_probability(name):
    """Both spellings take integer labels and agree with the formula."""
    assert _loss(name) == pytest.approx(-np.log(PROBABILITIES[range(4), LABELS]).mean(), rel=1e-6)


@pytest.mark.parametrize("name", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_cross_entropy_of_a_saturated_softmax_keeps_its_gradient(name):
    """The gradient is softmax minus one-hot however wrong the network is; the loss is the distance of the logits."""
    assert _loss(name, SATURATED, [0]) == pytest.approx(200)
    np.testing.assert_allclose(_gradient(name, SATURATED, [0]), [[-1, 1, 0]], atol=1e-6)


def test_keras_itself_loses_that_gradient_on_jax():
    """Why cross-entropy is taken from logits: from clipped probabilities the same gradient is zero."""
    one_hot = jnp.eye(3)[:1]

    def from_probabilities(logits):
        return keras.losses.CategoricalCrossentropy()(one_hot, jax.nn.softmax(logits))

    assert not jax.grad(from_probabilities)(jnp.asarray(SATURATED, dtype=jnp.float32)).any()


def test_kl_divergence_of_a_saturated_softmax_is_that_of_clipped_probabilities():
    """A wrong class with all the probability costs -ln(1e-7) = 16.118, as study B's collapsed models show."""
    assert _loss("kl_divergence", SATURATED, [0]) == pytest.approx(16.118, abs=5e-4)
    assert not _gradient("kl_divergence", SATURATED, [0]).any()


def test_kl_divergence_equals_its_formula():
    """Sum of t ln(t / p) with both clipped to [1e-7, 1], by NumPy in float64."""
    truth, predicted = np.clip(ONE_HOT, 1e-7, 1), np.clip(PROBABILITIES, 1e-7, 1)
    expected = (truth * np.log(truth / predicted)).sum(axis=1).mean()
    assert _loss("kl_divergence") == pytest.approx(expected, rel=1e-5)


def test_label_smoothing_passes_through():
    """A smoothing of 0.3 over three classes means targets of 0.8 and 0.1."""
    smoothed = 0.7 * ONE_HOT + 0.1
    expected = -(smoothed * np.log(PROBABILITIES)).sum(axis=1).mean()
    assert _loss("categorical_crossentropy", label_smoothing=0.3) == pytest.approx(expected, rel=1e-5)


def test_asking_for_probabilities_changes_nothing():
    """`from_logits: false` in a study is true of Keras's output, not of what the loss is computed from."""
    assert _loss("categorical_crossentropy", from_logits=False) == _loss("categorical_crossentropy")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean_squared_error", np.square(PROBABILITIES - ONE_HOT).mean()),
        ("mean_absolute_error", np.abs(PROBABILITIES - ONE_HOT).mean()),
        ("poisson", (PROBABILITIES - ONE_HOT * np.log(PROBABILITIES + 1e-7)).mean()),
        (
            "categorical_generalized_cross_entropy",
            ((1 - PROBABILITIES[range(4), LABELS] ** 0.5) / 0.5).mean(),
        ),
    ],
)
def test_other_losses_compare_probabilities_with_classes(name, expected):
    """Every other loss gets softmax probabilities and the form of labels that it wants."""
    assert _loss(name) == pytest.approx(expected, rel=1e-5)


def test_an_unknown_loss_is_refused():
    """The error is that of `build_loss`."""
    with pytest.raises(StudyError, match="Keras has no loss 'crossentropy'"):
        make_batch_loss(Named(name="crossentropy"), classes=3)

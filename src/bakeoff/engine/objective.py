"""The loss of a batch, from logits where the loss is a cross-entropy.

On JAX, Keras takes cross-entropy of probabilities clipped at 1e-7, whose gradient vanishes once a softmax saturates;
from the logits it does not. So both spellings of cross-entropy are computed from logits. Every other loss, KL
divergence among them, stays what Keras defines on probabilities.
"""

from __future__ import annotations

from collections.abc import Callable

from bakeoff.models import network as networks  # isort: skip  # chooses the backend
import jax
import jax.numpy as jnp
import keras
from jaxtyping import Array, Float, Int

from bakeoff.spec.named import Named

BatchLoss = Callable[[Float[Array, "examples classes"], Int[Array, " examples"]], Float[Array, ""]]

_FROM_LOGITS = (keras.losses.CategoricalCrossentropy, keras.losses.SparseCategoricalCrossentropy)
_TAKES_INTEGERS = (keras.losses.SparseCategoricalCrossentropy, keras.losses.CategoricalGeneralizedCrossEntropy)


def make_batch_loss(loss: Named, *, classes: int) -> BatchLoss:
    """Make the function from logits and integer labels to the mean loss of the batch.

    Args:
        loss: A Keras loss by name, with its Keras arguments.
        classes: Number of classes, at least 2.

    Returns:
        A function of logits (examples, classes) and labels in 0..classes-1, to be traced by JAX.

    Raises:
        StudyError: Keras has no such loss, its arguments do not fit, or it is no mean over images.

    >>> loss = make_batch_loss(Named(name="categorical_crossentropy"), classes=2)
    >>> float(loss(jnp.array([[0.0, 200.0]]), jnp.array([0])))
    200.0
    """
    from_logits = isinstance(networks.build_loss(loss), _FROM_LOGITS)
    arguments = {**loss.arguments, "from_logits": True} if from_logits else loss.arguments
    function = networks.build_loss(Named(name=loss.name, arguments=arguments))
    takes_integers = isinstance(function, _TAKES_INTEGERS)

    def batch_loss(logits: Float[Array, "examples classes"], labels: Int[Array, " examples"]) -> Float[Array, ""]:
        outputs = logits if from_logits else jax.nn.softmax(logits)
        targets = labels if takes_integers else jax.nn.one_hot(labels, classes)
        return jnp.asarray(function(targets, outputs))

    return batch_loss

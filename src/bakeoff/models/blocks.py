"""Pieces that several recipes stack: an activated layer, dropout, the softmax output."""

from __future__ import annotations

from typing import Any

from bakeoff.spec.named import Named

LEAKY_RELU_SLOPE = 0.3  # the default of Keras's layer LeakyReLU (the default of its function leaky_relu is 0.2)


def activated(
    layer: str, arguments: dict[str, Any], *, activation: str, negative_slope: float, batch_normalization: bool
) -> list[Named]:
    """A layer, batch normalisation if asked for, and the activation, in this order.

    Args:
        layer: A Keras layer that takes an `activation`, such as Dense or Conv2D.
        arguments: Its arguments, without the activation.
        activation: A Keras activation's name, or leaky_relu for the layer of that name.
        negative_slope: Slope of leaky_relu below zero, at least 0; other activations have none.
        batch_normalization: Whether to normalise before the activation.

    Returns:
        One to three layers.

    >>> [layer.name for layer in activated(
    ...     "Dense", {"units": 8}, activation="relu", negative_slope=0.3, batch_normalization=True)]
    ['Dense', 'BatchNormalization', 'Activation']
    """
    if activation != "leaky_relu" and not batch_normalization:
        return [Named(name=layer, arguments={**arguments, "activation": activation})]
    normalization = [Named(name="BatchNormalization")] if batch_normalization else []
    return [Named(name=layer, arguments=arguments), *normalization, _activation(activation, negative_slope)]


def dropped(rate: float) -> list[Named]:
    """A dropout layer, or nothing where the rate is 0.

    Args:
        rate: Share of units dropped, in [0, 1).

    Returns:
        At most one layer.
    """
    return [Named(name="Dropout", arguments={"rate": rate})] if rate else []


def softmax_output() -> Named:
    """The last layer of every recipe: one probability for each class."""
    return Named(name="Dense", arguments={"units": "classes", "activation": "softmax"})


def _activation(activation: str, negative_slope: float) -> Named:
    if activation == "leaky_relu":
        return Named(name="LeakyReLU", arguments={"negative_slope": negative_slope})
    return Named(name="Activation", arguments={"activation": activation})

"""Recipe `mlp`: the image as one long vector, through fully connected layers.

In a study file: `dense: {mlp: {hidden: [512, 128], activation: relu, dropout: 0.5}}`
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bakeoff.models.blocks import LEAKY_RELU_SLOPE, activated, dropped, softmax_output
from bakeoff.spec.named import Frozen, Named
from bakeoff.spec.protocol import Count, Number


class Arguments(Frozen):
    """What `mlp:` understands."""

    hidden: tuple[Count, ...]
    """Widths of the hidden layers; an empty list is softmax regression on pixels."""
    activation: str = "relu"
    """A Keras activation's name, or leaky_relu."""
    negative_slope: Annotated[Number, Field(ge=0)] = LEAKY_RELU_SLOPE
    """Slope of leaky_relu below zero; other activations have none."""
    dropout: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    """Share of units dropped after each hidden layer's activation."""
    batch_normalization: Annotated[bool, Field(strict=True)] = False
    """Whether to normalise between each hidden layer and its activation."""


def layers(arguments: Arguments) -> list[Named]:
    """The stack: flatten, hidden layers, softmax.

    >>> [layer.name for layer in layers(Arguments(hidden=(64,), dropout=0.5))]
    ['Flatten', 'Dense', 'Dropout', 'Dense']
    """
    stack = [Named(name="Flatten")]
    for units in arguments.hidden:
        stack += activated(
            "Dense",
            {"units": units},
            activation=arguments.activation,
            negative_slope=arguments.negative_slope,
            batch_normalization=arguments.batch_normalization,
        )
        stack += dropped(arguments.dropout)
    return [*stack, softmax_output()]

"""Recipe `cnn`: convolutions with pooling, then fully connected layers.

In a study file: `cnn: {cnn: {filters: [32, 64], kernel: 3, pool: 2, dense: [128], dropout: 0.5}}`
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import Field

from bakeoff.models.blocks import LEAKY_RELU_SLOPE, activated, dropped, softmax_output
from bakeoff.spec.named import Frozen, Named
from bakeoff.spec.protocol import Count, Number


class Arguments(Frozen):
    """What `cnn:` understands."""

    filters: Annotated[tuple[Count, ...], Field(min_length=1)]
    """Output channels of each convolution."""
    kernel: Count = 3
    """Height and width of every kernel, in pixels."""
    pool: Annotated[int, Field(ge=0, strict=True)] = 2
    """Window of the max pooling after each convolution, in pixels; 0 for none."""
    dense: tuple[Count, ...] = ()
    """Widths of the fully connected layers before the output."""
    activation: str = "relu"
    """A Keras activation's name, or leaky_relu."""
    negative_slope: Annotated[Number, Field(ge=0)] = LEAKY_RELU_SLOPE
    """Slope of leaky_relu below zero; other activations have none."""
    dropout: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    """Share of units dropped before the output layer."""
    batch_normalization: Annotated[bool, Field(strict=True)] = False
    """Whether to normalise between each convolution or dense layer and its activation."""


def layers(arguments: Arguments) -> list[Named]:
    """The stack: convolutions with pooling, flatten, dense layers, softmax.

    >>> [layer.name for layer in layers(Arguments(filters=(16,), dense=(64,)))]
    ['Conv2D', 'MaxPooling2D', 'Flatten', 'Dense', 'Dense']
    """
    block = partial(
        activated,
        activation=arguments.activation,
        negative_slope=arguments.negative_slope,
        batch_normalization=arguments.batch_normalization,
    )
    stack: list[Named] = []
    for filters in arguments.filters:
        stack += block("Conv2D", {"filters": filters, "kernel_size": arguments.kernel})
        stack += [Named(name="MaxPooling2D", arguments={"pool_size": arguments.pool})] if arguments.pool else []
    stack.append(Named(name="Flatten"))
    for units in arguments.dense:
        stack += block("Dense", {"units": units})
    return [*stack, *dropped(arguments.dropout), softmax_output()]

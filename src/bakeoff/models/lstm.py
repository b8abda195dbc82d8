"""Recipe `lstm`: the image as a sequence of its rows, from top to bottom.

In a study file: `lstm: {lstm: {units: [128, 128], dense: [32]}}`
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bakeoff.models.blocks import dropped, softmax_output
from bakeoff.spec.named import Frozen, Named
from bakeoff.spec.protocol import Count, Number


class Arguments(Frozen):
    """What `lstm:` understands."""

    units: Annotated[tuple[Count, ...], Field(min_length=1)]
    """Width of each recurrent layer; all but the last hand on their whole sequence."""
    activation: str = "tanh"
    """Activation of the recurrent layers' output."""
    dense: tuple[Count, ...] = ()
    """Widths of the fully connected layers before the output."""
    dense_activation: str = "relu"
    """Activation of those layers."""
    dropout: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    """Share of units dropped before the output layer."""


def layers(arguments: Arguments) -> list[Named]:
    """The stack: rows of pixels as time steps, recurrent layers, dense layers, softmax.

    >>> [layer.name for layer in layers(Arguments(units=(32, 16)))]
    ['Reshape', 'LSTM', 'LSTM', 'Dense']
    """
    stack = [Named(name="Reshape", arguments={"target_shape": ["height", -1]})]  # one time step per row of pixels
    last = len(arguments.units) - 1
    for index, units in enumerate(arguments.units):
        sequence = {"return_sequences": True} if index < last else {}
        stack.append(Named(name="LSTM", arguments={"units": units, "activation": arguments.activation, **sequence}))
    stack += [
        Named(name="Dense", arguments={"units": units, "activation": arguments.dense_activation})
        for units in arguments.dense
    ]
    return [*stack, *dropped(arguments.dropout), softmax_output()]

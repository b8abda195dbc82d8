"""What holds a network back by its own description: dropout, penalties on weights, gradients cut short.

It is read from layers and protocol, and asked of networks only that do not learn: each of these is of use elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bakeoff.diagnosis.remedies import plain_name, set_optimizer
from bakeoff.diagnosis.values import ModelRuns
from bakeoff.spec.named import Named

MUCH_DROPOUT = 0.8
"""From here on at most one unit in five is left; its authors mostly drop half of the hidden units (Srivastava et al.
2014, "Dropout: a simple way to prevent neural networks from overfitting"). Three layers of 64 at 0.95 learn nothing."""

STRONG_PENALTY = 0.01
"""Weight of an L1 or L2 penalty: Keras's own where none is given, by which a layer of 100 weights of 0.1 costs 0.01 in
squares and 0.1 in sizes, and one of 100,000 costs 10 and 100, far more than the classes do (ln 10 = 2.3)."""

SHORT_CLIP = 0.01
"""Largest norm or value of a gradient that `clipnorm`, `clipvalue` and `global_clipnorm` leave, under SGD, whose steps
are as short: a hundredth of the 1 that is usual. Optimisers that divide by the gradient's size do not feel it."""

_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")
_DIVIDES_NOT = ("sgd",)
_DEFAULT_PENALTY = 0.01  # Keras 3.15, of a regulariser that is given by its name alone


@dataclass(frozen=True)
class Handicap:
    """One thing that holds a network back.

    Attributes:
        cause: In a clause.
        advice: What to change.
    """

    cause: str
    advice: str


def find_handicaps(model: ModelRuns) -> tuple[Handicap, ...]:
    """What the description of a network that does not learn says against it.

    Args:
        model: With its runs; their layers are asked, and the protocol's optimiser.

    Returns:
        Dropout, penalties and cut gradients, in this order.
    """
    layers = model.runs[0].record.layers
    return (*_dropout(layers), *_penalties(layers), *_clipped_gradients(model))


def _dropout(layers: Iterable[Named]) -> Iterator[Handicap]:
    rates = [rate for layer in layers for rate in _dropout_rates(layer) if rate >= MUCH_DROPOUT]
    if rates:
        yield Handicap(
            f"dropout leaves {1 - max(rates):.0%} of the units of a layer", "dropout of 0.5 or less in the model"
        )


def _dropout_rates(layer: Named) -> list[float]:
    """Of a layer of its own, or of a recurrent layer's arguments."""
    keys = ("rate",) if "dropout" in plain_name(layer.name) else ("dropout", "recurrent_dropout")
    return [float(rate) for key in keys if isinstance(rate := layer.arguments.get(key), int | float)]


def _penalties(layers: Iterable[Named]) -> Iterator[Handicap]:
    strengths = [
        strength
        for layer in layers
        for name, told in layer.arguments.items()
        if name.endswith("_regularizer") and (strength := _strength(told)) >= STRONG_PENALTY
    ]
    if strengths:
        yield Handicap(
            f"a regulariser of strength {max(strengths):g} holds the weights at 0",
            "a tenth of the regulariser's strength in the model, or none",
        )


def _strength(regulariser: object) -> float:
    """The largest number of a regulariser's arguments; 0 where there is none."""
    if isinstance(regulariser, str):
        return _DEFAULT_PENALTY
    if not isinstance(regulariser, dict):
        return 0.0
    arguments = regulariser.get("config", regulariser)
    values = arguments.values() if isinstance(arguments, dict) else ()
    return max((float(value) for value in values if isinstance(value, int | float)), default=0.0)


def _clipped_gradients(model: ModelRuns) -> Iterator[Handicap]:
    optimizer = model.model.protocol.optimizer
    if plain_name(optimizer.name) not in _DIVIDES_NOT:
        return
    for name in _CLIPS:
        largest = optimizer.arguments.get(name)
        if isinstance(largest, int | float) and largest <= SHORT_CLIP:
            typed = set_optimizer(model, name, "1.0")
            yield Handicap(
                f"{name} cuts every gradient to {largest:g}",
                typed or f"a {name} of 1 in protocol.optimizer of {model.name}",
            )

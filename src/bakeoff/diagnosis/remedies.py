"""What a protocol asks for, and how to ask for something else."""

from __future__ import annotations

from bakeoff.diagnosis.values import ModelRuns
from bakeoff.spec.named import Named

LARGEST_SCALED = 16.0
"""A first layer that sees larger numbers sees unscaled pixels: of the ways to scale them, unit and l2 end at 1, and
standardize can at most reach a few standard deviations where an image is not nearly constant."""

_DEFAULT_RATES = {"sgd": 0.01, "schedulefreeadamw": 0.0025}  # of Keras 3.15; all others have 0.001
_DEFAULT_RATE = 0.001
_FROM_LOGITS = ("categoricalcrossentropy", "sparsecategoricalcrossentropy")


def plain_name(name: str) -> str:
    """A Keras name in the one spelling that all its spellings share.

    >>> plain_name("KLDivergence"), plain_name("kl_divergence")
    ('kldivergence', 'kldivergence')
    """
    return name.replace("_", "").lower()


def learning_rate(optimizer: Named) -> float | None:
    """The optimiser's learning rate, Keras's own where none is given; None where it follows a schedule.

    >>> learning_rate(Named(name="sgd")), learning_rate(Named(name="Adam", arguments={"learning_rate": 0.1}))
    (0.01, 0.1)
    """
    rate = optimizer.arguments.get("learning_rate", _DEFAULT_RATES.get(plain_name(optimizer.name), _DEFAULT_RATE))
    return float(rate) if isinstance(rate, int | float) else None


def scale_learning_rate(optimizer: Named, factor: float) -> str:
    """The override that multiplies the learning rate.

    >>> scale_learning_rate(Named(name="adam"), 0.1)
    '--set protocol.optimizer.adam.learning_rate=0.0001'
    """
    rate = learning_rate(optimizer)
    if rate is None:
        return f"{factor:g} times the learning rates of the schedule in protocol.optimizer"
    return f"--set protocol.optimizer.{optimizer.name}.learning_rate={rate * factor:g}"


def clips(loss: Named) -> bool:
    """Whether a loss is taken from clipped probabilities: the engine takes the two cross-entropies from the logits.

    >>> clips(Named(name="kl_divergence")), clips(Named(name="CategoricalCrossentropy"))
    (True, False)
    """
    return plain_name(loss.name) not in _FROM_LOGITS


def sees_raw_pixels(model: ModelRuns) -> bool:
    """Whether the first layer was given unscaled pixels, by the probes, or else by the protocol."""
    highest = [float(max(abs(run.probes.pixels[:2]))) for run in model.runs if run.probes]
    return max(highest) > LARGEST_SCALED if highest else model.model.protocol.pixels == "raw"

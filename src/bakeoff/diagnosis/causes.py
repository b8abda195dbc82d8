"""Why a network does not learn: what its description, the probes and the study say, the most telling first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from bakeoff.diagnosis.chance import learned_nothing
from bakeoff.diagnosis.handicaps import find_handicaps
from bakeoff.diagnosis.layers import find_broken_gradients, find_dead_units
from bakeoff.diagnosis.pixels import is_unscaled
from bakeoff.diagnosis.rates import find_high_rates, find_low_rates
from bakeoff.diagnosis.remedies import SCALED, clips, scale_learning_rate, set_entry, takes_probabilities
from bakeoff.diagnosis.signs import Sign
from bakeoff.diagnosis.symmetry import find_equal_units
from bakeoff.diagnosis.values import ModelRuns, StudyRuns

NO_SIGN = "nothing inside the network shows why"
"""Begins the cause where there is none to name."""

MOSTLY_SATURATED = 0.5
"""Share of the probes' images that give all probability to one class, above which a loss that is taken from
probabilities has no gradient left for most images."""


@dataclass(frozen=True)
class _Cause:
    """In a clause, with what to try against it."""

    words: str
    advice: tuple[str, ...]


def suggest_remedies(model: ModelRuns, study: StudyRuns) -> tuple[str, tuple[str, ...]]:
    """The likely causes of a network that does not learn, and what to try.

    What its own description says comes first, then unscaled pixels and a loss that is taken from a saturated softmax:
    these make the other signs, and not the other way round. Labels are blamed if no network of the study learned them.

    Args:
        model: With its protocol and probes.
        study: That it is of.

    Returns:
        The causes in a sentence, and each thing to try, the likeliest first.
    """
    described = [_Cause(handicap.cause, (handicap.advice,)) for handicap in find_handicaps(model)]
    flooded = list(_flooded(model))
    signs = [] if flooded else [_of_sign(sign) for sign in _signs(model, study.labels)]
    causes = [*described, *flooded, *signs] or [_unknown(model, study)]
    return "; ".join(cause.words for cause in causes), tuple(part for cause in causes for part in cause.advice)


def _flooded(model: ModelRuns) -> Iterator[_Cause]:
    """Unscaled pixels, and a loss without a gradient where they, or large steps, have saturated the softmax."""
    loss = model.model.protocol.loss
    if is_unscaled(model):
        yield _Cause("the first layer sees unscaled pixels", (set_entry(model, *SCALED),))
    if takes_probabilities(loss) and _is_saturated(model):
        cut = "is taken from probabilities that are cut off, and has" if clips(loss) else "has"
        yield _Cause(
            f"{loss.name} {cut} no gradient where the softmax saturates",
            (set_entry(model, "loss", "categorical_crossentropy"),),
        )


def _is_saturated(model: ModelRuns) -> bool:
    """Whether the last probe of some run shows it; where nothing was probed, it is taken to be so."""
    shares = [float(run.probes.saturated[-1]) for run in model.runs if run.probes]
    return not shares or max(shares) > MOSTLY_SATURATED


def _signs(model: ModelRuns, labels: Int[np.ndarray, " examples"]) -> Iterator[Sign]:
    yield from find_equal_units(model, labels)
    yield from find_low_rates(model)
    yield from find_high_rates(model)
    yield from find_broken_gradients(model)
    yield from find_dead_units(model)


def _of_sign(sign: Sign) -> _Cause:
    return _Cause(f"{sign.title[0].lower()}{sign.title[1:]} ({sign.code})", sign.advice)


def _unknown(model: ModelRuns, study: StudyRuns) -> _Cause:
    slower = scale_learning_rate(model, 0.1)
    learned = [
        other.name for other in study.models if any(learned_nothing(run, study.labels) is False for run in other.runs)
    ]
    if not learned:
        words = f"{NO_SIGN}: perhaps the labels do not belong to the images"
        return _Cause(words, ("a look at images and labels (bakeoff data NAME)", slower))
    who = "other seeds" if model.name in learned else learned[0]
    return _Cause(f"{NO_SIGN}, and {who} learned from the same labels", (slower,))

"""What comes of a claim: a verdict, and the sentence with the numbers that led to it.

All claims follow one rule. It is reproduced if the runs prove it, not reproduced if they prove the contrary, each with
at most `alpha` probability of error; what neither is proved of stays undetermined. Both are one-sided statements, so
the intervals beside them have the level `1 - 2 alpha`: they leave out the bound exactly where a verdict is given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bakeoff.comparison.values import CertaintyPrice
from bakeoff.spec.statements import Measure
from bakeoff.spec.values import Estimate

ClaimVerdict = Literal["reproduced", "not reproduced", "undetermined", "not comparable"]


@dataclass(frozen=True)
class ClaimPair:
    """One of the differences that a claim is about.

    Attributes:
        name: Of what less what, e.g. "lstm - cnn".
        measure: What was measured; differences of accuracy are fractions.
        estimate: The difference; None where there is none.
        p: One-sided p-value of the claimed direction; NaN where there is no test.
    """

    name: str
    measure: Measure
    estimate: Estimate | None
    p: float


@dataclass(frozen=True)
class Judgement:
    """A verdict with its grounds.

    Attributes:
        verdict: What became of the claim.
        evidence: One or two sentences with the numbers.
        pairs: The differences behind it, where a claim is about several.
        price: What would settle an undetermined claim; None where that is not known.
    """

    verdict: ClaimVerdict
    evidence: str
    pairs: tuple[ClaimPair, ...] = ()
    price: CertaintyPrice | None = None


def decide(p_claimed: float, p_reversed: float, *, alpha: float) -> ClaimVerdict:
    """The verdict on a claim that rests on one test.

    >>> decide(0.01, 0.99, alpha=0.05), decide(0.2, 0.8, alpha=0.05), decide(math.nan, math.nan, alpha=0.05)
    ('reproduced', 'undetermined', 'undetermined')
    """
    if p_claimed <= alpha:
        return "reproduced"
    return "not reproduced" if p_reversed <= alpha else "undetermined"


def write_value(value: float, measure: Measure) -> str:
    """A value of a measure as a person reads it.

    >>> write_value(0.9811, "accuracy"), write_value(61.24, "seconds"), write_value(101770, "parameters")
    ('98.11 %', '61.2 seconds', '101,770')
    """
    if measure == "loss":
        return f"{value:.4f}"
    if measure == "seconds":
        return f"{value:.1f} seconds"
    return f"{value:,.0f}" if measure == "parameters" else f"{100 * value:.2f} %"


def write_difference(value: float, measure: Measure) -> str:
    """A difference of two values: in points where the values are in per cent.

    >>> write_difference(0.0046, "accuracy")
    '0.46 points'
    """
    text = write_value(value, measure)
    return text.replace("%", "points")


def write_interval(estimate: Estimate, measure: Measure) -> str:
    """An interval in the unit of `write_difference`, in brackets; nothing where there is none.

    >>> write_interval(Estimate(0.01, 0.002, 0.018, 0.9, 0.004, 8.0, "t", 10, 100), "accuracy")
    ' (90 % interval 0.20 to 1.80)'
    """
    if math.isnan(estimate.low):
        return ""
    low, high = (write_difference(end, measure).split(" ")[0] for end in (estimate.low, estimate.high))
    return f" ({100 * estimate.level:.4g} % interval {low} to {high})"


def join_words(words: Sequence[str]) -> str:
    """Words with commas and a last "and".

    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def end_sentence(text: str) -> str:
    """A clause with its full stop; it begins as it is, since names keep their case.

    >>> end_sentence("cnn is ahead")
    'cnn is ahead.'
    """
    return text if text.endswith(".") else f"{text}."

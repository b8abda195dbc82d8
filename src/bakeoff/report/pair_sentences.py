"""What can be said about two models: one beats the other, they are equivalent, or nobody can tell."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from bakeoff.comparison import Comparison, PairResult
from bakeoff.report import numbers
from bakeoff.report.phrases import Phrase, Sentence, compose_sentence, name_model, pair_anchor
from bakeoff.spec.values import Estimate


@dataclass(frozen=True)
class Wording:
    """What all sentences about pairs of one comparison share.

    Attributes:
        decimals: Of percentage points.
        alpha: Family-wise error rate of the verdicts.
        margin: Differences up to this do not matter.
        tests: Number of pairs that were tested.
        images: Number of test images.
        brief: The correction of p-values has been explained already.
    """

    decimals: int
    alpha: float
    margin: float
    tests: int
    images: int
    brief: bool = False

    @classmethod
    def of(cls, comparison: Comparison) -> Wording:
        """The wording that suits a comparison's uncertainties."""
        return cls(
            decimals=numbers.choose_decimals(pair.difference for pair in comparison.pairs),
            alpha=1 - comparison.level,
            margin=comparison.study.protocol.margin,
            tests=count_pairs(comparison),
            images=comparison.data.test,
        )


def count_pairs(comparison: Comparison) -> int:
    """How many pairs have been tested, and so how many comparisons are corrected for."""
    return sum(not math.isnan(pair.p_adjusted) for pair in comparison.pairs)


def pair_sentence(pair: PairResult, wording: Wording) -> Sentence:
    """The verdict on one pair.

    Args:
        pair: The two models.
        wording: Of the comparison that they belong to.

    Returns:
        A sentence that links to the pair's row.
    """
    if pair.difference is None or math.isnan(pair.p):
        return _not_compared(pair)
    if pair.verdict == "undecided":
        return _undecided(pair, pair.difference, wording)
    if pair.verdict == "equivalent":
        return _equivalent(pair, pair.difference, wording)
    return _better(pair, pair.difference, wording)


def disagreement_sentence(pair: PairResult, wording: Wording) -> Sentence | None:
    """Say so where these images show a difference that new images need not show; None where there is no such gap."""
    here = pair.difference_this_test_set
    if here is None or not (here.low > 0 or here.high < 0) or pair.verdict not in ("undecided", "equivalent"):
        return None
    if math.isnan(pair.p):
        return None
    ahead, behind = (pair.a, pair.b) if here.value > 0 else (pair.b, pair.a)
    here = _forward(here)
    number = _number(pair, f"{_points(here, wording)} ({_interval(here, wording)} over new seeds, uncorrected)")
    general = "this is undecided" if pair.verdict == "undecided" else "they are equivalent"
    return compose_sentence(
        "disagreement",
        f"On these {numbers.format_count(wording.images)} images ",
        name_model(ahead),
        " is better than ",
        name_model(behind),
        " by ",
        number,
        f"; for new images {general}.",
    )


def _better(pair: PairResult, difference: Estimate, wording: Wording) -> Sentence:
    winner, loser = (pair.a, pair.b) if pair.verdict == "a better" else (pair.b, pair.a)
    difference = _forward(difference)
    points, interval = _points(difference, wording), _interval(difference, wording)
    number = _number(pair, f"{points} ({interval}, {_adjusted_p(pair, wording)})")
    surely_small = difference.high < wording.margin
    end = f", surely less than the margin of {numbers.format_margin(wording.margin)}." if surely_small else "."
    return compose_sentence("better", name_model(winner), " beats ", name_model(loser), " by ", number, end)


def _equivalent(pair: PairResult, difference: Estimate, wording: Wording) -> Sentence:
    points = numbers.format_points(difference.value, decimals=wording.decimals, below=wording.margin)
    number = _number(pair, f"{points} ({_interval(difference, wording)})")
    end = f", surely less than the margin of {numbers.format_margin(wording.margin)}."
    middle = " are equivalent: they differ by "
    return compose_sentence("equivalent", name_model(pair.a), " and ", name_model(pair.b), middle, number, end)


def _undecided(pair: PairResult, difference: Estimate, wording: Wording) -> Sentence:
    opening = (name_model(pair.a), " and ", name_model(pair.b), " cannot be told apart: ")
    if difference.value == 0:
        number = _number(pair, f"their means are equal ({_interval(difference, wording)})")
        return compose_sentence("undecided", *opening, number, ".")
    ahead = name_model(pair.a if difference.value > 0 else pair.b)
    difference = _forward(difference)
    interval, points = _interval(difference, wording), _points(difference, wording)
    if pair.p < wording.alpha:
        number = _number(pair, f"{points} ({interval})")
        alone, adjusted = (numbers.format_p(p, alpha=wording.alpha) for p in (pair.p, pair.p_adjusted))
        end = f", which would count alone ({alone}) but not among {wording.tests} comparisons ({adjusted})."
        return compose_sentence("undecided", *opening, ahead, " is ahead by ", number, end)
    number = _number(pair, f"{points} ({interval}, {_adjusted_p(pair, wording)})")
    return compose_sentence("undecided", *opening, ahead, " is ahead by ", number, ".")


def _not_compared(pair: PairResult) -> Sentence:
    number = Phrase("cannot be compared", "number", pair_anchor(pair.a, pair.b))
    reason = f": {pair.reason}." if pair.reason else "."
    return compose_sentence("undecided", name_model(pair.a), " and ", name_model(pair.b), " ", number, reason)


def _number(pair: PairResult, text: str) -> Phrase:
    return Phrase(text, "number", pair_anchor(pair.a, pair.b))


def _forward(difference: Estimate) -> Estimate:
    """From the side of the model that is ahead."""
    if difference.value >= 0:
        return difference
    return replace(difference, value=-difference.value, low=-difference.high, high=-difference.low)


def _points(difference: Estimate, wording: Wording) -> str:
    return numbers.format_points(difference.value, decimals=wording.decimals)


def _interval(difference: Estimate, wording: Wording) -> str:
    level = numbers.format_level(difference.level)
    return f"{level} interval {numbers.format_points_interval(difference, decimals=wording.decimals)}"


def _adjusted_p(pair: PairResult, wording: Wording) -> str:
    p = numbers.format_p(pair.p_adjusted, alpha=wording.alpha)
    if wording.tests < 2:
        return p
    return f"adjusted {p}" if wording.brief else f"{p} after Holm's correction for {wording.tests} comparisons"

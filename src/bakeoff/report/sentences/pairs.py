"""What can be said about two models: one beats the other, they are equivalent, or nobody can tell."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from bakeoff.comparison import Comparison, PairResult
from bakeoff.report import numbers
from bakeoff.report.sentences.phrases import Phrase, Sentence, compose_sentence, name_model, pair_anchor
from bakeoff.report.sentences.prices import price_clause
from bakeoff.spec.values import Estimate


@dataclass(frozen=True)
class Wording:
    """What all sentences about pairs of one comparison share.

    Attributes:
        decimals: Of percentage points.
        alpha: Family-wise error rate of the verdicts.
        margin: Differences up to this do not matter.
        tests: Number of pairs that p-values are corrected for.
        looks: Number of looks that they are corrected for in a race; 0 without one.
        images: Number of test images.
        brief: The correction of p-values has been explained already.
        assuming: Say what the price of a verdict takes for granted.
    """

    decimals: int
    alpha: float
    margin: float
    tests: int
    looks: int
    images: int
    brief: bool = False
    assuming: bool = False

    @classmethod
    def of(cls, comparison: Comparison) -> Wording:
        """The wording that suits a comparison's uncertainties."""
        race = comparison.race
        return cls(
            decimals=numbers.choose_decimals(pair.difference for pair in comparison.pairs),
            alpha=1 - comparison.level,
            margin=comparison.study.protocol.margin,
            tests=math.comb(len(race.models), 2) if race else count_pairs(comparison),
            looks=len(race.looks) if race else 0,
            images=comparison.data.test,
        )


def count_pairs(comparison: Comparison) -> int:
    """How many pairs have been tested."""
    return sum(not math.isnan(pair.p_adjusted) for pair in comparison.pairs)


def pair_sentence(pair: PairResult, wording: Wording) -> Sentence:
    """The verdict on one pair.

    Args:
        pair: The two models.
        wording: Of the comparison that they belong to.

    Returns:
        A sentence that links to the pair's row.
    """
    if pair.basis == "ranks" and pair.probability_a_better:
        return _by_ranks(pair, pair.probability_a_better, wording)
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
    here = numbers.face_forward(here)
    number = _number(pair, f"{_points(here, wording)} ({_interval(here, wording)} over new seeds, uncorrected)")
    general = "this is undecided" if pair.verdict == "undecided" else "they are equivalent"
    return compose_sentence(
        "disagreement",
        f"On these {numbers.format_count(wording.images)} images ",
        name_model(ahead),
        " is ahead of ",
        name_model(behind),
        " by ",
        number,
        f"; for new images {general}.",
    )


def pair_remarks(pair: PairResult) -> list[str]:
    """What is special about a pair, in a few words each: the kind of its test or why there is none, and its race.

    Args:
        pair: The two models.

    Returns:
        Nothing for the usual test of a study without a race.
    """
    how = {"ranks": "by ranks, failed runs last", "folds": "approximate, by folds", "seeds and images": ""}
    return [text for text in (how.get(pair.basis, pair.reason), _settled(pair)) if text]


def _settled(pair: PairResult) -> str:
    """When a race was done with a pair; nothing where it is open, or was no race."""
    if pair.settled_at is None:
        return ""
    done = "left open" if pair.verdict == "undecided" else "settled"
    return f"{done} at {pair.settled_at} seed{'s' * (pair.settled_at != 1)}"


def _better(pair: PairResult, difference: Estimate, wording: Wording) -> Sentence:
    winner, loser = (pair.a, pair.b) if pair.verdict == "a better" else (pair.b, pair.a)
    difference = numbers.face_forward(difference)
    points, interval = _points(difference, wording), _interval(difference, wording)
    number = _number(pair, f"{points} ({interval}, {_adjusted_p(pair, wording)}{_remarks(pair)})")
    surely_small = difference.high < wording.margin
    end = f", surely less than the margin of {numbers.format_margin(wording.margin)}." if surely_small else "."
    return compose_sentence("better", name_model(winner), " beats ", name_model(loser), " by ", number, end)


def _equivalent(pair: PairResult, difference: Estimate, wording: Wording) -> Sentence:
    points = numbers.format_points(difference.value, decimals=wording.decimals, below=wording.margin)
    number = _number(pair, f"{points} ({_interval(difference, wording)}{_remarks(pair)})")
    end = f", surely less than the margin of {numbers.format_margin(wording.margin)}."
    middle = " are equivalent: they differ by "
    return compose_sentence("equivalent", name_model(pair.a), " and ", name_model(pair.b), middle, number, end)


def _undecided(pair: PairResult, difference: Estimate, wording: Wording) -> Sentence:
    opening = (name_model(pair.a), " and ", name_model(pair.b), " cannot be told apart: ")
    end = _price(pair, wording)
    if difference.value == 0:
        number = _number(pair, f"their means are equal ({_interval(difference, wording)}{_remarks(pair)})")
        return compose_sentence("undecided", *opening, number, end)
    ahead = name_model(pair.a if difference.value > 0 else pair.b)
    difference = numbers.face_forward(difference)
    interval, points = _interval(difference, wording), _points(difference, wording)
    if pair.p < wording.alpha:
        number = _number(pair, f"{points} ({interval}{_remarks(pair)})")
        alone, adjusted = (numbers.format_p(p, alpha=wording.alpha) for p in (pair.p, pair.p_adjusted))
        but = f", which would count alone ({alone}) but not among {_family(wording)} ({adjusted})"
        return compose_sentence("undecided", *opening, ahead, " is ahead by ", number, but, end)
    number = _number(pair, f"{points} ({interval}, {_adjusted_p(pair, wording)}{_remarks(pair)})")
    return compose_sentence("undecided", *opening, ahead, " is ahead by ", number, end)


def _by_ranks(pair: PairResult, probability: Estimate, wording: Wording) -> Sentence:
    """Where seeds failed: no points, but how often a run of one beats a run of the other."""
    a_first = pair.verdict == "a better" or (pair.verdict != "b better" and probability.value >= 0.5)
    first, second = (pair.a, pair.b) if a_first else (pair.b, pair.a)
    if not a_first:
        probability = _other_side(probability)
    number = _number(pair, f"{numbers.format_chance(probability.value)} ({_chances(pair, probability, wording)})")
    chance = (": a run of ", name_model(first), " beats a run of ", name_model(second), " with probability ", number)
    if pair.verdict == "undecided":
        opening = (name_model(pair.a), " and ", name_model(pair.b), " cannot be told apart by ranks")
        return compose_sentence("undecided", *opening, *chance, ", failed runs last", _price(pair, wording))
    opening = (name_model(first), " beats ", name_model(second), " by ranks")
    return compose_sentence("better", *opening, *chance, ", failed runs last.")


def _other_side(chance: Estimate) -> Estimate:
    """The probability of the contrary."""
    return replace(chance, value=1 - chance.value, low=1 - chance.high, high=1 - chance.low)


def _chances(pair: PairResult, probability: Estimate, wording: Wording) -> str:
    level, bounds = numbers.format_level(probability.level), numbers.format_chance_interval(probability)
    interval = f"{level} interval {bounds}, " if math.isfinite(probability.low) else ""
    return f"{interval}{_adjusted_p(pair, wording)}{_remarks(pair)}"


def _not_compared(pair: PairResult) -> Sentence:
    number = Phrase("cannot be compared", "number", pair_anchor(pair.a, pair.b))
    reason = f": {pair.reason}." if pair.reason else "."
    return compose_sentence("undecided", name_model(pair.a), " and ", name_model(pair.b), " ", number, reason)


def _number(pair: PairResult, text: str) -> Phrase:
    return Phrase(text, "number", pair_anchor(pair.a, pair.b))


def _points(difference: Estimate, wording: Wording) -> str:
    return numbers.format_points(difference.value, decimals=wording.decimals)


def _interval(difference: Estimate, wording: Wording) -> str:
    level = numbers.format_level(difference.level)
    return f"{level} interval {numbers.format_points_interval(difference, decimals=wording.decimals)}"


def _adjusted_p(pair: PairResult, wording: Wording) -> str:
    p = numbers.format_p(pair.p_adjusted, alpha=wording.alpha)
    if wording.looks:
        return f"adjusted {p}" if wording.brief else f"{p} after correction for {_family(wording)}"
    if wording.tests < 2:
        return p
    return f"adjusted {p}" if wording.brief else f"{p} after Holm's correction for {_family(wording)}"


def _family(wording: Wording) -> str:
    """What a p-value is corrected for."""
    if not wording.looks:
        return f"{wording.tests} comparisons"
    looks = f"{wording.looks} looks"
    return f"{wording.tests} pairs and {looks}" if wording.tests > 1 else looks


def _remarks(pair: PairResult) -> str:
    """The same inside a sentence's brackets; that ranks decide is said before."""
    return "".join(f", {remark}" for remark in pair_remarks(pair) if pair.basis != "ranks" or remark == _settled(pair))


def _price(pair: PairResult, wording: Wording) -> str:
    """The end of a sentence on an undecided pair."""
    clause = price_clause(pair, images=wording.images, assuming=wording.assuming)
    return f"; {clause}." if clause else "."

"""Every model against every other: test, correct for the number of tests, and say in one of four words what holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.values import PairResult
from bakeoff.spec.values import Verdict
from bakeoff.stats import ScoreSummary, TwoModels, adjust_holm, compare_summaries

Names = tuple[str, str]


@dataclass(frozen=True)
class _Test:
    """Both questions about one pair, before any correction."""

    new_images: TwoModels
    this_test_set: TwoModels


def judge_pairs(
    evidence: Sequence[Evidence], summaries: Mapping[str, ScoreSummary], *, margin: float, level: float
) -> tuple[PairResult, ...]:
    """Judge all pairs.

    Two families of p-values are corrected by Holm, each over all pairs that can be tested: of no difference, and of a
    difference of at least the margin. A pair with a model that failed or has too few seeds is in neither.

    Args:
        evidence: The models, best mean first.
        summaries: Of the scores of those that have finished seeds, by name.
        margin: Differences in accuracy up to this fraction do not matter.
        level: Confidence level of the intervals; 1 - level is the error rate of each family.

    Returns:
        One result per pair, in the order of the models.
    """
    pairs = list(combinations([found.cell.model.name for found in evidence], 2))
    reasons = _reasons(evidence, pairs)
    tests = {(a, b): _compare(summaries[a], summaries[b], margin, level) for a, b in pairs if {a, b} <= set(summaries)}
    testable = [pair for pair in tests if not reasons[pair]]
    different = _corrected(testable, [tests[pair].new_images.p for pair in testable])
    alike = _corrected(testable, [tests[pair].new_images.p_equivalent for pair in testable])
    alpha = round(1 - level, 12)  # 1 - 0.95 is a little more than 0.05 in floating point
    return tuple(
        _result(
            pair,
            tests.get(pair),
            reason=reasons[pair],
            p_adjusted=different.get(pair, math.nan),
            verdict=_verdict(different.get(pair, math.nan), alike.get(pair, math.nan), alpha=alpha),
        )
        for pair in pairs
    )


def _compare(a: ScoreSummary, b: ScoreSummary, margin: float, level: float) -> _Test:
    return _Test(
        new_images=compare_summaries(a, b, target="new_images", margin=margin, level=level),
        this_test_set=compare_summaries(a, b, target="this_test_set", margin=margin, level=level),
    )


def _corrected(pairs: Sequence[Names], p_values: Sequence[float]) -> dict[Names, float]:
    return dict(zip(pairs, adjust_holm(np.array(p_values, dtype=np.float64)).tolist(), strict=True))


def _verdict(p_adjusted: float, p_equivalent: float, *, alpha: float) -> Verdict:
    """Pairs are ordered by their means, so a significant difference always says that a is better."""
    if p_adjusted < alpha:
        return "a better"
    return "equivalent" if p_equivalent < alpha else "undecided"


def _result(pair: Names, test: _Test | None, *, reason: str, p_adjusted: float, verdict: Verdict) -> PairResult:
    return PairResult(
        a=pair[0],
        b=pair[1],
        difference=test.new_images.difference if test else None,
        difference_this_test_set=test.this_test_set.difference if test else None,
        p=test.new_images.p if test and not reason else math.nan,
        p_adjusted=p_adjusted,
        verdict=verdict,
        reason=reason,
        probability_a_better=test.new_images.probability_a_better if test else None,
    )


def _reasons(evidence: Sequence[Evidence], pairs: Sequence[Names]) -> dict[Names, str]:
    """For each pair why it is not tested; empty where it is."""
    obstacles = {found.cell.model.name: _obstacle(found) for found in evidence}
    return {(a, b): "; ".join(filter(None, (obstacles[a], obstacles[b]))) for a, b in pairs}


def _obstacle(found: Evidence) -> str:
    """Why a model's mean accuracy cannot be compared by intervals, or nothing."""
    name, seeds = found.cell.model.name, len(found.scores)
    if found.failed_seeds:
        return (
            f"{found.failed_seeds} of {seeds + found.failed_seeds} seeds of {name} failed, and a mean would hide that"
        )
    if seeds < 2:
        return f"{name} has {seeds} finished seed{'s' * (seeds != 1)}, which say nothing about other seeds"
    return ""

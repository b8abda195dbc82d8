"""Every model against every other: test, correct for the number of tests, and say in one of four words what holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from bakeoff.comparison.pair_tests import PairTest, examine_pair
from bakeoff.comparison.prices import price_pair
from bakeoff.comparison.samples import Sample
from bakeoff.comparison.values import CertaintyPrice, PairResult
from bakeoff.spec.values import Verdict
from bakeoff.stats import adjust_holm


def judge_pairs(
    samples: Sequence[Sample], *, margin: float, level: float, seconds: Mapping[str, float]
) -> tuple[PairResult, ...]:
    """Judge all pairs of a study whose numbers of seeds were fixed beforehand.

    Two families of p-values are corrected by Holm, each over all pairs that can be tested: of no difference, and of a
    difference of at least the margin.

    Args:
        samples: The models, best first.
        margin: Differences in accuracy up to this fraction do not matter.
        level: Confidence level of the intervals; 1 - level is the error rate of each family.
        seconds: What one more seed of each model costs.

    Returns:
        One result per pair, in the order of the models.
    """
    by_name = {sample.name: sample for sample in samples}
    tests = [examine_pair(a, b, margin=margin, level=level) for a, b in combinations(samples, 2)]
    different = adjust_holm(np.array([test.p for test in tests])).tolist()
    alike = adjust_holm(np.array([test.p_equivalent for test in tests])).tolist()
    alpha = round(1 - level, 12)  # 1 - 0.95 is a little more than 0.05 in floating point
    verdicts = [decide(test, p, q, alpha=alpha) for test, p, q in zip(tests, different, alike, strict=True)]
    testable = sum(not math.isnan(test.p) for test in tests)
    still_open = max(1, testable - sum("better" in verdict for verdict in verdicts))
    return tuple(
        describe_pair(
            test,
            p_adjusted=p,
            verdict=verdict,
            price=price_pair(
                test,
                by_name[test.a],
                by_name[test.b],
                alpha=alpha / still_open,
                margin=margin,
                seconds=seconds[test.a] + seconds[test.b],
            )
            if verdict == "undecided"
            else None,
        )
        for test, p, verdict in zip(tests, different, verdicts, strict=True)
    )


def decide(test: PairTest, p_different: float, p_equivalent: float, *, alpha: float) -> Verdict:
    """From corrected p-values to a word; NaN decides nothing."""
    if p_different < alpha:
        return "a better" if test.a_leads else "b better"
    return "equivalent" if p_equivalent < alpha else "undecided"


def describe_pair(
    test: PairTest,
    *,
    p_adjusted: float,
    verdict: Verdict,
    price: CertaintyPrice | None = None,
    settled_at: int | None = None,
) -> PairResult:
    """The result of one pair, from its test and what became of it."""
    return PairResult(
        a=test.a,
        b=test.b,
        basis=test.basis,
        difference=test.difference,
        difference_this_test_set=test.difference_this_test_set,
        p=test.p,
        p_adjusted=p_adjusted,
        verdict=verdict,
        reason=test.reason,
        probability_a_better=test.probability_a_better,
        price=price,
        settled_at=settled_at,
        p_equivalent=test.p_equivalent,
    )

"""Which test a pair of models gets, and what it says before any correction for the number of pairs.

Seeds that all finished are compared by their images (crossed seeds and images). Where a seed failed, a mean would hide
it: then ranks decide, with failed seeds last. Two cross-validated models are compared fold by fold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from scipy import special

from bakeoff.comparison.samples import Sample
from bakeoff.spec.values import Estimate
from bakeoff.stats import (
    ScoreSummary,
    TwoModels,
    compare_folds,
    compare_ranks,
    compare_summaries,
    estimate_image_error,
)

Basis = Literal["seeds and images", "ranks", "folds", "none"]


@dataclass(frozen=True)
class PairTest:
    """One pair, before any correction.

    Attributes:
        a: The first model.
        b: The second one.
        basis: What kind of test it is.
        a_leads: Whether a is ahead, by the quantity that the test is about.
        p: Two-sided, of no difference; NaN where there is no test.
        p_equivalent: That the difference is at least the margin; NaN where there is no test of it.
        difference: Accuracy of a minus accuracy of b, expected on new images; None where a model has no finished seed.
        difference_this_test_set: The same on these test images.
        probability_a_better: That one run of a beats one run of b on this test set; None where a model has no seed.
        reason: Why there is no test, or why it is not the usual one; else empty.
    """

    a: str
    b: str
    basis: Basis
    a_leads: bool
    p: float
    p_equivalent: float
    difference: Estimate | None
    difference_this_test_set: Estimate | None
    probability_a_better: Estimate | None
    reason: str


def examine_pair(a: Sample, b: Sample, *, margin: float, level: float) -> PairTest:
    """Test one pair.

    Args:
        a: The first model.
        b: The second model, on the same images.
        margin: Differences in accuracy up to this fraction do not matter.
        level: Confidence level of the intervals.

    Returns:
        The test; with basis "none" and a reason if these seeds allow none.
    """
    by_folds = a.fold_scores.size > 0 and a.fold_scores.size == b.fold_scores.size
    obstacle = _obstacle(a, b, by_folds=by_folds)
    both = _compare_means(a.summary, b.summary, margin, level) if a.summary and b.summary else None
    if obstacle:
        return _without_test(a, b, both, obstacle)
    if a.failed or b.failed or both is None:
        return _by_ranks(a, b, both, level)
    if by_folds:
        return _by_folds(a, b, both, margin, level)
    new_images, here = both
    return PairTest(
        a=a.name,
        b=b.name,
        basis="seeds and images",
        a_leads=new_images.difference.value > 0,
        p=new_images.p,
        p_equivalent=new_images.p_equivalent,
        difference=new_images.difference,
        difference_this_test_set=here.difference,
        probability_a_better=new_images.probability_a_better,
        reason="",
    )


def _compare_means(a: ScoreSummary, b: ScoreSummary, margin: float, level: float) -> tuple[TwoModels, TwoModels]:
    return (
        compare_summaries(a, b, target="new_images", margin=margin, level=level),
        compare_summaries(a, b, target="this_test_set", margin=margin, level=level),
    )


def _obstacle(a: Sample, b: Sample, *, by_folds: bool) -> str:
    """Why these two cannot be tested against each other, or nothing."""
    if a.cell == b.cell:
        return f"{a.name} and {b.name} are one network under two names, and share their runs"
    if obstacles := list(filter(None, (_obstacle_of_one(sample, by_folds=by_folds) for sample in (a, b)))):
        return "; ".join(obstacles)
    if not by_folds and (a.fold_scores.size or b.fold_scores.size):
        return (
            f"{a.name} and {b.name} are not cross-validated alike: their runs trained on different shares of the data"
        )
    return ""


def _obstacle_of_one(sample: Sample, *, by_folds: bool) -> str:
    """Why this model can be in no test, or nothing. Folds are compared also where there is one seed of each."""
    if sample.broken:
        there = sample.seeds + sample.broken
        return f"{sample.broken} of {there} seeds of {sample.name} crashed and left no result; run it again"
    if by_folds and sample.finished and not sample.failed:
        return ""
    if sample.seeds < 2:
        return f"{sample.name} has {sample.seeds} finished seed{'s' * (sample.seeds != 1)}, too few to know other seeds"
    if sample.summary and not sample.failed and sample.summary.identical:
        return f"all {sample.finished} seeds of {sample.name} got the same images right: other seeds cannot be judged"
    return ""


def _without_test(a: Sample, b: Sample, both: tuple[TwoModels, TwoModels] | None, reason: str) -> PairTest:
    failing = bool(a.failed or b.failed or a.broken or b.broken)
    differences = [without_interval(test.difference) if failing else test.difference for test in both or ()]
    return PairTest(
        a=a.name,
        b=b.name,
        basis="none",
        a_leads=True,
        p=math.nan,
        p_equivalent=math.nan,
        difference=differences[0] if both else None,
        difference_this_test_set=differences[1] if both else None,
        probability_a_better=both[0].probability_a_better if both and not failing else None,
        reason=reason,
    )


def _by_ranks(a: Sample, b: Sample, both: tuple[TwoModels, TwoModels] | None, level: float) -> PairTest:
    """Failed seeds rank last; what the images add is allowed for in the p-value."""
    error = estimate_image_error(a.summary, b.summary) if a.summary and b.summary else 0.0
    ranks = compare_ranks(a.ranked_scores, b.ranked_scores, image_error=error, images=a.images, level=level)
    failures = " and ".join(
        f"{sample.failed} of {sample.seeds} seeds of {sample.name}" for sample in (a, b) if sample.failed
    )
    return PairTest(
        a=a.name,
        b=b.name,
        basis="ranks",
        a_leads=ranks.a_ahead,
        p=ranks.p,
        p_equivalent=math.nan,
        difference=without_interval(both[0].difference) if both else None,
        difference_this_test_set=without_interval(both[1].difference) if both else None,
        probability_a_better=ranks.probability_a_better,
        reason=f"{failures} failed: ranked by runs, a failed one last",
    )


def _by_folds(a: Sample, b: Sample, both: tuple[TwoModels, TwoModels], margin: float, level: float) -> PairTest:
    """Training sets differ between folds and overlap: the corrected test, which is approximate."""
    folds = compare_folds(a.fold_scores - b.fold_scores, test_to_train=a.test_to_train, rope=margin, level=level)
    distance = (margin - abs(folds.difference.value)) / folds.difference.standard_error
    return PairTest(
        a=a.name,
        b=b.name,
        basis="folds",
        a_leads=folds.difference.value > 0,
        p=folds.p,
        p_equivalent=float(special.stdtr(folds.difference.degrees_of_freedom, -distance)),
        difference=folds.difference,
        difference_this_test_set=both[1].difference,
        probability_a_better=both[0].probability_a_better,
        reason="" if math.isfinite(folds.p) else "the folds do not differ at all: there is no spread to judge by",
    )


def without_interval(estimate: Estimate) -> Estimate:
    """The value among finished seeds only, and so without an interval, which would hide the failures."""
    return replace(
        estimate,
        low=math.nan,
        high=math.nan,
        standard_error=math.nan,
        degrees_of_freedom=math.nan,
        method="finished seeds only; failed ones make an interval of the mean invalid",
    )

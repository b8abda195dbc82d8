"""Which of two models is better, and by how much.

The images are the same for both models, the seeds are not: seed 3 of one network has nothing to do with seed 3 of
another. The variance of the difference is therefore crossed (images x model) with seeds nested in models, unless the
user declares that the seeds are paired.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Real

from bakeoff.spec.values import Estimate, Verdict
from bakeoff.stats.interval import check_level, check_margin, check_target
from bakeoff.stats.spread import (
    estimate_spread,
    nested_parts,
    paired_parts,
    spread_interval,
    two_sided,
    upper_tail,
)
from bakeoff.stats.summary import Clusters, ScoreSummary, summarize_differences, summarize_scores
from bakeoff.stats.superiority import estimate_superiority


@dataclass(frozen=True)
class TwoModels:
    """The comparison of two models.

    Attributes:
        difference: Mean score of A minus mean score of B.
        t: The difference in standard errors; NaN where there is no test.
        p: Two-sided p-value of "no difference", never 0; NaN where there is no test.
        p_equivalent: P-value of "the difference is at least the margin", the larger of two one-sided tests; NaN where
            there is no test.
        verdict: From the interval of the difference and the margin, without correction for other comparisons.
        probability_a_better: Probability that one run of A beats one run of B on this test set.
    """

    difference: Estimate
    t: float
    p: float
    p_equivalent: float
    verdict: Verdict
    probability_a_better: Estimate


def compare_two(
    a: Real[np.ndarray, "seeds_a examples"] | Bool[np.ndarray, "seeds_a examples"],
    b: Real[np.ndarray, "seeds_b examples"] | Bool[np.ndarray, "seeds_b examples"],
    *,
    target: Literal["new_images", "this_test_set"] = "new_images",
    margin: float = 0.0,
    level: float = 0.95,
    paired_seeds: bool = False,
    clusters: Clusters | None = None,
) -> TwoModels:
    """Compare two models on the same test images.

    With `d` the difference of the means, D the per-image differences, `seed = S2A_a/R_a + S2A_b/R_b`,
    `item = var(D)/N` and `residual = MSE_a/(R_a N) + MSE_b/(R_b N)`, the variance of d is

    - `new_images`: `V = max(seed + item - residual, seed, item)`, t with
      `V^2 / ((S2A_a/R_a)^2/(R_a-1) + (S2A_b/R_b)^2/(R_b-1))` degrees of freedom (N-1 if no run mean varies).
    - `this_test_set`: `V = seed`, t with Welch's degrees of freedom.

    Where that V is 0 although the predictions differ from run to run, `residual` takes its place, with
    `min(R_a, R_b) - 1` degrees of freedom.

    The verdict is the first that holds: "a better" if the interval lies above 0, "b better" if it lies below 0,
    "equivalent" if the interval of level `1 - 2(1 - level)` (90 % for 95 %: two one-sided tests) lies inside
    (-margin, margin), else "undecided". A significant difference is called better even if it is surely smaller than the
    margin; the reader sees that from `difference`. "By more than the margin" is `difference.low > margin`. With
    margin 0 nothing is ever equivalent.

    A model with one run says nothing about its other seeds, nor does one whose runs got the very same images right
    (or, with paired seeds, differ alike in every pair): interval, t and p are NaN and the verdict is "undecided".

    Paired seeds: where run s of A and run s of B share something that moves both (first weights, order of the data),
    the differences of the R pairs are the runs: `seed = var(d_s)/R` and `residual = MSE/(R N)` come from the matrix
    A - B, with R-1 in place of Welch's degrees of freedom. Equal seed numbers alone pair nothing. Pairing halves the
    degrees of freedom, so that with 3 to 5 runs it pays only for a clear correlation, and it must be declared before
    the scores are seen. `probability_a_better` still pairs every run with every other.

    Args:
        a: Scores in [0, 1] of the first model per run and image.
        b: Scores of the second model on the same images in the same order; its number of runs may differ.
        target: What varies: "new_images" (seeds and images) or "this_test_set" (seeds only).
        margin: Differences smaller than this do not matter; at least 0.
        level: Confidence level in (0, 1).
        paired_seeds: Whether run s of A belongs to run s of B; both then need equally many runs.
        clusters: For each image the number of the writer, patient or scene it comes from. New images are then images
            of new clusters: N above is the number of clusters, `Estimate.images` too.

    Returns:
        Difference, test, verdict and probability of superiority.

    Raises:
        ValueError: If an argument is not as described, the numbers of images differ, or those of paired runs.

    >>> a = np.array([[1, 1, 0, 1], [1, 1, 1, 1]])
    >>> b = np.array([[1, 0, 0, 1], [0, 1, 1, 1], [1, 1, 0, 0]])
    >>> result = compare_two(a, b)
    >>> round(result.difference.value, 3), result.verdict
    (0.292, 'undecided')

    References: unbiased variance of a two-sample U-statistic; Hillis (2007), Statistics in Medicine 26, for readers
    nested in tests, here with Welch's instead of pooled degrees of freedom; Schuirmann (1987), Journal of
    Pharmacokinetics and Biopharmaceutics 15, for the two one-sided tests.
    """
    return compare_summaries(
        summarize_scores(a, clusters=clusters),
        summarize_scores(b, clusters=clusters),
        target=target,
        margin=margin,
        level=level,
        differences=summarize_differences(a, b, clusters=clusters) if paired_seeds else None,
    )


def compare_summaries(
    a: ScoreSummary,
    b: ScoreSummary,
    *,
    target: Literal["new_images", "this_test_set"] = "new_images",
    margin: float = 0.0,
    level: float = 0.95,
    differences: ScoreSummary | None = None,
) -> TwoModels:
    """`compare_two` for scores that are summarised already: for many pairs, summarise each model once.

    Args:
        a: From `summarize_scores`.
        b: From `summarize_scores`, same images in the same order.
        target: As for `compare_two`.
        margin: As for `compare_two`.
        level: As for `compare_two`.
        differences: From `summarize_differences`, if the seeds are paired.

    Returns:
        As `compare_two`.

    Raises:
        ValueError: If an argument is not as described, the numbers of images differ, only one model has clusters, or
            the differences are those of other models.
    """
    _check(a, b, target, margin, level)
    if differences is not None:
        _check_differences(differences, a, b)
        parts = paired_parts(differences, identical=a.identical or b.identical)
    else:
        parts = nested_parts((a, b), (1, -1))
    value, spread = a.mean - b.mean, estimate_spread(parts, target)
    low, high = spread_interval(value, spread, level, lowest=-1.0, highest=1.0)
    inner_low, inner_high = spread_interval(value, spread, max(0.0, 2 * level - 1), lowest=-1.0, highest=1.0)
    t, p = two_sided(value, spread)
    difference = Estimate(
        value=value,
        low=low,
        high=high,
        level=level,
        standard_error=math.sqrt(spread.variance),
        degrees_of_freedom=spread.degrees_of_freedom,
        method=spread.method,
        runs=a.runs + b.runs,
        images=a.images,
    )
    return TwoModels(
        difference=difference,
        t=t,
        p=p,
        p_equivalent=upper_tail(margin - abs(value), spread),
        verdict=_judge(low, high, equivalent=bool(-margin < inner_low and inner_high < margin)),
        probability_a_better=estimate_superiority(a.run_means, b.run_means, images=a.images, level=level),
    )


def _judge(low: float, high: float, *, equivalent: bool) -> Verdict:
    if low > 0:
        return "a better"
    if high < 0:
        return "b better"
    return "equivalent" if equivalent else "undecided"


def _check(a: ScoreSummary, b: ScoreSummary, target: str, margin: float, level: float) -> None:
    check_target(target)
    check_level(level)
    check_margin(margin)
    if a.images != b.images:
        raise ValueError(
            f"both models must be scored on the same images, received {a.images} images for a and {b.images} for b"
        )
    if a.units != b.units:
        raise ValueError(f"both models must be summarised with the same clusters, received {a.units} and {b.units}")


def _check_differences(differences: ScoreSummary, a: ScoreSummary, b: ScoreSummary) -> None:
    shapes = [(summary.runs, summary.images) for summary in (differences, a, b)]
    if len(set(shapes)) > 1 or abs(differences.mean - (a.mean - b.mean)) > 1e-9:
        raise ValueError(
            "differences must be summarize_differences of the scores of a and b, received (runs, images) "
            f"{shapes[0]} with mean {differences.mean:g} for a {shapes[1]} with {a.mean:g} and b {shapes[2]} with "
            f"{b.mean:g}"
        )

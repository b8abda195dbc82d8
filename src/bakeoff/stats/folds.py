"""Which of two models is better, from k-fold cross-validation: an approximate answer, and labelled as one.

The folds' training sets overlap, so their scores are not independent, and the usual t-test is too sure of itself:
four repeats of ten folds reject a true null hypothesis in a third of all cases. No unbiased estimate of the variance
exists; the corrected resampled t-test widens it by the ratio of test to training images, which keeps the error rate in
practice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import special

from bakeoff.spec.values import Estimate
from bakeoff.stats.interval import check_level, never_zero, t_quantile
from bakeoff.stats.summary import sample_variance


@dataclass(frozen=True)
class Folds:
    """The comparison of two models on the folds of a cross-validation.

    Attributes:
        difference: Mean score of A minus mean score of B; its `method` says "approximate", its `runs` are the scores
            (folds x repeats), and its `images` are 0, because the differences do not tell.
        t: The difference in corrected standard errors; NaN where all differences are equal.
        p: Two-sided p-value of "no difference", never 0; NaN where all differences are equal.
        p_left: Posterior probability that the difference lies below -rope (B is better).
        p_rope: Posterior probability that it lies within -rope and rope.
        p_right: Posterior probability that it lies above rope (A is better). All three NaN where all differences
            are equal.
    """

    difference: Estimate
    t: float
    p: float
    p_left: float
    p_rope: float
    p_right: float


def compare_folds(
    differences: Float[np.ndarray, " scores"],
    *,
    test_to_train: float,
    repeats: int = 1,
    rope: float = 0.0,
    level: float = 0.95,
) -> Folds:
    """Compare two models by their difference on each fold: corrected resampled t-test and its Bayesian twin.

    With J differences of mean d and variance s^2 (ddof 1), `t = d / sqrt(s^2 (1/J + test_to_train))` with J-1 degrees
    of freedom. With a flat prior the posterior of the true difference is that same t distribution, around d.

    Where every fold is trained with several seeds, average over the seeds first: seeds do not make more folds.

    Args:
        differences: Score of A minus score of B, one per fold and repeat, on the same splits for both.
        test_to_train: Test images over training images of a fold: `1/(folds - 1)` if a fold trains on all the others.
        repeats: How often the cross-validation was repeated with a new partition; divides the number of differences.
        rope: Region of practical equivalence: a true difference of at most this much does not matter; at least 0.
        level: Confidence level in (0, 1).

    Returns:
        Difference, test and posterior probabilities. If all differences are equal there is no variance to estimate
        from: everything but the difference itself is NaN.

    Raises:
        ValueError: If an argument is not as described, a difference is not finite, or there are fewer than 2.

    >>> result = compare_folds(np.array([0.02, 0.01, 0.03, 0.02, 0.02]), test_to_train=1 / 4)
    >>> round(result.t, 3), round(result.p, 4)
    (4.216, 0.0135)

    References: Nadeau and Bengio (2003), "Inference for the generalization error", Machine Learning 52; Bouckaert and
    Frank (2004), "Evaluating the replicability of significance tests for comparing learning algorithms", PAKDD; Corani
    and Benavoli (2015), "A Bayesian approach for comparing cross-validated algorithms on multiple data sets", Machine
    Learning 100.
    """
    check_level(level)
    _check_design(test_to_train, repeats, rope)
    differences = np.asarray(differences, dtype=np.float64)
    _check_differences(differences, repeats)
    scores, value = differences.size, float(differences.mean())
    error = math.sqrt(sample_variance(differences) * (1 / scores + test_to_train)) or math.nan
    freedom = scores - 1.0
    half = t_quantile(level, freedom) * error
    p_left = float(special.stdtr(freedom, (-rope - value) / error))
    p_right = float(special.stdtr(freedom, (value - rope) / error))
    return Folds(
        difference=Estimate(
            value=value,
            low=value - half,
            high=value + half,
            level=level,
            standard_error=error,
            degrees_of_freedom=math.nan if math.isnan(error) else freedom,
            method=_method(scores, repeats, equal=math.isnan(error)),
            runs=scores,
            images=0,
        ),
        t=value / error,
        p=_two_sided(value / error, freedom),
        p_left=p_left,
        p_rope=p_left if math.isnan(p_left) else max(0.0, 1 - p_left - p_right),
        p_right=p_right,
    )


def _two_sided(t: float, degrees_of_freedom: float) -> float:
    return never_zero(2 * float(special.stdtr(degrees_of_freedom, -abs(t))))


def _method(scores: int, repeats: int, *, equal: bool) -> str:
    design = f"{scores // repeats} folds" + (f", {repeats} repeats" if repeats > 1 else "")
    if equal:
        return f"approximate: {design}; equal differences: no variance, no test"
    return f"approximate: corrected resampled t over {design}"


def _check_design(test_to_train: float, repeats: int, rope: float) -> None:
    if not (test_to_train > 0 and math.isfinite(test_to_train)):
        raise ValueError(f"test_to_train must be a number above 0, such as 1/9 for ten folds, received {test_to_train}")
    if repeats < 1:
        raise ValueError(f"repeats must be a whole number of at least 1, received {repeats}")
    if not (rope >= 0 and math.isfinite(rope)):
        raise ValueError(f"rope must be a number of at least 0, such as 0.01, received {rope}")


def _check_differences(differences: Float[np.ndarray, " scores"], repeats: int) -> None:
    if differences.ndim != 1 or differences.size < 2:
        raise ValueError(
            f"differences must be one number per fold and repeat, at least 2, received shape {differences.shape}"
        )
    if not np.isfinite(differences).all():
        missing = int((~np.isfinite(differences)).sum())
        raise ValueError(
            f"differences must be finite, received {missing} of {differences.size} that are not; "
            "a fold that failed leaves the cross-validation incomplete"
        )
    if differences.size % repeats:
        raise ValueError(
            f"differences must hold the same number of folds in each repeat, received {differences.size} for "
            f"{repeats} repeats"
        )

"""Did the published figure come back?

One printed number is one draw: of one run, of a mean over runs, or of the best of several. How far new runs may lie
from it by chance is a prediction interval; within a margin, it settles the question or leaves it open.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import optimize, special

from bakeoff.spec.values import Estimate
from bakeoff.stats.interval import check_level
from bakeoff.stats.order_claims import ClaimVerdict
from bakeoff.stats.price import fewest_seeds
from bakeoff.stats.summary import ONE_RUN, sample_variance

BEST_OF = (1, 3, 10)
"""Of how many runs a published figure may have been the best, for the doubt that is printed beside it."""

NO_SPREAD = "identical runs: no spread to judge by"


@dataclass(frozen=True)
class BestOf:
    """The judgement of a figure, supposing that it was the best of so many.

    Attributes:
        best_of: Of how many published results the figure is taken to be the best.
        verdict: Under this supposition.
        gap: Published recipe minus ours, with its prediction interval.
    """

    best_of: int
    verdict: ClaimVerdict
    gap: Estimate


@dataclass(frozen=True)
class Figure:
    """What became of a published figure.

    Attributes:
        verdict: Whether the published recipe and ours agree within the margin.
        gap: Published recipe minus ours, with its prediction interval.
        consistent: Whether the published figure could be one more result of ours: 0 lies in the interval. This is no
            proof of agreement; None where there is no interval.
        best_of: The same judgement, supposing that the figure was the best of 1, 3 and 10 results.
        reason: In one sentence.
        seeds: Of an undetermined figure: the smallest number of our runs, in all, that would settle it if their mean
            and spread stay; None where no number up to 1,000 would, since one published draw may lie that far off.
    """

    verdict: ClaimVerdict
    gap: Estimate
    consistent: bool | None
    best_of: tuple[BestOf, ...]
    reason: str
    seeds: int | None = None


class _Question(NamedTuple):
    """What is known of a published figure and of our runs."""

    published: float
    margin: float
    rounding: float
    runs_averaged: int
    level: float
    image_variance: float
    spread_ratio: float
    mean: float
    variance: float
    runs: int
    images: int


def reproduce_figure(
    published: float,
    scores_per_run: Float[np.ndarray, " seeds"],
    *,
    margin: float,
    rounding: float = 0.0,
    runs_averaged: int = 1,
    best_of: int = 1,
    level: float = 0.95,
    image_variance: float = 0.0,
    spread_ratio: float = 1.0,
    images: int = 0,
) -> Figure:
    """Judge whether a published figure came back, within a margin.

    The published figure is one draw: of one run, of the mean of k runs, or of the best of n such. With S the standard
    deviation of our R runs and rS that of theirs, the gap (published recipe minus ours) has the prediction interval
    `published - mean +- (t(R-1) sqrt(S^2 (r^2/k + 1/R) + image_variance) + rounding)`. For the best of n, Student's t
    is replaced by the distribution of `(M r/sqrt(k) + Z sqrt(1/R + image_variance/S^2)) / s`, M being the largest of n
    standard normals and s^2 a chi-square over its R-1 degrees of freedom; its median is taken off the gap.

    - reproduced: the interval lies inside (-margin, margin).
    - not reproduced: it lies wholly outside [-margin, margin].
    - undetermined: everything else, and always for one run, or identical runs, which show no spread.

    Args:
        published: The figure, in the unit of the scores (0.9854, not 98.54).
        scores_per_run: Our runs' scores of the same kind.
        margin: Gaps smaller than this do not matter; more than 0.
        rounding: Half a unit of the last printed digit: 0.00005 for 98.54 %.
        runs_averaged: Number k of runs of which the published figure is the mean.
        best_of: Number n of such results of which it is the best; higher must be better.
        level: Confidence level in (0, 1).
        image_variance: Variance that different test images add to the gap; 0 if they are the same.
        spread_ratio: Standard deviation r of the published runs in terms of ours; nobody prints it.
        images: Number of our test images; 0 if not known. It is handed on, not used.

    Returns:
        Verdict, gap, and the verdicts for the best of 1, 3 and 10.

    Raises:
        ValueError: If an argument is not as described.

    >>> figure = reproduce_figure(0.9811, np.array([0.9808, 0.9812, 0.9815]), margin=0.005)
    >>> figure.verdict, [outcome.verdict for outcome in figure.best_of]
    ('reproduced', ['reproduced', 'reproduced', 'reproduced'])

    Reference: the prediction interval of Hahn and Meeker (1991), "Statistical Intervals", section 4.7.
    """
    values = np.asarray(scores_per_run, dtype=np.float64)
    _check_figure(published, values, margin, runs_averaged, best_of)
    _check_widths(rounding, image_variance, spread_ratio)
    check_level(level)
    question = _Question(
        published=published,
        margin=margin,
        rounding=rounding,
        runs_averaged=runs_averaged,
        level=level,
        image_variance=image_variance,
        spread_ratio=spread_ratio,
        mean=float(values.mean()),
        variance=sample_variance(values) if values.size > 1 else math.nan,
        runs=values.size,
        images=images,
    )
    outcome = _outcome(question, best_of)
    gap = outcome.gap
    return Figure(
        verdict=outcome.verdict,
        gap=gap,
        consistent=None if math.isnan(gap.low) else gap.low <= 0 <= gap.high,
        best_of=tuple(_outcome(question, number) for number in BEST_OF),
        reason=_reason(outcome, margin),
        seeds=_seeds_to_settle(question, best_of) if outcome.verdict == "undetermined" else None,
    )


def _outcome(question: _Question, best_of: int) -> BestOf:
    gap = _gap(question, best_of)
    verdict: ClaimVerdict = "undetermined"
    if -question.margin < gap.low and gap.high < question.margin:
        verdict = "reproduced"
    elif gap.low > question.margin or gap.high < -question.margin:
        verdict = "not reproduced"
    return BestOf(best_of, verdict, gap)


def _seeds_to_settle(question: _Question, best_of: int) -> int | None:
    if not question.variance > 0:
        return None
    return fewest_seeds(
        lambda runs: _outcome(question._replace(runs=runs), best_of).verdict != "undetermined", start=question.runs
    )


def _gap(question: _Question, best_of: int) -> Estimate:
    difference, spread = question.published - question.mean, math.sqrt(question.variance)
    low = middle = high = error = math.nan
    method = ONE_RUN if question.runs == 1 else NO_SPREAD
    if spread > 0:
        theirs = question.spread_ratio**2 / question.runs_averaged
        shares = theirs, 1 / question.runs + question.image_variance / question.variance
        tail = (1 - question.level) / 2
        high, middle, low = (
            difference - spread * _quantile(probability, shares, question.runs - 1, best_of)
            for probability in (tail, 0.5, 1 - tail)
        )
        error = spread * math.sqrt(sum(shares)) if best_of == 1 else math.nan
        method = "prediction interval, t" if best_of == 1 else f"prediction interval for the best of {best_of}"
    return Estimate(
        value=difference if math.isnan(middle) else middle,
        low=low - question.rounding,
        high=high + question.rounding,
        level=question.level,
        standard_error=error,
        degrees_of_freedom=question.runs - 1.0 if best_of == 1 and spread > 0 else math.nan,
        method=method,
        runs=question.runs,
        images=question.images,
    )


@lru_cache(maxsize=1024)
def _quantile(probability: float, shares: tuple[float, float], freedom: int, best_of: int) -> float:
    """Quantile of `(M sqrt(shares[0]) + Z sqrt(shares[1])) / s`; for the best of 1 that is Student's t, scaled."""
    if best_of == 1:
        return float(special.stdtrit(freedom, probability)) * math.sqrt(sum(shares))
    maximum_sd, other_sd = map(math.sqrt, shares)
    ranks, nodes, weights = _quadrature()
    scales = np.sqrt(special.chdtri(freedom, (1 - ranks) / 2) / freedom)[:, None]

    def excess(quantile: float) -> float:
        below = special.ndtr((quantile * scales - other_sd * nodes) / maximum_sd) ** best_of
        return float((weights * below).sum()) - probability

    edge = 1.0
    while excess(-edge) > 0 or excess(edge) < 0:
        edge *= 2
    return float(optimize.brentq(excess, -edge, edge, xtol=1e-9))


@cache
def _quadrature() -> tuple[Float[np.ndarray, " ranks"], Float[np.ndarray, " nodes"], Float[np.ndarray, "ranks nodes"]]:
    """Nodes for the rank of the chi-square and for the other normal, and their weights together."""
    ranks, rank_weights = np.polynomial.legendre.leggauss(200)
    nodes, node_weights = np.polynomial.hermite_e.hermegauss(40)
    return ranks, nodes, rank_weights[:, None] / 2 * node_weights / math.sqrt(2 * math.pi)


def _reason(outcome: BestOf, margin: float) -> str:
    if math.isnan(outcome.gap.low):
        return outcome.gap.method
    place = {
        "reproduced": "lies within",
        "not reproduced": "lies wholly outside",
        "undetermined": "reaches across an edge of",
    }[outcome.verdict]
    return f"the prediction interval of the gap {place} +-{margin:g}"


def _check_figure(
    published: float, values: Float[np.ndarray, " seeds"], margin: float, runs_averaged: int, best_of: int
) -> None:
    if not math.isfinite(published):
        raise ValueError(f"published must be a number, received {published}")
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"scores_per_run must be one number per run, for at least one run, received {values.tolist()}")
    if not (margin > 0 and math.isfinite(margin)):
        raise ValueError(
            f"margin must be a number above 0, received {margin}; a figure can come back only within a margin"
        )
    if runs_averaged < 1 or best_of < 1:
        raise ValueError(f"runs_averaged and best_of must be at least 1, received {runs_averaged} and {best_of}")


def _check_widths(rounding: float, image_variance: float, spread_ratio: float) -> None:
    if not (rounding >= 0 and image_variance >= 0 and math.isfinite(rounding + image_variance)):
        raise ValueError(
            f"rounding and image_variance must be numbers of at least 0, received {rounding} and {image_variance}"
        )
    if not 0 < spread_ratio < math.inf:
        raise ValueError(f"spread_ratio must be a number above 0, such as 1, received {spread_ratio}")

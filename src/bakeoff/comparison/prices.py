"""What it would take to decide a pair that is undecided: more seeds, more test images, or nothing at all."""

from __future__ import annotations

import math

from bakeoff.comparison.pair_tests import PairTest
from bakeoff.comparison.samples import Sample
from bakeoff.comparison.values import CertaintyPrice
from bakeoff.stats import price_of_certainty
from bakeoff.stats.price import MOST_SEEDS

NO_TENDENCY = "their ranks show no tendency"
MAY_DECIDE = "more seeds may decide, but how many cannot be said"


def price_pair(
    test: PairTest, a: Sample, b: Sample, *, alpha: float, margin: float, seconds: float
) -> CertaintyPrice | None:
    """The price of certainty, if the difference and the spreads are what they seem to be.

    Args:
        test: Of an undecided pair.
        a: Its first model.
        b: Its second one.
        alpha: What a p-value must stay below, corrected for the other pairs.
        margin: Differences in accuracy up to this fraction do not matter.
        seconds: One more seed of both models.

    Returns:
        The price; None where there is no test, or nothing is known of it: folds overlap however many seeds there are.
    """
    if test.basis == "seeds and images" and a.summary and b.summary:
        price = price_of_certainty(a.summary, b.summary, alpha=alpha, margin=margin)
        return _price(price.seeds, a, b, seconds=seconds, images=price.images, reason=price.reason)
    if test.basis == "ranks" and test.p > 0.5:
        return _price(None, a, b, seconds=seconds, images=None, reason=NO_TENDENCY)
    if test.basis == "ranks":
        needed = _seeds_for_ranks(alpha)
        enough = needed is not None and needed <= min(a.seeds, b.seeds)
        reason = MAY_DECIDE if enough else "more seeds may decide"
        return _price(None if enough else needed, a, b, seconds=seconds, images=None, reason=reason)
    return None


def _price(
    needed: int | None, a: Sample, b: Sample, *, seconds: float, images: int | None, reason: str
) -> CertaintyPrice:
    more = None if needed is None else max(1, needed - min(a.seeds, b.seeds))
    return CertaintyPrice(
        seeds=more,
        seconds=None if more is None or math.isnan(seconds) else more * seconds,
        images=images,
        reason=reason,
    )


def _seeds_for_ranks(alpha: float) -> int | None:
    """The fewest seeds of each model with which ranks can reach this p-value at all."""
    return next((seeds for seeds in range(2, MOST_SEEDS) if 2 / math.comb(2 * seeds, seeds) < alpha), None)

"""What it would take to decide a pair that is undecided: more seeds, more test images, or nothing at all."""

from __future__ import annotations

import math

from bakeoff.comparison.pair_tests import PairTest
from bakeoff.comparison.samples import Sample
from bakeoff.comparison.values import CertaintyPrice
from bakeoff.stats import Price, price_of_certainty
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
    price = _price_test(test, a, b, alpha, margin)
    if price is None:
        return None
    return make_price(price, runs=min(a.seeds, b.seeds), seconds=seconds, models=(a.name, b.name))


def make_price(price: Price, *, runs: int, seconds: float, models: tuple[str, ...]) -> CertaintyPrice:
    """What is to be paid from here on.

    Args:
        price: Of a question, from the first seed on.
        runs: The fewest that one of the models has of those that the price is reckoned from.
        seconds: One more seed of all models takes; NaN if that is not known.
        models: Those that need the seeds.

    Returns:
        At least one more seed, where seeds decide.
    """
    if price.seeds is None:
        return CertaintyPrice(None, None, price.images, price.reason, models)
    more = max(1, price.seeds - runs)
    return CertaintyPrice(more, None if math.isnan(seconds) else more * seconds, price.images, price.reason, models)


def _price_test(test: PairTest, a: Sample, b: Sample, alpha: float, margin: float) -> Price | None:
    if test.basis == "seeds and images" and a.summary and b.summary:
        return price_of_certainty(a.summary, b.summary, alpha=alpha, margin=margin)
    if test.basis != "ranks":
        return None
    if test.p > 0.5:
        return Price(None, None, NO_TENDENCY)
    needed = _seeds_for_ranks(alpha)
    if needed is not None and needed <= min(a.seeds, b.seeds):
        return Price(None, None, MAY_DECIDE)
    return Price(needed, None, "more seeds may decide")


def _seeds_for_ranks(alpha: float) -> int | None:
    """The fewest seeds of each model with which ranks can reach this p-value at all."""
    return next((seeds for seeds in range(2, MOST_SEEDS) if 2 / math.comb(2 * seeds, seeds) < alpha), None)

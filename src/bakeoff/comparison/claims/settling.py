"""What it would take to settle a claim that the runs leave undetermined, if all is what it seems to be."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bakeoff.comparison.claims.subjects import Subject, weigh_accuracies
from bakeoff.comparison.values import CertaintyPrice
from bakeoff.spec.statements import Measure
from bakeoff.stats import Figure, Price, price_of_contrast, price_of_runs

ONE_DRAW = "no number of seeds can settle it, because one published result may lie that far off by chance"


def price_figure(figure: Figure, subject: Subject) -> CertaintyPrice:
    """What would settle a published accuracy.

    Args:
        figure: Undetermined, of runs that differ.
        subject: The model.

    Returns:
        More seeds, or that none would help.
    """
    price = Price(figure.seeds, None, "" if figure.seeds else ONE_DRAW)
    return price_from_here(price, [subject])


def price_relation(
    subjects: Sequence[Subject], weights: Sequence[float], offset: float, measure: Measure, *, alpha: float
) -> CertaintyPrice:
    """What would tell on which side of 0 a weighted sum of models' values lies.

    Args:
        subjects: The models, each with finished seeds.
        weights: One per model.
        offset: A known number that is added.
        measure: What is measured; no number of weights.
        alpha: One-sided error rate.

    Returns:
        More seeds or test images.
    """
    both_sides = 2 * alpha
    if measure in ("accuracy", "error"):
        summaries = [subject.sample.summary for subject in subjects]
        known = [summary for summary in summaries if summary is not None]
        own, shift = weigh_accuracies(weights, offset, measure)
        return price_from_here(price_of_contrast(known, own, offset=shift, alpha=both_sides), subjects)
    values = [subject.values(measure) for subject in subjects]
    return price_from_here(price_of_runs(values, weights, offset=offset, alpha=both_sides), subjects)


def dearest(prices: Sequence[CertaintyPrice | None]) -> CertaintyPrice | None:
    """What would settle all of several open questions: the price of the one that costs most; None if one is unknown."""
    known = [price for price in prices if price is not None]
    if not known or len(known) < len(prices):
        return None
    return max(known, key=lambda price: (price.seeds is None, price.seeds or 0, price.images or 0))


def price_from_here(price: Price, subjects: Sequence[Subject]) -> CertaintyPrice:
    """Seeds in addition to those that are there, and the time they take.

    Args:
        price: Of a question.
        subjects: The models that it is about.

    Returns:
        The same, from here on.
    """
    if price.seeds is None:
        return CertaintyPrice(None, None, price.images, price.reason, len(subjects))
    more = max(1, price.seeds - min(subject.sample.seeds for subject in subjects))
    seconds = more * sum(subject.seconds_per_seed for subject in subjects)
    return CertaintyPrice(more, None if math.isnan(seconds) else seconds, price.images, price.reason, len(subjects))

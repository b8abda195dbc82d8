"""What it would take to settle a claim that the runs leave undetermined, if all is what it seems to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from bakeoff.comparison.claims.subjects import Subject, weigh_accuracies
from bakeoff.comparison.prices import make_price
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
    return price_of_one(Price(figure.seeds, None, "" if figure.seeds else ONE_DRAW), subject, runs=figure.gap.runs)


def price_relation(
    subjects: Sequence[Subject],
    weights: Sequence[float],
    offset: float,
    measure: Measure,
    *,
    alpha: float,
    margin: float = 0.0,
) -> CertaintyPrice:
    """What would tell on which side of 0 a weighted sum of models' values lies, or that it is within the margin.

    Args:
        subjects: The models, each with at least two finished seeds and no failed one.
        weights: One per model.
        offset: A known number that is added.
        measure: What is measured; no number of weights.
        alpha: One-sided error rate.
        margin: Of accuracy, as a fraction: sums up to this count as 0.

    Returns:
        More seeds or test images.
    """
    values = [subject.values(measure) for subject in subjects]
    if measure in ("accuracy", "error"):
        summaries = [subject.sample.summary for subject in subjects]
        known = [summary for summary in summaries if summary is not None]
        own, shift = weigh_accuracies(weights, offset, measure)
        price = price_of_contrast(known, own, offset=shift, alpha=2 * alpha, margin=margin)
    else:
        price = price_of_runs(values, weights, offset=offset, alpha=2 * alpha)
    return make_price(
        price,
        runs=min(own.size for own in values),
        seconds=sum(subject.seconds_per_seed for subject in subjects),
        models=tuple(subject.name for subject in subjects),
    )


def price_gain(gains: Float[np.ndarray, " seeds"], subject: Subject, *, margin: float, alpha: float) -> CertaintyPrice:
    """What would tell that a gain is above 0, or that it is below the margin: what comes first.

    Args:
        gains: One number per finished seed.
        subject: The model.
        margin: As a fraction of accuracy.
        alpha: One-sided error rate.

    Returns:
        More seeds, or that none would help.
    """
    mean = float(gains.mean())
    bounds = [bound for bound, settles in ((0.0, mean > 0), (margin, mean < margin)) if settles]
    prices = [price_of_runs([gains], [1.0], offset=-bound, alpha=2 * alpha) for bound in bounds]
    return min((price_of_one(price, subject, runs=gains.size) for price in prices), key=_cost)


def price_of_parts(
    needed: Sequence[CertaintyPrice | None], contrary: Sequence[CertaintyPrice | None]
) -> CertaintyPrice | None:
    """What would settle a claim that is made of several.

    Args:
        needed: Of the parts that are still to be proved; all must be.
        contrary: Of the parts that seem to be otherwise than claimed; one that is proved to be refutes the claim.

    Returns:
        The cheapest contrary part's; without any, that of the part that costs most. None if that is not known.
    """
    if contrary:
        return min((price for price in contrary if price), key=_cost, default=None)
    known = [price for price in needed if price]
    return max(known, key=_cost) if known and len(known) == len(needed) else None


def price_of_one(price: Price, subject: Subject, *, runs: int) -> CertaintyPrice:
    """The price of a question about one model, from here on.

    Args:
        price: From the first seed on.
        subject: The model.
        runs: Seeds that it has, and that the price is reckoned from.

    Returns:
        At least one more seed, where seeds decide.
    """
    return make_price(price, runs=runs, seconds=subject.seconds_per_seed, models=(subject.name,))


def _cost(price: CertaintyPrice) -> tuple[bool, bool, float]:
    """Any number of seeds is cheaper than other images, and these are cheaper than what nothing can decide."""
    return price.seeds is None, price.seeds is None and price.images is None, price.seeds or price.images or 0

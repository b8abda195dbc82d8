"""What an undecided pair or claim would cost to decide: seeds and their time, test images, or that neither would do."""

from __future__ import annotations

from bakeoff.comparison import CertaintyPrice, PairResult
from bakeoff.comparison.claims import ClaimResult
from bakeoff.comparison.prices import NO_TENDENCY
from bakeoff.report import numbers
from bakeoff.stats.price import MOST_SEEDS, NO_DIFFERENCE, TOO_MANY_SEEDS

ASSUMPTION = "if the difference is what it seems to be"

_READ_ON = {
    NO_DIFFERENCE: "neither more seeds nor more images can decide, since it lies exactly on the edge",
    NO_TENDENCY: "their ranks show no tendency that more seeds could confirm",
}


def price_clause(pair: PairResult, *, images: int, assuming: bool = False) -> str:
    """What would decide a pair, as a clause without capital and full stop.

    Args:
        pair: Any pair.
        images: Number of test images.
        assuming: Say what such a price takes for granted.

    Returns:
        Nothing where the pair needs no price or has none.
    """
    price = pair.price
    if price is None:
        return ""
    if pair.basis == "ranks" and price.seeds is not None:
        return f"more seeds may decide, at least {price.seeds:,} more of each{_training(price, ' ({})')}"
    if price.reason == NO_DIFFERENCE:
        return "neither more seeds nor more images can decide between equal means"
    conditional = assuming and is_conditional(pair, images=images)
    return _describe(price, "of each", images=images) + (f", {ASSUMPTION}" if conditional else "")


def settling_clause(claim: ClaimResult, *, images: int) -> str:
    """What would settle an undetermined claim, as a clause without capital and full stop.

    Args:
        claim: Any claim.
        images: Number of test images.

    Returns:
        Nothing where the claim is settled or nothing is known of it.
    """
    price = claim.price
    return _describe(price, f"of {numbers.join_names(price.models)}", images=images) if price else ""


def is_conditional(pair: PairResult, *, images: int) -> bool:
    """Whether the price holds only if the difference is what it seems to be."""
    price = pair.price
    if price is None or pair.basis == "ranks":
        return False
    return price.seeds is not None or are_images_short(price, images)


def are_images_short(price: CertaintyPrice, images: int) -> bool:
    """Whether more test images than these would decide, and without them nothing would."""
    return price.images is not None and price.images > images


def _describe(price: CertaintyPrice, whose: str, *, images: int) -> str:
    if price.seeds is not None:
        seeds = f"about {numbers.format_rough_count(price.seeds)} more seed{'s' * (price.seeds != 1)} {whose}"
        return f"{seeds}{_training(price, ', {},')} would decide"
    if are_images_short(price, images):
        needed = numbers.format_rough_count(price.images or 0)
        about = "" if needed.startswith("more than") else "about "
        return f"more seeds cannot decide, but {about}{needed} test images would"
    if price.reason == TOO_MANY_SEEDS:
        return f"more than {MOST_SEEDS:,} seeds {whose} would be needed"
    return _READ_ON.get(price.reason, price.reason)


def _training(price: CertaintyPrice, form: str) -> str:
    if price.seconds is None:
        return ""
    return form.format(f"{numbers.format_rough_seconds(price.seconds)} of training")

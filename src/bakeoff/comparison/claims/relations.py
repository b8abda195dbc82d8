"""Claims about models against each other: an order, a difference of at least so much, a ratio of at most so much.

Accuracy and error rest on seeds and images and are tested by the crossed variance; loss, seconds and overfitting are
one number per run and are tested over the runs; the number of parameters is simply counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
from jaxtyping import Float
from scipy import special

from bakeoff.comparison.claims.judgements import (
    ClaimPair,
    ClaimVerdict,
    Judgement,
    decide,
    end_sentence,
    write_difference,
    write_interval,
    write_value,
)
from bakeoff.comparison.claims.settling import price_of_parts, price_relation
from bakeoff.comparison.claims.subjects import Subject, weigh_accuracies
from bakeoff.comparison.pair_tests import examine_pair
from bakeoff.comparison.values import CertaintyPrice
from bakeoff.spec.statements import Difference, Measure, Order, Ratio
from bakeoff.spec.values import Estimate
from bakeoff.stats import ScoreSummary, estimate_contrast, judge_order
from bakeoff.stats.interval import never_zero
from bakeoff.stats.summary import sample_variance


@dataclass(frozen=True)
class Step:
    """Two models of an order, the first claimed to have the larger value.

    Attributes:
        high: The first.
        low: The second.
        measure: What is measured.
        estimate: Value of the first less value of the second; None where there is none.
        p_claimed: One-sided p-value of the claimed direction; NaN where there is no test.
        p_reversed: Of the other direction.
        p_equivalent: That they differ by the margin or more.
        remark: Why there is no test, or why it is not the usual one; else empty.
        independent: Whether it rests on seeds that are independent and none of which failed, so that more of them have
            a price.
    """

    high: str
    low: str
    measure: Measure
    estimate: Estimate | None
    p_claimed: float = math.nan
    p_reversed: float = math.nan
    p_equivalent: float = math.nan
    remark: str = ""
    independent: bool = True

    @property
    def as_pair(self) -> ClaimPair:
        """The step in a result."""
        return ClaimPair(f"{self.high} - {self.low}", self.measure, self.estimate, self.p_claimed)

    def describe(self) -> str:
        """The difference in words."""
        remark = f" ({self.remark})" if self.remark else ""
        if self.estimate is None:
            return f"{self.high} against {self.low}{remark}"
        size = write_difference(abs(self.estimate.value), self.measure)
        side = "above" if self.estimate.value > 0 else "below"
        return f"{self.high} is {size} {side} {self.low}{write_interval(self.estimate, self.measure)}{remark}"


@dataclass(frozen=True)
class _Tested:
    """A weighted sum of values, and one-sided p-values of "it is above 0" and of "it is below 0"."""

    estimate: Estimate
    p_above: float
    p_below: float


def judge_order_claim(order: Order, subjects: Mapping[str, Subject], *, margin: float, alpha: float) -> Judgement:
    """Judge the claim that models come in an order.

    Args:
        order: What is claimed.
        subjects: The models, by name.
        margin: Accuracies that are surely this close count as no difference.
        alpha: Error rate of each verdict.

    Returns:
        The judgement, with every pair of the order. `error` is judged as accuracy, in reverse.
    """
    names = order.models[::-1] if order.measure == "error" else order.models
    measure: Measure = "accuracy" if order.measure == "error" else order.measure
    ordered = [subjects[name] for name in names]
    if measure == "parameters":
        return _judge_counts(ordered)
    places = list(combinations(range(len(ordered)), 2))
    steps = [_step(ordered[high], ordered[low], measure, margin, alpha) for high, low in places]
    judged = judge_order(
        [step.p_claimed for step in steps],
        [step.p_reversed for step in steps],
        pairs=places,
        p_equivalent=[step.p_equivalent for step in steps],
        alpha=alpha,
    )
    adjacent = [step for step, (high, low) in zip(steps, places, strict=True) if low == high + 1]
    against = [step for step, contrary in zip(steps, judged.reversed, strict=True) if contrary]
    equal = [step for step, alike in zip(steps, judged.equivalent, strict=True) if alike]
    if judged.verdict == "not reproduced":
        opening = "The other way round: " if against else f"Equal within {write_difference(margin, measure)}: "
        shown = against or equal
    else:
        opening, shown = _opening(adjacent, alpha), adjacent
    about = "" if measure == "accuracy" else f"In {measure}: "
    evidence = end_sentence(about + opening + "; ".join(step.describe() for step in shown))
    price = _price_order(steps, adjacent, subjects, margin, alpha) if judged.verdict == "undetermined" else None
    return Judgement(judged.verdict, evidence, tuple(step.as_pair for step in steps), price)


def judge_difference(claim: Difference, subjects: Mapping[str, Subject], *, alpha: float) -> Judgement:
    """Judge the claim that two models differ by at least, or at most, so much.

    Args:
        claim: What is claimed.
        subjects: The models, by name.
        alpha: Error rate of each verdict.

    Returns:
        The judgement.
    """
    a, b, measure = subjects[claim.a], subjects[claim.b], claim.measure
    limit = f"claimed is {_side(claim.at_least)} {write_difference(claim.bound, measure)}"
    if measure == "parameters":
        value = a.parameters - b.parameters
        met = value >= claim.bound if claim.at_least else value <= claim.bound
        return _counted([a, b], met, f"{claim.a} has {value:+,} parameters against {claim.b}; {limit}")
    if obstacle := _obstacle([a, b], measure):
        return Judgement("undetermined", end_sentence(obstacle))
    tested = _contrast([a, b], (1.0, -1.0), -claim.bound, measure, level=1 - 2 * alpha)
    shift = replace(
        tested.estimate,
        value=tested.estimate.value + claim.bound,
        low=tested.estimate.low + claim.bound,
        high=tested.estimate.high + claim.bound,
    )
    what = "" if measure == "accuracy" else f"{measure} of "
    evidence = f"{what}{Step(claim.a, claim.b, measure, shift).describe()}; {limit}."
    verdict = _bound_verdict(tested, claim.at_least, alpha)
    p = tested.p_above if claim.at_least else tested.p_below
    price = _price_bound(verdict, [a, b], (1.0, -1.0), -claim.bound, measure, alpha)
    return Judgement(verdict, evidence, (ClaimPair(f"{claim.a} - {claim.b}", measure, shift, p),), price)


def judge_ratio(claim: Ratio, subjects: Mapping[str, Subject], *, alpha: float) -> Judgement:
    """Judge the claim that a model's value is at least, or at most, so many times another's.

    Args:
        claim: What is claimed.
        subjects: The models, by name.
        alpha: Error rate of each verdict.

    Returns:
        The judgement. The test is of `a - factor * b`, whose estimate it holds; the ratio itself is in the words.
    """
    a, b, measure = subjects[claim.a], subjects[claim.b], claim.measure
    limit = f"claimed is {_side(claim.at_least)} {claim.factor:g}"
    if measure == "parameters":
        excess = a.parameters - claim.factor * b.parameters
        met = excess >= 0 if claim.at_least else excess <= 0
        ratio = a.parameters / max(b.parameters, 1)
        return _counted([a, b], met, f"{claim.a} has {ratio:.2f} times the parameters of {claim.b}; {limit}")
    if obstacle := _obstacle([a, b], measure):
        return Judgement("undetermined", end_sentence(obstacle))
    tested = _contrast([a, b], (1.0, -claim.factor), 0.0, measure, level=1 - 2 * alpha)
    values = [float(subject.values(measure).mean()) for subject in (a, b)]
    ratio = values[0] / values[1] if values[1] else math.nan
    name = f"{measure}({claim.a}) - {claim.factor:g} * {measure}({claim.b})"
    evidence = (
        f"{measure}({claim.a}) is {write_value(values[0], measure)} and {measure}({claim.b}) "
        f"{write_value(values[1], measure)}, {ratio:.2f} times as much; {limit}. {name} is "
        f"{write_difference(tested.estimate.value, measure)}{write_interval(tested.estimate, measure)}."
    )
    p = tested.p_above if claim.at_least else tested.p_below
    verdict = _bound_verdict(tested, claim.at_least, alpha)
    price = _price_bound(verdict, [a, b], (1.0, -claim.factor), 0.0, measure, alpha)
    return Judgement(verdict, evidence, (ClaimPair(name, measure, tested.estimate, p),), price)


def _step(high: Subject, low: Subject, measure: Measure, margin: float, alpha: float) -> Step:
    level = 1 - 2 * alpha
    if measure == "accuracy":
        test = examine_pair(high.sample, low.sample, margin=margin, level=level)
        claimed = test.p / 2 if test.a_leads else 1 - test.p / 2
        return Step(
            high.name,
            low.name,
            measure,
            test.difference,
            p_claimed=claimed,
            p_reversed=1 - claimed,
            p_equivalent=test.p_equivalent,
            remark=test.reason,
            independent=test.basis == "seeds and images",
        )
    if obstacle := _obstacle([high, low], measure):
        return Step(high.name, low.name, measure, None, remark=obstacle, independent=False)
    tested = _contrast([high, low], (1.0, -1.0), 0.0, measure, level=level)
    return Step(high.name, low.name, measure, tested.estimate, tested.p_above, tested.p_below)


def _price_order(
    steps: Sequence[Step], adjacent: Sequence[Step], subjects: Mapping[str, Subject], margin: float, alpha: float
) -> CertaintyPrice | None:
    """What would settle an order; a pair that is nearer to equal than to the margin speaks against it."""
    margin = margin if steps[0].measure == "accuracy" else 0.0

    def price(step: Step, level: float, room: float) -> CertaintyPrice | None:
        pair = [subjects[step.high], subjects[step.low]]
        return (
            price_relation(pair, (1.0, -1.0), 0.0, step.measure, alpha=level, margin=room) if step.independent else None
        )

    contrary = [step for step in steps if step.estimate is not None and step.estimate.value < margin / 2]
    return price_of_parts(
        needed=[price(step, alpha, 0.0) for step in adjacent if not step.p_claimed <= alpha],
        contrary=[price(step, alpha / len(steps), margin) for step in contrary],
    )


def _price_bound(
    verdict: ClaimVerdict,
    subjects: Sequence[Subject],
    weights: tuple[float, float],
    offset: float,
    measure: Measure,
    alpha: float,
) -> CertaintyPrice | None:
    if verdict != "undetermined":
        return None
    return price_relation(subjects, weights, offset, measure, alpha=alpha)


def _opening(adjacent: Sequence[Step], alpha: float) -> str:
    """How many steps of an order are proved; nothing where there is one step only."""
    proved = sum(step.p_claimed <= alpha for step in adjacent)
    return f"{proved} of {len(adjacent)} steps are significant: " if len(adjacent) > 1 else ""


def _obstacle(subjects: Sequence[Subject], measure: Measure) -> str:
    first, second = subjects
    if first.sample.cell == second.sample.cell:
        return f"{first.name} and {second.name} are one network under two names, and share their runs"
    reasons = [subject.obstacle(of_results=measure != "seconds") for subject in subjects]
    return "; ".join(filter(None, reasons))


def _contrast(
    subjects: Sequence[Subject], weights: tuple[float, float], offset: float, measure: Measure, *, level: float
) -> _Tested:
    summaries = [subject.sample.summary for subject in subjects]
    known = [summary for summary in summaries if summary is not None]
    if measure in ("accuracy", "error"):
        return _contrast_scores(known, *weigh_accuracies(weights, offset, measure), level=level)
    values = [subject.values(measure) for subject in subjects]
    return _contrast_runs(values, weights, offset, level=level, images=known[0].images)


def _contrast_scores(
    summaries: Sequence[ScoreSummary], weights: Sequence[float], offset: float, *, level: float
) -> _Tested:
    above = estimate_contrast(summaries, weights, offset=offset, level=level)
    below = estimate_contrast(summaries, [-weight for weight in weights], offset=-offset, level=level)
    return _Tested(above.estimate, above.p_one_sided, below.p_one_sided)


def _contrast_runs(
    values: Sequence[Float[np.ndarray, " _"]],  # as many as each model has seeds
    weights: Sequence[float],
    offset: float,
    *,
    level: float,
    images: int,
) -> _Tested:
    """Welch's test of a weighted sum of two means over runs, on this test set; NaN if no run differs from another."""
    value = offset + sum(weight * float(own.mean()) for own, weight in zip(values, weights, strict=True))
    parts = [weight**2 * sample_variance(own) / own.size for own, weight in zip(values, weights, strict=True)]
    variance, squares = sum(parts), sum(part**2 / (own.size - 1) for own, part in zip(values, parts, strict=True))
    freedom = variance**2 / squares if squares > 0 else math.nan
    error = math.sqrt(variance) if variance > 0 else math.nan
    half = float(special.stdtrit(freedom, (1 + level) / 2)) * error
    estimate = Estimate(
        value=value,
        low=value - half,
        high=value + half,
        level=level,
        standard_error=error,
        degrees_of_freedom=freedom,
        method="seeds on this test set, Welch t",
        runs=sum(own.size for own in values),
        images=images,
    )
    above, below = (never_zero(float(special.stdtr(freedom, side * value / error))) for side in (-1, 1))
    return _Tested(estimate, above, below)


def _bound_verdict(tested: _Tested, at_least: bool, alpha: float) -> ClaimVerdict:
    met, missed = (tested.p_above, tested.p_below) if at_least else (tested.p_below, tested.p_above)
    return decide(met, missed, alpha=alpha)


def _judge_counts(ordered: Sequence[Subject]) -> Judgement:
    counts = [subject.parameters for subject in ordered]
    descending = all(high > low for high, low in pairwise(counts))
    listed = ", ".join(f"{subject.name} {count:,}" for subject, count in zip(ordered, counts, strict=True))
    return _counted(ordered, descending, f"Parameters, counted: {listed}")


def _counted(subjects: Sequence[Subject], holds: bool, evidence: str) -> Judgement:
    unknown = [subject.name for subject in subjects if not subject.parameters]
    if unknown:
        return Judgement("undetermined", f"No run of {' or '.join(unknown)} came far enough to count its parameters.")
    return Judgement("reproduced" if holds else "not reproduced", end_sentence(evidence))


def _side(at_least: bool) -> str:
    return "at least" if at_least else "at most"

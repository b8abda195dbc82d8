"""Published figures as claims: did the figure come back?

A published accuracy is one draw, and may be the luckiest of several. The question is whether the published recipe and
ours agree within a margin that the study names (`within`), not whether the figure lies in the range of our runs.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from bakeoff.comparison.claims.judgements import ClaimVerdict, Judgement, end_sentence, write_difference, write_value
from bakeoff.comparison.claims.settling import price_figure
from bakeoff.comparison.claims.subjects import Subject
from bakeoff.spec.study import Published
from bakeoff.stats import Figure, reproduce_figure


def judge_figure(published: Published, subject: Subject, *, alpha: float) -> Judgement:
    """Judge one published accuracy.

    Where some seeds failed and others did not, no interval describes the runs, and the figure stays undetermined; where
    all failed and still gave predictions (all images one class), these are what the figure is held against.

    Args:
        published: The source's figures of a model; with an accuracy.
        subject: The model.
        alpha: Error rate of each verdict.

    Returns:
        The judgement; it mentions what it would be if the figure were the best of several runs, where that differs.

    Raises:
        ValueError: There is no accuracy.
    """
    if published.accuracy is None:
        raise ValueError("published must have an accuracy to be judged, received none")
    accuracies = _accuracies(subject)
    if obstacle := _obstacle(subject, accuracies):
        return Judgement("undetermined", end_sentence(obstacle))
    figure = reproduce_figure(
        published.accuracy,
        accuracies,
        margin=published.within,
        rounding=published.half_digit or 0.0,
        runs_averaged=published.runs,
        best_of=published.best_of,
        level=1 - alpha,
        image_variance=0.0 if published.same_test else _image_variance(subject),
        spread_ratio=_spread_ratio(published.accuracy, float(accuracies.mean())),
        images=subject.sample.images,
    )
    evidence = " ".join(_sentences(figure, published, accuracies, subject))
    is_open = figure.verdict == "undetermined" and not math.isnan(figure.gap.low)
    return Judgement(figure.verdict, evidence, price=price_figure(figure, subject) if is_open else None)


def judge_parameters(published: int, subject: Subject) -> Judgement:
    """Judge a published number of weights, which a network has or has not.

    Args:
        published: What the source printed.
        subject: The model.

    Returns:
        The judgement.
    """
    if not subject.parameters:
        return Judgement("undetermined", f"No run of {subject.name} came far enough to count its parameters.")
    verdict: ClaimVerdict = "reproduced" if subject.parameters == published else "not reproduced"
    return Judgement(verdict, f"Parameters, counted: {subject.name} {subject.parameters:,}.")


def _accuracies(subject: Subject) -> Float[np.ndarray, " seeds"]:
    """Of the finished seeds, or of failed ones where all failed."""
    if subject.evidence.seeds:
        return subject.values("accuracy")
    records = subject.evidence.records
    known = [record.test_accuracy for record in records if record.status == "collapsed"]
    by_run = [accuracy for accuracy in known if accuracy is not None]
    return np.array(by_run, dtype=np.float64) if len(by_run) == len(records) else np.empty(0)


def _obstacle(subject: Subject, accuracies: Float[np.ndarray, " seeds"]) -> str:
    if (subject.evidence.seeds and subject.sample.failed) or subject.sample.broken:
        return subject.obstacle()
    if accuracies.size:
        return ""
    if not subject.sample.failed:
        return f"{subject.name} has no finished seed yet"
    return f"All {subject.sample.failed} seeds of {subject.name} failed, and there is no accuracy to compare"


def _image_variance(subject: Subject) -> float:
    """What new images on both sides add to the gap, the source's being taken to be as many as ours."""
    return 2 * subject.sample.summary.item_part if subject.sample.summary else 0.0


def _spread_ratio(published: float, ours: float) -> float:
    """How much more the published runs scatter than ours, if a seed shifts log-odds alike: as p (1 - p), never less.

    It is rounded up to a tenth, being no more exact than that.

    >>> _spread_ratio(0.95, 0.98), _spread_ratio(0.99, 0.98), _spread_ratio(0.99, 1.0)
    (2.5, 1.0, 1.0)
    """
    own = ours * (1 - ours)
    return max(1.0, math.ceil(10 * published * (1 - published) / own) / 10) if own > 0 else 1.0


def _sentences(
    figure: Figure, published: Published, accuracies: Float[np.ndarray, " seeds"], subject: Subject
) -> list[str]:
    mean, gap = write_value(float(accuracies.mean()), "accuracy"), figure.gap
    collapsed = "" if subject.evidence.seeds else " all collapsed and"
    runs = f"{accuracies.size} runs{collapsed} average" if accuracies.size > 1 else f"One run{collapsed} gets"
    side = "above" if gap.value > 0 else "below"
    figure_text = f"the published {write_value(published.accuracy or 0.0, 'accuracy')}"
    distance = f"{figure_text} is {write_difference(abs(gap.value), 'accuracy')} {side}"
    if published.best_of > 1:
        distance += f", its being the best of {published.best_of} allowed for"
    if math.isnan(gap.low):
        return [f"{runs} {mean}; {distance}. There is no interval: {gap.method}."]
    interval = f"{100 * gap.level:.4g} % prediction interval of the gap {100 * gap.low:.2f} to {100 * gap.high:.2f}"
    sentences = [
        f"{runs} {mean}; {distance} ({interval}; within {write_difference(published.within, 'accuracy')} counts as "
        "reproduced)."
    ]
    return sentences + _doubt(figure, published)


def _doubt(figure: Figure, published: Published) -> list[str]:
    """What the verdict would be if the figure were the best of more runs than the study says."""
    others = [found for found in figure.best_of if found.best_of > published.best_of]
    changed = {found.best_of: found.verdict for found in others if found.verdict != figure.verdict}
    grouped = {
        verdict: " or ".join(str(number) for number, found in changed.items() if found == verdict)
        for verdict in dict.fromkeys(changed.values())
    }
    return [f"Were it the best of {numbers} runs: {verdict}." for verdict, numbers in grouped.items()]

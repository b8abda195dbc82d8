"""The story of the classes: which are hard, which are taken for which, and whether their numbers of images explain it.

Seeds are shared by all classes of a model, images are not: the images of two classes are independent samples. So a
class is set against the mean of the other classes run by run, and the image parts of their variances add up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import special

from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.pair_tests import without_interval
from bakeoff.spec.record import DataEntry
from bakeoff.spec.values import Estimate
from bakeoff.stats import (
    RankCorrelation,
    ScoreSummary,
    adjust_holm,
    compare_summaries,
    correlate_ranks,
    estimate_from_summary,
    estimate_mean,
    summarize_scores,
)

MOST_CLASSES = 100
"""Beyond, a table of classes is no reading, and Holm's correction leaves nothing of most differences."""

FEWEST_IMAGES = 10
"""A class with fewer test images is not tested: one image more or less is ten points."""

MOST_CONFUSIONS = 5
MOST_COMPARED = 6
"""Among so many models, the best ones, classes are compared."""


@dataclass(frozen=True)
class ClassResult:
    """One class, as one model sees it.

    Attributes:
        label: From 0.
        recall: Share of its images that the model gets right, expected on new images; None with fewer than two images.
        behind: Mean recall of the other classes less recall of this one; None where there is no test.
        p: One-sided, that this class is no harder than the mean of the others; NaN where there is no test.
        p_adjusted: Corrected for the model's classes, and in a race for its looks.
        harder: Whether it is proved to be harder.
    """

    label: int
    recall: Estimate | None
    behind: Estimate | None = None
    p: float = math.nan
    p_adjusted: float = math.nan
    harder: bool = False


@dataclass(frozen=True)
class Confusion:
    """One class that is taken for another.

    Attributes:
        true: The class that the image is of.
        said: The class that the model says.
        images: How often, summed over all finished runs.
        share: Of the images of class `true`, expected on new images.
    """

    true: int
    said: int
    images: int
    share: Estimate


@dataclass(frozen=True)
class ModelClasses:
    """One model's classes.

    Attributes:
        model: Its name.
        classes: By label.
        confusions: The commonest first.
        frequency: Rank correlation, over classes, of the number of training images with the recall; None where the
            numbers are not known or equal, or no class has a recall of its own.
        obstacle: Why its classes are not tested; else empty.
    """

    model: str
    classes: tuple[ClassResult, ...]
    confusions: tuple[Confusion, ...]
    frequency: RankCorrelation | None
    obstacle: str = ""

    @property
    def hardest(self) -> tuple[ClassResult, ...]:
        """The classes that are proved to be harder than the others, the hardest first."""
        harder = [found for found in self.classes if found.harder]
        return tuple(sorted(harder, key=lambda found: found.recall.value if found.recall else 1.0))


@dataclass(frozen=True)
class ClassDifference:
    """A class that one model recognises better than another.

    Attributes:
        label: The class.
        better: The model that recognises it better.
        worse: The other one.
        difference: Of their recalls on new images, above 0.
        p_adjusted: Corrected for all classes and pairs of models that were compared, and in a race for its looks.
    """

    label: int
    better: str
    worse: str
    difference: Estimate
    p_adjusted: float


@dataclass(frozen=True)
class ClassStory:
    """What can be said of single classes.

    Attributes:
        names: Of the classes, by label.
        train_images: Training images of each class; None where the store does not remember them.
        test_images: Test images of each class.
        models: Those with a finished seed, best first.
        compared: The models among which classes were compared.
        tests: How many pairs of models and classes that made.
        differences: Those that are proved, the clearest first.
        alpha: Error rate of each family of tests.
    """

    names: tuple[str, ...]
    train_images: tuple[int, ...] | None
    test_images: tuple[int, ...]
    models: tuple[ModelClasses, ...]
    compared: tuple[str, ...]
    tests: int
    differences: tuple[ClassDifference, ...]
    alpha: float

    def model(self, name: str) -> ModelClasses:
        """The classes of this model; KeyError if it has no finished seed."""
        return {found.model: found for found in self.models}[name]


def tell_classes(
    evidence: Sequence[Evidence], data: DataEntry, *, level: float, alpha: float, looks: int = 1
) -> ClassStory | None:
    """Judge every class.

    Two families of tests, each with a family-wise error rate of `alpha`: within a model, every class against the mean
    of the others; and over the best `MOST_COMPARED` models, every class of every pair of them. In a race a model may
    have stopped at any of its looks, a pair at any two: Holm's p-values are multiplied by their numbers (Bonferroni).

    Args:
        evidence: On the models, best first.
        data: With the names of the classes and, where it is remembered, their training images.
        level: Confidence level of the intervals; they are not corrected.
        alpha: Error rate of each family.
        looks: After how many numbers of seeds the race might have stopped; 1 where their numbers were fixed.

    Returns:
        The story; None without a finished seed, or with more than `MOST_CLASSES` classes.
    """
    known = [found for found in evidence if found.seeds]
    if not known or not 2 <= len(data.class_names) <= MOST_CLASSES:
        return None
    members = [np.flatnonzero(known[0].labels == label) for label in range(len(data.class_names))]
    train = data.facts.train_counts if data.facts else None
    summaries = {found.name: [_summarize(found, images) for images in members] for found in known}
    models = [
        _judge_model(found, summaries[found.name], members, train=train, level=level, alpha=alpha, looks=looks)
        for found in known
    ]
    compared = [model.model for model in models if not model.obstacle][:MOST_COMPARED]
    tests, differences = _compare_models(
        {name: summaries[name] for name in compared}, level=level, alpha=alpha, looks=looks**2
    )
    return ClassStory(
        names=data.class_names,
        train_images=train,
        test_images=tuple(images.size for images in members),
        models=tuple(models),
        compared=tuple(compared) if tests else (),
        tests=tests,
        differences=differences,
        alpha=alpha,
    )


def _summarize(found: Evidence, images: Int[np.ndarray, " members"]) -> ScoreSummary | None:
    return summarize_scores(found.scores[:, images]) if images.size > 1 else None


def _judge_model(
    found: Evidence,
    summaries: Sequence[ScoreSummary | None],
    members: Sequence[Int[np.ndarray, " _"]],
    *,
    train: Sequence[int] | None,
    level: float,
    alpha: float,
    looks: int,
) -> ModelClasses:
    obstacle = _obstacle(found, summaries)
    recalls = [_recall(found, summary, level) for summary in summaries]
    return ModelClasses(
        model=found.name,
        classes=_plain_classes(recalls)
        if obstacle
        else _test_classes(recalls, summaries, level=level, alpha=alpha, looks=looks),
        confusions=_commonest_confusions(found, members, level),
        frequency=_correlate_frequency(recalls, train),
        obstacle=obstacle,
    )


def _obstacle(found: Evidence, summaries: Sequence[ScoreSummary | None]) -> str:
    """Why the classes of this model cannot be tested, or nothing."""
    without = len(found.failed) + len(found.broken)
    if without:
        return f"{without} of {found.seeds_run} seeds failed, and a mean would hide that"
    if len(found.seeds) < 2:
        return "one seed tells nothing about other seeds"
    if all(summary.identical for summary in summaries if summary):
        return f"all {len(found.seeds)} seeds got the same images right"
    return ""


def _recall(found: Evidence, summary: ScoreSummary | None, level: float) -> Estimate | None:
    return _honest(found, estimate_from_summary(summary, level=level)) if summary else None


def _honest(found: Evidence, estimate: Estimate) -> Estimate:
    """Without an interval where seeds failed, since it would hold for the others only."""
    return without_interval(estimate) if found.failed or found.broken else estimate


def _plain_classes(recalls: Sequence[Estimate | None]) -> tuple[ClassResult, ...]:
    return tuple(ClassResult(label, recall) for label, recall in enumerate(recalls))


def _test_classes(
    recalls: Sequence[Estimate | None],
    summaries: Sequence[ScoreSummary | None],
    *,
    level: float,
    alpha: float,
    looks: int,
) -> tuple[ClassResult, ...]:
    testable = {
        label: summary for label, summary in enumerate(summaries) if summary and summary.images >= FEWEST_IMAGES
    }
    if len(testable) < 2:
        return _plain_classes(recalls)
    behind = {label: _set_against_others(testable, label, level) for label in testable}
    p_values = {label: _upper_p(estimate) for label, estimate in behind.items()}
    adjusted = dict(zip(testable, _adjust(list(p_values.values()), looks), strict=True))
    return tuple(
        ClassResult(label, recall, behind[label], p_values[label], adjusted[label], harder=adjusted[label] < alpha)
        if label in testable
        else ClassResult(label, recall)
        for label, recall in enumerate(recalls)
    )


def _set_against_others(summaries: dict[int, ScoreSummary], label: int, level: float) -> Estimate:
    """Mean recall of the other classes less recall of this one, with the crossed variance of `stats.difference`.

    The seed part comes from the differences run by run, the image parts of the classes add up; the degrees of freedom
    are Satterthwaite's, from the seeds and from the images of each class.
    """
    this, others = summaries[label], [each for other, each in summaries.items() if other != label]
    gaps = np.mean([each.run_means for each in others], axis=0) - this.run_means
    weights = {this: 1.0} | dict.fromkeys(others, 1 / len(others) ** 2)
    items = [weight * _item_part(each) for each, weight in weights.items()]
    residual = sum(weight * each.residual_part for each, weight in weights.items())
    seed, item = float(gaps.var(ddof=1)) / gaps.size, sum(items)
    variance = max(seed + item - residual, seed, item)
    spread = sum(part**2 / (each.images - 1) for part, each in zip(items, weights, strict=True))
    freedom = variance**2 / (seed**2 / (gaps.size - 1) + spread)
    value, error = float(gaps.mean()), math.sqrt(variance)
    half = float(special.stdtrit(freedom, (1 + level) / 2)) * error
    return Estimate(
        value=value,
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        level=level,
        standard_error=error,
        degrees_of_freedom=freedom,
        method="crossed seeds and images, one class against the mean of the others, t",
        runs=this.runs,
        images=sum(each.images for each in summaries.values()),
    )


def _item_part(summary: ScoreSummary) -> float:
    """The variance that the images show; where they show none, that of two hits and two errors more.

    Agresti and Coull (1998), "Approximate is better than exact for interval estimation of binomial proportions", The
    American Statistician 52: a class of which every image is right, or every one wrong, is not free of variance.
    """
    if summary.item_part > 0:
        return summary.item_part
    share = (summary.mean * summary.images + 2) / (summary.images + 4)
    return share * (1 - share) / (summary.images + 4)


def _upper_p(estimate: Estimate) -> float:
    return float(special.stdtr(estimate.degrees_of_freedom, -estimate.value / estimate.standard_error))


def _commonest_confusions(
    found: Evidence, members: Sequence[Int[np.ndarray, " _"]], level: float
) -> tuple[Confusion, ...]:
    """By number of images; none where the predictions are not known."""
    if not found.predictions:
        return ()
    errors = found.confusion * ~np.eye(len(members), dtype=bool)
    commonest = np.argsort(-errors, axis=None, kind="stable")[:MOST_CONFUSIONS].tolist()
    cells = [divmod(cell, len(members)) for cell in commonest]
    return tuple(
        Confusion(true, said, int(errors[true, said]), _share(found, members[true], said, level))
        for true, said in cells
        if errors[true, said] and members[true].size > 1
    )


def _share(found: Evidence, images: Int[np.ndarray, " members"], said: int, level: float) -> Estimate:
    runs = [[record.key for record in found.records if record.seed == seed] for seed in found.seeds]
    taken: list[Float[np.ndarray, " members"] | Bool[np.ndarray, " members"]] = [
        np.mean([found.predictions[key][images] == said for key in keys], axis=0) for keys in runs
    ]
    return _honest(found, estimate_mean(np.array(taken), level=level))


def _correlate_frequency(recalls: Sequence[Estimate | None], train: Sequence[int] | None) -> RankCorrelation | None:
    known = [label for label, recall in enumerate(recalls) if recall]
    if train is None or len(train) != len(recalls):
        return None
    values = np.array([recall.value for recall in recalls if recall], dtype=np.float64)
    return correlate_ranks(np.array([train[label] for label in known], dtype=np.int64), values)


def _compare_models(
    summaries: dict[str, list[ScoreSummary | None]], *, level: float, alpha: float, looks: int
) -> tuple[int, tuple[ClassDifference, ...]]:
    """Every class of every pair of models: how many tests, and what they prove."""
    tests = [
        (a, b, label, compare_summaries(first, second, level=level))
        for a, b in combinations(summaries, 2)
        for label, (first, second) in enumerate(zip(summaries[a], summaries[b], strict=True))
        if first and second and first.images >= FEWEST_IMAGES
    ]
    adjusted = _adjust([test.p for *_, test in tests], looks)
    proved = [
        _difference(a, b, label, test.difference, p)
        for (a, b, label, test), p in zip(tests, adjusted, strict=True)
        if p < alpha
    ]
    return len(tests), tuple(sorted(proved, key=lambda found: found.p_adjusted))


def _adjust(p_values: Sequence[float], looks: int) -> list[float]:
    adjusted: list[float] = np.minimum(1.0, looks * adjust_holm(np.array(p_values, dtype=np.float64))).tolist()
    return adjusted


def _difference(a: str, b: str, label: int, difference: Estimate, p: float) -> ClassDifference:
    if difference.value > 0:
        return ClassDifference(label, a, b, difference, p)
    turned = replace(difference, value=-difference.value, low=-difference.high, high=-difference.low)
    return ClassDifference(label, b, a, turned, p)

"""One study on several data sets: what holds on each of them, and whether anything holds in general.

Data sets are not seeds: they are few, they differ in everything, and nobody drew them at random. Up to five of them
allow verdicts on these very data sets only; from six on, ranks over the data sets can say that a model is generally
better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from bakeoff.comparison.comparison import Comparison
from bakeoff.comparison.values import PairResult
from bakeoff.errors import StudyError
from bakeoff.spec.values import Estimate, Verdict
from bakeoff.stats import DatasetPair, ManyDatasets, adjust_holm, compare_datasets


@dataclass(frozen=True)
class OnDataset:
    """One pair on one data set.

    Attributes:
        data: The data set.
        difference: Accuracy of a minus accuracy of b on new images of it; None where a model has no finished seed.
        p_adjusted: Holm's correction over all data sets and pairs.
        verdict: From that.
    """

    data: str
    difference: Estimate | None
    p_adjusted: float
    verdict: Verdict


@dataclass(frozen=True)
class AcrossPair:
    """Two models on all data sets.

    Attributes:
        a: The first model, in the order of the study.
        b: The second.
        on: What holds on each data set.
        general: What the data sets say together.
    """

    a: str
    b: str
    on: tuple[OnDataset, ...]
    general: DatasetPair


@dataclass(frozen=True, eq=False)
class Across:
    """A study on several data sets.

    Attributes:
        datasets: Their names.
        pairs: Every pair of models.
        together: The test over data sets, with the reason where it can say nothing in general.
        level: Of all intervals.
    """

    datasets: tuple[str, ...]
    pairs: tuple[AcrossPair, ...]
    together: ManyDatasets
    level: float


def compare_across(comparisons: Sequence[Comparison]) -> Across:
    """Judge one study's comparisons on several data sets.

    Args:
        comparisons: Of the same models, on at least two different data sets, all with fixed numbers of seeds.

    Returns:
        Verdicts on each data set, corrected over all of them, and in general; there a failed seed has accuracy 0.

    Raises:
        StudyError: Fewer than two data sets, one twice, a race, other models, or a model without a run somewhere.
    """
    _check(comparisons)
    names = [model.name for model in comparisons[0].study.models]
    pairs = list(combinations(names, 2))
    found = {(each.data.reference, pair): _facing(each.pair(*pair), pair) for each in comparisons for pair in pairs}
    different = adjust_holm(np.array([result.p for result in found.values()])).tolist()
    alike = adjust_holm(np.array([result.p_equivalent for result in found.values()])).tolist()
    alpha = round(1 - comparisons[0].level, 12)
    judged = {
        place: OnDataset(place[0], result.difference, p, _verdict(result, p, q, alpha))
        for (place, result), p, q in zip(found.items(), different, alike, strict=True)
    }
    means = np.array([[_mean(each, name) for name in names] for each in comparisons])  # (datasets, models)
    together = compare_datasets(means, alpha=alpha)
    return Across(
        datasets=tuple(each.data.reference for each in comparisons),
        pairs=tuple(
            AcrossPair(*pair, tuple(judged[each.data.reference, pair] for each in comparisons), general)
            for pair, general in zip(pairs, together.pairs, strict=True)
        ),
        together=together,
        level=comparisons[0].level,
    )


def _verdict(result: PairResult, p_different: float, p_equivalent: float, alpha: float) -> Verdict:
    """The pair's own verdict, where it survives the correction over data sets."""
    if "better" in result.verdict and p_different < alpha:
        return result.verdict
    return "equivalent" if p_equivalent < alpha else "undecided"


def _facing(result: PairResult, pair: tuple[str, str]) -> PairResult:
    """The result seen from the side of the pair's first model."""
    return result if (result.a, result.b) == pair else result.reversed()


def _mean(comparison: Comparison, name: str) -> float:
    """Mean accuracy over all seeds, a failed one counting 0: a mean of survivors would hide the failures."""
    model = comparison.model(name)
    finished = model.accuracy.value * model.seeds if model.accuracy else 0.0
    return finished / max(1, model.seeds + model.failed_seeds)


def _check(comparisons: Sequence[Comparison]) -> None:
    datasets = [each.data.reference for each in comparisons]
    if len(datasets) < 2 or len(set(datasets)) < len(datasets):
        raise StudyError(f"name at least two different data sets, got {', '.join(datasets) or 'none'}")
    for problem in _problems(comparisons):
        raise StudyError(problem)


def _problems(comparisons: Sequence[Comparison]) -> Iterator[str]:
    names = [model.name for model in comparisons[0].study.models]
    for each in comparisons:
        if [model.name for model in each.study.models] != names:
            yield f"the models on {each.data.reference} are not those on {comparisons[0].data.reference}"
        if each.race:
            yield (
                f"the seeds on {each.data.reference} were gathered by a race, whose levels hold for one data set only; "
                "use a fixed number of seeds"
            )
        if each.missing:
            yield f"{', '.join(each.missing)} has no run on {each.data.reference}: run the study on it first"

"""Weigh a study's runs: estimates for every model, a verdict for every pair, ranks, letters and tiers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Int

from bakeoff.comparison.budget import draw_up_budget, seconds_per_seed
from bakeoff.comparison.claims import judge_claims
from bakeoff.comparison.classes import ClassStory, tell_classes
from bakeoff.comparison.comparison import Comparison
from bakeoff.comparison.curse import weigh_luck
from bakeoff.comparison.diagnose import check_ignored, gather_runs, merge_findings
from bakeoff.comparison.evidence import Evidence, gather_evidence
from bakeoff.comparison.factors import attribute
from bakeoff.comparison.findings import find_cautions
from bakeoff.comparison.images import tell_images
from bakeoff.comparison.pair_tests import without_interval
from bakeoff.comparison.pairs import judge_pairs
from bakeoff.comparison.plateaus import find_searches, judged_cells
from bakeoff.comparison.race import find_race, judge_race, look_levels
from bakeoff.comparison.samples import Sample, take_sample
from bakeoff.comparison.values import ModelResult, PairResult, PlateauSearch, RunResult
from bakeoff.diagnosis import diagnose
from bakeoff.errors import StoreError, StudyError
from bakeoff.spec.record import DataEntry, RaceRecord
from bakeoff.spec.study import Study
from bakeoff.spec.values import Estimate
from bakeoff.stats import (
    estimate_from_summary,
    estimate_run_mean,
    failure_rate,
    letters,
    rank_intervals,
    tiers,
)
from bakeoff.store import Store

LEVEL = 0.95


def compare_study(study: Study, store: Store, *, level: float = LEVEL, images: bool = False) -> Comparison:
    """Judge all of a study's runs that a store holds.

    Args:
        study: The study, with the same overrides as when it was run. How many seeds it asks for does not matter: every
            seed in the store counts. Where the seeds were gathered by a race, that race's looks and levels hold.
        store: Where its runs are. The data themselves are not needed.
        level: Confidence level of all intervals.
        images: Whether to count the votes on every single test image, which takes as long as all the rest.

    Returns:
        The comparison. Looking at it is a look at the test set, and is counted.

    Raises:
        StoreError: The store holds no run of this study as it is written.
        StudyError: A claim names a class that the data do not have, or `ignore` a code that does not exist.
    """
    check_ignored(study)
    known = store.data(study.data)
    if known is None:
        raise StoreError(f"the store in {store.folder} holds no run on {study.data}: run the study first")
    data, labels = known
    evidence = gather_study(study, store, fingerprint=data.fingerprint, labels=labels, classes=len(data.class_names))
    if not evidence:
        raise StoreError(_nothing_here(study, store))
    hashes = [record.results_hash for found in evidence for record in found.records]
    comparison = weigh(
        study,
        data,
        evidence,
        level=level,
        test_looks=store.count_look(data.fingerprint, hashes),
        races=store.races(data.fingerprint),
        searches=find_searches(study, store, fingerprint=data.fingerprint),
    )
    examined = diagnose(gather_runs(study, evidence, store, data=data))
    return replace(
        comparison,
        findings=merge_findings(examined, comparison.findings, ignore=study.ignore),
        classes=_tell_classes(comparison, evidence),
        images=tell_images(_in_order(comparison, evidence), store.probabilities) if images else None,
    )


def gather_study(
    study: Study, store: Store, *, fingerprint: str, labels: Int[np.ndarray, " examples"], classes: int
) -> list[Evidence]:
    """The evidence on every model of a study that has been run.

    Args:
        study: The study.
        store: Where its runs are.
        fingerprint: Of the data.
        labels: Class of each test image.
        classes: Number of classes.

    Returns:
        In the order of the study, without the models that have no run. Of a model that seeks a plateau, the runs up to
        that plateau count, not those by which it was found.
    """
    cells = judged_cells(study, store.plateaus(fingerprint), fingerprint=fingerprint)
    gathered = [gather_evidence(cell, store, labels=labels, classes=classes) for cell in cells]
    return [found for found in gathered if found is not None]


def weigh(
    study: Study,
    data: DataEntry,
    evidence: Sequence[Evidence],
    *,
    level: float = LEVEL,
    test_looks: int = 1,
    races: Sequence[RaceRecord] = (),
    searches: Sequence[PlateauSearch] = (),
) -> Comparison:
    """Judge evidence, wherever it came from.

    Args:
        study: What was asked.
        data: What is remembered of the data set.
        evidence: On at least one model of the study.
        level: Confidence level of all intervals.
        test_looks: How many different sets of runs have been judged on this test set.
        races: The races that were begun on these data.
        searches: How models came by their number of epochs, where `stop` is plateau.

    Returns:
        The comparison.

    Raises:
        StudyError: The seeds were gathered by a race with another margin; or a claim names an unknown class.
    """
    ordered = sorted(evidence, key=lambda found: (not found.seeds, -found.mean_of_all))
    samples = {found.name: take_sample(found) for found in ordered}
    race = find_race(races, ordered)
    _refuse_other_margin(study, race)
    alpha = _alpha(race, level)
    seconds = {found.name: seconds_per_seed(found) for found in ordered}
    if race:
        pairs = judge_race(ordered, race, seconds=seconds)
    else:
        pairs = judge_pairs(list(samples.values()), margin=study.protocol.margin, level=level, seconds=seconds)
    models = _rank_models(ordered, samples, pairs, level=level)
    budget = draw_up_budget(ordered, raced=race is not None, searches=searches)
    curse = weigh_luck(models)
    attribution = attribute(sorted(ordered, key=_place_in(study)), samples, level=1 - alpha)
    there = {found.name for found in ordered}
    records = [record for found in ordered for record in found.records]
    return Comparison(
        study=study,
        data=data,
        models=models,
        pairs=pairs,
        missing=tuple(model.name for model in study.models if model.name not in there),
        level=level,
        test_looks=test_looks,
        environments=tuple({str(record.environment): record.environment for record in records}.values()),
        attribution=attribution,
        claims=judge_claims(
            study,
            ordered,
            samples,
            attribution=attribution,
            class_names=data.class_names,
            train_images=data.facts.train_counts if data.facts else None,
            alpha=alpha,
        ),
        budget=budget,
        curse=curse,
        findings=find_cautions(
            models,
            pairs,
            budget=budget,
            curse=curse,
            attribution=attribution,
            test_looks=test_looks,
            published=study.published,
        ),
        race=race,
        plateaus=tuple(searches),
    )


def _alpha(race: RaceRecord | None, level: float) -> float:
    """The error rate of what is said of a single claim, or of all factors: each look of a race is a chance to err."""
    return min(look_levels(race.looks, pairs=1, alpha=race.alpha)) if race else round(1 - level, 12)


def _refuse_other_margin(study: Study, race: RaceRecord | None) -> None:
    """What a race settled as equivalent is so by the margin that it began with."""
    if race and not math.isclose(race.margin, study.protocol.margin):
        raise StudyError(
            f"the seeds were gathered by a race with the margin {race.margin:g}, and cannot be judged by "
            f"{study.protocol.margin:g}: put the margin back",
            path=("protocol", "margin"),
        )


def _tell_classes(comparison: Comparison, evidence: Sequence[Evidence]) -> ClassStory | None:
    race = comparison.race
    return tell_classes(
        _in_order(comparison, evidence),
        comparison.data,
        level=comparison.level,
        alpha=race.alpha if race else round(1 - comparison.level, 12),
        looks=len(race.looks) if race else 1,
    )


def _in_order(comparison: Comparison, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence as the leaderboard has it."""
    by_name = {found.name: found for found in evidence}
    return [by_name[model.name] for model in comparison.models]


def _place_in(study: Study) -> Callable[[Evidence], int]:
    places = {model.name: place for place, model in enumerate(study.models)}
    return lambda found: places[found.name]


def _rank_models(
    evidence: Sequence[Evidence], samples: Mapping[str, Sample], pairs: Sequence[PairResult], *, level: float
) -> tuple[ModelResult, ...]:
    names = list(samples)
    better = _significantly_better(names, pairs)
    means = np.array([found.mean_of_all for found in evidence])
    low, high = rank_intervals(better)
    return tuple(
        _model_result(
            found,
            samples[found.name],
            level=level,
            rank=(int(low[index]), int(high[index])),
            marks=marks,
            tier=int(tier),
        )
        for index, (found, marks, tier) in enumerate(zip(evidence, letters(means, better), tiers(better), strict=True))
    )


def _significantly_better(names: list[str], pairs: Sequence[PairResult]) -> Bool[np.ndarray, "models models"]:
    better = np.zeros((len(names), len(names)), dtype=bool)
    for pair in pairs:
        if "better" in pair.verdict:
            winner, loser = (pair.a, pair.b) if pair.verdict == "a better" else (pair.b, pair.a)
            better[names.index(winner), names.index(loser)] = True
    return better


def _model_result(
    found: Evidence,
    sample: Sample,
    *,
    level: float,
    rank: tuple[int, int],
    marks: str,
    tier: int,
) -> ModelResult:
    newest = found.records[-1]
    return ModelResult(
        spec=found.cell.model,
        parameters=max(record.parameters for record in found.records),
        layers=len(found.cell.layers),
        images=newest.images,
        runs=tuple(RunResult.of(record) for record in found.records),
        seeds=len(found.seeds),
        failed_seeds=len(found.failed) + len(found.broken),
        failure_rate=failure_rate(sample.failed, sample.seeds, level=level) if sample.seeds else None,
        accuracy=_accuracy(sample, "new_images", level=level),
        accuracy_this_test_set=_accuracy(sample, "this_test_set", level=level),
        loss=_loss(found, images=newest.images.test, level=level),
        rank=rank,
        letters=marks,
        tier=tier,
        confusion=found.confusion,
    )


def _accuracy(sample: Sample, target: Literal["new_images", "this_test_set"], *, level: float) -> Estimate | None:
    """A mean with its interval; without one where seeds failed, since it would hold for the others only."""
    if sample.summary is None:
        return None
    estimate = estimate_from_summary(sample.summary, target=target, level=level)
    return without_interval(estimate) if sample.failed or sample.broken else estimate


def _loss(found: Evidence, *, images: int, level: float) -> Estimate | None:
    """A mean with its interval, on the terms of an accuracy; no cross-entropy is negative, so none of its bounds is."""
    if not found.seeds:
        return None
    estimate = estimate_run_mean(found.losses, images=images, level=level)
    if found.failed or found.broken:
        return without_interval(estimate)
    return replace(estimate, low=0.0) if estimate.low < 0 else estimate


def _nothing_here(study: Study, store: Store) -> str:
    names = sorted({record.model for record in store.all_records() if record.data == study.data})
    others = f"; it holds other runs on {study.data}: {', '.join(names)}" if names else ""
    return (
        f"the store in {store.folder} holds no run of {study.name} as it is written{others}. "
        "Run the study first, or repeat the --set that it was run with"
    )

"""Weigh a study's runs: estimates for every model, a verdict for every pair, ranks, letters and tiers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from jaxtyping import Bool

from bakeoff.comparison.comparison import Comparison
from bakeoff.comparison.evidence import Evidence, gather_evidence
from bakeoff.comparison.values import ModelResult, PairResult, RunResult
from bakeoff.errors import StoreError
from bakeoff.spec.record import Record
from bakeoff.spec.study import Study
from bakeoff.spec.values import Verdict
from bakeoff.stats import (
    ScoreSummary,
    TwoModels,
    adjust_holm,
    compare_summaries,
    estimate_from_summary,
    estimate_run_mean,
    letters,
    rank_intervals,
    summarize_scores,
    tiers,
)
from bakeoff.store import Store, cells_of

LEVEL = 0.95


def compare_study(study: Study, store: Store, *, level: float = LEVEL) -> Comparison:
    """Judge all of a study's runs that a store holds.

    Args:
        study: The study, with the same overrides as when it was run. How many seeds it asks for does not matter: every
            seed in the store counts.
        store: Where its runs are. The data themselves are not needed.
        level: Confidence level of all intervals.

    Returns:
        The comparison. Looking at it is a look at the test set, and is counted.

    Raises:
        StoreError: The store holds no run of this study as it is written.
    """
    known = store.data(study.data)
    if known is None:
        raise StoreError(f"the store in {store.folder} holds no run on {study.data}: run the study first")
    data, labels = known
    cells = cells_of(study, fingerprint=data.fingerprint)
    gathered = [gather_evidence(cell, store, labels=labels, classes=len(data.class_names)) for cell in cells]
    evidence = _best_first([found for found in gathered if found is not None])
    if not evidence:
        raise StoreError(_nothing_here(study, store))
    summaries = {found.cell.model.name: summarize_scores(found.scores) for found in evidence if len(found.scores)}
    pairs = _judge_pairs(evidence, summaries, margin=study.protocol.margin, level=level)
    records = [record for found in evidence for record in found.records]
    return Comparison(
        study=study,
        data=data,
        models=_rank_models(evidence, summaries, pairs, level=level),
        pairs=pairs,
        missing=tuple(cell.model.name for cell, found in zip(cells, gathered, strict=True) if found is None),
        level=level,
        test_looks=store.count_look(data.fingerprint, [record.results_hash for record in records]),
        environments=tuple({str(record.environment): record.environment for record in records}.values()),
    )


def _best_first(evidence: list[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda found: -found.scores.mean() if len(found.scores) else math.inf)


def _judge_pairs(
    evidence: Sequence[Evidence], summaries: dict[str, ScoreSummary], *, margin: float, level: float
) -> tuple[PairResult, ...]:
    names = list(combinations([found.cell.model.name for found in evidence], 2))
    troubles = {found.cell.model.name: _trouble(found) for found in evidence}
    judged = {
        (a, b): _compare_both_ways(summaries[a], summaries[b], margin=margin, level=level)
        for a, b in names
        if a in summaries and b in summaries
    }
    reasons = {(a, b): "; ".join(filter(None, (troubles[a], troubles[b]))) for a, b in names}
    tested = [pair for pair in judged if not reasons[pair]]
    adjusted = dict(zip(tested, adjust_holm(np.array([judged[pair][0].p for pair in tested])), strict=True))
    equivalence = adjust_holm(np.array([judged[pair][0].p_equivalent for pair in tested]))
    equivalent = dict(zip(tested, equivalence, strict=True))

    def result(pair: tuple[str, str]) -> PairResult:
        general, here = judged.get(pair, (None, None))
        p_adjusted = float(adjusted.get(pair, math.nan))
        return PairResult(
            a=pair[0],
            b=pair[1],
            difference=general.difference if general else None,
            difference_this_test_set=here.difference if here else None,
            p=general.p if general and pair in adjusted else math.nan,
            p_adjusted=p_adjusted,
            verdict=_verdict(p_adjusted, float(equivalent.get(pair, math.nan)), alpha=round(1 - level, 12)),
            reason=reasons[pair],
            probability_a_better=general.probability_a_better if general else None,
        )

    return tuple(result(pair) for pair in names)


def _compare_both_ways(a: ScoreSummary, b: ScoreSummary, *, margin: float, level: float) -> tuple[TwoModels, TwoModels]:
    """On new images, and on this test set."""
    return (
        compare_summaries(a, b, target="new_images", margin=margin, level=level),
        compare_summaries(a, b, target="this_test_set", margin=margin, level=level),
    )


def _verdict(p_adjusted: float, p_equivalent: float, *, alpha: float) -> Verdict:
    """Pairs are ordered by their means, so a significant difference always says that a is better."""
    if p_adjusted < alpha:
        return "a better"
    return "equivalent" if p_equivalent < alpha else "undecided"


def _trouble(found: Evidence) -> str:
    """Why a model's mean accuracy cannot be compared by intervals, or nothing."""
    name, seeds = found.cell.model.name, len(found.scores)
    if found.failed_seeds:
        return (
            f"{found.failed_seeds} of {seeds + found.failed_seeds} seeds of {name} failed, and a mean would hide that"
        )
    if seeds < 2:
        return f"{name} has {seeds} finished seed{'s' * (seeds != 1)}, which say nothing about other seeds"
    return ""


def _rank_models(
    evidence: Sequence[Evidence], summaries: dict[str, ScoreSummary], pairs: Sequence[PairResult], *, level: float
) -> tuple[ModelResult, ...]:
    names = [found.cell.model.name for found in evidence]
    better = _significantly_better(names, pairs)
    means = np.array([summaries[name].mean if name in summaries else 0.0 for name in names])
    low, high = rank_intervals(better)
    return tuple(
        _model_result(
            found,
            summaries.get(names[index]),
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
        if pair.verdict == "a better":
            better[names.index(pair.a), names.index(pair.b)] = True
    return better


def _model_result(
    found: Evidence,
    summary: ScoreSummary | None,
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
        runs=tuple(_run_result(record) for record in found.records),
        seeds=len(found.scores),
        failed_seeds=found.failed_seeds,
        accuracy=estimate_from_summary(summary, target="new_images", level=level) if summary else None,
        accuracy_this_test_set=estimate_from_summary(summary, target="this_test_set", level=level) if summary else None,
        loss=estimate_run_mean(found.losses, images=newest.images.test, level=level) if summary else None,
        rank=rank,
        letters=marks,
        tier=tier,
        confusion=found.confusion,
    )


def _run_result(record: Record) -> RunResult:
    return RunResult(
        seed=record.seed,
        fold=record.fold,
        status=record.status,
        reason=record.reason,
        accuracy=record.test_accuracy,
        history=record.history,
        epoch=record.epoch,
        train_seconds=record.train_seconds,
    )


def _nothing_here(study: Study, store: Store) -> str:
    names = sorted({record.model for record in store.all_records() if record.data == study.data})
    others = f"; it holds other runs on {study.data}: {', '.join(names)}" if names else ""
    return (
        f"the store in {store.folder} holds no run of {study.name} as it is written{others}. "
        "Run the study first, or repeat the --set that it was run with"
    )

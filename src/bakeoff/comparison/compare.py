"""Weigh a study's runs: estimates for every model, a verdict for every pair, ranks, letters and tiers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool

from bakeoff.comparison.comparison import Comparison
from bakeoff.comparison.evidence import Evidence, gather_evidence
from bakeoff.comparison.pairs import judge_pairs
from bakeoff.comparison.values import ModelResult, PairResult, RunResult
from bakeoff.errors import StoreError
from bakeoff.spec.record import Record
from bakeoff.spec.study import Study
from bakeoff.stats import (
    ScoreSummary,
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
    pairs = judge_pairs(evidence, summaries, margin=study.protocol.margin, level=level)
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

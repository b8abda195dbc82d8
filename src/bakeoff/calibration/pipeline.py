"""From made-up hits and errors to a `Comparison`, through the same doors that real runs take.

All that scenarios know of studies, records and evidence is here. Usually the evidence is built in memory; `judge_files`
writes a real store instead, and must come to the same verdicts.
"""

from __future__ import annotations

import functools
import math
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int

from bakeoff.comparison import Comparison, compare_study
from bakeoff.comparison.compare import weigh
from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.race import RaceState, follow_race, look_levels
from bakeoff.spec import Study, parse_study
from bakeoff.spec.record import Counts, DataEntry, History, RaceRecord, Record
from bakeoff.spec.study import Published
from bakeoff.spec.values import Estimate
from bakeoff.store import Cell, Store, cells_of, open_store

Hits = Bool[np.ndarray, "_seeds examples"]  # models may differ in their numbers of seeds

DATA = "made-up"
FINGERPRINT = "0" * 64
CURVES = History(loss=(1.0,), accuracy=(0.5,), validation_loss=(1.0,), validation_accuracy=(0.5,), seconds=(1.0,))


@dataclass(frozen=True, eq=False)
class Bench:
    """A study that waits for runs.

    Attributes:
        study: What is asked.
        cells: Its models' addresses, in its order.
    """

    study: Study
    cells: tuple[Cell, ...]

    def publishing(self, published: Mapping[str, Published]) -> Bench:
        """The same study with these published figures."""
        return replace(self, study=self.study.model_copy(update={"published": dict(published)}))


@functools.cache
def bench_of(models: int, *, margin: float = 0.0, extra: str = "") -> Bench:
    """A study of small networks named a, b, c, ...

    Args:
        models: How many, at most 26.
        margin: Of the protocol.
        extra: More lines of the study file, such as claims.
    """
    entries = [f"{name}: {{mlp: {{hidden: [{width}]}}}}" for width, name in enumerate(names(models), start=1)]
    return bench_from("models:\n  " + "\n  ".join(entries) + "\n" + extra, margin=margin)


@functools.cache
def bench_from(text: str, *, margin: float = 0.0) -> Bench:
    """A study with these models, grid, factors and claims."""
    study = parse_study(f"name: calibration\ndata: {DATA}\nprotocol: {{margin: {margin}}}\n{text}").study
    return Bench(study, cells_of(study, fingerprint=FINGERPRINT))


def names(models: int) -> tuple[str, ...]:
    """The names of a study's models."""
    return tuple(string.ascii_lowercase[:models])


def judge(bench: Bench, hits: Sequence[Hits], *, failed: Sequence[int] = (), level: float = 0.95) -> Comparison:
    """What Bakeoff says of these runs.

    Args:
        bench: From `bench_of`.
        hits: For each model in the study's order, which images each finished run got right.
        failed: For each model how many further seeds collapsed; none if empty.
        level: Confidence level.

    Returns:
        The comparison.
    """
    return weigh(bench.study, data_entry(hits[0].shape[1]), evidence_of(bench, hits, failed=failed), level=level)


def follow(bench: Bench, hits: Sequence[Hits], looks: Sequence[int], *, alpha: float = 0.05) -> RaceState:
    """How a race with these looks goes, given the runs that every model would have at the last look.

    Args:
        bench: From `bench_of`.
        hits: For each model which images each run got right; a race that ends earlier does not look at the later ones.
        looks: Numbers of seeds.
        alpha: Family-wise error rate over pairs and looks.

    Returns:
        The race's end.
    """
    record = RaceRecord(
        study=bench.study.name,
        data=DATA,
        fingerprint=FINGERPRINT,
        models={cell.model.name: cell.key for cell in bench.cells},
        looks=tuple(looks),
        levels=look_levels(looks, pairs=math.comb(len(hits), 2), alpha=alpha),
        alpha=alpha,
        margin=bench.study.protocol.margin,
    )
    return follow_race(evidence_of(bench, hits), record)


def evidence_of(bench: Bench, hits: Sequence[Hits], *, failed: Sequence[int] = ()) -> list[Evidence]:
    """What the store would give for these runs; arguments as for `judge`."""
    failures = failed or [0] * len(hits)
    return [_evidence(cell, matrix, number) for cell, matrix, number in zip(bench.cells, hits, failures, strict=True)]


def judge_files(bench: Bench, hits: Sequence[Hits], store: Store, *, failed: Sequence[int] = ()) -> Comparison:
    """The same by way of real files: write every run into an empty store, then compare what is read from there."""
    labels = _labels(hits[0].shape[1])
    store.write_data(data_entry(labels.size), labels)
    for found in evidence_of(bench, hits, failed=failed):
        for record in found.records:
            if record.status == "finished":
                right = found.scores[found.seeds.index(record.seed)] > 0
                predicted = np.where(right, labels, 1 - labels)
                store.write(record, probabilities=np.eye(2, dtype=np.float32)[predicted] * 0.8 + 0.1)
            else:
                store.write(record)
    return compare_study(bench.study, store)


def fresh_store(folder: Path) -> Store:
    """An empty store in this folder."""
    return open_store(folder, create=True)


def has_winner(comparison: Comparison) -> bool:
    """Whether any pair has a winner."""
    return any("better" in pair.verdict for pair in comparison.pairs)


def tells_apart(difference: Estimate | None) -> bool:
    """Whether the interval of a difference leaves out 0."""
    return difference is not None and (difference.low > 0 or difference.high < 0)


def covers(estimate: Estimate | None, truth: float) -> bool | None:
    """Whether the interval holds the truth; None where no interval is given."""
    if estimate is None or math.isnan(estimate.low):
        return None
    return bool(estimate.low <= truth <= estimate.high)


@functools.cache
def data_entry(images: int) -> DataEntry:
    """A data set of two classes that exists in name only."""
    return DataEntry(
        reference=DATA,
        fingerprint=FINGERPRINT,
        class_names=("no", "yes"),
        image_shape=(8, 8, 1),
        train=100,
        test=images,
    )


def _evidence(cell: Cell, hits: Hits, failed: int) -> Evidence:
    runs, images = hits.shape
    records = _records(cell.key, cell.model.name, runs, failed, images)
    return Evidence(
        cell=cell,
        records=records,
        seeds=tuple(range(runs)),
        failed=tuple(range(runs, runs + failed)),
        broken=(),
        scores=hits.astype(np.float64),
        losses=np.array([record.test_loss for record in records[:runs]], dtype=np.float64),
        labels=_labels(images),
        confusion=_confusion(hits),
    )


@functools.cache
def _labels(images: int) -> Int[np.ndarray, " examples"]:
    return np.arange(images) % 2


@functools.cache
def _records(cell: str, model: str, runs: int, failed: int, images: int) -> tuple[Record, ...]:
    """Records without accuracies of their own: verdicts are to come from the scores."""
    return tuple(_record(cell, model, seed, images, failed=seed >= runs) for seed in range(runs + failed))


def _record(cell: str, model: str, seed: int, images: int, *, failed: bool) -> Record:
    return Record(
        key=f"{cell}-seed{seed}-fold0",
        cell=cell,
        model=model,
        recipe="mlp",
        layers=(),
        parameters=1000,
        data=DATA,
        fingerprint=FINGERPRINT,
        images=Counts(train=80, validation=20, test=images),
        protocol={},
        seed=seed,
        fold=0,
        status="collapsed" if failed else "finished",
        reason="it was made to fail" if failed else "",
        history=CURVES,
        epoch=1,
        test_loss=None if failed else 0.5 + 0.01 * seed,
        test_accuracy=None if failed else 0.5,
        train_seconds=1.0,
        environment={"made": "up"},
        results_hash=f"{cell}{seed}",
    )


def _confusion(hits: Hits) -> Int[np.ndarray, "classes classes"]:
    labels = _labels(hits.shape[1])
    right = np.array([hits[:, labels == label].sum() for label in (0, 1)])
    wrong = np.array([(labels == label).sum() for label in (0, 1)]) * len(hits) - right
    return np.array([[right[0], wrong[0]], [wrong[1], right[1]]])

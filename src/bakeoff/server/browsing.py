"""What a store holds, by data set and model: for who does not remember what was trained in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import median

from bakeoff.comparison.plateaus import judged_cells
from bakeoff.errors import BakeoffError
from bakeoff.spec import Study, builtin_studies, read_study
from bakeoff.spec.record import DataEntry, Record
from bakeoff.store import Store, cells_of, open_store


@dataclass(frozen=True)
class StoredModel:
    """A model's runs.

    Attributes:
        name: As the study called it that trained it first.
        records: By seed and fold.
        studies: Those of Bakeoff's studies, and the one that is served, that count these runs as theirs.
    """

    name: str
    records: tuple[Record, ...]
    studies: tuple[str, ...]

    @property
    def failed(self) -> int:
        """How many of the runs failed."""
        return sum(record.status != "finished" for record in self.records)

    @property
    def parameters(self) -> int:
        """Number of weights; 0 if no run came far enough to count them."""
        return max(record.parameters for record in self.records)

    @property
    def train_seconds(self) -> float:
        """Median over the runs, without compiling."""
        return float(median(record.train_seconds for record in self.records))


@dataclass(frozen=True)
class StoredData:
    """A data set, and what was trained on it.

    Attributes:
        reference: As a study's `data:` names it.
        entry: What is remembered of it; None where it was not remembered, or has changed since these runs.
        models: By name.
    """

    reference: str
    entry: DataEntry | None
    models: tuple[StoredModel, ...]


def browse(folder: Path, study: Study | None) -> tuple[StoredData, ...]:
    """Read every record of a store.

    Args:
        folder: The store's.
        study: The one that is served, if any.

    Returns:
        By data set, then model; runs on an earlier state of a data set are apart.

    Raises:
        StoreError: There is no store, or a record is damaged.
    """
    store = open_store(folder)
    records = sorted(store.all_records(), key=lambda record: (record.data, record.fingerprint))
    by_data = groupby(records, key=lambda record: (record.data, record.fingerprint))
    return tuple(_collect(store, *key, tuple(found), study) for key, found in by_data)


def _collect(
    store: Store, reference: str, fingerprint: str, records: Sequence[Record], study: Study | None
) -> StoredData:
    known = store.data(reference)
    entry = known[0] if known and known[0].fingerprint == fingerprint else None
    owners = _owners(store, fingerprint, study)
    by_cell = groupby(sorted(records, key=lambda run: (run.cell, run.seed, run.fold)), key=lambda record: record.cell)
    models = [
        StoredModel(runs[0].model, runs, tuple(owners.get(cell, ())))
        for cell, runs in ((cell, tuple(group)) for cell, group in by_cell)
    ]
    return StoredData(reference, entry, tuple(sorted(models, key=lambda model: (model.studies, model.name))))


def _owners(store: Store, fingerprint: str, study: Study | None) -> dict[str, list[str]]:
    """Names of the studies that a cell belongs to."""
    owners: dict[str, list[str]] = {}
    known = [read_study(builtin.name) for builtin in builtin_studies()]
    for each in [*known, *([study] if study and study not in known else [])]:
        try:
            cells = (
                *cells_of(each, fingerprint=fingerprint),
                *judged_cells(each, store.plateaus(fingerprint), fingerprint=fingerprint),
            )
        except BakeoffError:
            continue  # a recipe that is not installed here
        for key in {cell.key for cell in cells}:
            owners.setdefault(key, []).append(each.name)
    return owners

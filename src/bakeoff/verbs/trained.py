"""What a store holds of a study's networks, and what they need to be asked about a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from jaxtyping import Float, Int

from bakeoff.comparison.plateaus import judged_cells
from bakeoff.data import Dataset, PixelScaling, fit_pixels, load_dataset
from bakeoff.errors import DataError, StoreError
from bakeoff.report.commands import write_command
from bakeoff.spec import Study
from bakeoff.spec.prediction import Vote
from bakeoff.spec.record import REPEATABLE, DataEntry, Record
from bakeoff.store import Cell, Store


@dataclass(frozen=True)
class ModelRuns:
    """A model's finished seeds, and the addresses of each seed's folds."""

    cell: Cell
    keys: Mapping[int, tuple[str, ...]]

    @property
    def name(self) -> str:
        """The model's name in the study."""
        return self.cell.model.name

    @property
    def all_keys(self) -> list[str]:
        """Addresses of all runs, seed by seed."""
        return [key for keys in self.keys.values() for key in keys]

    def vote(self, probabilities: Float[np.ndarray, "runs classes"]) -> Vote:
        """From one row for each run, seed by seed, to one for each seed."""
        classes = probabilities.shape[1]
        by_seed = probabilities.astype(np.float64).reshape(-1, self.cell.folds, classes)  # (seeds, folds, classes)
        return Vote(self.name, tuple(self.keys), by_seed.mean(axis=1))


@dataclass(frozen=True, eq=False)
class Trained:
    """What a store holds of the models that are asked, and the data if they are at hand.

    Attributes:
        study: Whose models they are.
        store: Where their networks are.
        data: What is remembered of the data set.
        test_labels: Class of each test image.
        runs: Of each model with at least one finished seed, in the study's order; at least one.
        left_out: Why the other models are not among them, by name.
        dataset: The data they were trained on; None where these are not at hand.
        warnings: Why they are not.
    """

    study: Study
    store: Store
    data: DataEntry
    test_labels: Int[np.ndarray, " examples"]
    runs: tuple[ModelRuns, ...]
    left_out: dict[str, str]
    dataset: Dataset | None
    warnings: tuple[str, ...]

    def find_obstacle(self, runs: ModelRuns) -> str:
        """Why a model cannot be shown a picture; empty if it can."""
        if any(self.store.network(key) is None for key in runs.all_keys):
            return (
                "the store holds its results but not its networks, so it can be asked about test images only (--index)"
            )
        if self.dataset is None and runs.cell.model.protocol.pixels == "standardize":
            return "its pixels are standardised by the training images, which are not at hand"
        return ""

    def scaling(self, runs: ModelRuns) -> PixelScaling:
        """As in training, where it is learnt from all training images; without them, only what needs none."""
        nothing = np.zeros((1, 1, 1, 1), dtype=np.uint8)
        return fit_pixels(runs.cell.model.protocol.pixels, self.dataset.train_images if self.dataset else nothing)


def find_trained(study: Study, store: Store) -> Trained:
    """Look up the finished runs of a study's models.

    Args:
        study: With the same overrides as when it was run.
        store: Where its runs are.

    Returns:
        Their addresses, and the data.

    Raises:
        StoreError: The store holds no finished run of any of the models.
    """
    known = store.data(study.data)
    if known is None:
        raise StoreError(f"the store in {store.folder} holds no run on {study.data}: run the study first")
    data, labels = known
    cells = judged_cells(study, store.plateaus(data.fingerprint), fingerprint=data.fingerprint)
    found = [ModelRuns(cell, _finished_keys(cell, store)) for cell in cells]
    runs = tuple(each for each in found if each.keys)
    there = {each.name for each in runs}
    records = {cell.model.name: store.records(cell.key) for cell in cells}
    left_out = {
        model.name: _why_left_out(model.name, study, records.get(model.name, []))
        for model in study.models
        if model.name not in there
    }
    if not runs and all(records.get(name) for name in left_out):
        command = write_command("explain", study)
        raise StoreError(f"no seed of {' or '.join(left_out)} has finished: {command} says why")
    if not runs:
        raise StoreError(
            f"the store in {store.folder} holds no finished run of {' or '.join(left_out)} as written here: run the "
            f"study first ({write_command('run', study)}), or give the same --set as in that run"
        )
    dataset, obstacle = _load(data)
    return Trained(study, store, data, labels, runs, left_out, dataset, (obstacle,) if obstacle else ())


def _why_left_out(name: str, study: Study, records: Sequence[Record]) -> str:
    """Whether it must be run first, or has been and would fail again."""
    failed = [record for record in records if record.status != "finished"]
    will_repeat = all(record.status in REPEATABLE for record in failed)
    if failed and will_repeat and {record.seed for record in failed} == {record.seed for record in records}:
        how = " or ".join(sorted({record.status for record in failed}))
        return f"all its seeds {how}; {write_command('explain', study, name)} says why"
    return f"no finished run of it as it is written ({write_command('run', study, '--only', name)})"


def _finished_keys(cell: Cell, store: Store) -> dict[int, tuple[str, ...]]:
    """The runs of each seed of which every fold finished."""
    by_seed = {seed: list(runs) for seed, runs in groupby(store.records(cell.key), key=lambda record: record.seed)}
    return {
        seed: tuple(run.key for run in runs)
        for seed, runs in by_seed.items()
        if len(runs) == cell.folds and all(run.status == "finished" for run in runs)
    }


def _load(data: DataEntry) -> tuple[Dataset | None, str]:
    """The data that the networks were trained on, or why they are not at hand."""
    try:
        dataset = load_dataset(data.reference)
    except DataError as error:
        return None, f"The data are not at hand, so the image cannot be set beside theirs: {error}."
    if dataset.fingerprint != data.fingerprint:
        return None, f"{data.reference} has changed since the study was run, so its images are not used here."
    return dataset, ""

"""Records and arrays on disk: a folder that can be killed at any moment, shared by processes, and copied elsewhere.

    STORE/bakeoff-store.json        format of the store
    STORE/data/REFERENCE.json .npz  what is remembered of each data set: names, fingerprint, test labels
    STORE/runs/KEY/                 one run: record.json, perhaps predictions.npz, probes.npz, last.keras, best.keras
    STORE/races/RACE.json           looks, levels and settled pairs of each race
    STORE/plateaus/CELL.json        the epoch that the long runs of a cell settled on, where `stop` is plateau
    STORE/working/                  locks, progress and half-written runs
    STORE/looks.txt                 a line for each set of runs whose test results somebody has looked at

A run is written beside its place and moved there by one rename, so it is there completely or not at all. Nothing in a
store is executed when it is read: JSON, NumPy arrays without pickle, and Keras files that are not opened.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import json
import os
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float, Int
from pydantic import ValidationError

from bakeoff.errors import StoreError
from bakeoff.spec.probes import Probes
from bakeoff.spec.record import REPEATABLE, DataEntry, PlateauRecord, RaceRecord, Record
from bakeoff.store.claims import Claim, claim, read_progress

FORMAT = 1
_MARK = "bakeoff-store.json"
Kept = TypeVar("Kept", Record, DataEntry, RaceRecord, PlateauRecord)


class Store:
    """A store folder. Open it with `open_store`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has_result(self, key: str) -> bool:
        """Whether this run is done and would give the same again."""
        record = self.record(key)
        return record is not None and record.status in REPEATABLE

    def record(self, key: str) -> Record | None:
        """The record of a run; None if it has not been run."""
        try:
            text = (self._run(key) / "record.json").read_text("utf-8")
        except FileNotFoundError:
            return None
        return _parse(Record, text, self._run(key) / "record.json")

    def records(self, cell: str) -> list[Record]:
        """All records of a cell, by seed and fold."""
        return sorted(self._find(f"{cell}-seed*"), key=lambda record: (record.seed, record.fold))

    def all_records(self) -> list[Record]:
        """Every record of this store."""
        return sorted(self._find("*-seed*"), key=lambda record: record.key)

    def keys(self) -> frozenset[str]:
        """The address of every run, without reading any record."""
        return frozenset(folder.name for folder in (self.folder / "runs").glob("*-seed*"))

    def probabilities(self, key: str) -> Float[np.ndarray, "examples classes"]:
        """Test probabilities of a finished run: float32 in [0, 1], one row per test image in the data set's order.

        Raises:
            StoreError: The run has none, or its file is damaged.
        """
        arrays = _load_arrays(self._run(key) / "predictions.npz", "probabilities")
        return np.asarray(arrays["probabilities"], dtype=np.float32)

    def predictions(self, key: str) -> Int[np.ndarray, " examples"]:
        """Predicted class of every test image of a finished run, in the data set's order.

        Kept beside the probabilities, because unpacking these takes most of the time of a comparison.

        Raises:
            StoreError: The run has none, or its file is damaged.
        """
        arrays = _load_arrays(self._run(key) / "predictions.npz", "predicted")
        if "predicted" in arrays:
            return np.asarray(arrays["predicted"], dtype=np.int64)
        return np.asarray(self.probabilities(key).argmax(axis=1), dtype=np.int64)  # a run kept before predictions were

    def probes(self, key: str) -> Probes | None:
        """What was measured inside a run's network; None for a run that has no probes, or has not been run.

        Raises:
            StoreError: Their file is damaged.
        """
        path = self._run(key) / "probes.npz"
        return _to_probes(_load_arrays(path), path) if path.exists() else None

    def network(self, key: str) -> Path | None:
        """The file with the weights that count: of the chosen epoch, where the protocol chooses one, else the last.

        None for a run that kept no network, or has not been run.
        """
        files = (self._run(key) / name for name in ("best.keras", "last.keras"))
        return next((file for file in files if file.exists()), None)

    def run_bytes(self, key: str) -> int:
        """What a run's files take; 0 if it has not been run."""
        folder = self._run(key)
        return sum(path.stat().st_size for path in folder.iterdir()) if folder.exists() else 0

    @contextlib.contextmanager
    def claim(self, key: str) -> Iterator[Claim | None]:
        """Become the one who trains this run; None where another process does so now."""
        with _explain_disk_errors(self.folder), claim(self.folder / "working", key) as claimed:
            yield claimed

    def forget_dead(self, keys: list[str]) -> None:
        """Clear the progress of runs whose holder was killed."""
        for key in self.progress(keys):
            with self.claim(key):
                pass  # whoever gets the claim clears its progress on leaving

    def progress(self, keys: list[str]) -> dict[str, dict[str, Any]]:
        """What those who train these runs last reported."""
        return read_progress(self.folder / "working", keys)

    def write(
        self,
        record: Record,
        *,
        probabilities: Float[np.ndarray, "examples classes"] | None = None,
        probes: Probes | None = None,
        save_networks: Callable[[Path], None] = lambda folder: None,
    ) -> None:
        """Put a run into the store, all of it at once. The caller holds its claim.

        Args:
            record: What to keep; an older record of the same key that was no result is replaced.
            probabilities: Test probabilities, kept as float16 where that changes no predicted class.
            probes: What was measured inside its network.
            save_networks: Called with the folder to write network files into.

        Raises:
            StoreError: The disk is full or the store cannot be written.
        """
        half, place = self.folder / "working" / record.key, self._run(record.key)
        with _explain_disk_errors(self.folder):
            shutil.rmtree(half, ignore_errors=True)  # left by a killed holder of this claim
            half.mkdir(parents=True)
            try:
                save_networks(half)
                if probabilities is not None:
                    np.savez_compressed(
                        half / "predictions.npz",
                        probabilities=compact_probabilities(probabilities),
                        predicted=probabilities.argmax(axis=1).astype(np.uint16),
                    )
                if probes is not None:
                    np.savez_compressed(half / "probes.npz", **_from_probes(probes))
                (half / "record.json").write_text(record.model_dump_json(indent=1), "utf-8")
                _flush(half)
                if place.exists():
                    shutil.rmtree(place)
                place.parent.mkdir(exist_ok=True)
                half.rename(place)
            finally:
                shutil.rmtree(half, ignore_errors=True)

    def write_data(self, entry: DataEntry, test_labels: Int[np.ndarray, " examples"]) -> None:
        """Remember a data set, so that its runs can be compared without it.

        Args:
            entry: Its names and counts.
            test_labels: Class of each test image, 0..classes-1, in the order of the probabilities.

        Raises:
            StoreError: The disk is full or the store cannot be written.
        """
        path = self._data(entry.reference)
        with _explain_disk_errors(self.folder):
            path.parent.mkdir(exist_ok=True)
            _replace(path.with_suffix(".npz"), lambda fresh: _save_labels(fresh, test_labels, entry.fingerprint))
            _replace(path, lambda fresh: fresh.write_text(entry.model_dump_json(indent=1), "utf-8"))

    def data(self, reference: str) -> tuple[DataEntry, Int[np.ndarray, " examples"]] | None:
        """What is remembered of a data set, and its test labels; None if no run used it.

        Raises:
            StoreError: The entry is damaged, or the labels are not those of the entry.
        """
        path = self._data(reference)
        if not path.exists():
            return None
        entry = _parse(DataEntry, path.read_text("utf-8"), path)
        arrays = _load_arrays(path.with_suffix(".npz"))
        if str(arrays["fingerprint"]) != entry.fingerprint:
            raise StoreError(f"{path} and its labels are of different data: run the study again, which writes both")
        return entry, arrays["test_labels"]

    def races(self, fingerprint: str) -> list[RaceRecord]:
        """The races that were begun on these data."""
        paths = sorted((self.folder / "races").glob("*.json"))
        records = [_parse(RaceRecord, path.read_text("utf-8"), path) for path in paths]
        return [record for record in records if record.fingerprint == fingerprint]

    def write_race(self, race: RaceRecord) -> None:
        """Remember a race; an older state of the same race is replaced.

        Raises:
            StoreError: The disk is full or the store cannot be written.
        """
        cells = " ".join(sorted(set(race.models.values())))
        path = self.folder / "races" / f"{hashlib.sha256(cells.encode()).hexdigest()[:20]}.json"
        with _explain_disk_errors(self.folder):
            path.parent.mkdir(exist_ok=True)
            _replace(path, lambda fresh: fresh.write_text(race.model_dump_json(indent=1), "utf-8"))

    def plateaus(self, fingerprint: str) -> list[PlateauRecord]:
        """The epochs that `stop: plateau` settled on for models on these data."""
        paths = sorted((self.folder / "plateaus").glob("*.json"))
        records = [_parse(PlateauRecord, path.read_text("utf-8"), path) for path in paths]
        return [record for record in records if record.fingerprint == fingerprint]

    def write_plateau(self, plateau: PlateauRecord) -> None:
        """Remember the epoch of a model; an older choice for the same long runs is replaced.

        Raises:
            StoreError: The disk is full or the store cannot be written.
        """
        path = self.folder / "plateaus" / f"{plateau.cell}.json"
        with _explain_disk_errors(self.folder):
            path.parent.mkdir(exist_ok=True)
            _replace(path, lambda fresh: fresh.write_text(plateau.model_dump_json(indent=1), "utf-8"))

    def count_look(self, fingerprint: str, hashes: list[str]) -> int:
        """Count a look at these runs' results on the test set of these data, and return how many there have been.

        Looking at the same runs again is no new look. Where the store cannot be written, a look counts but is not kept.
        """
        path = self.folder / "looks.txt"
        looks = path.read_text("utf-8").splitlines() if path.exists() else []
        look = f"{fingerprint} {hashlib.sha256(' '.join(sorted(hashes)).encode()).hexdigest()}"
        if look not in looks:
            looks.append(look)
            with contextlib.suppress(OSError), path.open("a", encoding="utf-8") as handle:
                handle.write(f"{look}\n")
        return len({known for known in looks if known.startswith(fingerprint)})

    def _find(self, pattern: str) -> list[Record]:
        keys = [folder.name for folder in (self.folder / "runs").glob(pattern)]
        return [record for record in map(self.record, keys) if record is not None]

    def _run(self, key: str) -> Path:
        return self.folder / "runs" / key

    def _data(self, reference: str) -> Path:
        readable = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in reference)[-60:]
        distinct = hashlib.sha256(reference.encode()).hexdigest()[:8]
        return self.folder / "data" / f"{readable}-{distinct}.json"


def open_store(folder: Path | str, *, create: bool = False) -> Store:
    """Open a store.

    Args:
        folder: Where it is.
        create: Whether to make a new one where there is none.

    Raises:
        StoreError: There is no store, or one written by a newer Bakeoff, or the folder cannot be written.
    """
    folder = Path(folder)
    mark = folder / _MARK
    if not mark.exists():
        if not create:
            raise StoreError(f"there is no store in {folder}: run a study first (bakeoff run STUDY --store {folder})")
        with _explain_disk_errors(folder):
            (folder / "runs").mkdir(parents=True, exist_ok=True)
            _replace(mark, lambda fresh: fresh.write_text(json.dumps({"format": FORMAT}), "utf-8"))
    found = _read_mark(mark)
    if found > FORMAT:
        raise StoreError(
            f"the store in {folder} has format {found}, written by a newer Bakeoff; this one reads formats up to "
            f"{FORMAT}. Upgrade Bakeoff, or choose another folder with --store"
        )
    return Store(folder)


def compact_probabilities(probabilities: Float[np.ndarray, "examples classes"]) -> np.ndarray:
    """The same probabilities as float16, or unchanged if that would change any image's predicted class.

    Rounding is monotone: it never swaps two classes, it can only make them equal. So comparing the predicted classes
    proves that every accuracy and confusion stays what it was.
    """
    rounded = probabilities.astype(np.float16)
    unchanged = bool((rounded.argmax(axis=1) == probabilities.argmax(axis=1)).all())
    return rounded if unchanged else probabilities


def _read_mark(mark: Path) -> int:
    try:
        return int(json.loads(mark.read_text("utf-8"))["format"])
    except (ValueError, KeyError, TypeError):
        raise StoreError(f"{mark} is damaged: it should read {json.dumps({'format': FORMAT})}") from None


def _parse(kind: type[Kept], text: str, path: Path) -> Kept:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        advice = "Delete its folder" if kind is Record else "Delete this file and run the study again"
        raise StoreError(f"{path} is damaged or from another version: {where}: {first['msg']}. {advice}") from None


def _load_arrays(path: Path, *names: str) -> Mapping[str, np.ndarray]:
    """The arrays of these names that the file has; all of them if none is named."""
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files if name in names or not names}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise StoreError(f"{path} cannot be read ({error}): delete its folder and run the study again") from None


def _from_probes(probes: Probes) -> dict[str, Any]:
    return {field.name: np.asarray(getattr(probes, field.name)) for field in dataclasses.fields(Probes)}


def _to_probes(arrays: Mapping[str, np.ndarray], path: Path) -> Probes:
    missing = [field.name for field in dataclasses.fields(Probes) if field.name not in arrays]
    if missing:
        raise StoreError(f"{path} cannot be read (it has no {missing[0]}): delete its folder and run the study again")
    plain: dict[str, Any] = {name: tuple(map(str, arrays[name])) for name in ("layers", "kinds", "activations")}
    return Probes(**{**arrays, **plain, "images": int(arrays["images"])})


def _save_labels(path: Path, test_labels: Int[np.ndarray, " examples"], fingerprint: str) -> None:
    with path.open("wb") as handle:  # a file object: given a name, NumPy would append .npz to it
        np.savez_compressed(handle, test_labels=test_labels, fingerprint=np.array(fingerprint))


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there, so that readers never see half of it."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    write(fresh)
    fresh.replace(path)


def _flush(folder: Path) -> None:
    """Ask the disk to keep what was written, before the rename makes it visible."""
    for path in folder.iterdir():
        with path.open("r+b") as handle:  # writable: Windows flushes nothing else
            os.fsync(handle.fileno())


@contextlib.contextmanager
def _explain_disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreError(
                f"the disk of {folder} is full. Nothing finished is lost: "
                "free some space and run the same command again"
            ) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM, errno.ENOTDIR, errno.EEXIST):
            raise StoreError(f"the store {folder} cannot be written: {error.strerror} ({error.filename})") from error
        raise

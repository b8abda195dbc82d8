"""What the trained networks of a study say of one image: a test image, or a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from bakeoff.comparison.plateaus import judged_cells
from bakeoff.data import Dataset, PixelScaling, fit_pixels, load_dataset
from bakeoff.data.picture import Picture, doubt_picture, read_picture
from bakeoff.errors import DataError, OutputError, StoreError, WorkerError
from bakeoff.report.prediction import PICTURE_FORMATS, render_prediction
from bakeoff.runner.pool import BrokenProcessPool, default_workers, worker_pool
from bakeoff.spec import Pixels, Study, only_models
from bakeoff.spec.prediction import Prediction, Vote
from bakeoff.spec.record import DataEntry
from bakeoff.store import Cell, Store, open_store
from bakeoff.verbs.default_store import default_store


def predict(
    study: Study,
    *,
    index: int | None = None,
    image: Path | str | None = None,
    models: Sequence[str] = (),
    invert: bool = False,
    store: Path | str | None = None,
) -> Prediction:
    """Ask every trained network of a study what is on one image.

    Args:
        study: From `load_study`, with the same overrides as when it was run.
        index: A test image, from 0: answered from the stored probabilities, without any network.
        image: An image file of any size, brought to the form of the data set's images.
        models: Names of those to ask; all if empty.
        invert: Whether to exchange bright and dark in the file.
        store: Folder with the results.

    Returns:
        Each model's probabilities, seed by seed, and the image as the networks see it.

    Raises:
        ValueError: Not exactly one of `index` and `image`, or `invert` without `image`.
        StudyError: There is no such model.
        DataError: There is no such test image, or the file cannot be read.
        StoreError: There is no store, no finished run of these models in it, or a file of it is missing or damaged.
        WorkerError: A process that asks the networks died.
    """
    if (index is None) == (image is None):
        got = "neither" if index is None else "both"
        raise ValueError(f"predict needs either the index of a test image or an image file, got {got}")
    if invert and image is None:
        raise ValueError("predict inverts image files only, got invert=True with the index of a test image")
    trained = _find_trained(only_models(study, models) if models else study, open_store(store or default_store()))
    return _ask_records(trained, index) if index is not None else _ask_networks(trained, Path(image or ""), invert)


def write_picture(prediction: Prediction, path: Path | str) -> Path:
    """Draw the image and every model's probabilities.

    Args:
        prediction: From `predict`.
        path: Ends in .svg, .png or .pdf.

    Returns:
        The path.

    Raises:
        OutputError: It ends in something else, or cannot be written.
    """
    path = Path(path)
    check_picture_path(path)
    picture = render_prediction(prediction, path.suffix[1:].lower())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
    except OSError as error:
        raise OutputError(f"the picture cannot be written to {path}: {error.strerror}") from error
    return path


def check_picture_path(path: Path) -> None:
    """Raise an OutputError unless `write_picture` knows the format that the path ends in."""
    if path.suffix[1:].lower() not in PICTURE_FORMATS:
        formats = ", ".join(f".{name}" for name in PICTURE_FORMATS)
        raise OutputError(f"the picture's path must end in one of {formats}, got {path}")


@dataclass(frozen=True)
class _Runs:
    """A model's finished seeds, and the addresses of each seed's folds."""

    cell: Cell
    keys: Mapping[int, tuple[str, ...]]

    @property
    def name(self) -> str:
        return self.cell.model.name

    @property
    def all_keys(self) -> list[str]:
        return [key for keys in self.keys.values() for key in keys]

    def vote(self, probabilities: Float[np.ndarray, "runs classes"]) -> Vote:
        """From one row for each run, seed by seed, to one for each seed."""
        classes = probabilities.shape[1]
        by_seed = probabilities.astype(np.float64).reshape(-1, self.cell.folds, classes)  # (seeds, folds, classes)
        return Vote(self.name, tuple(self.keys), by_seed.mean(axis=1))


@dataclass(frozen=True, eq=False)
class _Trained:
    """What a store holds of the models that are asked, and the data if they are at hand."""

    study: Study
    store: Store
    data: DataEntry
    test_labels: Int[np.ndarray, " examples"]
    runs: tuple[_Runs, ...]
    left_out: dict[str, str]
    dataset: Dataset | None
    warnings: tuple[str, ...]


def _find_trained(study: Study, store: Store) -> _Trained:
    known = store.data(study.data)
    if known is None:
        raise StoreError(f"the store in {store.folder} holds no run on {study.data}: run the study first")
    data, labels = known
    cells = judged_cells(study, store.plateaus(data.fingerprint), fingerprint=data.fingerprint)
    found = [_Runs(cell, _finished_keys(cell, store)) for cell in cells]
    runs = tuple(each for each in found if each.keys)
    there = {each.name for each in runs}
    left_out = {
        model.name: f"no finished run of it as it is written: bakeoff run {study.name} --only {model.name}"
        for model in study.models
        if model.name not in there
    }
    if not runs:
        raise StoreError(
            f"the store in {store.folder} holds no finished run of {' or '.join(left_out)} as written here: run the "
            f"study first (bakeoff run {study.name}), or give the same --set as in that run"
        )
    dataset, obstacle = _load(data)
    return _Trained(study, store, data, labels, runs, left_out, dataset, (obstacle,) if obstacle else ())


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


def _ask_records(trained: _Trained, index: int) -> Prediction:
    data = trained.data
    if not 0 <= index < data.test:
        raise DataError(
            f"the index of a test image of {data.reference} must lie between 0 and {data.test - 1}, got {index}"
        )
    votes = [
        runs.vote(np.stack([trained.store.probabilities(key)[index] for key in runs.all_keys])) for runs in trained.runs
    ]
    return Prediction(
        study=trained.study.name,
        data=data.reference,
        class_names=data.class_names,
        votes=tuple(votes),
        left_out=trained.left_out,
        index=index,
        true_class=int(trained.test_labels[index]),
        pixels=trained.dataset.test_images[index] if trained.dataset else None,
        warnings=trained.warnings,
    )


def _ask_networks(trained: _Trained, file: Path, invert: bool) -> Prediction:
    data, dataset = trained.data, trained.dataset
    picture = read_picture(file, data.image_shape, invert=invert)
    doubts = doubt_picture(picture.pixels, dataset.train_images, inverted=invert) if dataset else ()
    votes, left_out = _gather_votes(trained, picture)
    left_out |= trained.left_out
    if not votes:
        raise StoreError("no model can be shown the image: " + "; ".join(": ".join(item) for item in left_out.items()))
    return Prediction(
        study=trained.study.name,
        data=data.reference,
        class_names=data.class_names,
        votes=tuple(votes),
        left_out=left_out,
        file=str(file),
        pixels=picture.pixels,
        steps=picture.steps,
        warnings=(*trained.warnings, *doubts),
    )


def _gather_votes(trained: _Trained, picture: Picture) -> tuple[list[Vote], dict[str, str]]:
    """Each model's answer, and why some have none."""
    obstacles = {runs.name: _find_obstacle(runs, trained) for runs in trained.runs}
    able = [runs for runs in trained.runs if not obstacles[runs.name]]
    votes = []
    for runs, answer in zip(able, _show(able, picture, trained), strict=True):
        if np.isfinite(answer).all():
            votes.append(runs.vote(answer[:, 0]))
        else:
            obstacles[runs.name] = "it puts out no finite probabilities for this image"
    return votes, {name: obstacle for name, obstacle in obstacles.items() if obstacle}


def _find_obstacle(runs: _Runs, trained: _Trained) -> str:
    if any(trained.store.network(key) is None for key in runs.all_keys):
        return "the store holds its results but not its networks, so it can be asked about test images only (--index)"
    if trained.dataset is None and runs.cell.model.protocol.pixels == "standardize":
        return "its pixels are standardised by the training images, which are not at hand"
    return ""


def _show(
    asked: Sequence[_Runs], picture: Picture, trained: _Trained
) -> list[Float[np.ndarray, "runs examples classes"]]:
    """Have worker processes show the picture to every network of these models."""
    if not asked:
        return []
    images, classes = picture.pixels[np.newaxis], len(trained.data.class_names)
    try:
        with worker_pool(min(default_workers(), len(asked))) as pool:
            waiting = []
            for runs in asked:
                files = [trained.store.network(key) for key in runs.all_keys]
                scaling = _scaling(runs.cell.model.protocol.pixels, trained.dataset)
                waiting.append(pool.submit("predict", runs.cell, files, images, classes, scaling))
            return [future.result() for future in waiting]
    except BrokenProcessPool as error:
        raise WorkerError(
            f"a process that asked the networks died ({' '.join(str(error).split())}): ask fewer models (--model)"
        ) from error


def _scaling(pixels: Pixels, dataset: Dataset | None) -> PixelScaling:
    """As in training, where it is learnt from all training images; without them, only what needs none."""
    nothing = np.zeros((1, 1, 1, 1), dtype=np.uint8)
    return fit_pixels(pixels, dataset.train_images if dataset else nothing)

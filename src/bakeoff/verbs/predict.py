"""What the trained networks of a study say of one image: a test image, or a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from bakeoff.data.picture import Picture, doubt_picture, read_picture
from bakeoff.errors import DataError, OutputError, StoreError, WorkerError
from bakeoff.report.prediction import PICTURE_FORMATS, render_prediction
from bakeoff.runner.pool import BrokenProcessPool, default_workers, worker_pool
from bakeoff.spec import Study, only_models
from bakeoff.spec.prediction import Prediction, Vote
from bakeoff.store import open_store
from bakeoff.verbs.default_store import default_store
from bakeoff.verbs.trained import ModelRuns, Trained, find_trained


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
    trained = find_trained(only_models(study, models) if models else study, open_store(store or default_store()))
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


def _ask_records(trained: Trained, index: int) -> Prediction:
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


def _ask_networks(trained: Trained, file: Path, invert: bool) -> Prediction:
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


def _gather_votes(trained: Trained, picture: Picture) -> tuple[list[Vote], dict[str, str]]:
    """Each model's answer, and why some have none."""
    obstacles = {runs.name: trained.find_obstacle(runs) for runs in trained.runs}
    able = [runs for runs in trained.runs if not obstacles[runs.name]]
    votes = []
    for runs, answer in zip(able, _show(able, picture, trained), strict=True):
        if np.isfinite(answer).all():
            votes.append(runs.vote(answer[:, 0]))
        else:
            obstacles[runs.name] = "it puts out no finite probabilities for this image"
    return votes, {name: obstacle for name, obstacle in obstacles.items() if obstacle}


def _show(
    asked: Sequence[ModelRuns], picture: Picture, trained: Trained
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
                scaling = trained.scaling(runs)
                waiting.append(pool.submit("predict", runs.cell, files, images, classes, scaling))
            return [future.result() for future in waiting]
    except BrokenProcessPool as error:
        raise WorkerError(
            f"a process that asked the networks died ({' '.join(str(error).split())}): ask fewer models (--model)"
        ) from error

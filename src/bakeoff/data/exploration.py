"""A first look at a data set: counts, range, duplicates, and a picture of each class."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from jaxtyping import Integer, UInt8
from PIL import Image

from bakeoff.data.dataset import Dataset
from bakeoff.data.duplicates import count_repeats, identify_images
from bakeoff.data.guard import inspect_dataset
from bakeoff.spec.record import DataFacts


@dataclass(frozen=True)
class DataSummary:
    """What `bakeoff data NAME` prints: plain values only.

    Attributes:
        train_counts: Training images of each class.
        test_counts: Test images of each class.
        train_duplicates: Training images that are byte for byte equal to an earlier training image.
        test_duplicates: Test images that are equal to an earlier test image.
        leaked_test_images: Test images that are also training images.
        facts: Everything that is looked for before training, with pairs.
    """

    name: str
    image_shape: tuple[int, int, int]
    dtype: str
    lowest: int
    highest: int
    class_names: tuple[str, ...]
    train_counts: tuple[int, ...]
    test_counts: tuple[int, ...]
    train_duplicates: int
    test_duplicates: int
    leaked_test_images: int
    licence: str
    source: str
    fingerprint: str
    facts: DataFacts


def summarize_dataset(dataset: Dataset) -> DataSummary:
    """Count, measure, and compare all images with each other.

    >>> from bakeoff.data.mnist_5k import load
    >>> summarize_dataset(load()).test_counts
    (100, 100, 100, 100, 100, 100, 100, 100, 100, 100)
    """
    identities = identify_images(dataset)
    facts = inspect_dataset(dataset, identities=identities)
    splits = (dataset.train_images, dataset.test_images)
    return DataSummary(
        name=dataset.name,
        image_shape=dataset.image_shape,
        dtype=str(dataset.train_images.dtype),
        lowest=min(int(images.min()) for images in splits),
        highest=max(int(images.max()) for images in splits),
        class_names=dataset.class_names,
        train_counts=facts.train_counts,
        test_counts=facts.test_counts,
        train_duplicates=count_repeats(identities.train),
        test_duplicates=count_repeats(identities.test),
        leaked_test_images=facts.leaked,
        licence=dataset.licence,
        source=dataset.source,
        fingerprint=dataset.fingerprint,
        facts=facts,
    )


def sample_grid(
    images: UInt8[np.ndarray, "examples height width channels"],
    labels: Integer[np.ndarray, " examples"],
    *,
    classes: int,
    per_class: int = 10,
    gap: int = 1,
) -> UInt8[np.ndarray, "grid_height grid_width channels"]:
    """One picture: a row for each class with its first images; white where a class has fewer.

    Args:
        images: Of one split.
        labels: Class of each image.
        classes: Number of rows.
        per_class: Number of columns.
        gap: White pixels between neighbours.

    >>> sample_grid(np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 1, 1]), classes=2, per_class=2).shape
    (17, 17, 1)
    """
    height, width, channels = images.shape[1:]
    cells = np.full((classes, height + gap, per_class, width + gap, channels), 255, dtype=np.uint8)
    for row in range(classes):
        for column, index in enumerate(np.flatnonzero(labels == row)[:per_class]):
            cells[row, :height, column, :width] = images[index]
    grid = cells.reshape(classes * (height + gap), per_class * (width + gap), channels)
    return grid[: grid.shape[0] - gap, : grid.shape[1] - gap]


def encode_png(picture: UInt8[np.ndarray, "height width channels"]) -> bytes:
    """The bytes of a PNG file of a picture with 1, 3 or 4 channels.

    >>> encode_png(np.zeros((2, 2, 1), np.uint8))[1:4]
    b'PNG'
    """
    file = io.BytesIO()
    Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture).save(file, format="PNG")
    return file.getvalue()

"""A first look at a data set: counts, range, duplicates, and a picture of each class."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, Integer, UInt8
from PIL import Image

from bakeoff.data.dataset import Dataset


@dataclass(frozen=True)
class DataSummary:
    """What `bakeoff data NAME` prints: plain values only.

    Attributes:
        train_counts: Training images of each class.
        test_counts: Test images of each class.
        train_duplicates: Training images that are byte for byte equal to an earlier training image.
        test_duplicates: Test images that are equal to an earlier test image.
        leaked_test_images: Test images that are also training images.
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


def summarize_dataset(dataset: Dataset) -> DataSummary:
    """Count, measure, and compare all images with each other.

    >>> from bakeoff.data.mnist_5k import load
    >>> summarize_dataset(load()).test_counts
    (100, 100, 100, 100, 100, 100, 100, 100, 100, 100)
    """
    train, test = _digests(dataset.train_images), _digests(dataset.test_images)
    distinct_train = set(train)
    splits = (dataset.train_images, dataset.test_images)
    return DataSummary(
        name=dataset.name,
        image_shape=dataset.image_shape,
        dtype=str(dataset.train_images.dtype),
        lowest=min(int(images.min()) for images in splits),
        highest=max(int(images.max()) for images in splits),
        class_names=dataset.class_names,
        train_counts=tuple(class_counts(dataset.train_labels, dataset.classes).tolist()),
        test_counts=tuple(class_counts(dataset.test_labels, dataset.classes).tolist()),
        train_duplicates=len(train) - len(distinct_train),
        test_duplicates=len(test) - len(set(test)),
        leaked_test_images=sum(digest in distinct_train for digest in test),
        licence=dataset.licence,
        source=dataset.source,
        fingerprint=dataset.fingerprint,
    )


def class_counts(labels: Integer[np.ndarray, " examples"], classes: int) -> Int64[np.ndarray, " classes"]:
    """How many labels there are of each class, 0..classes-1.

    >>> class_counts(np.array([0, 2, 2]), 4)
    array([1, 0, 2, 0])
    """
    return np.bincount(labels, minlength=classes)


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


def _digests(images: UInt8[np.ndarray, "examples height width channels"]) -> list[bytes]:
    return [hashlib.blake2b(image, digest_size=16).digest() for image in images]

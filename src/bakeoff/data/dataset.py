"""The data set: checked once when it is made, trusted everywhere after."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int32, UInt8
from numpy.typing import ArrayLike, NDArray

from bakeoff.data.splits import hold_out
from bakeoff.errors import DataError

TEST_SHARE = 0.2
"""Share of the images that becomes the test set where none was published."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels of a training and a test split. Make one with `make_dataset`, which checks everything.

    Attributes:
        name: The reference it was loaded by, e.g. `mnist` or `npz:FILE`.
        train_images: Values 0..255, contiguous and read-only, as all four arrays are.
        train_labels: Class of each training image, 0..classes-1; every class occurs.
        test_images: Of the same height, width and channels as the training images.
        test_labels: Class of each test image.
        class_names: One name per class.
        licence: Under which the data may be used.
        source: Who made it and where it came from.
    """

    name: str
    train_images: UInt8[np.ndarray, "train_examples height width channels"]
    train_labels: Int32[np.ndarray, " train_examples"]
    test_images: UInt8[np.ndarray, "test_examples height width channels"]
    test_labels: Int32[np.ndarray, " test_examples"]
    class_names: tuple[str, ...]
    licence: str
    source: str

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        height, width, channels = self.train_images.shape[1:]
        return height, width, channels

    @functools.cached_property
    def fingerprint(self) -> str:
        """SHA-256 over shapes and content of the four arrays and the class names: equal if and only if the data are."""
        digest = hashlib.sha256(repr(self.class_names).encode())
        for array in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            digest.update(repr(array.shape).encode())
            digest.update(array.astype(array.dtype.newbyteorder("<"), copy=False).data)
        return digest.hexdigest()


def make_dataset(
    *,
    name: str,
    train_images: ArrayLike,
    train_labels: ArrayLike,
    test_images: ArrayLike | None = None,
    test_labels: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    licence: str,
    source: str,
) -> Dataset:
    """Check and convert images and labels.

    Args:
        name: The reference of the data set; error messages begin with it.
        train_images: (examples, height, width) or (examples, height, width, channels) with 1, 3 or 4 channels.
            Integers or whole floats 0..255 are taken as they are; floats in [0, 1] become round(255 x).
        train_labels: Integers, one per image.
        test_images: As the training images; with no test set a stratified, fixed fifth of the training images
            becomes the test set.
        test_labels: Integers, one per test image.
        class_names: By default "0", "1", ... up to the largest label.
        licence: Under which the data may be used.
        source: Who made it and where it came from.

    Raises:
        DataError: Something is not images and labels, or a class is missing in training.

    >>> dataset = make_dataset(name="tiny", train_images=np.eye(4).reshape(4, 2, 2), train_labels=[0, 1, 0, 1],
    ...                        test_images=np.ones((1, 2, 2)), test_labels=[1], licence="none", source="doctest")
    >>> dataset.image_shape, dataset.train_images.max(), dataset.class_names
    ((2, 2, 1), np.uint8(255), ('0', '1'))
    """
    if (test_images is None) != (test_labels is None):
        absent = "images" if test_images is None else "labels"
        raise DataError(f"{name}: a test set needs images and labels, the {absent} are missing; give both or neither")
    images = [_check_images(train_images, where=f"{name}: training images")]
    labels = [_check_labels(train_labels, images[0].shape[0], where=f"{name}: training labels")]
    if test_images is not None and test_labels is not None:
        images.append(_check_images(test_images, where=f"{name}: test images"))
        labels.append(_check_labels(test_labels, images[1].shape[0], where=f"{name}: test labels"))
    names = _check_class_names(class_names, labels, name=name)
    images = _to_bytes(images, name=name)
    if len(images) == 1:
        images, labels = _split_off_test(images[0], labels[0], classes=len(names))
    return Dataset(
        name=name,
        train_images=_frozen(images[0], np.uint8),
        train_labels=_frozen(labels[0], np.int32),
        test_images=_frozen(images[1], np.uint8),
        test_labels=_frozen(labels[1], np.int32),
        class_names=names,
        licence=licence,
        source=source,
    )


def _check_images(images: ArrayLike, *, where: str) -> NDArray[Any]:
    array = np.asarray(images)
    if array.dtype.kind not in "iuf":
        raise DataError(f"{where}: expected numbers, integers 0..255 or floats in [0, 1], got dtype {array.dtype}")
    shaped = array[..., np.newaxis] if array.ndim == 3 else array
    if shaped.ndim != 4 or shaped.shape[3] not in (1, 3, 4):
        raise DataError(
            f"{where}: expected shape (examples, height, width) or (examples, height, width, channels) with 1, 3 or 4 "
            f"channels, got {array.shape}"
        )
    if 0 in shaped.shape:
        raise DataError(f"{where}: expected at least one image of at least one pixel, got shape {array.shape}")
    finite = np.isfinite(shaped).all(axis=(1, 2, 3)) if shaped.dtype.kind == "f" else np.ones(1, dtype=bool)
    if not finite.all():
        index = int(np.argmin(finite))
        raise DataError(f"{where}: image {index} holds NaN or infinity; remove or repair it")
    return shaped


def _check_labels(labels: ArrayLike, images: int, *, where: str) -> NDArray[Any]:
    array = np.asarray(labels)
    if array.dtype.kind not in "iu":
        raise DataError(f"{where}: expected integers 0..classes-1, got dtype {array.dtype}; convert them to integers")
    flat = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if flat.ndim != 1:
        raise DataError(f"{where}: expected one label per image, shape ({images},), got {array.shape}")
    if flat.size != images:
        raise DataError(f"{where}: expected one label for each of {images} images, got {flat.size} labels")
    if flat.min() < 0:
        index = int(np.argmax(flat < 0))
        raise DataError(f"{where}: label {index} is negative ({flat[index]}); classes are numbered from 0")
    return flat


def _check_class_names(class_names: Sequence[str] | None, labels: list[NDArray[Any]], *, name: str) -> tuple[str, ...]:
    classes = 1 + max(int(part.max()) for part in labels) if class_names is None else len(class_names)
    for part, where in zip(labels, ("training", "test"), strict=False):
        if part.max() >= classes:
            index = int(np.argmax(part >= classes))
            raise DataError(
                f"{name}: {where} labels: label {index} is {part[index]}, outside the {classes} named classes "
                f"0..{classes - 1}; name more classes or correct the label"
            )
    present = np.unique(labels[0])
    if present.size < classes:
        first = next((index for index, label in enumerate(present) if index != label), present.size)
        raise DataError(f"{name}: training labels: class {first} of {classes} has no training image; add some")
    names = tuple(map(str, range(classes) if class_names is None else class_names))
    if len(names) < 2 or len(set(names)) < len(names):
        raise DataError(f"{name}: expected at least two classes with different names, got {', '.join(names)}")
    return names


def _to_bytes(splits: list[NDArray[Any]], *, name: str) -> list[NDArray[np.uint8]]:
    """All splits by one rule: a dark test split with floats up to 1.0 is not taken for [0, 1] if training is 0..255."""
    if len({images.shape[1:] for images in splits}) > 1:
        shapes = " and ".join(str(images.shape[1:]) for images in splits)
        raise DataError(f"{name}: training and test images must have the same height, width and channels, got {shapes}")
    if len({images.dtype.kind == "f" for images in splits}) > 1:
        kinds = " and ".join(str(images.dtype) for images in splits)
        raise DataError(f"{name}: training and test images must both be integers or both be floats, got {kinds}")
    low, high = min(images.min() for images in splits), max(images.max() for images in splits)
    if splits[0].dtype.kind == "f" and low >= 0 and high <= 1:
        return [np.rint(255 * images).astype(np.uint8) for images in splits]
    whole = all(images.dtype.kind != "f" or (images == np.rint(images)).all() for images in splits)
    if low < 0 or high > 255 or not whole:
        raise DataError(
            f"{name}: images: expected floats in [0, 1] or whole numbers 0..255, got values from {low:g} to {high:g}"
            f"{'' if whole else ' that are not whole'}; rescale them"
        )
    return [images.astype(np.uint8, copy=False) for images in splits]


def _split_off_test(
    images: NDArray[Any], labels: NDArray[Any], *, classes: int
) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
    fold = hold_out(labels.astype(np.int64), round(TEST_SHARE * labels.size), classes=classes)
    return [images[fold.train], images[fold.validation]], [labels[fold.train], labels[fold.validation]]


def _frozen(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    view = np.ascontiguousarray(array, dtype=dtype).view()
    view.flags.writeable = False  # nobody changes the data behind the fingerprint
    return view

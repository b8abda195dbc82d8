"""CIFAR-10: 60,000 colour photographs, 32x32, ten classes. The binary version: no pickle is ever opened."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bakeoff.data.dataset import Dataset, make_dataset
from bakeoff.data.files import WantedFile, obtain
from bakeoff.errors import DataError

ARCHIVE = WantedFile(
    dataset="cifar10",
    name="cifar-10-binary.tar.gz",
    checksum="md5:c32a1d4ab5d03f1284b67883e8d87530",
    checksum_of="file",
    mirrors=("https://www.cs.toronto.edu/~kriz/",),
)
TRAIN_MEMBERS = tuple(f"cifar-10-batches-bin/data_batch_{number}.bin" for number in range(1, 6))
TEST_MEMBERS = ("cifar-10-batches-bin/test_batch.bin",)
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

_RECORD_BYTES = 1 + 3 * 32 * 32  # a label, then the red, green and blue plane


def load() -> Dataset:
    """50,000 training and 10,000 test images, as published."""
    return read_archive(obtain(ARCHIVE))


def read_archive(content: bytes) -> Dataset:
    """Read the unpacked tar in memory; nothing is written to disk.

    Raises:
        DataError: The archive or one of its members is damaged or missing.
    """
    train_images, train_labels = _read_members(content, TRAIN_MEMBERS)
    test_images, test_labels = _read_members(content, TEST_MEMBERS)
    return make_dataset(
        name="cifar10",
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        class_names=CLASS_NAMES,
        licence="none stated by its authors",
        source="A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009",
    )


def _read_members(content: bytes, names: tuple[str, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    records = np.concatenate([_records(_member(content, name), where=f"{ARCHIVE.name}: {name}") for name in names])
    planes = records[:, 1:].reshape(-1, 3, 32, 32)  # (examples, channels, height, width)
    return planes.transpose(0, 2, 3, 1), records[:, 0]


def _member(content: bytes, name: str) -> bytes:
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            file = archive.extractfile(name)
            if file is not None:
                return file.read()
    except (tarfile.TarError, KeyError, EOFError) as problem:
        raise DataError(f"{ARCHIVE.name}: expected a tar archive with the file {name}: {problem}") from problem
    raise DataError(f"{ARCHIVE.name}: expected {name} to be a file, found a folder or a device")


def _records(content: bytes, *, where: str) -> NDArray[np.uint8]:
    if not content or len(content) % _RECORD_BYTES:
        raise DataError(f"{where}: expected records of {_RECORD_BYTES} bytes, found {len(content)} bytes in all")
    return np.frombuffer(content, dtype=np.uint8).reshape(-1, _RECORD_BYTES)  # (examples, label and pixels)

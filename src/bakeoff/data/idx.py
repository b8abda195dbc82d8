"""`idx:PATH`: a folder with four files in MNIST's format and names, gzipped or not; and how such files are read.

The format: Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database, section "File formats for the MNIST database".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bakeoff.data.dataset import Dataset, make_dataset
from bakeoff.data.files import WantedFile, obtain, read_unpacked
from bakeoff.errors import DataError

FILE_NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def load(path: str) -> Dataset:
    """Read the four files of a folder.

    Raises:
        DataError: The folder or a file is missing or damaged.
    """
    folder = Path(path).expanduser()
    found = {part: _find(folder, name) for part, name in FILE_NAMES.items()}
    arrays: dict[str, Any] = {part: read_idx(read_unpacked(file), where=str(file)) for part, file in found.items()}
    return make_dataset(name=f"idx:{path}", licence="not stated", source=str(folder), **arrays)


def want_files(
    dataset: str,
    checksums: Mapping[str, str],
    *,
    checksum_of: Literal["content", "file"],
    mirrors: tuple[str, ...],
    system_folders: tuple[str, ...] = (),
) -> dict[str, WantedFile]:
    """The four files of a published data set, by the part that each holds.

    Args:
        dataset: Its name.
        checksums: `sha256:...` or `md5:...` of each part of `FILE_NAMES`.
        checksum_of: As for `WantedFile`.
        mirrors: As for `WantedFile`.
        system_folders: As for `WantedFile`.
    """
    return {
        part: WantedFile(dataset, f"{FILE_NAMES[part]}.gz", checksum, checksum_of, mirrors, system_folders)
        for part, checksum in checksums.items()
    }


def obtain_arrays(files: Mapping[str, WantedFile]) -> dict[str, Any]:
    """Find or fetch published files and read them, by the keys of `FILE_NAMES`."""
    return {part: read_idx(obtain(file), where=f"{file.dataset}: {file.name}") for part, file in files.items()}


def read_idx(content: bytes, *, where: str) -> NDArray[Any]:
    """The array in the bytes of an idx file.

    Args:
        content: The whole file, unpacked.
        where: What to call it in an error message.

    Raises:
        DataError: Wrong magic number, or more or fewer values than the header announces.

    >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]), where="two labels")
    array([7, 9], dtype=uint8)
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _DTYPES or content[3] == 0:
        raise DataError(
            f"{where}: expected an idx file, which starts with the bytes 00 00, a type (08 for bytes) and the number "
            f"of axes, found {content[:4].hex(' ') or 'nothing'}"
        )
    dtype, start = np.dtype(_DTYPES[content[2]]), 4 + 4 * content[3]
    if len(content) < start:
        raise DataError(f"{where}: expected a header of {start} bytes, found a file of {len(content)} bytes")
    shape = tuple(int(size) for size in np.frombuffer(content, dtype=">u4", count=content[3], offset=4))
    expected = math.prod(shape) * dtype.itemsize
    if len(content) - start != expected:
        raise DataError(
            f"{where}: the header announces shape {shape}, which is {expected} bytes, found {len(content) - start}; "
            "the file is cut off or damaged: fetch it again"
        )
    return np.frombuffer(content, dtype=dtype, offset=start).reshape(shape)


def _find(folder: Path, name: str) -> Path:
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    there = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else None
    held = "there is no such folder" if there is None else f"it holds {', '.join(there) or 'nothing'}"
    raise DataError(f"idx:{folder}: expected a folder with the file {name} or {name}.gz; {held}")

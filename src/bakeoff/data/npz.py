"""`npz:PATH`: one NumPy archive with x_train, y_train, and, where there is a test set, x_test and y_test.

An optional class_names holds one name per class. Pickled content is refused.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bakeoff.data.dataset import Dataset, make_dataset
from bakeoff.errors import DataError

_KEYS = {"train_images": "x_train", "train_labels": "y_train", "test_images": "x_test", "test_labels": "y_test"}


def load(path: str) -> Dataset:
    """Read the archive.

    Raises:
        DataError: The file is missing, damaged, pickled, or lacks x_train or y_train.
    """
    arrays = _read_arrays(Path(path).expanduser())
    missing = [key for key in ("x_train", "y_train") if key not in arrays]
    if missing:
        raise DataError(
            f"npz:{path}: expected x_train and y_train (and x_test, y_test, class_names if there are any), "
            f"{' and '.join(missing)} not found; the archive holds {', '.join(sorted(arrays)) or 'nothing'}"
        )
    parts: dict[str, Any] = {part: arrays.get(key) for part, key in _KEYS.items()}
    names = [str(name) for name in arrays["class_names"]] if "class_names" in arrays else None
    return make_dataset(name=f"npz:{path}", class_names=names, licence="not stated", source=path, **parts)


def _read_arrays(file: Path) -> dict[str, NDArray[Any]]:
    if not file.is_file():
        raise DataError(f"npz:{file}: there is no such file")
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return dict(archive)
    except (ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as problem:
        raise DataError(f"npz:{file}: expected a NumPy .npz archive without pickles: {problem}") from problem

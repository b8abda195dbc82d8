import gzip

import numpy as np
import pytest

from bakeoff.data import load_dataset
from bakeoff.data.idx import FILE_NAMES, read_idx
from bakeoff.errors import DataError

IMAGES = np.arange(4 * 2 * 3, dtype=np.uint8).reshape(4, 2, 3)
LABELS = np.array([0, 1, 1, 0], dtype=np.uint8)


def idx_bytes(array, code=0x08, dtype=">u1"):
    """An idx file, written from the format's description."""
    return (
        bytes([0, 0, code, array.ndim])
        + b"".join(size.to_bytes(4, "big") for size in array.shape)
        + array.astype(dtype).tobytes()
    )


def _write_folder(folder, *, packed):
    for part, name in FILE_NAMES.items():
        content = idx_bytes(IMAGES if part.endswith("images") else LABELS)
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)


@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_of_four_files_is_a_data_set(tmp_path, packed):
    """idx:PATH reads MNIST's file names, gzipped or not."""
    _write_folder(tmp_path, packed=packed)
    dataset = load_dataset(f"idx:{tmp_path}")
    assert np.array_equal(dataset.train_images[..., 0], IMAGES)
    assert dataset.test_labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize(
    ("code", "dtype"), [(0x08, ">u1"), (0x09, ">i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")]
)
def test_every_type_of_the_format_is_read(code, dtype):
    """All six element types, most significant byte first."""
    array = np.array([[1, 2, 100], [0, 5, 6]])
    assert np.array_equal(read_idx(idx_bytes(array, code, dtype), where="x"), array)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "here: expected an idx file.*found nothing"),
        (b"\x01\x02\x08\x01", "found 01 02 08 01"),
        (b"\0\0\x07\x01", "found 00 00 07 01"),
        (b"\0\0\x08\0", "found 00 00 08 00"),
        (b"\0\0\x08\x03\0\0\0\x02", "expected a header of 16 bytes, found a file of 8 bytes"),
        (idx_bytes(IMAGES)[:-1], r"announces shape \(4, 2, 3\), which is 24 bytes, found 23"),
        (idx_bytes(IMAGES) + b"x", r"which is 24 bytes, found 25"),
    ],
)
def test_a_damaged_file_is_refused(content, words):
    """Wrong magic, short header, short or long payload: named with expected and found."""
    with pytest.raises(DataError, match=words):
        read_idx(content, where="here")


def test_a_missing_file_says_what_is_there(tmp_path):
    """A folder without one of the four files lists what it holds."""
    _write_folder(tmp_path, packed=False)
    (tmp_path / FILE_NAMES["test_labels"]).unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte or .*\.gz; it holds t10k-images-idx3-ubyte, train"):
        load_dataset(f"idx:{tmp_path}")


def test_a_missing_folder_is_named(tmp_path):
    """A path without a folder is said to be none."""
    with pytest.raises(DataError, match=r"absent: expected a folder.*there is no such folder"):
        load_dataset(f"idx:{tmp_path}/absent")


def test_an_empty_folder_holds_nothing(tmp_path):
    """An empty folder is said to be empty."""
    with pytest.raises(DataError, match="it holds nothing"):
        load_dataset(f"idx:{tmp_path}")

import numpy as np
import pytest

from bakeoff.data import load_dataset
from bakeoff.errors import DataError

IMAGES = np.arange(20, dtype=np.uint8).reshape(20, 1, 1)
LABELS = np.tile([0, 1], 10)


def test_a_whole_archive_is_read(tmp_path):
    """All five keys arrive where they belong."""
    path = tmp_path / "mine.npz"
    np.savez_compressed(
        path,
        x_train=IMAGES[:12],
        y_train=LABELS[:12],
        x_test=IMAGES[12:],
        y_test=LABELS[12:],
        class_names=["cat", "dog"],
    )
    dataset = load_dataset(f"npz:{path}")
    assert dataset.train_images.ravel().tolist() == list(range(12))
    assert dataset.test_images.ravel().tolist() == list(range(12, 20))
    assert dataset.class_names == ("cat", "dog")
    assert dataset.name == f"npz:{path}"


def test_without_test_images_a_fixed_fifth_is_split_off(tmp_path):
    """Two of ten images of each class become the test set."""
    path = tmp_path / "mine.npz"
    np.savez(path, x_train=IMAGES, y_train=LABELS)
    assert np.bincount(load_dataset(f"npz:{path}").test_labels).tolist() == [2, 2]


def test_missing_keys_say_what_is_there(tmp_path):
    """An archive with other names lists them."""
    path = tmp_path / "other.npz"
    np.savez(path, images=IMAGES, y_train=LABELS)
    with pytest.raises(DataError, match="x_train not found; the archive holds images, y_train"):
        load_dataset(f"npz:{path}")


def test_a_missing_file_is_named(tmp_path):
    """A path without a file is repeated in the message."""
    with pytest.raises(DataError, match=r"nothing\.npz: there is no such file"):
        load_dataset(f"npz:{tmp_path}/nothing.npz")


def _pickled(path):
    np.savez(path, x_train=np.array([{}], dtype=object), y_train=LABELS)


def _truncated(path):
    np.savez(path, x_train=IMAGES, y_train=LABELS)
    path.write_bytes(path.read_bytes()[:200])


def _flipped(path):
    np.savez(path, x_train=IMAGES, y_train=LABELS)
    content = bytearray(path.read_bytes())
    content[content.index(bytes(range(20))) + 3] ^= 1
    path.write_bytes(content)


def _plain_array(path):
    with path.open("wb") as file:
        np.save(file, IMAGES)


def _text(path):
    path.write_text("no archive")


def _empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("write", [_pickled, _truncated, _flipped, _plain_array, _text, _empty])
def test_what_is_no_sound_archive_is_refused(tmp_path, write):
    """Pickles, cut or changed archives, single arrays and other files are refused without being executed."""
    path = tmp_path / "bad.npz"
    write(path)
    with pytest.raises(DataError, match=r"bad\.npz: expected a NumPy \.npz archive without pickles"):
        load_dataset(f"npz:{path}")

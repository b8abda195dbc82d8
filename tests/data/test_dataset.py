import dataclasses

import numpy as np
import pytest

from bakeoff.data import make_dataset
from bakeoff.errors import DataError

GOOD = {
    "name": "toy",
    "train_images": np.arange(4 * 2 * 3, dtype=np.uint8).reshape(4, 2, 3),
    "train_labels": np.array([0, 1, 0, 1]),
    "test_images": np.full((2, 2, 3), 9, dtype=np.uint8),
    "test_labels": np.array([1, 0]),
    "licence": "none",
    "source": "test",
}


def _make(**changes):
    return make_dataset(**{**GOOD, **changes})


def _with(array, index, value, dtype=float):
    changed = array.astype(dtype)
    changed[index] = value
    return changed


def test_bytes_are_taken_as_they_are():
    """uint8 images keep their values and get a channel axis."""
    dataset = _make()
    assert np.array_equal(dataset.train_images[..., 0], GOOD["train_images"])
    assert dataset.image_shape == (2, 3, 1)
    assert dataset.class_names == ("0", "1")


def test_unit_floats_become_bytes():
    """Floats in [0, 1] become round(255 x)."""
    images = np.array([0.0, 0.5, 0.25, 1.0]).reshape(4, 1, 1)
    dataset = _make(train_images=images, test_images=images[:2])
    assert dataset.train_images.ravel().tolist() == [0, 128, 64, 255]  # 127.5 -> 128, 63.75 -> 64


def test_whole_floats_are_cast():
    """Whole floats 0..255 become the same bytes."""
    dataset = _make(train_images=GOOD["train_images"] * 1.0, test_images=GOOD["test_images"] * 1.0)
    assert np.array_equal(dataset.train_images[..., 0], GOOD["train_images"])


def test_a_dark_test_split_is_scaled_like_training():
    """Whether floats mean [0, 1] or 0..255 is decided over both splits at once."""
    dataset = _make(train_images=GOOD["train_images"] * 1.0, test_images=np.ones((2, 2, 3)))
    assert dataset.test_images.max() == 1


def test_labels_in_a_column_are_accepted():
    """Labels of shape (examples, 1), as Keras gives CIFAR-10's, are flattened."""
    assert _make(train_labels=GOOD["train_labels"][:, None]).train_labels.tolist() == [0, 1, 0, 1]


def test_without_a_test_set_a_fifth_is_split_off():
    """A fifth of each class becomes the test set, the same fifth each time."""
    images, labels = np.arange(40, dtype=np.uint8).reshape(40, 1, 1), np.repeat([0, 1], [10, 30])
    first, second = (
        _make(train_images=images, train_labels=labels, test_images=None, test_labels=None) for _ in range(2)
    )
    assert np.bincount(first.test_labels).tolist() == [2, 6]
    assert set(first.train_images.ravel()) | set(first.test_images.ravel()) == set(range(40))
    assert first.fingerprint == second.fingerprint


def test_the_data_cannot_be_changed():
    """Neither fields nor arrays of a data set can be changed after its fingerprint may have been taken."""
    dataset = _make()
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.name = "other"
    with pytest.raises(ValueError, match="read-only"):
        dataset.train_images[0] = 1


@pytest.mark.parametrize(
    "changes",
    [
        {"train_images": _with(GOOD["train_images"], (0, 0, 0), 200, np.uint8)},
        {"test_images": _with(GOOD["test_images"], (1, 0, 0), 200, np.uint8)},
        {"train_labels": np.array([1, 0, 0, 1])},
        {"test_labels": np.array([0, 0])},
        {"class_names": ("zero", "one")},
        {
            "train_images": GOOD["train_images"].reshape(4, 3, 2),
            "test_images": GOOD["test_images"].reshape(2, 3, 2),
        },
    ],
)
def test_the_fingerprint_notices_any_change_of_content(changes):
    """One pixel, label, class name or the shape changed: another fingerprint."""
    assert _make(**changes).fingerprint != _make().fingerprint


def test_the_fingerprint_ignores_how_the_data_arrived():
    """Name, licence, dtype and memory order of the input leave the fingerprint alone."""
    other = _make(name="other", licence="x", train_images=np.asfortranarray(GOOD["train_images"].astype(np.int64)))
    assert other.fingerprint == _make().fingerprint


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"train_images": np.array(["a"])}, r"toy: training images: expected numbers.*got dtype <U1"),
        ({"train_images": GOOD["train_images"][0]}, r"training images: expected shape.*got \(2, 3\)"),
        ({"train_images": np.zeros((4, 2, 3, 2), np.uint8)}, r"1, 3 or 4 channels, got \(4, 2, 3, 2\)"),
        ({"train_images": GOOD["train_images"][:0]}, r"training images: expected at least one image"),
        ({"test_images": GOOD["test_images"][:0]}, r"test images: expected at least one image"),
        (
            {"train_images": _with(GOOD["train_images"], (2, 1, 1), np.nan)},
            r"training images: image 2 holds NaN or infinity",
        ),
        (
            {"test_images": _with(GOOD["test_images"], (1, 0, 0), np.inf)},
            r"test images: image 1 holds NaN or infinity",
        ),
        (
            {
                "train_images": _with(GOOD["train_images"], (0, 0, 0), 2.5),
                "test_images": GOOD["test_images"] * 1.0,
            },
            r"got values from 1 to 23 that are not whole; rescale",
        ),
        ({"train_images": GOOD["train_images"].astype(int) - 1}, r"got values from -1 to 22; rescale"),
        ({"train_images": GOOD["train_images"].astype(int) + 300}, r"got values from 9 to 323; rescale"),
        (
            {"test_images": np.zeros((2, 3, 3), np.uint8)},
            r"same height, width and channels, got \(2, 3, 1\) and \(3, 3, 1\)",
        ),
        ({"test_images": np.zeros((2, 2, 3))}, r"both be integers or both be floats, got uint8 and float64"),
        ({"train_labels": np.array([0.0, 1.0, 0.0, 1.0])}, r"training labels: expected integers.*got dtype float64"),
        ({"train_labels": np.eye(4, 2, dtype=int)}, r"one label per image, shape \(4,\), got \(4, 2\)"),
        ({"train_labels": np.array([0, 1, 0])}, r"one label for each of 4 images, got 3 labels"),
        ({"test_labels": np.array([0, -2])}, r"test labels: label 1 is negative \(-2\)"),
        (
            {"train_labels": np.array([0, 1, 7, 8]), "class_names": ("a", "b")},
            r"training labels: label 2 is 7, outside the 2 named classes 0\.\.1",
        ),
        (
            {"test_labels": np.array([0, 5]), "class_names": ("a", "b")},
            r"test labels: label 1 is 5, outside the 2 named classes",
        ),
        ({"train_labels": np.array([0, 2, 0, 2])}, r"class 1 of 3 has no training image"),
        ({"test_labels": np.array([0, 2])}, r"class 2 of 3 has no training image"),
        ({"train_labels": np.array([0, 1, 0, 10**12])}, r"class 2 of 1000000000001 has no training image"),
        ({"class_names": ("a", "a")}, r"at least two classes with different names, got a, a"),
        (
            {"train_labels": np.zeros(4, int), "test_labels": np.zeros(2, int)},
            r"at least two classes with different names, got 0",
        ),
        ({"test_labels": None}, r"toy: a test set needs images and labels, the labels are missing"),
        ({"test_images": None}, r"the images are missing; give both or neither"),
    ],
)
def test_what_is_no_image_or_label_is_refused(changes, words):
    """Wrong input is refused with a message that says where it is and what it is."""
    with pytest.raises(DataError, match=words):
        _make(**changes)

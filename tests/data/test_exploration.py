import io

import numpy as np
import pytest
from PIL import Image

from bakeoff.data import make_dataset
from bakeoff.data.exploration import encode_png, sample_grid, summarize_dataset


def test_the_summary_counts_duplicates_within_and_between_splits():
    """Images 5 5 5 7 train, 7 8 8 test: two repeats in training, one in the test set, one test image leaked."""
    dataset = make_dataset(
        name="toy",
        train_images=np.array([5, 5, 5, 7], np.uint8).reshape(4, 1, 1),
        train_labels=[0, 0, 1, 1],
        test_images=np.array([7, 8, 8], np.uint8).reshape(3, 1, 1),
        test_labels=[0, 0, 0],
        class_names=("a", "b"),
        licence="none",
        source="test",
    )
    summary = summarize_dataset(dataset)
    assert (summary.train_duplicates, summary.test_duplicates, summary.leaked_test_images) == (2, 1, 1)
    assert (summary.train_counts, summary.test_counts) == ((2, 2), (3, 0))
    assert (summary.lowest, summary.highest, summary.dtype) == (5, 8, "uint8")
    assert (summary.name, summary.image_shape, summary.class_names) == ("toy", (1, 1, 1), ("a", "b"))
    assert (summary.licence, summary.source, summary.fingerprint) == ("none", "test", dataset.fingerprint)


def test_the_grid_has_a_row_for_each_class():
    """First images first, white gaps between neighbours, white cells where a class has too few images."""
    images = np.array([10, 20, 30], np.uint8).reshape(3, 1, 1, 1)
    grid = sample_grid(images, np.array([1, 0, 1]), classes=2, per_class=2)
    assert grid[..., 0].tolist() == [[20, 255, 255], [255, 255, 255], [10, 255, 30]]


def test_the_grid_can_do_without_gaps():
    """With gap 0 the images touch."""
    grid = sample_grid(np.zeros((2, 4, 5, 3), np.uint8), np.array([0, 1]), classes=2, per_class=1, gap=0)
    assert grid.shape == (8, 5, 3)
    assert grid.max() == 0


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_png_gives_the_picture_back(channels):
    """What is encoded is decoded to the same pixels, grey or in colour."""
    picture = np.random.default_rng(0).integers(0, 256, (4, 5, channels)).astype(np.uint8)
    decoded = np.asarray(Image.open(io.BytesIO(encode_png(picture))))
    assert np.array_equal(decoded.reshape(picture.shape), picture)

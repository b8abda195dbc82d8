"""Every data set that is found by its file name keeps the same promises."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bakeoff.data import Dataset, dataset_names, load_dataset
from bakeoff.data.exploration import encode_png, sample_grid, summarize_dataset
from bakeoff.data.fashion_mnist import DEBIAN_FOLDER
from bakeoff.errors import DataError

PUBLISHED_SIZES = {  # training, test, image shape: from each data set's own description
    "mnist-5k": (4_000, 1_000, (28, 28, 1)),
    "digits": (1_438, 359, (8, 8, 1)),
    "mnist": (60_000, 10_000, (28, 28, 1)),
    "fashion-mnist": (60_000, 10_000, (28, 28, 1)),
    "kmnist": (60_000, 10_000, (28, 28, 1)),
    "cifar10": (50_000, 10_000, (32, 32, 3)),
}
FILES = {
    "mnist": "train-images-idx3-ubyte.gz",
    "kmnist": "train-images-idx3-ubyte.gz",
    "cifar10": "cifar-10-binary.tar.gz",
}


def _absence(name: str) -> str:
    """Why a data set cannot be loaded here without a network; empty if it can."""
    folders = [Path(folder) / name for folder in os.environ.get("BAKEOFF_DATA", "").split(os.pathsep) if folder]
    if name == "fashion-mnist" and not Path(DEBIAN_FOLDER).is_dir():
        return "fashion-mnist needs Debian's package dataset-fashion-mnist"
    if name in FILES and not any((folder / FILES[name]).is_file() for folder in folders):
        return f"{name} needs BAKEOFF_DATA to name a folder that holds {name}/{FILES[name]}"
    return ""


@pytest.fixture(scope="module", params=[name for name in dataset_names() if ":" not in name])
def dataset(request: pytest.FixtureRequest) -> Dataset:
    """Each discovered data set in turn, or a skip that says what is missing."""
    reason = _absence(request.param)
    if reason:
        pytest.skip(reason)
    return load_dataset(request.param)


def test_its_name_loads_it(dataset):
    """A data set calls itself by the name under which it is loaded."""
    assert dataset.name in dataset_names()


def test_arrays_have_the_house_layout(dataset):
    """Images are contiguous, read-only uint8 with a channel axis, labels int32, and both splits agree in shape."""
    for images, labels in (
        (dataset.train_images, dataset.train_labels),
        (dataset.test_images, dataset.test_labels),
    ):
        assert images.dtype == np.uint8
        assert images.flags.c_contiguous
        assert not images.flags.writeable
        assert images.shape[1:] == dataset.image_shape
        assert labels.dtype == np.int32
        assert labels.shape == images.shape[:1]


def test_sizes_are_as_published(dataset):
    """A built-in data set has the number and shape of images that its authors describe."""
    if dataset.name in PUBLISHED_SIZES:
        train, test, shape = PUBLISHED_SIZES[dataset.name]
        assert dataset.train_images.shape == (train, *shape)
        assert dataset.test_images.shape == (test, *shape)


def test_every_class_is_trained_and_named(dataset):
    """Labels are exactly 0..classes-1 in training, and nothing else in the test set."""
    assert set(np.unique(dataset.train_labels)) == set(range(dataset.classes))
    assert set(np.unique(dataset.test_labels)) <= set(range(dataset.classes))
    assert len(set(dataset.class_names)) == dataset.classes


def test_loading_twice_gives_the_same_data(dataset):
    """Two loads have one fingerprint: no split depends on chance or on the machine's state."""
    assert load_dataset(dataset.name).fingerprint == dataset.fingerprint


def test_its_origin_and_licence_are_stated(dataset):
    """Nobody has to guess where the images come from and what may be done with them."""
    assert dataset.licence
    assert dataset.source


def test_it_can_be_summarised_and_drawn(dataset):
    """The command `bakeoff data` has something to print and to draw for every data set."""
    summary = summarize_dataset(dataset)
    assert sum(summary.train_counts) == dataset.train_labels.size
    assert 0 <= summary.lowest < summary.highest <= 255
    grid = sample_grid(dataset.train_images, dataset.train_labels, classes=dataset.classes, per_class=2)
    assert encode_png(grid).startswith(b"\x89PNG")


def test_listing_names_imports_no_dependency_of_a_data_set():
    """`bakeoff --help` lists the data sets without loading pandas, scikit-learn, mlxtend, pooch or a framework."""
    code = (
        "import sys, bakeoff.data; names = bakeoff.data.dataset_names(); "
        "heavy = {'sklearn', 'mlxtend', 'pooch', 'pandas', 'keras', 'jax'} & set(sys.modules); "
        "sys.exit(f'{heavy}' if heavy or 'digits' not in names else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_files_that_define_load_are_data_sets_and_helpers_are_not():
    """Plain names and kinds with their argument are listed; the package's other modules are not."""
    names = dataset_names()
    assert {*PUBLISHED_SIZES, "npz:PATH", "idx:PATH"} <= set(names)
    assert not {"dataset", "exploration", "files", "pixels", "registry", "splits"} & {
        n.partition(":")[0] for n in names
    }


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("mnst", "data 'mnst': there is no such data set; did you mean 'mnist'"),
        ("splits", "there is no such data set"),
        ("mnist_5k", "did you mean 'mnist-5k'"),
        ("npz", "npz needs PATH; write npz:PATH"),
        ("idx:", "idx needs PATH; write idx:PATH"),
        ("mnist:x", "data 'mnist:x': mnist takes no argument; write mnist"),
        ("digits:", "digits takes no argument"),
    ],
)
def test_a_wrong_reference_is_explained(reference, words):
    """A reference that is misspelt, lacks its argument or has one too many says how to write it."""
    with pytest.raises(DataError, match=words):
        load_dataset(reference)


def test_a_missing_package_file_is_explained(monkeypatch):
    """When mlxtend no longer ships the digits, the message names the package and the file."""
    monkeypatch.setattr("bakeoff.data.mnist_5k.PACKAGED_FILE", "data/data/gone.csv.gz")
    with pytest.raises(DataError, match=r"mlxtend holds no data/data/gone\.csv\.gz"):
        load_dataset("mnist-5k")


def test_mnist_5k_splits_every_class_400_to_100():
    """The split of the class-sorted file is stratified."""
    summary = summarize_dataset(load_dataset("mnist-5k"))
    assert summary.train_counts == (400,) * 10
    assert summary.test_counts == (100,) * 10


def test_digits_maps_sixteen_to_255():
    """The 17 grey levels of the digits become 17 bytes that span 0..255."""
    images = load_dataset("digits").train_images
    assert np.unique(images).tolist() == [0, 16, 32, 48, 64, 80, 96, 112, 128, 143, 159, 175, 191, 207, 223, 239, 255]

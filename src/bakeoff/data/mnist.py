"""MNIST: 70,000 handwritten digits, 28x28. The four idx files, verified by their content."""

from __future__ import annotations

from bakeoff.data.dataset import Dataset, make_dataset
from bakeoff.data.idx import obtain_arrays, want_files

CONTENT_SHA256 = {
    "train_images": "sha256:ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train_labels": "sha256:65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "test_images": "sha256:0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "test_labels": "sha256:ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
FILES = want_files("mnist", CONTENT_SHA256, checksum_of="content", mirrors=MIRRORS)


def load() -> Dataset:
    """60,000 training and 10,000 test images, as published."""
    return make_dataset(
        name="mnist",
        licence="CC BY-SA 3.0",
        source="Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits",
        **obtain_arrays(FILES),
    )

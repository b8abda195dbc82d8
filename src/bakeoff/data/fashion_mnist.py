"""Fashion-MNIST: 70,000 pictures of clothes, 28x28. Debian's package `dataset-fashion-mnist` is used when present."""

from __future__ import annotations

from bakeoff.data.dataset import Dataset, make_dataset
from bakeoff.data.idx import obtain_arrays, want_files

CONTENT_SHA256 = {
    "train_images": "sha256:c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train_labels": "sha256:bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "test_images": "sha256:5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "test_labels": "sha256:0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
MIRRORS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)
DEBIAN_FOLDER = "/usr/share/datasets/fashion-mnist"
FILES = want_files(
    "fashion-mnist", CONTENT_SHA256, checksum_of="content", mirrors=MIRRORS, system_folders=(DEBIAN_FOLDER,)
)
CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def load() -> Dataset:
    """60,000 training and 10,000 test images, as published."""
    return make_dataset(
        name="fashion-mnist",
        class_names=CLASS_NAMES,
        licence="MIT",
        source="H. Xiao, K. Rasul, R. Vollgraf (Zalando Research): Fashion-MNIST, arXiv:1708.07747",
        **obtain_arrays(FILES),
    )

"""Kuzushiji-MNIST: 70,000 cursive Japanese characters, 28x28, ten classes.

Its authors' checksums are of the gz files as published, so these are wanted as they are, not unpacked.
"""

from __future__ import annotations

from bakeoff.data.dataset import Dataset, make_dataset
from bakeoff.data.idx import obtain_arrays, want_files

FILE_MD5 = {
    "train_images": "md5:bdb82020997e1d708af4cf47b453dcf7",
    "train_labels": "md5:e144d726b3acfaa3e44228e80efcd344",
    "test_images": "md5:5c965bf0a639b31b8f53240b1b52f4d7",
    "test_labels": "md5:7320c461ea6c1c855c0b718fb2a4b134",
}
FILES = want_files("kmnist", FILE_MD5, checksum_of="file", mirrors=("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",))
CLASS_NAMES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
"""The characters' readings."""


def load() -> Dataset:
    """60,000 training and 10,000 test images, as published."""
    return make_dataset(
        name="kmnist",
        class_names=CLASS_NAMES,
        licence="CC BY-SA 4.0",
        source="T. Clanuwat et al.: Deep Learning for Classical Japanese Literature, arXiv:1812.01718 (KMNIST, CODH)",
        **obtain_arrays(FILES),
    )

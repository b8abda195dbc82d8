"""scikit-learn's 1,797 handwritten digits, 8x8: the smallest real data set, for trying things out."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from bakeoff.data.dataset import Dataset, make_dataset


def load() -> Dataset:
    """1,438 training and 359 test images: a fixed stratified fifth is the test set.

    Pixels count the dark points in 4x4 blocks, 0..16; here they are round(255 x / 16), half to even.
    """
    bunch = load_digits()
    return make_dataset(
        name="digits",
        train_images=np.rint(bunch.images * (255 / 16)).astype(np.uint8),
        train_labels=bunch.target,
        licence="CC BY 4.0",
        source="E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits (UCI; test part), as in scikit-learn",
    )

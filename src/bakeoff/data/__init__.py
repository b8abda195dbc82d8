"""Data sets, splits and pixel scaling.

Importing this package reads no data and loads no data set's own dependencies.
"""

from bakeoff.data.dataset import Dataset, make_dataset
from bakeoff.data.pixels import PixelScaling, fit_pixels
from bakeoff.data.registry import dataset_names, load_dataset
from bakeoff.data.splits import Fold, split_folds

__all__ = [
    "Dataset",
    "Fold",
    "PixelScaling",
    "dataset_names",
    "fit_pixels",
    "load_dataset",
    "make_dataset",
    "split_folds",
]

"""When a network names one class only: by its share of the predictions, and by what they know of the labels."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

ONE_CLASS = 0.99
"""A network that gives one class at least this share of all images has collapsed, if `MOST_KAPPA` holds as well."""

MOST_KAPPA = 0.05
"""Cohen's kappa of predictions and labels, above which a network tells classes apart, however rarely it names another.
Where classes are balanced the share alone decides: predictions that are 99 % one class are right for at most 0.01 more
than 1 / C of the images, so that kappa is at most 0.01 / (1 - 1 / C), 0.02 with two classes and less with more. On 99 %
of one class a network that is right has a kappa near 1, and one that always names it has 0."""


def is_one_class(confusion: Int[np.ndarray, "classes classes"]) -> bool:
    """Whether predictions have collapsed to one class.

    Args:
        confusion: Images by label (rows) and prediction (columns); at least one image.

    Returns:
        False too where all labels and all predictions are one class: nothing can be told from such images.

    >>> is_one_class(np.array([[50, 0], [50, 0]])), is_one_class(np.array([[99, 0], [0, 1]]))
    (True, False)

    Reference: Cohen (1960), "A coefficient of agreement for nominal scales", Educational and Psychological Measurement
    20, equation 1.
    """
    images = confusion.sum()
    predicted, labels = confusion.sum(axis=0) / images, confusion.sum(axis=1) / images
    by_chance = float(predicted @ labels)
    agreement = float(np.trace(confusion) / images)
    known = agreement - by_chance > MOST_KAPPA * (1 - by_chance)  # kappa = (agreement - by chance) / (1 - by chance)
    return bool(predicted.max() >= ONE_CLASS) and by_chance < 1 and not known

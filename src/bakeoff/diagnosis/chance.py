"""Whether a run has learned anything."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from bakeoff.data.neighbours import measure_agreement
from bakeoff.diagnosis.values import Run


def beats_chance(run: Run, labels: Int[np.ndarray, " examples"]) -> bool | None:
    """Whether a run's predictions agree with the labels more often than labels dealt out at random would.

    Args:
        run: With predictions.
        labels: Class of each test image.

    Returns:
        The answer, at 99.9 %; None without predictions or where the test images are too few to tell.
    """
    if run.predictions is None:
        return None
    classes = 1 + max(int(run.predictions.max()), int(labels.max()))
    places = labels.astype(np.int64) * classes + run.predictions
    confusion = np.bincount(places, minlength=classes**2).reshape(classes, classes)
    agreement = measure_agreement(confusion)
    return None if agreement is None else agreement.accuracy > agreement.chance

"""Whether a run has learned anything: one rule for all families, so that they never contradict each other."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from bakeoff.data.neighbours import Agreement, measure_agreement
from bakeoff.diagnosis.values import Run
from bakeoff.stats.collapse import ONE_CLASS as ONE_CLASS

FAILURES = ("diverged", "collapsed")
"""What the engine says of a run that came to nothing: no finite loss; one class for nearly all test images, or no more
hits than with labels dealt out at random."""


def learned_nothing(run: Run, labels: Int[np.ndarray, " examples"]) -> bool | None:
    """Whether a run came to nothing: by the engine's verdict, or because its predictions do not beat chance.

    Args:
        run: Any.
        labels: Class of each test image.

    Returns:
        The answer; None where nothing can be told: a crashed run, or too few test images.
    """
    if run.record.status in FAILURES:
        return True
    beats = beats_chance(run, labels)
    return None if beats is None else not beats


def beats_chance(run: Run, labels: Int[np.ndarray, " examples"]) -> bool | None:
    """Whether a run's predictions agree with the labels more often than labels dealt out at random would.

    Args:
        run: With predictions.
        labels: Class of each test image.

    Returns:
        The answer, at 99.9 %; None without predictions or where the test images are too few to tell.
    """
    agreement = agree_with_labels(run, labels)
    return None if agreement is None else agreement.accuracy > agreement.chance


def agree_with_labels(run: Run, labels: Int[np.ndarray, " examples"]) -> Agreement | None:
    """How often a run's predictions are right, and up to how often they would be with labels dealt out at random.

    Args:
        run: With predictions.
        labels: Class of each test image.

    Returns:
        Both; None without predictions or where the test images are too few to tell.
    """
    if run.predictions is None:
        return None
    classes = 1 + max(int(run.predictions.max()), int(labels.max()))
    places = labels.astype(np.int64) * classes + run.predictions
    return measure_agreement(np.bincount(places, minlength=classes**2).reshape(classes, classes))


def is_one_class(run: Run) -> bool:
    """Whether a run collapsed to one class.

    By the predictions; where they were not kept, by the engine's words, and else by the last probe.
    """
    if run.record.status != "collapsed":
        return False
    if run.predictions is not None:
        return largest_share(np.bincount(run.predictions))[0] >= ONE_CLASS
    if run.probes is None or "got class" in run.record.reason:
        return "got class" in run.record.reason
    return largest_share(run.probes.predicted[-1])[0] >= ONE_CLASS


def largest_share(counts: Int[np.ndarray, " classes"]) -> tuple[float, int]:
    """The share of the class with most images, and which it is.

    >>> largest_share(np.array([1, 3]))
    (0.75, 1)
    """
    return float(counts.max() / counts.sum()), int(counts.argmax())

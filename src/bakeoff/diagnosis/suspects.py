"""Test images that nearly every network gets wrong in the same way: their labels are suspect, not the networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

MISSED = 0.9
"""At least this share of the runs contradicts the label: one lucky run in ten is let pass."""
AGREED = 0.8
"""At least this share of the runs says one other class, so that it outvotes the label by 8 to 1 or more."""
FEWEST_RUNS = 3
"""By the two shares, three runs have to be unanimous."""
MOST_SUSPECTS = 0.06
"""Share of the test images above which it is the networks that are wrong: even ImageNet's validation labels, the worst
that are named in the abstract of Northcutt, Athalye and Mueller, "Pervasive label errors in test sets destabilize
machine learning benchmarks" (NeurIPS Datasets and Benchmarks 2021), are wrong for about 6 %."""


@dataclass(frozen=True)
class Suspect:
    """One test image.

    Attributes:
        index: In the test set.
        label: The class it is said to be of.
        agreed: The class that most runs see.
        missed: Runs that contradict the label.
        agreeing: Runs that say `agreed`.
        runs: Number of runs.
    """

    index: int
    label: int
    agreed: int
    missed: int
    agreeing: int
    runs: int


def find_suspects(
    predictions: Int[np.ndarray, "runs examples"], labels: Int[np.ndarray, " examples"]
) -> tuple[Suspect, ...]:
    """Find the images whose label nearly all runs contradict with one voice.

    Args:
        predictions: Predicted classes, of runs that have learned something.
        labels: Class of each test image.

    Returns:
        By index; none if there are fewer than three runs, or if so many images are missed that the networks are to
        blame.

    >>> find_suspects(np.array([[1] * 20] * 3), np.array([1] * 19 + [0]))
    (Suspect(index=19, label=0, agreed=1, missed=3, agreeing=3, runs=3),)
    """
    runs, examples = predictions.shape
    if runs < FEWEST_RUNS:
        return ()
    images = np.arange(examples)
    votes = np.zeros((examples, 1 + max(int(predictions.max()), int(labels.max()))), dtype=np.int64)
    for predicted in predictions:
        votes[images, predicted] += 1
    missed, agreed = runs - votes[images, labels], votes.argmax(axis=1)
    agreeing = votes[images, agreed]
    found = np.flatnonzero((agreed != labels) & (missed >= MISSED * runs) & (agreeing >= AGREED * runs))
    if found.size > MOST_SUSPECTS * examples:
        return ()
    return tuple(Suspect(int(i), int(labels[i]), int(agreed[i]), int(missed[i]), int(agreeing[i]), runs) for i in found)

"""Test images that nearly every network gets wrong in the same way: their labels are suspect, not the networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

MISSED = 0.9
"""At least this share of the runs contradicts the label: one lucky run in ten is let pass."""
AGREED = 0.8
"""At least this share of the runs says one other class, so that it outvotes the label by 8 to 1 or more."""
FEWEST_RUNS = 3
"""By the two shares, three runs have to be unanimous."""
FEWEST_NETWORKS = 2
"""Networks with different layers: seeds of one share its blind spots. Five seeds of one dense network named 541 of the
10,000 test images of Fashion-MNIST."""
MOST_ERRORS = 2.0
"""Mean error of a network over that of the best one: beyond it, more than half of its errors are its own."""
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
    voices: Sequence[Int[np.ndarray, "_ examples"]], labels: Int[np.ndarray, " examples"]
) -> tuple[Suspect, ...]:
    """Find the images whose label nearly all runs contradict with one voice, runs of good and different networks.

    Seeds of one network share its blind spots, so that they are one witness: it takes two networks, of each of which
    most runs have to agree. And a weak network is wrong on its own account: where a network makes more than twice as
    many errors as the best one, more than half of them are errors that the best does not make, and its word against a
    label says more of itself than of the label. Such networks have no say.

    Args:
        voices: For each network (runs of the same layers) the predicted classes of its runs that learned something.
        labels: Class of each test image.

    Returns:
        By index; none if there are fewer than two good networks or three runs of them, or if so many images are missed
        that the networks are to blame.

    >>> find_suspects([np.array([[1] * 20] * 3), np.array([[1] * 20])], np.array([1] * 19 + [0]))
    (Suspect(index=19, label=0, agreed=1, missed=4, agreeing=4, runs=4),)
    """
    good = _choose_good(voices, labels)
    runs = sum(map(len, good))
    if len(good) < FEWEST_NETWORKS or runs < FEWEST_RUNS:
        return ()
    said = np.concatenate(good)
    votes = _count_votes(said, 1 + max(int(said.max()), int(labels.max())))
    missed, agreed = runs - votes[np.arange(len(labels)), labels], votes.argmax(axis=1)
    agreeing = votes.max(axis=1)
    alike = np.all([2 * (predictions == agreed).sum(axis=0) > len(predictions) for predictions in good], axis=0)
    suspect = (agreed != labels) & (missed >= MISSED * runs) & (agreeing >= AGREED * runs) & alike
    if suspect.sum() > MOST_SUSPECTS * len(labels):
        return ()
    return tuple(
        Suspect(int(i), int(labels[i]), int(agreed[i]), int(missed[i]), int(agreeing[i]), runs)
        for i in np.flatnonzero(suspect)
    )


def _choose_good(
    voices: Sequence[Int[np.ndarray, "_ examples"]], labels: Int[np.ndarray, " examples"]
) -> list[Int[np.ndarray, "_ examples"]]:
    """The networks whose mean error is at most twice that of the best."""
    errors = [float((predictions != labels).mean()) for predictions in voices]
    return [each for each, error in zip(voices, errors, strict=True) if error <= MOST_ERRORS * min(errors)]


def _count_votes(said: Int[np.ndarray, "runs examples"], classes: int) -> Int[np.ndarray, "examples classes"]:
    images = np.arange(said.shape[1])
    votes = np.zeros((len(images), classes), dtype=np.int64)
    for predicted in said:
        votes[images, predicted] += 1
    return votes

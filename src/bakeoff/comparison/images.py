"""What models and their runs say of every single test image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt16

from bakeoff.comparison.evidence import Evidence
from bakeoff.spec.probes import CLIPPED

Probabilities = Callable[[str], Float[np.ndarray, "examples classes"]]

LEAST_PROBABILITY = CLIPPED
"""A true class is given at least so much: Keras clips there too, and stored probabilities are rounded to float16."""


@dataclass(frozen=True, eq=False)
class ImageStory:
    """Votes of runs, image by image.

    Attributes:
        labels: Class of each test image.
        models: Names, best first; those without a finished seed are left out.
        runs: How many runs of each model voted.
        votes: How many of them said each class.
        answers: What each model says: the class with the highest mean probability over its runs, as in `predict`.
        losses: Minus the logarithm of the probability of the true class, averaged over a model's runs.
    """

    labels: Int[np.ndarray, " examples"]
    models: tuple[str, ...]
    runs: tuple[int, ...]
    votes: UInt16[np.ndarray, "models examples classes"]
    answers: Int[np.ndarray, "models examples"]
    losses: Float[np.ndarray, "models examples"]

    @property
    def wrong(self) -> Int[np.ndarray, "models examples"]:
        """How many runs of a model get an image wrong."""
        right = self.votes[:, np.arange(len(self.labels)), self.labels].astype(np.int64)
        return np.array(self.runs, dtype=np.int64)[:, np.newaxis] - right


def tell_images(evidence: Sequence[Evidence], probabilities: Probabilities) -> ImageStory | None:
    """Count the votes.

    Args:
        evidence: The models, best first.
        probabilities: Gives those of a run by its key, as `Store.probabilities` does.

    Returns:
        The story of all test images; None where no model has a finished seed.

    Raises:
        StoreError: The probabilities of a run are damaged.
    """
    voting = [found for found in evidence if found.predictions]
    if not voting:
        return None
    classes = len(voting[0].confusion)
    answers, losses = zip(*(_weigh_runs(found, probabilities, classes) for found in voting), strict=True)
    return ImageStory(
        labels=voting[0].labels,
        models=tuple(found.name for found in voting),
        runs=tuple(len(found.predictions) for found in voting),
        votes=np.stack([_count_votes(found, classes) for found in voting]),
        answers=np.stack(answers),
        losses=np.stack(losses),
    )


def top_losses(story: ImageStory, count: int) -> Int[np.ndarray, " count"]:
    """The images that cost most.

    Args:
        story: Of all images.
        count: How many, at most.

    Returns:
        Their indices, the highest mean loss over models first.
    """
    order: Int[np.ndarray, " count"] = np.argsort(-story.losses.mean(axis=0), kind="stable")[:count]
    return order


def _count_votes(found: Evidence, classes: int) -> UInt16[np.ndarray, "examples classes"]:
    votes = np.zeros((len(found.labels), classes), dtype=np.uint16)
    images = np.arange(len(found.labels))
    for said in found.predictions.values():
        votes[images, said] += 1
    return votes


def _weigh_runs(
    found: Evidence, probabilities: Probabilities, classes: int
) -> tuple[Int[np.ndarray, " examples"], Float[np.ndarray, " examples"]]:
    """From the probabilities of a model's runs, each read once: its answers and its mean losses."""
    images, total, loss = (
        np.arange(len(found.labels)),
        np.zeros((len(found.labels), classes)),
        np.zeros(len(found.labels)),
    )
    for key in found.predictions:
        given = probabilities(key).astype(np.float64)
        total += given
        loss -= np.log(np.maximum(given[images, found.labels], LEAST_PROBABILITY))
    return total.argmax(axis=1), loss / len(found.predictions)

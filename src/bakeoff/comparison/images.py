"""What the runs said of every single test image: where models disagree, and which images nobody gets right."""

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
        losses: Minus the logarithm of the probability of the true class, averaged over a model's runs.
    """

    labels: Int[np.ndarray, " examples"]
    models: tuple[str, ...]
    runs: tuple[int, ...]
    votes: UInt16[np.ndarray, "models examples classes"]
    losses: Float[np.ndarray, "models examples"]

    @property
    def said(self) -> Int[np.ndarray, "models examples"]:
        """The class that most runs of a model say, the first of equals."""
        said: Int[np.ndarray, "models examples"] = self.votes.argmax(axis=2)
        return said

    @property
    def wrong(self) -> Int[np.ndarray, "models examples"]:
        """How many runs of a model get an image wrong."""
        right = self.votes[:, np.arange(len(self.labels)), self.labels].astype(np.int64)
        return np.array(self.runs, dtype=np.int64)[:, np.newaxis] - right


@dataclass(frozen=True, eq=False)
class Disagreement:
    """The test images, dealt out by what the majorities of two models say. Each is a list of indices, ascending.

    Attributes:
        both_right: Both name the true class.
        only_a: The first does.
        only_b: The second does.
        wrong_alike: Neither does, and both name the same class.
        wrong_differently: Neither does, and they name different ones.
    """

    both_right: Int[np.ndarray, " both_right"]
    only_a: Int[np.ndarray, " only_a"]
    only_b: Int[np.ndarray, " only_b"]
    wrong_alike: Int[np.ndarray, " wrong_alike"]
    wrong_differently: Int[np.ndarray, " wrong_differently"]


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
    return ImageStory(
        labels=voting[0].labels,
        models=tuple(found.name for found in voting),
        runs=tuple(len(found.predictions) for found in voting),
        votes=np.stack([_count_votes(found, classes) for found in voting]),
        losses=np.stack([_mean_loss(found, probabilities) for found in voting]),
    )


def disagreement(story: ImageStory, a: str, b: str) -> Disagreement:
    """Deal out the images by the majorities of two models.

    Args:
        story: Of all images.
        a: Name of one model.
        b: Name of another.

    Returns:
        The cells; every image is in one of them.

    Raises:
        ValueError: A model is not in the story.
    """
    one, other = story.said[story.models.index(a)], story.said[story.models.index(b)]
    a_right, b_right = one == story.labels, other == story.labels
    neither, alike = ~a_right & ~b_right, one == other
    cells = (a_right & b_right, a_right & ~b_right, b_right & ~a_right, neither & alike, neither & ~alike)
    return Disagreement(*map(np.flatnonzero, cells))


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


def _mean_loss(found: Evidence, probabilities: Probabilities) -> Float[np.ndarray, " examples"]:
    images, total = np.arange(len(found.labels)), np.zeros(len(found.labels))
    for key in found.predictions:
        given = probabilities(key)[images, found.labels].astype(np.float64)
        total -= np.log(np.maximum(given, LEAST_PROBABILITY))
    return total / len(found.predictions)

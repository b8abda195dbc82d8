"""What the trained networks of a study say of one image: plain values, readable without any framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8


@dataclass(frozen=True, eq=False)
class Vote:
    """What one model says, seed by seed.

    Attributes:
        model: Its name in the study.
        seeds: The seeds that finished, ascending; at least one.
        probabilities: Of each seed and class, in [0, 1]; with cross-validation the mean over the folds.
    """

    model: str
    seeds: tuple[int, ...]
    probabilities: Float[np.ndarray, "seeds classes"]

    @property
    def mean(self) -> Float[np.ndarray, " classes"]:
        """Mean probability over seeds."""
        return np.asarray(self.probabilities.mean(axis=0))

    @property
    def low(self) -> Float[np.ndarray, " classes"]:
        """Lowest probability of any seed."""
        return np.asarray(self.probabilities.min(axis=0))

    @property
    def high(self) -> Float[np.ndarray, " classes"]:
        """Highest probability of any seed."""
        return np.asarray(self.probabilities.max(axis=0))

    @property
    def ranked(self) -> list[int]:
        """All classes, the most probable first; of equal ones the lower number.

        >>> Vote("dense", (0, 1), np.array([[0.5, 0.5, 0.0], [0.1, 0.9, 0.0]])).ranked
        [1, 0, 2]
        """
        return [int(label) for label in np.argsort(-self.mean, kind="stable")]

    @property
    def answer(self) -> int:
        """The class with the highest mean probability."""
        return self.ranked[0]

    @property
    def agreeing(self) -> int:
        """How many seeds by themselves say what the model says."""
        return int((self.probabilities.argmax(axis=1) == self.answer).sum())


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the models of a study say of one image.

    Attributes:
        study: Name of the study.
        data: Reference of the data set that its models were trained on.
        class_names: One name per class.
        votes: Of each model that has an answer, in the study's order; at least one.
        left_out: Why the other models have none, by name.
        index: Place of the image in the test set; None for a file.
        file: Path of the image's file; empty for a test image.
        true_class: Label of a test image; None for a file.
        pixels: The image as the data set's images are, 0..255; None where the data are not at hand.
        steps: What was done to the file to make it so, in words.
        warnings: What to know before believing the answers.
    """

    study: str
    data: str
    class_names: tuple[str, ...]
    votes: tuple[Vote, ...]
    left_out: dict[str, str]
    index: int | None = None
    file: str = ""
    true_class: int | None = None
    pixels: UInt8[np.ndarray, "height width channels"] | None = None
    steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for other programs; classes by name, the most probable first."""
        return {
            "study": self.study,
            "data": self.data,
            "image": {
                "index": self.index,
                "file": self.file or None,
                "true_class": None if self.true_class is None else self.class_names[self.true_class],
                "steps": list(self.steps),
            },
            "models": [self._vote_to_dict(vote) for vote in self.votes],
            "left_out": [{"name": name, "reason": reason} for name, reason in self.left_out.items()],
            "warnings": list(self.warnings),
        }

    def _vote_to_dict(self, vote: Vote) -> dict[str, Any]:
        mean, low, high = vote.mean, vote.low, vote.high
        return {
            "name": vote.model,
            "says": self.class_names[vote.answer],
            "right": None if self.true_class is None else vote.answer == self.true_class,
            "seeds": len(vote.seeds),
            "agreeing_seeds": vote.agreeing,
            "classes": [
                {
                    "class": self.class_names[label],
                    "probability": float(mean[label]),
                    "low": float(low[label]),
                    "high": float(high[label]),
                }
                for label in vote.ranked
            ],
            "by_seed": [
                {"seed": seed, "says": self.class_names[row.argmax()], "probability": float(row.max())}
                for seed, row in zip(vote.seeds, vote.probabilities, strict=True)
            ],
        }

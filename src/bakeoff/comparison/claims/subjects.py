"""A model as claims ask about it: its value of every measure, run by run, and what stands in the way of a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from bakeoff.comparison.budget import seconds_per_seed
from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.samples import Sample
from bakeoff.spec.record import Record
from bakeoff.spec.statements import Measure


@dataclass(frozen=True, eq=False)
class Subject:
    """One model's runs.

    Attributes:
        evidence: What the store holds of it.
        sample: The same, reduced to its margins.
    """

    evidence: Evidence
    sample: Sample

    @property
    def name(self) -> str:
        """The model's name."""
        return self.sample.name

    @property
    def parameters(self) -> int:
        """Number of weights; 0 if no run came far enough to count them."""
        return max(record.parameters for record in self.evidence.records)

    @property
    def by_seed(self) -> list[list[Record]]:
        """The runs of each finished seed: one, or one per fold."""
        records = self.evidence.records
        return [[record for record in records if record.seed == seed] for seed in self.evidence.seeds]

    @property
    def seconds_per_seed(self) -> float:
        """What one more seed takes, all folds together; NaN if no run trained."""
        return seconds_per_seed(self.evidence)

    def values(self, measure: Measure) -> Float[np.ndarray, " seeds"]:
        """A measure of each finished seed, as the mean over its folds.

        Args:
            measure: Any but `parameters`, which no run can change.

        Returns:
            One value per finished seed.
        """
        if measure in ("accuracy", "error"):
            accuracies: Float[np.ndarray, " seeds"] = self.evidence.scores.mean(axis=1)
            return accuracies if measure == "accuracy" else 1 - accuracies
        if measure == "loss":
            return self.evidence.losses
        read = _train_seconds if measure == "seconds" else _overfitting
        return np.array([np.mean([read(record) for record in runs]) for runs in self.by_seed], dtype=np.float64)

    def gains(self) -> Float[np.ndarray, " seeds"]:
        """What the last quarter of the epochs added to the quarter before it, of each finished seed.

        Returns:
            Difference of the mean validation accuracies (training, where nothing was kept for validation); NaN for a
            run of a single epoch.
        """
        return np.array([np.mean([_gain(record) for record in runs]) for runs in self.by_seed], dtype=np.float64)

    def obstacle(self, *, of_results: bool = True) -> str:
        """Why nothing can be tested that rests on finished seeds, or nothing.

        Args:
            of_results: Whether it is about what was learned, so that a mean over the finished seeds would hide the
                failed ones.

        Returns:
            A clause without full stop.
        """
        sample = self.sample
        if sample.broken:
            there = sample.seeds + sample.broken
            return f"{sample.broken} of {there} seeds of {self.name} crashed and left no result"
        if sample.failed and of_results:
            return f"{sample.failed} of {sample.seeds} seeds of {self.name} failed, and a mean would hide that"
        if sample.finished < 2:
            seeds = f"{sample.finished} finished seed{'s' * (sample.finished != 1)}"
            return f"{self.name} has {seeds}, too few to know other seeds"
        if of_results and sample.summary and sample.summary.identical:
            return f"all {sample.finished} seeds of {self.name} got the same images right: other seeds cannot be judged"
        return ""

    def in_class(self, label: int) -> Int[np.ndarray, " members"]:
        """The places of the test images of one class."""
        return np.flatnonzero(self.evidence.labels == label)


def weigh_accuracies(
    weights: Sequence[float], offset: float, measure: Literal["accuracy", "error"]
) -> tuple[list[float], float]:
    """The weighted sum of accuracies that is a weighted sum of accuracies or of errors, which are 1 - accuracy.

    Returns:
        Weights and offset.

    >>> weigh_accuracies([1.0, -0.5], 0.0, "error")
    ([-1.0, 0.5], 0.5)
    """
    if measure == "accuracy":
        return list(weights), offset
    return [-weight for weight in weights], offset + sum(weights)


def _train_seconds(record: Record) -> float:
    return record.train_seconds


def _overfitting(record: Record) -> float:
    return record.history.accuracy[record.epoch - 1] - float(record.test_accuracy or 0.0)


def _gain(record: Record) -> float:
    curve = np.array(record.history.validation_accuracy or record.history.accuracy, dtype=np.float64)
    quarter = max(1, len(curve) // 4)
    if len(curve) < 2:
        return np.nan
    return float(curve[-quarter:].mean() - curve[-2 * quarter : -quarter].mean())

"""What the tests of a pair need to know of each model, whatever test it will be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from bakeoff.comparison.evidence import Evidence
from bakeoff.spec.record import Record
from bakeoff.stats import ScoreSummary, summarize_scores


@dataclass(frozen=True, eq=False)
class Sample:
    """One model's seeds, reduced to their margins.

    Attributes:
        name: The model.
        cell: The address of its runs; two names for one network share it.
        images: Number of test images.
        summary: Of the finished seeds; None if there is none.
        failed: Number of seeds that diverged or collapsed.
        broken: Number of seeds without a result, such as crashed ones.
        fold_scores: Validation accuracy of each fold, averaged over the finished seeds; empty without cross-validation.
        test_to_train: Validation images per training image of a fold; NaN without cross-validation.
    """

    name: str
    cell: str
    images: int
    summary: ScoreSummary | None
    failed: int
    broken: int
    fold_scores: Float[np.ndarray, " folds"]
    test_to_train: float

    @property
    def finished(self) -> int:
        """Number of finished seeds."""
        return self.summary.runs if self.summary else 0

    @property
    def seeds(self) -> int:
        """Number of seeds with a result: finished, diverged or collapsed."""
        return self.finished + self.failed

    @property
    def ranked_scores(self) -> Float[np.ndarray, " seeds"]:
        """Accuracy of each seed with a result; a failed one ranks below all others."""
        finished = self.summary.run_means if self.summary else np.empty(0)
        return np.concatenate([finished, np.full(self.failed, -np.inf)])


def take_sample(evidence: Evidence) -> Sample:
    """Reduce a model's evidence.

    Args:
        evidence: With any number of finished and failed seeds.

    Returns:
        The sample.
    """
    folds = [record for record in evidence.records if record.seed in evidence.seeds] if evidence.cell.folds > 1 else []
    return Sample(
        name=evidence.name,
        cell=evidence.cell.key,
        images=len(evidence.labels),
        summary=summarize_scores(evidence.scores) if evidence.seeds else None,
        failed=len(evidence.failed),
        broken=len(evidence.broken),
        fold_scores=_mean_by_fold(folds, evidence.cell.folds),
        test_to_train=folds[0].images.validation / folds[0].images.train if folds else math.nan,
    )


def _mean_by_fold(records: list[Record], folds: int) -> Float[np.ndarray, " folds"]:
    scores = [record.history.validation_accuracy[record.epoch - 1] for record in records]  # ordered by seed, then fold
    return np.array(scores, dtype=np.float64).reshape(-1, folds).mean(axis=0) if scores else np.empty(0)

"""Overfitting: the validation loss rises while the training loss falls, or training images are judged far better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

from bakeoff.diagnosis.plateau import WINDOW_OF_ONE_SEED, WINDOW_SHARE, find_plateau, is_above_zero, stack_curves
from bakeoff.diagnosis.values import ModelRuns, Run
from bakeoff.spec.values import Finding

RISE = 0.05
"""Of the lowest validation loss, by which the mean of the last fifth of the epochs must exceed it."""

WIDE_GAP = 0.1
"""Training accuracy less validation accuracy, after the last epoch. Measured on 8x8 digits (36 networks that learned, 3
seeds each): at most 0.06 with 1,438 training images; 0.19 with 100."""


def find_overfitting(model: ModelRuns, runs: Sequence[Run]) -> Iterator[Finding]:
    """BKO201 from the curves of the finished runs, all of which have validation images."""
    validation = stack_curves([run.record.history.validation_loss for run in runs])
    training = stack_curves([run.record.history.loss for run in runs])
    best = find_plateau(validation).best_epoch - 1
    rises = _rises(validation, training, best)
    gap, drops = _accuracy_gap(runs, best)
    if not rises and gap < WIDE_GAP:
        return
    seeds, epochs = validation.shape
    mean, training_mean = validation.mean(axis=0), training.mean(axis=0)
    told = [
        f"from epoch {best + 1} to epoch {epochs} the validation loss goes from {mean[best]:.3g} to {mean[-1]:.3g} and "
        f"the training loss from {training_mean[best]:.3g} to {training_mean[-1]:.3g}"
    ] * rises
    told.append(f"after epoch {epochs} {gap:.1%} more of the training images than of the validation images are right")
    harmed = model.model.protocol.stop == "last" and is_above_zero(drops - model.model.protocol.margin)
    yield Finding(
        code="BKO201",
        severity="warning" if gap >= WIDE_GAP or (rises and harmed) else "note",
        model=model.name,
        title=f"Overfitting from epoch {best + 1} on" if rises else "Overfitting",
        evidence=f"mean of {seeds} run{'s' * (seeds != 1)}: " + "; ".join(told),
        cause="the network learns its training images by heart: too few of them, too many weights, or too many epochs",
        advice=("--set protocol.stop=best, or " if model.model.protocol.stop == "last" and rises else "")
        + "dropout in the model, or more training images",
    )


def _rises(
    validation: Float[np.ndarray, "seeds epochs"], training: Float[np.ndarray, "seeds epochs"], best: int
) -> bool:
    """Whether the last fifth lies above the best epoch: by 5 % of it, over seeds beyond chance, and in training below.

    Over seeds, chance is ruled out by a one-sided t test at 5 %; with one seed, each of the last epochs must lie above.
    """
    seeds, epochs = validation.shape
    window = max(epochs // WINDOW_SHARE, 1 if seeds > 1 else WINDOW_OF_ONE_SEED)
    if best >= epochs - window or training[:, -window:].mean() >= training[:, best].mean():
        return False
    rises = validation[:, -window:].mean(axis=1) - validation[:, best]
    if rises.mean() < RISE * validation[:, best].mean():
        return False
    return bool((validation[0, -window:] > validation[0, best]).all()) if seeds == 1 else is_above_zero(rises)


def _accuracy_gap(runs: Sequence[Run], best: int) -> tuple[float, Float[np.ndarray, " seeds"]]:
    """Training less validation accuracy at the end; and the validation accuracy each seed lost since the best epoch."""
    validation = stack_curves([run.record.history.validation_accuracy for run in runs])
    training = stack_curves([run.record.history.accuracy for run in runs])
    gap = training[:, -1].mean() - validation[:, -1].mean()
    return float(gap), validation[:, best] - validation[:, -1]

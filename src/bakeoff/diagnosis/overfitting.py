"""Overfitting: the validation loss rises while the training loss falls, or training images are judged far better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

from bakeoff.diagnosis.plateau import WINDOW_OF_ONE_SEED, WINDOW_SHARE, find_plateau, is_above_zero
from bakeoff.diagnosis.remedies import set_entry
from bakeoff.diagnosis.seeds import stack_seeds
from bakeoff.diagnosis.values import ModelRuns, Run
from bakeoff.spec.values import Finding
from bakeoff.stats import failure_rate

RISE = 0.05
"""Of the lowest validation loss, by which the mean of the last fifth of the epochs must exceed it."""

WIDE_GAP = 0.1
"""Training accuracy less validation accuracy, after the last epoch. Measured on 8x8 digits (36 networks that learned, 3
seeds each): at most 0.06 with 1,438 training images; 0.19 with 100."""

USUAL_GAP = 0.06
"""The widest that was measured there: a gap counts as wide only if one of this width would seldom look so wide, by the
upper 95 % limit (one-sided, Clopper and Pearson) of the validation accuracy."""


def find_overfitting(model: ModelRuns, runs: Sequence[Run]) -> Iterator[Finding]:
    """BKO201 from the curves of the finished runs, all of which have validation images."""
    validation = stack_seeds(model, runs, "validation_loss")
    training = stack_seeds(model, runs, "loss")
    best = find_plateau(validation).best_epoch - 1
    rises = _rises(validation, training, best)
    right = stack_seeds(model, runs, "validation_accuracy")
    learned = float(stack_seeds(model, runs, "accuracy")[:, -1].mean())
    gap = learned - float(right[:, -1].mean())
    wide = _is_wide(learned, float(right[:, -1].mean()), images=_validation_images(runs))
    if not rises and not wide:
        return
    seeds, epochs = validation.shape
    mean, training_mean = validation.mean(axis=0), training.mean(axis=0)
    told = [
        f"from epoch {best + 1} to epoch {epochs} the validation loss goes from {mean[best]:.3g} to {mean[-1]:.3g} and "
        f"the training loss from {training_mean[best]:.3g} to {training_mean[-1]:.3g}"
    ] * rises
    told.append(f"after epoch {epochs} {gap:.1%} more of the training images than of the validation images are right")
    harmed = model.model.protocol.stop == "last" and is_above_zero(
        right[:, best] - right[:, -1] - model.model.protocol.margin
    )
    yield Finding(
        code="BKO201",
        severity="warning" if wide or (rises and harmed) else "note",
        model=model.name,
        title=f"Overfitting from epoch {best + 1} on" if rises else "Overfitting",
        evidence=f"mean of {seeds} seed{'s' * (seeds != 1)}: " + "; ".join(told),
        cause="the network learns its training images by heart: too few of them, too many weights, or too many epochs",
        advice=(f"{set_entry(model, 'stop', 'best')}, or " if model.model.protocol.stop == "last" and rises else "")
        + "dropout in the model, or more training images",
    )


def _is_wide(learned: float, right: float, *, images: int) -> bool:
    """Whether the gap is wide, and not by the chance of which images are in validation."""
    highest = failure_rate(round(right * images), images, level=0.9).high  # of a share, whatever it is a share of
    return learned - right >= WIDE_GAP and learned - highest > USUAL_GAP


def _validation_images(runs: Sequence[Run]) -> int:
    """Of one seed, over all folds: other seeds have the same."""
    counts = [run.record.images.validation for run in runs if run.record.seed == runs[0].record.seed]
    return max(1, sum(counts))


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

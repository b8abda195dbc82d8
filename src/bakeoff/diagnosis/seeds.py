"""Learning curves over seeds: which runs have one, what the folds of a seed say together, and how long it falls."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from bakeoff.diagnosis.plateau import Plateau, average_folds, find_plateau, stack_curves
from bakeoff.diagnosis.values import ModelRuns, Run
from bakeoff.spec.protocol import KFold


def judged_runs(model: ModelRuns) -> tuple[Run, ...]:
    """The finished runs with finite validation curves: a failed run's curve has no plateau and cannot overfit.

    With folds, the runs of seeds that have them all.
    """
    sound = [run for run in model.runs if run.record.status == "finished" and _has_curve(run)]
    folds = Counter(run.record.seed for run in sound)
    return tuple(run for run in sound if folds[run.record.seed] == count_folds(model))


def stack_seeds(model: ModelRuns, runs: Sequence[Run], column: str) -> Float[np.ndarray, "seeds epochs"]:
    """One column of the histories: for each seed that has all of its folds, the mean over them."""
    curves = [(run.record.seed, getattr(run.record.history, column)) for run in runs]
    return stack_curves([tuple(curve) for curve in average_folds(curves, folds=count_folds(model)).values()])


def count_folds(model: ModelRuns) -> int:
    """Runs of each seed: the folds of a cross-validation, otherwise 1."""
    validation = model.model.protocol.validation
    return validation.kfold if isinstance(validation, KFold) else 1


def find_length(model: ModelRuns) -> Plateau | None:
    """The plateau of a model that was trained to its last epoch; None where no run is judged, or one ended before."""
    runs = judged_runs(model)
    losses = stack_seeds(model, runs, "validation_loss") if runs else np.empty((0, 0))
    return find_plateau(losses) if runs and losses.shape[1] == model.model.protocol.epochs else None


def _has_curve(run: Run) -> bool:
    curve = run.record.history.validation_loss
    return bool(curve) and all(map(math.isfinite, curve))

"""BKO2: how learning went: too long, too short, too fast, too slow, or not the same for every seed."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Int

from bakeoff.diagnosis.causes import suggest_remedies
from bakeoff.diagnosis.chance import FAILURES, learned_nothing
from bakeoff.diagnosis.overfitting import find_overfitting
from bakeoff.diagnosis.plateau import WINDOW_SHARE, find_plateau, stack_curves
from bakeoff.diagnosis.rates import find_high_rates, find_low_rates
from bakeoff.diagnosis.starts import find_published_starts, find_trained_starts
from bakeoff.diagnosis.values import ModelRuns, Run, StudyRuns
from bakeoff.spec.values import Finding
from bakeoff.stats import failure_rate

CODES = {
    "BKO201": "Overfitting",
    "BKO202": "Training went on after the plateau",
    "BKO203": "Still improving when training stopped",
    "BKO204": "The seeds disagree",
    "BKO205": "The learning rate is too high",
    "BKO206": "The learning rate is too low",
    "BKO207": "The history starts trained",
}

LEAST_EPOCHS = 2
"""After a plateau, besides a fifth of all: that one epoch was too many is no advice worth giving."""

_VERDICTS = ("finished", *FAILURES)  # of the network; a crashed worker says nothing about it


def diagnose(study: StudyRuns) -> Iterator[Finding]:
    """Findings of this family: of a model and code one about its runs, and one about what was published."""
    classes = len(study.data.class_names)
    for model in study.models:
        judged = _judged(model)
        if judged:
            yield from find_overfitting(model, judged)
            yield from _length(model, judged)
        yield from _disagreement(model, study.labels)
        yield from find_high_rates(model)
        yield from find_low_rates(model)
        yield from find_trained_starts(model, classes=classes)
        if model.published is not None:
            images = model.runs[0].record.images.train
            yield from find_published_starts(
                model.model, model.published, images=images, classes=classes, runs=model.runs
            )
    for stranger in study.published:
        yield from find_published_starts(stranger.model, stranger.published, images=study.data.train, classes=classes)


def _judged(model: ModelRuns) -> list[Run]:
    """The finished runs with finite validation curves: a failed run's curve has no plateau and cannot overfit."""
    finished = [run for run in model.runs if run.record.status == "finished"]
    curves = [run.record.history.validation_loss for run in finished]
    return [run for run, curve in zip(finished, curves, strict=True) if curve and all(map(math.isfinite, curve))]


def _length(model: ModelRuns, runs: list[Run]) -> Iterator[Finding]:
    """BKO202, if at least two epochs and a fifth of all follow the plateau, or BKO203."""
    curves = [run.record.history.validation_loss for run in runs]
    epochs = min(map(len, curves))
    ran_out = epochs == model.model.protocol.epochs  # no seed was stopped by patience
    plateau = find_plateau(stack_curves(curves))
    if plateau.still_improving and ran_out:
        yield Finding(
            code="BKO203",
            severity="note",
            model=model.name,
            title=CODES["BKO203"],
            evidence=f"{plateau.why}; over the last fifth of the epochs it was still falling",
            cause="training ended before the network had learned what it can",
            advice=f"--set protocol.epochs={2 * epochs}",
        )
    elif not plateau.still_improving and ran_out and epochs - plateau.epoch >= max(LEAST_EPOCHS, epochs / WINDOW_SHARE):
        yield Finding(
            code="BKO202",
            severity="note",
            model=model.name,
            title=f"Plateau from epoch {plateau.epoch} on",
            evidence=plateau.why,
            cause=f"the last {epochs - plateau.epoch} of {epochs} epochs brought nothing that can be told from chance",
            advice=f"--set protocol.epochs={plateau.epoch}",
        )


def _disagreement(model: ModelRuns, labels: Int[np.ndarray, " examples"]) -> Iterator[Finding]:
    """BKO204: some seeds learn nothing and others do; with folds, a seed fails if one of its folds does."""
    seeds = {run.record.seed for run in model.runs if run.record.status in _VERDICTS}
    failed = sorted({run.record.seed for run in model.runs if learned_nothing(run, labels)})
    if not 0 < len(failed) < len(seeds):
        return
    rate = failure_rate(len(failed), len(seeds))
    cause, advice = suggest_remedies(model, labels)
    yield Finding(
        code="BKO204",
        severity="warning",
        model=model.name,
        title=f"{len(failed)} of {len(seeds)} seeds failed",
        evidence=f"seed{'s' * (len(failed) != 1)} {', '.join(map(str, failed))} failed; the others learned; "
        f"such a network fails in {rate.value:.0%} of trainings, 95 % interval {rate.low:.0%} to {rate.high:.0%}",
        cause=f"whether it learns depends on the weights that were drawn: {cause}",
        advice=advice,
    )

"""BKO2: how learning went: too long, too short, too fast, too slow, or not the same for every seed."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bakeoff.diagnosis.causes import suggest_remedies
from bakeoff.diagnosis.overfitting import find_overfitting
from bakeoff.diagnosis.plateau import WINDOW_SHARE, find_plateau, stack_curves
from bakeoff.diagnosis.rates import find_high_rates, find_low_rates
from bakeoff.diagnosis.starts import find_trained_starts
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

_FAILURES = ("diverged", "collapsed")
_VERDICTS = ("finished", *_FAILURES)  # of the network; a crashed worker says nothing about it


def diagnose(study: StudyRuns) -> Iterator[Finding]:
    """Findings of this family, one per model and code."""
    for model in study.models:
        judged = _judged(model)
        if judged:
            yield from find_overfitting(model, judged)
            yield from _length(model, judged)
        yield from _disagreement(model)
        yield from find_high_rates(model)
        yield from find_low_rates(model)
        yield from find_trained_starts(model, classes=len(study.data.class_names))


def _judged(model: ModelRuns) -> list[Run]:
    """The finished runs with finite validation curves: a failed run's curve has no plateau and cannot overfit."""
    finished = [run for run in model.runs if run.record.status == "finished"]
    curves = [run.record.history.validation_loss for run in finished]
    return [run for run, curve in zip(finished, curves, strict=True) if curve and all(map(math.isfinite, curve))]


def _length(model: ModelRuns, runs: list[Run]) -> Iterator[Finding]:
    """BKO202 or BKO203; what is said of a plateau holds from a fifth of the epochs after it on."""
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
    elif not plateau.still_improving and ran_out and epochs - plateau.epoch >= max(1, epochs // WINDOW_SHARE):
        yield Finding(
            code="BKO202",
            severity="note",
            model=model.name,
            title=f"Plateau from epoch {plateau.epoch} on",
            evidence=plateau.why,
            cause=f"the last {epochs - plateau.epoch} of {epochs} epochs brought nothing that can be told from chance",
            advice=f"--set protocol.epochs={plateau.epoch}",
        )


def _disagreement(model: ModelRuns) -> Iterator[Finding]:
    """BKO204: some seeds fail and others do not; with folds, a seed fails if one of its folds does."""
    seeds = {run.record.seed for run in model.runs if run.record.status in _VERDICTS}
    failed = sorted({run.record.seed for run in model.runs if run.record.status in _FAILURES})
    if not 0 < len(failed) < len(seeds):
        return
    rate = failure_rate(len(failed), len(seeds))
    cause, advice = suggest_remedies(model)
    yield Finding(
        code="BKO204",
        severity="warning",
        model=model.name,
        title=f"{len(failed)} of {len(seeds)} seeds failed",
        evidence=f"seed{'s' * (len(failed) != 1)} {', '.join(map(str, failed))} diverged or collapsed, the others did "
        f"not; such a network fails in {rate.value:.0%} of trainings, 95 % interval {rate.low:.0%} to {rate.high:.0%}",
        cause=f"whether it learns depends on the weights that were drawn: {cause}",
        advice=advice,
    )

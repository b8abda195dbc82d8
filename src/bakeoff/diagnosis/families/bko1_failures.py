"""BKO1: training that failed, and what inside the network shows why."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Int

from bakeoff.diagnosis.causes import suggest_remedies
from bakeoff.diagnosis.clipping import find_clipping, find_published_clipping
from bakeoff.diagnosis.layers import find_broken_gradients, find_dead_units
from bakeoff.diagnosis.remedies import scale_learning_rate, sees_raw_pixels
from bakeoff.diagnosis.values import ModelRuns, Run, StudyRuns
from bakeoff.diagnosis.words import tell_runs
from bakeoff.spec.record import Record
from bakeoff.spec.values import Finding

CODES = {
    "BKO101": "Training diverged",
    "BKO102": "The network collapsed to one class",
    "BKO103": "No better than guessing",
    "BKO104": "The softmax saturated under a clipped loss",
    "BKO105": "Units of a layer are dead",
    "BKO106": "Gradients vanish or explode",
    "BKO107": "A run was not completed",
}

ONE_CLASS = 0.99  # the engine's own rule for a collapse: this share of the test images gets one class
DEVIATIONS = 3.0  # binomial standard deviations above naming the commonest class: one in 700 guessers gets there


def diagnose(study: StudyRuns) -> Iterator[Finding]:
    """Findings of this family, one per model and code."""
    for model in study.models:
        yield from _diverged(model)
        yield from _collapsed(model, study)
        yield from _at_chance(model, study)
        yield from find_clipping(model)
        yield from find_dead_units(model)
        yield from find_broken_gradients(model)
        yield from _incomplete(model)
    yield from find_published_clipping(study.published)


def _diverged(model: ModelRuns) -> Iterator[Finding]:
    runs = [run for run in model.runs if run.record.status == "diverged"]
    if not runs:
        return
    raw = sees_raw_pixels(model)
    slower = scale_learning_rate(model.model.protocol.optimizer, 0.1)
    yield Finding(
        code="BKO101",
        severity="error",
        model=model.name,
        title=CODES["BKO101"],
        evidence=tell_runs(runs, model, lambda run: _tell_divergence(run.record)),
        cause="steps too large for inputs of this size: the first layer sees unscaled pixels"
        if raw
        else "steps too large: each overshoots further than the one before, until a number overflows",
        advice=f"--set protocol.pixels=unit, or {slower}" if raw else slower,
    )


def _tell_divergence(record: Record) -> str:
    losses = record.history.loss
    if not losses or math.isfinite(losses[-1]):
        return f"{record.reason or 'no finite test loss'}"
    where = f"in epoch {len(losses)}" + (f", step {record.diverged_step}" if record.diverged_step else "")
    before = f", after {losses[-2]:.3g} in the epoch before" if len(losses) > 1 else ""
    return f"the training loss became {losses[-1]} {where}{before}"


def _collapsed(model: ModelRuns, study: StudyRuns) -> Iterator[Finding]:
    runs = [run for run in model.runs if _is_one_class(run)]
    if runs:
        cause, advice = suggest_remedies(model)
        yield Finding(
            code="BKO102",
            severity="error",
            model=model.name,
            title=CODES["BKO102"],
            evidence=tell_runs(runs, model, lambda run: _tell_collapse(run, study.data.class_names)),
            cause=cause,
            advice=advice,
        )


def _is_one_class(run: Run) -> bool:
    """By the predictions; where they were not kept, by the engine's words, and else by the last probe."""
    if run.record.status != "collapsed":
        return False
    if run.predictions is not None:
        return _largest_share(np.bincount(run.predictions))[0] >= ONE_CLASS
    if run.probes is None or "got class" in run.record.reason:
        return "got class" in run.record.reason
    return _largest_share(run.probes.predicted[-1])[0] >= ONE_CLASS


def _largest_share(counts: Int[np.ndarray, " classes"]) -> tuple[float, int]:
    return float(counts.max() / counts.sum()), int(counts.argmax())


def _tell_collapse(run: Run, class_names: tuple[str, ...]) -> str:
    told = [run.record.reason]
    if run.predictions is not None:
        share, label = _largest_share(np.bincount(run.predictions))
        told = [f"{share:.1%} of {len(run.predictions):,} test images got class {class_names[label]}"]
    if run.probes is not None:
        share, label = _largest_share(run.probes.predicted[-1])
        told.append(
            f"after epoch {run.probes.epochs[-1]} {share:.1%} of a sample of {run.probes.images} training images got "
            f"class {class_names[label]}"
        )
    return ", ".join(told)


def _at_chance(model: ModelRuns, study: StudyRuns) -> Iterator[Finding]:
    images = len(study.labels)
    if not images:
        return
    guess = float(np.bincount(study.labels).max() / images)
    limit = guess + DEVIATIONS * math.sqrt(guess * (1 - guess) / images)
    runs = [run for run in model.runs if not _is_one_class(run) and _accuracy(run) <= limit]
    if runs:
        cause, advice = suggest_remedies(model)
        yield Finding(
            code="BKO103",
            severity="error",
            model=model.name,
            title=CODES["BKO103"],
            evidence=f"{tell_runs(runs, model, lambda run: f'{_accuracy(run):.2%} right')}; always naming the "
            f"commonest class gets {guess:.2%} of the {images:,} test images, and up to {limit:.2%} is within three "
            "standard deviations of that",
            cause=cause,
            advice=advice,
        )


def _accuracy(run: Run) -> float:
    return math.inf if run.record.test_accuracy is None else run.record.test_accuracy


_BROKEN = {
    "out of memory": (
        "the batch, the network or the images do not fit into memory",
        "--set protocol.batch_size={half}",
    ),
    "crashed": ("its process ended without a word: most often the system took its memory", "bakeoff run --workers 1"),
    "error": ("the program stopped with an error", "bakeoff run tries it again once the cause is mended"),
}


def _incomplete(model: ModelRuns) -> Iterator[Finding]:
    runs = [run for run in model.runs if run.record.status in _BROKEN]
    if runs:
        statuses = list(dict.fromkeys(run.record.status for run in runs))
        half = max(1, model.model.protocol.batch_size // 2)
        yield Finding(
            code="BKO107",
            severity="error",
            model=model.name,
            title=CODES["BKO107"],
            evidence=tell_runs(runs, model, lambda run: f"{run.record.status}: {_last_line(run.record.reason)}"),
            cause="; ".join(_BROKEN[status][0] for status in statuses),
            advice=", or ".join(_BROKEN[status][1].format(half=half) for status in statuses),
        )


def _last_line(reason: str) -> str:
    """Of a traceback, the line that says what happened."""
    return (reason.strip().splitlines() or ["no reason was recorded"])[-1].strip()

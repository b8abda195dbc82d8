"""BKO1: training that failed, and what inside the network shows why."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np
from jaxtyping import Int

from bakeoff.diagnosis.causes import suggest_remedies
from bakeoff.diagnosis.chance import agree_with_labels, is_one_class, largest_share, learned_nothing
from bakeoff.diagnosis.clipping import find_clipping, find_published_clipping
from bakeoff.diagnosis.layers import find_broken_gradients, find_dead_units
from bakeoff.diagnosis.pixels import is_unscaled, slow_down
from bakeoff.diagnosis.remedies import set_entry
from bakeoff.diagnosis.signs import join_advice
from bakeoff.diagnosis.symmetry import find_equal_units
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
    "BKO108": "The units of a layer are all alike",
}


def diagnose(study: StudyRuns) -> Iterator[Finding]:
    """Findings of this family: of a model and code one about its runs, and one about what was published."""
    for model in study.models:
        yield from _diverged(model)
        yield from _collapsed(model, study)
        yield from _at_chance(model, study)
        yield from find_clipping(model)
        if model.published is not None:
            yield from find_published_clipping(model.name, model.published)
        signs = (*find_dead_units(model), *find_broken_gradients(model), *find_equal_units(model, study.labels))
        yield from (sign.tell() for sign in signs)
        yield from _incomplete(model)
    for stranger in study.published:
        yield from find_published_clipping(stranger.name, stranger.published)


def _diverged(model: ModelRuns) -> Iterator[Finding]:
    runs = [run for run in model.runs if run.record.status == "diverged"]
    if not runs:
        return
    yield Finding(
        code="BKO101",
        severity="error",
        model=model.name,
        title=CODES["BKO101"],
        evidence=tell_runs(runs, model, lambda run: _tell_divergence(run.record)),
        cause="steps too large for inputs of this size: the first layer sees unscaled pixels"
        if is_unscaled(model)
        else "steps too large: each overshoots further than the one before, until a number overflows",
        advice=join_advice(slow_down(model)),
    )


def _tell_divergence(record: Record) -> str:
    losses = record.history.loss
    if not losses or math.isfinite(losses[-1]):
        return f"{record.reason or 'no finite test loss'}"
    where = f"in epoch {len(losses)}" + (f", step {record.diverged_step}" if record.diverged_step else "")
    before = f", after {losses[-2]:.3g} in the epoch before" if len(losses) > 1 else ""
    return f"the training loss became {losses[-1]} {where}{before}"


def _collapsed(model: ModelRuns, study: StudyRuns) -> Iterator[Finding]:
    runs = [run for run in model.runs if is_one_class(run)]
    if runs:
        cause, advice = suggest_remedies(model, study)
        yield Finding(
            code="BKO102",
            severity="error",
            model=model.name,
            title=CODES["BKO102"],
            evidence=tell_runs(runs, model, lambda run: _tell_collapse(run, study.data.class_names)),
            cause=cause,
            advice=join_advice(advice),
        )


def _tell_collapse(run: Run, class_names: tuple[str, ...]) -> str:
    told = [run.record.reason]
    if run.predictions is not None:
        share, label = largest_share(np.bincount(run.predictions))
        told = [f"{share:.1%} of {len(run.predictions):,} test images got class {class_names[label]}"]
    if run.probes is not None:
        share, label = largest_share(run.probes.predicted[-1])
        told.append(
            f"after epoch {run.probes.epochs[-1]} {share:.1%} of a sample of {run.probes.images} training images got "
            f"class {class_names[label]}"
        )
    return ", ".join(told)


def _at_chance(model: ModelRuns, study: StudyRuns) -> Iterator[Finding]:
    runs = [run for run in model.runs if _is_guessing(run, study.labels)]
    if runs:
        guess = np.bincount(study.labels).max() / len(study.labels)
        cause, advice = suggest_remedies(model, study)
        yield Finding(
            code="BKO103",
            severity="error",
            model=model.name,
            title=CODES["BKO103"],
            evidence=f"{tell_runs(runs, model, lambda run: _tell_guesses(run, study.labels))}; always naming the "
            f"commonest class gets {guess:.2%} of the {len(study.labels):,} test images",
            cause=cause,
            advice=join_advice(advice),
        )


def _is_guessing(run: Run, labels: Int[np.ndarray, " examples"]) -> bool:
    """Whether a run has learned nothing, and neither BKO101 nor BKO102 says so."""
    return bool(learned_nothing(run, labels)) and run.record.status != "diverged" and not is_one_class(run)


def _tell_guesses(run: Run, labels: Int[np.ndarray, " examples"]) -> str:
    """How many are right; and how many would be by chance, where the test images are enough to tell."""
    agreement = agree_with_labels(run, labels)
    if agreement is None:
        return run.record.reason
    told = f"{agreement.accuracy:.2%} right, and with labels dealt out at random it would be up to"
    return f"{told} {agreement.chance:.2%}"


_BROKEN = {
    "out of memory": "the batch, the network or the images do not fit into memory",
    "crashed": "its process ended without a word: most often the system took its memory",
    "error": "the program stopped with an error",
}


_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt)\b")
"""How a line of a traceback begins that names an exception; those that name places are indented."""


def _incomplete(model: ModelRuns) -> Iterator[Finding]:
    runs = [run for run in model.runs if run.record.status in _BROKEN]
    if runs:
        statuses = list(dict.fromkeys(run.record.status for run in runs))
        yield Finding(
            code="BKO107",
            severity="error",
            model=model.name,
            title=CODES["BKO107"],
            evidence=tell_runs(runs, model, lambda run: f"{run.record.status}: {_last_line(run.record.reason)}"),
            cause="; ".join(_BROKEN[status] for status in statuses),
            advice=join_advice(tuple(_advise(model, status) for status in statuses)),
        )


def _advise(model: ModelRuns, status: str) -> str:
    if status == "out of memory":
        return set_entry(model, "batch_size", max(1, model.model.protocol.batch_size // 2))
    return "bakeoff run --workers 1" if status == "crashed" else "bakeoff run tries it again once the cause is mended"


def _last_line(reason: str) -> str:
    """Of a traceback, the line that says what happened: the last that names an error, for JAX writes more below it."""
    lines = reason.strip().splitlines() or ["no reason was recorded"]
    named = [line for line in lines if _ERROR.match(line)]
    return (named or lines)[-1].strip()

"""BKO2: how learning went: too long, too short, too fast, too slow, or not the same for every seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bakeoff.diagnosis.causes import NO_SIGN, suggest_remedies
from bakeoff.diagnosis.chance import FAILURES, learned_nothing
from bakeoff.diagnosis.overfitting import find_overfitting
from bakeoff.diagnosis.plateau import WINDOW_SHARE
from bakeoff.diagnosis.rates import find_high_rates, find_low_rates
from bakeoff.diagnosis.remedies import set_entry
from bakeoff.diagnosis.seeds import find_length, judged_runs
from bakeoff.diagnosis.signs import join_advice
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

_BY_LUCK = "whether it learns depends on the weights that were drawn"
_VERDICTS = ("finished", *FAILURES)  # of the network; a crashed worker says nothing about it


def diagnose(study: StudyRuns) -> Iterator[Finding]:
    """Findings of this family: of a model and code one about its runs, and one about what was published."""
    counts = study.data.facts.train_counts if study.data.facts else [1] * len(study.data.class_names)
    for model in study.models:
        if judged := judged_runs(model):
            yield from find_overfitting(model, judged)
            yield from _length(model)
        yield from _disagreement(model, study)
        yield from (sign.tell() for sign in (*find_high_rates(model), *find_low_rates(model)))
        yield from find_trained_starts(model, counts=counts)
        if model.published is not None:
            images = model.runs[0].record.images.train
            yield from find_published_starts(
                model.model, model.published, images=images, counts=counts, runs=model.runs
            )
    for stranger in study.published:
        yield from find_published_starts(stranger.model, stranger.published, images=study.data.train, counts=counts)


def _length(model: ModelRuns) -> Iterator[Finding]:
    """BKO202, if at least two epochs and a fifth of all follow the plateau, or BKO203."""
    epochs = model.model.protocol.epochs
    plateau = find_length(model)
    if plateau is None:
        return
    if plateau.still_improving:
        yield Finding(
            code="BKO203",
            severity="note",
            model=model.name,
            title=CODES["BKO203"],
            evidence=f"{plateau.why}; over the last fifth of the epochs it was still falling",
            cause="training ended before the network had learned what it can",
            advice=set_entry(model, "epochs", 2 * epochs),
        )
    elif epochs - plateau.epoch >= max(LEAST_EPOCHS, epochs / WINDOW_SHARE):
        yield Finding(
            code="BKO202",
            severity="note",
            model=model.name,
            title=f"Plateau from epoch {plateau.epoch} on",
            evidence=plateau.why,
            cause=f"the last {epochs - plateau.epoch} of {epochs} epochs brought nothing that can be told from chance",
            advice=set_entry(model, "epochs", plateau.epoch),
        )


def _disagreement(model: ModelRuns, study: StudyRuns) -> Iterator[Finding]:
    """BKO204: some seeds learn nothing and others do; with folds, a seed fails if one of its folds does."""
    seeds = {run.record.seed for run in model.runs if run.record.status in _VERDICTS}
    failed = sorted({run.record.seed for run in model.runs if learned_nothing(run, study.labels)})
    if not 0 < len(failed) < len(seeds):
        return
    learned = [run for run in model.runs if learned_nothing(run, study.labels) is False]
    rate = failure_rate(len(failed), len(seeds))
    cause, advice = suggest_remedies(model, study)
    yield Finding(
        code="BKO204",
        severity="warning",
        model=model.name,
        title=f"{len(failed)} of {len(seeds)} seeds failed",
        evidence=f"seed{'s' * (len(failed) != 1)} {', '.join(map(str, failed))} failed; the others learned; "
        f"such a network fails in {rate.value:.0%} of trainings, 95 % interval {rate.low:.0%} to {rate.high:.0%}",
        cause=cause if _is_in_all(cause, learned, model, study) else f"{_BY_LUCK}: {cause}",
        advice=join_advice(advice),
    )


def _is_in_all(cause: str, learned: Sequence[Run], model: ModelRuns, study: StudyRuns) -> bool:
    """Whether the runs that learned, each looked at alone, show the same signs: it is then no matter of the draw."""
    alone = [suggest_remedies(replace(model, runs=(run,)), study)[0] for run in learned]
    return bool(alone) and not cause.startswith(NO_SIGN) and all(other == cause for other in alone)

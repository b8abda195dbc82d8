"""Why networks of study B fail: each trained again with one thing changed at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from docs.publishing.finished_runs import ADVICE, FinishedRuns
from docs.publishing.runs import STORE

from bakeoff.cli.explain_sentences import describe_trial
from bakeoff.data import load_dataset
from bakeoff.errors import StoreError
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Block, Heading, Paragraph, Sentences, text, text_with_code
from bakeoff.runner.remedies import MOST_SEEDS, Trial, try_remedies
from bakeoff.spec import Study
from bakeoff.verbs.data_entry import make_entry
from bakeoff.verbs.explain import REMEDIES


def find_trials(study: Study, names: Sequence[str], store: Path) -> list[Trial]:
    """What came of `bakeoff explain STUDY MODEL --try`, without training anything.

    Args:
        study: As for that command.
        names: Of the models.
        store: Folder with the results.

    Raises:
        StoreError: The store lacks a run of a trial.
        DataError: The data cannot be found.
    """
    if not names:
        return []
    folder = store / REMEDIES
    if not folder.exists():
        raise StoreError(f"the store in {store} lacks the trials of {numbers.join_names(names)}: {ADVICE}")
    dataset = load_dataset(study.data)
    return [
        try_remedies(
            study,
            study.model(name),
            FinishedRuns(folder),
            data=make_entry(study.data, dataset),
            dataset=dataset,
            epochs=None,
            seeds=MOST_SEEDS,
            workers=1,
        )
        for name in names
    ]


def why_they_fail(trials: Sequence[Trial]) -> list[Block]:
    """The trials in sentences, and how to repeat them."""
    heading = Heading("Why networks fail")
    if not trials:
        return [heading, Paragraph(text("None did."))]
    sick, well = split_trials(trials)
    opening = "Each network of which a seed learnt nothing was trained again, briefly"
    opening += ", and where it failed again, with one thing changed at a time" if sick else ""
    opening += f" (`bakeoff explain study-b MODEL --try --store {STORE.name}`)."
    opening += f" {tell_well(well)}" if well else ""
    blocks: list[Block] = [heading, Paragraph(text_with_code(opening))]
    for trial in trials:
        blocks += [Heading(trial.model, 3), Sentences(tuple(text(sentence) for sentence in describe_trial(trial)))]
    return blocks


def split_trials(trials: Iterable[Trial]) -> tuple[list[Trial], list[Trial]]:
    """Those whose unchanged network failed in the trial too, and those where nothing could be tried."""
    trials = list(trials)
    return [trial for trial in trials if trial.unchanged.failed], [t for t in trials if not t.unchanged.failed]


def tell_well(trials: Sequence[Trial]) -> str:
    """That some networks failed only in full length, as a sentence.

    Args:
        trials: Of networks that did not fail in them, at least one.
    """
    names = numbers.join_names(trial.model for trial in trials)
    epochs = sorted({trial.epochs for trial in trials})
    within = f"{epochs[0]}{f' to {epochs[-1]}' * (len(epochs) > 1)} epoch{'s' * (epochs[-1] > 1)}"
    many = len(trials) > 1
    return (
        f"{names} {'do' if many else 'does'} not fail within the {within} of a trial, so no change was tried on "
        f"{'them' if many else 'it'}, and the cause is not known."
    )

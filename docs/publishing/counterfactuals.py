"""Why networks of study B fail: each trained again with one thing changed at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


def why_they_fail(trials: Sequence[Trial], *, rare: Sequence[str] = ()) -> list[Block]:
    """The trials in sentences, and how to repeat them.

    Args:
        trials: Of the networks that fail with most of their seeds.
        rare: Networks that fail with others.
    """
    told = " ".join([*_tell_trials(trials), *_tell_rare(rare)]) or "None did."
    blocks: list[Block] = [Heading("Why networks fail"), Paragraph(text_with_code(told))]
    for trial in trials:
        blocks += [Heading(trial.model, 3), Sentences(tuple(text(sentence) for sentence in describe_trial(trial)))]
    return blocks


def _tell_trials(trials: Sequence[Trial]) -> Iterator[str]:
    if trials:
        sick, well = split_trials(trials)
        again = ", and where it failed again, with one thing changed at a time" if sick else ""
        command = f"`bakeoff explain study-b MODEL --try --store {STORE.name}`"
        yield f"Each network of which most seeds learnt nothing was trained again, briefly{again} ({command})."
        if well:
            yield tell_well(well)


def _tell_rare(names: Sequence[str]) -> Iterator[str]:
    if names:
        fail = "fails" if len(names) == 1 else "fail"
        yield (
            f"{numbers.join_names(names)} {fail} with few seeds, so that no trial was made: it has too few to show "
            "that a rare failure was cured."
        )


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

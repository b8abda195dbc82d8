"""Say what is wrong with a model, and find the cause by changing one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bakeoff.comparison.diagnose import all_codes
from bakeoff.data import load_dataset
from bakeoff.errors import StoreError, StudyError, WorkerError, suggest
from bakeoff.report.commands import write_command
from bakeoff.runner.pool import default_workers
from bakeoff.runner.remedies import MOST_SEEDS, Trial, try_remedies
from bakeoff.runner.run import Watcher
from bakeoff.spec import Study, only_models
from bakeoff.spec.values import Finding
from bakeoff.store import open_store
from bakeoff.verbs.compare import compare
from bakeoff.verbs.data_entry import make_entry
from bakeoff.verbs.default_store import default_store

REMEDIES = "remedies"
"""Folder inside a store for the runs of trials, which are never mixed with those of the study."""


@dataclass(frozen=True)
class Code:
    """A finding's code, explained.

    Attributes:
        code: Such as BKO104.
        meaning: In a few words.
        page: Where more is said, from the root of the documentation.
    """

    code: str
    meaning: str
    page: str


@dataclass(frozen=True)
class Explanation:
    """What was found.

    Attributes:
        models: The findings of each model that was asked for and has a run, the gravest first.
        missing: Those that have no run.
        published: What the figures of these models show that their source printed; it is not about runs made here.
        study: Findings about the study as a whole or its data.
    """

    models: dict[str, tuple[Finding, ...]]
    missing: tuple[str, ...]
    published: tuple[Finding, ...]
    study: tuple[Finding, ...]


def explain(study: Study, model: str | None = None, *, store: Path | str | None = None) -> Explanation:
    """Gather what was found in a study's runs.

    Args:
        study: From `load_study`, with the same overrides as when it was run.
        model: The one to explain; all if None.
        store: Folder with the results.

    Returns:
        The findings.

    Raises:
        StudyError: There is no such model.
        StoreError: There is no store, or no run of the study or of the model in it.
    """
    wanted = [each.name for each in (only_models(study, [model]) if model else study).models]
    comparison = compare(study, store=store)
    if model in comparison.missing:
        raise StoreError(
            f"the store holds no run of {model} as it is written: run it first "
            f"({write_command('run', study, '--only', model)}), or let --try train it briefly"
        )
    own = [finding for finding in comparison.findings if not finding.published]
    return Explanation(
        models={
            name: tuple(finding for finding in own if finding.model == name)
            for name in wanted
            if name not in comparison.missing
        },
        missing=tuple(name for name in wanted if name in comparison.missing),
        published=tuple(
            finding for finding in comparison.findings if finding.published and finding.model in ("", *wanted)
        ),
        study=tuple(finding for finding in own if not finding.model),
    )


def explain_code(code: str) -> Code:
    """What a code means.

    Args:
        code: In upper or lower case.

    Returns:
        Its meaning and its page.

    Raises:
        StudyError: There is no such code.

    >>> explain_code("bko504").code
    'BKO504'
    """
    codes = all_codes()
    known = code.upper()
    if known not in codes:
        raise StudyError(f"no finding has the code {code}; {suggest(known, codes)}")
    return Code(known, codes[known], f"docs/findings.md#{known.lower()}")


def try_out(
    study: Study,
    model: str,
    *,
    store: Path | str | None = None,
    epochs: int | None = None,
    seeds: int = MOST_SEEDS,
    workers: int | None = None,
    watch: Watcher = lambda progress: None,
) -> Trial:
    """Train a model again with one thing changed at a time, and say which change cures it.

    Args:
        study: From `load_study`.
        model: One of its models.
        store: Folder with the results; these runs go into a folder of their own inside it.
        epochs: Of each training; by default 3, or more on few images, whatever the model's own protocol says.
        seeds: Trainings of each at most, at least 2.
        workers: Processes that train; by default one per physical core.
        watch: Called a few times a second.

    Returns:
        What came of each change.

    Raises:
        StudyError: There is no such model, fewer than 2 seeds or 1 epoch, or a network cannot be built.
        DataError: The data cannot be found or are damaged.
        StoreError: The store cannot be written.
        WorkerError: Fewer than one worker, or workers that cannot be started.
    """
    if seeds < 2 or (epochs is not None and epochs < 1):
        raise StudyError(f"a trial needs at least 2 seeds and 1 epoch, got {seeds} and {epochs}")
    if workers is not None and workers < 1:
        raise WorkerError(f"workers must be at least 1, got {workers}")
    (spec,) = only_models(study, [model]).models
    dataset = load_dataset(study.data)
    data = make_entry(study.data, dataset)
    opened = open_store(Path(store or default_store()) / REMEDIES, create=True)
    opened.write_data(data, dataset.test_labels)
    return try_remedies(
        study,
        spec,
        opened,
        data=data,
        dataset=dataset,
        epochs=epochs,
        seeds=seeds,
        workers=workers or default_workers(),
        watch=watch,
    )

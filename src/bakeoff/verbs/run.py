"""Train every model of a study with every seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bakeoff.comparison import Comparison, compare_study
from bakeoff.comparison.diagnose import check_ignored
from bakeoff.data import load_dataset
from bakeoff.data.guard import inspect_dataset
from bakeoff.errors import StoreError, WorkerError
from bakeoff.report import to_notebook_html
from bakeoff.runner.checking import check_splits
from bakeoff.runner.plateaus import run_with_plateaus
from bakeoff.runner.pool import default_workers
from bakeoff.runner.racing import run_race
from bakeoff.runner.run import Watcher
from bakeoff.spec import Study
from bakeoff.spec.record import DataFacts
from bakeoff.store import Store, open_store
from bakeoff.verbs.data_entry import make_entry
from bakeoff.verbs.default_store import default_store


@dataclass(frozen=True)
class Results:
    """A study that has been run, and the store that holds its records.

    Attributes:
        study: What was run.
        store: Where the records are.
    """

    study: Study
    store: Store

    def compare(self, *, images: bool = False) -> Comparison:
        """Judge the runs; with `images`, count the votes on single test images as well, for the page to show."""
        return compare_study(self.study, self.store, images=images)

    def _repr_html_(self) -> str:
        """How a notebook shows it: the verdict and the leaderboard."""
        return to_notebook_html(self.compare())


def run(
    study: Study,
    *,
    store: Path | str | None = None,
    workers: int | None = None,
    watch: Watcher = lambda progress: None,
) -> Results:
    """Train what is missing; runs that the store holds are left alone.

    Args:
        study: From `load_study`.
        store: Folder for the results; by default `$BAKEOFF_STORE`, or `bakeoff-store` in the current folder.
        workers: Processes that train, one core each; by default one per physical core. Results do not depend on it.
            Where JAX finds accelerators, there is at most one for each of these.
        watch: Called a few times a second with the progress.

    Returns:
        The results, ready to be compared. Failed runs are among them, with their reasons.

    Raises:
        StudyError: The study asks for something that does not exist or does not fit; nothing has been trained.
        DataError: The data cannot be found or are damaged.
        StoreError: The store cannot be written.
        WorkerError: Fewer than one worker, or workers that cannot be started.
    """
    if workers is not None and workers < 1:
        raise WorkerError(f"workers must be at least 1, got {workers}")
    check_ignored(study)
    dataset = load_dataset(study.data)
    check_splits(study, dataset)
    opened = open_store(store or default_store(), create=True)
    facts = _known_facts(opened, study.data, dataset.fingerprint) or inspect_dataset(dataset)
    entry = make_entry(study.data, dataset, facts=facts)
    opened.write_data(entry, dataset.test_labels)
    workers = workers or default_workers()
    if race := study.protocol.race:
        run_race(study, race, opened, data=entry, labels=dataset.test_labels, workers=workers, watch=watch)
    else:
        run_with_plateaus(study, opened, data=entry, workers=workers, watch=watch)
    return Results(study, opened)


def _known_facts(store: Store, reference: str, fingerprint: str) -> DataFacts | None:
    """What the store already says of the same data, bit for bit."""
    try:
        known = store.data(reference)
    except StoreError:
        return None  # a damaged entry is written anew
    return known[0].facts if known and known[0].fingerprint == fingerprint else None

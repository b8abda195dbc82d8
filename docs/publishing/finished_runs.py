"""Nothing is trained while pages are written: what a store lacks is refused, with the models that must be run first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bakeoff.errors import StoreError
from bakeoff.report import numbers
from bakeoff.runner.jobs import plan_jobs
from bakeoff.spec import Study
from bakeoff.store import Store, open_store

ADVICE = "run `make published-run` first"


class FinishedRuns(Store):
    """A store that is only read: whoever asks it for a run that it lacks, in order to train it, is refused."""

    def has_result(self, key: str) -> bool:
        """Whether this run is done; it must be.

        Raises:
            StoreError: It is not.
        """
        if not super().has_result(key):
            raise StoreError(f"the store in {self.folder} lacks the run {key}: {ADVICE}")
        return True


def refuse_lacking(studies: Mapping[str, Study], folder: Path) -> None:
    """Make sure that every run of some studies is there, whatever came of it.

    Args:
        studies: As they were to be trained, by name.
        folder: Of the store.

    Raises:
        StoreError: There is no store, or it lacks runs of these studies.
    """
    if not folder.exists():
        raise StoreError(f"there is no store in {folder}: {ADVICE}")
    store = open_store(folder)
    lacking = {name: lacking_models(study, store) for name, study in studies.items()}
    listed = [f"{name} ({numbers.join_names(names)})" for name, names in lacking.items() if names]
    if listed:
        raise StoreError(f"the store in {folder} lacks runs of {'; '.join(listed)}: {ADVICE}")


def lacking_models(study: Study, store: Store) -> list[str]:
    """The models of which a seed or a fold was never run."""
    known = store.data(study.data)
    if known is None:
        return [model.name for model in study.models]
    there = store.keys()
    jobs = plan_jobs(study, fingerprint=known[0].fingerprint)
    return list(dict.fromkeys(job.cell.model.name for job in jobs if job.key not in there))

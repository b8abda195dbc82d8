"""Puts a study's runs before the diagnosis, and its findings together with those about the comparison itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.findings import CODES
from bakeoff.diagnosis import ModelRuns, PublishedModel, Run, StudyRuns, known_codes
from bakeoff.errors import StudyError, suggest
from bakeoff.spec.record import DataEntry, Record
from bakeoff.spec.study import Study
from bakeoff.spec.values import Finding
from bakeoff.store import Store

_SEVERITIES = ("error", "warning", "note")


def all_codes() -> dict[str, str]:
    """Every code that a comparison can report, and what it means, by code."""
    return dict(sorted((known_codes() | CODES).items()))


def check_ignored(study: Study) -> None:
    """Refuse a study that ignores what does not exist: it would silence nothing, and look as if it did.

    Args:
        study: Any study.

    Raises:
        StudyError: A code in `ignore` is none of `all_codes`.
    """
    codes = all_codes()
    for place, code in enumerate(study.ignore):
        if code not in codes:
            raise StudyError(
                f"ignore names the finding {code!r}, which does not exist; {suggest(code, codes)}",
                path=("ignore", place),
            )


def gather_runs(study: Study, evidence: Sequence[Evidence], store: Store, *, data: DataEntry) -> StudyRuns:
    """What the diagnosis looks at.

    Args:
        study: What was asked.
        evidence: On the models that have a run; its predictions are not read again.
        store: Where the probes are, and the predictions of runs that failed.
        data: What is remembered of the data set.

    Returns:
        The runs, in the order of the study.

    Raises:
        StoreError: A file of a run is damaged.
    """
    found = {each.name: each for each in evidence}
    return StudyRuns(
        models=tuple(
            ModelRuns(
                model=found[model.name].cell.model,  # of a plateau, with the epochs that it was trained for
                runs=tuple(_gather_run(record, found[model.name], store) for record in found[model.name].records),
                published=study.published.get(model.name),
            )
            for model in study.models
            if model.name in found
        ),
        data=data,
        labels=evidence[0].labels,
        published=tuple(
            PublishedModel(study.model(name), figures) for name, figures in study.published.items() if name not in found
        ),
        missing=tuple(model.name for model in study.models if model.name not in found),
    )


def merge_findings(*findings: Iterable[Finding], ignore: Sequence[str] = ()) -> tuple[Finding, ...]:
    """All findings in the order in which they are to be read.

    Args:
        findings: From the diagnosis and from the comparison; of one code, in the order that they shall keep.
        ignore: Codes that the study does not want to hear of.

    Returns:
        Errors, then warnings, then notes, each by code.
    """
    kept = [finding for group in findings for finding in group if finding.code not in ignore]
    return tuple(sorted(kept, key=lambda finding: (_SEVERITIES.index(finding.severity), finding.code)))


def _gather_run(record: Record, found: Evidence, store: Store) -> Run:
    predictions = found.predictions.get(record.key)
    if predictions is None and record.test_accuracy is not None:  # it collapsed, or other folds of its seed are missing
        predictions = store.predictions(record.key)
    return Run(record, probes=store.probes(record.key), predictions=predictions)

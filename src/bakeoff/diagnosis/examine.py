"""Puts a study before every family of findings."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Protocol, runtime_checkable

from bakeoff.diagnosis import families
from bakeoff.diagnosis.remedies import shorten_overrides
from bakeoff.diagnosis.values import StudyRuns
from bakeoff.spec.values import Finding


@runtime_checkable
class Family(Protocol):
    """What a file `bkoN_name.py` in the folder `families` defines."""

    CODES: Mapping[str, str]
    """From each code to what it means, in a few words."""

    def diagnose(self, study: StudyRuns) -> Iterable[Finding]:
        """The findings of this family."""
        ...


@cache
def find_families() -> dict[str, Family]:
    """All families, by the name of their file."""
    names = sorted(module.name for module in pkgutil.iter_modules(families.__path__))
    loaded: dict[str, Family] = {name: importlib.import_module(f"{families.__name__}.{name}") for name in names}
    return loaded


def known_codes() -> dict[str, str]:
    """Every code that a family can report, and what it means."""
    return {code: meaning for family in find_families().values() for code, meaning in family.CODES.items()}


def diagnose(study: StudyRuns) -> tuple[Finding, ...]:
    """Examine a study.

    Args:
        study: Its models, runs and data.

    Returns:
        Every finding, by code; of one code in the study's order.
    """
    names = (*(model.name for model in study.models), *study.missing)
    found = shorten_overrides(tuple(_all_findings(study)), names)
    return tuple(sorted(found, key=lambda finding: finding.code))


def _all_findings(study: StudyRuns) -> Iterator[Finding]:
    for family in find_families().values():
        yield from family.diagnose(study)

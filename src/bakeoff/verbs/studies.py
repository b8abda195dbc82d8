"""The studies that come with Bakeoff."""

from __future__ import annotations

from bakeoff.spec import BuiltinStudy, builtin_studies


def studies() -> tuple[BuiltinStudy, ...]:
    """All built-in studies, by name."""
    return builtin_studies()

"""How to cite what was measured, so that another can tell whether they have measured the same."""

from __future__ import annotations

import hashlib

import yaml

from bakeoff.comparison import Comparison
from bakeoff.report import numbers
from bakeoff.spec import study_to_dict

DIGITS = 12
"""Of a fingerprint: two of these agree by chance once in 3e14."""


def cite(comparison: Comparison) -> str:
    """One sentence with everything that identifies the result.

    Args:
        comparison: Of any number of models.

    Returns:
        Title, program, study and data with their fingerprints, and the number of runs.
    """
    study, data = comparison.study, comparison.data
    versions = sorted({environment.get("bakeoff", "") for environment in comparison.environments} - {""})
    program = f"Bakeoff {numbers.join_names(versions)}" if versions else "Bakeoff"
    runs = sum(len(model.runs) for model in comparison.models)
    return (
        f"{study.title or study.name}. Measured with {program}: study {study.name} ({fingerprint_study(comparison)}) "
        f"on {data.reference} ({data.fingerprint[:DIGITS]}), {runs:,} run{'s' * (runs != 1)}."
    )


def fingerprint_study(comparison: Comparison) -> str:
    """The first digits of the SHA-256 of the study file with every default filled in."""
    written = yaml.safe_dump(study_to_dict(comparison.study), sort_keys=True, allow_unicode=True)
    return hashlib.sha256(written.encode()).hexdigest()[:DIGITS]

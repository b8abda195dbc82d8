"""A calibration as plain values, for `bakeoff calibrate --json`."""

from __future__ import annotations

import math
from typing import Any

from bakeoff.calibration.values import CalibrationReport, Row


def to_dict(report: CalibrationReport) -> dict[str, Any]:
    """Everything that was measured, ready for `json.dumps`; what has no value is None."""
    return {
        "seed": report.seed,
        "short": report.short,
        "passed": report.passed,
        "scenarios": [
            {
                "name": scenario.name,
                "title": scenario.title,
                "seconds": round(scenario.seconds, 1),
                "rows": [_row(row) for row in scenario.rows],
            }
            for scenario in report.scenarios
        ],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "cell": row.cell,
        "measure": row.measure.name,
        "kind": row.measure.kind,
        "repetitions": row.repetitions,
        "value": _number(row.value),
        "standard_error": _number(row.standard_error),
        "at_least": row.measure.at_least,
        "at_most": row.measure.at_most,
        "slack": row.measure.slack,
        "negative_control": row.measure.control,
        "passed": row.passed,
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None

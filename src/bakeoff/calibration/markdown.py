"""The table of docs/calibration.md."""

from __future__ import annotations

import math

from bakeoff.calibration.values import CalibrationReport, Row, ScenarioReport

HEAD = """# Calibration: are the promised error rates real?

*Written by `bakeoff calibrate --markdown`; do not edit.*

Every line is a simulation whose truth is known: made-up studies are judged by the same code as real ones, and the
wrong answers are counted. In brackets: Monte-Carlo standard error. A target is missed if the exact one-sided 99.9 %
bound shows the value to be worse than the target by more than 0.01 (by anything at all for "all cells" and for what
must never happen). Negative controls are methods known to be wrong: they pass if they are flagged.
"""


def to_markdown(report: CalibrationReport) -> str:
    """The report as a page of documentation.

    Args:
        report: From `run_calibration`.

    Returns:
        Markdown, the same for the same report.
    """
    version = "Short version" if report.short else "Full version"
    number = sum(len(scenario.rows) for scenario in report.scenarios)
    outcome = f"{len(report.missed)} of {number} targets missed" if report.missed else f"all {number} targets met"
    parts = [HEAD, f"{version}, seed {report.seed}: **{outcome}**.\n"]
    return "\n".join([*parts, *(_section(scenario) for scenario in report.scenarios)])


def format_value(row: Row) -> str:
    """Value and standard error, as in `.047 (.003)`."""
    if math.isnan(row.value):
        return "none"
    error = "" if math.isnan(row.standard_error) else f" ({_short(row.standard_error)})"
    return f"{_short(row.value)}{error}"


def verdict_of(row: Row) -> str:
    """In one word."""
    if row.measure.control:
        return "flagged" if row.passed else "NOT FLAGGED"
    return "met" if row.passed else "MISSED"


def _section(scenario: ScenarioReport) -> str:
    lines = [
        f"## {scenario.name}: {scenario.title}\n",
        "| setting | measured | value (se) | must be | repetitions | |",
        "|---|---|---|---|---|---|",
        *(_line(row) for row in scenario.rows),
        "",
    ]
    return "\n".join(lines)


def _line(row: Row) -> str:
    verdict = verdict_of(row)
    strong = f"**{verdict}**" if verdict.isupper() else verdict
    values = (row.cell, row.measure.name, format_value(row), row.measure.target, str(row.repetitions), strong)
    return f"| {' | '.join(values)} |"


def _short(value: float) -> str:
    text = f"{value:.4f}" if abs(value) < 0.1 else f"{value:.3f}"
    return text.replace("0.", ".", 1) if abs(value) < 1 else text

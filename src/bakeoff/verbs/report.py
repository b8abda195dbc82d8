"""Write a study's report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bakeoff.comparison import Comparison
from bakeoff.data import load_dataset
from bakeoff.errors import DataError, OutputError, suggest
from bakeoff.report.browser_data import Pictures
from bakeoff.report.rendering import FILE_FORMATS, FileFormat
from bakeoff.report.writing import REPORT_FORMATS, ReportFormat, WrittenReport, write_files


def write_report(
    comparison: Comparison,
    path: Path | str | None = None,
    *,
    report_format: str | None = None,
    figures: Sequence[str] | None = None,
) -> Path:
    """Write a page that opens offline, or the same as Markdown, LaTeX or JSON.

    Args:
        comparison: From `compare` or `Results.compare`; with `images=True`, the page shows single test images.
        path: Where; by default `report/STUDY.html`, or the ending of another format.
        report_format: html, md, tex or json; by default what the path ends with, else html.
        figures: Files of every figure, beside the report: any of svg, png and pdf. By default svg for md, pdf for tex,
            and none for html and json; an empty list means none.

    Returns:
        Where the report is.

    Raises:
        OutputError: It cannot be written there, or a format is unknown.
    """
    return write_report_files(comparison, path, report_format=report_format, figures=figures).path


def write_report_files(
    comparison: Comparison,
    path: Path | str | None = None,
    *,
    report_format: str | None = None,
    figures: Sequence[str] | None = None,
) -> WrittenReport:
    """Do what `write_report` does, and say where the figures are too."""
    chosen = choose_format(report_format, path)
    report = Path(path) if path else Path("report") / f"{comparison.study.name}.{chosen}"
    kinds = None if figures is None else [_check_figure_format(kind) for kind in figures]
    try:
        return write_files(comparison, report, report_format=chosen, figures=kinds, pictures=_find_pictures(comparison))
    except OSError as error:
        raise OutputError(f"the report cannot be written to {report}: {error.strerror}") from error


def _find_pictures(comparison: Comparison) -> Pictures | None:
    """The test images, if the page is to show them and the data are at hand as they were in training."""
    if comparison.images is None:
        return None
    try:
        dataset = load_dataset(comparison.data.reference)
    except DataError:
        return None  # the page says so
    return dataset.test_images if dataset.fingerprint == comparison.data.fingerprint else None


def choose_format(report_format: str | None, path: Path | str | None) -> ReportFormat:
    """The format that was asked for, else what the path ends with, else html; an OutputError if it is unknown."""
    ending = Path(path).suffix.lower().removeprefix(".") if path else ""
    chosen = report_format or (ending if ending in REPORT_FORMATS else "html")
    if chosen not in REPORT_FORMATS:
        raise OutputError(f"a report cannot be written as {chosen!r}: {suggest(chosen, REPORT_FORMATS)}")
    return chosen


def _check_figure_format(kind: str) -> FileFormat:
    if kind not in FILE_FORMATS:
        raise OutputError(f"a figure cannot be written as {kind!r}: {suggest(kind, FILE_FORMATS)}")
    return kind

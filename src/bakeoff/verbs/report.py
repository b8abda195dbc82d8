"""Write a study's report."""

from __future__ import annotations

from pathlib import Path

from bakeoff.comparison import Comparison
from bakeoff.errors import OutputError
from bakeoff.report.writing import write_report as write_page


def write_report(comparison: Comparison, path: Path | str | None = None) -> Path:
    """Write one page that opens offline.

    Args:
        comparison: From `compare` or `Results.compare`.
        path: Where; by default `report/STUDY.html`.

    Returns:
        Where the page is.

    Raises:
        OutputError: It cannot be written there.
    """
    page = Path(path) if path else Path("report") / f"{comparison.study.name}.html"
    try:
        return write_page(comparison, page)
    except OSError as error:
        raise OutputError(f"the report cannot be written to {page}: {error.strerror}") from error

"""Put a report on disk: one text, and the figures that it refers to, each file whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from bakeoff.comparison import Comparison
from bakeoff.errors import OutputError
from bakeoff.report.browser_data import Pictures
from bakeoff.report.document.document import make_document
from bakeoff.report.document.json_text import to_json
from bakeoff.report.document.latex import to_latex
from bakeoff.report.document.markdown import to_markdown
from bakeoff.report.gallery import Picture, draw_pictures
from bakeoff.report.page import make_page
from bakeoff.report.rendering import FILE_FORMATS, FileFormat, to_file

ReportFormat = Literal["html", "md", "tex", "json"]
REPORT_FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)

_SHOWN: dict[ReportFormat, tuple[FileFormat, ...]] = {
    "html": (),
    "md": ("svg", "png"),
    "tex": ("pdf", "png"),
    "json": (),
}
"""Kinds of figure files that a report can show, the best first; a page has its figures in itself."""


@dataclass(frozen=True)
class WrittenReport:
    """What was written.

    Attributes:
        path: Of the report.
        figures: Of the figures, in the order of the report.
    """

    path: Path
    figures: tuple[Path, ...]


def write_report(comparison: Comparison, path: Path) -> Path:
    """Write a comparison's report as one HTML file.

    Args:
        comparison: What is reported.
        path: Where to; the folder is made if need be, and a file that is there is replaced.

    Returns:
        The path.
    """
    return write_files(comparison, path).path


def write_files(
    comparison: Comparison,
    path: Path,
    *,
    report_format: ReportFormat = "html",
    figures: Sequence[FileFormat] | None = None,
    pictures: Pictures | None = None,
) -> WrittenReport:
    """Write a comparison's report in any format, and its figures.

    Args:
        comparison: What is reported.
        path: Where to; the folder is made if need be, and files that are there are replaced.
        report_format: Of the report.
        figures: Kinds of files of every figure, in a folder beside the report; by default the kind that the report
            shows. Where it shows none of these, its best kind is written too; an empty sequence means no figures.
        pictures: The test images, for the page to show.

    Returns:
        The paths.

    Raises:
        OutputError: The path ends as a figure does.
    """
    _refuse_figure_ending(path)
    shown = _choose_shown(report_format, figures)
    wanted = dict.fromkeys([*(figures or ()), *([shown] if shown else [])])
    drawn = draw_pictures(comparison) if wanted or report_format == "html" else ()
    folder = figures_folder(path)
    if report_format == "html":
        content = make_page(comparison, pictures, figures=drawn)
    elif report_format == "json":
        content = to_json(comparison)
    else:
        document = make_document(comparison, drawn if shown else ())
        to_text = to_markdown if report_format == "md" else to_latex
        content = to_text(document, lambda name: f"{folder.name}/{name}.{shown}")
    written = [_write_figure(picture, folder, kind) for picture in drawn for kind in wanted]
    _write_whole(path, content.encode())
    return WrittenReport(path, tuple(written))


def _refuse_figure_ending(path: Path) -> None:
    ending = path.suffix.lower().removeprefix(".")
    if ending in FILE_FORMATS:
        raise OutputError(
            f"{path} ends as a figure does, which a report is not: end it with .html, .md, .tex or "
            f".json, and ask for figures as {ending} with --figures {ending}"
        )


def figures_folder(path: Path) -> Path:
    """Where the figures of a report are: beside it, under a name that no format has to escape."""
    stem = re.sub(r"[^A-Za-z0-9.]+", "-", path.stem).strip("-.")
    return path.parent / f"{stem or 'report'}-figures"


def _choose_shown(report_format: ReportFormat, figures: Sequence[FileFormat] | None) -> FileFormat | None:
    """The kind of figure file that the report refers to; None where it shows no files."""
    possible = _SHOWN[report_format]
    if not possible or (figures is not None and not figures):
        return None
    return next((kind for kind in possible if kind in (figures or ())), possible[0])


def _write_figure(picture: Picture, folder: Path, kind: FileFormat) -> Path:
    path = folder / f"{picture.name}.{kind}"
    _write_whole(path, to_file(picture.svg, kind))
    return path


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        unfinished.chmod(0o644)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)

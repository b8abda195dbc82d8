"""Write the report: a page that opens without a network, or the same in Markdown, LaTeX or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bakeoff.cli.options import JsonOption, OnlyOption, SetOption, StoreOption, StudyArgument
from bakeoff.cli.printing import console, print_json
from bakeoff.verbs.compare import compare
from bakeoff.verbs.load_study import load_study
from bakeoff.verbs.report import choose_format, write_report_files

NO_FIGURES = "none"


def command(
    study: StudyArgument,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="The report.  [default: report/STUDY.html, .md, .tex, .json]"
        ),
    ] = None,
    report_format: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help="html, md, tex or json.  [default: what PATH ends with, else html]"
        ),
    ] = None,
    figures: Annotated[
        str | None,
        typer.Option(
            "--figures",
            metavar="KINDS",
            help="Figures as files too: svg,png,pdf, or none.  [default: svg for md, pdf for tex]",
        ),
    ] = None,
    overrides: SetOption = None,
    only: OnlyOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the report and say where it is."""
    loaded = load_study(study, overrides=overrides or (), only=only or ())
    shows_images = choose_format(report_format, output) == "html"
    comparison = compare(loaded, store=store, images=shows_images)
    written = write_report_files(comparison, output, report_format=report_format, figures=_split(figures))
    report = written.path
    if as_json:
        files = [str(path) for path in written.figures]
        name = comparison.study.name
        print_json({"study": name, "page": str(report), "bytes": report.stat().st_size, "figures": files})
        return
    console().print(Text.assemble("The report is in ", (str(report), "bold")), soft_wrap=True)
    if written.figures:
        folder = written.figures[0].parent
        told = f"{len(written.figures)} files of figures are in "
        console().print(Text.assemble(told, (str(folder), "bold")), soft_wrap=True)


def _split(figures: str | None) -> list[str] | None:
    """`svg, pdf` as a list; `none` as an empty one."""
    if figures is None:
        return None
    kinds = [kind.strip().lower() for kind in figures.split(",") if kind.strip()]
    return [] if kinds == [NO_FIGURES] else kinds

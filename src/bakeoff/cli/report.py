"""Write the report: one page with verdict, tables and figures that opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bakeoff.cli.options import JsonOption, OnlyOption, SetOption, StoreOption, StudyArgument
from bakeoff.cli.printing import console, print_json
from bakeoff.verbs.compare import compare
from bakeoff.verbs.load_study import load_study
from bakeoff.verbs.report import write_report


def command(
    study: StudyArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="PATH", help="The page.  [default: report/STUDY.html]")
    ] = None,
    overrides: SetOption = None,
    only: OnlyOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the page and say where it is."""
    comparison = compare(load_study(study, overrides=overrides or (), only=only or ()), store=store)
    page = write_report(comparison, output)
    if as_json:
        print_json({"study": comparison.study.name, "page": str(page), "bytes": page.stat().st_size})
    else:
        console().print(f"The report is in [bold]{page}[/bold]")

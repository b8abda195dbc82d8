"""Check the verdicts themselves: simulate studies whose truth is known, judge them, and count the wrong verdicts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from bakeoff.calibration import CalibrationReport, Row, ScenarioReport, to_dict, to_markdown
from bakeoff.calibration.harness import SEED
from bakeoff.calibration.markdown import format_value, verdict_of
from bakeoff.cli.options import JsonOption
from bakeoff.cli.printing import console, print_json
from bakeoff.errors import OutputError
from bakeoff.verbs.calibrate import calibrate


def command(
    scenario: Annotated[
        list[str] | None, typer.Option("--scenario", metavar="NAME", help="Only this one, such as S1. May be repeated.")
    ] = None,
    short: Annotated[bool, typer.Option("--short", help="Fewer cells and repetitions: about a minute.")] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Of all random numbers.")] = SEED,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", min=1, help="Processes.  [default: one per physical core]"),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", metavar="DIR", help="Train 60 small networks into this folder, and judge these too."),
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the tables into this file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure and print; exit code 1 if a target is missed."""
    with _show_progress(quiet=as_json) as show:
        report = calibrate(
            scenario or (),
            short=short,
            seed=seed,
            workers=workers,
            store=store,
            watch=lambda progress: show(progress.scenario, progress.done, progress.total),
            watch_training=lambda progress: show("training", len(progress.done), len(progress.jobs)),
        )
    if markdown:
        _write(markdown, to_markdown(report))
    if as_json:
        print_json(to_dict(report))
    else:
        _print(report)
    raise typer.Exit(0 if report.passed else 1)


@contextlib.contextmanager
def _show_progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A function that shows what is being done, how much of it is done, and how much there is."""
    out = console()
    if quiet or not out.is_terminal:
        yield lambda what, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("starting")
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def _print(report: CalibrationReport) -> None:
    out = console()
    for scenario in report.scenarios:
        out.print(_table(scenario))
    rows = sum(len(scenario.rows) for scenario in report.scenarios)
    missed = len(report.missed)
    out.print(f"[bold]{missed} of {rows} targets missed[/bold]" if missed else f"All {rows} targets met")


def _table(scenario: ScenarioReport) -> Table:
    table = Table(title=f"{scenario.name}: {scenario.title}", title_justify="left", box=None, pad_edge=False)
    for heading in ("setting", "measured", "value (se)", "must be", "repetitions", ""):
        table.add_column(heading, justify="right" if heading == "repetitions" else "left")
    for row in scenario.rows:
        table.add_row(*_cells(row))
    return table


def _cells(row: Row) -> tuple[str, ...]:
    verdict = verdict_of(row)
    shown = f"[bold red]{verdict}[/bold red]" if not row.passed else verdict
    return row.cell, row.measure.name, format_value(row), row.measure.target, str(row.repetitions), shown


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise OutputError(f"the table cannot be written to {path}: {error.strerror}") from None

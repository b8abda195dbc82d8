"""Live progress of a run: a table on a terminal, a line per finished run elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bakeoff.cli.printing import console
from bakeoff.runner.jobs import Job
from bakeoff.runner.run import Progress, Watcher


@contextlib.contextmanager
def show_progress(*, quiet: bool = False) -> Iterator[Watcher]:
    """A function that shows each progress it is given, for as long as the context lasts."""
    out = console()
    if quiet:
        yield lambda progress: None
    elif out.is_terminal:
        with Live(Text("Starting the workers ..."), console=out, refresh_per_second=4, transient=True) as live:
            yield lambda progress: live.update(_picture(progress))
    else:
        yield _Lines().tell


class _Lines:
    """One line for each run that finishes, and one for what was there before."""

    def __init__(self) -> None:
        self._told: frozenset[str] | None = None

    def tell(self, progress: Progress) -> None:
        out, total = console(), len(progress.jobs)
        if self._told is None:
            old = f", {len(progress.done)} of them done already" if progress.done else ""
            out.print(f"{total} runs to do{old}")
            self._told = progress.done
        fresh = [job for job in progress.jobs if job.key in progress.done - self._told]
        for number, job in enumerate(fresh, start=len(self._told) + 1):
            out.print(f"{number:>4} of {total}  {_name(job)}  {progress.seconds:.0f} s")
        self._told = progress.done


def _picture(progress: Progress) -> RenderableType:
    table = Table(box=None, pad_edge=False)
    for heading in ("model", "seed", "epoch", "validation", "left"):
        table.add_column(heading, justify="left" if heading == "model" else "right", no_wrap=True)
    for report in progress.running.values():
        accuracy = report["validation_accuracy"]
        table.add_row(
            str(report["model"]),
            str(report["seed"]) + (f"/{report['fold']}" if report["fold"] else ""),
            f"{report['epoch']}/{report['epochs']}",
            "" if accuracy is None else f"{accuracy:.2%}",
            _duration(_seconds_left(report)),
        )
    return Group(_overall(progress), table)


def _overall(progress: Progress) -> Table:
    done, total = len(progress.done), len(progress.jobs)
    line = Table.grid(padding=(0, 1))
    line.add_row(
        f"{done} of {total} runs",
        ProgressBar(total=total, completed=done + progress.under_way, width=30),
        f"{progress.seconds:.0f} s",
        "" if progress.seconds_left is None else f"about {_duration(progress.seconds_left)} left",
    )
    return line


def _seconds_left(report: dict[str, Any]) -> float | None:
    """From the pace after the first epoch."""
    epoch = int(report["epoch"])
    return float(report["seconds"]) / (epoch - 1) * (report["epochs"] - epoch) if epoch > 1 else None


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _name(job: Job) -> str:
    fold = f", fold {job.fold}" if job.cell.folds > 1 else ""
    return f"{job.cell.model.name}, seed {job.seed}{fold}"

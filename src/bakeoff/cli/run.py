"""Train what is missing of a study, then print the verdict. Interrupt at will: the same command goes on from there."""

from __future__ import annotations

import shlex

import typer

from bakeoff.cli.options import (
    JsonOption,
    OnlyOption,
    SeedsOption,
    SetOption,
    StoreOption,
    StudyArgument,
    WorkersOption,
    repeated,
)
from bakeoff.cli.printing import console, print_json
from bakeoff.cli.progress import show_progress
from bakeoff.cli.verdict import print_verdict
from bakeoff.comparison import comparison_to_dict
from bakeoff.verbs.default_store import default_store
from bakeoff.verbs.load_study import load_study_file
from bakeoff.verbs.run import run

INTERRUPTED = 130  # what a shell reports for a program ended by Ctrl-C


def command(
    study: StudyArgument,
    overrides: SetOption = None,
    only: OnlyOption = None,
    seeds: SeedsOption = None,
    workers: WorkersOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train and judge."""
    file = load_study_file(study, overrides=overrides or (), only=only or (), seeds=seeds)
    folder = store or default_store()
    try:
        with file.placing_errors(), show_progress(quiet=as_json) as watch:
            results = run(file.study, store=folder, workers=workers, watch=watch)
    except KeyboardInterrupt:
        typer.echo(f"\nStopped. Every finished run is in {folder}; the same command goes on from there.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    comparison = results.compare()
    if as_json:
        print_json(comparison_to_dict(comparison))
        return
    print_verdict(comparison)
    again = [*repeated("--set", overrides), *repeated("--only", only), *(["--store", str(store)] if store else [])]
    console().print(f"\nResults are in {folder}. Next: [bold]{shlex.join(['bakeoff', 'report', study, *again])}[/bold]")

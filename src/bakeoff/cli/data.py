"""List the data sets, or explore one: shapes, class counts, value range, duplicates, a picture of samples."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bakeoff.cli.options import JsonOption
from bakeoff.cli.printing import console, print_json
from bakeoff.data import dataset_names
from bakeoff.data.exploration import DataSummary
from bakeoff.verbs.data import explore


def command(
    name: Annotated[
        str | None, typer.Argument(help="A data set's name, or KIND:PATH. Without it, all are listed.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", "-o", metavar="PNG", help="Where to write the picture.  [default: ./NAME.png]"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print what is known of a data set."""
    if name is None:
        names = dataset_names()
        print_json(names) if as_json else typer.echo("\n".join(names))
        return
    picture = picture or Path(f"{Path(name.replace(':', '-')).name}.png")
    summary = explore(name, picture=picture)
    if as_json:
        print_json({**asdict(summary), "picture": str(picture)})
    else:
        _print_summary(summary, picture)


def _print_summary(summary: DataSummary, picture: Path) -> None:
    height, width, channels = summary.image_shape
    train, test = sum(summary.train_counts), sum(summary.test_counts)
    colours = "grey" if channels == 1 else f"{channels} channels"
    out = console()
    out.print(
        f"[bold]{summary.name}[/bold]: {train:,} training and {test:,} test images, {height} x {width}, {colours}"
    )
    out.print(
        f"values {summary.lowest} to {summary.highest} ({summary.dtype}); licence {summary.licence}; {summary.source}\n"
    )
    out.print(_class_table(summary))
    out.print(
        f"\nexact duplicates: {summary.train_duplicates} within training, {summary.test_duplicates} within test, "
        f"{summary.leaked_test_images} test images also in training"
    )
    out.print(f"fingerprint {summary.fingerprint[:16]}; samples of every class: {picture}")


def _class_table(summary: DataSummary) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("class", no_wrap=True)
    table.add_column("training", justify="right")
    table.add_column("test", justify="right")
    for row in zip(summary.class_names, summary.train_counts, summary.test_counts, strict=True):
        table.add_row(row[0], f"{row[1]:,}", f"{row[2]:,}")
    return table

"""List the data sets, or explore one: shapes, class counts, value range, duplicates, a picture of samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bakeoff.cli.options import JsonOption
from bakeoff.cli.printing import console, print_json
from bakeoff.data import dataset_names
from bakeoff.data.duplicates import describe_pair
from bakeoff.data.exploration import DataSummary
from bakeoff.spec.record import DataFacts, SamePair
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
        print_json({**asdict(summary), "facts": summary.facts.model_dump(), "picture": str(picture)})
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
    for line in _describe_facts(summary.facts, summary.class_names):
        out.print(line)
    out.print(f"fingerprint {summary.fingerprint[:16]}; samples of every class: {picture}")


def _describe_facts(facts: DataFacts, names: tuple[str, ...]) -> Iterator[str]:
    yield from _list_pairs("the same image in training and test", facts.leaked, facts.leaked_pairs)
    yield from _list_pairs("the same image, different labels", facts.contradicting, facts.contradicting_pairs)
    if facts.near_duplicates is None:
        yield "near-duplicates: not looked for, images of one class lie too near to each other here"
    else:
        yield f"near-duplicates: {facts.near_duplicates} test images"
        yield from _list_pairs("nearly the same image", facts.near_duplicates, facts.near_pairs)
    yield (
        f"pixels that never change: {facts.constant_pixels} of {facts.pixels}; that change in fewer than one image in "
        f"a thousand: {facts.nearly_constant_pixels}"
    )
    yield from _describe_neighbours("training", facts.neighbour_accuracy, facts.neighbour_chance)
    yield from _describe_neighbours("test", facts.test_neighbour_accuracy, facts.test_neighbour_chance)
    for label, looks_like in enumerate(facts.test_mapping):
        if label != looks_like:
            yield f"test images labelled {names[label]} look like training images labelled {names[looks_like]}"


def _list_pairs(title: str, number: int, pairs: tuple[SamePair, ...]) -> Iterator[str]:
    if pairs:
        more = f"; and {number - len(pairs)} more" if number > len(pairs) else ""
        yield f"{title}: {'; '.join(map(describe_pair, pairs))}{more}"


def _describe_neighbours(split: str, accuracy: float | None, chance: float | None) -> Iterator[str]:
    if accuracy is not None and chance is not None:
        yield (
            f"the nearest training image has the same label for {accuracy:.1%} of the {split} images (a sample; with "
            f"random labels for at most {chance:.1%})"
        )


def _class_table(summary: DataSummary) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("class", no_wrap=True)
    table.add_column("training", justify="right")
    table.add_column("test", justify="right")
    for row in zip(summary.class_names, summary.train_counts, summary.test_counts, strict=True):
        table.add_row(row[0], f"{row[1]:,}", f"{row[2]:,}")
    return table

"""Arguments and options that several commands share, said once so that they read alike everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StudyArgument = Annotated[str, typer.Argument(help="A built-in study's name (see `bakeoff studies`), or a YAML file.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change an entry, e.g. protocol.epochs=2. May be repeated."),
]
OnlyOption = Annotated[
    list[str] | None, typer.Option("--only", metavar="MODEL", help="Only this model. May be repeated.")
]
StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store", metavar="DIR", help="Folder with the results.  [default: $BAKEOFF_STORE or ./bakeoff-store]"
    ),
]
SeedsOption = Annotated[int | None, typer.Option("--seeds", metavar="N", min=1, help="Train each model N times.")]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        min=1,
        help="Processes that train.  [default: one per accelerator, else per physical core]",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def repeated(option: str, values: list[str] | None) -> list[str]:
    """How a repeated option is typed.

    >>> repeated("--only", ["a", "b"])
    ['--only', 'a', '--only', 'b']
    """
    return [word for value in values or () for word in (option, value)]

"""Print a study with every default filled in, and its networks with their parameter counts."""

from __future__ import annotations

from typing import Annotated

import typer
import yaml
from rich.table import Table

from bakeoff.cli.options import JsonOption, OnlyOption, SetOption, StudyArgument
from bakeoff.cli.printing import console, print_json
from bakeoff.spec import study_to_dict
from bakeoff.spec.values import ModelSummary
from bakeoff.verbs.load_study import load_study_file
from bakeoff.verbs.show import StudyView, show


def command(
    study: StudyArgument,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="Summarise this model layer by layer.")
    ] = None,
    overrides: SetOption = None,
    only: OnlyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the expanded study, or one model's layers."""
    file = load_study_file(study, overrides=overrides or (), only=[model] if model else only or ())
    with file.placing_errors():
        view = show(file.study)
    if as_json:
        print_json(view.to_dict())
    elif model:
        _print_layers(view)
    else:
        _print_study(view)


def _print_study(view: StudyView) -> None:
    typer.echo(yaml.safe_dump(study_to_dict(view.study), sort_keys=False, allow_unicode=True, width=100))
    if view.obstacle:
        console().print(f"Parameters are not counted, because the data are not at hand. {view.obstacle}")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("model", style="bold", no_wrap=True)
    table.add_column("layers", justify="right")
    table.add_column("parameters", justify="right")
    for summary in view.models:
        table.add_row(summary.name, str(len(summary.layers)), f"{summary.parameters:,}")
    console().print(table)


def _print_layers(view: StudyView) -> None:
    for summary in view.models:
        console().print(_layer_table(summary))
        console().print(f"\n{summary.parameters:,} parameters, {summary.trainable_parameters:,} of them trainable")
    if view.obstacle:
        console().print(f"The network cannot be built, because the data are not at hand. {view.obstacle}")


def _layer_table(summary: ModelSummary) -> Table:
    table = Table(title=summary.name, box=None, pad_edge=False, title_justify="left")
    table.add_column("layer", no_wrap=True)
    table.add_column("output shape")
    table.add_column("parameters", justify="right")
    for layer in summary.layers:
        shape = " x ".join("?" if size is None else str(size) for size in layer.output_shape)
        table.add_row(layer.layer, shape, f"{layer.parameters:,}")
    return table

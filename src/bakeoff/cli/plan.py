"""Before training: what a study costs in runs, time and disk, and how small a difference it can detect."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bakeoff.cli.options import (
    JsonOption,
    OnlyOption,
    SeedsOption,
    SetOption,
    StoreOption,
    StudyArgument,
    WorkersOption,
)
from bakeoff.cli.plan_sentences import (
    describe_cost,
    describe_limits,
    describe_race,
    describe_resolution,
    format_bytes,
    format_range,
)
from bakeoff.cli.printing import console, print_json
from bakeoff.report import numbers
from bakeoff.runner.costs import ModelCost
from bakeoff.verbs.load_study import load_study_file
from bakeoff.verbs.plan import Plan, plan


def _check_share(share: float | None) -> float | None:
    if share is not None and not 0 < share < 1:
        raise typer.BadParameter(f"a share of the test images lies between 0 and 1, such as 0.02, got {share:g}")
    return share


def command(
    study: StudyArgument,
    overrides: SetOption = None,
    only: OnlyOption = None,
    seeds: SeedsOption = None,
    workers: WorkersOption = None,
    error: Annotated[
        float | None,
        typer.Option(
            "--error",
            metavar="SHARE",
            callback=_check_share,
            help="Assume that models get this share of the test images wrong, whatever earlier runs say, such as 0.1.  "
            "[default: earlier runs, else 0.02]",
        ),
    ] = None,
    no_trial: Annotated[
        bool, typer.Option("--no-trial", help="Time nothing: know only what earlier runs in the store tell.")
    ] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the plan."""
    file = load_study_file(study, overrides=overrides or (), only=only or (), seeds=seeds)
    waiting = Console(stderr=True).status("Trying the models on a few batches ...")
    with file.placing_errors(), contextlib.nullcontext() if as_json or no_trial else waiting:
        planned = plan(file.study, store=store, workers=workers, error=error, trial=not no_trial)
    if as_json:
        print_json(planned.to_dict())
    else:
        _print_plan(planned)


def _print_plan(planned: Plan) -> None:
    out = console()
    out.print(_cost_table(planned))
    _print_sentences(out, [*describe_cost(planned), *describe_race(planned)])
    if planned.resolutions:
        out.print()
        out.print(_resolution_table(planned))
    _print_sentences(out, [*describe_resolution(planned), *describe_limits(planned)])


def _print_sentences(out: Console, sentences: list[str]) -> None:
    for sentence in sentences:
        out.print(f"\n{sentence}", markup=False)


def _cost_table(planned: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("model", overflow="fold", min_width=6)
    for heading in ("seeds", "done", "to do", "one run", "set-up", "on disk"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("known from", no_wrap=True)
    for model in planned.cost.models:
        table.add_row(*_cost_cells(model, planned))
    return table


def _cost_cells(model: ModelCost, planned: Plan) -> tuple[str, ...]:
    seeds = format_range((planned.looks[0], model.seeds)) if planned.looks else str(model.seeds)
    counts = (model.name, seeds, str(model.done), format_range(model.left))
    if model.cost is None:
        return (*counts, *[numbers.UNKNOWN] * 3, "nothing")
    earlier = f"{model.cost.runs} run{'s' * (model.cost.runs != 1)}"
    return (
        *counts,
        numbers.format_seconds(model.cost.run_seconds),
        numbers.format_seconds(model.cost.setup_seconds),
        format_bytes(model.cost.run_bytes),
        "a trial" if model.cost.basis == "trial" else earlier,
    )


def _resolution_table(planned: Plan) -> Table:
    """One row for each assumption on how much results vary."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("detectable difference", no_wrap=True)
    for heading in ("this test set", "new images", "floor", "run sd"):
        table.add_column(heading, justify="right", no_wrap=True)
    names = {"records": "as earlier runs vary", "converged": "converged networks", "short": "short trainings"}
    for resolution in planned.resolutions:
        values = (resolution.this_test_set, resolution.new_images, resolution.floor, resolution.spread.run_sd)
        shown = (numbers.format_points(value, decimals=2).replace(" ", numbers.NO_BREAK_SPACE) for value in values)
        table.add_row(names[resolution.spread.basis], *shown)
    return table

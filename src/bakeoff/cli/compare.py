"""Judge the runs of a study that are in the store; nothing is trained."""

from __future__ import annotations

from typing import Annotated

import typer

from bakeoff.cli.options import JsonOption, OnlyOption, SetOption, StoreOption, StudyArgument
from bakeoff.cli.printing import print_json
from bakeoff.cli.verdict import print_across, print_verdict
from bakeoff.comparison import across_to_dict, comparison_to_dict
from bakeoff.verbs.compare import compare
from bakeoff.verbs.compare_across import compare_across
from bakeoff.verbs.load_study import load_study

DataOption = Annotated[
    list[str] | None,
    typer.Option(
        "--data", metavar="NAME", help="Instead of the study's data set. Repeated: judge the study on all of these."
    ),
]


def command(
    study: StudyArgument,
    overrides: SetOption = None,
    only: OnlyOption = None,
    data: DataOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the verdict."""
    data = data or []
    studies = [load_study(study, overrides=[*(overrides or ()), *chosen], only=only or ()) for chosen in _choose(data)]
    if len(data) > 1:
        across = compare_across(studies, store=store)
        print_json(across_to_dict(across)) if as_json else print_across(across)
    else:
        comparison = compare(studies[0], store=store)
        print_json(comparison_to_dict(comparison)) if as_json else print_verdict(comparison)


def _choose(data: list[str]) -> list[list[str]]:
    """The overrides that choose each data set; none for the study's own."""
    return [[f"data={name}"] for name in data] or [[]]

"""Judge the runs of a study that are in the store; nothing is trained."""

from __future__ import annotations

from bakeoff.cli.options import JsonOption, OnlyOption, SetOption, StoreOption, StudyArgument
from bakeoff.cli.printing import print_json
from bakeoff.cli.verdict import print_verdict
from bakeoff.comparison import comparison_to_dict
from bakeoff.verbs.compare import compare
from bakeoff.verbs.load_study import load_study


def command(
    study: StudyArgument,
    overrides: SetOption = None,
    only: OnlyOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the verdict."""
    comparison = compare(load_study(study, overrides=overrides or (), only=only or ()), store=store)
    if as_json:
        print_json(comparison_to_dict(comparison))
    else:
        print_verdict(comparison)

"""Phrases that several families of findings share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bakeoff.diagnosis.values import ModelRuns, Run


def count_runs(some: Sequence[Run], model: ModelRuns) -> str:
    """How many of a model's runs, in the reader's words: "3 of 5 seeds", or of runs where there are folds."""
    has_folds = any(run.record.fold for run in model.runs)
    what = "run" if has_folds else "seed"
    return f"{len(some)} of {len(model.runs)} {what}{'s' * (len(model.runs) != 1)}"


def name_run(run: Run, model: ModelRuns) -> str:
    """Which run: "seed 3", or "seed 3, fold 0" where there are folds."""
    has_folds = any(run.record.fold for run in model.runs)
    return f"seed {run.record.seed}, fold {run.record.fold}" if has_folds else f"seed {run.record.seed}"


def tell_runs(some: Sequence[Run], model: ModelRuns, tell: Callable[[Run], str]) -> str:
    """The number of runs, and what there is to tell of the first of them: the others say much the same."""
    first = name_run(some[0], model)
    named = f" ({first}): " if len(some) == 1 else f"; {first}, for instance: "
    return f"{count_runs(some, model)}{named}{tell(some[0])}"


def say_range(values: Sequence[float], form: str = ".3g") -> str:
    """One number, or the lowest and highest: "0.31" or "0.31 to 0.35".

    >>> say_range([0.354, 0.312], ".2f"), say_range([0.3, 0.3])
    ('0.31 to 0.35', '0.3')
    """
    low, high = format(min(values), form), format(max(values), form)
    return low if low == high else f"{low} to {high}"

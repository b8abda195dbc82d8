"""S8: several data sets on which now one model is ahead and now another, with none better in general."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.stats import compare_datasets

NAME = "S8"
TITLE = "No model is better in general: is one called so?"

GENERAL = "a winner in general"
POOLED: tuple[Measure, ...] = ()
ENOUGH = 6
"""Data sets from which on anything may be said in general."""


def cells(short: bool) -> list[Cell]:
    """The settings."""
    models = (2,) if short else (2, 4)
    return [_cell(datasets, number) for datasets in (3, 6, 15) for number in models]


def _cell(datasets: int, models: int) -> Cell:
    never = Measure(GENERAL, at_most=0.0, slack=0.0)
    return Cell(
        label=f"{datasets} data sets, {models} models",
        measures=(Measure(GENERAL, at_most=0.055) if datasets >= ENOUGH else never,),
        simulate=partial(_simulate, datasets, models),
    )


def _simulate(datasets: int, models: int, rng: np.random.Generator) -> Mapping[str, Outcome]:
    easiness = rng.uniform(0.6, 0.95, size=(datasets, 1))
    fit = 0.02 * rng.standard_t(3, size=(datasets, models))  # how a model suits a data set: heavy tails, no favourite
    verdicts = [pair.verdict for pair in compare_datasets(easiness + fit).pairs]
    return {GENERAL: any("better" in verdict for verdict in verdicts)}

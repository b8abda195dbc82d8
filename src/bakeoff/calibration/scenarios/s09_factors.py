"""S9: which hyper-parameter made the difference, where none did, where one level is noisy, and where it depends."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import product

import numpy as np

from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, World, world_with
from bakeoff.stats import summarize_scores
from bakeoff.stats.factors import FactorCell, factor_contrasts

NAME = "S9"
TITLE = "Attribution to factors, 4 x 2 x 2 models"

NAMED, SHARE = "a factor without effect is named", "its share of the variance"
HIDDEN = "a main effect is reported"
POOLED: tuple[Measure, ...] = ()

LEVELS = {"width": ("a", "b", "c", "d"), "activation": ("relu", "tanh"), "dropout": ("no", "yes")}
GRID = [dict(zip(LEVELS, combination, strict=True)) for combination in product(*LEVELS.values())]
NOISY = 6.0
CROSSED = 1.5
"""Logit shift of an effect that has opposite signs in the two settings of the other factor."""


def cells(short: bool) -> list[Cell]:
    """The settings."""
    runs = (3,) if short else (3, 5)
    return [cell(number, short) for number in runs for cell in (_null, _same, _noisy, _missing, _interaction)]


def _null(runs: int, short: bool) -> Cell:
    return _cell("no effect", runs, short)


def _same(runs: int, short: bool) -> Cell:
    """One network 16 times over: equal on these images too, and so without any share of the variance there."""
    share = Measure(SHARE, at_least=-0.002, at_most=0.002, kind="mean", slack=0.0)
    return _cell(
        "one network under all labels", runs, short, measures=(Measure(NAMED, at_most=0.055), share), recipe_sd=0.0
    )


def _noisy(runs: int, short: bool) -> Cell:
    sds = [0.25 * (NOISY if levels["activation"] == "tanh" else 1) for levels in GRID]
    return _cell("no effect, one level 6 times as noisy", runs, short, seed_sds=sds)


def _missing(runs: int, short: bool) -> Cell:
    return _cell("no effect, one of the models missing", runs, short, absent=1)


def _interaction(runs: int, short: bool) -> Cell:
    """Activation and dropout help each other or hurt each other; on average neither does anything."""
    signs = [1 if (levels["activation"] == "relu") == (levels["dropout"] == "no") else -1 for levels in GRID]
    measures = (Measure(HIDDEN, at_most=0.055),)
    return _cell("opposite effects only", runs, short, shifts=[CROSSED * sign for sign in signs], measures=measures)


def _cell(
    what: str,
    runs: int,
    short: bool,
    *,
    measures: tuple[Measure, ...] = (Measure(NAMED, at_most=0.055),),
    seed_sds: list[float] | None = None,
    shifts: list[float] | None = None,
    absent: int = 0,
    recipe_sd: float = 1.0,
) -> Cell:
    world = world_with(0.05, images=500 if short else 1000, recipe_sd=recipe_sd)
    trainings = [Training(sd) for sd in seed_sds or [0.25] * len(GRID)]
    goal = world.accuracy(Training(0.25))
    moves = shifts or [world.shift_for(training, goal) for training in trainings]
    return Cell(
        label=f"{what}, R {runs}",
        measures=measures,
        simulate=partial(_simulate, world, trainings, moves, runs, absent),
        repetitions=100 if short else 1500,
    )


def _simulate(
    world: World, trainings: list[Training], shifts: list[float], runs: int, absent: int, rng: np.random.Generator
) -> Mapping[str, Outcome]:
    logits = world.draw(len(GRID), rng)
    models = [
        FactorCell(levels, summarize_scores(training.train(row + shift, runs, rng)))
        for levels, training, row, shift in zip(GRID, trainings, logits, shifts, strict=True)
    ]
    factors = {factor.factor: factor for factor in factor_contrasts(models[absent:])}
    share = factors["width"].share
    return {
        NAMED: any(
            contrast.verdict in ("better", "worse") for factor in factors.values() for contrast in factor.contrasts
        ),
        SHARE: share,
        HIDDEN: any(factors[name].main_effect_reported for name in ("activation", "dropout")),
    }

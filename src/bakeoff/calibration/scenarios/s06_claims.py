"""S6: published orders and figures that are true, false, or exactly on the edge."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from functools import partial

import numpy as np

from bakeoff.calibration.pipeline import bench_of, judge
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, accuracy_on, difference_sd, run_sd, shift_on, world_with
from bakeoff.spec.study import Published

NAME = "S6"
TITLE = "Did a published order or figure come back?"

REPRODUCED, NOT, OPEN = "'reproduced'", "'not reproduced'", "'undetermined'"
NAIVE = "'not reproduced', though the figure is the best of 30 and does not say so"
POOLED: tuple[Measure, ...] = ()

ORDER = 'claims: ["a > b > c"]\n'
BIG = 8.0
"""Standard errors; a difference that is always found."""
EDGE = 5.0
"""How near a figure must come, in run standard deviations."""
NARROW = 0.01
"""The same where an unfounded doubt is to show."""
ROUNDING = 0.00005
"""The published figure has four decimals; runs on 2,000 images differ by more."""

WORLD, TRAINING = world_with(0.02, images=2000), Training(0.25)
RARELY = (Measure(REPRODUCED, at_most=0.055), Measure(NOT, at_most=0.055))


def cells(short: bool) -> list[Cell]:
    """The settings."""
    runs = (5,) if short else (3, 5, 10)
    return [cell for number in runs for cell in (*_orders(number), *_figures(number))]


def _orders(runs: int) -> list[Cell]:
    open_mostly, refuted = Measure(OPEN, at_least=0.9), Measure(NOT, at_least=0.95)
    return [
        _order("one ahead, two equal", (BIG, 0, 0), runs, RARELY),
        _order("all equal", (0, 0, 0), runs, (*RARELY, open_mostly)),
        _order("true, by 3 se each", (6, 3, 0), runs, (Measure(NOT, at_most=0.055),)),
        _order("reversed, by 8 se each", (0, BIG, 2 * BIG), runs, (refuted,)),
    ]


def _order(what: str, places: tuple[float, ...], runs: int, measures: tuple[Measure, ...]) -> Cell:
    goals = [WORLD.accuracy(TRAINING) + (place - max(places)) * _spread(runs) for place in places]
    shifts = [WORLD.shift_for(TRAINING, goal) for goal in goals]
    return Cell(f"order of 3: {what}, R {runs}", measures, partial(_simulate_order, shifts, runs))


@functools.cache
def _spread(runs: int) -> float:
    """True standard error of a difference."""
    return difference_sd(WORLD, (TRAINING, TRAINING), shift=0.0, runs=runs, rng=np.random.default_rng(0))


def _simulate_order(shifts: list[float], runs: int, rng: np.random.Generator) -> Mapping[str, Outcome]:
    logits = WORLD.draw(len(shifts), rng)
    hits = [TRAINING.train(row + shift, runs, rng) for row, shift in zip(logits, shifts, strict=True)]
    (claim,) = judge(bench_of(3, extra=ORDER), hits).claims
    return _outcomes(claim.verdict)


def _figures(runs: int) -> list[Cell]:
    edge, narrow = EDGE * _run_sd(), NARROW * _run_sd()
    lucky = (Measure(NOT, at_most=0.055), Measure(NAIVE, at_most=0.055, control=True))
    return [
        _figure(f"off by just what is allowed, {EDGE:g} run sd", runs, RARELY, gap=edge, within=edge),
        _figure("the same recipe", runs, (Measure(NOT, at_most=0.055),), within=edge),
        _figure(f"the same recipe, best of 30, {NARROW:g} run sd allowed", runs, lucky, within=narrow, best_of=30),
    ]


@functools.cache
def _run_sd() -> float:
    return run_sd(WORLD, TRAINING, rng=np.random.default_rng(0))


def _figure(
    what: str, runs: int, measures: tuple[Measure, ...], *, within: float, gap: float = 0.0, best_of: int = 1
) -> Cell:
    return Cell(f"figure: {what}, R {runs}", measures, partial(_simulate_figure, runs, gap, within, best_of))


def _simulate_figure(
    runs: int, gap: float, within: float, best_of: int, rng: np.random.Generator
) -> Mapping[str, Outcome]:
    logits = WORLD.draw(1, rng)[0]
    away = shift_on(logits, TRAINING, accuracy_on(logits, TRAINING) - gap) if gap else 0.0  # above may be above 1
    theirs = TRAINING.train(logits + away, best_of, rng).mean(axis=1).max()
    ours = TRAINING.train(logits, runs, rng)
    figure = Published(accuracy=round(float(theirs), 4), rounding=ROUNDING, within=within, best_of=best_of)
    told = judge(bench_of(1).publishing({"a": figure}), [ours]).claims[0]
    untold = judge(bench_of(1).publishing({"a": figure.model_copy(update={"best_of": 1})}), [ours]).claims[0]
    return {**_outcomes(told.verdict), NAIVE: untold.verdict == "not reproduced"}


def _outcomes(verdict: str) -> dict[str, Outcome]:
    return {REPRODUCED: verdict == "reproduced", NOT: verdict == "not reproduced", OPEN: verdict == "undetermined"}

"""S3: run noise that is not normal, or differs between the models by a factor of three."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from bakeoff.calibration.pipeline import bench_of, follow, has_winner, judge
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Shape, Training, World, world_with

NAME = "S3"
TITLE = "Two equal models whose seeds scatter oddly: is a winner named?"

WINNER, WINNER_EVER = "winner named, seeds fixed", "winner named at any of six looks"
POOLED: tuple[Measure, ...] = ()
LOOKS = (3, 5, 8, 12, 20, 30)


def cells(short: bool) -> list[Cell]:
    """The settings."""
    shapes: tuple[tuple[Shape, float], ...] = (("t3", 1.0), ("skew", 1.0), ("normal", 3.0), ("skew", 3.0))
    runs = (5,) if short else (3, 5, 10)
    fixed = [_fixed(shape, ratio, number) for shape, ratio in shapes for number in runs]
    raced = [_raced(shape, ratio, short) for shape, ratio in (shapes[-1:] if short else shapes)]
    return fixed + raced


def _fixed(shape: Shape, ratio: float, runs: int) -> Cell:
    world, trainings, shift = _equal_models(shape, ratio, images=2000)
    return Cell(
        label=f"{shape}, sd ratio {ratio:g}, R {runs}",
        measures=(Measure(WINNER, at_most=0.07),),
        simulate=partial(_simulate_fixed, world, trainings, shift, runs),
    )


def _raced(shape: Shape, ratio: float, short: bool) -> Cell:
    world, trainings, shift = _equal_models(shape, ratio, images=500 if short else 2000)
    return Cell(
        label=f"{shape}, sd ratio {ratio:g}, race to {LOOKS[-1]}",
        measures=(Measure(WINNER_EVER, at_most=0.10),),
        simulate=partial(_simulate_race, world, trainings, shift),
        repetitions=200 if short else 2000,
    )


def _equal_models(shape: Shape, ratio: float, *, images: int) -> tuple[World, tuple[Training, Training], float]:
    """A world, the seed noise of two recipes, and the shift that makes the second as accurate as the first."""
    world, trainings = world_with(0.02, images=images), (Training(0.25, shape), Training(0.25 * ratio, shape))
    return world, trainings, world.shift_for(trainings[1], world.accuracy(trainings[0]))


def _simulate_fixed(
    world: World, trainings: tuple[Training, Training], shift: float, runs: int, rng: np.random.Generator
) -> Mapping[str, Outcome]:
    first, second = world.draw(2, rng)
    hits = [trainings[0].train(first, runs, rng), trainings[1].train(second + shift, runs, rng)]
    return {WINNER: has_winner(judge(bench_of(2), hits))}


def _simulate_race(
    world: World, trainings: tuple[Training, Training], shift: float, rng: np.random.Generator
) -> Mapping[str, Outcome]:
    first, second = world.draw(2, rng)
    hits = [trainings[0].train(first, LOOKS[-1], rng), trainings[1].train(second + shift, LOOKS[-1], rng)]
    return {WINNER_EVER: any("better" in pair.verdict for pair in follow(bench_of(2), hits, LOOKS).settled)}

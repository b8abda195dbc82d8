"""S14: runs that leave nothing to estimate; no crash, no p-value of zero, no winner out of nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from bakeoff.calibration.pipeline import Hits, bench_of, judge
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, world_with

NAME = "S14"
TITLE = "Degenerate runs"

UNDECIDED, POSITIVE = "no winner", "p is above 0 or not given"
POOLED: tuple[Measure, ...] = ()
IMAGES = 200

Draw = Callable[[np.random.Generator, int], Hits]


def cells(short: bool) -> list[Cell]:
    """The settings."""
    return [
        _cell("all runs alike, both models", _repeated, _repeated_same),
        _cell("both without an error", _perfect, _perfect),
        _cell("both without a hit", _hopeless, _hopeless),
        _cell("one run each", _ordinary, _ordinary, runs=1),
        _cell("all runs of one model collapsed", _ordinary, _nothing, failed=(0, 3)),
        _cell("all runs of both collapsed", _nothing, _nothing, failed=(3, 3)),
        _cell("one run left of each", _ordinary, _ordinary, runs=1, failed=(2, 2)),
    ]


def _cell(label: str, first: Draw, second: Draw, *, runs: int = 3, failed: tuple[int, int] = (0, 0)) -> Cell:
    return Cell(
        label=label,
        measures=(
            Measure(UNDECIDED, at_least=1.0, slack=0.0),
            Measure(POSITIVE, at_least=1.0, slack=0.0),
        ),
        simulate=partial(_simulate, first, second, runs, failed),
        repetitions=20,
    )


def _simulate(
    first: Draw, second: Draw, runs: int, failed: tuple[int, int], rng: np.random.Generator
) -> Mapping[str, Outcome]:
    comparison = judge(bench_of(2), [first(rng, runs), second(rng, runs)], failed=failed)
    (pair,) = comparison.pairs
    return {
        UNDECIDED: pair.verdict in ("undecided", "equivalent"),
        POSITIVE: not (pair.p <= 0 or pair.p_adjusted <= 0),
    }


def _ordinary(rng: np.random.Generator, runs: int) -> Hits:
    return Training(0.25).train(world_with(0.1, images=IMAGES).draw(1, rng)[0], runs, rng)


def _repeated(rng: np.random.Generator, runs: int) -> Hits:
    return np.repeat(_ordinary(rng, 1), runs, axis=0)


def _repeated_same(rng: np.random.Generator, runs: int) -> Hits:
    """The other model's predictions are fixed too, and as often right."""
    hits = np.arange(IMAGES) % 10 > 0
    return np.tile(hits, (runs, 1))


def _perfect(rng: np.random.Generator, runs: int) -> Hits:
    return np.ones((runs, IMAGES), dtype=bool)


def _hopeless(rng: np.random.Generator, runs: int) -> Hits:
    return np.zeros((runs, IMAGES), dtype=bool)


def _nothing(rng: np.random.Generator, runs: int) -> Hits:
    return np.ones((0, IMAGES), dtype=bool)

"""S4: several models, all equal or half of them; are there false verdicts, and do the rank intervals hold together?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from bakeoff.calibration.pipeline import bench_of, judge, names
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, World, world_with
from bakeoff.comparison import Comparison

NAME = "S4"
TITLE = "Several models, all equal or half of them: false verdicts, rank intervals, letters"

FALSE, RANKS, LETTERS = "any false winner", "all rank intervals hold", "equal models share no letter"
POOLED: tuple[Measure, ...] = ()
WORSE = 0.03
"""How much less accurate the other half is."""


def cells(short: bool) -> list[Cell]:
    """The settings."""
    if short:
        return [_cell(3, 5, 0.25, half=False, short=True), _cell(6, 5, 0.0, half=True, short=True)]
    return [
        _cell(models, runs, seed_sd, half=half)
        for models in (3, 6, 10)
        for runs in (5, 10)
        for seed_sd in (0.0, 0.25)
        for half in (False, True)
    ]


def _cell(models: int, runs: int, seed_sd: float, *, half: bool, short: bool = False) -> Cell:
    world, training = world_with(0.02, images=500 if short else 2000), Training(seed_sd)
    shift = world.shift_for(training, world.accuracy(training) - WORSE)
    equal = models // 2 if half else models
    return Cell(
        label=f"{models} models, {'half' if half else 'all'} equal, R {runs}, seed sd {seed_sd:g}",
        measures=(Measure(FALSE, at_most=0.055), Measure(RANKS, at_least=0.945), Measure(LETTERS, at_most=0.055)),
        simulate=partial(_simulate, world, training, runs, np.where(np.arange(models) < equal, 0.0, shift)),
        repetitions=200 if short else {3: 4000, 6: 2000, 10: 1000}[models],
    )


def _simulate(
    world: World, training: Training, runs: int, shifts: np.ndarray, rng: np.random.Generator
) -> Mapping[str, Outcome]:
    logits = world.draw(len(shifts), rng)
    hits = [training.train(row + shift, runs, rng) for row, shift in zip(logits, shifts, strict=True)]
    comparison = judge(bench_of(len(shifts)), hits)
    truth = dict(zip(names(len(shifts)), shifts.tolist(), strict=True))
    return {
        FALSE: any(_is_false(pair.a, pair.b, pair.verdict, truth) for pair in comparison.pairs),
        RANKS: all(_rank_holds(name, comparison, truth) for name in truth),
        LETTERS: any(
            truth[pair.a] == truth[pair.b] and not _share_a_letter(pair.a, pair.b, comparison)
            for pair in comparison.pairs
        ),
    }


def _is_false(a: str, b: str, verdict: str, truth: Mapping[str, float]) -> bool:
    return (verdict == "a better" and truth[a] <= truth[b]) or (verdict == "b better" and truth[b] <= truth[a])


def _rank_holds(name: str, comparison: Comparison, truth: Mapping[str, float]) -> bool:
    """Whether the interval holds every rank that the model may claim, equal models in any order."""
    low, high = comparison.model(name).rank
    better = sum(other > truth[name] for other in truth.values())
    return low <= better + 1 and high >= better + sum(other == truth[name] for other in truth.values())


def _share_a_letter(a: str, b: str, comparison: Comparison) -> bool:
    return bool(set(comparison.model(a).letters) & set(comparison.model(b).letters))

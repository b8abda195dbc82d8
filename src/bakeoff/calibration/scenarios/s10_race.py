"""S10: racing, where the number of seeds depends on what the seeds before have shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from bakeoff.calibration.pipeline import Hits, bench_of, follow, judge
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, World, seed_quadrature, world_with
from bakeoff.stats import compare_two

NAME = "S10"
TITLE = "Races over looks at 3, 5, 8, 12, 20 and 30 seeds"

FALSE, FOUND, USED = "any false winner at any look", "true differences found", "runs, as a share of 30 for each"
PEEKING = "winner named by p < 0.05 at any look"
TOPPED_UP = "no race: 5 seeds, then as many more as the price says, until a winner is named"
POOLED: tuple[Measure, ...] = ()
LOOKS = (3, 5, 8, 12, 20, 30)


@dataclass(frozen=True)
class Field:
    """The models of a race.

    Attributes:
        world: The images.
        trainings: Seed noise of each model.
        shifts: Of each model's logits.
        places: Models of the same place are equally good; the lowest is the best.
    """

    world: World
    trainings: tuple[Training, ...]
    shifts: tuple[float, ...]
    places: tuple[int, ...]


def cells(short: bool) -> list[Cell]:
    """The settings."""
    null = Measure(FALSE, at_most=0.055)
    peeking = Measure(PEEKING, at_most=0.055, control=True)
    if short:
        return [_cell("2 equal models, seed sd 0.5", _equal(2, 0.5, images=500), (null, peeking), 200)]
    found, sparing = Measure(FOUND, at_least=0.99, kind="mean", slack=0.0), Measure(USED, at_most=0.5, kind="ratio")
    return [
        _cell("2 equal models, seed sd 0", _equal(2, 0.0), (null,)),
        _cell("2 equal models, seed sd 0.25", _equal(2, 0.25), (null,)),
        _cell("2 equal models, seed sd 0.5", _equal(2, 0.5), (null, peeking)),
        _cell("5 equal models, seed sd 0.25", _equal(5, 0.25), (null,), 1500),
        _cell("a winner by 2 sd and 4 equal models", _spaced((0, 1, 1, 1, 1), 2.0), (null, _shown(FOUND)), 600),
        _cell("5 models spaced 1 sd", _spaced((0, 1, 2, 3, 4), 1.0), (null, _shown(FOUND), _shown(USED)), 600),
        _cell("5 models spaced 2 sd", _spaced((0, 1, 2, 3, 4), 2.0), (null, found, sparing), 600),
        Cell(
            "2 equal models, seed sd 0.25, 30 seeds at most", (Measure(TOPPED_UP),), partial(_top_up, _equal(2, 0.25))
        ),
    ]


def _shown(name: str) -> Measure:
    """Something to be seen in the table, without a target."""
    return Measure(name, kind="ratio" if name == USED else "mean")


def _cell(label: str, field: Field, measures: tuple[Measure, ...], repetitions: int | None = None) -> Cell:
    return Cell(label, measures, partial(_simulate, field), repetitions)


def _equal(models: int, seed_sd: float, *, images: int = 1000) -> Field:
    return Field(world_with(0.02, images=images), (Training(seed_sd),) * models, (0.0,) * models, (0,) * models)


def _spaced(places: tuple[int, ...], spacing: float) -> Field:
    """Models whose true accuracies are so many run standard deviations apart; images add little."""
    world, best = world_with(0.05, images=2000, recipe_sd=0.3), Training(0.5)
    goals = [world.accuracy(best) - spacing * place * _run_sd(world, best) for place in places]
    trainings = [best if place == 0 else _as_noisy(world, goal) for place, goal in zip(places, goals, strict=True)]
    shifts = [world.shift_for(training, goal) for training, goal in zip(trainings, goals, strict=True)]
    return Field(world, tuple(trainings), tuple(shifts), places)


def _as_noisy(world: World, goal: float) -> Training:
    """Seed noise that gives a less accurate model the same run standard deviation as the best one has."""
    best = Training(0.5)
    ratio = _run_sd(world, best) / _run_sd(world, best, shift=world.shift_for(best, goal))
    return Training(0.5 * ratio)


def _run_sd(world: World, training: Training, *, shift: float = 0.0) -> float:
    nodes, weights = seed_quadrature(training)
    rates = np.array([world.accuracy(Training(), shift + node) for node in nodes])
    return float(np.sqrt(weights @ rates**2 - (weights @ rates) ** 2))


def _simulate(field: Field, rng: np.random.Generator) -> Mapping[str, Outcome]:
    logits = field.world.draw(len(field.places), rng)
    hits = [
        training.train(row + shift, LOOKS[-1], rng)
        for training, row, shift in zip(field.trainings, logits, field.shifts, strict=True)
    ]
    bench = bench_of(len(hits))
    pairs = follow(bench, hits, LOOKS).settled
    place = dict(zip((cell.key for cell in bench.cells), field.places, strict=True))
    winners = [
        (pair.a, pair.b) if pair.verdict == "a better" else (pair.b, pair.a)
        for pair in pairs
        if "better" in pair.verdict
    ]
    true = sum(place[pair.a] != place[pair.b] for pair in pairs)
    used = [max(pair.seeds for pair in pairs if cell in (pair.a, pair.b)) for cell in place]
    return {
        FALSE: any(place[winner] >= place[loser] for winner, loser in winners),
        FOUND: sum(place[winner] < place[loser] for winner, loser in winners) / true if true else None,
        USED: (float(sum(used)), float(LOOKS[-1] * len(used))),
        PEEKING: _peeks(hits[0], hits[1]) if len(hits) == 2 else None,
    }


def _top_up(field: Field, rng: np.random.Generator) -> Mapping[str, Outcome]:
    """What a fixed number of seeds is for: whoever adds seeds because of a verdict has no promise."""
    hits = [
        training.train(row, LOOKS[-1], rng)
        for training, row in zip(field.trainings, field.world.draw(2, rng), strict=True)
    ]
    bench, seeds = bench_of(2), 5
    while True:
        (pair,) = judge(bench, [runs[:seeds] for runs in hits]).pairs
        more = pair.price.seeds if pair.price else None
        if pair.verdict != "undecided" or more is None or seeds == LOOKS[-1]:
            return {TOPPED_UP: "better" in pair.verdict}
        seeds = min(LOOKS[-1], seeds + more)


def _peeks(a: Hits, b: Hits) -> bool:
    """What many do: test after each look at the level of a single test, and stop at the first success."""
    return any("better" in compare_two(a[:look], b[:look]).verdict for look in LOOKS)

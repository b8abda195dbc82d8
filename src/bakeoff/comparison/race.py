"""Racing: after every look at the seeds so far, which pairs are settled and which models need more seeds.

Looks at fixed numbers of seeds share the error rate among them (alpha spending), and every pair gets its own share of
it, so that any verdict of a race is wrong with at most the probability that one single test would be. A pair is settled
when its models differ, when they are equivalent, when more seeds could not decide it, or at the last look. What happens
to one pair depends on no other, so a race that was interrupted goes on to the same end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations

import numpy as np
from scipy import special

from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.pair_tests import PairTest, examine_pair
from bakeoff.comparison.pairs import decide, describe_pair
from bakeoff.comparison.prices import price_pair
from bakeoff.comparison.samples import Sample, take_sample
from bakeoff.comparison.values import PairResult
from bakeoff.spec.record import RaceRecord, Settled
from bakeoff.stats import estimate_image_error, spending_levels


@dataclass(frozen=True, eq=False)
class _LastSeen:
    """A pair at the last look that it took part in."""

    test: PairTest
    a: Sample
    b: Sample
    look: int
    settled: Settled | None


@dataclass(frozen=True, eq=False)
class RaceState:
    """How far a race is.

    Attributes:
        pairs: One result per pair; those that are open are undecided.
        settled: The settled pairs, in the order in which they were settled.
        next_seeds: Number of seeds at the next look; None if the race is over.
        open_models: The models that need them.
    """

    pairs: tuple[PairResult, ...]
    settled: tuple[Settled, ...]
    next_seeds: int | None
    open_models: tuple[str, ...]


def look_levels(looks: Sequence[int], *, models: int, alpha: float) -> tuple[float, ...]:
    """The p-value that a pair must stay below at each look.

    Args:
        looks: Numbers of seeds, ascending.
        models: Number of models in the race.
        alpha: Family-wise error rate over all pairs and looks.

    Returns:
        Nominal two-sided levels, spending of Pocock's type.

    >>> [round(level, 5) for level in look_levels([3, 5, 8, 12, 20, 30], models=2, alpha=0.05)]
    [0.00793, 0.00678, 0.00914, 0.01161, 0.01764, 0.02052]
    """
    return tuple(spending_levels(looks, alpha=alpha / math.comb(models, 2), kind="pocock").tolist())


def find_race(races: Sequence[RaceRecord], evidence: Sequence[Evidence]) -> RaceRecord | None:
    """The race that all of these models took part in, if there is one: its looks are part of how to judge them.

    Args:
        races: Those begun on the data.
        evidence: The models to be judged.

    Returns:
        The smallest such race.
    """
    cells = {found.cell.key for found in evidence}
    matching = [race for race in races if cells <= set(race.models.values())]
    return min(matching, key=lambda race: len(race.models), default=None)


def follow_race(
    evidence: Sequence[Evidence], race: RaceRecord, *, seconds: Mapping[str, float] | None = None
) -> RaceState:
    """Replay a race from its first look, as far as the seeds reach.

    Args:
        evidence: The models that take part, or some of them, best first.
        race: Looks, levels and margin, as they were fixed before the first run.
        seconds: What one more seed of each model costs; unknown if None.

    Returns:
        The state after the last look for which there are seeds.
    """
    by_name = {found.name: found for found in evidence}
    sample = cache(lambda name, seeds: take_sample(by_name[name].until(seeds)))
    fewest = {pair: min(by_name[name].seeds_in_a_row for name in pair) for pair in combinations(by_name, 2)}
    seen = {(a, b): _follow_pair(partial(sample, a), partial(sample, b), race, fewest[a, b]) for a, b in fewest}
    still_open = {pair: last for pair, last in seen.items() if last is None or last.settled is None}
    settled = [last.settled for last in seen.values() if last and last.settled]
    waiting = [race.looks[0] if last is None else race.looks[last.look + 1] for last in still_open.values()]
    return RaceState(
        pairs=tuple(_result(last, race, seconds or {}) for last in seen.values() if last),
        settled=tuple(sorted(settled, key=lambda pair: pair.seeds)),
        next_seeds=min(waiting, default=None),
        open_models=tuple(name for name in by_name if any(name in pair for pair in still_open)),
    )


def _follow_pair(
    take_a: Callable[[int], Sample], take_b: Callable[[int], Sample], race: RaceRecord, seeds_there: int
) -> _LastSeen | None:
    """One pair, look by look, until it is settled or lacks seeds; None if it lacks those of the first look."""
    last = None
    for look, seeds in enumerate(race.looks):
        if seeds_there < seeds:
            return last
        first, second = take_a(seeds), take_b(seeds)
        test = examine_pair(first, second, margin=race.margin, level=1 - race.levels[look])
        last = _LastSeen(test, first, second, look, _settle(test, first, second, race, look))
        if last.settled:
            return last
    return last


def _settle(test: PairTest, a: Sample, b: Sample, race: RaceRecord, look: int) -> Settled | None:
    level = race.levels[look]
    verdict = decide(test, test.p, test.p_equivalent, alpha=level)
    if verdict != "undecided":
        why = "they are equivalent" if verdict == "equivalent" else "they differ"
    elif _is_hopeless(test, a, b, race):
        why = "more seeds cannot decide: more test images would"
    elif look == len(race.looks) - 1:
        why = "the last look"
    else:
        return None
    p = None if math.isnan(test.p) else test.p
    return Settled(a=test.a, b=test.b, seeds=race.looks[look], verdict=verdict, why=why, p=p, level=level)


def _is_hopeless(test: PairTest, a: Sample, b: Sample, race: RaceRecord) -> bool:
    """Whether even all further seeds would leave the images' uncertainty larger than the difference.

    The difference on this test set is known up to its own interval: the pair is given up only if no value in there
    could be called a difference, nor surely smaller than the margin, at the level of the last look.
    """
    if test.basis != "seeds and images" or test.difference_this_test_set is None or not (a.summary and b.summary):
        return False
    here, error = test.difference_this_test_set, estimate_image_error(a.summary, b.summary)
    if math.isnan(here.low):
        return False
    largest = max(abs(here.low), abs(here.high))
    smallest = 0.0 if here.low <= 0 <= here.high else min(abs(here.low), abs(here.high))
    two_sided, one_sided = (float(-special.ndtri(race.levels[-1] / sides)) for sides in (2, 1))
    return largest < two_sided * error and smallest + one_sided * error >= race.margin


def _result(last: _LastSeen, race: RaceRecord, seconds: Mapping[str, float]) -> PairResult:
    test, level = last.test, race.levels[last.look]
    verdict = last.settled.verdict if last.settled else "undecided"
    price = price_pair(
        test,
        last.a,
        last.b,
        alpha=level,
        margin=race.margin,
        seconds=seconds.get(test.a, math.nan) + seconds.get(test.b, math.nan),
    )
    return describe_pair(
        test,
        p_adjusted=float(np.minimum(1.0, test.p * race.alpha / level)),  # NaN stays NaN
        verdict=verdict,
        price=price if verdict == "undecided" else None,
        settled_at=last.settled.seeds if last.settled else None,
    )

"""Racing: after every look at the seeds so far, which pairs are settled and which models need more seeds.

All looks and pairs together have one error rate. Each pair starts with an equal part of it, which is spent over the
looks (alpha spending); the part of a pair whose models are found to differ goes to the pairs that are still open, as in
Holm's correction. A pair is settled when its models differ, when they are equivalent, when more seeds could not decide
it, or at the last look. All models with an open pair are looked at together, so the same seeds take the same course.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from scipy import special

from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.pair_tests import PairTest, examine_pair
from bakeoff.comparison.pairs import describe_pair
from bakeoff.comparison.prices import price_pair
from bakeoff.comparison.samples import Sample, take_sample
from bakeoff.comparison.values import PairResult
from bakeoff.spec.record import RaceRecord, Settled
from bakeoff.spec.values import Verdict
from bakeoff.stats import estimate_image_error, spending_levels

Names = tuple[str, str]

DIFFERENT = "they differ"
EQUIVALENT = "they are equivalent"
HOPELESS = "more seeds cannot decide: more test images would"
LAST_LOOK = "the last look"


@dataclass(frozen=True)
class RaceState:
    """How far a race is.

    Attributes:
        settled: The settled pairs, in the order in which they were settled.
        looks_taken: Number of looks that are over.
        next_seeds: Number of seeds at the next look; None if the race is over.
        open_models: The models that need them.
    """

    settled: tuple[Settled, ...]
    looks_taken: int
    next_seeds: int | None
    open_models: tuple[str, ...]


def look_levels(looks: Sequence[int], *, pairs: int, alpha: float) -> tuple[float, ...]:
    """The p-value that a pair must stay below at each look, while so many pairs share the error rate.

    Args:
        looks: Numbers of seeds, ascending.
        pairs: Number of pairs that share it.
        alpha: Family-wise error rate over all pairs and looks.

    Returns:
        Nominal two-sided levels, spending of Pocock's type.

    >>> [round(level, 5) for level in look_levels([3, 5, 8, 12, 20, 30], pairs=1, alpha=0.05)]
    [0.00793, 0.00678, 0.00914, 0.01161, 0.01764, 0.02052]
    """
    return tuple(spending_levels(looks, alpha=alpha / pairs, kind="pocock").tolist())


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


def follow_race(evidence: Sequence[Evidence], race: RaceRecord, *, waiting: Sequence[str] = ()) -> RaceState:
    """Replay a race from its first look, as far as the seeds reach.

    Args:
        evidence: All models that take part and have a run.
        race: Looks, error rate and margin, as they were fixed before the first run.
        waiting: The models that take part and have no run yet.

    Returns:
        The state after the last look for which all open models have the seeds.

    Reference: Maurer and Bretz (2013), "Multiple testing in group sequential trials using graphical approaches",
    Statistics in Biopharmaceutical Research 5: Holm's procedure with a group-sequential test for each hypothesis.
    """
    sample = _sampler(evidence)
    there = {**{found.name: found.seeds_in_a_row for found in evidence}, **dict.fromkeys(waiting, 0)}
    pairs = list(combinations(there, 2))
    settled: dict[Names, Settled] = {}
    for look, seeds in enumerate(race.looks):
        open_pairs = [pair for pair in pairs if pair not in settled]
        open_models = tuple(name for name in there if any(name in pair for pair in open_pairs))
        if not open_pairs:
            return RaceState(tuple(settled.values()), look, None, ())
        if min(there[name] for name in open_models) < seeds:
            return RaceState(tuple(settled.values()), look, seeds, open_models)
        samples = {name: sample(name, seeds) for name in open_models}
        settled |= _take_look(look, race, samples, open_pairs, len(pairs), settled.values())
    return RaceState(tuple(settled.values()), len(race.looks), None, ())


def judge_race(
    evidence: Sequence[Evidence], race: RaceRecord, *, seconds: Mapping[str, float]
) -> tuple[PairResult, ...]:
    """The pairs of a race, or of some of its models, each by the seeds and the level at which it was settled.

    Seeds that came later do not change a settled pair. A pair that is open is judged by the last look that was taken.

    Args:
        evidence: The models, best first.
        race: Its record, with what its looks settled.
        seconds: What one more seed of each model costs.

    Returns:
        One result per pair, in the order of the models.
    """
    sample, cells = _sampler(evidence), {found.name: found.cell.key for found in evidence}
    known = {frozenset((race.models[pair.a], race.models[pair.b])): pair for pair in race.settled}
    return tuple(
        _result(pair, known.get(frozenset(cells[name] for name in pair)), sample, race, seconds)
        for pair in combinations(cells, 2)
    )


def _sampler(evidence: Sequence[Evidence]) -> Callable[[str, int], Sample]:
    """Of a model's first so many seeds, each worked out once."""
    by_name = {found.name: found for found in evidence}
    return cache(lambda name, seeds: take_sample(by_name[name].until(seeds)))


def _take_look(
    look: int,
    race: RaceRecord,
    samples: Mapping[str, Sample],
    open_pairs: Iterable[Names],
    pairs: int,
    before: Iterable[Settled],
) -> dict[Names, Settled]:
    """What one look settles."""
    tests = {(a, b): examine_pair(samples[a], samples[b], margin=race.margin, level=0.95) for a, b in open_pairs}
    earlier = [pair.why for pair in before]
    p_different = {pair: test.p for pair, test in tests.items()}
    different, level = _reject(p_different, look, race, shares=pairs - earlier.count(DIFFERENT))
    rest = {pair: test.p_equivalent for pair, test in tests.items() if pair not in different}
    equivalent, level_equivalent = _reject(rest, look, race, shares=pairs - earlier.count(EQUIVALENT))
    settled = {}
    for pair, test in tests.items():
        if pair in different:
            verdict: Verdict = "a better" if test.a_leads else "b better"
            settled[pair] = _settled(test, race.looks[look], verdict, DIFFERENT, level)
        elif pair in equivalent:
            settled[pair] = _settled(test, race.looks[look], "equivalent", EQUIVALENT, level_equivalent)
        elif _is_hopeless(test, samples[pair[0]], samples[pair[1]], race):
            settled[pair] = _settled(test, race.looks[look], "undecided", HOPELESS, level)
        elif look == len(race.looks) - 1:
            settled[pair] = _settled(test, race.looks[look], "undecided", LAST_LOOK, level)
    return settled


def _reject(p_values: Mapping[Names, float], look: int, race: RaceRecord, *, shares: int) -> tuple[set[Names], float]:
    """The pairs below their level, which rises with each of them, and the level that it rose to."""
    rejected: set[Names] = set()
    while True:
        level = look_levels(race.looks, pairs=max(1, shares - len(rejected)), alpha=race.alpha)[look]
        fresh = {pair for pair, p in p_values.items() if p < level and pair not in rejected}
        if not fresh:
            return rejected, level
        rejected |= fresh


def _settled(test: PairTest, seeds: int, verdict: Verdict, why: str, level: float) -> Settled:
    p = None if math.isnan(test.p) else test.p
    return Settled(a=test.a, b=test.b, seeds=seeds, verdict=verdict, why=why, p=p, level=level)


def _is_hopeless(test: PairTest, a: Sample, b: Sample, race: RaceRecord) -> bool:
    """Whether even all further seeds would leave the images' uncertainty larger than the difference.

    The difference on this test set is known up to its own interval: the pair is given up only if no value in there
    could be called a difference, nor surely smaller than the margin.
    """
    if test.basis != "seeds and images" or test.difference_this_test_set is None or not (a.summary and b.summary):
        return False
    here, error = test.difference_this_test_set, estimate_image_error(a.summary, b.summary)
    if math.isnan(here.low):
        return False
    largest = max(abs(here.low), abs(here.high))
    smallest = 0.0 if here.low <= 0 <= here.high else min(abs(here.low), abs(here.high))
    two_sided, one_sided = (float(-special.ndtri(race.alpha / sides)) for sides in (2, 1))
    return largest < two_sided * error and smallest + one_sided * error >= race.margin


def _result(
    pair: Names,
    settled: Settled | None,
    sample: Callable[[str, int], Sample],
    race: RaceRecord,
    seconds: Mapping[str, float],
) -> PairResult:
    look = max(race.looks_taken, 1) - 1
    seeds, level = (settled.seeds, settled.level) if settled else (race.looks[look], race.levels[look])
    a, b = (sample(name, seeds) for name in pair)
    test = examine_pair(a, b, margin=race.margin, level=1 - level)
    verdict = _verdict(test, settled)
    price = price_pair(test, a, b, alpha=level, margin=race.margin, seconds=sum(seconds[name] for name in pair))
    return describe_pair(
        test,
        p_adjusted=float(np.minimum(1.0, test.p * race.alpha / level)),  # NaN stays NaN
        verdict=verdict,
        price=price if verdict == "undecided" else None,
        settled_at=settled.seeds if settled else None,
    )


def _verdict(test: PairTest, settled: Settled | None) -> Verdict:
    """As it was settled, seen from the side of this test's first model."""
    if settled is None or settled.why != DIFFERENT:
        return settled.verdict if settled else "undecided"
    return "a better" if test.a_leads else "b better"

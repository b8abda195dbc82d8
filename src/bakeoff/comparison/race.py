"""Racing: after every look at the seeds so far, which pairs are settled and which models need more seeds.

All looks and pairs together have one error rate. Each pair starts with an equal part of it, which is spent over the
looks (alpha spending); the part of a pair whose models are found to differ goes to the pairs that are still open, as in
Holm's correction. Equivalence is a second such family. A pair is settled when its models differ, when they are
equivalent, when more seeds could not decide it or it cannot be tested, or at the last look. All models with an open
pair are looked at together, so the same seeds take the same course.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import combinations

import numpy as np
from scipy import special

from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.pair_tests import PairTest, examine_pair
from bakeoff.comparison.pairs import describe_pair
from bakeoff.comparison.prices import price_pair
from bakeoff.comparison.samples import Sample, take_sample
from bakeoff.comparison.values import CertaintyPrice, PairResult
from bakeoff.spec.record import RaceRecord, Settled
from bakeoff.spec.values import Verdict
from bakeoff.stats import estimate_image_error, spending_levels

Cells = tuple[str, str]

DIFFERENT = "they differ"
EQUIVALENT = "they are equivalent"
UNTESTABLE = "they cannot be tested"
HOPELESS = "more seeds cannot decide: more test images would"
LAST_LOOK = "the last look"
RACE_OVER = "the race is over: only a new study with fresh seeds, in another store, could decide"


@dataclass(frozen=True)
class RaceState:
    """How far a race is.

    Attributes:
        settled: The settled pairs, in the order in which they were settled.
        looks_taken: Number of looks that are over.
        next_seeds: Number of seeds at the next look; None if the race is over.
        open_cells: The cells that need them.
    """

    settled: tuple[Settled, ...]
    looks_taken: int
    next_seeds: int | None
    open_cells: tuple[str, ...]


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
    """The race that gathered the seeds of at least two of these models: its looks are part of how to judge them.

    Args:
        races: Those begun on the data.
        evidence: The models to be judged.

    Returns:
        Of several, the race that most of the models took part in. If all who took part are here, its looks are taken
        again with the seeds that are here; what the record says is otherwise all that can be known.
    """
    cells = {found.cell.key for found in evidence}
    shared = {place: len(cells & set(race.models.values())) for place, race in enumerate(races)}
    place = max(shared, key=lambda place: shared[place], default=None)
    if place is None or shared[place] < 2:
        return None
    race = races[place]
    if not set(race.models.values()) <= cells:
        return race
    state = follow_race(evidence, race)
    return race.model_copy(
        update={"looks_taken": state.looks_taken, "settled": state.settled, "open": state.open_cells}
    )


def follow_race(evidence: Sequence[Evidence], race: RaceRecord) -> RaceState:
    """Replay a race from its first look, as far as the seeds reach.

    Args:
        evidence: The models that have a run; those that do not take part are passed over.
        race: Models, looks, error rate and margin, as they were fixed before the first run.

    Returns:
        The state after the last look for which all open models have the seeds.

    Reference: Maurer and Bretz (2013), "Multiple testing in group sequential trials using graphical approaches",
    Statistics in Biopharmaceutical Research 5: Holm's procedure with a group-sequential test for each hypothesis.
    """
    sample, seeds_of = _sampler(evidence), {found.cell.key: found.seeds_in_a_row for found in evidence}
    there = {cell: seeds_of.get(cell, 0) for cell in dict.fromkeys(race.models.values())}
    pairs = list(combinations(there, 2))
    settled: dict[Cells, Settled] = {}
    for look, seeds in enumerate(race.looks):
        open_pairs = [pair for pair in pairs if pair not in settled]
        open_cells = tuple(cell for cell in there if any(cell in pair for pair in open_pairs))
        if not open_pairs:
            return RaceState(tuple(settled.values()), look, None, ())
        if min(there[cell] for cell in open_cells) < seeds:
            return RaceState(tuple(settled.values()), look, seeds, open_cells)
        samples = {cell: sample(cell, seeds) for cell in open_cells}
        settled |= _take_look(look, race, samples, open_pairs, len(pairs), settled.values())
    return RaceState(tuple(settled.values()), len(race.looks), None, ())


def judge_race(
    evidence: Sequence[Evidence], race: RaceRecord, *, seconds: Mapping[str, float]
) -> tuple[PairResult, ...]:
    """Every pair of these models; those of the race by the seeds and the level at which they were settled.

    Seeds that came later do not change a settled pair. A pair that is open is judged by the last look that was taken. A
    pair with a model that did not take part has no verdict: how many seeds its rival got depended on results.

    Args:
        evidence: The models, best first.
        race: Its record, with what its looks settled.
        seconds: What one more seed of each model costs.

    Returns:
        One result per pair, in the order of the models.
    """
    sample, raced = _sampler(evidence), set(race.models.values())
    known = {frozenset((pair.a, pair.b)): pair for pair in race.settled}
    results = []
    for a, b in combinations(evidence, 2):
        if strangers := [found.name for found in (a, b) if found.cell.key not in raced]:
            results.append(_outside(a, b, strangers, race))
            continue
        seconds_per_seed = seconds[a.name] + seconds[b.name]
        results.append(_result(a, b, known.get(frozenset((a.cell.key, b.cell.key))), sample, race, seconds_per_seed))
    return tuple(results)


def _sampler(evidence: Sequence[Evidence]) -> Callable[[str, int], Sample]:
    """Of a cell's first so many seeds, each worked out once."""
    by_cell = {found.cell.key: found for found in evidence}
    return cache(lambda cell, seeds: take_sample(by_cell[cell].until(seeds)))


def _take_look(
    look: int,
    race: RaceRecord,
    samples: Mapping[str, Sample],
    open_pairs: Iterable[Cells],
    pairs: int,
    before: Iterable[Settled],
) -> dict[Cells, Settled]:
    """What one look settles."""
    tests = {pair: examine_pair(*(samples[c] for c in pair), margin=race.margin, level=0.95) for pair in open_pairs}
    earlier = [pair.why for pair in before]
    p_different = {pair: test.p for pair, test in tests.items()}
    different, level = _reject(p_different, look, race, shares=pairs - earlier.count(DIFFERENT))
    rest = {pair: test.p_equivalent for pair, test in tests.items() if pair not in different}
    equivalent, level_equivalent = _reject(rest, look, race, shares=pairs - earlier.count(EQUIVALENT))
    settled = {}
    for pair, test in tests.items():
        settle = partial(_settled, pair, test, race.looks[look])
        if pair in different:
            settled[pair] = settle("a better" if test.a_leads else "b better", DIFFERENT, level)
        elif pair in equivalent:
            settled[pair] = settle("equivalent", EQUIVALENT, level_equivalent)
        elif why := _why_give_up(look, test, samples[pair[0]], samples[pair[1]], race):
            settled[pair] = settle("undecided", why, level)
    return settled


def _reject(p_values: Mapping[Cells, float], look: int, race: RaceRecord, *, shares: int) -> tuple[set[Cells], float]:
    """The pairs below their level, which rises with each of them, and the level that it rose to."""
    rejected: set[Cells] = set()
    while True:
        level = look_levels(race.looks, pairs=max(1, shares - len(rejected)), alpha=race.alpha)[look]
        fresh = {pair for pair, p in p_values.items() if p < level and pair not in rejected}
        if not fresh:
            return rejected, level
        rejected |= fresh


def _settled(pair: Cells, test: PairTest, seeds: int, verdict: Verdict, why: str, level: float) -> Settled:
    p = None if math.isnan(test.p) else test.p
    return Settled(a=pair[0], b=pair[1], seeds=seeds, verdict=verdict, why=why, p=p, level=level)


def _why_give_up(look: int, test: PairTest, a: Sample, b: Sample, race: RaceRecord) -> str:
    """Why an undecided pair gets no more seeds; nothing if it does.

    What cannot be tested at the first look, such as runs that are all alike, is tried once more.
    """
    if test.basis == "none" and look > 0:
        return UNTESTABLE
    if _is_hopeless(test, a, b, race):
        return HOPELESS
    return LAST_LOOK if look == len(race.looks) - 1 else ""


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
    a: Evidence,
    b: Evidence,
    settled: Settled | None,
    sample: Callable[[str, int], Sample],
    race: RaceRecord,
    seconds: float,
) -> PairResult:
    look = max(race.looks_taken, 1) - 1
    seeds, level = (settled.seeds, settled.level) if settled else (race.looks[look], race.levels[look])
    samples = [replace(sample(found.cell.key, seeds), name=found.name) for found in (a, b)]  # twins share a cell
    test = examine_pair(*samples, margin=race.margin, level=1 - level)
    verdict = _verdict(test, settled)
    price = price_pair(test, *samples, alpha=level, margin=race.margin, seconds=seconds)
    return describe_pair(
        test,
        p_adjusted=float(np.minimum(1.0, test.p * race.alpha / level)),  # NaN stays NaN
        verdict=verdict,
        price=_still_for_sale(price, settled) if verdict == "undecided" else None,
        settled_at=settled.seeds if settled else None,
    )


def _verdict(test: PairTest, settled: Settled | None) -> Verdict:
    """As it was settled, seen from the side of this test's first model; none where its seeds are no longer there."""
    if settled is None or test.basis == "none":
        return "undecided"
    if settled.why != DIFFERENT:
        return settled.verdict
    return "a better" if test.a_leads else "b better"


def _still_for_sale(price: CertaintyPrice | None, settled: Settled | None) -> CertaintyPrice | None:
    """A race that is over gives no more seeds, so that their price is of no use."""
    if price is None or price.seeds is None or settled is None:
        return price
    return replace(price, seeds=None, seconds=None, reason=RACE_OVER)


def _outside(a: Evidence, b: Evidence, strangers: Sequence[str], race: RaceRecord) -> PairResult:
    """A pair that the race knows nothing of."""
    test = examine_pair(take_sample(a), take_sample(b), margin=race.margin, level=1 - race.alpha)
    verb = "was" if len(strangers) == 1 else "were"
    reason = f"{' and '.join(strangers)} {verb} not in the race that gathered these seeds"
    if test.basis != "none":
        test = replace(test, basis="none", p=math.nan, p_equivalent=math.nan, reason=reason)
    return describe_pair(test, p_adjusted=math.nan, verdict="undecided")

import math
from dataclasses import replace

import numpy as np
import pytest

from bakeoff.comparison import follow_race, judge_race, look_levels
from bakeoff.comparison.race import find_race
from bakeoff.spec import parse_study
from bakeoff.spec.record import RaceRecord
from bakeoff.store import cells_of

STUDY = """
name: race
data: digits
protocol: {seeds: {min: 3, max: 12, until: settled}, margin: 0.0, validation: {holdout: 0.2}}
models:
  good: {mlp: {hidden: [1]}}
  fair: {mlp: {hidden: [2]}}
  poor: {mlp: {hidden: [3]}}
"""
IMAGES = 2000
LOOKS = (3, 5, 8, 12)
FINGERPRINT = "f" * 64


def _hits(share, runs, *, seed):
    """Runs whose accuracies differ by about a point: the seeds' spread, not the images', rules."""
    rng = np.random.default_rng(seed)
    images = np.sort(rng.random(IMAGES))
    shares = share + 0.01 * rng.standard_normal(runs)
    return [(images < each).astype(int).tolist() for each in shares]


@pytest.fixture
def study():
    """Three models in a race."""
    return parse_study(STUDY).study


@pytest.fixture
def record(study):
    """The race as it is written down before the first run."""
    cells = cells_of(study, fingerprint=FINGERPRINT)
    return RaceRecord(
        study="race",
        data="digits",
        fingerprint=FINGERPRINT,
        models={cell.model.name: cell.key for cell in cells},
        looks=LOOKS,
        levels=look_levels(LOOKS, pairs=3, alpha=0.05),
        alpha=0.05,
        margin=0.0,
    )


@pytest.fixture
def hits():
    """`good` and `fair` are alike, `poor` is far behind; 12 seeds each."""
    return {"good": _hits(0.9, 12, seed=1), "fair": _hits(0.9, 12, seed=2), "poor": _hits(0.5, 12, seed=3)}


def _judge(evidence, record):
    """The pairs of a race that has been followed as far as the evidence reaches."""
    known = find_race([record], evidence)
    pairs = judge_race(evidence, known, seconds={found.name: 1.0 for found in evidence})
    return {(pair.a, pair.b): pair for pair in pairs}


def _names(cells, record):
    """The models of these cells."""
    by_cell = {cell: name for name, cell in record.models.items()}
    return tuple(by_cell[cell] for cell in cells)


def _first(hits, **seeds):
    return {name: rows[: seeds.get(name, 12)] for name, rows in hits.items()}


def test_before_the_first_look_everybody_runs(study, record, make_evidence):
    """Without any run, all models need the first look's seeds."""
    state = follow_race([], record)
    assert (state.next_seeds, _names(state.open_cells, record), state.settled) == (3, ("good", "fair", "poor"), ())


def test_a_settled_model_gets_no_more_seeds(study, record, make_evidence, hits):
    """After the first look the far one is settled against both, and only the two alike go on."""
    state = follow_race(make_evidence(study, _first(hits, good=3, fair=3, poor=3)), record)
    assert (state.next_seeds, _names(state.open_cells, record)) == (5, ("good", "fair"))
    assert [(_names((pair.a, pair.b), record), pair.seeds, pair.why) for pair in state.settled] == [
        (("good", "poor"), 3, "they differ"),
        (("fair", "poor"), 3, "they differ"),
    ]


def test_levels_share_the_error_rate_over_pairs(record):
    """Three pairs have a third of the error rate each, and spend it over the looks as a single pair would."""
    assert record.levels == look_levels(LOOKS, pairs=1, alpha=0.05 / 3)


def test_a_settled_pair_leaves_its_share_to_the_others(study, record, make_evidence, hits):
    """With two of three pairs found to differ, the third is tested at the whole error rate, as in Holm's correction."""
    state = follow_race(make_evidence(study, hits), record)
    assert [pair.level for pair in state.settled] == pytest.approx(
        [look_levels(LOOKS, pairs=1, alpha=0.05)[0]] * 2 + [look_levels(LOOKS, pairs=1, alpha=0.05)[-1]]
    )


def test_p_is_judged_by_the_level_of_its_look(study, record, make_evidence, hits):
    """The adjusted p-value is below 5 % exactly where p is below its look's level, and the interval has that level."""
    by_pair = _judge(make_evidence(study, hits), record)
    early, level = by_pair["good", "poor"], look_levels(LOOKS, pairs=1, alpha=0.05)[0]
    assert early.p_adjusted == pytest.approx(early.p * 0.05 / level)
    assert early.difference.level == 1 - level
    assert (early.settled_at, early.verdict) == (3, "a better")
    last = by_pair["good", "fair"]
    assert (last.verdict, last.settled_at) == ("undecided", 12)


def test_later_seeds_do_not_reopen_a_pair(study, record, make_evidence, hits):
    """A pair that was settled at the first look is judged by the seeds of that look, whatever came after."""
    early = follow_race(make_evidence(study, _first(hits, poor=3)), record)
    full = follow_race(make_evidence(study, hits), record)
    assert early.settled == full.settled
    assert early.next_seeds is full.next_seeds is None


def test_a_gap_in_the_seeds_waits(study, record, make_evidence, hits):
    """Seeds 0, 1 and 3 are no three seeds: the look needs seed 2 first."""
    found = make_evidence(study, _first(hits, good=4, fair=4, poor=4))
    there = [0, 1, 3]
    gaps = [replace(e, seeds=(0, 1, 3), scores=e.scores[there], losses=e.losses[there]) for e in found]
    assert follow_race(gaps, record).next_seeds == 3


def test_images_can_be_the_obstacle(study, record, make_evidence):
    """Two models that differ on many images but hardly in the mean, with stable seeds: given up, and said why."""
    rng = np.random.default_rng(5)
    a, b = rng.random(IMAGES) < 0.8, rng.random(IMAGES) < 0.8

    def runs(base):
        return [np.where(rng.random(IMAGES) < 0.002, ~base, base).astype(int).tolist() for _ in range(3)]

    hits = {"good": runs(a), "fair": runs(b), "poor": _hits(0.4, 3, seed=3)}
    state = follow_race(make_evidence(study, hits), record)
    assert state.next_seeds is None
    reasons = {_names((pair.a, pair.b), record): pair.why for pair in state.settled}
    assert reasons["good", "fair"] == "more seeds cannot decide: more test images would"


def test_failures_are_raced_by_ranks(study, record, make_evidence, hits):
    """Against a model that collapses, three seeds cannot be significant by ranks: it goes on until they can."""
    hits["poor"] = ["collapsed"] * 12
    state = follow_race(make_evidence(study, _first(hits, good=3, fair=3, poor=3)), record)
    assert "poor" in _names(state.open_cells, record)
    pair = _judge(make_evidence(study, hits), record)["good", "poor"]
    assert (pair.basis, pair.verdict) == ("ranks", "a better")
    # both pairs with the failing model have the same p-value: what the first needs, at a third of the error rate
    levels = dict(zip(LOOKS, record.levels, strict=True))
    assert pair.settled_at == next(seeds for seeds in LOOKS if 2 / math.comb(2 * seeds, seeds) < levels[seeds])


def test_a_part_of_a_race_is_judged_by_its_rules(study, record, make_evidence, hits):
    """Two of the raced models are found to be of that race, by what it wrote down; one alone is not."""
    found = make_evidence(study, hits)
    assert find_race([record], found[:2]) is record
    other = record.model_copy(update={"models": {"good": record.models["good"], "else": "x"}})
    assert find_race([other], found) is None
    assert find_race([other, record], found).models == record.models


def test_a_model_that_joins_later_has_no_verdict_against_the_raced(study, record, make_evidence, hits):
    """A race of two, and a third model with seeds of its own: only the raced pair is judged."""
    two = {name: record.models[name] for name in ("good", "fair")}
    part = record.model_copy(update={"models": two, "levels": look_levels(LOOKS, pairs=1, alpha=0.05)})
    by_pair = _judge(make_evidence(study, hits), part)
    assert by_pair["good", "fair"].settled_at == 12
    stranger = by_pair["good", "poor"]
    assert (stranger.verdict, stranger.basis) == ("undecided", "none")
    assert math.isnan(stranger.p)
    assert stranger.reason == "poor was not in the race that gathered these seeds"
    assert stranger.difference.value > 0.3


def test_names_may_change(study, record, make_evidence, hits):
    """The race knows networks by address: swapped names change no verdict about a network."""
    swapped = record.model_copy(
        update={"models": dict(zip(record.models, [*reversed(record.models.values())], strict=True))}
    )
    evidence = make_evidence(study, hits)
    assert _judge(evidence, swapped)["good", "poor"].verdict == _judge(evidence, record)["good", "poor"].verdict


def test_seeds_that_are_gone_leave_no_verdict(study, record, make_evidence, hits):
    """A settled pair whose runs were deleted is undecided, not what it was, and has no p."""
    found = make_evidence(study, hits)
    state = follow_race(found, record)
    known = record.model_copy(update={"settled": state.settled, "looks_taken": state.looks_taken})
    left = make_evidence(study, _first(hits, poor=1))
    pairs = {(pair.a, pair.b): pair for pair in judge_race(left, known, seconds=dict.fromkeys(hits, 1.0))}
    assert pairs["good", "poor"].verdict == "undecided"
    assert math.isnan(pairs["good", "poor"].p)


def test_a_look_is_taken_whoever_asked_for_the_seeds(study, record, make_evidence, hits):
    """A race that was written down and then run with a fixed number of seeds is judged by its looks all the same."""
    early = _judge(make_evidence(study, _first(hits, good=5, fair=5, poor=5)), record)
    assert (early["good", "poor"].verdict, early["good", "poor"].settled_at) == ("a better", 3)


def test_what_cannot_be_tested_does_not_run_for_ever(study, record, make_evidence, hits):
    """Runs that are all alike say nothing of other seeds: given one more look, then no more seeds."""
    hits = {**hits, "good": [hits["good"][0]] * 12, "fair": [hits["fair"][0]] * 12}
    state = follow_race(make_evidence(study, hits), record)
    (pair,) = [pair for pair in state.settled if _names((pair.a, pair.b), record) == ("good", "fair")]
    assert (pair.verdict, pair.why, pair.seeds, pair.p) == ("undecided", "they cannot be tested", 5, None)


def test_two_names_for_one_network_race_once(make_evidence, hits):
    """Twins are no pair: nothing is spent on them, and the race ends when all others are settled."""
    study = parse_study(STUDY.replace("hidden: [2]", "hidden: [1]")).study
    cells = cells_of(study, fingerprint=FINGERPRINT)
    record = RaceRecord(
        study="race",
        data="digits",
        fingerprint=FINGERPRINT,
        models={cell.model.name: cell.key for cell in cells},
        looks=LOOKS,
        levels=look_levels(LOOKS, pairs=1, alpha=0.05),
        alpha=0.05,
        margin=0.0,
    )
    hits = {"good": hits["good"][:3], "fair": hits["good"][:3], "poor": hits["poor"][:3]}
    evidence = make_evidence(study, hits)
    assert follow_race(evidence, record).next_seeds is None
    by_pair = _judge(evidence, record)
    assert by_pair["fair", "poor"].verdict == "a better"
    assert by_pair["good", "fair"].verdict == "undecided"
    assert "one network under two names" in by_pair["good", "fair"].reason


def test_a_race_that_is_over_sells_no_seeds(study, record, make_evidence, hits):
    """Undecided at the last look: more seeds would not be looked at, and none are advised."""
    price = _judge(make_evidence(study, hits), record)["good", "fair"].price
    assert (price.seeds, price.seconds) == (None, None)
    assert price.reason.startswith("the race is over")


def test_a_part_of_a_race_keeps_its_verdicts(study, record, make_evidence, hits):
    """Two of three models, compared later and with more seeds: the pair is judged as it was settled in the race."""
    found = make_evidence(study, hits)
    state = follow_race(found, record)
    known = record.model_copy(update={"settled": state.settled, "looks_taken": state.looks_taken})
    part = [found[2], found[0]]  # poor, good: the other way round
    (pair,) = judge_race(part, known, seconds={"good": 1.0, "poor": 1.0})
    assert (pair.a, pair.b, pair.verdict, pair.settled_at) == ("poor", "good", "b better", 3)


def test_an_open_pair_is_judged_by_the_last_look(study, record, make_evidence, hits):
    """After the first look the pair that goes on is undecided, with the seeds of that look and what would decide it."""
    pair = _judge(make_evidence(study, _first(hits, good=4, fair=4, poor=3)), record)["good", "fair"]
    assert (pair.verdict, pair.settled_at, pair.difference.runs) == ("undecided", None, 6)
    assert pair.price is not None

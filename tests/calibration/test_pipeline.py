import numpy as np
import pytest

from bakeoff.calibration.pipeline import (
    bench_of,
    covers,
    follow,
    fresh_store,
    has_winner,
    judge,
    judge_files,
    tells_apart,
)
from bakeoff.spec.values import Estimate
from bakeoff.stats import compare_two, estimate_mean


@pytest.fixture
def hits():
    """Two models, three runs each, 200 images; the first is clearly better."""
    rng = np.random.default_rng(1)
    return [rng.random((3, 200)) < share for share in (0.95, 0.7)]


def test_verdicts_are_about_the_hits_that_went_in(hits):
    """Estimates and differences are those of `stats` for the same matrices."""
    comparison = judge(bench_of(2), hits)
    assert comparison.model("a").accuracy == estimate_mean(hits[0])
    assert comparison.pair("a", "b").difference == compare_two(*hits).difference
    assert has_winner(comparison)
    assert not has_winner(judge(bench_of(2), [hits[0], hits[0]]))


def test_failed_seeds_arrive_as_failures(hits):
    """A seed that collapsed is counted, and its model's mean has no interval."""
    model = judge(bench_of(2), hits, failed=(2, 0)).model("a")
    assert (model.seeds, model.failed_seeds) == (3, 2)
    assert np.isnan(model.accuracy.low)


def test_files_hold_the_same_runs(hits, tmp_path):
    """What is written to a store and read again gives the same estimates."""
    read = judge_files(bench_of(2), hits, fresh_store(tmp_path / "store"), failed=(0, 1))
    kept = judge(bench_of(2), hits, failed=(0, 1))
    assert read.models[0].accuracy == kept.models[0].accuracy
    assert [(pair.p, pair.verdict) for pair in read.pairs] == [(pair.p, pair.verdict) for pair in kept.pairs]
    assert read.model("b").failed_seeds == 1


def test_a_race_ends_early_where_the_difference_is_clear(hits):
    """The pair is settled at an early look, with a winner."""
    rng = np.random.default_rng(2)
    runs = [rng.random((8, 200)) < share for share in (0.95, 0.5)]
    (pair,) = follow(bench_of(2), runs, (3, 5, 8)).settled
    assert pair.verdict in ("a better", "b better")
    assert pair.seeds == 3


def test_intervals_are_read_correctly():
    """0 outside the interval tells models apart; no interval covers nothing and tells nothing."""

    def estimate(low, high):
        return Estimate(0.0, low, high, 0.95, 0.1, 4.0, "made up", 3, 100)

    assert tells_apart(estimate(0.1, 0.2))
    assert tells_apart(estimate(-0.2, -0.1))
    assert not tells_apart(estimate(-0.1, 0.1))
    assert not tells_apart(estimate(np.nan, np.nan))
    assert covers(estimate(0.1, 0.2), 0.15)
    assert not covers(estimate(0.1, 0.2), 0.25)
    assert covers(estimate(np.nan, np.nan), 0.15) is None
    assert covers(None, 0.15) is None

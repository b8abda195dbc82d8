import math

import numpy as np
import pytest

from bakeoff.comparison.pair_tests import examine_pair
from bakeoff.comparison.samples import take_sample
from bakeoff.spec import parse_study
from bakeoff.stats import compare_folds, compare_two

STUDY = """
name: hand
data: digits
protocol: {validation: {holdout: 0.2}}
models:
  good: {mlp: {hidden: [1]}}
  bad: {mlp: {hidden: [2]}}
  twin: {mlp: {hidden: [1]}}
"""
IMAGES = 400


def _hits(share, runs, *, seed):
    return (np.random.default_rng(seed).random((runs, IMAGES)) < share).astype(int).tolist()


@pytest.fixture
def examine(make_evidence):
    """The test of `good` against `bad`, or of the two models named, for these hits."""

    def examine(hits, *, names=("good", "bad"), overrides=(), **more):
        found = make_evidence(parse_study(STUDY, overrides=overrides).study, hits, **more)
        samples = {each.name: take_sample(each) for each in found}
        return examine_pair(*(samples[name] for name in names), margin=0.01, level=0.95)

    return examine


def test_healthy_seeds_are_compared_by_their_images(examine):
    """The usual test is the crossed one, and says what `compare_two` says."""
    a, b = _hits(0.9, 3, seed=1), _hits(0.8, 4, seed=2)
    test = examine({"good": a, "bad": b})
    direct = compare_two(np.array(a), np.array(b), margin=0.01)
    assert (test.basis, test.p, test.difference) == ("seeds and images", direct.p, direct.difference)
    assert (test.p_equivalent, test.a_leads, test.reason) == (direct.p_equivalent, True, "")


def test_failed_seeds_are_ranked_last(examine):
    """Five good runs against five collapsed ones: 2 of the 252 ways to deal ten runs are as extreme."""
    test = examine({"good": _hits(0.9, 5, seed=1), "bad": ["collapsed"] * 5})
    assert (test.basis, test.a_leads) == ("ranks", True)
    assert test.p == pytest.approx(2 / math.comb(10, 5))
    assert test.difference is None
    assert test.reason == "5 of 5 seeds of bad failed: ranked by runs, a failed one last"


def test_no_interval_where_a_seed_failed(examine):
    """The mean of the surviving seeds is given, an interval that would hide the failure is not."""
    test = examine({"good": _hits(0.9, 5, seed=1), "bad": [*_hits(0.9, 4, seed=2), "diverged"]})
    assert test.basis == "ranks"
    assert test.difference is not None
    assert math.isnan(test.difference.low)
    assert "failed" in test.difference.method


def test_two_models_that_always_fail_are_tied(examine):
    """No run of either can be ranked above one of the other."""
    test = examine({"good": ["collapsed"] * 4, "bad": ["diverged"] * 4})
    assert (test.basis, test.p) == ("ranks", 1.0)


def test_a_crash_is_no_failure_of_the_model(examine):
    """A seed that crashed may finish at the next try: no test before that."""
    test = examine({"good": _hits(0.9, 3, seed=1), "bad": [*_hits(0.8, 2, seed=2), "crashed"]})
    assert (test.basis, test.reason) == ("none", "1 of 3 seeds of bad crashed and left no result; run it again")
    assert math.isnan(test.p)


def test_one_seed_is_no_test(examine):
    """One run says nothing about other seeds."""
    test = examine({"good": _hits(0.9, 3, seed=1), "bad": _hits(0.8, 1, seed=2)})
    assert (test.basis, test.reason) == ("none", "bad has 1 finished seed, too few to know other seeds")


def test_identical_seeds_are_no_test(examine):
    """Seeds that got the very same images right show no spread, however many they are."""
    test = examine({"good": _hits(0.9, 1, seed=1) * 3, "bad": _hits(0.8, 3, seed=2)})
    assert test.basis == "none"
    assert test.reason == "all 3 seeds of good got the same images right: other seeds cannot be judged"
    assert math.isnan(test.p)


def test_one_network_under_two_names_is_no_test(examine):
    """Both names have the same runs; a p-value would compare these with themselves."""
    hits = _hits(0.9, 3, seed=1)
    test = examine({"good": hits, "twin": hits}, names=("good", "twin"))
    assert (test.basis, test.reason) == ("none", "good and twin are one network under two names, and share their runs")


def test_cross_validated_models_are_compared_fold_by_fold(examine):
    """Both with the same folds: the corrected test of Nadeau and Bengio on validation accuracies."""
    accuracies = {"good": [0.9, 0.8, 0.85, 0.95], "bad": [0.7, 0.75, 0.72, 0.8]}
    test = examine(
        {"good": _hits(0.9, 2, seed=1), "bad": _hits(0.8, 2, seed=2)},
        overrides=["protocol.validation={kfold: 4}"],
        fold_accuracies=accuracies,
    )
    gaps = np.array(accuracies["good"]) - np.array(accuracies["bad"])
    expected = compare_folds(gaps, test_to_train=20 / 80, rope=0.01)
    assert (test.basis, test.p) == ("folds", pytest.approx(expected.p))
    assert test.difference.method == expected.difference.method
    assert "approximate" in test.difference.method


def test_folds_of_one_seed_are_compared(examine):
    """Folds, not seeds, are what such a pair is judged by: one seed of four folds is enough for the test."""
    accuracies = {"good": [0.9, 0.91, 0.89, 0.92], "bad": [0.6, 0.64, 0.62, 0.61]}
    test = examine(
        {"good": _hits(0.9, 1, seed=1), "bad": _hits(0.8, 1, seed=2)},
        overrides=["protocol.validation={kfold: 4}"],
        fold_accuracies=accuracies,
    )
    gaps = np.subtract(accuracies["good"], accuracies["bad"])
    assert (test.basis, test.a_leads) == ("folds", True)
    assert test.p == pytest.approx(compare_folds(gaps, test_to_train=20 / 80, rope=0.01).p)


@pytest.mark.parametrize("other", ["{kfold: 5}", "{holdout: 0.2}"])
def test_models_that_are_not_cross_validated_alike_are_not_compared(examine, other):
    """They trained on different shares of the data, and their runs are no like units."""
    test = examine(
        {"good": _hits(0.9, 3, seed=1), "bad": _hits(0.6, 3, seed=2)},
        overrides=["protocol.validation={kfold: 4}", f"models.bad.protocol.validation={other}"],
    )
    assert (test.basis, math.isnan(test.p)) == ("none", True)
    assert test.reason == (
        "good and bad are not cross-validated alike: their runs trained on different shares of the data"
    )

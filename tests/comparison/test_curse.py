import math
from dataclasses import replace

import numpy as np
import pytest

from bakeoff.comparison import weigh
from bakeoff.comparison.curse import weigh_luck
from bakeoff.spec import parse_study
from bakeoff.spec.record import DataEntry

STUDY = """
name: hand
data: digits
protocol: {margin: 0.0, validation: {holdout: 0.2}}
models:
  a: {mlp: {hidden: [1]}}
  b: {mlp: {hidden: [2]}}
  c: {mlp: {hidden: [3]}}
"""
IMAGES = 400
DATA = DataEntry(
    reference="digits", fingerprint="f" * 64, class_names=("no", "yes"), image_shape=(8, 8, 1), train=100, test=IMAGES
)


def _runs(share, runs, *, seed):
    return (np.random.default_rng(seed).random((runs, IMAGES)) < share).astype(int).tolist()


@pytest.fixture
def judge(make_evidence):
    """The comparison of models with these runs."""
    return lambda **hits: weigh(parse_study(STUDY).study, DATA, make_evidence(parse_study(STUDY).study, hits))


def _leader_error(hits, name):
    """Standard error of the mean of the run means, done with the library's own spread."""
    accuracies = np.mean(hits[name], axis=1)
    return float(np.std(accuracies, ddof=1)) / math.sqrt(len(accuracies))


def test_two_rivals_by_hand(judge):
    """The higher of two equal means lies a standard error over the root of pi above the truth."""
    hits = {"a": _runs(0.9, 4, seed=1), "b": _runs(0.9, 3, seed=2), "c": _runs(0.4, 3, seed=3)}
    comparison = judge(**hits)
    leader = comparison.models[0].name
    assert [model.tier for model in comparison.models] == [1, 1, 2]
    assert (comparison.curse.model, comparison.curse.rivals) == (leader, 2)
    assert comparison.curse.optimism == pytest.approx(_leader_error(hits, leader) / math.sqrt(math.pi))


def test_three_rivals_by_hand(judge):
    """Of three it is 3 / (2 sqrt(pi)) standard errors, those of the leader."""
    hits = {"a": _runs(0.9, 3, seed=1), "b": _runs(0.9, 5, seed=2), "c": _runs(0.9, 8, seed=3)}
    comparison = judge(**hits)
    leader = comparison.models[0].name
    assert (comparison.curse.model, comparison.curse.rivals) == (leader, 3)
    assert comparison.curse.optimism == pytest.approx(1.5 / math.sqrt(math.pi) * _leader_error(hits, leader))


def test_optimism_is_what_picking_the_highest_brings(judge):
    """Four models of one true accuracy, 4 runs each: the highest mean lies above it by the error that was reckoned.

    Runs vary by one point, so that the means have a standard error of half a point; 40,000 studies.
    """
    means = np.random.default_rng(4).normal(0.9, 0.01, (40_000, 4, 4)).mean(axis=2)
    excess = means.max(axis=1) - 0.9
    model = judge(a=_runs(0.9, 3, seed=1)).models[0]
    equal = replace(model, accuracy_this_test_set=replace(model.accuracy_this_test_set, standard_error=0.005))
    assert abs(weigh_luck([equal] * 4).optimism - excess.mean()) < 5 * excess.std() / math.sqrt(excess.size)


def test_a_clear_winner_owes_nothing_to_luck(judge):
    """One model alone in the first tier was not picked among equals."""
    comparison = judge(a=_runs(0.95, 3, seed=1), b=_runs(0.5, 3, seed=2), c=_runs(0.5, 3, seed=3))
    assert [model.tier for model in comparison.models] == [1, 2, 2]
    assert comparison.curse is None


def test_one_run_has_no_known_luck(judge):
    """Without a spread over seeds there is nothing to reckon with."""
    comparison = judge(a=_runs(0.9, 1, seed=1), b=_runs(0.9, 1, seed=2))
    assert [model.tier for model in comparison.models] == [1, 1]
    assert comparison.curse is None


def test_a_leader_with_failed_seeds_has_no_known_luck(judge):
    """Its mean is one of the finished seeds only and has no interval."""
    comparison = judge(a=[*_runs(0.99, 5, seed=1), "diverged"], b=_runs(0.7, 3, seed=2))
    assert comparison.models[0].name == "a"
    assert comparison.models[1].tier == 1
    assert comparison.curse is None


def test_a_model_that_never_finished_is_no_rival(judge):
    """It may share the first tier, since three runs cannot prove it worse, but it has no mean to be picked for."""
    comparison = judge(a=_runs(0.9, 3, seed=1), b=_runs(0.9, 3, seed=2), c=["collapsed"] * 3)
    assert [model.tier for model in comparison.models] == [1, 1, 1]
    assert comparison.curse.rivals == 2
    alone = [model for model in comparison.models if model.name != "b"]
    assert weigh_luck(alone) is None


def test_no_models_no_luck(judge):
    """An empty leaderboard has no leader; models of lower tiers alone have none either."""
    comparison = judge(a=_runs(0.9, 3, seed=1), b=_runs(0.9, 3, seed=2))
    assert weigh_luck([]) is None
    assert weigh_luck([replace(model, tier=2) for model in comparison.models]) is None

"""Cause by counterfactual: counts, their exact test, and a real sick network."""

import math

import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid

from bakeoff.data import load_dataset, split_folds
from bakeoff.errors import StudyError
from bakeoff.runner.effects import ALPHA, Outcome, judge_changes
from bakeoff.runner.remedies import FIRST_SEEDS, MOST_SEEDS, class_means_accuracy, enough_epochs
from bakeoff.spec import Protocol, parse_study
from bakeoff.store import open_store
from bakeoff.verbs.explain import try_out

SICK = """
name: sick
data: digits
protocol: {epochs: 6, batch_size: 32, pixels: unit, optimizer: {sgd: {learning_rate: 1.0e-7}}}
models:
  frozen: {mlp: {hidden: [32]}, protocol: {optimizer: {sgd: {learning_rate: 300.0}}}}
  sound: {mlp: {hidden: [64]}, protocol: {optimizer: {adam: {learning_rate: 0.01}}, epochs: 20}}
"""


def _outcome(change: str, failed: int, seeds: int) -> Outcome:
    return Outcome(change, "", seeds, failed, ())


def _two_by_two(failed: int, seeds: int) -> float:
    """Fisher's exact p-value, one-sided, of none failing where `failed` of as many do: by counting the tables."""
    return math.comb(seeds, failed) * math.comb(seeds, 0) / math.comb(2 * seeds, failed)


def test_five_of_five_against_none_decides():
    """The exact test says so even among six changes; it is never less sure than Fisher's, which can be counted."""
    unchanged = _outcome("", 5, 5)
    changes = judge_changes(unchanged, [_outcome("a", 0, 5), *[_outcome(f"{n}", 5, 5) for n in range(5)]])
    assert changes[0].effect == "cures"
    assert changes[0].p < 6 * _two_by_two(5, 5) == pytest.approx(6 / 252)
    assert {change.effect for change in changes[1:]} == {"does not"}


def test_two_seeds_decide_nothing():
    """Both fail and neither of the changed ones: among several changes that may be chance."""
    changes = judge_changes(_outcome("", 2, 2), [_outcome("a", 0, 2), _outcome("b", 2, 2)])
    assert [change.effect for change in changes] == ["perhaps", "does not"]


def test_fewer_failures_help_and_none_cures():
    """A change with which seeds still fail is no cure, however sure the difference; as many failures clear it."""
    unchanged = _outcome("", 11, 12)
    changes = judge_changes(unchanged, [_outcome("a", 0, 12), _outcome("b", 2, 12), _outcome("c", 11, 12)])
    assert [change.effect for change in changes] == ["cures", "helps", "does not"]
    assert judge_changes(unchanged, []) == ()


def test_changes_that_do_nothing_are_seldom_called_cures():
    """However often a model fails, six changes without effect are called cures or helps in at most 5 % of trials."""
    rng = np.random.default_rng(0)
    for rate in (0.3, 0.7, 0.95):
        wrong = 0
        for counts in rng.binomial(12, rate, size=(400, 7)):
            if counts[0]:
                changes = judge_changes(
                    _outcome("", int(counts[0]), 12), [_outcome("", int(n), 12) for n in counts[1:]]
                )
                wrong += any(change.effect in ("cures", "helps") for change in changes)
        assert wrong / 400 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


FLOOR = 0.7
LOW, HIGHER = (0.1, 0.1, 0.11, 0.12, 0.2), (0.37, 0.4, 0.5, 0.55, 0.62)


def _trained(change: str, accuracies) -> Outcome:
    failed = sum(not value >= FLOOR for value in accuracies)
    return Outcome(change, "", len(accuracies), failed, tuple(accuracies))


def test_higher_accuracies_below_the_floor_are_not_cleared():
    """All seeds fail with and without it, but each is better with it than every one without: it learns more.

    By counting, five of ten are the highest five in 1 of 252 ways; among four such changes p is 4 / 252.
    """
    same, lower, one_low = (0.1,) * 5, (0.0,) * 5, (0.1, 0.5, 0.5, 0.5, 0.5)
    changes = [_trained(name, values) for name, values in zip("abcd", (HIGHER, same, lower, one_low), strict=True)]
    judged = judge_changes(_trained("", LOW), changes)
    assert [change.effect for change in judged] == ["learns more", "does not", "does not", "does not"]
    assert judged[0].p == 1
    assert judged[0].p_learns_more == pytest.approx(4 / 252)
    assert judged[2].p_learns_more == 1


def test_a_run_without_an_accuracy_is_the_worst():
    """Five diverged runs against five that stay at chance: the latter learn more."""
    (judged,) = judge_changes(_trained("", (math.nan,) * 5), [_trained("a", LOW)])
    assert judged.effect == "learns more"
    assert judged.p_learns_more == pytest.approx(1 / 252)


def test_cures_come_before_learning_more():
    """What cures has higher accuracies as well, and is called a cure."""
    (judged,) = judge_changes(_trained("", LOW), [_trained("a", (0.8,) * 5)])
    assert (judged.effect, judged.p_learns_more) == ("cures", pytest.approx(1 / 252))


def _seldom_enough(wrong: int, trials: int) -> bool:
    return wrong / trials <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / trials)


@pytest.mark.parametrize("rate", [0.3, 0.7, 0.95, 1.0])
def test_changes_that_do_nothing_seldom_learn_more(rate):
    """However often a model fails, eight changes without effect are said to learn more in at most 5 % of trials.

    As in a trial, five seeds decide where all five fail, and else twelve.
    """
    rng, trials, wrong = np.random.default_rng(1), 300, 0
    for _ in range(trials):
        failing = rng.random((9, MOST_SEEDS)) < rate
        drawn = np.where(failing, 0.1 + 0.05 * rng.random(failing.shape), 0.75 + 0.2 * rng.random(failing.shape))
        seeds = FIRST_SEEDS if failing[0, :FIRST_SEEDS].all() else MOST_SEEDS
        changes = judge_changes(_trained("", drawn[0, :seeds]), [_trained("", row[:seeds]) for row in drawn[1:]])
        wrong += any(change.p_learns_more < ALPHA for change in changes)
    assert _seldom_enough(wrong, trials)


def test_few_images_get_more_epochs():
    """At least three epochs and 4,500 steps, though the protocol has fewer; but not for large batches without end."""
    assert enough_epochs(Protocol(epochs=50, batch_size=32), 48_000) == 3
    assert enough_epochs(Protocol(epochs=10, batch_size=10), 1_000) == 45
    assert enough_epochs(Protocol(epochs=2), 1_000_000) == 3
    assert enough_epochs(Protocol(epochs=2, batch_size=1_000), 1_000) == 150
    assert enough_epochs(Protocol(epochs=200, batch_size=1_000), 1_000) == 200


@pytest.mark.filterwarnings("ignore:self.within_class_std_dev_")  # digits have pixels that are always black
def test_class_means_are_the_nearest_centroid_of_scikit_learn():
    """On real digits, the same figure as scikit-learn's classifier on the same split."""
    dataset, protocol = load_dataset("digits"), Protocol(validation=0.2)
    (fold,) = split_folds(dataset.train_labels, protocol.validation, classes=10)
    pixels = dataset.train_images.reshape(len(dataset.train_labels), -1).astype(float)
    oracle = NearestCentroid().fit(pixels[fold.train], dataset.train_labels[fold.train])
    expected = oracle.score(pixels[fold.validation], dataset.train_labels[fold.validation])
    assert class_means_accuracy(dataset, protocol) == pytest.approx(expected)


@pytest.mark.parametrize(("seeds", "epochs"), [(1, None), (3, 0)])
def test_too_small_a_trial_is_refused(tmp_path, seeds, epochs):
    """One seed compares nothing."""
    with pytest.raises(StudyError, match=f"a trial needs at least 2 seeds and 1 epoch, got {seeds} and {epochs}"):
        try_out(parse_study(SICK).study, "sound", store=tmp_path, seeds=seeds, epochs=epochs)


@pytest.mark.slow
def test_the_cause_of_a_sick_network_is_found(tmp_path):
    """A network with a thirty-thousandfold learning rate fails with every seed; half its width does not cure it.

    The runs lie in a folder of their own; run again, nothing is trained.
    """
    study, seen = parse_study(SICK).study, []
    trial = try_out(study, "frozen", store=tmp_path, workers=2, seeds=5, epochs=6)
    assert (trial.unchanged.failed, trial.unchanged.seeds) == (5, 5)
    effects = {change.change: change.effect for change in trial.changes}
    assert effects["half the width"] == "does not"
    assert not (tmp_path / "runs").exists()
    assert len(open_store(tmp_path / "remedies").all_records()) == 5 * (1 + len(trial.changes))
    again = try_out(study, "frozen", store=tmp_path, workers=2, seeds=5, epochs=6, watch=seen.append)
    assert again == trial
    assert seen[-1].old == len(seen[-1].jobs)


@pytest.mark.slow
def test_a_sound_network_is_left_alone(tmp_path):
    """Nothing fails, so no change is tried."""
    trial = try_out(parse_study(SICK).study, "sound", store=tmp_path, workers=2, seeds=2)
    assert (trial.unchanged.failed, trial.changes) == (0, ())


@pytest.mark.slow
def test_a_short_protocol_does_not_hide_the_cause(tmp_path):
    """A network whose rate is a thousandth of a good one fails in 30 epochs, though its own protocol has two.

    With a hundred times the rate it learns more in all seeds, or is cured; with a tenth it learns nothing.
    """
    slow = "  slow: {mlp: {hidden: [32]}, protocol: {optimizer: {sgd: {learning_rate: 0.00001}}, epochs: 2}}\n"
    study = parse_study(SICK.replace("  frozen:", f"{slow}  frozen:")).study
    trial = try_out(study, "slow", store=tmp_path, workers=2, seeds=5, epochs=30)
    assert (trial.epochs, trial.own_epochs, trial.unchanged.failed) == (30, 2, 5)
    effects = {change.change: change.effect for change in trial.changes}
    assert effects["a hundred times the learning rate"] in ("cures", "learns more")
    assert effects["a tenth of the learning rate"] == "does not"

"""The plateau of learning curves, by the one-standard-error rule."""

import numpy as np
import pytest

from bakeoff.diagnosis.plateau import average_folds, find_plateau, stack_curves

# By hand: means 2.0, 1.2, 1.1, 1.0, 1.05. Differences from epoch 4 in epoch 3: 0.2 and 0.0, of mean 0.1 and standard
# error 0.1; in epoch 2: 0.3 and 0.1, of mean 0.2 and standard error 0.1.
BY_HAND = np.array([[2.0, 1.2, 1.1, 0.9, 1.0], [2.0, 1.2, 1.1, 1.1, 1.1]])


def test_first_epoch_within_one_standard_error_of_the_best():
    """The worked case: the best epoch is 4, and epoch 3 is the first that is as good."""
    plateau = find_plateau(BY_HAND)
    assert (plateau.best_epoch, plateau.epoch, plateau.still_improving) == (4, 3, False)
    assert "2 seeds is lowest, 1 in epoch 4 of 5, and first within one standard error of that in epoch 3" in plateau.why


def test_levels_of_seeds_do_not_matter():
    """A seed that lies higher throughout changes nothing: differences are taken seed by seed."""
    shifted = BY_HAND + np.array([[0.0], [5.0]])
    assert find_plateau(shifted).epoch == 3


def test_one_seed_has_its_lowest_epoch():
    """With one seed there is no standard error, and the lowest loss counts."""
    plateau = find_plateau(np.array([[3.0, 2.0, 1.01, 1.0, 1.5]]))
    assert (plateau.epoch, plateau.best_epoch) == (4, 4)
    assert "the only seed is lowest, 1 in epoch 4 of 5" in plateau.why


def test_first_of_equal_epochs_is_best():
    """Of two epochs with the same loss the earlier one counts."""
    assert find_plateau(np.array([[2.0, 1.0, 1.0], [2.0, 1.0, 1.0]])).best_epoch == 2


def test_no_earlier_epoch_as_good():
    """A curve that falls by far more than its standard error has its plateau at its best epoch."""
    plateau = find_plateau(np.array([[3.0, 2.0, 1.0], [3.1, 2.1, 1.1]]))
    assert plateau.epoch == 3
    assert "none before is within one standard error" in plateau.why


@pytest.mark.parametrize("seeds", [1, 3])
def test_falling_curves_are_still_improving(seeds):
    """Losses that fall by a tenth with every epoch are still falling at the end."""
    noise = np.random.default_rng(0).normal(0, 0.001, (seeds, 10))
    assert find_plateau(0.9 ** np.arange(10) + noise).still_improving


@pytest.mark.parametrize("seeds", [1, 3])
def test_flat_curves_are_not_improving(seeds):
    """Losses that fell in the first half and then stay are not falling at the end."""
    curve = np.maximum(0.7 ** np.arange(20), 0.1)
    noise = np.random.default_rng(1).normal(0, 0.001, (seeds, 20))
    assert not find_plateau(curve + noise).still_improving


def test_a_certain_but_tiny_fall_is_none():
    """A fall of a thousandth of the loss is called none, however sure it is."""
    assert not find_plateau(np.array([[1.0, 0.9999, 0.9998, 0.9997, 0.999]] * 3)).still_improving


def test_a_single_seed_with_few_epochs_must_fall_in_all():
    """With fewer than six epochs of one seed, three falls in a row are needed; two epochs say nothing."""
    assert find_plateau(np.array([[3.0, 2.0, 1.0]])).still_improving
    assert not find_plateau(np.array([[3.0, 1.0, 2.0, 0.5]])).still_improving
    assert not find_plateau(np.array([[3.0, 1.0]])).still_improving


def test_one_epoch_is_its_own_plateau():
    """Of one epoch nothing else is known."""
    plateau = find_plateau(np.array([[1.0], [2.0]]))
    assert (plateau.epoch, plateau.best_epoch, plateau.still_improving) == (1, 1, False)


def test_noise_alone_is_rarely_called_improving():
    """Of curves of pure noise, no more than 5 % are called improving, for one seed as for five."""
    rng = np.random.default_rng(2)
    for seeds in (1, 5):
        calls = [find_plateau(1 + rng.normal(0, 0.1, (seeds, 15))).still_improving for _ in range(1000)]
        assert np.mean(calls) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)


def test_epochs_without_a_loss_are_left_out():
    """From the first epoch on in which a seed's loss is not finite, nothing is looked at."""
    broken = np.array([[2.0, 1.0, np.inf, 0.1], [2.0, 1.1, 0.5, 0.1]])
    assert find_plateau(broken).best_epoch == 2


def test_curves_are_cut_to_the_shortest():
    """Seeds that patience stopped at different epochs are compared as far as all of them go."""
    assert stack_curves([(3.0, 2.0, 1.0), (3.0, 1.0)]).tolist() == [[3.0, 2.0], [3.0, 1.0]]
    assert stack_curves([]).shape == (0, 0)


def test_folds_are_averaged():
    """The curve of a seed is the mean over its folds, as far as all go; without one of them it has none."""
    curves = average_folds([(3, (4.0, 2.0)), (1, (3.0, 1.0)), (3, (2.0, 0.0, 9.0))], folds=2)
    assert {seed: curve.tolist() for seed, curve in curves.items()} == {3: [3.0, 1.0]}
    assert average_folds([], folds=2) == {}


@pytest.mark.parametrize("losses", [np.zeros((0, 3)), np.zeros((2, 0)), np.array([[np.nan, 1.0]])])
def test_nothing_to_look_at_is_refused(losses):
    """Without a seed, or without an epoch in which all losses are finite, there is no plateau."""
    with pytest.raises(ValueError, match="at least one seed, finite for at least one epoch, received"):
        find_plateau(losses)

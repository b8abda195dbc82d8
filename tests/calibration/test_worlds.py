from dataclasses import replace

import numpy as np
import pytest

from bakeoff.calibration.worlds import (
    Training,
    World,
    accuracy_on,
    difference_sd,
    run_sd,
    seed_quadrature,
    shift_on,
    world_with,
)

NOISES = [Training(), Training(0.5), Training(0.5, "t3"), Training(0.5, "skew")]


@pytest.mark.parametrize("training", NOISES, ids=str)
def test_accuracy_on_the_population_agrees_with_brute_force(training):
    """The quadrature gives the share of hits of very many networks on very many images."""
    world, rng = World(images=4000), np.random.default_rng(1)
    rates = [training.train(world.draw(1, rng)[0], 5, rng).mean() for _ in range(400)]
    assert np.mean(rates) == pytest.approx(world.accuracy(training), abs=4 * np.std(rates) / 20)


@pytest.mark.parametrize("training", NOISES, ids=str)
def test_accuracy_on_these_images_agrees_with_brute_force(training):
    """The quadrature gives the share of hits of very many networks on the same images."""
    logits, rng = World(images=300).draw(1, np.random.default_rng(2))[0], np.random.default_rng(3)
    rates = training.train(logits, 20_000, rng).mean(axis=1)
    assert rates.mean() == pytest.approx(accuracy_on(logits, training), abs=4 * rates.std() / np.sqrt(20_000))


@pytest.mark.parametrize("training", NOISES, ids=str)
def test_shifts_have_the_standard_deviation_asked_for(training):
    """Quadrature and draws agree on mean 0 and the standard deviation, whatever the shape."""
    nodes, weights = seed_quadrature(training)
    drawn = training.shifts(200_000, np.random.default_rng(4))
    assert weights @ nodes == pytest.approx(0, abs=0.01)
    assert np.sqrt(weights @ nodes**2) == pytest.approx(training.seed_sd, rel=0.05)
    assert drawn.mean() == pytest.approx(0, abs=0.01)
    assert drawn.std() == pytest.approx(training.seed_sd, rel=0.25 if training.shape == "t3" else 0.05)


def test_two_recipes_can_be_made_equal_exactly():
    """After the shift, the true accuracies are the same on these images, and on the population."""
    world, rng, training = world_with(0.05, images=700), np.random.default_rng(5), Training(0.5)
    first, second = world.draw(2, rng)
    shift = shift_on(second, training, accuracy_on(first, training))
    assert shift != pytest.approx(0, abs=1e-3)
    assert accuracy_on(second + shift, training) == pytest.approx(accuracy_on(first, training), abs=1e-7)
    noisier = Training(1.5, "skew")
    away = world.shift_for(noisier, world.accuracy(training))
    assert world.accuracy(noisier, away) == pytest.approx(world.accuracy(training), abs=1e-8)


@pytest.mark.parametrize("error", [0.005, 0.02, 0.1])
def test_a_world_has_the_error_rate_asked_for(error):
    """Without seed noise a recipe errs on this share of the population, and hard images are as many as promised."""
    world = world_with(error, images=100)
    assert world.accuracy(Training()) == pytest.approx(1 - error, abs=1e-9)
    assert world.hard_share == 2 * error


@pytest.mark.parametrize("seed_sd", [0.0, 0.5])
def test_standard_deviation_of_a_difference_agrees_with_brute_force(seed_sd):
    """What an oracle knows is what very many studies show."""
    world, training, rng = world_with(0.1, images=300), Training(seed_sd), np.random.default_rng(6)
    differences = [
        training.train(a, 3, rng).mean() - training.train(b, 3, rng).mean()
        for a, b in (world.draw(2, rng) for _ in range(4000))
    ]
    known = difference_sd(world, (training, training), shift=0.0, runs=3, rng=np.random.default_rng(7))
    assert known == pytest.approx(np.std(differences), rel=0.05)


def test_standard_deviation_of_runs_agrees_with_brute_force():
    """The spread of accuracies on one test set, as many runs show it on average over test sets."""
    world, training, rng = world_with(0.1, images=300), Training(0.5), np.random.default_rng(8)
    spreads = [training.train(world.draw(1, rng)[0], 50, rng).mean(axis=1).var(ddof=1) for _ in range(300)]
    assert run_sd(world, training, rng=np.random.default_rng(9)) == pytest.approx(np.sqrt(np.mean(spreads)), rel=0.05)


def test_images_of_a_group_are_alike():
    """With groups, logits within a group correlate, and the population stays the same."""
    world = replace(World(images=50_000, hard_share=0.0), group=10, correlation=0.3)
    logits = world.draw(1, np.random.default_rng(10))[0].reshape(-1, 10)
    assert np.corrcoef(logits[:, 0], logits[:, 1])[0, 1] == pytest.approx(0.3, abs=0.05)
    assert logits.var() == pytest.approx(1.5, rel=0.05)
    assert world.groups[9:11].tolist() == [0, 1]


def test_no_errors_can_be_matched():
    """Where one recipe errs on no image, the other is shifted until it errs on none either."""
    training = Training(0.25)
    sure = np.full(50, 30.0)
    assert accuracy_on(sure, training) == 1
    assert accuracy_on(np.zeros(50) + shift_on(np.zeros(50), training, 1.0), training) == 1

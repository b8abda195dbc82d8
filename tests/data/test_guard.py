import numpy as np
import pytest
from scipy import stats
from scipy.spatial import KDTree

from bakeoff.data import load_dataset, make_dataset
from bakeoff.data.duplicates import count_repeats, identify_images
from bakeoff.data.guard import class_counts, count_constant_pixels, inspect_dataset
from bakeoff.data.near_duplicates import closest_by_nature
from bakeoff.data.neighbours import ask_neighbours, map_classes, measure_agreement, sum_blocks
from bakeoff.spec.record import SamePair

REAL = ("digits", "mnist-5k")


def _change(dataset, **changed):
    """The same data with other arrays."""
    arrays = {
        name: getattr(dataset, name).copy() for name in ("train_images", "train_labels", "test_images", "test_labels")
    }
    return make_dataset(
        name="changed", **{**arrays, **changed}, class_names=dataset.class_names, licence="none", source="test"
    )


def _flat(train, train_labels, test, test_labels):
    """A data set of images with one pixel."""
    images = [np.array(values, np.uint8).reshape(-1, 1, 1) for values in (train, test)]
    return make_dataset(
        name="flat",
        train_images=images[0],
        train_labels=train_labels,
        test_images=images[1],
        test_labels=test_labels,
        licence="none",
        source="test",
    )


@pytest.mark.parametrize("name", REAL)
def test_good_data_are_found_good(name):
    """Real digits have no leak, no contradiction and no moved class, and neighbours agree with their labels."""
    facts = inspect_dataset(load_dataset(name))
    assert (facts.leaked, facts.contradicting, facts.test_mapping, facts.near_duplicates or 0) == (0, 0, (), 0)
    assert min(facts.neighbour_accuracy, facts.test_neighbour_accuracy) > 0.9
    assert max(facts.neighbour_chance, facts.test_neighbour_chance) < 0.2


def test_the_same_data_give_the_same_facts():
    """Two inspections agree to the last digit."""
    assert inspect_dataset(load_dataset("digits")) == inspect_dataset(load_dataset("digits"))


@pytest.mark.parametrize("name", REAL)
def test_a_planted_duplicate_is_named(name):
    """A training image copied into the test set is the one leak, named by both indices; its new label contradicts."""
    dataset = load_dataset(name)
    images, labels = dataset.test_images.copy(), dataset.test_labels.copy()
    images[7] = dataset.train_images[123]
    label = int(dataset.train_labels[123])
    labels[7] = (label + 1) % 10
    facts = inspect_dataset(_change(dataset, test_images=images, test_labels=labels))
    pair = {"label": int(labels[7]), "other_label": label}
    assert (facts.leaked, facts.contradicting) == (1, 1)
    assert facts.leaked_pairs == (SamePair(split="test", index=7, other_split="train", other_index=123, **pair),)
    swapped = {"label": label, "other_label": int(labels[7])}
    assert facts.contradicting_pairs == (
        SamePair(split="train", index=123, other_split="test", other_index=7, **swapped),
    )


def test_leaks_and_contradictions_by_hand():
    """Training 5 5 6 7, test 6 7 7 8: three leaks, each with its first partner; 5 and 7 have two labels each."""
    facts = inspect_dataset(_flat([5, 5, 6, 7], [0, 1, 1, 0], [6, 7, 7, 8], [1, 0, 1, 1]))
    pairs = [(pair.index, pair.other_index) for pair in facts.leaked_pairs]
    assert (facts.leaked, pairs) == (3, [(0, 2), (1, 3), (2, 3)])
    twice = [(pair.split, pair.index, pair.other_split, pair.other_index) for pair in facts.contradicting_pairs]
    assert (facts.contradicting, twice) == (2, [("train", 0, "train", 1), ("train", 3, "test", 2)])


def test_only_twenty_pairs_are_kept():
    """The number is that of all, the pairs are the first twenty."""
    facts = inspect_dataset(_flat(range(30), [0, 1] * 15, range(30), [0, 1] * 15))
    assert (facts.leaked, [pair.index for pair in facts.leaked_pairs]) == (30, list(range(20)))


def test_repeats_within_a_split():
    """Every copy after the first counts."""
    identities = identify_images(_flat([5, 5, 5, 7], [0, 0, 1, 1], [7, 8, 8], [0, 0, 0]))
    assert (count_repeats(identities.train), count_repeats(identities.test)) == (2, 1)


def test_class_counts_include_empty_classes():
    """A class without images counts 0."""
    assert class_counts(np.array([2, 0, 2]), 4).tolist() == [1, 0, 2, 0]


def test_constant_pixels_by_brute_force():
    """Counted as by sorting out every pixel's commonest value, with rare changes in the first images, too."""
    rng = np.random.default_rng(3)
    images = np.full((5000, 3, 4, 1), 9, np.uint8)
    for place in range(11):
        images[rng.choice(5000, place, replace=False), place // 4, place % 4] = 200
    images[: len(images) // 2, 2, 3] = 1
    values = images.reshape(5000, 12)
    differing = np.array([5000 - np.bincount(column).max() for column in values.T])
    expected = (int((differing == 0).sum()), int((differing < 5).sum()))
    assert expected == (1, 5)  # 0 to 10 changes per pixel, and one that changes half the time
    assert count_constant_pixels(images) == expected


@pytest.mark.parametrize("name", REAL)
def test_swapped_and_shifted_test_labels_are_mapped(name):
    """Two swapped classes are named, and so is a shift by one."""
    dataset = load_dataset(name)
    labels = dataset.test_labels
    swapped = np.select([labels == 3, labels == 5], [5, 3], labels)
    assert ask_neighbours(_change(dataset, test_labels=swapped)).mapping == (0, 1, 2, 5, 4, 3, 6, 7, 8, 9)
    shifted = ask_neighbours(_change(dataset, test_labels=(labels + 1) % 10))
    assert shifted.mapping == (9, 0, 1, 2, 3, 4, 5, 6, 7, 8)


@pytest.mark.parametrize("name", REAL)
def test_shuffled_labels_look_random(name):
    """With shuffled training labels neighbours agree no more than chance, and nobody speaks of moved classes."""
    dataset = load_dataset(name)
    shuffled = np.random.default_rng(5).permutation(dataset.train_labels)
    facts = inspect_dataset(_change(dataset, train_labels=shuffled))
    assert facts.neighbour_accuracy <= facts.neighbour_chance
    assert facts.test_mapping == ()


def test_too_few_images_say_nothing():
    """Six images per class cannot tell slight agreement from chance."""
    facts = inspect_dataset(_flat(range(12), [0, 1] * 6, range(100, 112), [0, 1] * 6))
    assert (facts.neighbour_accuracy, facts.neighbour_chance, facts.near_duplicates) == (None, None, None)


def test_chance_is_the_binomial_quantile():
    """The bound is SciPy's quantile at the sum of products of the margins."""
    confusion = np.array([[300, 100], [200, 400]])
    agreement = measure_agreement(confusion)
    assert agreement.accuracy == 0.7
    assert agreement.chance == stats.binom.ppf(0.999, 1000, 0.4 * 0.5 + 0.6 * 0.5) / 1000
    assert measure_agreement(np.zeros((2, 2), dtype=int)) is None
    assert measure_agreement(np.diag([100, 0])) is None


@pytest.mark.slow
def test_random_labels_seldom_beat_chance():
    """Of 4,000 shuffles of unbalanced labels about 4 may; 12 or more would have a probability below 0.1 %."""
    rng = np.random.default_rng(11)
    votes = rng.choice(3, 900, p=[0.6, 0.3, 0.1])
    labels = rng.choice(3, 900, p=[0.2, 0.3, 0.5])
    beaten = 0
    for _ in range(4000):
        confusion = np.bincount(3 * rng.permutation(labels) + votes, minlength=9).reshape(3, 3)
        agreement = measure_agreement(confusion)
        beaten += agreement.accuracy > agreement.chance
    assert beaten < 12


def test_classes_that_look_alike_are_not_moved():
    """No mapping where training labels do not agree either, nor where two classes would look like one."""
    alike = np.array([[50, 60], [50, 60]])
    assert map_classes(alike, np.array([[10, 90], [90, 10]])) == ()
    assert map_classes(np.diag([99, 99, 99]), np.array([[90, 0, 0], [80, 1, 0], [0, 0, 90]])) == ()


def test_a_class_without_test_images_is_not_moved():
    """Labels shifted upwards with none left of class 0: the others are mapped, class 0 to itself."""
    test = np.array([[0, 0, 0], [80, 1, 0], [0, 80, 1]])
    assert map_classes(np.diag([99, 99, 99]), test) == (0, 0, 1)


def test_blocks_cover_every_pixel():
    """Sums over blocks add up to the image's sum, whatever the side; side 1 is the image."""
    images = np.random.default_rng(0).integers(0, 256, (3, 7, 5, 3)).astype(np.uint8)
    for side in (1, 2, 3, 9):
        assert np.array_equal(sum_blocks(images, side).sum(axis=1), images.sum(axis=(1, 2, 3)))
    assert np.array_equal(sum_blocks(images, 1), images.reshape(3, -1))


def test_a_noisy_copy_is_a_near_duplicate():
    """A training image with slight noise in the test set is named; nothing else is."""
    dataset = load_dataset("digits")
    images, rng = dataset.test_images.copy(), np.random.default_rng(2)
    noisy = dataset.train_images[11].astype(int) + rng.integers(-3, 4, dataset.image_shape)
    images[7] = noisy.clip(0, 255)
    facts = inspect_dataset(_change(dataset, test_images=images))
    assert facts.leaked == 0
    assert [(pair.index, pair.other_index) for pair in facts.near_pairs] == [(7, 11)]
    assert facts.near_duplicates == 1


def test_near_duplicates_need_room():
    """Where images of one class lie as near to each other as copies do, near-duplicates are not looked for."""
    facts = inspect_dataset(load_dataset("mnist-5k"))
    assert (facts.near_duplicates, facts.near_pairs) == (None, ())


@pytest.mark.slow
def test_nature_seldom_comes_below_its_bound():
    """Points of a cube: in 400 worlds the nearest of all pairs is below the bound at most 4 times (nominal 0.4)."""
    rng = np.random.default_rng(17)
    nearer = 0
    for _ in range(400):
        references, queries, tests = (rng.random((600, 3)) for _ in range(3))
        bound = closest_by_nature(_nearest(queries, references), searched=600)
        nearer += _nearest(tests, references).min() < bound
    assert nearer <= 4


def _nearest(points, references):
    return KDTree(references).query(points)[0]


@pytest.mark.parametrize("distances", [np.ones(399), np.ones(1000)])
def test_no_bound_without_a_tail(distances):
    """Too few distances, or all equal, give no bound."""
    assert closest_by_nature(distances, searched=1) == 0

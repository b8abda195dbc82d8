import numpy as np
import pytest

from bakeoff.comparison import weigh
from bakeoff.comparison.across import compare_across
from bakeoff.errors import StudyError
from bakeoff.spec import parse_study
from bakeoff.spec.record import DataEntry
from bakeoff.stats import adjust_holm

STUDY = """
name: across
data: DATA
protocol: {seeds: 5, margin: 0.0, validation: {holdout: 0.2}}
models:
  good: {mlp: {hidden: [1]}}
  bad: {mlp: {hidden: [2]}}
"""
IMAGES = 400


def _entry(name):
    """What is remembered of a data set of this name."""
    return DataEntry(
        reference=name,
        fingerprint="f" * 64,
        class_names=("no", "yes"),
        image_shape=(8, 8, 1),
        train=100,
        test=IMAGES,
    )


@pytest.fixture
def on(make_evidence):
    """The comparison of `good` and `bad` on a data set of this name, with these accuracies."""

    def on(name, good, bad, *, seed):
        study = parse_study(STUDY.replace("DATA", name)).study
        rng = np.random.default_rng(seed)
        hits = {
            model: (rng.random((5, IMAGES)) < share).astype(int).tolist()
            for model, share in (("good", good), ("bad", bad))
        }
        return weigh(study, _entry(name), make_evidence(study, hits))

    return on


def test_few_data_sets_say_nothing_in_general(on):
    """On two data sets the same model wins: two verdicts on these, none about others."""
    across = compare_across([on("digits", 0.9, 0.6, seed=1), on("mnist", 0.9, 0.7, seed=2)])
    assert across.datasets == ("digits", "mnist")
    (pair,) = across.pairs
    assert [here.verdict for here in pair.on] == ["a better", "a better"]
    assert (across.together.general, pair.general.verdict) == (False, "undecided")


def test_p_values_are_corrected_over_data_sets_and_pairs(on):
    """Holm's correction runs over everything that is said."""
    comparisons = [on("digits", 0.9, 0.6, seed=1), on("mnist", 0.9, 0.88, seed=2), on("kmnist", 0.9, 0.9, seed=3)]
    (pair,) = compare_across(comparisons).pairs
    expected = adjust_holm(np.array([each.pairs[0].p for each in comparisons]))
    assert [here.p_adjusted for here in pair.on] == pytest.approx(expected)


def test_the_winner_is_named_from_the_same_side_everywhere(on):
    """Where the second model of the study leads, it is `b` that is better, whatever the leaderboard's order there."""
    across = compare_across([on("digits", 0.9, 0.6, seed=1), on("mnist", 0.6, 0.9, seed=2)])
    (pair,) = across.pairs
    assert [here.verdict for here in pair.on] == ["a better", "b better"]
    assert pair.on[1].difference.value < 0


def test_six_data_sets_can_say_something_in_general(on):
    """If one model is ahead on all of six, the signed-rank test has p = 1/32."""
    names = ("digits", "mnist", "kmnist", "cifar10", "fashion-mnist", "mnist-5k")
    across = compare_across([on(name, 0.9, 0.6, seed=place) for place, name in enumerate(names)])
    assert across.together.general
    assert across.pairs[0].general.p == pytest.approx(1 / 32)
    assert across.pairs[0].general.verdict == "a better"


def test_what_cannot_be_put_together_is_refused(on):
    """One data set, the same twice: said, not computed."""
    digits = on("digits", 0.9, 0.6, seed=1)
    with pytest.raises(StudyError, match=r"^name at least two different data sets, got digits$"):
        compare_across([digits])
    with pytest.raises(StudyError, match=r"^name at least two different data sets, got digits, digits$"):
        compare_across([digits, digits])


def test_a_failed_seed_counts_as_zero(make_evidence):
    """`bad` collapses in four of five seeds; its one good run does not make it better in general on six data sets."""
    comparisons = []
    for place, name in enumerate(("digits", "mnist", "kmnist", "cifar10", "fashion-mnist", "mnist-5k")):
        study, rng = parse_study(STUDY.replace("DATA", name)).study, np.random.default_rng(place)
        runs = [(rng.random((5, IMAGES)) < share).astype(int).tolist() for share in (0.8, 0.95)]
        hits = {"good": runs[0], "bad": [runs[1][0], *["collapsed"] * 4]}
        comparisons.append(weigh(study, _entry(name), make_evidence(study, hits)))
    (pair,) = compare_across(comparisons).pairs
    assert pair.general.verdict == "a better"
    assert pair.general.difference_median == pytest.approx(0.8 - 0.95 / 5, abs=0.05)

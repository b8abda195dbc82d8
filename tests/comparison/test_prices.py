"""What would decide a pair, with spreads that are chosen such that the answer can be reckoned by hand."""

import math

import numpy as np
import pytest

from bakeoff.comparison.pair_tests import PairTest
from bakeoff.comparison.pairs import judge_pairs
from bakeoff.comparison.prices import price_pair
from bakeoff.comparison.samples import Sample
from bakeoff.stats import ScoreSummary, price_of_certainty, summarize_scores

IMAGES = 10_000


def _sample(name, mean=0.9, *, run_variance=9e-6, runs=4, item=0.0, failed=0, broken=0):
    """A model of this mean; the variance of its run means is given, and `item` what the images add to that of all."""
    swing = math.sqrt(item * (IMAGES - 1))
    signs = np.where(np.arange(IMAGES) % 2, 1.0, -1.0)
    summary = ScoreSummary(np.full(runs, mean), mean + swing * signs, run_variance, 0.0, is_binary=False)
    return Sample(
        name=name,
        cell=name,
        images=IMAGES,
        summary=summary if runs else None,
        failed=failed,
        broken=broken,
        fold_scores=np.empty(0),
        test_to_train=math.nan,
    )


def _test(basis="seeds and images", p=0.3):
    return PairTest(
        a="a",
        b="b",
        basis=basis,
        a_leads=True,
        p=p,
        p_equivalent=math.nan,
        difference=None,
        difference_this_test_set=None,
        probability_a_better=None,
        reason="",
    )


def _price(a, b, *, alpha=0.05, margin=0.0, seconds=10.0, **test):
    return price_pair(_test(**test), a, b, alpha=alpha, margin=margin, seconds=seconds)


def _price_of_ranks(a, b, *, p=0.2, alpha=0.05):
    return _price(a, b, basis="ranks", p=p, alpha=alpha)


def test_more_seeds_are_those_beyond_the_present_ones():
    """No difference, run sd 0.003, margin 0.005: 8 seeds decide, (1.7613 + 1.3450) x 0.0015 = 0.00466; 4 are there."""
    price = _price(_sample("a"), _sample("b"), margin=0.005)
    assert (price.seeds, price.seconds) == (4, 40.0)
    assert price.reason == "more seeds would decide"


def test_seeds_of_the_shorter_model_are_counted():
    """Where one model has 3 seeds and the other 6, 8 of each are 5 more for the first."""
    price = _price(_sample("a", runs=3), _sample("b", runs=6), margin=0.005)
    assert price.seeds == 5
    assert _price(_sample("a", runs=6), _sample("b", runs=3), margin=0.005) == price


def test_a_stricter_level_costs_more():
    """The error rate that the other pairs leave is the one that counts."""
    a, b = _sample("a", 0.905), _sample("b")
    seeds = [_price(a, b, alpha=alpha).seeds for alpha in (0.05, 0.05 / 3, 0.05 / 136)]
    assert seeds == [price_of_certainty(a.summary, b.summary, alpha=x).seeds - 4 for x in (0.05, 0.05 / 3, 0.05 / 136)]
    assert seeds[0] < seeds[1] < seeds[2]


def test_an_open_pair_never_costs_nothing():
    """Ten standard errors apart and undecided all the same: one more seed is asked for, at least."""
    price = _price(_sample("a", 0.95), _sample("b"))
    assert (price.seeds, price.seconds, price.reason) == (1, 10.0, "the present seeds would decide")


def test_unknown_seconds_stay_unknown():
    """If no run trained, the seeds are known and their price is not."""
    price = _price(_sample("a"), _sample("b"), margin=0.005, seconds=math.nan)
    assert (price.seeds, price.seconds) == (4, None)


def test_more_images_where_seeds_cannot_decide():
    """d 0.01, image variance 4e-5 on 10,000 images: 2.8016^2 x 4e-5 / 1e-4 times as many, and no number of seeds."""
    price = _price(_sample("a", 0.91, item=4e-5), _sample("b"))
    assert (price.seeds, price.seconds) == (None, None)
    assert price.images == math.ceil(IMAGES * 4e-5 * (1.959963985 + 0.841621234) ** 2 / 1e-4)
    assert price.reason == "more seeds cannot decide: more test images would"


def test_nothing_decides_between_equals():
    """No difference and no margin: neither seeds nor images, and the reason."""
    price = _price(_sample("a"), _sample("b"))
    assert (price.seeds, price.seconds, price.images) == (None, None, None)
    assert price.reason == "the difference is 0: neither seeds nor images can decide"


@pytest.mark.parametrize(("alpha", "needed"), [(0.05, 4), (0.0286, 4), (0.0285, 5), (0.05 / 3, 5), (0.05 / 136, 8)])
def test_ranks_need_the_seeds_that_can_reach_the_level(alpha, needed):
    """2 of 6, 20, 70, 252, 924, 3,432, 12,870 orders are the most extreme: 2/70 = 0.02857, 2/252 = 0.0079."""
    assert 2 / math.comb(2 * needed, needed) < alpha <= 2 / math.comb(2 * needed - 2, needed - 1)
    price = _price_of_ranks(_sample("a", runs=2), _sample("b", runs=2), alpha=alpha)
    assert (price.seeds, price.seconds) == (needed - 2, 10.0 * (needed - 2))
    assert (price.images, price.reason) == (None, "more seeds may decide")


def test_failed_seeds_are_ranked_and_counted():
    """One finished and two collapsed seeds are three results; a crashed one is none. Four are needed."""
    assert _price_of_ranks(_sample("a", runs=1, failed=2, broken=5), _sample("b", runs=9)).seeds == 1
    assert _price_of_ranks(_sample("a", runs=0, failed=2), _sample("b", runs=9)).seeds == 2


def test_ranks_without_a_tendency_have_no_price():
    """A p-value above one half gives no hope to more seeds; one half itself does."""
    a, b = _sample("a", runs=3), _sample("b", runs=2, failed=1)
    price = _price_of_ranks(a, b, p=0.51)
    assert (price.seeds, price.seconds, price.images) == (None, None, None)
    assert price.reason == "their ranks show no tendency"
    assert _price_of_ranks(a, b, p=0.5).seeds == 1


@pytest.mark.parametrize(("basis", "p"), [("none", math.nan), ("folds", 0.3)])
def test_other_tests_have_no_price(basis, p):
    """Folds overlap however many seeds there are, and where nothing is tested nothing can be reckoned."""
    assert _price(_sample("a"), _sample("b"), margin=0.005, basis=basis, p=p) is None


def _cross(name, mean, *, seed):
    """Ten runs about a mean, a point apart at the most, on the same images."""
    images = np.linspace(0, 1, 2000)
    means = mean + np.random.default_rng(seed).uniform(-0.005, 0.005, 10)
    scores = (images < means[:, None]).astype(float)
    return Sample(name, name, 2000, summarize_scores(scores), 0, 0, np.empty(0), math.nan)


def test_only_open_pairs_have_a_price():
    """Of three pairs two are decided; the third is priced at the whole error rate and at the seconds of its own two."""
    samples = [_cross("a", 0.9, seed=0), _cross("b", 0.899, seed=1), _cross("c", 0.6, seed=2)]
    seconds = {"a": 1.0, "b": 20.0, "c": 300.0}
    pairs = judge_pairs(samples, margin=0.0, level=0.95, seconds=seconds)
    assert [(pair.a, pair.b, pair.verdict) for pair in pairs] == [
        ("a", "b", "undecided"),
        ("a", "c", "a better"),
        ("b", "c", "a better"),
    ]
    assert [pair.price is None for pair in pairs] == [False, True, True]
    needed = price_of_certainty(samples[0].summary, samples[1].summary, alpha=0.05).seeds
    assert (pairs[0].price.seeds, pairs[0].price.seconds) == (needed - 10, 21.0 * (needed - 10))


def test_open_pairs_share_the_error_rate():
    """Three models alike: three open pairs, each with a third of the error rate."""
    samples = [_cross("a", 0.9, seed=0), _cross("b", 0.899, seed=1), _cross("c", 0.898, seed=2)]
    pairs = judge_pairs(samples, margin=0.0, level=0.95, seconds=dict.fromkeys("abc", 1.0))
    assert [pair.verdict for pair in pairs] == ["undecided"] * 3
    by_name = {sample.name: sample.summary for sample in samples}
    expected = [price_of_certainty(by_name[pair.a], by_name[pair.b], alpha=0.05 / 3) for pair in pairs]
    assert [pair.price.images for pair in pairs] == [price.images for price in expected]
    assert [pair.price.seeds for pair in pairs] == [price.seeds and max(1, price.seeds - 10) for price in expected]

import itertools

import baycomp
import numpy as np
import pytest
from scipy import stats

from bakeoff.stats.datasets import compare_datasets, critical_difference, friedman

# Case C3 of the project's statistics notes: Demsar (2006), Table 6; C4.5, C4.5+m, C4.5+cf, C4.5+m+cf.
DEMSAR = (
    np.array(
        [
            [763, 768, 771, 798],
            [599, 591, 590, 569],
            [954, 971, 968, 967],
            [628, 661, 654, 657],
            [882, 888, 886, 898],
            [936, 931, 916, 931],
            [661, 668, 609, 685],
            [583, 583, 563, 625],
            [775, 838, 866, 875],
            [1000, 1000, 1000, 1000],
            [940, 962, 965, 962],
            [619, 666, 614, 669],
            [972, 981, 975, 975],
            [957, 978, 946, 970],
        ]
    )
    / 1000
)
VOTING = 12


def _readme() -> np.ndarray:
    """Case C11: the six populations of autorank's README."""
    rng = np.random.RandomState(42)
    return np.stack([rng.normal(mean, 0.3, 50).clip(0, 1) for mean in (0.2, 0.3, 0.5, 0.8, 0.85, 0.9)], axis=1)


def test_friedman_of_the_printed_table() -> None:
    """Case C3 as printed: ranks, Demsar's chi-square and F, and the tie-corrected chi-square (by SciPy)."""
    result = friedman(DEMSAR)
    assert result.mean_ranks == pytest.approx([3.1429, 2.0, 2.9286, 1.9286], abs=5e-5)
    assert (result.chi_square, result.f, result.p) == pytest.approx((9.8571, 3.9867, 0.01435), abs=5e-5)
    assert result.p_chi_square == pytest.approx(stats.chi2.sf(9.857142857, 3))
    assert (result.chi_square_ties, result.p_chi_square_ties) == pytest.approx((10.9524, 0.01199), abs=5e-5)
    by_scipy = stats.friedmanchisquare(*DEMSAR.T)
    assert (result.chi_square_ties, result.p_chi_square_ties) == pytest.approx(tuple(by_scipy))
    assert (result.datasets, result.models) == (14, 4)


def test_friedman_of_the_papers_figures() -> None:
    """Case C3 with the tie that rounding made in "voting" broken: the figures of the paper."""
    table = DEMSAR.copy()
    table[VOTING, 2] += 1e-4
    result = friedman(table)
    assert result.mean_ranks == pytest.approx([3.143, 2.0, 2.893, 1.964], abs=5e-4)
    assert (result.chi_square, result.f, result.p) == pytest.approx((9.2786, 3.6863, 0.0198), abs=5e-5)


def test_friedman_of_the_autorank_readme() -> None:
    """Case C11: mean ranks and the tie-corrected p-value as the README prints them, and as autorank computes them."""
    result = friedman(_readme())
    assert result.mean_ranks[::-1] == pytest.approx([2.18, 2.29, 2.47, 3.95, 4.71, 5.40], abs=1e-9)
    assert result.p_chi_square_ties == pytest.approx(2.3412212612346733e-28, rel=1e-9)


def test_f_is_the_analysis_of_variance_of_the_ranks() -> None:
    """Without ties, Iman and Davenport's F is the F of the two-way analysis of variance on the ranks."""
    scores = np.random.default_rng(1).random((9, 4))
    ranks = np.argsort(np.argsort(-scores, axis=1), axis=1) + 1.0
    between = 9 * ((ranks.mean(axis=0) - 2.5) ** 2).sum() / 3
    rest = ((ranks - ranks.mean(axis=0)) ** 2).sum() / 24
    result = friedman(scores)
    assert result.f == pytest.approx(between / rest)
    assert result.p == pytest.approx(stats.f.sf(between / rest, 3, 24))
    assert result.chi_square_ties == pytest.approx(result.chi_square)


def test_complete_agreement_has_no_zero_p() -> None:
    """Seven data sets with the same order of three models: infinite F, p = (1/6)^6, the chance of such agreement."""
    result = friedman(np.tile([0.9, 0.8, 0.7], (7, 1)))
    assert (result.f, result.chi_square) == (np.inf, pytest.approx(14))
    assert result.p == pytest.approx(6.0**-6)


def test_all_tied_is_no_difference() -> None:
    """Equal scores everywhere, but for rounding: middle ranks, statistics 0 and p 1, no warning."""
    result = friedman(np.tile([0.1 + 0.2, 0.3, 0.3], (6, 1)))
    assert result.mean_ranks.tolist() == [2, 2, 2]
    assert (result.chi_square, result.f, result.p, result.chi_square_ties, result.p_chi_square_ties) == (0, 0, 1, 0, 1)


def test_critical_difference_of_known_cases() -> None:
    """Nemenyi's critical difference of cases C3 and C11."""
    assert critical_difference(4, datasets=14) == pytest.approx(1.2536, abs=5e-5)
    assert critical_difference(4, datasets=14, alpha=0.1) == pytest.approx(1.1181, abs=5e-5)
    assert critical_difference(6, datasets=50) == pytest.approx(1.0662484349869374, abs=5e-5)


def test_pairs_of_the_printed_table() -> None:
    """Case C3: Wilcoxon with split zeros for C4.5 against C4.5+m, p .01097; Holm over six pairs."""
    result = compare_datasets(DEMSAR)
    pair = result.pairs[0]
    assert (pair.a, pair.b) == (0, 1)
    assert pair.p == pytest.approx(0.01097, abs=5e-6)
    assert pair.difference_median == pytest.approx(np.median(DEMSAR[:, 0] - DEMSAR[:, 1]))
    ordered = sorted(result.pairs, key=lambda pair: pair.p)
    assert ordered[0].p_adjusted == pytest.approx(6 * ordered[0].p)
    assert pair.reason == "a ahead on 2 of 14 data sets, b on 10; signed ranks, Holm"
    assert (result.general, result.friedman.datasets) == (True, 14)
    assert result.reason == "14 data sets, taken as a sample of data sets like these"


def test_the_rank_sum_of_the_printed_table() -> None:
    """Case C3: with zeros split, the smaller rank sum of C4.5 against C4.5+m is 12, worked out by hand."""
    gap = np.round(DEMSAR[:, 0] - DEMSAR[:, 1], 12)
    ranks = stats.rankdata(np.abs(gap))
    assert ranks[gap > 0].sum() + ranks[gap == 0].sum() / 2 == 12
    middle, spread = 14 * 15 / 4, np.sqrt(14 * 15 * 29 / 24 - (2**3 - 2) / 48 - 2 * 3 * 5 / 24)
    assert compare_datasets(DEMSAR).pairs[0].p == pytest.approx(2 * stats.norm.sf((middle - 12) / spread), rel=0.02)


@pytest.mark.parametrize("seed", range(6))
def test_signed_rank_p_is_the_share_of_sign_flips(seed: int) -> None:
    """Eight data sets without ties: p is the share of the 256 sign patterns that are as uneven as the one seen."""
    rng = np.random.default_rng(seed)
    scores = rng.random((8, 2)) + np.array([0.2, 0])
    gap = scores[:, 0] - scores[:, 1]
    ranks = stats.rankdata(np.abs(gap))
    sums = np.array([ranks @ signs for signs in itertools.product((-1, 1), repeat=8)])
    expected = (np.abs(sums) >= np.abs(ranks @ np.sign(gap))).mean()
    assert compare_datasets(scores).pairs[0].p == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(6))
def test_signed_rank_p_with_ties_is_the_share_of_sign_flips(seed: int) -> None:
    """Nine data sets with ties and zeros: the same count over sign patterns, shared ranks and zeros included."""
    gap = np.random.default_rng(seed).integers(-1, 4, 9) / 100
    ranks = stats.rankdata(np.abs(gap)) * (gap != 0)
    sums = np.array([ranks @ signs for signs in itertools.product((-1, 1), repeat=9)])
    expected = (np.abs(sums) >= np.abs(ranks @ np.sign(gap)) - 1e-9).mean()
    pair = compare_datasets(np.stack([0.5 + gap, np.full(9, 0.5)], axis=1)).pairs[0]
    assert pair.p == pytest.approx(expected)


@pytest.mark.parametrize("gap", [-0.05, 0.05])
def test_verdict_points_the_way_of_baycomp(gap: float) -> None:
    """Fifty-four made data sets (for case C6): a decided pair is one of which baycomp's signed-rank test is sure."""
    rng = np.random.default_rng(6)
    base = rng.uniform(0.6, 0.9, 54)
    scores = np.stack([base + gap + rng.normal(0, 0.04, 54), base], axis=1)
    pair = compare_datasets(scores).pairs[0]
    b_better, a_better = baycomp.SignedRankTest.probs(scores[:, 1], scores[:, 0], random_state=0)
    assert pair.verdict == ("a better" if gap > 0 else "b better")
    assert (a_better if gap > 0 else b_better) > 0.99
    assert np.sign(pair.difference_median) == np.sign(gap)


@pytest.mark.parametrize("datasets", [1, 2, 3, 5])
def test_few_data_sets_make_no_general_claim(datasets: int) -> None:
    """Five data sets or fewer: undecided however clear, whatever alpha, and the reason says so."""
    result = compare_datasets(np.tile([0.9, 0.5, 0.1], (datasets, 1)), alpha=0.5)
    assert (result.general, result.friedman, len(result.pairs)) == (False, None, 3)
    for pair in result.pairs:
        assert np.isnan([pair.p, pair.p_adjusted]).all()
        assert (pair.verdict, pair.difference_median) == ("undecided", pytest.approx(0.4 * (pair.b - pair.a)))
        assert pair.reason.startswith(f"on these {datasets} data set")
        assert pair.reason.endswith("no general claim from fewer than 6")


def test_smallest_p_values() -> None:
    """Why six: with all differences of one sign, p is 1/16 for five data sets (by SciPy) and 1/32 for six."""
    assert stats.wilcoxon(np.arange(1, 6)).pvalue == 0.0625
    pair = compare_datasets(np.array([[0.1 * k + 0.5, 0.5] for k in range(1, 6 + 1)])).pairs[0]
    assert (pair.p, pair.verdict) == (0.03125, "a better")


@pytest.mark.parametrize("datasets", [6, 13, 14, 40, 2000])
def test_ties_do_not_undercut_the_smallest_p(datasets: int) -> None:
    """Equal differences on all data sets: p is neither 0 nor below 2^(1 - datasets), the chance of one sign only."""
    pair = compare_datasets(np.tile([0.9, 0.8], (datasets, 1))).pairs[0]
    assert pair.p >= 2.0 ** (1 - datasets)
    assert pair.p > 0
    assert pair.verdict == "a better"


def test_too_many_pairs_for_the_data_sets_are_not_decided() -> None:
    """Six data sets and three pairs: 3/32 is above 5 %, so nothing can be decided, and the reason says so."""
    result = compare_datasets(np.tile([0.9, 0.5, 0.1], (6, 1)))
    assert [pair.verdict for pair in result.pairs] == ["undecided"] * 3
    assert not result.general
    assert result.reason == "on these 6 data sets: too few for 3 pairs, the smallest possible p-value is 0.031"
    assert result.friedman is not None


def test_equal_models_are_undecided() -> None:
    """The same scores twice: p 1, median 0, no warning; two models have no Friedman test."""
    result = compare_datasets(np.tile(np.linspace(0.5, 0.9, 8)[:, np.newaxis], (1, 2)))
    assert (result.pairs[0].p, result.pairs[0].verdict, result.pairs[0].difference_median) == (1, "undecided", 0)
    assert result.friedman is None


def test_swapping_the_models_swaps_the_answer() -> None:
    """Columns exchanged: opposite median and verdict, same p."""
    one, other = (compare_datasets(DEMSAR[:, order]).pairs[0] for order in ([0, 3], [3, 0]))
    assert (one.p, one.difference_median) == pytest.approx((other.p, -other.difference_median))
    assert (one.verdict, other.verdict) == ("b better", "a better")


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("function", [friedman, compare_datasets])
@pytest.mark.parametrize(
    ("scores", "words"),
    [
        (np.ones(5), r"two axes \(datasets, models\), at least . x 2, received shape \(5,\)"),
        (np.ones((7, 1)), r"at least . x 2, received shape \(7, 1\)"),
        (np.ones((0, 3)), r"at least . x 2, received shape \(0, 3\)"),
        (
            np.array([[1, 2], [np.nan, 1], [1, np.inf]]),
            r"finite, received other values for 2 of 3 data sets; leave out",
        ),
    ],
)
def test_what_is_no_table_of_scores_is_refused(function: object, scores: np.ndarray, words: str) -> None:
    """Wrong shapes and missing scores are named in the message."""
    with pytest.raises(ValueError, match=words):
        function(scores)


@pytest.mark.parametrize("alpha", [0.0, 1.0, np.nan])
def test_impossible_alpha_is_refused(alpha: float) -> None:
    """An error rate is a fraction."""
    with pytest.raises(ValueError, match=r"alpha must lie strictly between 0 and 1, such as 0.05, received"):
        compare_datasets(DEMSAR, alpha=alpha)
    with pytest.raises(ValueError, match=r"alpha must lie strictly between 0 and 1, such as 0.05, received"):
        critical_difference(4, datasets=14, alpha=alpha)


@pytest.mark.parametrize(("models", "datasets"), [(1, 14), (4, 0)])
def test_critical_difference_of_nothing_is_refused(models: int, datasets: int) -> None:
    """A critical difference needs two models and a data set."""
    with pytest.raises(ValueError, match=rf"at least 2 models and 1 data set.*models={models}, datasets={datasets}"):
        critical_difference(models, datasets=datasets)


@pytest.mark.slow
@pytest.mark.parametrize("datasets", [6, 9, 15])
@pytest.mark.parametrize("models", [2, 3])
def test_equal_models_are_rarely_told_apart(datasets: int, models: int) -> None:
    """Scenario S8: models equal on average over random data sets, some tied: any false verdict in 5 % at most."""
    rng = np.random.default_rng(20240607)
    repetitions = 400
    wrong = 0
    for _ in range(repetitions):
        scores = np.round(rng.normal(0.8, 0.1, (datasets, 1)) + rng.normal(0, 0.01, (datasets, models)), 2)
        wrong += any(pair.verdict != "undecided" for pair in compare_datasets(scores).pairs)
    assert stats.binomtest(wrong, repetitions, 0.06, alternative="greater").pvalue > 0.001

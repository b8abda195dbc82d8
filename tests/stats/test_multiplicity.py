import itertools

import numpy as np
import pytest

from bakeoff.stats import adjust_holm, letters, rank_intervals, tiers

PIEPHO = [(0, 1), (0, 2), (0, 3), (1, 3)]


def _better(models: int, pairs: list[tuple[int, int]]) -> np.ndarray:
    better = np.zeros((models, models), dtype=bool)
    for i, j in pairs:
        better[i, j] = True
    return better


def _random_better(rng: np.random.Generator, models: int) -> tuple[np.ndarray, np.ndarray]:
    """Means, and preferences that follow them."""
    means = rng.permutation(models).astype(float)
    return means, (means[:, np.newaxis] > means) & (rng.random((models, models)) < 0.5)


def test_holm_by_hand() -> None:
    """Four p-values: 4 x .005, 3 x .01, 2 x .03, and .04 lifted to its predecessor."""
    assert adjust_holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_stops_at_1() -> None:
    """Adjusted p-values are probabilities, and nothing in gives nothing out."""
    assert adjust_holm(np.array([0.9, 0.8])).tolist() == [1, 1]
    assert adjust_holm(np.array([])).tolist() == []


def test_holm_leaves_out_what_cannot_be_tested() -> None:
    """NaN stays NaN and does not count: the others are adjusted as if it were not there."""
    adjusted = adjust_holm(np.array([np.nan, 0.01, 0.04, np.nan, 0.03, 0.005]))
    assert np.isnan(adjusted[[0, 3]]).all()
    assert adjusted[[1, 2, 4, 5]] == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_is_between_raw_and_bonferroni() -> None:
    """Never below the raw p-value, never above Bonferroni's, and in the same order."""
    p = np.random.default_rng(1).random(20) ** 3
    adjusted = adjust_holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(1, 20 * p)).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()


@pytest.mark.parametrize(
    ("models", "pairs", "expected"),
    [
        (4, PIEPHO, ["a", "b", "bc", "c"]),  # Piepho (2004), example 1, as in the tests of scikit-posthocs
        (4, [(0, 2), (0, 3)], ["a", "ab", "b", "b"]),  # docstring of scikit-posthocs, Dunn's test with Holm
        (3, [], ["a", "a", "a"]),
        (3, [(0, 1), (0, 2), (1, 2)], ["a", "b", "c"]),
        (1, [], ["a"]),
    ],
)
def test_letters_of_known_cases(models: int, pairs: list[tuple[int, int]], expected: list[str]) -> None:
    """Letter displays that are printed elsewhere, and the two extremes."""
    assert letters(-np.arange(models, dtype=float), _better(models, pairs)) == expected


def test_letters_of_the_autorank_readme() -> None:
    """Case C11: six mean ranks with the critical difference 1.0662 give a a a b bc c."""
    ranks = np.array([2.18, 2.29, 2.47, 3.95, 4.71, 5.40])
    better = ranks[np.newaxis, :] - ranks[:, np.newaxis] > 1.0662484349869374
    assert letters(-ranks, better) == ["a", "a", "a", "b", "bc", "c"]


def test_letters_do_not_depend_on_the_order_of_the_models() -> None:
    """The best model has the letter a wherever it stands."""
    better = _better(4, PIEPHO)
    order = [2, 0, 3, 1]
    assert letters(-np.array(order, dtype=float), better[np.ix_(order, order)]) == ["bc", "a", "c", "b"]


@pytest.mark.parametrize("seed", range(30))
def test_letters_are_the_largest_groups_without_a_difference(seed: int) -> None:
    """Brute force over all subsets: one letter per maximal group in which no pair differs."""
    rng = np.random.default_rng(seed)
    models = int(rng.integers(2, 8))
    means, better = _random_better(rng, models)
    alike = ~(better | better.T)
    free = [
        set(group)
        for size in range(1, models + 1)
        for group in itertools.combinations(range(models), size)
        if alike[np.ix_(group, group)].all()
    ]
    maximal = [group for group in free if not any(group < other for other in free)]
    display = letters(means, better)
    shown = [{m for m in range(models) if letter in display[m]} for letter in sorted(set("".join(display)))]
    assert sorted(map(sorted, shown)) == sorted(map(sorted, maximal))
    assert "a" in display[int(means.argmax())]


def test_letters_do_not_run_out() -> None:
    """More groups than letters: capitals follow, then a dot marks the second round."""
    better = np.triu(np.ones((54, 54), dtype=bool), 1)
    display = letters(-np.arange(54.0), better)
    assert (display[25], display[26], display[52], display[53]) == ("z", "A", ".a", ".b")


def test_rank_intervals_by_hand() -> None:
    """Piepho's example: the winner is first, and the others share what is left."""
    low, high = rank_intervals(_better(4, PIEPHO))
    assert low.tolist() == [1, 2, 2, 3]
    assert high.tolist() == [1, 3, 4, 4]


def test_rank_intervals_hold_the_rank_of_the_mean() -> None:
    """Whatever the significances, a model's place by its mean lies in its interval."""
    for seed in range(20):
        means, better = _random_better(np.random.default_rng(seed), 6)
        rank = (means[np.newaxis, :] > means[:, np.newaxis]).sum(axis=1) + 1
        low, high = rank_intervals(better)
        assert ((low <= rank) & (rank <= high)).all()


def test_tiers_by_hand() -> None:
    """Piepho's example, nothing significant, and everything significant."""
    assert tiers(_better(4, PIEPHO)).tolist() == [1, 2, 2, 3]
    assert tiers(_better(3, [])).tolist() == [1, 1, 1]
    assert tiers(_better(3, [(2, 0), (2, 1), (0, 1)])).tolist() == [2, 3, 1]


def test_tiers_keep_their_promises() -> None:
    """Tier 1 may be first; nobody beats a peer; everybody below is beaten from the tier above."""
    for seed in range(20):
        _, better = _random_better(np.random.default_rng(seed), 7)
        tier = tiers(better)
        assert ((tier == 1) == (rank_intervals(better)[0] == 1)).all()
        assert not better[tier[:, np.newaxis] >= tier].any()
        for model in np.flatnonzero(tier > 1):
            assert better[tier == tier[model] - 1, model].any()


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("p_values", "words"),
    [
        (np.array([0.5, 1.5]), r"p_values must lie in \[0, 1\], received 0.5 to 1.5"),
        (np.array([-0.1, np.nan]), r"p_values must lie in \[0, 1\], received -0.1 to -0.1"),
        (np.ones((2, 2)), r"p_values must have one axis \(pairs\), received shape \(2, 2\)"),
    ],
)
def test_what_is_no_p_value_is_refused(p_values: np.ndarray, words: str) -> None:
    """Probabilities lie in [0, 1], one per pair."""
    with pytest.raises(ValueError, match=words):
        adjust_holm(p_values)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("function", [rank_intervals, tiers, lambda better: letters(np.arange(2.0), better)])
@pytest.mark.parametrize(
    ("better", "words"),
    [
        (np.ones((2, 3), dtype=bool), r"square matrix of booleans \(models, models\), received bool \(2, 3\)"),
        (np.zeros((2, 2)), r"square matrix of booleans \(models, models\), received float64 \(2, 2\)"),
        (~np.eye(2, dtype=bool), r"one-sided, received models \[0, 1\] each better than the other"),
    ],
)
def test_what_is_no_preference_is_refused(function: object, better: np.ndarray, words: str) -> None:
    """A preference is a square boolean matrix in which no two models beat each other."""
    with pytest.raises(ValueError, match=words):
        function(better)


def test_models_in_a_circle_share_a_tier() -> None:
    """0 beats 1 beats 2 beats 0: one tier for the three and for whatever only they beat, below whoever beats them."""
    circle = [(0, 1), (1, 2), (2, 0)]
    assert tiers(_better(3, circle)).tolist() == [1, 1, 1]
    assert tiers(_better(4, [*circle, (3, 0)])).tolist() == [2, 2, 2, 1]
    assert tiers(_better(4, [*circle, (0, 3)])).tolist() == [1, 1, 1, 1]


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("means", [np.array([1.0, np.nan]), np.array([1.0])])
def test_letters_need_a_mean_per_model(means: np.ndarray) -> None:
    """Without an order there is no first letter."""
    with pytest.raises(ValueError, match=r"means must be 2 finite numbers, one per model, received \[1.0"):
        letters(means, _better(2, []))

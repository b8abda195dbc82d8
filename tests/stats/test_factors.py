import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from bakeoff.spec import read_study
from bakeoff.stats import ScoreSummary, adjust_holm, compare_summaries, summarize_scores
from bakeoff.stats.factors import Factor, FactorCell, FactorContrast, factor_contrasts

IMAGES = 40


def _summary(rng: np.random.Generator, mean: float, *, runs: int = 3, sd: float = 0.002) -> ScoreSummary:
    """Made-up scores of one model: image difficulties that all models share, seed noise, seed x image noise."""
    difficulties = np.linspace(-0.1, 0.1, IMAGES)
    scores = 0.5 + mean + difficulties + rng.normal(0, sd, (runs, 1)) + rng.normal(0, 0.01, (runs, IMAGES))
    return summarize_scores(np.clip(scores, 0, 1))


def _grid(
    rng: np.random.Generator, shape: tuple[int, ...], mean: Callable[..., float], *, runs: int = 3, noisy: float = 1
) -> list[FactorCell]:
    """A full grid of factors a, b, c; the runs of the first level of a are `noisy` times as spread."""
    return [
        FactorCell(
            {"abc"[place]: str(level) for place, level in enumerate(levels)},
            _summary(rng, mean(*levels), runs=runs, sd=0.002 * (1 if levels[0] else noisy)),
        )
        for levels in itertools.product(*map(range, shape))
    ]


def _find(factors: tuple[Factor, ...], factor: str, high: str, low: str) -> FactorContrast:
    found = next(entry for entry in factors if entry.factor == factor)
    return next(contrast for contrast in found.contrasts if {contrast.high, contrast.low} == {high, low})


def _study_b() -> tuple[Factor, ...]:
    rng = np.random.default_rng(4)
    return factor_contrasts([FactorCell(model.factors, _summary(rng, 0.3)) for model in read_study("study-b").models])


@pytest.mark.parametrize(
    ("factor", "high", "low", "strata"),
    [
        ("activation", "relu", "leaky_relu", 2),  # 128-64-32-16 with cce, 128-64-32 with kld
        ("activation", "tanh", "leaky_relu", 2),  # 128-64-32-16 and 256-128-32-16, both with cce
        ("activation", "relu", "sigmoid", 2),  # 128-64-32-16 and 128-64
        ("activation", "relu", "tanh", 2),  # 128-64-32-16 and 128-64
        ("activation", "sigmoid", "tanh", 2),  # 128-64-32-16 and 128-64
        ("activation", "sigmoid", "leaky_relu", 1),
        ("hidden", "128-64", "128-64-32-16", 3),  # relu, sigmoid, tanh, all with cce
        ("extras", "dropout", "dropout and batch normalisation", 1),  # 2_2 and 2_3
    ],
)
def test_controlled_pairs_of_a_published_study(factor: str, high: str, low: str, strata: int) -> None:
    """Study B: pairs of models that differ in one label only, found by reading its table of 17 models."""
    contrast = _find(_study_b(), factor, high, low)
    assert contrast.strata == len(contrast.simple) == strata
    assert contrast.estimate is not None
    assert not math.isnan(contrast.p_adjusted)


@pytest.mark.parametrize(
    ("factor", "high", "low", "words"),
    [
        ("hidden", "128-64", "128-64-32", "128-64 and 128-64-32 never differ in hidden alone: loss changes along"),
        ("hidden", "128-64", "256-128-32", "loss changes along"),
        ("loss", "cce", "kld", "never differ in loss alone: hidden changes along"),
        ("extras", "none", "dropout", "never differ in extras alone: hidden changes along"),
    ],
)
def test_confounded_pairs_of_a_published_study(factor: str, high: str, low: str, words: str) -> None:
    """Study B: where something else always changes along, nothing is estimated and the reason names it."""
    contrast = _find(_study_b(), factor, high, low)
    assert (contrast.estimate, contrast.strata, contrast.verdict) == (None, 0, "undecided")
    assert math.isnan(contrast.p_adjusted)
    assert contrast.reason.endswith(words)


def test_several_changes_are_named_together_and_apart() -> None:
    """The reason lists the nearest pairs: what changes in each, by 'and'; one pair or another, by 'or'."""
    rng = np.random.default_rng(1)

    def reason(*rows: str) -> str:
        cells = [FactorCell(dict(zip("abc", row, strict=True)), _summary(rng, 0.1)) for row in rows]
        return factor_contrasts(cells)[0].contrasts[0].reason

    assert reason("xpq", "yrs") == "x and y never differ in a alone: b and c change along"
    assert reason("xpq", "yps", "yrq") == "x and y never differ in a alone: c or b changes along"


def test_average_over_the_settings_has_equal_weights_and_every_cells_own_variance() -> None:
    """A 2 x 2 grid by hand: mean of the two differences; seed part a quarter of the sum; simple effects as pairs."""
    cells = _grid(np.random.default_rng(2), (2, 2), lambda a, b: 0.05 * (a == 0) + 0.02 * b)
    contrast = factor_contrasts(cells, target="this_test_set")[0].contrasts[0]
    means = [cell.summary.mean for cell in cells]
    assert contrast.estimate is not None
    assert contrast.estimate.value == pytest.approx((means[0] - means[2] + means[1] - means[3]) / 2)
    assert contrast.estimate.standard_error**2 == pytest.approx(sum(cell.summary.seed_part for cell in cells) / 4)
    assert contrast.error_ratio == pytest.approx(
        math.sqrt((1 - means[0]) / (1 - means[2]) * (1 - means[1]) / (1 - means[3]))
    )
    pair = compare_summaries(cells[1].summary, cells[3].summary, target="this_test_set").difference
    assert (contrast.simple[1].difference, contrast.simple[1].setting) == (pair, {"b": "1"})
    assert (contrast.high, contrast.low, contrast.verdict, contrast.strata) == ("0", "1", "better", 2)
    assert contrast.reason == "seen in 2 settings of the other factors"


def test_holm_runs_over_the_contrasts_and_interactions_of_all_factors() -> None:
    """Adjusted p-values are Holm's over every contrast and interaction of every factor; the untested do not count."""
    factors = _study_b()
    contrasts = [contrast for factor in factors for contrast in factor.contrasts]
    p_values = [contrast.p for contrast in contrasts] + [factor.interaction_p for factor in factors]
    expected = adjust_holm(np.array(p_values))[: len(contrasts)]
    np.testing.assert_array_equal([contrast.p_adjusted for contrast in contrasts], expected)
    assert 10 < np.isfinite(expected).sum() < len(expected)
    assert np.isfinite([factor.interaction_p for factor in factors]).any()


def test_interaction_is_judged_after_the_correction() -> None:
    """An interaction with p a little below .05 is not significant among the four tests of a 2 x 2 grid."""
    seen = 0
    for seed in range(60):
        factors = factor_contrasts(_grid(np.random.default_rng(seed), (2, 2), lambda a, b: 0.004 * (a == b)))
        p_values = [p for factor in factors for p in (factor.interaction_p, factor.contrasts[0].p)]
        for factor, corrected in zip(factors, adjust_holm(np.array(p_values))[::2], strict=True):
            assert factor.main_effect_reported == (corrected >= 0.05)
            seen += factor.interaction_p < 0.05 <= corrected
    assert seen


def test_share_is_that_of_the_analysis_of_variance() -> None:
    """A 2 x 2 grid, epsilon squared from SciPy's one-way test of the factor's sums of squares done cell by cell."""
    cells = _grid(np.random.default_rng(3), (2, 2), lambda a, b: 0.004 * a + 0.001 * b, runs=5)
    runs = np.array([cell.summary.run_means for cell in cells])  # (cells, seeds)
    noise = runs.var(axis=1, ddof=1).mean()
    contrast = runs[2:].mean() - runs[:2].mean()
    total = runs.var() * runs.size
    factor = factor_contrasts(cells)[0]
    assert factor.share == pytest.approx((5 * contrast**2 - noise) / total)
    assert factor.share_reason == ""
    one_way = stats.f_oneway(runs[:2].ravel(), runs[2:].ravel()).statistic  # SS_f against all the rest, 18 freedoms
    explained = total * one_way / (one_way + 18)
    assert factor.share == pytest.approx((explained - noise) / total)


@pytest.mark.parametrize(
    ("drop", "runs", "sd", "words"),
    [
        (True, [3, 3, 3, 3], 0.01, "not every combination of the levels was run"),
        (False, [3, 3, 3, 4], 0.01, "same number of runs, at least 2, for every model; there are [3, 4]"),
        (False, [1, 1, 1, 1], 0.01, "same number of runs, at least 2, for every model; there are [1]"),
        (False, [2, 2, 2, 2], 0.0, "all runs have the same score"),
    ],
)
def test_share_needs_a_balanced_grid(drop: bool, runs: list, sd: float, words: str) -> None:
    """Elsewhere there is no share, and the reason is given."""
    rng = np.random.default_rng(6)
    cells = [
        FactorCell({"a": a, "b": b}, summarize_scores(0.5 + rng.normal(0, sd, (size, 1)) * np.ones((1, 5))))
        for (a, b), size in zip(itertools.product("xy", "xy"), runs, strict=True)
    ]
    factor = factor_contrasts(cells[drop:])[0]
    assert factor.share is None
    assert factor.share_reason.endswith(words)


def test_effect_that_turns_round_depends_on_the_setting() -> None:
    """Interaction without main effects: no main effect is reported, each setting has its own."""
    cells = _grid(np.random.default_rng(7), (2, 2), lambda a, b: 0.1 * (a == b), runs=4)
    for factor in factor_contrasts(cells):
        contrast = factor.contrasts[0]
        assert factor.interaction_p < 0.001
        assert not factor.main_effect_reported
        assert contrast.verdict == "depends"
        assert contrast.reason == f"the effect of {factor.factor} depends on the setting: read the difference in each"
        assert contrast.simple[0].difference.low > 0 > contrast.simple[1].difference.high
        assert contrast.opposed == 1


def test_factor_with_one_level_is_left_out() -> None:
    """What never varies has no effect to report; the others come in order of appearance, their levels too."""
    rng = np.random.default_rng(8)
    cells = [FactorCell({"loss": "cce", "b": b, "a": a}, _summary(rng, 0.1)) for b in ("2", "1") for a in "yx"]
    assert [(factor.factor, factor.levels) for factor in factor_contrasts(cells)] == [
        ("b", ("2", "1")),
        ("a", ("y", "x")),
    ]
    assert factor_contrasts([]) == ()


def test_one_setting_and_one_run_are_said() -> None:
    """A single controlled pair names its setting; a model with one run leaves no test and no interaction."""
    rng = np.random.default_rng(9)
    single = [FactorCell({"a": a, "b": "p"}, _summary(rng, 0.1, runs=1)) for a in "xy"]
    other = FactorCell({"a": "x", "b": "q"}, _summary(rng, 0.1))
    factors = factor_contrasts([*single, other])
    contrast = factors[0].contrasts[0]
    assert contrast.reason == "seen in one setting only: b p"
    assert (contrast.verdict, factors[0].main_effect_reported) == ("undecided", True)
    assert math.isnan(contrast.p)
    assert math.isnan(factors[0].interaction_p)
    alone = factor_contrasts([FactorCell({"a": a}, _summary(rng, 0.1)) for a in "xy"])[0].contrasts[0]
    assert alone.reason == "no other factor was varied"


def test_ratio_of_no_errors_is_no_number() -> None:
    """A model without errors has no error ratio."""
    cells = [
        FactorCell({"a": "x"}, summarize_scores(np.ones((2, 9)))),
        FactorCell({"a": "y"}, summarize_scores(np.zeros((2, 9)))),
    ]
    assert math.isnan(factor_contrasts(cells)[0].contrasts[0].error_ratio)


def test_models_that_cannot_be_told_apart_are_refused() -> None:
    """Two models with the same labels, and one that lacks a label, are named in the message."""
    summary = _summary(np.random.default_rng(1), 0.1)
    same = [FactorCell({"a": "x"}, summary, name="first"), FactorCell({"a": "x"}, summary)]
    with pytest.raises(ValueError, match="same labels cannot be told apart: first and cell 1 are both a x; give one"):
        factor_contrasts(same)
    lacking = [FactorCell({"a": "x"}, summary), FactorCell({"b": "x"}, summary, name="second")]
    with pytest.raises(ValueError, match=r"received \['b'\] for second and \['a'\] for cell 0; label what is absent"):
        factor_contrasts(lacking)
    with pytest.raises(ValueError, match="both unlabelled"):
        factor_contrasts([FactorCell({}, summary), FactorCell({}, summary)])


@pytest.mark.slow
@pytest.mark.parametrize("noisy", [1, 6])
def test_factors_without_effect_are_not_named(noisy: int) -> None:
    """4 x 2 x 2, only the first factor works: the others are named in 5 %, their mean share is 0, not the raw .0120."""
    rng = np.random.default_rng(20240607)
    named, interacting, shares, repetitions = 0, 0, [], 100
    for _ in range(repetitions):
        factors = factor_contrasts(_grid(rng, (4, 2, 2), lambda a, b, c: 0.01 * a, noisy=noisy))[1:]
        named += any(factor.contrasts[0].verdict in ("better", "worse") for factor in factors)
        interacting += factors[0].interaction_p < 0.05
        shares += [factor.share for factor in factors]
    for count in (named, interacting):
        assert stats.binomtest(int(count), repetitions, 0.055, alternative="greater").pvalue > 0.001
    assert abs(np.mean(shares)) < 0.002
    assert min(shares) < 0


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(2, 2), (3, 2, 2)])
def test_nothing_is_said_of_a_grid_without_effects(shape: tuple[int, ...]) -> None:
    """All models equal: "better", "worse" or "depends", of any factor, in 5 % of studies at most."""
    rng = np.random.default_rng(20240608)
    repetitions, said = 300, 0
    for _ in range(repetitions):
        factors = factor_contrasts(_grid(rng, shape, lambda *_: 0.0))
        said += any(contrast.verdict != "undecided" for factor in factors for contrast in factor.contrasts)
    assert stats.binomtest(said, repetitions, 0.05, alternative="greater").pvalue > 0.001


@pytest.mark.slow
def test_effects_that_only_depend_are_still_found() -> None:
    """Interaction without main effects, four standard errors large: "depends" in most studies, "better" in few."""
    rng = np.random.default_rng(20240609)
    repetitions, found, named = 100, 0, 0
    for _ in range(repetitions):
        contrasts = [
            factor.contrasts[0] for factor in factor_contrasts(_grid(rng, (2, 2), lambda a, b: 0.01 * (a == b), runs=4))
        ]
        found += all(contrast.verdict == "depends" for contrast in contrasts)
        named += any(contrast.verdict in ("better", "worse") for contrast in contrasts)
    assert stats.binomtest(found, repetitions, 0.8, alternative="less").pvalue > 0.001
    assert stats.binomtest(named, repetitions, 0.05, alternative="greater").pvalue > 0.001

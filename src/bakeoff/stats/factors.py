"""Which hyper-parameter makes the difference.

Two models that differ in one factor only, all else equal, show what that factor does in that setting; two that differ
in more show nothing about either. So a contrast of two levels is averaged over such controlled pairs alone, and where
there is none it is refused, naming what changes along. If the effect depends on the setting, its average misleads and
the effects are given setting by setting.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from bakeoff.spec.values import Estimate
from bakeoff.stats.contrasts import estimate_contrast
from bakeoff.stats.interval import check_level, check_target
from bakeoff.stats.multiplicity import adjust_holm
from bakeoff.stats.summary import ROUNDING, ScoreSummary

Target = Literal["new_images", "this_test_set"]
FactorVerdict = Literal["better", "worse", "depends", "undecided"]


@dataclass(frozen=True)
class FactorCell:
    """One model: its level of every factor, and its scores.

    Attributes:
        levels: Level of each factor; all cells name the same factors.
        summary: From `summarize_scores`, all on the same images.
        name: For error messages.
    """

    levels: Mapping[str, str]
    summary: ScoreSummary
    name: str = ""


@dataclass(frozen=True)
class SimpleEffect:
    """The difference of two levels in one setting of the other factors.

    Attributes:
        setting: The levels of the other factors.
        difference: First level minus second, without correction for other comparisons.
    """

    setting: Mapping[str, str]
    difference: Estimate


@dataclass(frozen=True)
class FactorContrast:
    """Two levels of a factor against each other, all else equal.

    Attributes:
        high: The first level.
        low: The second level.
        estimate: First minus second, averaged over the controlled pairs with equal weights; None if there is no such
            pair.
        p: Two-sided p-value of "no difference on average"; NaN where there is no test.
        p_adjusted: After Holm's correction over the contrasts and interactions of all factors.
        strata: Number of controlled pairs: settings of the other factors in which both levels were tried.
        opposed: Number of those whose difference has the other sign than the average.
        verdict: Whether the first level is "better" or "worse"; "depends" if the factor interacts with others.
        reason: Why there is no contrast, or why it is no main effect; else in how many settings it was seen.
        simple: The difference in each setting.
        error_ratio: Error rate of the first over that of the second, geometric mean over the settings; NaN if a model
            makes no error.
    """

    high: str
    low: str
    estimate: Estimate | None
    p: float
    p_adjusted: float
    strata: int
    opposed: int
    verdict: FactorVerdict
    reason: str
    simple: tuple[SimpleEffect, ...]
    error_ratio: float


@dataclass(frozen=True)
class Factor:
    """What one factor does.

    Attributes:
        factor: Its name.
        levels: In order of first appearance.
        contrasts: One for each two levels.
        interaction_p: P-value of "its differences are the same in every setting", before the correction over all
            factors; NaN if no two levels were compared in two settings.
        main_effect_reported: Whether the contrasts may be read as effects of the factor: something is estimable, and
            its interaction is not significant after that correction.
        share: Unbiased share of the variance of the run means that it explains, epsilon squared; it may come out
            negative. None unless the cells form a balanced grid.
        share_reason: Why there is no share; else empty.
    """

    factor: str
    levels: tuple[str, ...]
    contrasts: tuple[FactorContrast, ...]
    interaction_p: float
    main_effect_reported: bool
    share: float | None
    share_reason: str


@dataclass(frozen=True)
class _Stratum:
    """Two cells that differ in one factor only."""

    first: FactorCell
    second: FactorCell


def factor_contrasts(
    cells: Sequence[FactorCell], *, level: float = 0.95, target: Target = "new_images"
) -> tuple[Factor, ...]:
    """Say for each factor which levels are better, as far as controlled pairs of models can tell.

    - Contrast of two levels: mean difference over the controlled pairs, with `estimate_contrast`: every cell keeps its
      own variance, because pooling lets one noisy model make all others look different.
    - Interaction: for each two levels and each two settings in which both were tried, "the differences are equal" is
      tested as a contrast of these four cells; the smallest p-value after Holm's correction over all such tests of the
      factor. Four cells at a time hold their level from two runs on, however unequal the cells; a quadratic form, or
      each setting against the mean of many others, does not (.07 to .25 in place of .05 with 3 runs and 8 to 17
      settings). Where it is significant, verdicts are "depends" and the effects in each setting are the result.
    - Correction: Holm's, over the estimable contrasts and the interactions of all factors together, since each of them
      names a factor.
    - Share: `(SS_f - df_f MSE) / SS_total` on the run means. The plain share `SS_f / SS_total` is positive for a factor
      that does nothing.

    Args:
        cells: One per model; no two with the same levels.
        level: Confidence level in (0, 1).
        target: What varies: "new_images" (seeds and images) or "this_test_set" (seeds only).

    Returns:
        The factors with at least two levels, in order of first appearance.

    Raises:
        ValueError: If two cells have the same levels, not all name the same factors, or an argument is not as
            described.

    >>> from bakeoff.stats.summary import summarize_scores
    >>> relu = FactorCell({"activation": "relu"}, summarize_scores(np.array([[1, 1, 0, 1], [1, 1, 1, 1]])))
    >>> tanh = FactorCell({"activation": "tanh"}, summarize_scores(np.array([[1, 0, 0, 1], [0, 1, 1, 1]])))
    >>> contrast = factor_contrasts([relu, tanh])[0].contrasts[0]
    >>> contrast.high, contrast.low, contrast.estimate.value, contrast.verdict
    ('relu', 'tanh', 0.25, 'undecided')

    Reference: Maxwell and Delaney (2004), "Designing Experiments and Analyzing Data", chapters 3 and 7; Holm (1979).
    """
    check_level(level)
    check_target(target)
    _check_cells(cells)
    names = [factor for factor in (cells[0].levels if cells else ()) if len(_levels(cells, factor)) > 1]
    found = [_one_factor(cells, factor, names, level, target) for factor in names]
    p_values = [p for factor in found for p in (factor.interaction_p, *(contrast.p for contrast in factor.contrasts))]
    adjusted = iter(adjust_holm(np.array(p_values)).tolist())
    return tuple(
        _corrected(factor, next(adjusted), [next(adjusted) for _ in factor.contrasts], level) for factor in found
    )


def _one_factor(cells: Sequence[FactorCell], factor: str, names: list[str], level: float, target: Target) -> Factor:
    """The factor, its contrasts not yet corrected or judged."""
    levels = _levels(cells, factor)
    strata = {pair: _strata(cells, factor, *pair) for pair in combinations(levels, 2)}
    interaction_p = _interaction(list(strata.values()), target)
    share, share_reason = _share(cells, factor, names)
    return Factor(
        factor=factor,
        levels=levels,
        contrasts=tuple(
            _contrast(found, factor, pair, level, target) if found else _refused(cells, factor, pair)
            for pair, found in strata.items()
        ),
        interaction_p=interaction_p,
        main_effect_reported=any(strata.values()),
        share=share,
        share_reason=share_reason,
    )


def _levels(cells: Sequence[FactorCell], factor: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell.levels[factor] for cell in cells))


def _others(cell: FactorCell, factor: str) -> dict[str, str]:
    return {name: level for name, level in cell.levels.items() if name != factor}


def _strata(cells: Sequence[FactorCell], factor: str, first: str, second: str) -> list[_Stratum]:
    """The controlled pairs. No cell is in two of them, for no two cells have the same levels."""
    seconds = {_key(_others(cell, factor)): cell for cell in cells if cell.levels[factor] == second}
    firsts = [(cell, _key(_others(cell, factor))) for cell in cells if cell.levels[factor] == first]
    return [_Stratum(cell, seconds[key]) for cell, key in firsts if key in seconds]


def _key(levels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(levels.items()))


def _summaries(strata: Sequence[_Stratum]) -> list[ScoreSummary]:
    return [cell.summary for stratum in strata for cell in (stratum.first, stratum.second)]


def _weights(per_stratum: Sequence[float]) -> list[float]:
    return [sign * weight for weight in per_stratum for sign in (1, -1)]


def _contrast(
    strata: list[_Stratum], factor: str, pair: tuple[str, str], level: float, target: Target
) -> FactorContrast:
    average = estimate_contrast(
        _summaries(strata), _weights([1 / len(strata)] * len(strata)), target=target, level=level
    )
    simple = tuple(
        SimpleEffect(
            setting=_others(stratum.first, factor),
            difference=estimate_contrast(_summaries([stratum]), (1, -1), target=target, level=level).estimate,
        )
        for stratum in strata
    )
    return FactorContrast(
        *pair,
        estimate=average.estimate,
        p=average.p,
        p_adjusted=math.nan,
        strata=len(strata),
        opposed=sum(effect.difference.value * average.estimate.value < 0 for effect in simple),
        verdict="undecided",
        reason=_seen_in(simple),
        simple=simple,
        error_ratio=_error_ratio(strata),
    )


def _seen_in(simple: tuple[SimpleEffect, ...]) -> str:
    if len(simple) > 1:
        return f"seen in {len(simple)} settings of the other factors"
    setting = ", ".join(f"{name} {level}" for name, level in simple[0].setting.items())
    return f"seen in one setting only: {setting}" if setting else "no other factor was varied"


def _error_ratio(strata: list[_Stratum]) -> float:
    errors = [(1 - stratum.first.summary.mean, 1 - stratum.second.summary.mean) for stratum in strata]
    if min(map(min, errors)) <= ROUNDING:
        return math.nan
    return math.exp(sum(math.log(first / second) for first, second in errors) / len(errors))


def _refused(cells: Sequence[FactorCell], factor: str, pair: tuple[str, str]) -> FactorContrast:
    first, second = pair
    return FactorContrast(
        first,
        second,
        estimate=None,
        p=math.nan,
        p_adjusted=math.nan,
        strata=0,
        opposed=0,
        verdict="undecided",
        reason=f"{first} and {second} never differ in {factor} alone: {_changes_along(cells, factor, pair)} along",
        simple=(),
        error_ratio=math.nan,
    )


def _changes_along(cells: Sequence[FactorCell], factor: str, pair: tuple[str, str]) -> str:
    """The other factors that separate the two levels, for the pairs of cells in which the fewest do."""
    sides = [[cell for cell in cells if cell.levels[factor] == level] for level in pair]
    changes = [
        tuple(name for name, level in _others(one, factor).items() if other.levels[name] != level)
        for one in sides[0]
        for other in sides[1]
    ]
    fewest = min(map(len, changes))
    nearest = dict.fromkeys(names for names in changes if len(names) == fewest)
    verb = "changes" if fewest == 1 else "change"
    return f"{' or '.join(' and '.join(names) for names in nearest)} {verb}"


def _interaction(strata_of_pairs: list[list[_Stratum]], target: Target) -> float:
    """Smallest Holm-adjusted p-value of the tests of one setting's difference against another's."""
    couples = [couple for strata in strata_of_pairs for couple in combinations(strata, 2)]
    p_values = [estimate_contrast(_summaries(couple), (1, -1, -1, 1), target=target).p for couple in couples]
    known = [p for p in adjust_holm(np.array(p_values)).tolist() if not math.isnan(p)]
    return min(known, default=math.nan)


def _share(cells: Sequence[FactorCell], factor: str, names: list[str]) -> tuple[float | None, str]:
    """Epsilon squared of a factor, or why there is none."""
    if len(cells) != math.prod(len(_levels(cells, name)) for name in names):
        return None, "not every combination of the levels was run"
    sizes = sorted({cell.summary.runs for cell in cells})
    if len(sizes) > 1 or sizes[0] == 1:
        return None, f"it needs the same number of runs, at least 2, for every model; there are {sizes}"
    runs = np.array([cell.summary.run_means for cell in cells])  # (cells, seeds)
    total = float(((runs - runs.mean()) ** 2).sum())
    if total <= ROUNDING**2 * runs.size:
        return None, "all runs have the same score"
    levels = _levels(cells, factor)
    means = [runs[[cell.levels[factor] == level for cell in cells]].mean() for level in levels]
    explained = runs.size / len(levels) * float(((np.array(means) - runs.mean()) ** 2).sum())
    noise = float(np.mean([cell.summary.run_variance for cell in cells]))
    return (explained - (len(levels) - 1) * noise) / total, ""


def _corrected(factor: Factor, interaction_p: float, p_values: Sequence[float], level: float) -> Factor:
    """The factor with corrected p-values and verdicts."""
    interacts = interaction_p < 1 - level
    judge = _depends if interacts else _decided
    return replace(
        factor,
        contrasts=tuple(
            judge(replace(contrast, p_adjusted=p), factor.factor, level)
            for contrast, p in zip(factor.contrasts, p_values, strict=True)
        ),
        main_effect_reported=factor.main_effect_reported and not interacts,
    )


def _decided(contrast: FactorContrast, factor: str, level: float) -> FactorContrast:
    if contrast.estimate is None or not contrast.p_adjusted < 1 - level:
        return contrast
    return replace(contrast, verdict="better" if contrast.estimate.value > 0 else "worse")


def _depends(contrast: FactorContrast, factor: str, level: float) -> FactorContrast:
    if contrast.estimate is None:
        return contrast
    reason = f"the effect of {factor} depends on the setting: read the difference in each"
    return replace(contrast, verdict="depends", reason=reason)


def _check_cells(cells: Sequence[FactorCell]) -> None:
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    for place, cell in enumerate(cells):
        name = cell.name or f"cell {place}"
        if set(cell.levels) != set(cells[0].levels):
            raise ValueError(
                f"every cell must have a level of the same factors, received {sorted(cell.levels)} for {name} and "
                f"{sorted(cells[0].levels)} for {cells[0].name or 'cell 0'}; label what is absent, e.g. 'none'"
            )
        key = _key(cell.levels)
        if key in seen:
            labels = ", ".join(f"{factor} {level}" for factor, level in cell.levels.items())
            raise ValueError(
                f"models with the same labels cannot be told apart: {seen[key]} and {name} are both "
                f"{labels or 'unlabelled'}; give one of them another label"
            )
        seen[key] = name

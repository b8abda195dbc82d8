"""What a change did to a model that fails: whether it cures, helps, or makes it learn more, beyond chance.

Failing is a matter of chance even for a sick model, so seeds are counted, and counts compared by an exact test. A
change that is on the right way may still leave every seed among the failing ones, if training is short; whether its
accuracies are higher all the same is asked by an exact test of ranks. Each of the two questions is asked of all changes
together, and errs in at most 5 % of trials.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bakeoff.stats import adjust_holm, compare_ranks
from bakeoff.stats.failure_pairs import compare_failures

Effect = Literal["cures", "helps", "learns more", "perhaps", "does not"]

ALPHA = 0.05
"""That any change of a model is called a cure or a help though none does anything; and the same of learning more."""


@dataclass(frozen=True)
class Outcome:
    """What came of one model or one change of it.

    Attributes:
        change: As the subject of a sentence; empty for the unchanged model.
        setting: The same as `--set` would say it, with further `--set` in between; empty where it cannot.
        seeds: Number of trainings.
        failed: Number of them that failed.
        accuracies: On validation images after the last epoch, ascending; NaN first, for runs that have none.
        p: That so few fail by chance, one-sided, corrected for the number of changes; NaN for the unchanged model.
        effect: `cures`, `helps`, `learns more` (as many fail, but with higher accuracies), `perhaps` (fewer fail, which
            may be chance), or `does not`.
        p_learns_more: That the accuracies are so high by chance, one-sided, corrected likewise.
    """

    change: str
    setting: str
    seeds: int
    failed: int
    accuracies: tuple[float, ...]
    p: float = math.nan
    effect: Effect = "does not"
    p_learns_more: float = math.nan


def judge_changes(unchanged: Outcome, changes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Say of each change whether it cures.

    Args:
        unchanged: The model as it is.
        changes: With their counts and accuracies.

    Returns:
        The changes with effect and p-values: Boschloo's exact test of the counts, Mann and Whitney's exact test of the
        accuracies, each with Holm's correction over the changes.

    >>> sick = Outcome("", "", 5, 5, (0.1,) * 5)
    >>> changes = [Outcome("a", "", 5, 0, (0.9,) * 5), Outcome("b", "", 5, 5, (0.3,) * 5), replace(sick, change="c")]
    >>> [change.effect for change in judge_changes(sick, changes)]
    ['cures', 'learns more', 'does not']
    """
    if not changes:
        return ()
    fewer = adjust_holm(np.array([chance_of_fewer(unchanged, change.seeds, change.failed) for change in changes]))
    higher = adjust_holm(np.array([_chance_of_higher(unchanged, change) for change in changes]))
    return tuple(
        replace(change, p=float(p), p_learns_more=float(q), effect=_effect(unchanged, change, float(p), float(q)))
        for change, p, q in zip(changes, fewer, higher, strict=True)
    )


def chance_of_fewer(unchanged: Outcome, seeds: int, failed: int) -> float:
    """One-sided p-value of "the change does nothing" for so many failures; 1 where not fewer fail.

    >>> round(chance_of_fewer(Outcome("", "", 5, 5, ()), 5, 0), 3)
    0.001
    """
    if failed * unchanged.seeds >= unchanged.failed * seeds:
        return 1.0
    return compare_failures(failed, seeds, unchanged.failed, unchanged.seeds) / 2


def _chance_of_higher(unchanged: Outcome, change: Outcome) -> float:
    """One-sided p-value of "the accuracies are no higher"; a run that has none comes last; 1 where they are lower."""
    if not unchanged.accuracies or not change.accuracies:
        return 1.0
    ranks = compare_ranks(_scores(change), _scores(unchanged), images=0)
    return ranks.p / 2 if ranks.a_ahead else 1.0


def _scores(outcome: Outcome) -> np.ndarray:
    scores = np.array(outcome.accuracies, dtype=np.float64)
    return np.where(np.isnan(scores), -np.inf, scores)


def _effect(unchanged: Outcome, change: Outcome, p: float, p_learns_more: float) -> Effect:
    if p < ALPHA:
        return "helps" if change.failed else "cures"
    if p_learns_more < ALPHA:
        return "learns more"
    return "perhaps" if change.failed * unchanged.seeds < unchanged.failed * change.seeds else "does not"

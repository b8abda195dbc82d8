"""What a reader of a comparison must not overlook, each under a code that stays: families BKO4 (fairness) and BKO5
(evidence). Whatever can be said of a single run belongs to the diagnosis of runs, not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Sized
from itertools import chain
from operator import itemgetter

from bakeoff.comparison.budget import Budget
from bakeoff.comparison.curse import WinnersCurse
from bakeoff.comparison.factors import Attribution
from bakeoff.comparison.values import ModelResult, PairResult
from bakeoff.spec.study import Published
from bakeoff.spec.values import Finding

CODES = {
    "BKO401": "epochs or settings were chosen by the test images",
    "BKO402": "the models had unequal budgets",
    "BKO403": "the test set was looked at before",
    "BKO404": "levels of a factor cannot be told from something else",
    "BKO501": "too few seeds to decide",
    "BKO502": "too few test images to decide",
    "BKO503": "the highest of several means flatters",
    "BKO504": "one run only",
}
"""Every code that is found here, and what it means."""


def find_cautions(
    models: Sequence[ModelResult],
    pairs: Sequence[PairResult],
    *,
    budget: Budget,
    curse: WinnersCurse | None,
    attribution: Attribution,
    test_looks: int,
    published: Mapping[str, Published],
) -> tuple[Finding, ...]:
    """Everything about the comparison itself that limits what may be concluded.

    Args:
        models: The leaderboard.
        pairs: Every pair.
        budget: The ledger.
        curse: What the leader may owe to luck.
        attribution: The factors.
        test_looks: How many sets of runs have been judged on this test set.
        published: What the source printed, by model.

    Returns:
        The findings, by code.
    """
    return tuple(
        chain(
            _chosen_on_test(models),
            _published_after_choosing(published),
            _unequal(budget),
            _looked_at(test_looks),
            _not_attributable(attribution),
            _too_few_seeds(pairs),
            _too_few_images(pairs),
            _luck(curse),
            _single_runs(models),
        )
    )


def _chosen_on_test(models: Sequence[ModelResult]) -> Iterator[Finding]:
    for model in models:
        if model.spec.protocol.validation == "test":
            yield Finding(
                code="BKO401",
                severity="warning",
                model=model.name,
                title="The test images serve as validation images",
                evidence="protocol.validation is test",
                advice="--set protocol.validation=0.1",
            )


def _published_after_choosing(published: Mapping[str, Published]) -> Iterator[Finding]:
    names = [name for name, figures in published.items() if figures.chosen_on_test]
    if names:
        yield Finding(
            code="BKO401",
            severity="warning",
            model=names[0] if len(names) == 1 else "",
            title="The source chose by the test images",
            evidence=f"published figures of {', '.join(names)}: chosen_on_test",
            cause="the best of several epochs or settings on the test images owes part of its accuracy to luck",
            advice="expect the figures to come out lower, and let validation images choose",
            published=True,
        )


def _unequal(budget: Budget) -> Iterator[Finding]:
    if budget.unequal:
        yield Finding(
            code="BKO402",
            severity="note",
            title="The models had unequal budgets",
            evidence="; ".join(budget.unequal),
            advice="give all models the same epochs and data, or read the result as one of models and budgets together",
        )


def _looked_at(test_looks: int) -> Iterator[Finding]:
    if test_looks > 1:
        yield Finding(
            code="BKO403",
            severity="note",
            title="The test set was looked at before",
            evidence=f"{test_looks} different sets of runs were judged on it from this store",
            advice="choose models and settings on validation images; fix the number of seeds beforehand, or let a race "
            "decide: every further look is a further chance to err",
        )


def _not_attributable(attribution: Attribution) -> Iterator[Finding]:
    for factor in attribution.factors:
        refused = [contrast for contrast in factor.contrasts if contrast.estimate is None]
        if refused:
            example = refused[0].reason
            yield Finding(
                code="BKO404",
                severity="note",
                title=f"Not every level of {factor.factor} can be judged",
                evidence=f"{len(refused)} of {len(factor.contrasts)} contrasts: no two models differ in "
                f"{factor.factor} alone; for instance, {example}",
                advice="use a grid, or add models that differ in one factor only",
            )


def _too_few_seeds(pairs: Sequence[PairResult]) -> Iterator[Finding]:
    short = [(pair.price.seeds, pair) for pair in pairs if pair.price and pair.price.seeds]
    if short:
        more, nearest = min(short, key=itemgetter(0))
        yield Finding(
            code="BKO501",
            severity="note",
            title="Too few seeds to decide",
            evidence=f"{_undecided(short)}; the nearest is {nearest.a} against "
            f"{nearest.b}, about {more} more seed{'s' * (more != 1)} of each",
            advice="add seeds once, or let a race decide (seeds: {min: 3, max: 30, until: settled} in a new store): "
            "adding them until a pair is significant errs more often than the level says",
        )


def _too_few_images(pairs: Sequence[PairResult]) -> Iterator[Finding]:
    short = [(images, pair) for pair in pairs if (images := _images_lacking(pair))]
    if short:
        images, nearest = min(short, key=itemgetter(0))
        yield Finding(
            code="BKO502",
            severity="note",
            title="Too few test images to decide",
            evidence=f"{_undecided(short)} that no number of seeds can decide; the nearest is {nearest.a} against "
            f"{nearest.b}, about {images:,} test images",
            advice="a larger test set, or accept that such a difference cannot be seen with this one",
        )


def _undecided(pairs: Sized) -> str:
    return f"{len(pairs)} undecided pair{'s' * (len(pairs) != 1)}"


def _images_lacking(pair: PairResult) -> int:
    """The test images that would decide a pair which no number of seeds can; 0 if these are not the obstacle."""
    needed = pair.price.images or 0 if pair.price and pair.price.seeds is None else 0
    there = pair.difference.images if pair.difference else 0
    return needed if needed > there else 0


def _luck(curse: WinnersCurse | None) -> Iterator[Finding]:
    if curse:
        yield Finding(
            code="BKO503",
            severity="note",
            model=curse.model,
            title="The highest of several means flatters",
            evidence=f"if the {curse.rivals} models that may be the best are equally good, the highest mean lies "
            f"{100 * curse.optimism:.2f} points above the truth on average",
            advice="quote the interval, or train the winner again with fresh seeds before quoting its mean",
        )


def _single_runs(models: Sequence[ModelResult]) -> Iterator[Finding]:
    for model in models:
        if model.seeds + model.failed_seeds == 1:
            yield Finding(
                code="BKO504",
                severity="warning",
                model=model.name,
                title="One run only",
                evidence="with one seed nothing is known about other seeds",
                advice="bakeoff run with --seeds 5",
            )

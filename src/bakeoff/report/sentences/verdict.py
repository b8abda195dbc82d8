"""The verdict in sentences, by rule: who leads, what is settled, what is not, and what a reader must not overlook."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bakeoff.comparison import Comparison, ModelResult, PairResult
from bakeoff.report import numbers
from bakeoff.report.sentences.cautions import budget_sentences, leak_sentences, looks_sentence, luck_sentences
from bakeoff.report.sentences.claims import claims_sentences
from bakeoff.report.sentences.classes import class_sentences
from bakeoff.report.sentences.factors import factor_sentences
from bakeoff.report.sentences.findings import error_sentences
from bakeoff.report.sentences.leaders import find_winner, leading_models
from bakeoff.report.sentences.models import failure_sentences, few_seeds_sentences, missing_sentences
from bakeoff.report.sentences.next_step import next_sentence
from bakeoff.report.sentences.pairs import Wording, count_pairs, disagreement_sentence, pair_sentence
from bakeoff.report.sentences.phrases import (
    LEADERBOARD,
    MOST_NAMES,
    PAIRS,
    Phrase,
    Sentence,
    compose_sentence,
    list_models,
    list_models_or_count,
    model_anchor,
    name_model,
)
from bakeoff.report.sentences.plateaus import plateau_sentences
from bakeoff.report.sentences.prices import is_conditional
from bakeoff.report.sentences.races import race_sentences
from bakeoff.report.standing import testable_models

FEW_MODELS = 5
"""Up to so many models, pairs are spoken about one by one; beyond, tiers are."""


def verdict_sentences(comparison: Comparison) -> tuple[Sentence, ...]:
    """Everything that the numbers allow to be said, the most important first.

    Args:
        comparison: Of any number of models.

    Returns:
        Who leads; pairs or tiers; pairs for which this test set says more than new images; published claims; factors;
        hard classes; epochs that were chosen; failed, single and missing runs and errors of training; what a
        reader must not overlook; and what to do next.
    """
    shown = _shown_pairs(comparison)
    wording = Wording.of(comparison)
    return (
        _leader(comparison),
        *_pairs(shown, wording),
        *_tiers(comparison),
        *filter(None, (disagreement_sentence(pair, wording) for pair in shown)),
        *claims_sentences(comparison),
        *factor_sentences(comparison),
        *class_sentences(comparison),
        *plateau_sentences(comparison),
        *failure_sentences(comparison),
        *error_sentences(comparison),
        *few_seeds_sentences(comparison),
        *missing_sentences(comparison),
        *race_sentences(comparison),
        *luck_sentences(comparison),
        *budget_sentences(comparison),
        *leak_sentences(comparison),
        looks_sentence(comparison),
        next_sentence(comparison),
    )


def _pairs(shown: Sequence[PairResult], wording: Wording) -> list[Sentence]:
    """Pair by pair; the correction and what a price takes for granted are explained where they come first."""
    priced = [place for place, pair in enumerate(shown) if is_conditional(pair, images=wording.images)]
    return [
        pair_sentence(pair, replace(wording, brief=place > 0, assuming=place in priced[:1]))
        for place, pair in enumerate(shown)
    ]


def _leader(comparison: Comparison) -> Sentence:
    leading, tested = leading_models(comparison), testable_models(comparison)
    if not leading or leading[0].accuracy is None:
        return _nobody_leads(comparison)
    first = leading[0]
    winners = [find_winner(pair) for pair in comparison.pairs if first.name in (pair.a, pair.b)]
    if any(winner not in ("", first.name) for winner in winners):
        circle = Phrase("beaten by another", "number", PAIRS)
        return compose_sentence("leader", "Every model that can be compared is ", circle, ", so nobody leads.")
    result, everyone = _accuracy(first, comparison), f"the {len(tested)} models"
    among = everyone if len(tested) == len(comparison.models) else f"{everyone} that can be compared"
    if winners.count(first.name) == len(tested) - 1:
        best = f" is the {'better' if len(tested) == 2 else 'best'} of {among}: it gets "
        return compose_sentence("leader", name_model(first.name), best, result, " of new images right.")
    subset = "" if among == everyone else f"Of {among}, "
    opening: list[Phrase | str]
    if first is tested[0] and not any(model.failed_seeds for model in tested):
        opening = [name_model(first.name), " has the highest mean accuracy, ", result, " on new images, "]
    else:  # means of the seeds that did not fail are no order
        nobody = "none beats " if subset else "No model beats "
        opening = [nobody, name_model(first.name), ", which gets ", result, " of new images right, "]
    return compose_sentence("leader", *([subset] if subset else []), *opening, *_rivals(leading, comparison))


def _rivals(leading: Sequence[ModelResult], comparison: Comparison) -> list[Phrase | str]:
    """Who else may be the best."""
    names = [model.name for model in leading]
    if len(names) == 1:  # unbeaten alone, yet it does not beat everyone
        return ["and nobody beats it, but it is not shown to beat everyone."]
    if _all_equivalent(comparison, leading):
        return ["and shares the first place: ", *list_models_or_count(names), " are equivalent."]
    if len(names) > MOST_NAMES:
        count = Phrase(f"{len(names)} models", "number", LEADERBOARD)
        return ["but who is best is not settled: ", count, " are beaten by no other."]
    verb = "is" if len(names) == 2 else "are"
    return ["but who is best is not settled: ", *list_models(names[1:]), f" {verb} beaten by no model either."]


def _nobody_leads(comparison: Comparison) -> Sentence:
    first = comparison.models[0]
    if first.accuracy is None:
        finished = Phrase("No model has a finished seed", "number", LEADERBOARD)
        return compose_sentence("leader", finished, ", so there is nothing to rank.")
    if len(comparison.models) == 1:
        result = _accuracy(first, comparison)
        end = " of new images right. It is the only model here: there is nothing to compare it with."
        return compose_sentence("leader", name_model(first.name), " gets ", result, end)
    highest = max(comparison.models, key=lambda model: model.accuracy.value if model.accuracy else -math.inf)
    result, middle = _accuracy(highest, comparison), " has the highest accuracy, "
    end = ", but no two models can be tested, so nobody leads."
    return compose_sentence("leader", name_model(highest.name), middle, result, end)


def _all_equivalent(comparison: Comparison, models: Sequence[ModelResult]) -> bool:
    names = {model.name for model in models}
    verdicts = [pair.verdict for pair in comparison.pairs if pair.a in names and pair.b in names]
    return set(verdicts) == {"equivalent"}


def _accuracy(model: ModelResult, comparison: Comparison) -> Phrase:
    """Its accuracy with interval and number of seeds."""
    estimate = model.accuracy
    if estimate is None:
        return Phrase("nothing", "number", model_anchor(model.name))
    decimals = numbers.choose_decimals(each.accuracy for each in comparison.models)
    value = numbers.format_percent(estimate.value, decimals=decimals)
    asked = model.seeds + model.failed_seeds
    seeds = f"{f'{model.seeds} of ' * (asked > model.seeds)}{asked} seed{'s' * (asked != 1)}"
    level = numbers.format_level(estimate.level)
    interval = f"{level} interval {numbers.format_percent_interval(estimate, decimals=decimals)}"
    known = f"{interval}, {seeds}" if math.isfinite(estimate.low) else seeds
    return Phrase(f"{value} ({known})", "number", model_anchor(model.name))


def _shown_pairs(comparison: Comparison) -> list[PairResult]:
    """Among few models the leader against each and neighbours in rank; among many the leader's two nearest pairs."""
    leader = next((model.name for model in leading_models(comparison)), "")
    others = [model.name for model in testable_models(comparison) if model.name != leader]
    tested = {frozenset((pair.a, pair.b)): pair for pair in comparison.pairs if not math.isnan(pair.p)}
    leading = [frozenset((leader, other)) for other in others]
    if len(comparison.models) > FEW_MODELS:
        beaten = [names for names in leading if names in tested and find_winner(tested[names]) == leader]
        nearest = dict.fromkeys(leading[:1] + beaten[:1])
    else:
        nearest = dict.fromkeys(leading + [frozenset(names) for names in pairwise(others)])
    return [tested[names] for names in nearest if names in tested]


def _tiers(comparison: Comparison) -> list[Sentence]:
    tested = testable_models(comparison)
    if len(comparison.models) <= FEW_MODELS or not tested:
        return []
    sentences = [_tier(tier, tested) for tier in sorted({model.tier for model in tested})]
    verdicts = Counter(pair.verdict for pair in comparison.pairs if not math.isnan(pair.p_adjusted))
    settled = verdicts["a better"] + verdicts["b better"]
    counts = (
        f"{settled} have a winner, {verdicts['equivalent']} count as equivalent "
        f"and {verdicts['undecided']} cannot be told apart"
    )
    opening = f"Of {count_pairs(comparison)} pairs, "
    return [*sentences, compose_sentence("tier", opening, Phrase(counts, "number", PAIRS), ".")]


def _tier(tier: int, tested: Sequence[ModelResult]) -> Sentence:
    names = list_models_or_count([model.name for model in tested if model.tier == tier])
    meaning = "beaten by none" if tier == 1 else f"each beaten by a model of tier {tier - 1}"
    return compose_sentence("tier", Phrase(f"Tier {tier}", "number", LEADERBOARD), f", {meaning}: ", *names, ".")

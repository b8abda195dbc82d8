"""The verdict in sentences, by rule: who leads, what is settled, what is not, and what a reader must not overlook."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.pair_sentences import Wording, count_pairs, disagreement_sentence, pair_sentence
from bakeoff.report.phrases import (
    LEADERBOARD,
    PAIRS,
    TRAINING,
    Phrase,
    Sentence,
    compose_sentence,
    list_models,
    model_anchor,
    name_model,
)

FEW_MODELS = 5
"""Up to so many models, pairs are spoken about one by one; beyond, tiers are."""

MOST_NAMES = 6
MOST_REASON = 140


def verdict_sentences(comparison: Comparison) -> tuple[Sentence, ...]:
    """Everything that the numbers allow to be said, the most important first.

    Args:
        comparison: Of any number of models.

    Returns:
        Who leads; pairs or tiers; pairs for which this test set says more than new images; failed, single and missing
        runs; how often the test set has been looked at.
    """
    shown = [comparison.pair(a, b) for a, b in _shown_pairs(comparison)]
    wording = Wording.of(comparison)
    return (
        _leader(comparison),
        *(pair_sentence(pair, replace(wording, brief=place > 0)) for place, pair in enumerate(shown)),
        *_tiers(comparison),
        *filter(None, (disagreement_sentence(pair, wording) for pair in shown)),
        *_failures(comparison),
        *_without_verdict(comparison),
        *_fewer_seeds(comparison),
        *_missing(comparison),
        *_leaks(comparison),
        _looks(comparison),
    )


def testable_models(comparison: Comparison) -> list[ModelResult]:
    """The models that have been tested against at least one other, best first."""
    tested = {name for pair in comparison.pairs if not math.isnan(pair.p_adjusted) for name in (pair.a, pair.b)}
    return [model for model in comparison.models if model.name in tested]


def _leader(comparison: Comparison) -> Sentence:
    tested = testable_models(comparison)
    if not tested:
        return _nobody_leads(comparison)
    first, contenders = tested[0], [model for model in tested if model.tier == 1]
    result = _accuracy(first, comparison)
    if len(tested) - 1 == sum(pair.verdict == "a better" and pair.a == first.name for pair in comparison.pairs):
        everyone = f"the {len(tested)} models"
        among = everyone if len(tested) == len(comparison.models) else f"{everyone} that can be compared"
        best = f" is the {'better' if len(tested) == 2 else 'best'} of {among}: it gets "
        return compose_sentence("leader", name_model(first.name), best, result, " of new images right.")
    opening = (name_model(first.name), " has the highest mean accuracy, ", result, " on new images, ")
    if _all_equivalent(comparison, contenders):
        names = list_models([model.name for model in contenders])
        return compose_sentence("leader", *opening, "and shares the first place: ", *names, " are equivalent.")
    return compose_sentence("leader", *opening, *_rivals(first, contenders))


def _rivals(first: ModelResult, contenders: Sequence[ModelResult]) -> list[Phrase | str]:
    """Who else may be the best."""
    others = [model.name for model in contenders if model is not first]
    if not others:  # unbeaten alone, yet it does not beat everyone
        return ["and nobody beats it, but it is not shown to beat everyone."]
    if len(others) > MOST_NAMES:
        count = Phrase(f"{len(contenders)} models", "number", LEADERBOARD)
        return ["but who is best is not settled: ", count, " are beaten by no other."]
    verb = "is" if len(others) == 1 else "are"
    return ["but who is best is not settled: ", *list_models(others), f" {verb} beaten by no model either."]


def _nobody_leads(comparison: Comparison) -> Sentence:
    first = comparison.models[0]
    if first.accuracy is None:
        finished = Phrase("No model has a finished seed", "number", LEADERBOARD)
        return compose_sentence("leader", finished, ", so there is nothing to rank.")
    if len(comparison.models) == 1:
        result = _accuracy(first, comparison)
        end = " of new images right. It is the only model here: there is nothing to compare it with."
        return compose_sentence("leader", name_model(first.name), " gets ", result, end)
    result = _accuracy(first, comparison)
    middle = " has the highest accuracy, "
    return compose_sentence(
        "leader", name_model(first.name), middle, result, ", but no two models can be tested, so nobody leads."
    )


def _all_equivalent(comparison: Comparison, models: Sequence[ModelResult]) -> bool:
    names = [model.name for model in models]
    verdicts = [comparison.pair(a, b).verdict for place, a in enumerate(names) for b in names[:place]]
    return bool(verdicts) and set(verdicts) == {"equivalent"}


def _accuracy(model: ModelResult, comparison: Comparison) -> Phrase:
    """Its accuracy with interval and number of seeds."""
    estimate = model.accuracy
    if estimate is None:
        return Phrase("nothing", "number", model_anchor(model.name))
    decimals = numbers.choose_decimals(each.accuracy for each in comparison.models)
    value = numbers.format_percent(estimate.value, decimals=decimals)
    seeds = f"{model.seeds} seed{'s' * (model.seeds != 1)}"
    level = numbers.format_level(estimate.level)
    interval = f"{level} interval {numbers.format_percent_interval(estimate, decimals=decimals)}"
    known = f"{interval}, {seeds}" if math.isfinite(estimate.low) else seeds
    return Phrase(f"{value} ({known})", "number", model_anchor(model.name))


def _shown_pairs(comparison: Comparison) -> list[tuple[str, str]]:
    """Among few models the leader against each and neighbours in rank; among many the leader's two nearest pairs."""
    names = [model.name for model in testable_models(comparison)]
    leading = [(names[0], other) for other in names[1:]] if names else []
    if len(comparison.models) > FEW_MODELS:
        beaten = [(a, b) for a, b in leading if comparison.pair(a, b).verdict == "a better"]
        nearest = dict.fromkeys(leading[:1] + beaten[:1])
    else:
        nearest = dict.fromkeys(leading + list(pairwise(names[1:])))
    return [pair for pair in nearest if not comparison.pair(*pair).reason]


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
    names = list_models([model.name for model in tested if model.tier == tier])
    meaning = "beaten by none" if tier == 1 else f"each beaten by a model of tier {tier - 1}"
    return compose_sentence("tier", Phrase(f"Tier {tier}", "number", LEADERBOARD), f", {meaning}: ", *names, ".")


def _failures(comparison: Comparison) -> list[Sentence]:
    return [_failure(model) for model in comparison.models if model.failed_seeds]


def _failure(model: ModelResult) -> Sentence:
    asked = model.seeds + model.failed_seeds
    what = f"{'All ' if not model.seeds and asked > 1 else ''}{_share(model.failed_seeds, asked)}"
    others = f"the other {model.seeds}" if model.seeds > 1 else "the other one"
    consequence = (
        f"Its accuracy speaks of {others} only, and no verdict is given."
        if model.seeds
        else "It has no accuracy to compare."
    )
    number = Phrase(what, "number", model_anchor(model.name))
    return compose_sentence(
        "failed", number, " of ", name_model(model.name), f" failed: {_reasons(model)}. {consequence}"
    )


def _share(failed: int, asked: int) -> str:
    seeds = f"{asked} seed{'s' * (asked != 1)}"
    return seeds if failed == asked and asked > 1 else f"{failed} of {seeds}"


def _reasons(model: ModelResult) -> str:
    """How its runs failed, and the first reason that was recorded."""
    failed = [run for run in model.runs if run.failed]
    counts = Counter(run.status for run in failed).most_common()
    kinds = counts[0][0] if len(counts) == 1 else numbers.join_names(f"{count} {status}" for status, count in counts)
    reason = textwrap.shorten(next((run.reason for run in failed if run.reason), ""), MOST_REASON, placeholder=" ...")
    example = f"{'for instance ' if len(failed) > 1 else ''}{reason}"
    return f"{kinds} ({example})" if reason else kinds


def _without_verdict(comparison: Comparison) -> list[Sentence]:
    """Models with too few seeds to judge, though none failed."""
    healthy = [model for model in comparison.models if not model.failed_seeds]
    single = [model.name for model in healthy if model.seeds == 1]
    unfinished = [model.name for model in healthy if model.seeds == 0]
    sentences = []
    if single:
        each, they = (" each", "they are") if len(single) > 1 else ("", "it is")
        verb = "have" if len(single) > 1 else "has"
        runs = Phrase(f"one run{each}", "number", model_anchor(single[0]))
        end = f": nothing can be said about other seeds, so {they} given no verdict."
        sentences.append(compose_sentence("single run", *list_models(single), f" {verb} ", runs, end))
    if unfinished:
        verb = "have" if len(unfinished) > 1 else "has"
        seeds = Phrase("no seed with all its folds", "number", model_anchor(unfinished[0]))
        sentences.append(compose_sentence("incomplete", *list_models(unfinished), f" {verb} ", seeds, " yet."))
    return sentences


def _fewer_seeds(comparison: Comparison) -> list[Sentence]:
    """Models of which some seeds have not been run yet: the verdict is from a part of the study."""
    if comparison.study.protocol.race:  # how many seeds each model gets is then the race's to say
        return []
    short = [m for m in comparison.models if 0 < m.seeds + m.failed_seeds < m.spec.protocol.most_seeds]
    if not short:
        return []
    verb = "have" if len(short) > 1 else "has"
    fewer = Phrase("fewer seeds", "number", model_anchor(short[0].name))
    end = f" than the {short[0].spec.protocol.most_seeds} that the study asks for; run it again to fill up."
    listed = list_models([m.name for m in short]) if len(short) <= MOST_NAMES else [f"{len(short)} models"]
    return [compose_sentence("incomplete", *listed, f" {verb} ", fewer, end)]


def _missing(comparison: Comparison) -> list[Sentence]:
    if not comparison.missing:
        return []
    verb = "has" if len(comparison.missing) == 1 else "have"
    runs = Phrase("no run", "number", LEADERBOARD)
    names = numbers.join_names(comparison.missing)
    return [compose_sentence("missing", f"{names} {verb} ", runs, " yet and could still change the order.")]


def _leaks(comparison: Comparison) -> list[Sentence]:
    names = [model.name for model in comparison.models if model.spec.protocol.validation == "test"]
    if not names:
        return []
    images = Phrase("the test images", "number", TRAINING)
    end = " for validation: an epoch or a setting that was chosen by them is judged too kindly."
    listed = list_models(names) if len(names) <= MOST_NAMES else [f"{len(names)} models"]
    return [compose_sentence("leak", *listed, f" use{'s' * (len(names) == 1)} ", images, end)]


def _looks(comparison: Comparison) -> Sentence:
    count = comparison.test_looks
    if count <= 1:
        end = " look at this test set from this store."
        return compose_sentence("looks", "This is the ", Phrase("first", "number", TRAINING), end)
    looks = Phrase("twice" if count == 2 else f"{count} times", "number", TRAINING)
    opening = "Different sets of runs have been judged on this test set "
    end = "; a model or a setting that was chosen after such a look is judged too kindly."
    return compose_sentence("looks", opening, looks, end)

"""What must be said of single models: seeds that failed, seeds that are too few, runs that are missing."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.sentences.phrases import (
    LEADERBOARD,
    MOST_NAMES,
    Phrase,
    Sentence,
    compose_sentence,
    list_models_or_count,
    model_anchor,
    name_model,
)

MOST_REASON = 140


def failure_sentences(comparison: Comparison) -> list[Sentence]:
    """How many seeds of a model failed and how, how often that must be expected, and what it does to its verdicts.

    Args:
        comparison: Of any number of models.

    Returns:
        One sentence for each model with a failed seed; one for all of them where they are many.
    """
    failing = [model for model in comparison.models if model.failed_seeds]
    return [_failures(failing)] if len(failing) > MOST_NAMES else [_failure(model, comparison) for model in failing]


def few_seeds_sentences(comparison: Comparison) -> list[Sentence]:
    """Models with too few seeds to judge, or fewer than were asked for, though none failed.

    Args:
        comparison: Of any number of models.

    Returns:
        At most three sentences.
    """
    healthy = [model for model in comparison.models if not model.failed_seeds]
    single = [model.name for model in healthy if model.seeds == 1]
    unfinished = [model.name for model in healthy if model.seeds == 0]
    sentences = []
    if single:
        each, they = (" each", "they are") if len(single) > 1 else ("", "it is")
        runs = Phrase(f"one run{each}", "number", model_anchor(single[0]))
        end = f": nothing can be said about other seeds, so {they} given no verdict."
        sentences.append(compose_sentence("single run", *list_models_or_count(single), f" {_have(single)} ", runs, end))
    if unfinished:
        seeds = Phrase("no seed with all its folds", "number", model_anchor(unfinished[0]))
        listed = list_models_or_count(unfinished)
        sentences.append(compose_sentence("incomplete", *listed, f" {_have(unfinished)} ", seeds, " yet."))
    return [*sentences, *_fewer_than_asked(comparison)]


def missing_sentences(comparison: Comparison) -> list[Sentence]:
    """Models that have not been run.

    Args:
        comparison: Of any number of models.

    Returns:
        At most one sentence.
    """
    if not comparison.missing:
        return []
    runs = Phrase("no run", "number", LEADERBOARD)
    names, end = comparison.missing, " yet and could still change the order."
    listed = [numbers.join_names(names) if len(names) <= MOST_NAMES else f"{len(names)} models"]
    return [compose_sentence("missing", *listed, f" {_have(names)} ", runs, end)]


def _failures(models: Sequence[ModelResult]) -> Sentence:
    failed, asked = (
        sum(model.failed_seeds for model in models),
        sum(model.seeds + model.failed_seeds for model in models),
    )
    counts = Counter(run.status for model in models for run in model.runs if run.failed).most_common()
    kinds = numbers.join_names(status for status, _ in counts)
    number = Phrase(f"{failed} of {asked} seeds", "number", LEADERBOARD)
    end = f" of {len(models)} models failed: {kinds}. Their accuracies speak of the other seeds only, without interval."
    return compose_sentence("failed", number, end)


def _failure(model: ModelResult, comparison: Comparison) -> Sentence:
    asked = model.seeds + model.failed_seeds
    what = f"{'All ' if not model.seeds and asked > 1 else ''}{_share(model.failed_seeds, asked)}"
    number = Phrase(what, "number", model_anchor(model.name))
    end = f" failed: {_reasons(model)}. {_expected(model)}{_consequence(model, comparison)}"
    return compose_sentence("failed", number, " of ", name_model(model.name), end)


def _expected(model: ModelResult) -> str:
    """How often it must be expected; crashes say nothing of the model."""
    rate = model.failure_rate
    if rate is None or rate.value == 0:
        return ""
    level = numbers.format_level(rate.level)
    bounds = numbers.format_chance_range(rate).capitalize()
    return f"{bounds} of its trainings diverge or collapse ({level} interval). "


def _consequence(model: ModelResult, comparison: Comparison) -> str:
    bases = {pair.basis for pair in comparison.pairs if model.name in (pair.a, pair.b)}
    if "ranks" in bases:
        verdict = "; verdicts on it go by ranks"
    else:
        verdict = "; no verdict is given" if bases and model.seeds else ""
    others = f"the other {model.seeds}" if model.seeds > 1 else "the other one"
    accuracy = f"Its accuracy speaks of {others} only, without interval" if model.seeds else "It has no accuracy"
    return f"{accuracy}{verdict}."


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


def _fewer_than_asked(comparison: Comparison) -> list[Sentence]:
    """Models of which some seeds have not been run yet: the verdict is from a part of the study."""
    if comparison.race or comparison.study.protocol.race:  # how many seeds each model gets is the race's to say
        return []
    short = [m for m in comparison.models if 0 < m.seeds + m.failed_seeds < m.spec.protocol.most_seeds]
    if not short:
        return []
    fewer = Phrase("fewer seeds", "number", model_anchor(short[0].name))
    end = f" than the {short[0].spec.protocol.most_seeds} that the study asks for; run it again to fill up."
    listed = list_models_or_count([m.name for m in short])
    return [compose_sentence("incomplete", *listed, f" {_have(short)} ", fewer, end)]


def _have(models: list[str] | list[ModelResult] | tuple[str, ...]) -> str:
    return "has" if len(models) == 1 else "have"

"""What a reader must not overlook: luck, unequal budgets, and eyes that have seen the test images before."""

from __future__ import annotations

from bakeoff.comparison import Comparison
from bakeoff.report import numbers
from bakeoff.report.sentences.phrases import (
    BUDGET,
    TRAINING,
    Phrase,
    Sentence,
    compose_sentence,
    list_models_or_count,
    model_anchor,
    name_model,
)


def luck_sentences(comparison: Comparison) -> list[Sentence]:
    """The winner's curse.

    Args:
        comparison: Of any number of models.

    Returns:
        At most one sentence.
    """
    curse = comparison.curse
    if curse is None or curse.optimism == 0:
        return []
    decimals = numbers.choose_decimals(pair.difference for pair in comparison.pairs)
    points = numbers.format_points(curse.optimism, decimals=decimals)
    number = Phrase(f"{points} above the truth", "number", model_anchor(curse.model))
    opening = (
        f"The highest of several means flatters: if the {curse.rivals} models that may be the best are equally good, "
        "the mean of "
    )
    return [compose_sentence("luck", opening, name_model(curse.model), " lies ", number, " on average.")]


def budget_sentences(comparison: Comparison) -> list[Sentence]:
    """What the models were not given in equal parts.

    Args:
        comparison: Of any number of models.

    Returns:
        At most one sentence.
    """
    unequal = comparison.budget.unequal
    if not unequal:
        return []
    listed = "; ".join(text.replace(":", "", 1) for text in unequal)
    return [compose_sentence("budget", "The budgets were ", Phrase("not equal", "number", BUDGET), f": {listed}.")]


def leak_sentences(comparison: Comparison) -> list[Sentence]:
    """Models that use the test images for validation.

    Args:
        comparison: Of any number of models.

    Returns:
        At most one sentence.
    """
    names = [model.name for model in comparison.models if model.spec.protocol.validation == "test"]
    if not names:
        return []
    images = Phrase("the test images", "number", TRAINING)
    end = " for validation: an epoch or a setting that was chosen by them is judged too kindly."
    return [compose_sentence("leak", *list_models_or_count(names), f" use{'s' * (len(names) == 1)} ", images, end)]


def looks_sentence(comparison: Comparison) -> Sentence:
    """How often this test set has been looked at.

    Args:
        comparison: Of any number of models.

    Returns:
        The sentence.
    """
    count = comparison.test_looks
    if count <= 1:
        end = " look at this test set from this store."
        return compose_sentence("looks", "This is the ", Phrase("first", "number", TRAINING), end)
    looks = Phrase("twice" if count == 2 else f"{count} times", "number", TRAINING)
    opening = "Different sets of runs have been judged on this test set "
    end = "; a model or a setting that was chosen after such a look is judged too kindly."
    return compose_sentence("looks", opening, looks, end)

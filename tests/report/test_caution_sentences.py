"""Claims, factors, luck and budgets in sentences."""

from dataclasses import replace

import pytest

from bakeoff.comparison.claims import ClaimResult
from bakeoff.comparison.curse import WinnersCurse
from bakeoff.comparison.factors import Attribution
from bakeoff.report import numbers, verdict_sentences
from bakeoff.report.sentences.factors import interaction_text, share_text


def read(comparison, *kinds: str) -> list[str]:
    """The sentences of these kinds, with ordinary spaces and minus signs."""
    return [
        sentence.text.replace(numbers.NO_BREAK_SPACE, " ").replace(numbers.MINUS, "-")
        for sentence in verdict_sentences(comparison)
        if sentence.kind in kinds
    ]


def test_luck_is_put_a_number_on(by_hand):
    """The winner's curse."""
    comparison = replace(by_hand.make_comparison(by_hand.FOUR), curse=WinnersCurse("cnn", 3, 0.0042))
    assert read(comparison, "luck") == [
        "The highest of several means flatters: if the 3 models that may be the best are equally good, the mean of cnn "
        "lies 0.4 points above the truth on average."
    ]
    assert read(replace(comparison, curse=WinnersCurse("cnn", 3, 0.0)), "luck") == []
    assert read(replace(comparison, curse=None), "luck") == []


def with_budget(by_hand, *unequal: str):
    """A comparison of models that were not given the same."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    return replace(comparison, budget=replace(comparison.budget, unequal=unequal))


def test_unequal_budgets_are_said(by_hand):
    """What was not equal, in one sentence; nothing where all was."""
    unequal = ("epochs: 5 (a) to 15 (b)", "seeds: 3 (a) to 5 (b)")
    comparison = with_budget(by_hand, *unequal)
    assert read(comparison, "budget") == ["The budgets were not equal: epochs 5 (a) to 15 (b); seeds 3 (a) to 5 (b)."]
    assert read(with_budget(by_hand), "budget") == []


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (
            {"reproduced": 4, "not reproduced": 1, "undetermined": 2, "not comparable": 2},
            "Of 9 published claims, 4 are reproduced, 1 is not, 2 are undetermined and 2 cannot be compared.",
        ),
        (
            {"not reproduced": 2, "undetermined": 1},
            "Of 3 published claims, 2 are not reproduced and 1 is undetermined.",
        ),
        ({"reproduced": 1, "not reproduced": 2}, "Of 3 published claims, 1 is reproduced and 2 are not."),
        ({"reproduced": 3}, "All 3 published claims are reproduced."),
        ({"not reproduced": 1}, "The only published claim is not reproduced."),
        ({"not comparable": 1}, "The only published claim cannot be compared."),
        ({"not comparable": 2}, "All 2 published claims cannot be compared."),
    ],
)
def test_claims_are_counted(by_hand, counts, words):
    """How many came back, in words that count right."""
    claims = tuple(ClaimResult("a > b", "", verdict, "") for verdict, count in counts.items() for _ in range(count))
    assert read(replace(by_hand.make_comparison(by_hand.FOUR), claims=claims), "claims") == [words]


def test_without_claims_nothing_is_said(by_hand):
    """A study of one's own has none."""
    assert read(by_hand.make_comparison(by_hand.FOUR), "claims", "factors", "race") == []


def attributing(by_hand, *factors):
    """A comparison with these factors."""
    return replace(by_hand.make_comparison(by_hand.FOUR), attribution=Attribution(factors, (), 0.95))


def test_the_largest_effect_is_named(by_hand):
    """The better level first, whichever side of the contrast it is on."""
    contrasts = [
        by_hand.make_contrast("relu", "tanh", 1.1),
        by_hand.make_contrast("sigmoid", "relu", -3.1, verdict="worse"),
        by_hand.make_contrast("tanh", "linear", 9.9, verdict="undecided"),
    ]
    assert read(attributing(by_hand, by_hand.make_factor("activation", contrasts)), "factors") == [
        "All else equal, activation relu is better than sigmoid by 3.1 points (95 % interval 2.1 to 4.1, p = 0.0004 "
        "after Holm's correction for 3 contrasts), seen in 2 settings of the other factors."
    ]


def test_an_effect_that_depends_is_no_average(by_hand):
    """Where factors interact, no level is called better."""
    contrast = by_hand.make_contrast("relu", "tanh", 3.1, verdict="depends")
    factor = by_hand.make_factor("activation", [contrast], interaction_p=0.003)
    assert read(attributing(by_hand, factor), "factors") == [
        "The effect of activation depends on the other factors (p = 0.003), so it has no average to speak of."
    ]


def test_contrasts_that_cannot_be_estimated_are_counted(by_hand):
    """How much these models cannot tell; a single contrast is spoken of as one."""
    undecided = by_hand.make_contrast("relu", "tanh", 0.1, verdict="undecided")
    refused = [by_hand.make_refused("adam", "sgd"), by_hand.make_refused("adam", "rmsprop")]
    factors = [by_hand.make_factor("activation", [undecided]), by_hand.make_factor("optimizer", refused)]
    assert read(attributing(by_hand, *factors), "factors") == [
        "Of 3 contrasts between levels of factors, 2 cannot be estimated: no two models differ in that factor alone."
    ]
    assert read(attributing(by_hand, by_hand.make_factor("optimizer", refused[:1])), "factors") == [
        "The only contrast between levels of a factor cannot be estimated: no two models differ in that factor alone."
    ]


@pytest.mark.parametrize(
    ("p", "verdict", "words"),
    [
        (0.4, "better", "Nothing shows that its effect depends on the other factors (p = 0.40)."),
        (0.003, "depends", "Its effect depends on the other factors (p = 0.003): read the difference in each setting."),
        (float("nan"), "better", "Whether its effect depends on the other factors cannot be tested."),
    ],
)
def test_interaction_in_words(by_hand, p, verdict, words):
    """Shown, not shown, or not testable."""
    factor = by_hand.make_factor("activation", [by_hand.make_contrast("a", "b", 1.0, verdict=verdict)], interaction_p=p)
    assert interaction_text(factor, alpha=0.05) == words


def test_a_factor_without_contrast_has_no_interaction(by_hand):
    """Nothing is said of what cannot be estimated."""
    assert interaction_text(by_hand.make_factor("x", [by_hand.make_refused("a", "b")]), alpha=0.05) == ""


@pytest.mark.parametrize(
    ("share", "reason", "words"),
    [
        (0.337, "", "It explains 34 % of the variance between runs."),
        (-0.02, "", "It explains no more of the variance between runs than chance would."),
        (None, "all runs have the same score", "How much of the variance it explains is not known: all runs have the "
         "same score."),
    ],
)  # fmt: skip
def test_share_in_words(by_hand, share, reason, words):
    """An unbiased share may be negative, and is then none."""
    factor = replace(by_hand.make_factor("x", []), share=share, share_reason=reason)
    assert share_text(factor).replace(numbers.NO_BREAK_SPACE, " ") == words

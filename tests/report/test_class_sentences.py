from dataclasses import replace

import pytest

from bakeoff.comparison.classes import ClassDifference
from bakeoff.report import numbers, verdict_sentences
from bakeoff.report.sentences import classes as words
from bakeoff.stats import RankCorrelation


def _plain(text):
    return text.replace(numbers.NO_BREAK_SPACE, " ")


@pytest.fixture
def tell(by_hand):
    """Harder classes by model to the sentences about classes."""

    def tell(harder, **arguments):
        comparison = by_hand.make_comparison(by_hand.FOUR)
        comparison = replace(comparison, classes=by_hand.make_classes(comparison, harder, **arguments))
        said = [sentence for sentence in verdict_sentences(comparison) if sentence.kind == "classes"]
        assert said == words.class_sentences(comparison)
        return [_plain(sentence.text) for sentence in said]

    return tell


def test_the_class_that_is_hard_for_most_comes_first(tell):
    """How many models struggle with each class, and the recall of the best of them."""
    assert tell({"cnn": (8,), "lstm": (5, 8), "dense": ()}) == [
        "Class 8 is harder than the others for 2 of 3 models, class 5 for 1; "
        "cnn gets 90.0 % (95 % interval 88.0 to 92.0) of class 8 right."
    ]


def test_a_class_that_is_hard_for_one_model(tell):
    """It is that model's recall that is told."""
    assert tell({"cnn": (), "lstm": (5,)}) == [
        "Class 5 is harder than the others for 1 of 2 models: "
        "lstm gets 90.0 % (95 % interval 88.0 to 92.0) of class 5 right."
    ]


@pytest.mark.parametrize(
    ("hard", "listed"),
    [
        ((8,), "class 8 (90.0 % right, 95 % interval 88.0 to 92.0) is"),
        (
            (5, 8),
            "class 5 (90.0 % right, 95 % interval 88.0 to 92.0) and class 8 (90.0 % right, 95 % interval 88.0 to 92.0) "
            "are",
        ),
    ],
)
def test_one_model_alone(tell, hard, listed):
    """Its hard classes are named with their recalls."""
    assert tell({"cnn": hard}) == [f"For cnn, {listed} harder than the others."]


def test_nothing_is_said_where_nothing_is_proved(tell, by_hand):
    """No hard class, no sentence; and none without classes."""
    assert tell({"cnn": (), "lstm": ()}) == []
    assert words.class_sentences(by_hand.make_comparison(by_hand.FOUR)) == []


def test_words_about_one_model(by_hand):
    """Its harder classes, or why there are none."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    story = by_hand.make_classes(comparison, {"cnn": (1, 2, 3, 8), "lstm": ()})
    hardest, none = story.models
    assert _plain(words.hardest_text(hardest, story.names)) == (
        "Harder than the others: 1 (90.0 %, 88.0 to 92.0), 2 (90.0 %, 88.0 to 92.0), 3 (90.0 %, 88.0 to 92.0) "
        "and 1 more."
    )
    assert words.hardest_text(none, story.names) == "No class is shown to be harder than the others."
    untested = replace(none, obstacle="one seed tells nothing about other seeds")
    assert words.hardest_text(untested, story.names) == (
        "Its classes are not tested: one seed tells nothing about other seeds."
    )
    assert words.confusions_text((), story.names) == ""
    assert _plain(words.confusions_text(hardest.confusions[:1], story.names)) == (
        "It takes most often 3 for 5 (6.0 %, 4.0 to 8.0)."
    )


@pytest.mark.parametrize(
    ("frequency", "text"),
    [
        (RankCorrelation(0.1, 0.8, 10, False), "is not shown to matter (rank correlation 0.10, p = 0.80)."),
        (RankCorrelation(0.9, 0.001, 10, False), "are recognised better (rank correlation 0.90, p = 0.001)."),
        (RankCorrelation(-0.9, 0.001, 10, False), "are recognised worse (rank correlation \u22120.90, p = 0.001)."),
        (None, ""),
    ],
)
def test_what_frequency_has_to_do_with_it(by_hand, frequency, text):
    """A significant correlation has a direction, any other is not shown; without counts nothing is said."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    story = by_hand.make_classes(comparison, {"cnn": (8,)}, frequency=frequency)
    assert words.frequency_text(story.models[0], story).endswith(text)
    assert bool(words.frequency_text(story.models[0], story)) == bool(text)


def test_equal_numbers_of_training_images_explain_nothing(by_hand):
    """Said once for all models, and only where the numbers are known and equal."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    for counts, text in (
        ((400,) * 10, "Every class has 400 training images, so class frequency explains nothing here."),
        (tuple(range(10)), ""),
        (None, ""),
    ):
        story = by_hand.make_classes(comparison, {"cnn": ()}, train_images=counts)
        assert words.equal_frequency_text(story) == text


def test_models_are_compared_pair_by_pair(by_hand):
    """All classes of a pair in one sentence."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    differences = (
        ClassDifference(8, "cnn", "dense", by_hand.estimate(0.05, 0.02), 0.001),
        ClassDifference(5, "lstm", "dense", by_hand.estimate(0.06, 0.02), 0.002),
        ClassDifference(3, "cnn", "dense", by_hand.estimate(0.04, 0.02), 0.003),
    )
    story = by_hand.make_classes(comparison, {"cnn": ()}, differences=differences)
    assert words.difference_texts(story) == [
        "cnn is better than dense at 8 (by 5.0 points, 3.0 to 7.0) and 3 (by 4.0 points, 2.0 to 6.0).",
        "lstm is better than dense at 5 (by 6.0 points, 4.0 to 8.0).",
    ]

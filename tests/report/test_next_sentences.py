"""What to do next follows from what is known, the most urgent first."""

from dataclasses import replace

import pytest

from bakeoff.comparison import PairPrice
from bakeoff.report.sentences.next_step import next_sentence
from bakeoff.spec.values import Finding


def _text(comparison):
    return next_sentence(comparison).text.replace("\N{NO-BREAK SPACE}", " ")


def _alone(by_hand, recipe, arguments):
    """A winner of this kind over a dense network."""
    made = by_hand.make_comparison([by_hand.Entry("best", 0.99), by_hand.Entry("dense", 0.9)])
    best, dense = made.models
    spec = best.spec.model_copy(update={"recipe": recipe, "arguments": arguments})
    return replace(made, models=(replace(best, spec=spec), dense))


def test_what_fails_is_mended_first(by_hand):
    """Though a model is missing too; of the data before all."""
    made = by_hand.make_comparison(by_hand.FOUR, missing=("vgg",))
    sick = replace(made, findings=(Finding("BKO102", "error", "collapsed", "5 of 5", "scale", "cnn"),))
    assert _text(sick) == "Next: find out why cnn fails (BKO102): bakeoff explain by-hand cnn --try."
    leaky = replace(made, findings=(Finding("BKO302", "error", "same image", "3", "remove"),))
    assert _text(leaky) == "Next: mend the data (BKO302); until then no other result can be trusted."
    warned = replace(made, findings=(Finding("BKO105", "warning", "dead units", "3", "slower", "cnn"),))
    assert _text(warned) == "Next: train the models without a run: bakeoff run by-hand."


def test_one_model_needs_another(by_hand):
    """A number alone is no comparison."""
    assert "put a simpler network beside it" in _text(by_hand.make_comparison(by_hand.FOUR[:1]))


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (
            PairPrice(6, 60.0, None, ""),
            "Next: settle a against b: about 6 more seeds of each, 60 seconds of training, ",
        ),
        (
            PairPrice(None, None, 40_000, "images"),
            "Next: settle a against b: more seeds cannot decide, but about 40,000",
        ),
        (PairPrice(200, 9e4, None, ""), "Next: no more seeds and no more images for a against b: choose by what else"),
        (None, "Next: no more seeds and no more images for a against b: choose by what else"),
    ],
)
def test_an_open_first_place_is_settled_if_that_is_cheap(by_hand, price, words):
    """Seeds, else images; and where neither is worth it, other reasons decide."""
    made = by_hand.make_comparison([by_hand.Entry("a", 0.91), by_hand.Entry("b", 0.905)], margin=0.0001)
    assert made.pairs[0].verdict == "undecided"
    assert _text(by_hand.with_pair(made, "a", "b", price=price)).startswith(words)


def test_pairs_below_the_first_tier_do_not_matter(by_hand):
    """lstm, dense and dropout are undecided among each other, and all beaten: there is nothing to settle."""
    made = by_hand.make_comparison(by_hand.FOUR, margin=0.0001)
    assert {pair.verdict for pair in made.pairs if pair.a != "cnn"} == {"undecided"}
    assert _text(made).startswith("Next: who is best is settled")


@pytest.mark.parametrize(
    ("recipe", "arguments", "words"),
    [
        ("cnn", {}, "(transfer learning) may do better still."),
        ("layers", ["Flatten", {"Conv2D": {"filters": 8}}], "(transfer learning) may do better still."),
        ("mlp", {}, "A convolutional network (cnn in the study file) has not been tried."),
    ],
)
def test_a_settled_first_place_asks_for_another_kind(by_hand, recipe, arguments, words):
    """Beyond a CNN lies transfer learning, beyond dense networks the CNN."""
    assert _text(_alone(by_hand, recipe, arguments)).endswith(words)


def test_a_beaten_cnn_is_reason_to_stop(by_hand):
    """It has been tried."""
    made = _alone(by_hand, "mlp", {})
    spec = made.models[1].spec.model_copy(update={"recipe": "cnn"})
    made = replace(made, models=(made.models[0], replace(made.models[1], spec=spec)))
    assert _text(made).endswith("Stop here: even the convolutional models do not beat best.")

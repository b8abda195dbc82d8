"""What to do next follows from what is known, the most urgent first."""

from dataclasses import replace

import pytest

from bakeoff.comparison import CertaintyPrice
from bakeoff.comparison.prices import MAY_DECIDE
from bakeoff.report.sentences.next_step import next_sentence
from bakeoff.spec.values import Finding
from bakeoff.stats.price import NO_DIFFERENCE


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
    assert _text(sick) == "Next: bakeoff explain by-hand.yaml cnn --try finds out why cnn fails (BKO102)."
    leaky = replace(made, findings=(Finding("BKO302", "error", "same image", "3", "remove"),))
    assert _text(leaky) == "Next: mend the data (BKO302); until then no other result can be trusted."
    warned = replace(made, findings=(Finding("BKO105", "warning", "dead units", "3", "slower", "cnn"),))
    assert _text(warned) == "Next: bakeoff run by-hand.yaml trains the models without a run."


def test_one_model_needs_another(by_hand):
    """A number alone is no comparison."""
    assert "put a simpler network beside it" in _text(by_hand.make_comparison(by_hand.FOUR[:1]))


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (
            CertaintyPrice(6, 60.0, None, "", ("a", "b")),
            "Next: settle a against b: about 6 more seeds of each, 60 seconds of training, ",
        ),
        (
            CertaintyPrice(None, None, 40_000, "images", ("a", "b")),
            "Next: settle a against b: more seeds cannot decide, but about 40,000",
        ),
        (
            CertaintyPrice(40, 420.0, None, "", ("a", "b")),
            "Next: settle a against b: about 40 more seeds of each, 7 minutes of training, would decide.",
        ),
        (
            CertaintyPrice(30, None, None, "", ("a", "b")),
            "Next: settle a against b: about 30 more seeds of each would decide.",
        ),
        (
            CertaintyPrice(200, 9e4, None, "", ("a", "b")),
            "Next: a against b stays open (about 200 more seeds of each, 25 hours of training, would decide): choose",
        ),
        (
            CertaintyPrice(31, None, None, "", ("a", "b")),
            "Next: a against b stays open (about 31 more seeds of each would decide): choose",
        ),
        (
            CertaintyPrice(None, None, 10**12, "images", ("a", "b")),
            "Next: a against b stays open (more seeds cannot decide, but more than a billion test images would):",
        ),
        (
            CertaintyPrice(None, None, None, NO_DIFFERENCE, ("a", "b")),
            "Next: a against b stays open (neither more seeds nor more images can decide between equal means): choose",
        ),
        (
            CertaintyPrice(None, None, None, MAY_DECIDE, ("a", "b")),
            "Next: settle a against b: more seeds may decide, but how many cannot be said.",
        ),
        (None, "Next: a against b stays open (what would settle it is not known): choose by what else matters"),
    ],
)
def test_an_open_first_place_is_settled_if_that_is_cheap(by_hand, price, words):
    """Seeds, else images; what is dear, hopeless or unknown is called so, never one for the other."""
    made = by_hand.make_comparison([by_hand.Entry("a", 0.91), by_hand.Entry("b", 0.905)], margin=0.0001)
    assert made.pairs[0].verdict == "undecided"
    assert _text(by_hand.with_pair(made, "a", "b", price=price)).startswith(words)


@pytest.mark.parametrize(
    "other",
    [
        None,
        CertaintyPrice(None, None, 40_000, "images", ("a", "b")),
        CertaintyPrice(None, None, None, MAY_DECIDE, ("a", "b")),
    ],
)
def test_the_cheapest_pair_is_settled(by_hand, other):
    """A known number of seeds comes before images and before what nobody knows."""
    entries = [by_hand.Entry("a", 0.91), by_hand.Entry("b", 0.905), by_hand.Entry("c", 0.9)]
    made = by_hand.with_pair(by_hand.make_comparison(entries, margin=0.0001), "a", "b", price=other)
    cheap = by_hand.with_pair(made, "b", "c", price=CertaintyPrice(6, 60.0, None, "", ("a", "b")))
    assert _text(cheap).startswith("Next: settle b against c: about 6 more seeds")


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


def test_the_model_that_convolves_is_named(by_hand):
    """Not an equal that stands above it."""
    made = by_hand.make_comparison([by_hand.Entry("dense", 0.96), by_hand.Entry("conv", 0.9595)], half=0.002)
    spec = made.models[1].spec.model_copy(update={"recipe": "cnn"})
    made = replace(made, models=(made.models[0], replace(made.models[1], spec=spec)))
    assert "conv is among the best, which sees neighbouring pixels together" in _text(made)


@pytest.mark.parametrize("recipe", ["application", "function", "somebody.s"])
@pytest.mark.parametrize("place", [0, 1])
def test_nothing_is_said_of_unknown_kinds(by_hand, recipe, place):
    """Pretrained networks are the last advice, and whether a function convolves nobody knows."""
    made = by_hand.make_comparison([by_hand.Entry("best", 0.99), by_hand.Entry("other", 0.9)])
    spec = made.models[place].spec.model_copy(update={"recipe": recipe})
    models = tuple(replace(model, spec=spec) if model is made.models[place] else model for model in made.models)
    assert _text(replace(made, models=models)) == "Next: who is best is settled as far as it matters here. Stop here."


def test_a_beaten_cnn_is_reason_to_stop(by_hand):
    """It has been tried."""
    made = _alone(by_hand, "mlp", {})
    spec = made.models[1].spec.model_copy(update={"recipe": "cnn"})
    made = replace(made, models=(made.models[0], replace(made.models[1], spec=spec)))
    assert _text(made).endswith("Stop here: even the convolutional models do not beat best.")

"""What is said of two models beyond their means: the price of a verdict, ranks, folds and races."""

from dataclasses import replace

import pytest

from bakeoff.comparison import CertaintyPrice
from bakeoff.comparison.claims import ClaimResult
from bakeoff.report import numbers, verdict_sentences
from bakeoff.report.sentences.claims import evidence_text
from bakeoff.report.sentences.pairs import pair_remarks
from bakeoff.report.sentences.prices import price_clause
from bakeoff.stats.price import MORE_IMAGES, MORE_SEEDS, NO_DIFFERENCE, TOO_MANY_SEEDS


def read(comparison, *kinds: str) -> list[str]:
    """The sentences of these kinds, with ordinary spaces and minus signs."""
    return [
        sentence.text.replace(numbers.NO_BREAK_SPACE, " ").replace(numbers.MINUS, "-")
        for sentence in verdict_sentences(comparison)
        if sentence.kind in kinds
    ]


def undecided(by_hand, price: CertaintyPrice, basis: str = "seeds and images"):
    """A pair with this price."""
    comparison = by_hand.make_comparison([by_hand.Entry("a", 0.90), by_hand.Entry("b", 0.896)])
    return replace(comparison.pairs[0], price=price, basis=basis)


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (
            CertaintyPrice(4, 360.0, 1_000, MORE_SEEDS, ("a", "b")),
            "about 4 more seeds of each, 6 minutes of training, would decide",
        ),
        (CertaintyPrice(1, None, 1_000, MORE_SEEDS, ("a", "b")), "about 1 more seed of each would decide"),
        (
            CertaintyPrice(None, None, 20_431, MORE_IMAGES, ("a", "b")),
            "more seeds cannot decide, but about 21,000 test images would",
        ),
        (
            CertaintyPrice(None, None, 1_000, TOO_MANY_SEEDS, ("a", "b")),
            "more than 1,000 seeds of each would be needed",
        ),
        (
            CertaintyPrice(None, None, None, NO_DIFFERENCE, ("a", "b")),
            "neither more seeds nor more images can decide between equal means",
        ),
    ],
)
def test_an_undecided_pair_has_its_price(by_hand, price, words):
    """Seeds with their time, test images, or why neither would do."""
    assert price_clause(undecided(by_hand, price), images=1_000).replace(numbers.NO_BREAK_SPACE, " ") == words


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (
            CertaintyPrice(2, 9_000.0, None, "more seeds may decide", ("a", "b")),
            "more seeds may decide, at least 2 more of each (2.5 hours of training)",
        ),
        (CertaintyPrice(None, None, None, "more seeds may decide", ("a", "b")), "more seeds may decide"),
        (
            CertaintyPrice(None, None, None, "their ranks show no tendency", ("a", "b")),
            "their ranks show no tendency that more seeds could confirm",
        ),
    ],
)
def test_ranks_promise_less(by_hand, price, words):
    """What ranks need is a minimum, no estimate."""
    clause = price_clause(undecided(by_hand, price, "ranks"), images=1_000, assuming=True)
    assert clause.replace(numbers.NO_BREAK_SPACE, " ") == words


def test_a_decided_pair_costs_nothing(by_hand):
    """Without a price there are no words."""
    comparison = by_hand.make_comparison(by_hand.FOUR[:2])
    assert price_clause(comparison.pairs[0], images=1_000) == ""


def test_what_a_price_takes_for_granted_is_said_once(by_hand):
    """The first price has the condition, the second does not repeat it."""
    comparison = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR, half=0.012))
    assert read(comparison, "undecided") == [
        "lstm and dense cannot be told apart: lstm is ahead by 0.4 points (95 % interval -0.8 to 1.6, "
        "adjusted p = 0.30); about 4 more seeds of each, 6 minutes of training, would decide, if the difference is "
        "what it seems to be.",
        "dense and dropout cannot be told apart: dense is ahead by 0.1 points (95 % interval -1.1 to 1.3, "
        "adjusted p = 0.30); about 4 more seeds of each, 6 minutes of training, would decide.",
    ]


def failing(by_hand, **changes: object):
    """Two models, seeds of the second one having failed."""
    entries = [by_hand.Entry("dense", 0.93), by_hand.Entry("lstm", 0.91, seeds=3, failed=2)]
    return by_hand.with_pair(by_hand.make_comparison(entries), "dense", "lstm", **changes)


def test_ranks_decide_where_seeds_failed(by_hand):
    """No points: how often a run of one beats a run of the other."""
    probability = replace(by_hand.estimate(1.0, 0.0), low=0.56)
    changes = {"verdict": "a better", "p": 0.008, "p_adjusted": 0.008, "probability_a_better": probability}
    assert read(failing(by_hand, **changes), "better") == [
        "dense beats lstm by ranks: a run of dense beats a run of lstm with probability 100 % (95 % interval 56 to "
        "100, p = 0.008), failed runs last."
    ]


def test_ranks_read_from_the_side_of_the_winner(by_hand):
    """By hand: a wins with 10 %, 5 to 25; so b wins with 90 %, 75 to 95."""
    probability = replace(by_hand.estimate(0.1, 0.0), low=0.05, high=0.25)
    changes = {"verdict": "b better", "p": 0.008, "p_adjusted": 0.008, "probability_a_better": probability}
    assert read(failing(by_hand, **changes), "better") == [
        "lstm beats dense by ranks: a run of lstm beats a run of dense with probability 90 % (95 % interval 75 to 95, "
        "p = 0.008), failed runs last."
    ]


def test_ranks_that_decide_nothing(by_hand):
    """From the side that is ahead, with its price."""
    price = CertaintyPrice(1, 40.0, None, "more seeds may decide", ("a", "b"))
    assert read(failing(by_hand, price=price), "undecided") == [
        "dense and lstm cannot be told apart by ranks: a run of dense beats a run of lstm with probability 80 % (95 % "
        "interval 70 to 90, p = 0.30), failed runs last; more seeds may decide, at least 1 more of each (40 seconds of "
        "training)."
    ]


def test_a_pair_by_folds_is_called_approximate(by_hand):
    """The corrected test over folds is no exact one, and says so."""
    comparison = by_hand.with_pair(by_hand.make_comparison(by_hand.FOUR[:2], half=0.012), "cnn", "lstm", basis="folds")
    assert read(comparison, "better") == [
        "cnn beats lstm by 3.1 points (95 % interval 1.9 to 4.3, p = 0.0002, approximate, by folds)."
    ]


def test_a_pair_without_test_is_no_sentence(by_hand):
    """Its reason stands in the table; models with one run are spoken of anyway."""
    comparison = by_hand.make_comparison(
        [by_hand.Entry("a", 0.9), by_hand.Entry("b", 0.8), by_hand.Entry("c", seeds=1)]
    )
    assert [sentence.split(" ")[0] for sentence in read(comparison, "better", "undecided")] == ["a"]
    assert pair_remarks(comparison.pair("a", "c")) == ["too few seeds"]


@pytest.mark.parametrize(
    ("changes", "remarks"),
    [
        ({}, []),
        ({"basis": "ranks", "reason": "2 of 5 failed"}, ["by ranks, failed runs last"]),
        ({"basis": "folds", "settled_at": 5}, ["approximate, by folds", "settled at 5 seeds"]),
        ({"verdict": "undecided", "settled_at": 8}, ["left open at 8 seeds"]),
    ],
)
def test_the_table_says_what_kind_of_test_it_was(by_hand, changes, remarks):
    """In a few words under the verdict."""
    assert pair_remarks(replace(by_hand.make_comparison(by_hand.FOUR[:2]).pairs[0], **changes)) == remarks


def racing(by_hand, *, looks=(3, 5, 8), asked: object = None):
    """Four models in a race: one is beaten at 3 seeds, one pair is open."""
    protocol = {"seeds": asked or {"min": looks[0], "max": looks[-1]}}
    comparison = by_hand.make_comparison(by_hand.FOUR, half=0.012, protocol=protocol)
    pairs = tuple(
        replace(
            pair,
            difference=replace(pair.difference, level=1 - 0.00793),
            settled_at=3 if pair.verdict == "a better" else 8,
        )
        for pair in comparison.pairs
    )
    race = by_hand.make_race([entry.name for entry in by_hand.FOUR], looks=looks)
    return replace(comparison, pairs=pairs, race=race)


def test_a_race_says_when_a_pair_was_settled(by_hand):
    """Intervals have the level of the look, p is corrected for pairs and looks, and both are said."""
    first, second, *_ = read(racing(by_hand), "better")
    assert first == (
        "cnn beats lstm by 3.1 points (99.21 % interval 1.9 to 4.3, p = 0.0002 after correction for 6 pairs and 3 "
        "looks, settled at 3 seeds)."
    )
    assert second.endswith("(99.21 % interval 2.3 to 4.7, adjusted p = 0.0002, settled at 3 seeds).")
    assert read(racing(by_hand), "undecided")[0] == (
        "lstm and dense cannot be told apart: lstm is ahead by 0.4 points (99.21 % interval -0.8 to 1.6, adjusted p = "
        "0.30, left open at 8 seeds)."
    )


def test_a_race_of_two_is_corrected_for_looks_only(by_hand):
    """One pair needs no correction for pairs."""
    comparison = by_hand.make_comparison(by_hand.FOUR[:2], half=0.012)
    (sentence,) = read(replace(comparison, race=by_hand.make_race(["cnn", "lstm"])), "better")
    assert "p = 0.0002 after correction for 3 looks)" in sentence


def test_a_race_counts_what_it_saved(by_hand):
    """By hand: 4 models with 5 runs each, of which the winner needed 3; 4 times 8 would have been 32."""
    assert read(racing(by_hand), "race") == [
        "This was a race with looks at 3, 5 and 8 seeds; it used 18 runs, where 8 for each of 4 models would have "
        "been 32; 2 later runs change none of its verdicts."
    ]


def test_a_race_that_saved_nothing(by_hand):
    """Nothing is made of 20 runs where 20 were allowed."""
    comparison = racing(by_hand, looks=(3, 5))
    late = tuple(replace(pair, settled_at=5) for pair in comparison.pairs)
    assert read(replace(comparison, pairs=late), "race") == [
        "This was a race with looks at 3 and 5 seeds; it used 20 runs, all that it may."
    ]


def test_the_rules_of_a_race_hold_whatever_the_study_asks_now(by_hand):
    """Seeds that a race gathered are judged by its looks."""
    assert read(racing(by_hand, asked=5), "race") == [
        "The study asks for 5 seeds, but these were gathered by a race, whose rules hold: looks at 3, 5 and 8 seeds; "
        "it used 18 runs, where 8 for each of 4 models would have been 32; 2 later runs change none of its verdicts."
    ]


@pytest.mark.parametrize(
    ("open_pairs", "words"), [(1, "1 of 6 pairs is open"), (2, "2 of 6 pairs are open"), (6, "6 of 6 pairs are open")]
)
def test_a_race_that_is_not_over(by_hand, open_pairs, words):
    """Pairs that lack seeds, or have no result at all yet, are open."""
    comparison = racing(by_hand)
    pairs = tuple(replace(pair, settled_at=None) for pair in comparison.pairs[:open_pairs])
    rest = comparison.pairs[open_pairs:]
    sentence = f"The race is not over: {words}; run it again to go on."
    assert read(replace(comparison, pairs=(*pairs, *rest)), "race")[1] == sentence
    assert read(replace(comparison, pairs=rest), "race")[1] == sentence


def test_a_race_gives_no_fewer_seeds_than_asked(by_hand):
    """That a model got few seeds is what a race is for."""
    assert read(racing(by_hand), "incomplete") == []
    assert read(racing(by_hand, asked=8), "incomplete") == []


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (
            CertaintyPrice(4, 360.0, None, "", ("a", "b")),
            "Too close. About 4 more seeds of a and b, 6 minutes of training, would decide.",
        ),
        (CertaintyPrice(1, None, None, "", ("a",)), "Too close. About 1 more seed of a would decide."),
        (
            CertaintyPrice(None, None, 20_431, MORE_IMAGES, ("a",)),
            "Too close. More seeds cannot decide, but about 21,000 test images would.",
        ),
        (CertaintyPrice(None, None, None, "nothing helps", ("a", "b")), "Too close. Nothing helps."),
        (
            CertaintyPrice(None, None, 1_000, TOO_MANY_SEEDS, ("a",)),
            "Too close. More than 1,000 seeds of a would be needed.",
        ),
        (
            CertaintyPrice(None, None, None, NO_DIFFERENCE, ("a", "b")),
            "Too close. Neither more seeds nor more images can decide, since it lies exactly on the edge.",
        ),
        (None, "Too close."),
    ],
)
def test_an_open_claim_says_what_would_settle_it(price, words):
    """Behind its evidence, with the models that need the seeds: a claim may be about more."""
    claim = ClaimResult("a > b", "", "undetermined", "Too close.", price=price)
    assert evidence_text(claim, images=1_000).replace(numbers.NO_BREAK_SPACE, " ") == words

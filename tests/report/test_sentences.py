"""The verdict in sentences."""

import math
from dataclasses import replace

import pytest

from bakeoff.report import numbers, verdict_sentences
from bakeoff.report.sentences.phrases import model_anchor, pair_anchor
from bakeoff.spec.values import Finding


def read(comparison, *kinds: str) -> list[str]:
    """The sentences of these kinds, with ordinary spaces and minus signs."""
    return [
        sentence.text.replace(numbers.NO_BREAK_SPACE, " ").replace(numbers.MINUS, "-")
        for sentence in verdict_sentences(comparison)
        if not kinds or sentence.kind in kinds
    ]


def test_every_sentence_rests_on_a_number(comparison):
    """Each sentence of any comparison knows the place of its number, and reads as a sentence."""
    names = {model.name for model in comparison.models} | set(comparison.missing)
    for sentence in verdict_sentences(comparison):
        assert sentence.anchor
        assert sentence.text.endswith(".")
        assert ".." not in sentence.text
        assert not sentence.text[0].islower() or any(sentence.text.startswith(name) for name in names)


def test_one_model_leads_nobody(by_hand):
    """With one model there is an accuracy and nothing to compare."""
    comparison = by_hand.make_comparison([by_hand.Entry("dense", 0.929)], half=0.013)
    assert read(comparison) == [
        "dense gets 92.9 % (95 % interval 91.6 to 94.2, 5 seeds) of new images right. It is the only model here: there "
        "is nothing to compare it with.",
        "This is the first look at this test set from this store.",
        "Next: one model says little: put a simpler network beside it, to see what its size and kind are worth.",
    ]


def test_two_models(by_hand):
    """Of two models the better one is named; a single test needs no correction and none is mentioned."""
    assert read(by_hand.make_comparison(by_hand.FOUR[:2], half=0.012)) == [
        "cnn is the better of the 2 models: it gets 96.4 % (95 % interval 95.2 to 97.6, 5 seeds) of new images right.",
        "cnn beats lstm by 3.1 points (95 % interval 1.9 to 4.3, p = 0.0002).",
        "This is the first look at this test set from this store.",
        "Next: who is best is settled as far as it matters here. A convolutional network (cnn in the study file) has "
        "not been tried.",
    ]


def test_four_models(by_hand):
    """The leader against each, then neighbours; the correction is explained once."""
    comparison = by_hand.make_comparison(by_hand.FOUR, half=0.012)
    assert read(comparison, "better", "undecided") == [
        "cnn beats lstm by 3.1 points (95 % interval 1.9 to 4.3, p = 0.0002 after Holm's correction for 6 "
        "comparisons).",
        "cnn beats dense by 3.5 points (95 % interval 2.3 to 4.7, adjusted p = 0.0002).",
        "cnn beats dropout by 3.6 points (95 % interval 2.4 to 4.8, adjusted p = 0.0002).",
        "lstm and dense cannot be told apart: lstm is ahead by 0.4 points (95 % interval -0.8 to 1.6, "
        "adjusted p = 0.30).",
        "dense and dropout cannot be told apart: dense is ahead by 0.1 points (95 % interval -1.1 to 1.3, "
        "adjusted p = 0.30).",
    ]


def test_many_models_are_told_by_tiers(by_hand):
    """24 models make a text that can be read aloud: tiers and a count of pairs, not 276 sentences."""
    comparison = by_hand.make_comparison(by_hand.many_entries(24))
    sentences = read(comparison)
    assert len(sentences) < 20
    tiers = read(comparison, "tier")
    assert tiers[:2] == [
        "Tier 1, beaten by none: m01, m02 and m03.",
        "Tier 2, each beaten by a model of tier 1: m04, m05 and m06.",
    ]
    # Steps of 0.8 points, settled beyond 2: neighbours (23) and their neighbours (22) are not told apart.
    assert tiers[-1] == "Of 276 pairs, 231 have a winner, 0 count as equivalent and 45 cannot be told apart."


def test_a_shared_lead_is_not_settled(by_hand):
    """Where another model is unbeaten too, nobody is called the best."""
    comparison = by_hand.make_comparison([by_hand.Entry("a", 0.96), by_hand.Entry("b", 0.955), by_hand.Entry("c", 0.9)])
    (leader,) = read(comparison, "leader")
    assert leader.endswith("on new images, but who is best is not settled: b is beaten by no model either.")


def test_an_unbeaten_leader_who_does_not_beat_all(by_hand):
    """Unbeaten alone is less than best."""
    comparison = by_hand.make_comparison(
        [by_hand.Entry("a", 0.96), by_hand.Entry("b", 0.955), by_hand.Entry("c", 0.93)]
    )
    second = replace(comparison.model("b"), tier=2)
    (leader,) = read(replace(comparison, models=(comparison.models[0], second, comparison.models[2])), "leader")
    assert leader.endswith("and nobody beats it, but it is not shown to beat everyone.")


def _stand(comparison, names, **tiers):
    """The same leaderboard in this order of models, with these tiers."""
    rows = [replace(comparison.model(name), tier=tiers.get(name, comparison.model(name).tier)) for name in names]
    return replace(comparison, models=tuple(rows))


def test_means_without_failed_seeds_are_no_order(by_hand):
    """a gets 90 %; b gets 99 % with four of five seeds, 79 % over all: a stands first, and not by the higher number."""
    made = by_hand.make_comparison([by_hand.Entry("a", 0.9), by_hand.Entry("b", 0.99, seeds=4, failed=1)])
    (leader,) = read(_stand(made, ["a", "b"]), "leader")
    assert leader == (
        "No model beats a, which gets 90.0 % (95 % interval 89.0 to 91.0, 5 seeds) of new images right, but who is "
        "best is not settled: b is beaten by no model either."
    )


def test_a_higher_mean_that_cannot_be_compared(by_hand):
    """One seed at 99 % tops the table: the highest of those that can be compared is not the highest."""
    entries = [by_hand.Entry("once", 0.99, seeds=1), by_hand.Entry("x", 0.95), by_hand.Entry("y", 0.945)]
    (leader,) = read(by_hand.make_comparison(entries), "leader")
    assert leader.startswith("Of the 2 models that can be compared, x has the highest mean accuracy, 95.0 % (")


def test_the_winner_by_ranks_leads(by_hand):
    """a: 29 of 30 seeds at 70 %, 67.7 % over all; b: 21 of 30 at 71 %, 49.7 %. By ranks b wins, and leads."""
    entries = [by_hand.Entry("a", 0.7, seeds=29, failed=1), by_hand.Entry("b", 0.71, seeds=21, failed=9)]
    made = by_hand.make_comparison(entries)
    pair = replace(made.pair("a", "b").reversed(), p=0.006, p_adjusted=0.006, verdict="b better")
    texts = read(replace(_stand(made, ["a", "b"], a=2), pairs=(pair,)), "leader", "better")
    assert texts[0] == "b is the better of the 2 models: it gets 71.0 % (21 of 30 seeds) of new images right."
    assert texts[1].startswith("b beats a by ranks")


def test_the_highest_accuracy_without_any_test(by_hand):
    """The highest is looked for, not the first of the table."""
    made = by_hand.make_comparison([by_hand.Entry("a", 0.9, seeds=1), by_hand.Entry("b", 0.99, seeds=1)])
    (leader,) = read(_stand(made, ["a", "b"]), "leader")
    assert leader.startswith("b has the highest accuracy, 99.0 %")


def test_a_circle_has_no_leader(by_hand):
    """Different tests may contradict each other: a beats b, b beats c, c beats a."""
    made = by_hand.make_comparison([by_hand.Entry("a", 0.9), by_hand.Entry("b", 0.89), by_hand.Entry("c", 0.88)])
    verdicts = {("a", "b"): "a better", ("b", "c"): "a better", ("a", "c"): "b better"}
    pairs = tuple(replace(pair, verdict=verdicts[pair.a, pair.b]) for pair in made.pairs)
    circle = replace(_stand(made, "abc", a=1, b=1, c=1), pairs=pairs)
    assert read(circle, "leader", "next") == [
        "Every model that can be compared is beaten by another, so nobody leads.",
        "Next: the best 3 models beat each other in a circle: choose by what else matters, such as size or time.",
    ]


@pytest.mark.parametrize("seeds", [5, 1, 0])
def test_no_sentence_lists_24_models(by_hand, seeds):
    """Equivalent, with a single run, without any finished or not run at all: long lists become numbers."""
    entries = [by_hand.Entry(f"m{number:02}", 0.95, seeds=seeds) for number in range(24)]
    made = by_hand.make_comparison(entries, half=0.002, missing=tuple(f"n{number:02}" for number in range(24)))
    finding = Finding("BKO101", "error", "It diverges", "5 of 5 runs", "a smaller rate")
    made = replace(made, findings=tuple(replace(finding, model=entry.name) for entry in entries))
    texts = read(made)
    assert max(len(text.split()) for text in texts) <= 60
    assert not [text for text in texts if "m20" in text or "n20" in text]
    if seeds == 5:
        assert texts[0].endswith("and shares the first place: 24 models are equivalent.")
        assert "Tier 1, beaten by none: 24 models." in texts


def test_many_contenders_are_counted(by_hand):
    """A long list of unbeaten models becomes a number."""
    entries = [by_hand.Entry(f"m{number}", 0.95 - 0.001 * number) for number in range(9)]
    (leader,) = read(by_hand.make_comparison(entries), "leader")
    assert leader.endswith("but who is best is not settled: 9 models are beaten by no other.")


def test_equivalent_models_share_the_first_place(by_hand):
    """Equivalence is told from ignorance."""
    comparison = by_hand.make_comparison([by_hand.Entry("a", 0.96), by_hand.Entry("b", 0.9595)], half=0.002)
    leader, pair = read(comparison, "leader", "equivalent")
    assert leader.endswith("and shares the first place: a and b are equivalent.")
    assert pair == (
        "a and b are equivalent: they differ by 0.05 points (95 % interval -0.15 to 0.25), surely less than the margin "
        "of 0.5 points."
    )


def test_a_small_but_certain_difference_is_put_into_proportion(by_hand):
    """Significantly better and surely below the margin are said together."""
    comparison = by_hand.make_comparison(
        [by_hand.Entry("a", 0.96), by_hand.Entry("b", 0.957)], half=0.001, settled_beyond=0.002
    )
    (pair,) = read(comparison, "better")
    assert pair.endswith("(95 % interval 0.20 to 0.40, p = 0.0002), surely less than the margin of 0.5 points.")


def test_correction_that_undoes_an_interval_is_explained(by_hand):
    """An interval that leaves 0 out, and yet no verdict: the sentence says why."""
    comparison = by_hand.make_comparison(by_hand.FOUR[1:], half=0.012)
    changed = by_hand.with_pair(
        comparison, "lstm", "dense", difference=by_hand.estimate(0.011, 0.009), p=0.03, p_adjusted=0.09
    )
    assert (
        "lstm and dense cannot be told apart: lstm is ahead by 1.1 points (95 % interval 0.2 to 2.0), which would "
        "count alone (p = 0.030) but not among 3 comparisons (p = 0.090)."
    ) in read(changed)


def test_equal_means(by_hand):
    """Nobody is ahead by 0.0 points."""
    comparison = by_hand.make_comparison([by_hand.Entry("a", 0.9), by_hand.Entry("b", 0.9)], half_here=math.nan)
    assert read(comparison, "undecided") == [
        "a and b cannot be told apart: their means are equal (95 % interval -1.0 to 1.0)."
    ]


@pytest.mark.parametrize(
    ("verdict", "end"), [("undecided", "this is undecided."), ("equivalent", "they are equivalent.")]
)
def test_both_questions_are_answered_where_they_disagree(by_hand, verdict, end):
    """Better on these images and not on new ones: both are said side by side."""
    comparison = by_hand.make_comparison([by_hand.Entry("a", 0.96), by_hand.Entry("b", 0.95)], half=0.02)
    changed = by_hand.with_pair(comparison, "a", "b", verdict=verdict)
    assert read(changed, "disagreement") == [
        "On these 1,000 images a is ahead of b by 1.0 points (95 % interval 0.4 to 1.6 over new seeds, "
        f"uncorrected); for new images {end}"
    ]


def test_agreement_needs_no_words(by_hand):
    """Where this test set shows no difference either, nothing is added."""
    comparison = by_hand.make_comparison([by_hand.Entry("a", 0.96), by_hand.Entry("b", 0.957)])
    assert read(comparison, "disagreement") == []


def test_the_winner_is_named_first_whichever_side_it_is_on(by_hand):
    """A pair whose second model is better reads from the winner's side."""
    comparison = by_hand.make_comparison(by_hand.FOUR[:2])
    changed = by_hand.with_pair(
        comparison, "cnn", "lstm", verdict="b better", difference=by_hand.estimate(-0.031, 0.012)
    )
    assert read(changed, "better") == ["lstm beats cnn by 3.1 points (95 % interval 1.9 to 4.3, p = 0.0002)."]


def test_failed_seeds_are_told_with_their_reason(by_hand):
    """Part of a model's seeds, or all of them: how many, how and why."""
    partly, fully = read(by_hand.make_comparison(by_hand.TROUBLED), "failed")
    assert partly == (
        "2 of 5 seeds of half failed: collapsed (for instance 99.8% of the test images got class 3 <of 10>). "
        "Between 5 and 85 % of its trainings diverge or collapse (95 % interval). Its accuracy speaks of the other 3 "
        "only, without interval; verdicts on it go by ranks."
    )
    assert fully.startswith("All 5 seeds of lost failed: collapsed (")
    assert fully.endswith(
        "Between 48 and 100 % of its trainings diverge or collapse (95 % interval). It has no accuracy; verdicts on it "
        "go by ranks."
    )


def test_different_failures_are_counted(by_hand):
    """Two ways of failing are both named; a single run that failed needs no 'for instance'."""
    comparison = by_hand.make_comparison([by_hand.Entry("bad", seeds=1, failed=3), by_hand.Entry("fine")])
    bad = comparison.model("bad")
    runs = (*bad.runs[:3], replace(bad.runs[3], status="diverged"))
    models = tuple(replace(model, runs=runs) if model is bad else model for model in comparison.models)
    (sentence,) = read(replace(comparison, models=models), "failed")
    assert sentence.startswith("3 of 4 seeds of bad failed: 2 collapsed and 1 diverged (")
    assert sentence.endswith("speaks of the other one only, without interval; verdicts on it go by ranks.")


def test_many_failing_models_share_a_sentence(by_hand):
    """Seven models with two of five seeds collapsed, and one that is well: 14 of 35 seeds, said once."""
    entries = [by_hand.Entry(f"m{number}", 0.9, seeds=3, failed=2) for number in range(7)]
    assert read(by_hand.make_comparison([*entries, by_hand.Entry("fine")]), "failed") == [
        "14 of 35 seeds of 7 models failed: collapsed. Their accuracies speak of the other seeds only, without "
        "interval."
    ]


def test_one_seed_that_failed(by_hand):
    """One of one seed is not 'all 1 seeds'."""
    comparison = by_hand.make_comparison([by_hand.Entry("bad", seeds=0, failed=1), by_hand.Entry("fine")])
    assert read(comparison, "failed")[0].startswith("1 of 1 seed of bad failed: collapsed (99.8%")


def test_crashes_are_no_failure_rate(by_hand):
    """A crash says nothing of the model: no rate, and no verdict before it is run again."""
    comparison = by_hand.make_comparison([by_hand.Entry("bad", seeds=3, failed=2), by_hand.Entry("fine")])
    none = replace(comparison.model("bad").failure_rate, value=0.0, low=0.0, high=0.7)
    models = tuple(replace(m, failure_rate=none) if m.name == "bad" else m for m in comparison.models)
    pairs = tuple(replace(pair, basis="none") for pair in comparison.pairs)
    (sentence,) = read(replace(comparison, models=models, pairs=pairs), "failed")
    assert sentence.endswith(
        "<of 10>). Its accuracy speaks of the other 3 only, without interval; no verdict is given."
    )


def test_a_failing_model_without_rival(by_hand):
    """Where there is no pair, no verdict is spoken of."""
    (sentence,) = read(by_hand.make_comparison([by_hand.Entry("bad", seeds=3, failed=2)]), "failed")
    assert sentence.endswith("Its accuracy speaks of the other 3 only, without interval.")


def test_one_run_each(by_hand):
    """A study with one seed gets accuracies and no verdict."""
    entries = [replace(entry, seeds=1) for entry in by_hand.FOUR[:3]]
    assert read(by_hand.make_comparison(entries, half=0.012)) == [
        "cnn has the highest accuracy, 96.4 % (95 % interval 95.2 to 97.6, 1 seed), but no two models can be tested, "
        "so nobody leads.",
        "cnn, lstm and dense have one run each: nothing can be said about other seeds, so they are given no verdict.",
        "cnn, lstm and dense have fewer seeds than the 5 that the study asks for; run it again to fill up.",
        "This is the first look at this test set from this store.",
        "Next: bakeoff run by-hand.yaml --seeds 5 trains more seeds.",
    ]


def test_the_best_of_those_that_can_be_compared(by_hand):
    """A model without a verdict is not counted among the beaten."""
    entries = [by_hand.Entry("top", 0.96), by_hand.Entry("low", 0.9), by_hand.Entry("once", 0.99, seeds=1)]
    leader, single = read(by_hand.make_comparison(entries), "leader", "single run")
    assert leader.startswith("top is the better of the 2 models that can be compared: it gets 96.0 %")
    assert single == "once has one run: nothing can be said about other seeds, so it is given no verdict."


def test_nothing_finished(by_hand):
    """A study of which every run failed is told plainly."""
    comparison = by_hand.make_comparison([by_hand.Entry(name, seeds=0, failed=2) for name in ("a", "b")])
    assert read(comparison, "leader") == ["No model has a finished seed, so there is nothing to rank."]


def test_unfinished_folds(by_hand):
    """A model some of whose folds are still missing is neither failed nor judged."""
    comparison = by_hand.make_comparison([by_hand.Entry("slow", failed=0), by_hand.Entry("fine", 0.91)])
    slow = replace(comparison.model("slow"), seeds=0, accuracy=None)
    models = tuple(slow if model.name == "slow" else model for model in comparison.models)
    assert read(replace(comparison, models=models), "incomplete") == ["slow has no seed with all its folds yet."]


@pytest.mark.parametrize(
    ("missing", "start"), [(("gru",), "gru has no run yet"), (("gru", "vgg"), "gru and vgg have no run yet")]
)
def test_missing_models(by_hand, missing, start):
    """Models that have not been run are named."""
    (sentence,) = read(by_hand.make_comparison(by_hand.FOUR, missing=missing), "missing")
    assert sentence == f"{start} and could still change the order."


def test_validation_on_test_images_is_flagged(by_hand):
    """The published leak is said aloud."""
    comparison = by_hand.make_comparison(by_hand.FOUR[:2], protocol={"validation": "test"})
    (sentence,) = read(comparison, "leak")
    assert sentence.startswith("cnn and lstm use the test images for validation: ")
    assert read(by_hand.make_comparison(by_hand.FOUR[:2]), "leak") == []


@pytest.mark.parametrize(("looks", "words"), [(1, "the first look"), (2, "test set twice;"), (7, "test set 7 times;")])
def test_looks_at_the_test_set_are_counted(by_hand, looks, words):
    """Every look after the first weakens the verdict, and is counted."""
    (sentence,) = read(by_hand.make_comparison(by_hand.FOUR, looks=looks), "looks")
    assert words in sentence


def test_phrases_lead_to_their_numbers(by_hand):
    """Names lead to the leaderboard, numbers to the pair."""
    comparison = by_hand.make_comparison(by_hand.FOUR[:2])
    (sentence,) = [sentence for sentence in verdict_sentences(comparison) if sentence.kind == "better"]
    linked = {phrase.text: phrase.anchor for phrase in sentence.phrases if phrase.role == "model"}
    assert linked == {"cnn": model_anchor("cnn"), "lstm": model_anchor("lstm")}
    assert sentence.anchor == pair_anchor("cnn", "lstm")

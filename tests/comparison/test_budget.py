import math
from dataclasses import replace

import pytest

from bakeoff.comparison import PlateauSearch, RunResult
from bakeoff.comparison.budget import draw_up_budget, seconds_per_seed
from bakeoff.spec import parse_study
from bakeoff.spec.record import Counts, History, PlateauRecord

STUDY = """
name: hand
data: digits
protocol: {epochs: 2, batch_size: 32, validation: {holdout: 0.2}}
models:
  first: {mlp: {hidden: [1]}}
  second: {mlp: {hidden: [2]}}
  third: {mlp: {hidden: [3]}}
"""
RUN = [1, 0, 1, 1]


@pytest.fixture
def found(make_evidence):
    """Evidence on the models of the study that have runs; each run trained 80 images for 2 epochs, in 2 seconds."""

    def found(text=STUDY, *, overrides=(), **runs):
        hits = runs or dict.fromkeys(("first", "second", "third"), [RUN] * 3)
        return make_evidence(parse_study(text, overrides=overrides).study, hits)

    return found


def _with_records(evidence, *changes):
    """The evidence, with these fields of its first records changed."""
    changed = [record.model_copy(update=own) for record, own in zip(evidence.records, changes, strict=False)]
    return replace(evidence, records=(*changed, *evidence.records[len(changed) :]))


def _of_epochs(count):
    return {"history": History(loss=(1.0,) * count)}


UNTRAINED = {"history": History(), "train_seconds": 0.0, "parameters": 0}


def test_a_row_counts_what_a_model_was_given(found):
    """80 images in batches of 32 are 3 updates, of 2 epochs 6; failed and crashed seeds were given, too."""
    text = STUDY.replace("first: {", "first: {trials: 7, ")
    (evidence,) = found(text, first=[RUN, RUN, "collapsed", "crashed"])
    (row,) = draw_up_budget([_with_records(evidence, {"train_seconds": 5.0, "parameters": 0})]).rows
    assert (row.model, row.train_images, row.validation_images) == ("first", 80, 20)
    assert (row.epochs, row.updates, row.train_seconds) == (2, 6, 2.0)
    assert (row.parameters, row.seeds, row.trials) == (1000, 4, 7)


def test_runs_that_stopped_early_count_by_their_median(found):
    """2, 4 and 9 epochs: 4 epochs, 4 x 3 updates; runs that diverged at once were not meant to be that short."""
    (evidence,) = found(first=[RUN, RUN, RUN, "diverged", "diverged"])
    stopped = _with_records(evidence, *map(_of_epochs, (2, 9, 4, 1, 1)))
    (row,) = draw_up_budget([stopped]).rows
    assert (row.epochs, row.updates, row.seeds) == (4, 12, 5)


def test_diverged_runs_make_no_budget_unequal(found):
    """A model whose runs all broke off has no number of epochs to compare."""
    first, second = found(first=[RUN] * 3, second=["diverged"] * 3)
    broken = _with_records(second, *[_of_epochs(1)] * 3)
    budget = draw_up_budget([first, broken])
    assert math.isnan(budget.rows[1].epochs)
    assert budget.unequal == ()


def test_long_runs_that_choose_an_epoch_are_a_budget(found):
    """3 and 4 epochs of long runs for one model, none for the other."""
    first, second = found(first=[RUN] * 3, second=[RUN] * 3)
    runs = tuple(RunResult.of(_with_records(first, _of_epochs(n)).records[0]) for n in (3, 4))
    record = PlateauRecord(
        model="first", cell="c", fingerprint="f", epoch=2, best_epoch=2, epochs=4, seeds=(0, 1), why="made up"
    )
    budget = draw_up_budget([first, second], searches=[PlateauSearch(record, runs)])
    assert [row.search_epochs for row in budget.rows] == [7, 0]
    assert budget.unequal == ("epochs to choose the number of epochs by: 0 (second) to 7 (first)",)


def test_rows_keep_the_order_of_the_leaderboard(found):
    """The ledger is printed beside the leaderboard."""
    ordered = found()[::-1]
    assert [row.model for row in draw_up_budget(ordered).rows] == ["third", "second", "first"]


def test_equal_budgets_are_not_mentioned(found):
    """Seconds and weights are no budget: they differ by the nature of the models."""
    first, second, third = found()
    slow = _with_records(second, *[{"train_seconds": 900.0, "parameters": 10**7}] * 3)
    assert draw_up_budget([first, slow, third]).unequal == ()


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (Counts(train=60_000, validation=20, test=4), ("training images: 80 (first) to 60,000 (second)", 2 * 1875)),
        (Counts(train=80, validation=0, test=4), ("validation images: 0 (second) to 20 (first)", 6)),
    ],
)
def test_unequal_images_are_said(found, images, words):
    """The least and the most, with the models that had them; more images in equal batches are more updates as well."""
    said, updates = words
    first, second, _ = found()
    unequal = draw_up_budget([first, _with_records(second, *[{"images": images}] * 3)]).unequal
    more_updates = (f"updates: 6 (first) to {updates:,} (second)",) if updates > 6 else ()
    assert unequal == (said, *more_updates)


def test_unequal_epochs_are_unequal_updates(found):
    """Three times the epochs, with twice the batch: 6 epochs of 2 updates against 2 epochs of 3."""
    text = STUDY.replace("second: {", "second: {protocol: {batch_size: 64}, ")
    first, second, _ = found(text)
    unequal = draw_up_budget([first, _with_records(second, *[_of_epochs(6)] * 3)]).unequal
    assert unequal == ("epochs: 2 (first) to 6 (second)", "updates: 6 (first) to 12 (second)")


def test_unequal_batches_alone_are_unequal_updates(found):
    """The same epochs in batches of 64: 2 updates each, not 3."""
    first, second, _ = found(STUDY.replace("second: {", "second: {protocol: {batch_size: 64}, "))
    assert draw_up_budget([first, second]).unequal == ("updates: 4 (second) to 6 (first)",)


def test_unequal_seeds_are_said_whatever_came_of_them(found):
    """A failed seed was tried: two finished and one collapsed are as many as three finished."""
    runs = {"first": [RUN] * 3, "second": [RUN, RUN, "collapsed"], "third": [RUN] * 5}
    assert draw_up_budget(found(**runs)).unequal == ("seeds: 3 (first) to 5 (third)",)
    del runs["third"]
    assert draw_up_budget(found(**runs)).unequal == ()


def test_unequal_tuning_is_said(found):
    """Settings that the author tried before count as declared; of three models the extremes are named."""
    text = STUDY.replace("second: {", "second: {trials: 40, ").replace("third: {", "third: {trials: 3, ")
    assert draw_up_budget(found(text)).unequal == ("settings tried: 0 (first) to 40 (second)",)


def test_what_is_not_known_is_not_unequal(found):
    """A model of which no run trained has no epochs to compare, and no seconds."""
    first, second = found(first=[RUN] * 2, second=["error"] * 2)
    ledger = draw_up_budget([first, _with_records(second, UNTRAINED, UNTRAINED)])
    row = ledger.rows[1]
    assert [math.isnan(value) for value in (row.epochs, row.updates, row.train_seconds)] == [True] * 3
    assert (row.parameters, ledger.unequal) == (0, ())


def test_a_seed_costs_all_its_folds(found):
    """Runs of 2, 2, 2 and 10 seconds: the median, times four folds."""
    (evidence,) = found(overrides=["protocol.validation={kfold: 4}"], first=[RUN])
    assert len(evidence.records) == 4
    assert seconds_per_seed(_with_records(evidence, {"train_seconds": 10.0})) == 8.0


def test_a_seed_of_an_untrained_model_has_no_price(found):
    """Nothing trained, nothing known; a run that never began does not count as a fast one."""
    (evidence,) = found(first=[RUN, "error", "error"])
    assert seconds_per_seed(_with_records(evidence, {}, UNTRAINED, UNTRAINED)) == 2.0
    assert math.isnan(seconds_per_seed(_with_records(evidence, *[UNTRAINED] * 3)))


def test_a_race_may_give_seeds_unequally(make_evidence):
    """Seeds that a race did not need are no unfairness; other inequalities stay."""
    study = parse_study(
        """
name: raced
data: digits
protocol: {seeds: 2, validation: {holdout: 0.2}}
models:
  a: {mlp: {hidden: [1]}}
  b: {mlp: {hidden: [2]}, protocol: {epochs: 7}}
"""
    ).study
    evidence = make_evidence(study, {"a": [[1, 0]] * 3, "b": [[1, 1]] * 2})
    fixed, raced = draw_up_budget(evidence), draw_up_budget(evidence, raced=True)
    assert "seeds: 2 (b) to 3 (a)" in fixed.unequal
    assert raced.unequal == tuple(text for text in fixed.unequal if not text.startswith("seeds"))

"""The tables behind curves and confusions."""

from dataclasses import replace

import numpy as np
import pytest

from bakeoff.report.figure_numbers import confusion_rows, curve_rows


def test_curves_are_shown_at_round_epochs_and_the_last(by_hand):
    """By hand: of 8 epochs 1, 2, 3, 5 and 8; the loss of epoch e and seed s is 2 / e + 0.01 s."""
    rows = curve_rows(by_hand.make_comparison([by_hand.Entry("dense", epochs=8)]))
    assert [row.epoch for row in rows] == [1, 2, 3, 5, 8]
    assert [row.loss for row in rows] == pytest.approx([2 / epoch + 0.02 for epoch in (1, 2, 3, 5, 8)])
    assert rows[1].validation_loss == pytest.approx(1.12)


def test_what_is_not_there_is_none(by_hand):
    """No validation images, no validation curve; no finished run, no row."""
    made = by_hand.make_comparison([by_hand.Entry("blind", validation=False), by_hand.Entry("lost", seeds=0, failed=3)])
    rows = curve_rows(made)
    assert {row.model for row in rows} == {"blind"}
    assert {row.validation_loss for row in rows} == {None}


def test_long_runs_come_last(by_hand):
    """Under a name of their own."""
    made = by_hand.make_comparison([by_hand.Entry("dense")])
    rows = curve_rows(replace(made, plateaus=(by_hand.make_search(made.models[0], 3),)))
    assert [row.model for row in rows] == ["dense"] * 5 + ["dense, long runs"] * 5


def test_the_commonest_confusions_come_first(by_hand):
    """By hand: 17 right, 3 + 1 wrong."""
    made = by_hand.make_comparison([by_hand.Entry("dense")], class_names=("cat", "dog", "owl"))
    model = replace(made.models[0], confusion=np.array([[8, 1, 0], [0, 9, 3], [0, 0, 0]]))
    (row,) = confusion_rows(replace(made, models=(model,)))
    assert (row.right, row.wrong) == (17, 4)
    assert row.commonest == (("dog", "owl", 3), ("cat", "dog", 1))

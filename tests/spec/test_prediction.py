"""Votes and predictions as plain values."""

import json

import numpy as np
import pytest

from bakeoff.spec.prediction import Prediction, Vote

# By hand: means 0.4, 0.5, 0.1; the first seed by itself says class 0, the other two class 1.
VOTE = Vote("net", (0, 1, 4), np.array([[0.6, 0.3, 0.1], [0.3, 0.6, 0.1], [0.3, 0.6, 0.1]]))


def test_a_vote_by_hand():
    """The answer is the class with the highest mean; seeds agree where their own highest class is that."""
    assert VOTE.answer == 1
    assert VOTE.ranked == [1, 0, 2]
    assert VOTE.agreeing == 2
    assert VOTE.mean == pytest.approx([0.4, 0.5, 0.1])
    assert (VOTE.low.tolist(), VOTE.high.tolist()) == ([0.3, 0.3, 0.1], [0.6, 0.6, 0.1])


def test_for_programs():
    """Every promised field, by class name, ready for JSON."""
    prediction = Prediction("s", "d", ("a", "b", "c"), (VOTE,), {"other": "no run"}, index=3, true_class=0)
    plain = json.loads(json.dumps(prediction.to_dict(), allow_nan=False))
    assert plain["image"] == {"index": 3, "file": None, "true_class": "a", "steps": []}
    (model,) = plain["models"]
    assert (model["name"], model["says"], model["right"], model["seeds"], model["agreeing_seeds"]) == (
        "net",
        "b",
        False,
        3,
        2,
    )
    assert [each["class"] for each in model["classes"]] == ["b", "a", "c"]
    assert model["classes"][0] == {"class": "b", "probability": pytest.approx(0.5), "low": 0.3, "high": 0.6}
    assert model["by_seed"][2] == {"seed": 4, "says": "b", "probability": 0.6}
    assert plain["left_out"] == [{"name": "other", "reason": "no run"}]


def test_without_a_label_nothing_is_right():
    """A file has no label."""
    plain = Prediction("s", "d", ("a", "b", "c"), (VOTE,), {}, file="x.png", steps=("inverted",)).to_dict()
    assert plain["models"][0]["right"] is None
    assert plain["image"] == {"index": None, "file": "x.png", "true_class": None, "steps": ["inverted"]}

"""Votes on single images, counted by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bakeoff.comparison.images import ImageStory, tell_images, top_losses
from bakeoff.spec import parse_study
from bakeoff.spec.prediction import Vote

STUDY = "name: hand\ndata: digits\nmodels: {a: {mlp: {hidden: [1]}}, b: {mlp: {hidden: [2]}}}"
LABELS = np.array([0, 1, 0, 1])
SAID = {"a": {"a0": [0, 1, 1, 0], "a1": [0, 1, 1, 1], "a2": [0, 0, 1, 0]}, "b": {"b0": [0, 0, 1, 1]}}


def _probabilities(key: str) -> np.ndarray:
    """Every run gives the class it says three quarters; the one of b is sure, also where it is wrong."""
    said = np.array((SAID["a"] | SAID["b"])[key])
    given = np.where(said[:, np.newaxis] == np.arange(2), 0.75, 0.25)
    return np.where(given > 0.5, 1.0, 0.0) if key == "b0" else given


@pytest.fixture
def story(make_evidence) -> ImageStory:
    """Three runs of a, one of b, four images of two classes."""
    evidence = make_evidence(parse_study(STUDY).study, {"a": [[1, 1, 0, 0]] * 3, "b": [[1, 0, 0, 1]]})
    named = [
        replace(found, labels=LABELS, predictions={key: np.array(said) for key, said in SAID[found.name].items()})
        for found in evidence
    ]
    return tell_images(named, _probabilities)


def test_votes_are_counted_run_by_run(story):
    """By hand: of image 1, two runs of a say 1 and one says 0."""
    assert (story.models, story.runs) == (("a", "b"), (3, 1))
    assert story.votes[0].tolist() == [[3, 0], [1, 2], [0, 3], [2, 1]]
    assert story.wrong.tolist() == [[0, 1, 3, 2], [0, 1, 1, 0]]


def test_losses_are_means_over_runs_and_cut_off_where_keras_does(story):
    """By hand: -ln 0.75 where a run is right, -ln 0.25 where it is wrong; a run that is sure and wrong costs 16.118."""
    right, wrong = -math.log(0.75), -math.log(0.25)
    assert story.losses[0] == pytest.approx([right, (2 * right + wrong) / 3, wrong, (right + 2 * wrong) / 3])
    assert story.losses[1] == pytest.approx([0, 16.118, 16.118, 0], abs=1e-3)
    assert top_losses(story, 2).tolist() == [2, 1]


def test_answers_are_those_of_predict(make_evidence):
    """Two runs that say different classes: the surer one decides, whatever the classes' numbers."""
    given = {"a0": np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]]), "a1": np.array([[0.4, 0.6], [0.1, 0.9], [0.2, 0.8]])}
    labels = np.array([1, 0, 1])
    evidence = make_evidence(parse_study(STUDY).study, {"a": [[0, 1, 1], [1, 0, 1]]})
    predictions = {key: rows.argmax(axis=1) for key, rows in given.items()}
    story = tell_images([replace(evidence[0], labels=labels, predictions=predictions)], given.__getitem__)
    assert story.votes[0].tolist() == [[1, 1], [1, 1], [0, 2]]
    assert story.answers.tolist() == [[0, 1, 1]]
    asked = [Vote("a", (0, 1), np.stack([rows[image] for rows in given.values()])).answer for image in range(3)]
    assert story.answers[0].tolist() == asked


def test_without_a_finished_seed_there_is_no_story(make_evidence):
    """Nobody voted."""
    evidence = make_evidence(parse_study(STUDY).study, {"a": ["diverged"] * 2})
    assert tell_images(evidence, _probabilities) is None

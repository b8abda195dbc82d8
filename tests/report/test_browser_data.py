"""What the page's script is given, read back as the script reads it."""

import base64
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bakeoff.report import browser_data as module
from bakeoff.report.browser_data import browser_data, pack_numbers
from bakeoff.report.sprite import make_sprite, shrink


@pytest.fixture
def comparison(by_hand):
    """Two models, with votes."""
    made = by_hand.make_comparison(by_hand.FOUR[:2])
    return replace(made, images=by_hand.make_images(made))


@pytest.fixture
def pictures():
    """Each test image is of one shade, its index modulo 256."""
    shades = (np.arange(1_000) % 256).astype(np.uint8)
    return np.tile(shades[:, np.newaxis, np.newaxis, np.newaxis], (1, 4, 6, 1))


def _read(found):
    return json.loads(found.data)


def _unpack(text):
    """The numbers of a base64 text, by the definition of LEB128."""
    numbers, number, shift = [], 0, 0
    for byte in base64.b64decode(text):
        number += (byte % 128) << shift
        shift += 7
        if byte < 128:
            numbers.append(number)
            number, shift = 0, 0
    return numbers


def test_numbers_come_back():
    """Of one, two and three bytes."""
    numbers = [0, 1, 127, 128, 9_999, 16_383, 16_384, 2_097_151, 3]
    assert _unpack(pack_numbers(np.array(numbers))) == numbers
    assert _unpack(pack_numbers(np.array([], dtype=int))) == []


def test_votes_come_back_whole(comparison, pictures):
    """Right votes are what is missing to the number of runs: the story can be rebuilt from what is wrong."""
    story, packed = comparison.images, _read(browser_data(comparison, pictures))
    assert packed["labels"] == story.labels.tolist()
    for model, entry in enumerate(packed["models"]):
        votes = np.zeros(story.votes.shape[1:], dtype=int)
        steps, said, counts = np.reshape(_unpack(entry["wrong"]), (-1, 3)).T
        votes[np.cumsum(steps), said] = counts
        votes[np.arange(1_000), story.labels] = entry["runs"] - votes.sum(axis=1)
        assert (votes == story.votes[model]).all()


def test_pictures_are_those_that_most_runs_miss(comparison, pictures, monkeypatch):
    """By hand: 20 images are missed by all runs; they come first, and the shade of each is in its place."""
    monkeypatch.setattr(module, "MOST_BYTES", 24 * 20)
    sprite = _read(browser_data(comparison, pictures))["sprite"]
    assert sorted(sprite["images"]) == list(range(0, 1_000, 50))
    grid = np.array(Image.open(io.BytesIO(base64.b64decode(sprite["uri"].split(",")[1]))))
    assert grid.shape == (sprite["rows"] * 4, sprite["columns"] * 6)
    for place, image in enumerate(sprite["images"]):
        row, column = divmod(place, sprite["columns"])
        assert (grid[row * 4 : row * 4 + 4, column * 6 : column * 6 + 6] == image % 256).all()


def test_answers_come_back(comparison, pictures):
    """What is not in the list is right."""
    story = comparison.images
    answers = np.where(np.arange(1_000) % 7 == 3, (story.labels + 2) % 10, story.labels)
    turned = replace(comparison, images=replace(story, answers=np.stack([story.answers[0], answers])))
    steps, said = np.reshape(_unpack(_read(browser_data(turned, pictures))["models"][1]["answers"]), (-1, 2)).T
    assert np.cumsum(steps).tolist() == list(range(3, 1_000, 7))
    assert said.tolist() == [(image + 2) % 10 for image in range(3, 1_000, 7)]


def test_the_highest_losses_have_their_pictures(comparison, pictures, monkeypatch):
    """Also where no run is wrong, and where there is room for no more than those."""
    monkeypatch.setattr(module, "MOST_BYTES", 24 * 36)
    losses = np.tile(np.where(np.arange(1_000) % 10 == 7, 3.0, 0.1), (2, 1))  # 100 images that all runs get right
    packed = _read(browser_data(replace(comparison, images=replace(comparison.images, losses=losses)), pictures))
    assert [image for image, _ in packed["top"]] == list(range(7, 367, 10))
    assert packed["sprite"]["images"] == list(range(7, 367, 10))


def test_the_budget_is_that_of_stamps(comparison, monkeypatch):
    """By hand: a picture of 224 x 224 in colour becomes 56 x 56, so that 40 of them take 40 * 9,408 bytes."""
    monkeypatch.setattr(module, "MOST_BYTES", 40 * 56 * 56 * 3)
    large = np.broadcast_to(np.uint8(9), (1_000, 224, 224, 3))
    assert len(_read(browser_data(comparison, large))["sprite"]["images"]) == 40


def test_without_pictures_there_are_still_votes(comparison):
    """Where the data are not at hand, it is said."""
    found = browser_data(comparison, None)
    assert _read(found)["sprite"] is None
    assert "not at hand" in found.told
    assert browser_data(replace(comparison, images=None), None) is None


def test_what_is_left_out_is_said(comparison, pictures, monkeypatch):
    """100 images are missed by a run; if only 30 pictures fit, the sentence says so."""
    assert browser_data(comparison, pictures).told == "Of 1,000 test images, 100 are got wrong by at least one run."
    monkeypatch.setattr(module, "MOST_BYTES", 24 * 30)
    told = browser_data(comparison, pictures).told
    assert told.endswith("The page has room for 30 pictures: the highest losses, then what most runs miss.")


def test_names_cannot_end_the_script(by_hand):
    """A class may be called anything."""
    made = by_hand.make_comparison(by_hand.FOUR[:2], class_names=("</script><b>&", *"123456789"))
    found = browser_data(replace(made, images=by_hand.make_images(made)), None)
    assert "<" not in found.data
    assert _read(found)["classes"][0] == "</script><b>&"


def test_large_pictures_become_stamps():
    """200 x 100 pixels in colour: at most 64 wide, by the mean of blocks of 4 x 4."""
    images = np.zeros((3, 100, 200, 3), dtype=np.uint8)
    images[1, :2] = 200  # half of the uppermost blocks
    sprite = make_sprite(images)
    assert (sprite.width, sprite.height, sprite.columns, sprite.rows, sprite.scale) == (50, 25, 2, 2, 1)
    grid = np.array(Image.open(io.BytesIO(base64.b64decode(sprite.uri.split(",")[1]))))
    assert grid.shape == (50, 100, 3)
    assert (grid[0, 50:] == 100).all()
    assert (grid[1:25] == 0).all()


@pytest.mark.parametrize(
    ("size", "stamp", "brightness"),
    [((1, 784), (1, 60), 0), ((784, 1), (60, 1), 50), ((8, 1_000), (1, 62), 50), ((20, 65), (10, 32), 50)],
)
def test_oblong_pictures_become_stamps(size, stamp, brightness):
    """Where one is narrower than a block, all of that side becomes one pixel; by hand, of which half is dark."""
    images = np.full((2, *size, 1), 100, dtype=np.uint8)
    images[1, size[0] // 2 :] = 0
    small = shrink(images)
    assert small.shape == (2, *stamp, 1)
    assert (small[0] == 100).all()
    assert small[1].mean() == pytest.approx(brightness, abs=0.5)
    sprite = make_sprite(images)
    assert (sprite.height, sprite.width) == stamp

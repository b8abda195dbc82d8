"""`bakeoff predict`: what people and programs get, and which calls are refused."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from bakeoff.cli import predict as command
from bakeoff.spec import parse_study
from bakeoff.spec.prediction import Prediction, Vote

STUDY = """
name: hand
data: digits
protocol: {seeds: 2, margin: 0.02, validation: {holdout: 0.2}}
models:
  weak: {mlp: {hidden: [1]}}
  strong: {mlp: {hidden: [2]}}
  absent: {mlp: {hidden: [3]}}
"""


@pytest.fixture
def asked(bakeoff, fill_store, tmp_path):
    """Calls `predict` on a study with made-up runs: image 1, a "one", is wrong by all seeds of `weak`."""
    hits = {"weak": [[1, 0], [1, 0]], "strong": [[1, 1], [1, 1]]}
    store = fill_store(parse_study(STUDY).study, hits, labels=[0, 1])
    (tmp_path / "hand.yaml").write_text(STUDY)
    return lambda *arguments: bakeoff("predict", "hand.yaml", "--store", str(store.folder), *arguments)


def test_for_people(asked):
    """Image, table, one sentence, and who was not asked, in 80 columns and without colours where nobody sees them."""
    code, out, _ = asked("--index", "1")
    assert code == 0
    assert "Test image 1 of digits, labelled one" in out
    assert "weak says zero, against the label; strong says one, as the label does." in out
    assert "absent is not asked: no finished run of it" in out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out
    assert "\u2580" not in out


def test_for_programs(asked):
    """One JSON document with every promised field."""
    code, out, _ = asked("--index", "1", "--model", "strong", "-o", "a.svg", "--json")
    result = json.loads(out)
    assert code == 0
    assert set(result) == {"study", "data", "image", "models", "left_out", "warnings", "picture"}
    assert [model["says"] for model in result["models"]] == ["one"]
    assert result["picture"] == "a.svg"


def test_the_picture_is_written(asked, tmp_path):
    """Where it was asked for."""
    code, out, _ = asked("--index", "0", "--picture", "a.svg")
    assert (code, "All probabilities are drawn in a.svg" in out) == (0, True)
    assert (tmp_path / "a.svg").read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give either a test image's number or a file"),
        (["--index", "1", "--image", "a.png"], "give either a test image's number or a file"),
        (["--index", "1", "--invert"], "it is for files: give one with --image"),
        (["--index", "-1"], "Invalid value for '--index'"),
    ],
)
def test_wrong_usage(asked, arguments, words):
    """A wrong call exits with 2 and says what is wrong."""
    code, _, err = asked(*arguments)
    assert code == 2
    assert words in " ".join(err.replace("\u2502", " ").split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--index", "2"], "must lie between 0 and 1, got 2"),
        (["--index", "1", "--model", "strog"], "bakeoff: no model 'strog' in study 'hand'; did you mean 'strong'?"),
        (["--index", "1", "-o", "a.gif"], "must end in one of .svg, .png, .pdf, got a.gif"),
        (["--image", "nothing.png"], "there is no image file nothing.png"),
    ],
)
def test_what_a_user_can_mend(asked, arguments, words):
    """One paragraph and exit code 1."""
    code, _, err = asked(*arguments)
    assert code == 1
    assert words in err


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({"force_terminal": True, "color_system": "truecolor"}, True),
        ({"force_terminal": True, "color_system": None}, False),
        ({"force_terminal": False, "color_system": "truecolor"}, False),
    ],
)
def test_the_image_on_a_terminal(asked, monkeypatch, settings, shown):
    """Half blocks where there are colours, and nothing in their place elsewhere."""
    file = io.StringIO()
    monkeypatch.setattr(command, "console", lambda: Console(file=file, width=80, **settings))
    monkeypatch.setattr(command, "predict", lambda *_, **__: _with_pixels())
    assert asked("--index", "1")[0] == 0
    assert ("\u2580" in file.getvalue()) is shown


def _with_pixels() -> Prediction:
    vote = Vote("weak", (0,), np.array([[0.9, 0.1]]))
    pixels = np.zeros((8, 8, 1), dtype=np.uint8)
    return Prediction("hand", "digits", ("zero", "one"), (vote,), {}, index=1, true_class=1, pixels=pixels)


@pytest.mark.slow
def test_a_real_file(bakeoff, tmp_path):
    """Trained, then shown a large inverted picture in colour: what was done is said, and what a network cannot do."""
    (tmp_path / "s.yaml").write_text(
        STUDY.replace("seeds: 2", "seeds: 2, epochs: 2").replace("hidden: [1]", "hidden: [32]")
    )
    assert bakeoff("run", "s.yaml", "--only", "weak")[0] == 0
    picture = Image.new("RGB", (320, 160), (250, 240, 255))
    picture.paste((0, 0, 90), (140, 30, 180, 130))
    picture.save(tmp_path / "a.png")
    code, out, _ = bakeoff("predict", "s.yaml", "--image", "a.png", "--only", "weak")
    assert code == 0
    words = " ".join(out.split())
    assert "a.png: colour to grey, resized from 320 x 160 pixels and filled up to 8 x 8" in words
    assert "A network names one of its 10 classes whatever it is shown." in words

"""A prediction for people: what is written and drawn is what was voted."""

import io
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from bakeoff.report.numbers import NO_BREAK_SPACE
from bakeoff.report.prediction import (
    MOST_CLASSES,
    MOST_COLUMNS,
    describe_image,
    format_probability,
    picture_text,
    prediction_table,
    render_prediction,
    summarize_votes,
)
from bakeoff.spec.prediction import Prediction, Vote


def votes(**answers: int) -> tuple[Vote, ...]:
    """Models of two seeds that give a class 0.7 and 0.9."""
    rows = {name: np.full((2, 3), 0.1) for name in answers}
    for name, label in answers.items():
        rows[name][:, label] = 0.7, 0.9
    return tuple(Vote(name, (0, 1), values) for name, values in rows.items())


@pytest.fixture
def prediction() -> Prediction:
    """Two models say "one", as the label does; the third says "two"."""
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    names = ("zero", "one", "two")
    return Prediction("hand", "digits", names, votes(a=1, b=1, c=2), {}, index=7, true_class=1, pixels=pixels)


def written(renderable, *, width: int = 80) -> str:
    """What a terminal of that width shows, with ordinary spaces."""
    console = Console(width=width, file=io.StringIO(), color_system=None)
    console.print(renderable)
    return console.file.getvalue().replace(NO_BREAK_SPACE, " ")


def test_the_table_by_hand(prediction):
    """Answer, mean, lowest to highest seed, agreeing seeds and the next classes, with a mark for right and wrong."""
    lines = written(prediction_table(prediction)).splitlines()
    assert " ".join(lines[1].split()) == "a one ✓ 80.0 % 70.0 to 90.0 2 of 2 zero 10.0 %, two 10.0 %"
    assert lines[3].split()[:3] == ["c", "two", "✕"]


def test_the_table_fits(prediction):
    """Long names are folded, not cut, within 80 columns."""
    long = replace(
        prediction,
        class_names=tuple(f"{name}, a class with a rather long name" for name in prediction.class_names),
        votes=tuple(replace(vote, model=f"{vote.model}-with-a-rather-long-name") for vote in prediction.votes),
    )
    text = written(prediction_table(long))
    assert max(map(len, text.splitlines())) <= 80
    assert "\u2026" not in text


def test_one_seed_has_no_spread(prediction):
    """A dash stands where there is nothing to compare."""
    alone = Vote("a", (0,), np.array([[0.1, 0.8, 0.1]]))
    assert "80.0 %  \u2013" in written(prediction_table(replace(prediction, votes=(alone,))))


def test_probabilities_are_never_certain():
    """What rounds to 0 or 100 per cent is said as a bound."""
    shown = [format_probability(p).replace(NO_BREAK_SPACE, " ") for p in (0.0, 0.00049, 0.0005, 0.9994, 0.9995, 1.0)]
    assert shown == ["< 0.1 %", "< 0.1 %", "0.1 %", "99.9 %", "> 99.9 %", "> 99.9 %"]


@pytest.mark.parametrize(
    ("answers", "label", "sentence"),
    [
        ({"a": 1}, None, "a says one."),
        ({"a": 1, "b": 1}, None, "Both models say one."),
        ({"a": 1, "b": 1, "c": 1}, None, "All 3 models say one."),
        (
            {"a": 1, "b": 0, "c": 0, "d": 0},
            0,
            "3 of 4 models say zero, as the label does; a says one, against the label.",
        ),
        ({"a": 1, "b": 1, "c": 2}, 2, "a and b say one, against the label; c says two, as the label does."),
    ],
)
def test_one_sentence(prediction, answers, label, sentence):
    """Most models first, few of them by name, and the label where there is one."""
    assert summarize_votes(replace(prediction, votes=votes(**answers), true_class=label)) == sentence


def test_which_image(prediction):
    """A test image by number and label, a file by its name and what was done to it."""
    assert describe_image(prediction) == "Test image 7 of digits, labelled one"
    file = replace(prediction, index=None, true_class=None, file="a.png", steps=("colour to grey", "inverted"))
    assert describe_image(file) == "a.png: colour to grey, inverted"
    assert describe_image(replace(file, steps=())) == "a.png"


def test_half_blocks_show_two_rows():
    """The upper pixel is the letter's colour, the lower one its ground; an odd last row is doubled."""
    pixels = np.arange(16 * 3, dtype=np.uint8).reshape(3, 16, 1)
    text = picture_text(pixels)
    lines = text.plain.split("\n")
    assert lines == ["\u2580" * 16] * 2
    styles = [str(span.style) for span in text.spans]
    assert styles[1] == "rgb(1,1,1) on rgb(17,17,17)"
    assert styles[16] == "rgb(32,32,32) on rgb(32,32,32)"


@pytest.mark.parametrize(("side", "columns"), [(8, 16), (28, 28), (224, MOST_COLUMNS)])
def test_every_size_fits_a_terminal(side, columns):
    """Small images are magnified by whole pixels, large ones shrunk."""
    lines = picture_text(np.zeros((side, side, 3), dtype=np.uint8)).plain.split("\n")
    assert [len(line) for line in lines] == [columns] * (columns // 2)


def test_transparent_pixels_stand_on_white():
    """What a picture with four channels does not cover is white."""
    assert "rgb(255,255,255)" in str(picture_text(np.zeros((16, 16, 4), dtype=np.uint8)).spans[0].style)


@pytest.mark.parametrize(("form", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_figures_are_files_of_their_kind(prediction, form, begins):
    """Each format by its first bytes."""
    assert render_prediction(prediction, form).startswith(begins)


def test_the_figure_holds_the_image_and_every_model(prediction):
    """The picture is inside, pixel for pixel; models, classes and what it is about are written; no other address."""
    svg = render_prediction(prediction, "svg").decode()
    root = ElementTree.fromstring(svg)
    words = " ".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))
    for word in ("a", "b", "c", "zero", "one", "two", "Test image 7 of digits, labelled one", "hand on digits"):
        assert word in words
    (image,) = (element for element in root.iter() if element.tag.endswith("image"))
    address = next(value for key, value in image.attrib.items() if key.endswith("href"))
    assert address.startswith("data:image/png;base64,")
    assert svg.count("http") == svg.count("http://www.w3.org/")


def test_a_figure_without_data_at_hand(prediction):
    """Without the image the probabilities are drawn all the same."""
    assert b"<image" not in render_prediction(replace(prediction, pixels=None), "svg")


def test_of_many_classes_the_likely_ones_are_drawn(prediction):
    """The label and what models rank highest; the figure says that it is a choice."""
    rng = np.random.default_rng(0)
    rows = rng.dirichlet(np.ones(100), size=2)
    many = replace(
        prediction,
        class_names=tuple(f"class-{label}" for label in range(100)),
        votes=(Vote("a", (0, 1), rows),),
        true_class=int(rows.mean(axis=0).argmin()),
    )
    svg = render_prediction(many, "svg")
    shown = {element.text for element in ElementTree.fromstring(svg).iter()} & set(many.class_names)  # the axis
    assert len(shown) == MOST_CLASSES
    assert {f"class-{rows.mean(axis=0).argmax()}", f"class-{many.true_class}"} <= shown
    assert b"12 of 100 classes are shown" in svg

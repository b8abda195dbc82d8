"""What a reader does with the page, done in a real browser."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

from bakeoff.comparison.images import disagreement
from browser import NARROW, WIDE, tell_violations

pytestmark = pytest.mark.pages


def _column(page, index):
    return page.locator("#leaderboard tbody tr").evaluate_all(
        "(rows, index) => rows.map((row) => row.cells[index].innerText.split('\\n')[0].trim())", index
    )


def _select(page, section, label, value):
    page.locator(f"#browse-{section} .control", has_text=re.compile(f"^{label}")).locator("select").select_option(value)


def _counts(page, selector):
    texts = page.locator(selector).all_inner_texts()
    return [int(re.match(r"[\d,]+", text)[0].replace(",", "")) for text in texts]


def test_the_leaderboard_sorts_by_every_column(show, troubled):
    """Numbers as numbers, up and down, and what is not known last."""
    page = show(troubled)
    assert _column(page, 1) == ["good", "once", "blind", "half", "lost"]
    page.get_by_role("button", name="Epochs").click()
    assert _column(page, 9) == ["1", "8", "8", "8", "14"]
    page.get_by_role("button", name="Epochs").click()
    assert _column(page, 9) == ["14", "8", "8", "8", "1"]
    head = page.locator("#leaderboard thead th").nth(9)
    assert head.get_attribute("aria-sort") == "descending"
    for _ in range(2):
        page.get_by_role("button", name=re.compile("Accuracy.*new images")).click()
        assert _column(page, 1)[-1] == "lost"
    page.get_by_role("button", name="Model").click()
    assert _column(page, 1) == ["blind", "good", "half", "lost", "once"]


def test_rows_are_filtered_by_name(show, by_hand):
    """Of 24 models those whose name has the word in it."""
    page = show(by_hand.make_comparison(by_hand.many_entries(24)))
    field = page.get_by_label("Only models with")
    field.fill("m1")
    rows = zip(_column(page, 1), page.locator("#leaderboard tbody tr").all(), strict=True)
    visible = [name for name, row in rows if row.is_visible()]
    assert visible == [f"m{number}" for number in range(10, 20)]
    assert "10 of 24 models" in page.locator("#leaderboard output").inner_text()


def test_disagreements_are_those_of_the_store(show, everything):
    """The script deals out the images as the library does, for every pair of models."""
    page = show(everything)
    for a, b in combinations(everything.images.models, 2):
        _select(page, "disagreements", "First", a)
        _select(page, "disagreements", "Second", b)
        cells = disagreement(everything.images, a, b)
        expected = [cells.both_right, cells.only_a, cells.only_b, cells.wrong_alike, cells.wrong_differently]
        assert _counts(page, "#browse-disagreements .cells button") == [len(images) for images in expected]
        assert sum(map(len, expected)) == len(everything.images.labels)


def test_a_disagreement_is_opened_and_narrowed_down(show, everything):
    """By class, and by how many runs got it wrong; each image has its picture."""
    story = everything.images
    a, b = story.models[:2]
    page = show(everything)
    page.locator("#browse-disagreements .cells button").nth(2).click()
    only_b = disagreement(story, a, b).only_b
    label = int(np.bincount(story.labels[only_b]).argmax())
    _select(page, "disagreements", "Class", str(label))
    expected = only_b[story.labels[only_b] == label]
    tiles = page.locator("#browse-disagreements .tile")
    assert tiles.count() == min(60, len(expected))
    named = [int(re.search(r"#(\d+)", text)[1]) for text in tiles.all_inner_texts()]
    assert set(named) <= set(expected.tolist())
    box = tiles.first.locator(".picture").bounding_box()
    assert (box["width"], box["height"]) == (56, 56)
    _select(page, "disagreements", "Got wrong by", "all")
    wrong = story.wrong[:2].sum(axis=0)[expected]
    assert tiles.count() == int((wrong == sum(story.runs[:2])).sum())


def test_a_confusion_cell_shows_its_images(show, everything):
    """The matrix is the votes'; a click lists every image that a run took so, most votes first."""
    story = everything.images
    page = show(everything)
    votes = story.votes[0].astype(int)
    matrix = np.stack([votes[story.labels == label].sum(axis=0) for label in range(10)])
    rows = page.locator("#browse-confusions .matrix tbody tr").all()
    shown = [[int(text or 0) for text in row.locator("button").all_inner_texts()] for row in rows]
    assert shown == matrix.tolist()
    truth, said = np.unravel_index(np.argmax(matrix - np.diag(np.diag(matrix))), matrix.shape)
    page.locator("#browse-confusions .matrix tbody tr").nth(int(truth)).locator("button").nth(int(said)).click()
    images = np.flatnonzero((story.labels == truth) & (votes[:, said] > 0))
    assert f"{len(images)} image" in page.locator("#browse-confusions h4").inner_text()
    first = page.locator("#browse-confusions .tile").first.inner_text()
    assert votes[int(re.search(r"#(\d+)", first)[1]), said] == votes[images, said].max()


def test_two_matrices_are_subtracted(show, everything):
    """In points of the row's share; a model minus itself is shown as it is."""
    story = everything.images
    page = show(everything)
    _select(page, "confusions", "minus", story.models[1])
    shares = [
        np.stack([story.votes[model][story.labels == label].sum(axis=0) for label in range(10)]) / 500
        for model in (0, 1)
    ]
    shown = page.locator("#browse-confusions .matrix tbody tr").first.locator("button").all_inner_texts()
    points = [float(text.replace("\u2212", "-") or 0) for text in shown]
    assert points == pytest.approx(100 * (shares[0] - shares[1])[0], abs=0.051)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_hangs_over_the_edge(show, everything, width):
    """Wide tables scroll inside their own frame."""
    page = show(everything, width=width)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_dark_is_dark(show, everything):
    """The reader's own setting decides."""
    light, dark = (
        show(everything, scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    )
    brightness = [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in (light, dark)]
    assert brightness[0] > 700
    assert brightness[1] < 120


def test_it_prints(show, everything):
    """As PDF, without the parts that only a screen can use."""
    page = show(everything)
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print")
    assert not page.locator("#images").is_visible()
    assert page.locator("#leaderboard").is_visible()


def test_tables_are_reached_and_sorted_by_keyboard(show, troubled):
    """Tab comes to the heading, Enter sorts."""
    page = show(troubled)
    button = page.get_by_role("button", name="Epochs")
    button.focus()
    page.keyboard.press("Enter")
    assert _column(page, 9)[0] == "1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_serious_violation_of_accessibility(show, axe, everything, width, scheme):
    """By axe-core's rules, contrast included."""
    assert tell_violations(show(everything, width=width, scheme=scheme), axe) == ""

"""What a reader does with the page, done in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import permutations

import numpy as np
import pytest

from browser import NARROW, WIDE, tell_violations

pytestmark = pytest.mark.pages


def _column(page, index):
    return page.locator("#leaderboard tbody tr").evaluate_all(
        "(rows, index) => rows.map((row) => row.cells[index].innerText.split('\\n')[0].trim())", index
    )


def _select(page, section, label, value):
    _control(page, section, label).select_option(value)


def _control(page, section, label):
    return page.locator(f"#browse-{section} .control", has_text=re.compile(f"^{label}")).locator("select")


def _choices(page, section, label):
    return _control(page, section, label).locator("option").all_inner_texts()


def _focused(page):
    return page.evaluate("document.activeElement.closest('.control, button, .tile')?.innerText.trim().split('\\n')[0]")


def _deal(story, a, b):
    """Images by who is right: both, one, the other, nobody but both alike, nobody and each else."""
    one, other = (story.answers[story.models.index(name)] for name in (a, b))
    kind = np.select(
        [(one == story.labels) & (other == story.labels), one == story.labels, other == story.labels, one == other],
        [0, 1, 2, 3],
        4,
    )
    return [np.flatnonzero(kind == cell) for cell in range(5)]


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


def test_what_is_not_known_comes_last(show, by_hand):
    """Whichever column and way: a model that never ran, and one whose only seed failed."""
    page = show(
        by_hand.make_comparison([*by_hand.FOUR, by_hand.Entry("lost", seeds=0, failed=1)], missing=("waiting",))
    )
    for button in ("Rank", "Accuracy.*new", "Accuracy.*these", "Same", "Tier", "Loss"):
        for _ in range(2):
            page.get_by_role("button", name=re.compile(button)).click()
            assert _column(page, 1)[-2:] == ["lost", "waiting"], button
    for button in ("Weights", "Time", "Epochs", "Seeds"):
        for _ in range(2):
            page.get_by_role("button", name=re.compile(button)).click()
            assert _column(page, 1)[-1] == "waiting", button


def test_rows_are_filtered_by_name(show, by_hand):
    """Of 24 models those whose name has the word in it."""
    page = show(by_hand.make_comparison(by_hand.many_entries(24)))
    field = page.get_by_label("Only models with")
    field.fill("m1")
    rows = zip(_column(page, 1), page.locator("#leaderboard tbody tr").all(), strict=True)
    visible = [name for name, row in rows if row.is_visible()]
    assert visible == [f"m{number}" for number in range(10, 20)]
    assert "10 of 24 models" in page.locator("#leaderboard output").inner_text()


def test_disagreements_are_those_of_the_answers(show, everything):
    """For every pair of models either way, with even numbers of runs: ties are not given to the lower class."""
    story = everything.images
    page = show(everything)
    assert (story.answers != story.votes.argmax(axis=2)).any(axis=1).all()
    for a, b in permutations(story.models, 2):
        _select(page, "disagreements", "First", a)
        _select(page, "disagreements", "Second", b)
        expected = _deal(story, a, b)
        assert _counts(page, "#browse-disagreements .cells button") == [len(images) for images in expected]
        assert sum(map(len, expected)) == len(story.labels)


def test_a_disagreement_is_opened_and_narrowed_down(show, everything):
    """By class; each image has its picture and both answers."""
    story = everything.images
    a, b = story.models[:2]
    page = show(everything)
    page.locator("#browse-disagreements .cells button").nth(2).click()
    only_b = _deal(story, a, b)[2]
    label = int(np.bincount(story.labels[only_b]).argmax())
    _select(page, "disagreements", "Class", str(label))
    expected = only_b[story.labels[only_b] == label]
    tiles = page.locator("#browse-disagreements .tile")
    named = [int(re.search(r"#(\d+)", text)[1]) for text in tiles.all_inner_texts()]
    assert sorted(named) == expected.tolist()
    answer, votes = story.answers[0][named[0]], story.votes[0][named[0]]
    assert f"{a}: {answer} ({votes[answer]}/4)" in tiles.first.inner_text()
    box = tiles.first.locator(".picture").bounding_box()
    assert (box["width"], box["height"]) == (56, 56)


def test_images_are_chosen_by_how_many_runs_miss_them(show, everything):
    """Every number that occurs is offered, with how many images it has, and shows these."""
    story = everything.images
    page = show(everything)
    wrong = story.wrong[:2].sum(axis=0)
    for place, images in enumerate(_deal(story, *story.models[:2])):
        page.locator("#browse-disagreements .cells button").nth(place).click()
        numbers, sizes = np.unique(wrong[images], return_counts=True)
        hints = {8: ": hard, or a bad label?", 1: ": noise?"}
        offered = [f"{n} of 8{hints.get(n, '')} ({size})" for n, size in zip(numbers, sizes, strict=True)]
        assert _choices(page, "disagreements", "Got wrong by") == ["any number of runs", *reversed(offered)]
    place, number = 4, int(numbers[sizes.argmax()])
    _select(page, "disagreements", "Got wrong by", str(number))
    tiles = page.locator("#browse-disagreements .tile").all_inner_texts()
    shown = {int(re.search(r"#(\d+)", text)[1]) for text in tiles}
    assert len(shown) == sizes.max() > 1
    assert shown == set(images[wrong[images] == number].tolist())


def test_the_keyboard_keeps_its_place(show, everything):
    """Whatever is chosen, the focus stays on the control; asking for more images takes it to the first of them."""
    page = show(everything)
    button = page.locator("#browse-disagreements .cells button").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    assert _focused(page) == button.inner_text()
    for label, key in (("First", "l"), ("Second", "c"), ("Class", "7"), ("Got wrong by", "0"), ("Class", "a")):
        before = (select := _control(page, "disagreements", label)).input_value()
        select.focus()
        page.keyboard.press(key)
        assert select.input_value() != before
        assert _focused(page).startswith(label)
    more = page.locator("#browse-disagreements button.more")
    more.focus()
    page.keyboard.press("Enter")
    tiles = page.locator("#browse-disagreements .tile")
    assert tiles.count() == 120
    assert page.evaluate("document.activeElement.innerText") == tiles.nth(60).inner_text()


def test_only_the_heading_is_announced(show, everything):
    """A live region holds one short sentence, and stays while its words change."""
    page = show(everything)
    live = page.locator("#images :is([aria-live], [role=status], output)")
    before = live.element_handles()
    page.locator("#browse-disagreements .cells button").nth(1).click()
    page.locator("#browse-confusions .matrix button").first.click()
    assert [handle.inner_text() for handle in before] == live.all_inner_texts()
    only_a = _deal(everything.images, *everything.images.models[:2])[1]
    assert live.first.inner_text() == f"{len(only_a)} images"
    assert re.fullmatch(r"0, recognised: \d+ images", live.nth(1).inner_text())
    assert live.count() == 2


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
        np.stack([story.votes[model][story.labels == label].sum(axis=0) for label in range(10)]) / 400
        for model in (0, 1)
    ]
    shown = page.locator("#browse-confusions .matrix tbody tr").first.locator("button").all_inner_texts()
    points = [float(text.replace("\u2212", "-") or 0) for text in shown]
    assert points == pytest.approx(100 * (shares[0] - shares[1])[0], abs=0.051)
    cells = page.locator("#browse-confusions .matrix tbody button")
    _select(page, "confusions", "minus", story.models[0])
    itself = cells.all_inner_texts()
    _select(page, "confusions", "minus", "")
    assert itself == cells.all_inner_texts()
    assert itself[0] == str(story.votes[0][story.labels == 0, 0].sum())


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
    """Without the parts that only a screen can use."""
    page = show(everything)
    page.emulate_media(media="print")
    assert not page.locator("#images").is_visible()
    assert page.locator("#leaderboard").is_visible()


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="no pdftotext")
def test_what_is_folded_away_is_printed(show, by_hand, tmp_path):
    """All pairs, the numbers behind the figures and the study file; on the screen they stay folded afterwards."""
    page = show(by_hand.make_comparison(by_hand.many_entries(24)))
    folded = page.locator("details:not([open])").count()
    text = _print(page, tmp_path)
    assert len(re.findall(r"m\d\d vs m\d\d", text)) >= 276
    assert "Medians over the finished runs, at some epochs and the last." in text
    assert re.search(r"^ +m24:$", text, re.MULTILINE)
    assert page.locator("details:not([open])").count() == folded > 3


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="no pdftotext")
def test_no_heading_is_printed_without_its_figure(show, by_hand, tmp_path):
    """The curves of 24 models, which are taller than a page, are made smaller."""
    pages = _print(show(by_hand.make_comparison(by_hand.many_entries(24))), tmp_path).split("\f")
    last = {(page.strip().splitlines() or [""])[-1].strip() for page in pages}
    headings = {"Accuracy", "Learning curves", "Loss, logarithmic", "Differences", "Confusions", "Pairs"}
    assert last.isdisjoint(headings)
    assert any("Learning curves" in page and "Thin lines are single runs" in page for page in pages)


def _print(page, folder):
    page.pdf(path=folder / "page.pdf", format="A4")
    command = ["pdftotext", "-layout", folder / "page.pdf", "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_tables_are_reached_and_sorted_by_keyboard(show, troubled):
    """Tab comes to the heading, Enter sorts."""
    page = show(troubled)
    page.locator("#leaderboard .scroll").focus()
    for _ in range(10):
        page.keyboard.press("Tab")
    assert _focused(page) == "Epochs"
    page.keyboard.press("Enter")
    assert _column(page, 9)[0] == "1"
    assert _focused(page) == "Epochs"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_serious_violation_of_accessibility(show, axe, everything, width, scheme):
    """By axe-core's rules, contrast included."""
    assert tell_violations(show(everything, width=width, scheme=scheme), axe) == ""

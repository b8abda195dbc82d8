"""A digit drawn with the mouse, and the networks that vote on it while it grows."""

from __future__ import annotations

import base64
import contextlib

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import bakeoff
from bakeoff.spec import parse_study
from browser import NARROW, WIDE, tell_violations
from server.conftest import PATIENCE_SECONDS, STUDY, started

pytestmark = pytest.mark.pages


@pytest.fixture(scope="module")
def trained_site(tmp_path_factory):
    """A server whose study has been run."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "tiny.yaml").write_text(STUDY)
    bakeoff.run(parse_study(STUDY).study, store=folder / "store", workers=1)
    with started(folder, "tiny.yaml", "--store", "store") as site:
        yield site


@pytest.fixture
def open_page(chromium, trained_site):
    """Opens an address of the server; in the end the console holds no error, and no other host was asked."""
    complaints, contexts = [], []

    def open_page(address, *, width=WIDE, scheme="light"):
        contexts.append(chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if trained_site.host in asked.url else _note(complaints, asked.url))
        page.goto(f"http://{trained_site.host}{address}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _note(complaints, address):
    if not address.startswith("data:"):
        complaints.append(address)


def _draw_a_one(page):
    """A stroke from top to bottom."""
    box = page.locator("#canvas").bounding_box()
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(middle, box["y"] + 0.85 * box["height"], steps=12)
    page.mouse.up()


def test_a_drawn_digit_gets_votes(open_page):
    """Both models name a class, the small picture appears, and clearing takes both away."""
    page = open_page("/draw")
    _draw_a_one(page)
    told = page.locator("#told")
    expect(told).to_contain_text("4 networks", timeout=1000 * PATIENCE_SECONDS)
    assert page.locator("#cards > *").count() == 2
    assert page.locator("#seen").is_visible()
    page.locator("#clear").click()
    expect(told).to_contain_text("Draw something")
    assert not page.locator("#seen").is_visible()


def _bright(page):
    """How many pixels of the canvas are not its black ground."""
    return page.evaluate("""() => {
      const canvas = document.getElementById("canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, place) => place % 4 === 0 && value > 40).length;
    }""")


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """An image file without an even ground."""
    path = tmp_path_factory.mktemp("picture") / "small.png"
    Image.fromarray(np.random.default_rng(0).integers(60, 256, (60, 60), dtype=np.uint8)).save(path)
    return path


def _send(page, kind, file):
    """What a browser does when a file is pasted or dropped."""
    page.evaluate(
        """([kind, content]) => {
          const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "sent.png", { type: "image/png" }));
          const how = { bubbles: true, cancelable: true };
          document.body.dispatchEvent(kind === "drop" ? new DragEvent(kind, { ...how, dataTransfer: transfer })
            : new ClipboardEvent(kind, { ...how, clipboardData: transfer }));
        }""",
        [kind, base64.b64encode(file.read_bytes()).decode()],
    )


def _expect_the_file(page):
    expect(page.locator("#told")).to_contain_text("4 networks", timeout=1000 * PATIENCE_SECONDS)
    expect(page.locator("#steps")).to_contain_text("resized from 60 x 60 pixels")
    expect(page.locator("#seen")).to_be_visible()
    assert any(_bright(page) == 280 * 280 for _ in range(500))  # decoded a moment after it was taken


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_file_that_is_sent(open_page, picture, kind):
    """It gets votes and is shown where a drawing would be; a file chosen before is no longer named."""
    page = open_page("/draw")
    page.set_input_files("#file", picture)
    _expect_the_file(page)
    page.locator("#clear").click()
    assert _bright(page) == 0
    page.set_input_files("#file", picture)
    _send(page, kind, picture)
    _expect_the_file(page)
    assert page.evaluate("document.getElementById('file').files.length") == 0
    assert _bright(page) == 280 * 280


def test_the_keyboard_leaves_a_file_alone(open_page, picture):
    """Whoever passes through the canvas erases nothing."""
    page = open_page("/draw")
    page.set_input_files("#file", picture)
    _expect_the_file(page)
    page.locator("#canvas").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    assert _bright(page) == 280 * 280


@pytest.mark.parametrize("how", ["undo", "draw"])
def test_a_file_can_be_chosen_again(open_page, picture, how):
    """Undoing it and drawing empty the field, so that choosing the same file is news."""
    page = open_page("/draw")
    page.set_input_files("#file", picture)
    _expect_the_file(page)
    page.locator("#undo").click() if how == "undo" else _draw_a_one(page)
    assert page.evaluate("document.getElementById('file').value") == ""
    assert _bright(page) < 280 * 280


def test_the_pen_of_the_keyboard(open_page):
    """It shows from the first moment to the last, beside what it draws and never in it."""
    page = open_page("/draw")
    cursor, circle = page.locator("#cursor"), page.locator("#cursor circle")
    expect(cursor).to_be_hidden()
    while page.evaluate("document.activeElement.id") != "canvas":
        page.keyboard.press("Tab")
    expect(cursor).to_be_visible()
    assert _bright(page) == 0
    page.keyboard.press("Space")
    for _ in range(14):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#seen")).to_be_visible(timeout=1000 * PATIENCE_SECONDS)
    expect(cursor).to_be_visible()
    expect(cursor).to_have_class("shown down")
    assert (circle.get_attribute("cx"), circle.get_attribute("cy")) == ("140", "252")  # 14 steps of 8 from the middle
    page.keyboard.press("Space")
    expect(page.locator("#told")).to_contain_text("4 networks")
    page.keyboard.press("Tab")
    expect(cursor).to_be_hidden()
    assert _bright(page) > 0


def test_votes_are_told_when_the_pen_is_lifted(open_page):
    """Not at every moment of a stroke, and not how long it took; the cards follow the pen meanwhile."""
    page = open_page("/draw")
    _draw_a_one(page)
    told = page.locator("#told")
    expect(told).to_contain_text("4 networks", timeout=1000 * PATIENCE_SECONDS)
    page.locator("#clear").click()
    page.evaluate("""() => {
      window.told = [];
      const note = () => window.told.push(document.getElementById("told").textContent);
      new MutationObserver(note).observe(document.getElementById("told"), { childList: true });
    }""")
    box = page.locator("#canvas").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    page.mouse.down()
    for step in range(30):
        with page.expect_response("**/predict") if step % 10 == 9 else contextlib.nullcontext():
            page.mouse.move(box["x"] + 100 + 3 * step, box["y"] + 40 + 6 * step)
    expect(page.locator("#seen")).to_be_visible()
    assert page.evaluate("window.told") == []
    page.mouse.up()
    expect(told).to_contain_text("4 networks")
    assert len(page.evaluate("window.told")) == 1
    assert "ms" not in told.inner_text()
    expect(page.locator("#pace")).to_contain_text("ms")


def test_names_are_told_as_they_are(open_page):
    """A capital letter at the beginning of a sentence changes no model's name."""
    page = open_page("/draw")
    models = [{"name": name, "says": says, "seeds": [0, 1]} for name, says in (("small", 1), ("wide", 1), ("deep", 7))]
    assert page.evaluate("models => summarize(models)", models) == "Votes: small, wide for 1; deep for 7 (6 networks)"
    assert page.evaluate("models => summarize(models)", models[:2]) == "All 2 models say 1 (4 networks)"


def test_headings_leave_no_step_out(open_page):
    """From the first to the cards', each is at most one level below the one before."""
    page = open_page("/draw")
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map((each) => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert max(np.diff(levels)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("address", ["/", "/draw", "/store"])
def test_no_serious_violation_of_accessibility(open_page, axe, address, width, scheme):
    """By axe-core's rules, on a telephone too."""
    page = open_page(address, width=width, scheme=scheme)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert tell_violations(page, axe) == ""

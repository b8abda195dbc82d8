"""A digit drawn with the mouse, and the networks that vote on it while it grows."""

from __future__ import annotations

import pytest
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
    if not address.startswith(("data:", "blob:")):
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
    expect(told).to_contain_text("say", timeout=1000 * PATIENCE_SECONDS)
    assert "4 networks" in told.inner_text()
    assert page.locator("#cards > *").count() == 2
    assert page.locator("#seen").is_visible()
    page.locator("#clear").click()
    expect(told).to_contain_text("Draw something")
    assert not page.locator("#seen").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/", "/draw", "/store"])
def test_no_serious_violation_of_accessibility(open_page, axe, address, scheme):
    """By axe-core's rules, on a telephone too."""
    page = open_page(address, width=NARROW, scheme=scheme)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= NARROW
    assert tell_violations(page, axe) == ""

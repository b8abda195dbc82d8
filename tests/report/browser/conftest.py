"""The page in a real browser that has no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from playwright import sync_api as playwright

from bakeoff.comparison import Comparison
from bakeoff.report.page import make_page
from browser import WIDE
from browser import axe as axe
from browser import chromium as chromium


@pytest.fixture
def show(chromium, written, tmp_path) -> Iterator[Callable[..., playwright.Page]]:
    """Opens a comparison's page offline. In the end: no error in the console, and nothing was asked of a network."""
    complaints, opened = [], []

    def show(comparison: Comparison, *, width: int = WIDE, scheme: str = "light") -> playwright.Page:
        file = tmp_path / "page.html"
        file.write_text(written(comparison), encoding="utf-8")
        context = chromium.new_context(
            offline=True, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=False
        )
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith(("file:", "data:")) else complaints.append(asked.url)
        )
        page.goto(file.as_uri())
        return page

    yield show
    for context in opened:
        context.close()
    assert complaints == []


def pictures(comparison: Comparison) -> np.ndarray:
    """One shade for each test image."""
    shades = np.arange(comparison.data.test, dtype=np.int64) % 256
    return np.tile(shades.astype(np.uint8)[:, np.newaxis, np.newaxis, np.newaxis], (1, 28, 28, 1))


@pytest.fixture(scope="session")
def written() -> Callable[[Comparison], str]:
    """The page of a comparison; drawing its figures takes seconds, so it is made once."""
    pages: dict[int, tuple[Comparison, str]] = {}

    def written(comparison: Comparison) -> str:
        if id(comparison) not in pages:
            pages[id(comparison)] = comparison, make_page(comparison, pictures(comparison))
        return pages[id(comparison)][1]

    return written


@pytest.fixture(scope="session")
def troubled(by_hand) -> Comparison:
    """Models of which some failed."""
    return by_hand.make_comparison(by_hand.TROUBLED)


@pytest.fixture(scope="session")
def everything(by_hand) -> Comparison:
    """Four models with all that a report can say; their votes differ from model to model."""
    made = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    return replace(made, images=by_hand.shuffle_votes(made.images))

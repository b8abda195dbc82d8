"""Fixtures for tests that look at pages as a person does: Chromium, and the checker of accessibility."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api as playwright

WIDE, NARROW = 1440, 390
PLACES = ("chromium", "chromium-browser", "google-chrome")
AXE = Path(os.environ.get("BAKEOFF_AXE", ".venv/axe/axe.min.js"))
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def chromium() -> Iterator[playwright.Browser]:
    """Debian's Chromium, without a window; its driver runs an event loop, which must not outlive these tests."""
    path = next(filter(None, map(shutil.which, PLACES)), None)
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's own script."""
    if not AXE.exists():
        pytest.skip(f"needs axe-core in {AXE}: make axe, which needs npm")
    return AXE.read_text("utf-8")


def tell_violations(page: playwright.Page, axe: str) -> str:
    """What axe-core finds seriously wrong with a page, for a person to read; empty if nothing."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    told = [
        {"rule": one["id"], "help": one["help"], "at": [node["html"][:200] for node in one["nodes"][:3]]}
        for one in found
        if one["impact"] in SERIOUS
    ]
    return json.dumps(told, indent=1) if told else ""

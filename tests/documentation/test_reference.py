"""The pages of the reference are what the program says of itself."""

from pathlib import Path

import pytest
from docs.writing.__main__ import FOLDER, PAGES
from docs.writing.study_file import SHORTEST

from bakeoff.cli import app
from bakeoff.spec import parse_study
from bakeoff.spec.reading import TOP_KEYS


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name):
    """`python -m docs.writing` was run after the last change."""
    assert (FOLDER / name).read_text("utf-8") == PAGES[name]()


def test_no_other_page_is_there():
    """Nobody writes into this folder by hand."""
    assert {page.name for page in FOLDER.iterdir()} == set(PAGES)


def test_everything_has_a_meaning():
    """No table of the reference has a row whose last cell is empty."""
    for page in map(Path, FOLDER.iterdir()):
        assert [line for line in page.read_text("utf-8").splitlines() if line.endswith("|  |")] == []


def test_every_command_and_key_has_its_place():
    """Nothing is left out."""
    commands, keys = ((FOLDER / name).read_text("utf-8") for name in ("commands.md", "study-file.md"))
    assert all(f"## bakeoff {name}\n" in commands for name in app.command_names())
    assert all(f"| `{key}` |" in keys for key in TOP_KEYS)


def test_the_shortest_study_is_one():
    """The first example of the reference can be read."""
    assert [model.name for model in parse_study(SHORTEST).study.models] == ["linear", "hidden"]

"""What the documentation tells people to type works."""

import re
from pathlib import Path

import pytest
from docs.writing.steps import ENDLESS, perform, read_steps

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TYPED = [ROOT / "README.md", DOCS / "tutorial.md", *sorted((DOCS / "how-to").glob("*.md"))]
"""The pages that say what to type; those of the reference say what there is."""


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_make_targets_exist():
    """Every make target that the documentation names is in the Makefile."""
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    named = {
        target
        for page in pages
        for target in re.findall(r"(?:^|`)make ([a-z][a-z-]+)", page.read_text("utf-8"), flags=re.MULTILINE)
    }
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
    assert {"demo", "test", "check", "setup", "docs"} <= named <= targets


@pytest.mark.parametrize(
    ("page", "mark"),
    [
        ("README.md", "verdict"),
        ("README.md", "headline"),
        ("docs/engine.md", "bench"),
        ("docs/tutorial.md", "verdict"),
        ("docs/tutorial.md", "output"),
    ],
)
def test_generated_parts_are_there(page, mark):
    """What `make docs` fills in has been filled in."""
    text = (ROOT / page).read_text("utf-8")
    blocks = re.findall(rf"<!-- {mark}: begin -->(.*?)<!-- {mark}: end -->", text, flags=re.DOTALL)
    assert blocks
    assert min(len(block.split()) for block in blocks) > 25


@pytest.mark.parametrize("page", TYPED, ids=_name)
def test_every_page_has_something_to_do(page):
    """A page without a step would be tested by nothing."""
    steps = read_steps(page.read_text("utf-8"))
    assert steps
    assert all(step.text.split()[1] not in ENDLESS for step in steps if step.kind == "command")


@pytest.mark.docs
@pytest.mark.parametrize("page", TYPED, ids=_name)
def test_a_page_does_what_it_says(page, tmp_path):
    """In an empty folder, from front to back: files are written, commands typed, programs run, and each ends as told.

    Only the calibration, which takes too long, and the live pages, which do not end, are left out; they have tests of
    their own.
    """
    for step in read_steps(page.read_text("utf-8")):
        done = perform(step, tmp_path)
        assert bool(done.returncode) == step.fails, (step.text, done.stdout[-2000:], done.stderr)

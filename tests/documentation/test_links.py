"""Links between the pages lead somewhere."""

import re
from pathlib import Path

import pytest
from docs.writing.markdown import drop_blocks, list_anchors

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
CONTENTS = ROOT / "docs" / "README.md"

_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _links(page: Path) -> list[str]:
    """Where a page's links lead, those to other sites left out."""
    prose = re.sub(r"`[^`\n]*`", "", drop_blocks(page.read_text("utf-8")))
    return [link for link in _LINK.findall(prose) if not re.match(r"[a-z]+:", link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = page.parent / file if file else page
    return target.exists() and (not anchor or anchor in list_anchors(target.read_text("utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    """To a file that exists and, after a #, to a heading on it."""
    assert [link for link in _links(page) if not _leads_somewhere(page, link)] == []


def test_the_contents_name_every_page():
    """docs/README.md leads to every page below it; those of the published comparisons have contents of their own."""
    named = {(CONTENTS.parent / link.partition("#")[0]).resolve() for link in _links(CONTENTS)}
    pages = {page.resolve() for page in CONTENTS.parent.rglob("*.md") if "published" not in page.parts} - {CONTENTS}
    assert pages - named == set()


def test_a_dead_link_is_found(tmp_path):
    """A missing file and a missing heading both are."""
    page = tmp_path / "page.md"
    page.write_text("# Here\n[a](gone.md) [b](#here) [c](#there) [d](https://example.org) `[e](code)`\n")
    assert [link for link in _links(page) if not _leads_somewhere(page, link)] == ["gone.md", "#there"]

"""Markdown that several pages need: tables, code, anchors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

_FENCED = re.compile(r"^(```+)[^\n]*\n.*?^\1[ ]*$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} +(.*?) *#*$", re.MULTILINE)


def write_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped.

    >>> print(write_table(["key", "type"], [["a", "b | c"]]))
    | key | type |
    |---|---|
    | a | b \\| c |
    """
    lines = [headings, ["---"] * len(headings), *([_escape(cell) for cell in row] for row in rows)]
    return "\n".join(_row(line) for line in lines)


def write_code(text: str) -> str:
    """Code inside a line.

    >>> write_code("a > b")
    '`a > b`'
    """
    return f"`{text}`"


def write_block(text: str, language: str = "text") -> str:
    """A fenced block."""
    return f"```{language}\n{text.rstrip()}\n```"


def fill_mark(page: Path, mark: str, text: str) -> None:
    """Replace what stands in a page between the two comments of this mark.

    Args:
        page: The file.
        mark: As in `<!-- MARK: begin -->` and `<!-- MARK: end -->`.
        text: Markdown.

    Raises:
        ValueError: The page has no such comments.
    """
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, opened, rest = page.read_text("utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"{page.name} must have {begin} and {end} to be filled in, and has not")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")


def make_anchor(heading: str) -> str:
    """What the link to a heading ends with, by GitHub's rules.

    >>> make_anchor("`bakeoff run`: what's next?")
    'bakeoff-run-whats-next'
    """
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def number_anchors(headings: Iterable[str]) -> list[str]:
    """The anchors of headings in their order; of two equal ones the second ends with -1.

    >>> number_anchors(["plan", "Plan"])
    ['plan', 'plan-1']
    """
    seen: Counter[str] = Counter()
    anchors = []
    for anchor in map(make_anchor, headings):
        anchors.append(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return anchors


def list_anchors(page: str) -> set[str]:
    """The anchors of a page's headings."""
    return set(number_anchors(_HEADING.findall(drop_blocks(page))))


def drop_blocks(page: str) -> str:
    """A page without its fenced blocks.

    >>> drop_blocks("a\\n```sh\\n# no heading\\n```\\nb")
    'a\\n\\nb'
    """
    return _FENCED.sub("", page)


def _row(cells: Sequence[str]) -> str:
    bare = all(set(cell) <= {"-"} and cell for cell in cells)
    return f"|{'|'.join(cells)}|" if bare else f"| {' | '.join(cells)} |"


def _escape(cell: str) -> str:
    return " ".join(cell.split()).replace("|", "\\|")

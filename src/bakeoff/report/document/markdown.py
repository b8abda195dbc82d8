"""A document in GitHub's Markdown, with tables that line up where they are read as plain text."""

from __future__ import annotations

import re
from collections.abc import Callable

from bakeoff.report.document.blocks import (
    Block,
    Code,
    Column,
    FigureBlock,
    Heading,
    Paragraph,
    Sentences,
    Span,
    TableBlock,
    Text,
    section_anchor,
)

WIDEST = 60
"""Columns are padded to so many characters; longer cells stick out."""

_SPECIAL = re.compile(r"[\\`*\[\]|~$]|<(?=[A-Za-z/!?])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)")
"""An underscore inside a word, a lone ampersand and a sign of order mean nothing, and stay readable."""

_OPENING = re.compile(r"^(\s*)([#+>=-]|\d+(?=[.)]))")
_CLOSING = re.compile(r"((?:^|\s))(#+)$")
"""Number signs at its end would close a heading."""

_RULES = {"left": ":--", "right": "--:", "prose": ":--"}


def to_markdown(document: tuple[Block, ...], figure_path: Callable[[str], str]) -> str:
    """Write a document.

    Args:
        document: From `make_document`.
        figure_path: Where the file of a figure is, by its name, as the text is to refer to it.

    Returns:
        The text, with a line feed at its end.
    """
    return "\n\n".join(_block(block, figure_path) for block in document) + "\n"


def escape(words: str) -> str:
    r"""Words that Markdown shows as they are.

    >>> escape("a|b *c* my_net _x_")
    'a\\|b \\*c\\* my_net \\_x\\_'
    """
    return _SPECIAL.sub(r"\\\g<0>", " ".join(words.splitlines()))


def _block(block: Block, figure_path: Callable[[str], str]) -> str:
    match block:
        case Heading(words, level):
            return f"{'#' * level} {_CLOSING.sub(_escape_opening, escape(words))}"
        case Paragraph(content):
            return _line(content)
        case Sentences(items):
            return "\n".join(f"- {_line(item)}" for item in items)
        case TableBlock():
            return _table(block)
        case FigureBlock(picture):
            image = f"![{escape(picture.alt_text)}]({figure_path(picture.name)})"
            return f"{image}\n\n**{escape(picture.title)}.** {escape(picture.caption)}"
        case Code(lines):
            return _fenced(lines)


def _line(content: Text) -> str:
    """The beginning of a line must not look like a heading or a list."""
    written = "".join(map(_span, content))
    return _OPENING.sub(_escape_opening, written)


def _escape_opening(match: re.Match[str]) -> str:
    space, mark = match.groups()
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def _span(span: Span) -> str:
    if span.style == "code":
        return _code(span.words)
    words = escape(span.words)
    if span.section:
        return f"[{words}](#{section_anchor(span.section)})"
    return f"**{words}**" if span.style == "strong" and words.strip() == words != "" else words


def _code(words: str) -> str:
    """Between more backticks than stand in it."""
    words = " ".join(words.splitlines())
    ticks = "`" * (1 + max(map(len, re.findall("`+", words)), default=0))
    space = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{ticks}{space}{words}{space}{ticks}"


def _fenced(lines: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", lines)), default=0))
    return f"{fence}\n{lines}\n{fence}"


def _table(table: TableBlock) -> str:
    headings = [escape(_heading(column)) for column in table.columns]
    cells = [["".join(_cell_span(span) for span in cell) for cell in row] for row in table.rows]
    columns = list(zip(headings, *cells, strict=True))
    widths = [min(WIDEST, max(3, *map(len, column))) for column in columns]
    rules = [_RULES[column.align] for column in table.columns]
    ruler = [rule.replace("--", "-" * (width - 1)) for rule, width in zip(rules, widths, strict=True)]
    pads = [str.rjust if column.align == "right" else str.ljust for column in table.columns]
    lines = [
        [pad(cell, width) for pad, cell, width in zip(pads, row, widths, strict=True)] for row in [headings, *cells]
    ]
    written = "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], ruler, *lines[1:]])
    return f"{written}\n\n{_line((Span(table.caption),))}" if table.caption else written


def _cell_span(span: Span) -> str:
    """A bar ends a cell even inside code, unless a backslash is before it."""
    return _code(span.words).replace("|", "\\|") if span.style == "code" else _span(span)


def _heading(column: Column) -> str:
    return f"{column.heading}, {column.detail}" if column.detail else column.heading

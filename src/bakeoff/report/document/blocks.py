"""The blocks that a written report is made of. They hold text and no markup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bakeoff.report.gallery import Picture
from bakeoff.report.sentences.findings import split_code

Align = Literal["left", "right", "prose"]
"""Of a column: names, numbers, or whole sentences, which may wrap."""


@dataclass(frozen=True)
class Span:
    """Some words in one style.

    Attributes:
        words: Any characters; nothing in them is markup.
        style: `code` is to be typed, `strong` stands out.
        section: Heading of the section with the number that they rest on, to which they lead; empty for none.
    """

    words: str
    style: Literal["plain", "strong", "code"] = "plain"
    section: str = ""


Text = tuple[Span, ...]


def text(*parts: str | Span) -> Text:
    """Put words together.

    >>> text("try ", Span("bakeoff run", "code"))
    (Span(words='try ', style='plain', section=''), Span(words='bakeoff run', style='code', section=''))
    """
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def text_with_code(words: str) -> Text:
    """A sentence; what of it is to be typed, such as an option or what stands between backticks, is code.

    >>> [span.style for span in text_with_code("try `x`, or --set a=b")]
    ['plain', 'code', 'plain', 'code']
    """
    return tuple(Span(part, "code" if is_code else "plain") for part, is_code in split_code(words))


@dataclass(frozen=True)
class Heading:
    """Of a section.

    Attributes:
        words: What it says.
        level: 1 for the report's title, 2 for a section, 3 for a part of one.
    """

    words: str
    level: Literal[1, 2, 3] = 2


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    content: Text


@dataclass(frozen=True)
class Sentences:
    """Statements that stand for themselves, one below the other."""

    items: tuple[Text, ...]


@dataclass(frozen=True)
class Column:
    """Of a table.

    Attributes:
        heading: What is in it.
        detail: Unit or restriction, in a few words.
        align: How it is set.
    """

    heading: str
    detail: str = ""
    align: Align = "left"


@dataclass(frozen=True)
class TableBlock:
    """A table.

    Attributes:
        caption: How to read it; may be empty.
        columns: At least one.
        rows: Cells, as many in each row as there are columns.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True)
class FigureBlock:
    """A picture with its title and caption."""

    picture: Picture


@dataclass(frozen=True)
class Code:
    """Lines to be typed or saved as they are."""

    lines: str


def section_anchor(heading: str) -> str:
    """Where a link to a section leads: what GitHub makes of its heading.

    >>> section_anchor("How it was trained")
    'how-it-was-trained'
    """
    return re.sub("[^a-z0-9]+", "-", heading.lower()).strip("-")


Block = Heading | Paragraph | Sentences | TableBlock | FigureBlock | Code

"""How wide the columns of a LaTeX table may be, so that it fits on the paper: LaTeX itself would let it run off."""

from __future__ import annotations

from typing import Literal

from bakeoff.report.document.blocks import TableBlock

Size = Literal["footnotesize", "scriptsize"]

LINE = 16.8
"""Centimetres between the margins."""

GAP = 0.29
NARROWEST = 14
"""Columns of text are not made narrower than so many letters."""

_LETTER: dict[Size, float] = {"footnotesize": 0.158, "scriptsize": 0.14}
"""Width of a letter in centimetres, on average and a little more."""


def choose_widths(table: TableBlock) -> tuple[Size, list[float | None]]:
    """Choose a size of type and the widths of columns that must wrap.

    Args:
        table: Any table.

    Returns:
        The larger size if the table fits in it; for each column a width in centimetres, or None where cells stay on
        one line. Columns of numbers never wrap.
    """
    letters = [_longest(table, place) for place in range(len(table.columns))]
    flexible = [column.align != "right" for column in table.columns]
    size: Size = next((size for size in _LETTER if _least(letters, flexible, size) <= LINE), "scriptsize")
    natural = [_LETTER[size] * count for count in letters]
    excess = sum(natural) + GAP * len(natural) - LINE
    if excess <= 0:
        return size, [None] * len(natural)
    return size, _share_out(natural, flexible, excess, least=_LETTER[size] * NARROWEST)


def _longest(table: TableBlock, place: int) -> int:
    column = table.columns[place]
    cells = ("".join(span.words for span in row[place]) for row in table.rows)
    return max(map(len, (column.heading, column.detail, *cells)))


def _least(letters: list[int], flexible: list[bool], size: Size) -> float:
    """Width of the table with all text as narrow as it may be."""
    counts = [min(count, NARROWEST) if bends else count for count, bends in zip(letters, flexible, strict=True)]
    return _LETTER[size] * sum(counts) + GAP * len(counts)


def _share_out(natural: list[float], flexible: list[bool], excess: float, *, least: float) -> list[float | None]:
    """Take the excess from the columns of text, from each by what it has above the least."""
    spare = [max(0.0, width - least) if bends else 0.0 for width, bends in zip(natural, flexible, strict=True)]
    taken = min(1.0, excess / sum(spare)) if sum(spare) else 0.0
    return [width - taken * more if more else None for width, more in zip(natural, spare, strict=True)]

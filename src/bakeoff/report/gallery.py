"""The figures of a report: every module of `figures` is one, found by its file name."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable
from xml.etree import ElementTree

import altair as alt

from bakeoff.comparison import Comparison
from bakeoff.report import figures as package
from bakeoff.report.look import apply_look, describe_origin, with_footer
from bakeoff.report.rendering import render_svg


@runtime_checkable
class Figure(Protocol):
    """What a module of `figures` defines.

    Attributes:
        TITLE: A few words.
        CAPTION: How to read it, in a sentence or two.
        ORDER: Its place on the page; lower comes first.
        NUMBERS: Id of the place of the page with the same numbers in a table.

    One that does not show the judged runs of all models defines `origin` as well, which takes the comparison and gives
    the line below the figure, as `look.describe_origin` does for the others.
    """

    TITLE: str
    CAPTION: str
    ORDER: int
    NUMBERS: str

    def applies(self, comparison: Comparison) -> bool:
        """Whether there is anything to draw."""

    def alt_text(self, comparison: Comparison) -> str:
        """What the figure shows, for who cannot see it; names every model that it shows."""

    def draw(self, comparison: Comparison) -> alt.TopLevelMixin:
        """The figure, without the common look."""


@dataclass(frozen=True)
class Picture:
    """A figure of one comparison.

    Attributes:
        name: The figure's.
        title: A few words.
        caption: How to read it.
        alt_text: What it shows, for who cannot see it.
        svg: As it stands in a page; `rendering.to_file` makes a file of it.
        width: In the units of the SVG; a page is `look.WIDTH` wide.
        numbers: Id of the place of the page with the same numbers in a table.
    """

    name: str
    title: str
    caption: str
    alt_text: str
    svg: str
    width: float
    numbers: str


def load_figures() -> dict[str, Figure]:
    """Every figure by name, in the order of the page."""
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    figures = {name: cast(Figure, importlib.import_module(f"{package.__name__}.{name}")) for name in names}
    return dict(sorted(figures.items(), key=lambda item: (item[1].ORDER, item[0])))


def draw_picture(name: str, comparison: Comparison) -> Picture:
    """One figure, in the common look and with its origin below.

    Args:
        name: Of a figure that applies to the comparison.
        comparison: What it is drawn from.

    Returns:
        The picture.
    """
    figure = load_figures()[name]
    origin = getattr(figure, "origin", describe_origin)
    specification = with_footer(apply_look(figure.draw(comparison)), origin(comparison))
    alt_text = figure.alt_text(comparison)
    svg = render_svg(specification, name=name, description=alt_text)
    width = float(ElementTree.fromstring(svg).attrib["width"])
    return Picture(name, figure.TITLE, figure.CAPTION, alt_text, svg, width, figure.NUMBERS)


def draw_pictures(comparison: Comparison) -> tuple[Picture, ...]:
    """Every figure that has something to draw, in the order of the page."""
    return tuple(
        draw_picture(name, comparison) for name, figure in load_figures().items() if figure.applies(comparison)
    )

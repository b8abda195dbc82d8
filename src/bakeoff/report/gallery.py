"""The figures of a report: every module of `figures` is one, found by its file name."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Protocol, cast, runtime_checkable

import altair as alt

from bakeoff.comparison import Comparison
from bakeoff.report import figures as package


@runtime_checkable
class Figure(Protocol):
    """What a module of `figures` defines.

    Attributes:
        TITLE: A few words.
        CAPTION: How to read it, in a sentence or two.
        ORDER: Its place on the page; lower comes first.
    """

    TITLE: str
    CAPTION: str
    ORDER: int

    def applies(self, comparison: Comparison) -> bool:
        """Whether there is anything to draw."""

    def alt_text(self, comparison: Comparison) -> str:
        """What the figure shows, for who cannot see it; names every model that it shows."""

    def draw(self, comparison: Comparison) -> alt.TopLevelMixin:
        """The figure, without the common look."""


def load_figures() -> dict[str, Figure]:
    """Every figure by name, in the order of the page."""
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    figures = {name: cast(Figure, importlib.import_module(f"{package.__name__}.{name}")) for name in names}
    return dict(sorted(figures.items(), key=lambda item: (item[1].ORDER, item[0])))

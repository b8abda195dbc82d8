"""Who is asked about one picture after another: plain values, made by a process that has no framework."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bakeoff.data.pixels import PixelScaling
from bakeoff.store import Cell


@dataclass(frozen=True)
class Voter:
    """The networks of one model.

    Attributes:
        cell: The model.
        runs: Addresses of its runs, which distinguish it from the same model with other seeds.
        files: The `.keras` file of each run's network.
        scaling: As in training.
        classes: Number of classes.
    """

    cell: Cell
    runs: tuple[str, ...]
    files: tuple[Path, ...]
    scaling: PixelScaling
    classes: int

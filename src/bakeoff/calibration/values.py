"""What a calibration is made of: cells that simulate, measures with targets, tallies, and the rows of the report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

Outcome = bool | float | tuple[float, float] | None
"""Of one repetition: an event, a number, numerator and denominator of a ratio; None where it does not apply."""

Simulation = Callable[[np.random.Generator], Mapping[str, Outcome]]
"""One made-up study from start to verdict; returns an outcome for each measure, by name."""


@dataclass(frozen=True)
class Measure:
    """Something that is measured over the repetitions of a cell, and what it must be.

    Attributes:
        name: In words; the key of its outcomes.
        at_most: The largest value that is as promised; None without such a limit. Without both, it is only shown.
        at_least: The smallest value that is as promised.
        kind: How outcomes are summed up: the rate of an event, a mean, or a ratio of two means.
        slack: A target is missed only if it is surely missed by more than this.
        control: A method that is known to be wrong; it must miss the target, or this harness has no power.
    """

    name: str
    at_most: float | None = None
    at_least: float | None = None
    kind: Literal["rate", "mean", "ratio"] = "rate"
    slack: float = 0.01
    control: bool = False

    @property
    def target(self) -> str:
        """What it must be, in words."""
        parts = [f"at least {self.at_least:.4g}"] if self.at_least is not None else []
        parts += [f"at most {self.at_most:.4g}"] if self.at_most is not None else []
        if not parts:
            return "shown only"
        return f"must be flagged: not {' and '.join(parts)}" if self.control else " and ".join(parts)


@dataclass(frozen=True)
class Cell:
    """One setting of a scenario.

    Attributes:
        label: Its name, distinct within the scenario; decides the random numbers together with the seed.
        measures: What is measured.
        simulate: One repetition.
        repetitions: How many; None for the usual number.
    """

    label: str
    measures: tuple[Measure, ...]
    simulate: Simulation
    repetitions: int | None = None


@dataclass(frozen=True)
class Tally:
    """Sums over repetitions, from which value and standard error follow; tallies can be added.

    Attributes:
        count: Repetitions to which the measure applied.
        x: Sum of the numerators (of the values, of the events).
        y: Sum of the denominators (1 each for rates and means).
        xx: Sum of squares of the numerators.
        xy: Sum of the products.
        yy: Sum of squares of the denominators.
    """

    count: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    yy: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.count + other.count,
            self.x + other.x,
            self.y + other.y,
            self.xx + other.xx,
            self.xy + other.xy,
            self.yy + other.yy,
        )

    @classmethod
    def of(cls, outcome: Outcome) -> Tally:
        """The tally of one repetition."""
        if outcome is None:
            return cls()
        x, y = outcome if isinstance(outcome, tuple) else (float(outcome), 1.0)
        return cls(1, x, y, x * x, x * y, y * y)

    @property
    def value(self) -> float:
        """Rate, mean or ratio of means; NaN if there is nothing to divide by."""
        return self.x / self.y if self.y else math.nan

    @property
    def standard_error(self) -> float:
        """Monte-Carlo standard error, for ratios by the delta method."""
        if self.count < 2 or not self.y:
            return math.nan
        squares = self.xx - 2 * self.value * self.xy + self.value**2 * self.yy
        return math.sqrt(max(0.0, squares) * self.count / (self.count - 1)) / abs(self.y)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        cell: The setting.
        measure: What was measured, and its target.
        repetitions: To how many repetitions it applied.
        value: What was measured.
        standard_error: Monte-Carlo standard error of it.
        passed: Whether the target is not surely missed; for a negative control, whether it is.
    """

    cell: str
    measure: Measure
    repetitions: int
    value: float
    standard_error: float
    passed: bool


@dataclass(frozen=True)
class ScenarioReport:
    """What came of one scenario.

    Attributes:
        name: Such as S1.
        title: In words.
        rows: One for each cell and measure.
        seconds: Spent by all workers together.
    """

    name: str
    title: str
    rows: tuple[Row, ...]
    seconds: float


@dataclass(frozen=True)
class CalibrationReport:
    """Everything that was measured.

    Attributes:
        scenarios: In order.
        seed: What the random numbers follow from.
        short: Whether it was the short version.
    """

    scenarios: tuple[ScenarioReport, ...]
    seed: int
    short: bool

    @property
    def missed(self) -> tuple[Row, ...]:
        """Rows whose target is missed."""
        return tuple(row for scenario in self.scenarios for row in scenario.rows if not row.passed)

    @property
    def passed(self) -> bool:
        """Whether no target is missed."""
        return not self.missed

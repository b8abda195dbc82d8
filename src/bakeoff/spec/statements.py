"""What a claim can mean: the kinds of statements that runs, or the data, can confirm or refute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Measure = Literal["accuracy", "error", "loss", "seconds", "parameters", "overfitting"]
"""`error` is 1 - accuracy; `overfitting` the training accuracy of the epoch that counts less the test accuracy."""

MEASURES: tuple[Measure, ...] = get_args(Measure)


@dataclass(frozen=True)
class Order:
    """`a > b > c`: the models by a measure, largest first."""

    measure: Measure
    models: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """`a - b >= 0.1`: a's value less b's is at least (or at most) the bound."""

    measure: Measure
    a: str
    b: str
    at_least: bool
    bound: float

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it names."""
        return self.a, self.b


@dataclass(frozen=True)
class Ratio:
    """`error(a) <= 0.5 * error(b)`: a's value is at least (or at most) so many times b's."""

    measure: Measure
    a: str
    b: str
    at_least: bool
    factor: float

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it names."""
        return self.a, self.b


@dataclass(frozen=True)
class FactorOrder:
    """`activation: relu > tanh`: the levels of a factor by accuracy, best first, all else equal."""

    factor: str
    levels: tuple[str, ...]
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hardest:
    """`hardest(a): 4, 5`: these classes are harder for a model than all others."""

    model: str
    classes: tuple[str, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """The model that it names."""
        return (self.model,)


@dataclass(frozen=True)
class Rarest:
    """`rarest: 4, 5`: these classes have fewer training images than all others."""

    classes: tuple[str, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """None: it is about the data."""
        return ()


@dataclass(frozen=True)
class Fails:
    """`fails(a)`: most trainings of a model fail."""

    model: str

    @property
    def models(self) -> tuple[str, ...]:
        """The model that it names."""
        return (self.model,)


@dataclass(frozen=True)
class Improving:
    """`improving(a)`: a model was still getting better when its training stopped."""

    model: str

    @property
    def models(self) -> tuple[str, ...]:
        """The model that it names."""
        return (self.model,)


Statement: TypeAlias = Order | FactorOrder | Difference | Ratio | Hardest | Rarest | Fails | Improving

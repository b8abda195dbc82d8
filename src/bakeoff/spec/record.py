"""What one run leaves behind, and what a store remembers of a data set: values readable without any framework."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from bakeoff.spec.named import Frozen, Named
from bakeoff.spec.values import Verdict

Status = Literal["finished", "diverged", "collapsed", "out of memory", "crashed", "error"]

REPEATABLE: tuple[Status, ...] = ("finished", "diverged", "collapsed")
"""Outcomes that the same run would have again; the others are tried anew by the next `bakeoff run`."""


class History(Frozen):
    """One value per epoch, in columns; validation columns are empty where a model has no validation images."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    loss: tuple[float, ...] = ()
    accuracy: tuple[float, ...] = ()
    validation_loss: tuple[float, ...] = ()
    validation_accuracy: tuple[float, ...] = ()
    seconds: tuple[float, ...] = ()


class Counts(Frozen):
    """Numbers of images in a run's three parts."""

    train: int
    validation: int
    test: int


class Record(Frozen):
    """One run: one model, one fold, one seed."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    key: str
    cell: str
    model: str
    recipe: str
    layers: tuple[Named, ...]
    parameters: int = 0
    data: str
    fingerprint: str
    images: Counts
    protocol: dict[str, Any]
    seed: int
    fold: int
    status: Status
    reason: str = ""
    """Why the run failed, in words; empty for a finished run."""
    history: History = History()
    epoch: int = 0
    """The epoch whose weights count, from 1."""
    test_loss: float | None = None
    test_accuracy: float | None = None
    train_seconds: float = 0.0
    """Training and validation of all epochs, without compiling."""
    compile_seconds: float = 0.0
    """Spent in this run; runs of the same model in the same worker share one compilation."""
    environment: dict[str, str] = Field(default_factory=dict)
    results_hash: str = ""
    """SHA-256 over everything that a repetition must reproduce to the bit: history, probabilities, weights."""


class DataEntry(Frozen):
    """What a store keeps of a data set, so that runs can be compared where the data are not."""

    reference: str
    fingerprint: str
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    train: int
    test: int
    licence: str = ""
    source: str = ""


class Settled(Frozen):
    """How a pair of a race was settled."""

    a: str
    """The cell of the first model: names may change, addresses do not."""
    b: str
    """The cell of the second."""
    seeds: int
    """Seeds of each model at that look."""
    verdict: Verdict
    why: str
    p: float | None
    """Two-sided; None where there was no test."""
    level: float
    """What p had to stay below at that look."""


class RaceRecord(Frozen):
    """A race: what was fixed before its first run, and what each look settled."""

    study: str
    data: str
    fingerprint: str
    models: dict[str, str]
    """The cell of each model."""
    looks: tuple[int, ...]
    """Numbers of seeds per model."""
    levels: tuple[float, ...]
    """What the p-value of one pair must stay below at each look, before any pair is settled."""
    alpha: float
    """Family-wise, over all pairs and looks."""
    margin: float
    looks_taken: int = 0
    settled: tuple[Settled, ...] = ()
    open: tuple[str, ...] = ()
    """The cells that need more seeds."""

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
    diverged_step: int = 0
    """The step of the last epoch, from 1, whose loss was not finite; 0 if all were."""
    test_loss: float | None = None
    test_accuracy: float | None = None
    train_seconds: float = 0.0
    """Training and validation of all epochs, without compiling."""
    compile_seconds: float = 0.0
    """Spent in this run; runs of the same model in the same worker share one compilation."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Software and machine; also `replicas` if this run was one of so many that were trained together."""
    results_hash: str = ""
    """SHA-256 over everything that a repetition must reproduce to the bit: history, probabilities, weights."""


class SamePair(Frozen):
    """Two images of a data set that are the same, byte for byte."""

    split: str
    """Where the first is: train or test."""
    index: int
    other_split: str
    other_index: int
    label: int
    other_label: int


class DataFacts(Frozen):
    """What was found in a data set when it was loaded for training."""

    train_counts: tuple[int, ...]
    """Training images of each class."""
    test_counts: tuple[int, ...]
    leaked: int = 0
    """Test images that are also training images."""
    leaked_pairs: tuple[SamePair, ...] = ()
    """The first of them, each with the training image that it equals."""
    contradicting: int = 0
    """Images that occur more than once, with different labels."""
    contradicting_pairs: tuple[SamePair, ...] = ()
    constant_pixels: int = 0
    """Pixels (times channels) that are the same in every training image."""
    nearly_constant_pixels: int = 0
    """Pixels that differ from their commonest value in fewer than one training image in a thousand."""
    pixels: int = 0
    """Height x width x channels."""
    neighbour_accuracy: float | None = None
    """Of naming the class of the nearest other image among a sample of the training images, in [0, 1]."""
    neighbour_chance: float | None = None
    """What that would be if labels were dealt out at random: an upper bound at 99.9 %."""
    test_neighbour_accuracy: float | None = None
    """Of naming the class of the nearest training image for a sample of test images."""
    test_neighbour_chance: float | None = None
    """What that would be if test labels were dealt out at random: an upper bound at 99.9 %."""
    test_mapping: tuple[int, ...] = ()
    """For each test class, the training class that its images look like most; empty where nothing was found."""
    near_duplicates: int | None = None
    """Test images nearer to a training image than images of one class ever are; None where that is not calibrated."""
    near_pairs: tuple[SamePair, ...] = ()


class PlateauRecord(Frozen):
    """The epoch that `stop: plateau` settled on for a model, fixed once it is written down."""

    model: str
    cell: str
    """Of the long runs by which it was chosen."""
    fingerprint: str
    epoch: int
    """All seeds are trained to it."""
    best_epoch: int
    """Where the mean validation loss over seeds was lowest."""
    epochs: int
    """Length of the long runs."""
    seeds: tuple[int, ...]
    why: str


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
    facts: DataFacts | None = None


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

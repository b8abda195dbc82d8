"""What the diagnosis looks at: records and arrays, never a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from bakeoff.spec.probes import Probes
from bakeoff.spec.record import DataEntry, Record
from bakeoff.spec.study import ModelSpec, Published


@dataclass(frozen=True, eq=False)
class Run:
    """One run.

    Attributes:
        record: What it left.
        probes: What was measured inside; None for runs that never got so far.
        predictions: Predicted class of each test image; None for a run without a result.
    """

    record: Record
    probes: Probes | None = None
    predictions: Int[np.ndarray, " examples"] | None = None


@dataclass(frozen=True, eq=False)
class ModelRuns:
    """One model with all of its runs.

    Attributes:
        model: The study's entry, with protocol and layers.
        runs: By seed and fold, whatever came of them; at least one.
        published: What the source printed about it.
    """

    model: ModelSpec
    runs: tuple[Run, ...]
    published: Published | None = None

    @property
    def name(self) -> str:
        """The model's name in the study."""
        return self.model.name


@dataclass(frozen=True, eq=False)
class PublishedModel:
    """One model of which the source printed something, and which has no run here.

    Attributes:
        model: The study's entry, with protocol and layers.
        published: What the source printed about it.
    """

    model: ModelSpec
    published: Published

    @property
    def name(self) -> str:
        """The model's name in the study."""
        return self.model.name


@dataclass(frozen=True, eq=False)
class StudyRuns:
    """Everything that one study left.

    Attributes:
        models: The models that have a run, in the study's order.
        data: What is remembered of the data set, with what was found in it.
        labels: Class of each test image.
        published: The models that have no run here, and of which something was published.
        missing: The names of all models that have no run here: what is typed for the whole study changes them too.
    """

    models: tuple[ModelRuns, ...]
    data: DataEntry
    labels: Int[np.ndarray, " examples"]
    published: tuple[PublishedModel, ...] = ()
    missing: tuple[str, ...] = ()

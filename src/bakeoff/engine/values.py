"""What training is given and what it leaves: images, networks to be trained, reports of epochs, fits."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import jax
import numpy as np
from jaxtyping import Array, Float, Int, UInt8

from bakeoff.engine.program import EpochScores, Images, Labels, Scores, State
from bakeoff.spec.named import Named
from bakeoff.spec.probes import Probes
from bakeoff.spec.record import History, Status


@dataclass(frozen=True)
class Split:
    """The images of one run, on the device.

    Attributes:
        images: All training images of the data set, as bytes; all folds share them.
        labels: Their classes.
        train: Indices of the images that this run trains on.
        validation_images: None where the protocol keeps none.
        validation_labels: Their classes.
        test_images: Looked at once, after training.
        test_labels: Their classes.
    """

    images: Images
    labels: Labels
    train: Int[np.ndarray, " train_examples"]
    validation_images: UInt8[Array, "validation_examples height width channels"] | None
    validation_labels: Int[Array, " validation_examples"] | None
    test_images: UInt8[Array, "test_examples height width channels"]
    test_labels: Int[Array, " test_examples"]


@dataclass(frozen=True)
class EpochReport:
    """What is known after an epoch.

    Attributes:
        epoch: From 1.
        training: Each batch measured before its update.
        validation: None without validation images.
    """

    epoch: int
    training: EpochScores
    validation: Scores | None


@dataclass(frozen=True)
class Replica:
    """What one of several networks that are trained together has of its own.

    Attributes:
        seed: At least 0.
        optimizer: One that differs from the program's in nothing but its learning rate; None is the program's own.
        on_epoch: Called after each of its epochs.
    """

    seed: int
    optimizer: Named | None = None
    on_epoch: Callable[[EpochReport], None] = lambda report: None


@dataclass
class Fit:
    """What training left; filled in as it goes.

    Attributes:
        status: finished, diverged or collapsed.
        reason: Why it failed, in words; empty for a finished run.
        columns: One value per epoch for each field of `History`.
        epoch: The epoch whose weights count, from 1.
        diverged_step: The step of the last epoch, from 1, whose loss was not finite; 0 if all were.
        best_loss: The lowest validation loss so far, where the protocol chooses by it.
        last: The state after the last epoch, on the host.
        best: The state after the chosen epoch, where the protocol chooses one.
        test: Scores of the chosen weights on the test images; None for a diverged run.
        probabilities: Of the test images; None for a diverged run.
        probes: What was measured inside; None if nothing was.
        probe_seconds: Spent on that, without compiling; no part of an epoch's seconds.
    """

    status: Status = "finished"
    reason: str = ""
    columns: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in History.model_fields})
    epoch: int = 0
    diverged_step: int = 0
    best_loss: float = math.inf
    last: State | None = None
    best: State | None = None
    test: Scores | None = None
    probabilities: Float[np.ndarray, "examples classes"] | None = None
    probes: Probes | None = None
    probe_seconds: float = 0.0

    @property
    def epochs(self) -> int:
        """How many epochs were trained."""
        return len(self.columns["loss"])

    @property
    def chosen(self) -> State:
        """The state that counts: the chosen epoch's, else the last; ValueError before the first epoch."""
        state = self.best or self.last
        if state is None:
            raise ValueError("this fit has trained no epoch yet")
        return state

    def results_hash(self) -> str:
        """SHA-256 over what a repetition must reproduce: curves (but not seconds), outcome, weights, probabilities."""
        digest = hashlib.sha256(f"{self.status} {self.epoch} {self.test}".encode())
        for name, values in self.columns.items():
            if name != "seconds":
                digest.update(f"{name} {[float(value).hex() for value in values]}".encode())
        for array in (*jax.tree.leaves((self.last, self.best)), self.probabilities):
            if array is not None:
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

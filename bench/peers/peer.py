"""What all peers share: the task they are given, and the clock that stops them before and after every epoch.

A peer is a script in this folder that calls `main` with a function from a `Task` to a `Trainer`. The driver starts it
in a process of its own and says `go` for each epoch that it wants, so that runs on several cores train theirs at the
same time. Nothing here may import Bakeoff: peers live in an environment of their own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


@dataclass(frozen=True)
class Task:
    """One training.

    Attributes:
        layers: Pairs of a Keras layer's name and its arguments, from the images to the softmax.
        loss: In Keras's words.
        optimizer: `adam` or `rmsprop`, with Keras's default arguments.
        batch_size: Images per update.
        scale: What pixels are divided by.
        epochs: How many.
        train: Number of training images, from the first.
        validation: Number of training images after those that are evaluated after every epoch.
        option: For scripts that know two ways.
    """

    layers: list[tuple[str, dict[str, Any]]]
    loss: str
    optimizer: str
    batch_size: int
    scale: float
    epochs: int
    train: int
    validation: int = 0
    option: str = ""


@dataclass(frozen=True)
class Images:
    """All images of a data set, as bytes of shape (examples, 28, 28, 1), and their classes."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray


class Clock(Protocol):
    """Is told of the begin and the end of every epoch."""

    def begin(self) -> None:
        """Right before an epoch; may wait."""

    def end(self) -> None:
        """Right after it."""


class Trainer(Protocol):
    """A network of one tool, ready to be trained."""

    def train(self, clock: Clock) -> None:
        """Train for the task's epochs, in the tool's own loop."""

    def accuracy(self) -> float:
        """On the test images, in [0, 1]."""


class TurnTaking:
    """Waits for `go` before every epoch, and prints the seconds of each; an empty line of input ends the process."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.started = 0.0

    def begin(self) -> None:
        """Wait for a word from the driver."""
        word = sys.stdin.readline().strip()
        if word != "go":
            _say(accuracy=self.trainer.accuracy(), mebibytes=_peak_memory())
            sys.stdout.flush()
            os._exit(0)
        self.started = time.perf_counter()

    def end(self) -> None:
        """Print how long the epoch took."""
        _say(seconds=time.perf_counter() - self.started)


class NoClock:
    """For whole jobs, which nobody interrupts."""

    def begin(self) -> None:
        """Go on."""

    def end(self) -> None:
        """Go on."""


def main(make: Callable[[Task, Images], Trainer]) -> None:
    """Read tasks (JSON) and images (npz) named on the command line; with the word `all` they are worked through.

    Otherwise there is one task, which takes turns with other processes.
    """
    with open(sys.argv[1], encoding="utf-8") as file:
        tasks = [Task(**entries) for entries in json.load(file)]
    with np.load(sys.argv[2]) as arrays:
        images = Images(**arrays)
    if sys.argv[3:] == ["all"]:
        _work_through(make, tasks, images)
    else:
        trainer = make(tasks[0], images)
        _say(ready=True)
        trainer.train(TurnTaking(trainer))


def _work_through(make: Callable[[Task, Images], Trainer], tasks: list[Task], images: Images) -> None:
    for task in tasks:
        started = time.perf_counter()
        trainer = make(task, images)
        trainer.train(NoClock())
        accuracy = trainer.accuracy()
        _say(accuracy=accuracy, mebibytes=_peak_memory(), seconds=time.perf_counter() - started)


def _say(**message: Any) -> None:
    print(json.dumps(message), flush=True)


def _peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

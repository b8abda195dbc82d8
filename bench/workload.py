"""What is timed, and the clock."""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bakeoff.runner.executables import cache_settings

COMMAND = [sys.executable, "-c", "from bakeoff.cli.app import main; main()"]
"""The command line of the Bakeoff that is measured, wherever it is installed."""


@dataclass(frozen=True)
class Workload:
    """A network, its images and what one epoch of it costs.

    Attributes:
        name: Of the line printed.
        entry: The model as a study file would have it.
        images: 28 x 28 pixels each.
        batch_size: Images per update.
        gflop: Of one epoch, forward and backward; a first layer needs no gradient for its input.
        limit: Target for epoch time / (gflop / peak).
        optimizer: In Keras's words.
        data: The data set.
        only_dense: Whether all layers are dense, with ReLU.
    """

    name: str
    entry: str
    images: int
    batch_size: int
    gflop: float
    limit: float
    optimizer: str = "adam"
    data: str = "mnist"
    only_dense: bool = False


def dense_gflop(images: int, *sizes: int) -> float:
    """Of one epoch of an MLP: 2 FLOP per weight forward, 4 backward, and for the first layer 2."""
    weights = [inputs * outputs for inputs, outputs in itertools.pairwise(sizes)]
    return images * (4 * weights[0] + 6 * sum(weights[1:])) / 1e9


def run_cold(arguments: Sequence[str]) -> float:
    """Seconds of a command of Bakeoff that finds nothing compiled by earlier ones."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | cache_settings(folder)
        command = [*COMMAND, *arguments]
        return measure_seconds(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment))


def core_seconds() -> float:
    """What all child processes that have ended, and theirs, have worked so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure_seconds(action: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start

"""What is timed, and the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


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
    """

    name: str
    entry: str
    images: int
    batch_size: int
    gflop: float
    limit: float


def measure_seconds(action: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start

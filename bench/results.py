"""What one contestant did with one workload."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Equal runs of a contestant at the same time.

    Attributes:
        name: The contestant's.
        count: Runs at the same time.
        first_epoch: Seconds from the start of the process to the end of the first epoch.
        epochs: Seconds of each later epoch, per run; of merged rows, the median of each round.
        accuracy: On the test images after all epochs, in [0, 1].
        mebibytes: Peak memory of one process.
    """

    name: str
    count: int
    first_epoch: float
    epochs: list[float]
    accuracy: float
    mebibytes: float

    @property
    def epoch(self) -> float:
        """Median seconds of an epoch."""
        return statistics.median(self.epochs)

    def rates(self, images: int) -> list[float]:
        """Images per second of the whole machine, in each round."""
        return [self.count * images / seconds for seconds in self.epochs]


def merge_rows(rounds: Sequence[Row]) -> Row:
    """What one contestant did in several rounds: medians, and the largest memory."""
    first = rounds[0]
    return Row(
        first.name,
        first.count,
        statistics.median(row.first_epoch for row in rounds),
        [row.epoch for row in rounds],
        statistics.median(row.accuracy for row in rounds),
        max(row.mebibytes for row in rounds),
    )


@dataclass(frozen=True)
class JobResult:
    """A whole study, from the command line to the last result.

    Attributes:
        study: Its name.
        name: The contestant's.
        how: Processes and threads, in words.
        seconds: Wall-clock time.
        accuracy: Mean over all runs, in [0, 1].
        runs: Trainings.
        busy: Share of the time of all cores that was spent working.
        training: Seconds without starting processes and reading images; 0 where that is not known.
    """

    study: str
    name: str
    how: str
    seconds: float
    accuracy: float
    runs: int
    busy: float
    training: float = 0.0


@dataclass(frozen=True)
class EvidenceResult:
    """What one way to answer a question costs.

    Attributes:
        question: In words.
        name: Who answers, and by which design.
        runs: Trainings.
        epochs: Of all of them.
        seconds: Wall-clock time, all cores busy.
        measured: Whether the whole way was run; else calculated from a part of it.
        verdicts: What is known at the end, in words; empty where no verdict was computed.
    """

    question: str
    name: str
    runs: int
    epochs: int
    seconds: float
    measured: bool = False
    verdicts: str = ""

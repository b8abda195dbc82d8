"""The figures of docs/performance.md from what was measured."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from contestants import BAKEOFF, KERAS_TENSORFLOW, YARDSTICK
from results import EvidenceResult, JobResult, Row
from workload import Workload

BAND = 0.03
"""Accuracies of the same network after the same epochs differ by less."""

YARDSTICK_GFLOP = 2 * 4096**3 / 1e9

Measured = Sequence[tuple[Workload, list[Row]]]


def write_workloads(measured: Measured) -> str:
    """A table for each network, and one of them all, as Markdown."""
    tables = [_workload(workload, rows) for workload, rows in measured]
    return "\n\n".join([_summary(measured), describe_machine(), *tables])


def ratios(rows: Sequence[Row], name: str, images: int) -> list[float]:
    """In each round: Bakeoff's images per second over a peer's, all cores busy, in the peer's better way."""
    return _faster(rows, max(_of(rows, name), key=lambda row: statistics.median(row.rates(images))), images)


def ratios_alone(rows: Sequence[Row], name: str, images: int) -> list[float]:
    """The same against one run of the peer with the whole machine to itself, as a notebook has it."""
    return _faster(rows, min(_of(rows, name), key=lambda row: row.count), images)


def peak_share(workload: Workload, rows: Sequence[Row]) -> float:
    """Median share of the float32 matrix product's speed that Bakeoff reaches with all cores busy, in [0, 1]."""
    ours = max(_of(rows, BAKEOFF.name), key=lambda row: row.count)
    peak = max(_of(rows, YARDSTICK.name), key=lambda row: row.count)
    shares = [
        workload.gflop / epoch / (YARDSTICK_GFLOP / product)
        for epoch, product in zip(ours.epochs, peak.epochs, strict=True)
    ]
    return statistics.median(shares)


def describe_machine() -> str:
    """What was measured on."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    return (
        f"Measured on {len(os.sched_getaffinity(0))} cores of {model}, {platform.system()}, Python "
        f"{platform.python_version()}, no GPU, in one run."
    )


def _workload(workload: Workload, rows: Sequence[Row]) -> str:
    lines = [
        f"### {workload.name}",
        "",
        f"{workload.images:,} images of {workload.data} an epoch; Bakeoff works at "
        f"{peak_share(workload, rows):.0%} of the speed of a float32 matrix product. {_compare_accuracies(rows)}",
        "",
        "| | runs at a time | seconds an epoch | images/s, machine | first epoch done after, s | MiB a process "
        "| test accuracy | Bakeoff is faster by |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        *_rows(workload, rows),
    ]
    return "\n".join(lines)


def _compare_accuracies(rows: Sequence[Row]) -> str:
    """Whether the same network was trained by all, as far as its accuracy tells."""
    trained = [row for row in rows if row.name != YARDSTICK.name]
    middle = statistics.median(row.accuracy for row in trained)
    odd = [row for row in trained if abs(row.accuracy - middle) > BAND]
    if not odd:
        return f"All reach {middle:.1%}, within {100 * BAND:.0f} points."
    named = ", ".join(f"{row.name} ({row.accuracy:.1%})" for row in odd)
    return f"**Not the same accuracy**, {middle:.1%} in the middle: {named}."


def _rows(workload: Workload, rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if row.name == YARDSTICK.name:
            continue
        rate = statistics.median(row.rates(workload.images))
        yield (
            f"| {row.name} | {row.count} | {row.epoch:.2f} | {rate:,.0f} | {row.first_epoch:.1f} "
            f"| {row.mebibytes:,.0f} | {row.accuracy:.1%} | {_spread(_faster(rows, row, workload.images))} |"
        )


def _summary(measured: Measured) -> str:
    lines = [
        "### All cores busy: how many times faster Bakeoff is",
        "",
        "In a notebook there is one run, with as many threads as the tool likes; in its better way, a peer may also "
        "train one pinned run per core.",
        "",
        "| | Keras fit on TensorFlow, as in a notebook | in its better way | best peer, in its better way "
        "| share of the matrix product's speed |",
        "|---|---:|---:|---:|---:|",
    ]
    alone, better = [], []
    for workload, rows in measured:
        others = {row.name for row in rows} - {BAKEOFF.name, YARDSTICK.name}
        alone.append(ratios_alone(rows, KERAS_TENSORFLOW.name, workload.images))
        better.append(ratios(rows, KERAS_TENSORFLOW.name, workload.images))
        best = min(others, key=lambda name: statistics.median(ratios(rows, name, workload.images)))
        lines.append(
            f"| {workload.name} | {_spread(alone[-1])} | {_spread(better[-1])} "
            f"| {_spread(ratios(rows, best, workload.images))}: {best} | {peak_share(workload, rows):.0%} |"
        )
    means = (statistics.geometric_mean(map(statistics.median, each)) for each in (alone, better))
    lines.append(f"| geometric mean | {' | '.join(f'{mean:.2f}' for mean in means)} | | |")
    return "\n".join(lines)


def write_studies(jobs: Sequence[JobResult]) -> str:
    """The table of whole studies, as Markdown."""
    lines = [
        "### Whole studies, from the command line to the last result",
        "",
        "| study | | runs | seconds | mean test accuracy | cores idle | Bakeoff is faster by |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for job in jobs:
        ours = next(other for other in jobs if other.study == job.study and other.name == BAKEOFF.name)
        lines.append(
            f"| {job.study} | {job.name}, {job.how} | {job.runs} | {job.seconds:.0f} | {job.accuracy:.1%} "
            f"| {1 - job.busy:.0%} | {job.seconds / ours.seconds:.2f} |"
        )
    return "\n".join([*lines, "", describe_machine()])


def write_evidence(results: Sequence[EvidenceResult]) -> str:
    """The table of what verdicts cost, as Markdown."""
    lines = [
        "### What a settled verdict costs",
        "",
        "Racing is run, until every pair is settled: different, equivalent, or not to be decided by seeds. The rest is "
        "calculated: Bakeoff's fixed design from the race's own runs, a peer's from one run of each model.",
        "",
        "| question | | runs | epochs | seconds | times the race | verdicts other than undecided |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for result in results:
        race = next(other for other in results if other.question == result.question and other.measured)
        lines.append(
            f"| {result.question} | {result.name} | {result.runs} | {result.epochs:,} | {result.seconds:,.0f} "
            f"| {result.seconds / race.seconds:.1f} | {result.verdicts} |"
        )
    return "\n".join([*lines, "", describe_machine()])


def _faster(rows: Sequence[Row], theirs: Row, images: int) -> list[float]:
    """In each round: Bakeoff's images per second with all cores busy over those of a row."""
    ours = max(_of(rows, BAKEOFF.name), key=lambda row: row.count)
    return [a / b for a, b in zip(ours.rates(images), theirs.rates(images), strict=True)]


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _of(rows: Sequence[Row], name: str) -> list[Row]:
    return [row for row in rows if row.name == name]

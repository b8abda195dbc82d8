"""Bakeoff against what users would pick instead: `make bench` writes the figures of docs/performance.md from one run.

Every contestant trains the same network on the same images; they take turns, several rounds of them, so that whatever
else the machine does meets all of them. Nobody waits in memory meanwhile: a system that moves idle pages out makes who
waited pay for it. An hour and a half on two cores; nothing else heavy may run.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from pathlib import Path

from contestants import BAKEOFF, PEERS, YARDSTICK, Contestant, Runs
from evidence import measure_evidence
from jobs import measure_jobs
from page import write_evidence, write_studies, write_workloads
from results import Row, merge_rows
from tasks import save_images, task_of
from workload import Workload
from workloads import WORKLOADS

from bakeoff.spec import parse_study

EPOCHS = 2
"""So many are timed after the first, in each round."""

PARTS = ("workloads", "studies", "evidence")
"""Networks epoch by epoch; whole studies; what verdicts cost. Each has its own place in the page."""

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def main() -> None:
    """Measure, and print the figures or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS, help="what is measured; all by default")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contestant trains a workload")
    parser.add_argument("--only", nargs="*", default=[""], help="parts of the names of workloads")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}, instead of printing")
    arguments = parser.parse_args()
    chosen = [workload for workload in WORKLOADS if any(part in workload.name for part in arguments.only)]
    publish = _write if arguments.write else _tell
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        if "workloads" in arguments.parts:
            measured: list[tuple[Workload, list[Row]]] = []
            for workload in chosen:
                measured.append((workload, _measure(workload, folder, arguments.rounds)))
                publish("workloads", write_workloads(measured))
        if "studies" in arguments.parts:
            publish("studies", write_studies(measure_jobs(folder)))
        if "evidence" in arguments.parts:
            publish("evidence", write_evidence(measure_evidence(folder)))


def _tell(part: str, text: str) -> None:
    print(text, end="\n\n", flush=True)


def _write(part: str, text: str) -> None:
    """Replace the figures of this part in the page."""
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    filled = f"{begin}\n\n{text}\n\n{end}"
    PAGE.write_text(re.sub(f"{begin}.*{end}", lambda _: filled, PAGE.read_text("utf-8"), flags=re.DOTALL), "utf-8")


def _measure(workload: Workload, folder: Path, rounds: int) -> list[Row]:
    """All contestants, with one run and with as many as there are cores."""
    images = save_images(workload.data, folder)
    cores = len(os.sched_getaffinity(0))
    ways = [
        (contestant, count)
        for contestant in (YARDSTICK, BAKEOFF, *PEERS)
        if workload.only_dense or not contestant.dense_only
        for count in (1, cores)
    ]
    measured: dict[tuple[Contestant, int], list[Row]] = {way: [] for way in ways}
    for turn in range(rounds):
        for contestant, count in ways:
            print(
                f"{workload.name}, round {turn + 1} of {rounds}: {contestant.name}, {count} at a time", file=sys.stderr
            )
            task = _save_task(workload, contestant, folder)
            measured[contestant, count].append(_train(contestant, [task] * count, images))
    return [merge_rows(rows) for rows in measured.values()]


def _train(contestant: Contestant, tasks: list[Path], images: Path) -> Row:
    """From the start of the processes to the accuracy that they reach."""
    # Bakeoff's runs have one thread each, however many there are: results must not depend on their number.
    pinned = len(tasks) > 1 or contestant in (BAKEOFF, YARDSTICK)
    runs = Runs(contestant, tasks, images, pinned=pinned)
    for _ in range(EPOCHS):
        runs.epoch()
    return Row(contestant.name, runs.count, runs.first_epoch, runs.epochs, **runs.end())


def _save_task(workload: Workload, contestant: Contestant, folder: Path) -> Path:
    protocol = f"{{batch_size: {workload.batch_size}, optimizer: {workload.optimizer}, epochs: {EPOCHS + 2}}}"
    text = f"{{name: bench, data: mnist, protocol: {protocol}, models: {{m: {workload.entry}}}}}"
    model = parse_study(text).study.models[0]
    task = folder / "task.json"
    task.write_text(json.dumps([task_of(model, images=workload.images, option=contestant.option)]))
    return task


if __name__ == "__main__":
    main()

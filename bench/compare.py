"""Bakeoff against what users would pick instead: `make bench` writes the figures of docs/performance.md from one run.

Every contestant trains the same network on the same images; epochs are taken in turn, so that whatever else the machine
does meets all of them. About an hour on two cores; nothing else heavy may run meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from pathlib import Path

from contestants import BAKEOFF, PEERS, YARDSTICK, Runs
from jobs import measure_jobs
from page import write_figures
from results import Row
from tasks import save_images, task_of
from workload import Workload
from workloads import WORKLOADS

from bakeoff.spec import parse_study

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def main() -> None:
    """Measure, and print the figures or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="epochs of each contestant after the first")
    parser.add_argument("--only", nargs="*", default=[""], help="parts of the names of workloads")
    parser.add_argument("--no-jobs", action="store_true", help="leave the whole studies out")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}, instead of printing")
    arguments = parser.parse_args()
    chosen = [workload for workload in WORKLOADS if any(part in workload.name for part in arguments.only)]
    with tempfile.TemporaryDirectory() as folder:
        measured = [(workload, _measure(workload, Path(folder), arguments.rounds)) for workload in chosen]
        jobs = [] if arguments.no_jobs else measure_jobs(Path(folder))
    text = write_figures(measured, jobs)
    if arguments.write:
        begin, end = "<!-- measured: begin -->", "<!-- measured: end -->"
        page = PAGE.read_text("utf-8")
        PAGE.write_text(
            re.sub(f"{begin}.*{end}", lambda _: f"{begin}\n\n{text}\n\n{end}", page, flags=re.DOTALL), "utf-8"
        )
    else:
        print(text)


def _measure(workload: Workload, folder: Path, rounds: int) -> list[Row]:
    """All contestants, with one run and with as many as there are cores."""
    everyone = list(_start(workload, folder, epochs=rounds + 2))
    for turn in range(rounds):
        _tell(f"{workload.name}: round {turn + 1} of {rounds}")
        for runs in everyone:
            runs.epoch()
    return [Row(runs.contestant.name, runs.count, runs.first_epoch, runs.epochs, **runs.end()) for runs in everyone]


def _start(workload: Workload, folder: Path, *, epochs: int) -> list[Runs]:
    images = save_images(workload.data, folder)
    cores = len(os.sched_getaffinity(0))
    everyone = []
    for contestant in (YARDSTICK, BAKEOFF, *PEERS):
        if contestant.dense_only and not workload.only_dense:
            continue
        task = folder / "task.json"
        protocol = f"{{batch_size: {workload.batch_size}, optimizer: {workload.optimizer}, epochs: {epochs}}}"
        text = f"{{name: bench, data: mnist, protocol: {protocol}, models: {{m: {workload.entry}}}}}"
        model = parse_study(text).study.models[0]
        task.write_text(json.dumps([task_of(model, images=workload.images, option=contestant.option)]))
        for count in (1, cores):
            _tell(f"{workload.name}: {contestant.name}, {count} at a time")
            # Bakeoff's runs have one thread each, however many there are: results must not depend on their number.
            pinned = count > 1 or contestant in (BAKEOFF, YARDSTICK)
            everyone.append(Runs(contestant, [task] * count, images, pinned=pinned))
    return everyone


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

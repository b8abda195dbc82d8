"""The runs that the pages are written from, and the commands that train them: `make published-run`.

A command that was interrupted goes on where it stopped, and nothing is trained twice, so the whole may be started as
often as one likes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import bakeoff
from bakeoff.comparison import Comparison, ModelResult
from bakeoff.spec import Study
from bakeoff.spec.record import Status

STORE = Path(__file__).parents[2] / "bakeoff-published"

LONG_RUNS = "protocol.epochs=100"
"""Study D's first runs; its epochs were chosen by them."""

LONG_SEEDS = 2

SCALED_SUFFIX = "-unit"
"""What study-b-pixels calls the networks of study B that get scaled pixels."""

COMMANDS = (
    ("run", "study-a"),
    ("run", "study-c"),
    ("run", "study-d"),
    ("run", "study-b"),
    ("run", "study-b-pixels"),
    ("run", "study-d", "--set", LONG_RUNS, "--seeds", str(LONG_SEEDS)),
)

LEARNS_NOTHING: tuple[Status, ...] = ("collapsed", "diverged")
"""Failures that are the network's own; a crash, or too little memory, is the machine's."""


@dataclass(frozen=True)
class Runs:
    """What was trained.

    Attributes:
        store: Where it is.
        changes: What was changed in all studies, as `--set` has it; nothing for the published pages.
    """

    store: Path
    changes: tuple[str, ...] = ()

    def load(self, name: str) -> Study:
        """A study as it was trained."""
        return bakeoff.load_study(name, overrides=self.changes)

    def load_scaled(self) -> Study:
        """The networks of study B with scaled pixels."""
        names = [model.name for model in self.load("study-b-pixels").models if model.name.endswith(SCALED_SUFFIX)]
        return bakeoff.load_study("study-b-pixels", overrides=self.changes, only=names)

    def load_long(self) -> Study:
        """The networks of study D after 100 epochs."""
        return bakeoff.load_study("study-d", overrides=[LONG_RUNS, *self.changes], seeds=LONG_SEEDS)

    def compare(self, study: Study) -> Comparison:
        """Its runs, judged."""
        return bakeoff.compare(study, store=self.store)


def failing(comparison: Comparison) -> list[str]:
    """The networks that learn nothing with some seed, in the study's order."""
    names = [model.name for model in comparison.study.models]
    return [name for name in names if seeds_with(comparison.model(name), LEARNS_NOTHING)]


def mostly_failing(comparison: Comparison) -> list[str]:
    """Those of the failing networks that learn nothing with most of their seeds.

    Only on them causes are looked for: the few seeds of a trial cannot show that a rare failure was cured.
    """
    models = [comparison.model(name) for name in failing(comparison)]
    return [
        model.name for model in models if 2 * seeds_with(model, LEARNS_NOTHING) > len({run.seed for run in model.runs})
    ]


def seeds_with(model: ModelResult, statuses: Collection[Status]) -> int:
    """How many seeds of a model have a run with one of these outcomes."""
    return len({run.seed for run in model.runs if run.status in statuses})


def main() -> None:
    """Train everything, and look for the causes of what fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, default=STORE)
    parser.add_argument("--set", dest="changes", action="append", default=[], help="in all studies, for a short try")
    arguments = parser.parse_args()
    runs = Runs(arguments.store, tuple(arguments.changes))
    for command in COMMANDS:
        train(runs, command)
    for name in mostly_failing(runs.compare(runs.load("study-b"))):
        train(runs, ["explain", "study-b", name, "--try"])


def train(runs: Runs, command: Sequence[str]) -> None:
    """Run one command of Bakeoff.

    Args:
        runs: Where to, and what is changed.
        command: Without these options.

    Raises:
        CalledProcessError: It failed, and has said why.
    """
    options = [word for change in runs.changes for word in ("--set", change)]
    call = [sys.executable, "-c", "from bakeoff.cli.app import main; main()", *command, *options]
    subprocess.run([*call, "--store", str(runs.store)], check=True)


if __name__ == "__main__":
    main()

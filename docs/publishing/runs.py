"""The runs that the pages are written from, and the commands that train them: `make published-run`.

A command that was interrupted goes on where it stopped, and nothing is trained twice, so the whole may be started as
often as one likes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bakeoff
from bakeoff.comparison import Comparison
from bakeoff.spec import Study, only_models

STORE = Path(__file__).parents[2] / "bakeoff-published"

LONG_RUNS = "protocol.epochs=100"
"""Study D's first runs; its epochs were chosen by them."""

SCALED_SUFFIX = "-unit"
"""What study-b-pixels calls the networks of study B that get scaled pixels."""

COMMANDS = (
    ("run", "study-a"),
    ("run", "study-c"),
    ("run", "study-d"),
    ("run", "study-b"),
    ("run", "study-b-pixels"),
    ("run", "study-d", "--set", LONG_RUNS, "--seeds", "2"),
)


@dataclass(frozen=True)
class Runs:
    """What was trained.

    Attributes:
        store: Where it is.
        changes: What was changed in all studies, as `--set` has it; nothing for the published pages.
    """

    store: Path
    changes: tuple[str, ...] = ()

    def load(self, name: str, *changes: str) -> Study:
        """A study as it was trained."""
        return bakeoff.load_study(name, overrides=[*self.changes, *changes])

    def compare(self, name: str, *changes: str) -> Comparison:
        """Its runs, judged."""
        return bakeoff.compare(self.load(name, *changes), store=self.store)

    def compare_scaled(self) -> Comparison:
        """The networks of study B with scaled pixels, judged among themselves."""
        study = self.load("study-b-pixels")
        scaled = only_models(study, [model.name for model in study.models if model.name.endswith(SCALED_SUFFIX)])
        return bakeoff.compare(scaled, store=self.store)

    def failing(self) -> list[str]:
        """The networks of study B that learn nothing with some seed, in the study's order."""
        comparison = self.compare("study-b")
        return [model.name for model in comparison.study.models if comparison.model(model.name).failed_seeds]


def main() -> None:
    """Train everything, and look for the causes of what fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, default=STORE)
    parser.add_argument("--set", dest="changes", action="append", default=[], help="in all studies, for a short try")
    arguments = parser.parse_args()
    runs = Runs(arguments.store, tuple(arguments.changes))
    for command in COMMANDS:
        train(runs, command)
    for name in runs.failing():
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

"""Who is timed, and the processes that train for them."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "peers"
PEERS_PYTHON = os.environ.get("BAKEOFF_BENCH_PYTHON", ".venv-bench/bin/python")

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


@dataclass(frozen=True)
class Contestant:
    """A tool, used in one way.

    Attributes:
        name: Of the row.
        script: In `peers`.
        environment: Variables of its processes, with their values.
        option: Of its tasks.
        python: That runs it.
        dense_only: Whether it knows only dense layers with ReLU.
    """

    name: str
    script: str
    environment: tuple[tuple[str, str], ...] = ()
    option: str = ""
    python: str = PEERS_PYTHON
    dense_only: bool = False


BAKEOFF = Contestant("Bakeoff", "bakeoff_engine", python=sys.executable)
YARDSTICK = Contestant("matrix product", "matrix_product", python=sys.executable)
KERAS_TENSORFLOW = Contestant("Keras fit, TensorFlow", "keras_fit", (("KERAS_BACKEND", "tensorflow"),))
KERAS_JAX = Contestant("Keras fit, JAX", "keras_fit", (("KERAS_BACKEND", "jax"),))
TORCH = Contestant("PyTorch loop", "torch_loop")
PEERS = (
    KERAS_TENSORFLOW,
    KERAS_JAX,
    TORCH,
    Contestant("PyTorch loop, compiled", "torch_loop", option="compile"),
    Contestant("Lightning", "lightning_fit"),
    Contestant("scikit-learn", "sklearn_fit", dense_only=True),
)


class Runs:
    """One or more equal runs of a contestant, which train an epoch at the same time whenever they are told to.

    Attributes:
        contestant: Who trains.
        count: 1: one run with the whole machine to itself. More: each has one thread and one core.
        first_epoch: Seconds from the start of the processes to the end of the first epoch, compiling included.
        epochs: Of each later epoch, seconds per run.
    """

    def __init__(self, contestant: Contestant, tasks: Sequence[Path], images: Path, *, pinned: bool) -> None:
        self.contestant = contestant
        self.count = len(tasks)
        self.epochs: list[float] = []
        cores: list[int | None] = [*sorted(os.sched_getaffinity(0))[: self.count]] if pinned else [None] * self.count
        start = time.perf_counter()
        self._processes = [
            start_script(contestant, task, images, core) for task, core in zip(tasks, cores, strict=True)
        ]
        for process in self._processes:
            _read(process)
        self.epoch()
        self.first_epoch = time.perf_counter() - start
        self.epochs.clear()

    def epoch(self) -> None:
        """Have every run train one epoch, and wait for all."""
        for process in self._processes:
            print("go", file=process.stdin, flush=True)
        self.epochs.append(statistics.mean(_read(process)["seconds"] for process in self._processes))

    def end(self) -> dict[str, float]:
        """Accuracy of the first run, and the largest peak memory of a process, in MiB."""
        answers = []
        for process in self._processes:
            print("end", file=process.stdin, flush=True)
            answers.append(_read(process))
            process.wait()
        return answers[0] | {"mebibytes": max(answer["mebibytes"] for answer in answers)}


def read_all(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """All answers of a whole job, once it has ended."""
    output, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{process.args} ended with exit code {process.returncode}")
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def start_script(
    contestant: Contestant, tasks: Path, images: Path, core: int | None, *words: str
) -> subprocess.Popen[str]:
    """Start a contestant's process, with one thread on this core, or as it likes where none is given."""
    threads = {} if core is None else ONE_THREAD
    return subprocess.Popen(
        [contestant.python, str(HERE / f"{contestant.script}.py"), str(tasks), str(images), *words],
        env=os.environ | threads | dict(contestant.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_pin(core),
    )


def _pin(core: int | None) -> Callable[[], None] | None:
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


def _read(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next answer; other tools print what they like in between."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith("{"):
            answer: dict[str, Any] = json.loads(line)
            return answer
    raise RuntimeError(f"{process.args} ended without an answer")

"""Inside a worker: train a model on a small part of the images, to say what a whole run will cost; nothing is kept.

What is compiled has the form of the real thing (a scan over whole batches, then the short last batch), so compiling
takes as long; what is trained is a few batches, so a trial of a convolutional network on MNIST takes seconds.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bakeoff.models import backend as backend  # isort: skip  # before jax
import numpy as np
from jaxtyping import Int

from bakeoff.engine.fit import save_networks
from bakeoff.engine.program import Program, State
from bakeoff.engine.values import Fit, Split
from bakeoff.errors import BakeoffError, WorkerError
from bakeoff.runner.costs import RunCost, predictions_bytes
from bakeoff.runner.jobs import Job
from bakeoff.runner.training import program_of, split_of
from bakeoff.spec.protocol import Protocol

BATCHES = 20  # to train on; enough that a batch weighs more than the call of the compiled program
IMAGES = 400  # to evaluate
ENOUGH_SECONDS = 0.3  # what is quicker than this is repeated, and the median taken
MOST_REPEATS = 9


@dataclass(frozen=True)
class Pace:
    """What a trial measures, each once the program is compiled and warm.

    Attributes:
        train_seconds: For one training image.
        evaluate_seconds: For one validation or test image.
        keep_seconds: To draw a network and to save it.
    """

    train_seconds: float
    evaluate_seconds: float
    keep_seconds: float


def trial(job: Job) -> RunCost:
    """Measure what one run of a job's model costs here.

    Args:
        job: Any run of the model: seed and fold hardly matter for its time.

    Returns:
        Seconds and bytes of a whole run, scaled up from a few batches. With early stopping it is the longest run.

    Raises:
        StudyError: The network cannot be built as the study describes it.
        WorkerError: The trial fails, as the runs probably will.
    """
    try:
        return _measure(job)
    except BakeoffError:
        raise
    except Exception as error:  # out of memory, or a layer that JAX cannot run: `run` would leave a failed row
        reason = (str(error).strip() or type(error).__name__).split("\n")[0]
        raise WorkerError(
            f"the trial of {job.cell.model.name} failed, and its runs will probably fail as well ({reason}): "
            "mend the model, choose others with --only, or plan without trials (--no-trial)"
        ) from error


def run_seconds(pace: Pace, protocol: Protocol, *, train: int, validation: int, test: int) -> float:
    """Seconds of a whole run without building and compiling.

    Args:
        pace: Of the model on this machine.
        protocol: Its number of epochs is used.
        train: Number of training images of one run.
        validation: Number of images looked at after each epoch.
        test: Number of test images, looked at once.

    >>> run_seconds(Pace(0.01, 0.001, 0.5), Protocol(epochs=2), train=100, validation=50, test=400)
    3.0
    """
    epoch = train * pace.train_seconds + validation * pace.evaluate_seconds
    return protocol.epochs * epoch + test * pace.evaluate_seconds + pace.keep_seconds


def _measure(job: Job) -> RunCost:
    started = time.perf_counter()
    split, program, protocol = split_of(job), program_of(job), job.cell.model.protocol
    order = some_batches(split.train, batch_size=protocol.batch_size)
    state = program.initial_state(seed=0)
    state, _ = program.train_epoch(state, split.images, split.labels, order=order)
    program.evaluate(state, split.test_images[:IMAGES], split.test_labels[:IMAGES])
    setup_seconds = time.perf_counter() - started
    train_seconds, state = _time_training(program, state, split, order)
    images, labels = split.test_images[:IMAGES], split.test_labels[:IMAGES]
    evaluate_seconds = _median_seconds(lambda: program.evaluate(state, images, labels))
    keep_seconds, network_bytes = _time_keeping(program, state, copies=1 + protocol.needs_validation)
    pace = Pace(train_seconds, evaluate_seconds / len(images), keep_seconds)
    validation = 0 if split.validation_images is None else len(split.validation_images)
    test = len(split.test_images)
    return RunCost(
        basis="trial",
        setup_seconds=setup_seconds,
        run_seconds=run_seconds(pace, protocol, train=len(split.train), validation=validation, test=test),
        run_bytes=network_bytes + predictions_bytes(images=test, classes=program.architecture.classes),
    )


def some_batches(train: Int[np.ndarray, " train_examples"], *, batch_size: int) -> Int[np.ndarray, " batch_examples"]:
    """Some whole batches in random order, and a short last one where the real epoch has one.

    >>> len(some_batches(np.arange(1005), batch_size=10)), len(some_batches(np.arange(25), batch_size=10))
    (205, 25)
    """
    whole = min(BATCHES, len(train) // batch_size) * batch_size
    return np.random.default_rng(0).permutation(train)[: whole + len(train) % batch_size]


def _time_training(
    program: Program, state: State, split: Split, order: Int[np.ndarray, " batch_examples"]
) -> tuple[float, State]:
    """Seconds for one training image, and a state that is not consumed."""

    def train() -> None:
        nonlocal state
        state, _ = program.train_epoch(state, split.images, split.labels, order=order)

    return _median_seconds(train) / len(order), state


def _time_keeping(program: Program, state: State, *, copies: int) -> tuple[float, int]:
    """Seconds to draw a network and save it as a run does, and the bytes of its files."""
    fit = Fit(last=state, best=state if copies > 1 else None)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        program.initial_state(seed=0)
        save_networks(fit, program, Path(folder))
        seconds = time.perf_counter() - started
        return seconds, sum(path.stat().st_size for path in Path(folder).iterdir())


def _median_seconds(work: Callable[[], object]) -> float:
    seconds: list[float] = []
    while not seconds or (sum(seconds) < ENOUGH_SECONDS and len(seconds) < MOST_REPEATS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)

"""Train networks from their first epoch to their test probabilities: one, or several of one program together."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, Int

from bakeoff.data.neighbours import measure_agreement
from bakeoff.engine.probes import Probe, Probing, choose_sample, is_due
from bakeoff.engine.program import EpochScores, Program, Scores, State
from bakeoff.engine.replicas import Replicas, Start
from bakeoff.engine.values import EpochReport, Fit, Replica, Split
from bakeoff.spec.protocol import Patience, Protocol
from bakeoff.stats.collapse import is_one_class


def fit_network(
    program: Program,
    split: Split,
    *,
    protocol: Protocol,
    seed: int,
    fold: int = 0,
    probe: Probe | None = None,
    on_epoch: Callable[[EpochReport], None] = lambda report: None,
) -> Fit:
    """Train a freshly drawn network and evaluate the chosen epoch on the test images.

    Args:
        program: The compiled architecture.
        split: Training, validation and test images.
        protocol: How long to train, which epoch counts.
        seed: At least 0; initial weights, dropout and the order of the images follow from it and `fold`.
        fold: Which fold of a cross-validation this is, from 0.
        probe: Of the program; what it measures before training, after epochs 1, 2, 4, 8, ... and after the last one
            changes nothing else.
        on_epoch: Called after every epoch.

    Returns:
        The fit. Its status is `diverged` if the training loss, or at the end the test loss, is not finite; `collapsed`
        if nearly all test images got one class or the accuracy is that of guessing.
    """
    replica = Replica(seed, on_epoch=on_epoch)
    (fit,) = fit_replicas(program, split, [replica], protocol=protocol, fold=fold, probe=probe)
    return fit


def fit_replicas(
    program: Program,
    split: Split,
    replicas: Sequence[Replica],
    *,
    protocol: Protocol,
    fold: int = 0,
    probe: Probe | None = None,
) -> list[Fit]:
    """Train networks in lock-step, as one program where there are several, and evaluate each.

    Args:
        program: The compiled architecture.
        split: Training, validation and test images, the same for all.
        replicas: At least one.
        protocol: How long to train, which epoch counts; its optimiser is not looked at.
        fold: As in `fit_network`.
        probe: As in `fit_network`.

    Returns:
        One fit for each, as `fit_network` would have filled it in: up to rounding; of a single one, to the bit. One
        that ends before the others is computed on, but no more recorded. The seconds of an epoch are shared equally
        among those that are recorded.
    """
    sample = choose_sample(split.train, batch_size=protocol.batch_size, fold=fold)
    starts = [Start(_mixed_seed(replica.seed, fold), replica.optimizer) for replica in replicas]
    states = Replicas(program, starts)
    runs = [_Run(replica, Probing(probe, split.images, split.labels, sample)) for replica in replicas]
    for place, run in enumerate(runs):
        run.probing.take(states[place], epoch=0)
    for epoch in range(1, protocol.epochs + 1):
        going = [place for place, run in enumerate(runs) if not run.ended]
        if not going:
            break
        orders = _orders(split, replicas, fold=fold, epoch=epoch)
        scores, seconds = _train_epoch(program, states, split, orders, going)
        for place, (training, validation) in scores.items():
            report = EpochReport(epoch, training, validation)
            _record(runs[place], states[place], report, seconds=seconds, protocol=protocol)
    for run in runs:
        if run.fit.status == "finished":
            _test(run.fit, program, split)
    return [run.fit for run in runs]


def save_networks(fit: Fit, program: Program, folder: Path) -> None:
    """Write `last.keras` and, where the protocol chooses an epoch, `best.keras`: ordinary files with their softmax.

    Args:
        fit: Trained.
        program: The one it was trained with.
        folder: Exists already.
    """
    network = program.new_network(seed=0)
    for name, state in (("last", fit.last), ("best", fit.best)):
        if state is not None:
            program.load_state(state, network=network)
            network.save(folder / f"{name}.keras")


@dataclass
class _Run:
    """A network under way."""

    replica: Replica
    probing: Probing
    fit: Fit = field(default_factory=Fit)
    ended: bool = False


def _orders(
    split: Split, replicas: Sequence[Replica], *, fold: int, epoch: int
) -> Int[np.ndarray, "replicas train_examples"]:
    """In which order each sees the training images: an epoch's does not depend on those before it."""
    drawn = [np.random.default_rng([replica.seed, fold, epoch]).permutation(len(split.train)) for replica in replicas]
    return split.train[np.stack(drawn)]


def _train_epoch(
    program: Program,
    states: Replicas,
    split: Split,
    orders: Int[np.ndarray, "replicas train_examples"],
    going: Sequence[int],
) -> tuple[dict[int, tuple[EpochScores, Scores | None]], float]:
    """Train an epoch; training and validation scores of those that go on, and the seconds of each of these."""
    start, compiled = time.perf_counter(), program.compile_seconds
    training = states.train_epoch(split.images, split.labels, orders=orders)
    validation = {place: _validate(program, states[place], split) for place in going}
    seconds = time.perf_counter() - start - (program.compile_seconds - compiled)
    return {place: (training[place], validation[place]) for place in going}, seconds / len(going)


def _record(run: _Run, state: State, report: EpochReport, *, seconds: float, protocol: Protocol) -> None:
    """Take down an epoch of a network, and whether it was its last."""
    fit, epoch = run.fit, report.epoch
    _append(fit, report.training, report.validation, seconds)
    if math.isfinite(report.training.loss):
        if is_due(epoch):
            run.probing.take(state, epoch=epoch)
        run.replica.on_epoch(report)
        _choose(fit, state, report.validation, protocol)
        out_of_patience = isinstance(protocol.stop, Patience) and epoch - fit.epoch >= protocol.stop.patience
        run.ended = out_of_patience or epoch == protocol.epochs
    else:
        fit.status, fit.reason = "diverged", f"the training loss was {report.training.loss} in epoch {epoch}"
        fit.diverged_step = report.training.diverged_step
        run.ended = True
    if run.ended:
        run.probing.take(state, epoch=epoch)
        fit.probes, fit.probe_seconds = run.probing.probes, run.probing.seconds
        fit.last = _copied(state)


def _mixed_seed(seed: int, fold: int) -> int:
    return int(np.random.SeedSequence((seed, fold)).generate_state(1)[0])


def _validate(program: Program, state: State, split: Split) -> Scores | None:
    if split.validation_images is None or split.validation_labels is None:
        return None
    return program.evaluate(state, split.validation_images, split.validation_labels)[0]


def _append(fit: Fit, training: EpochScores, validation: Scores | None, seconds: float) -> None:
    row: dict[str, Any] = {"loss": training.loss, "accuracy": training.accuracy, "seconds": seconds}
    if validation:
        row |= {"validation_loss": validation.loss, "validation_accuracy": validation.accuracy}
    for name, value in row.items():
        fit.columns[name].append(value)


def _choose(fit: Fit, state: State, validation: Scores | None, protocol: Protocol) -> None:
    """Keep the epoch with the lowest validation loss, or simply the newest where the protocol says `last`."""
    if not protocol.needs_validation:
        fit.epoch = fit.epochs
    elif validation and validation.loss < fit.best_loss:
        fit.epoch, fit.best_loss, fit.best = fit.epochs, validation.loss, _copied(state)


def _copied(state: State) -> State:
    """A copy on the host: the next epoch consumes the state's own buffers."""
    copy: State = jax.tree.map(lambda array: np.array(array, copy=True), state)
    return copy


def _test(fit: Fit, program: Program, split: Split) -> None:
    fit.epoch = fit.epoch or fit.epochs  # no epoch had a finite validation loss: the last one counts
    test, probabilities = program.evaluate(fit.chosen, split.test_images, split.test_labels)
    if not math.isfinite(test.loss):  # the very last update can still overflow
        fit.status, fit.reason = "diverged", f"the test loss was {test.loss} after epoch {fit.epoch}"
        return
    fit.test, fit.probabilities = test, probabilities
    fit.reason = _collapse(fit.probabilities, np.asarray(split.test_labels))
    if fit.reason:
        fit.status = "collapsed"


def _collapse(probabilities: Float[np.ndarray, "examples classes"], labels: Int[np.ndarray, " examples"]) -> str:
    """Why these predictions count as a collapse, or nothing.

    The rule stands before any run: one class gets nearly all images and the predictions know next to nothing of the
    labels (`stats.collapse`), or they agree with the labels no more often than with labels dealt out at random.
    """
    predicted, classes = probabilities.argmax(axis=1), probabilities.shape[1]
    confusion = np.bincount(labels.astype(np.int64) * classes + predicted, minlength=classes**2)
    confusion = confusion.reshape(classes, classes)
    if is_one_class(confusion):
        named = confusion.sum(axis=0)
        return f"{named.max() / len(predicted):.1%} of the test images got class {named.argmax()}"
    agreement = measure_agreement(confusion)  # None: too few images, or too much of one class, to tell
    if agreement is None or agreement.accuracy > agreement.chance:
        return ""
    return f"a test accuracy of {agreement.accuracy:.2%} is no better than guessing"

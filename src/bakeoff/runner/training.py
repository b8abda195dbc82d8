"""Inside a worker: train runs, on an accelerator several of one model together; put their records into the store."""

from __future__ import annotations

import contextlib
import math
import platform
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from bakeoff.models import backend as backend  # isort: skip  # before jax
import jax
import jax.numpy as jnp

from bakeoff.data.dataset import Dataset
from bakeoff.data.pixels import fit_pixels
from bakeoff.data.registry import load_dataset
from bakeoff.data.splits import Fold, split_folds
from bakeoff.engine.fit import fit_replicas, save_networks
from bakeoff.engine.probes import Probe
from bakeoff.engine.program import Architecture, Program
from bakeoff.engine.replicas import measure_replicas
from bakeoff.engine.values import EpochReport, Fit, Replica, Split
from bakeoff.errors import BakeoffError, DataError
from bakeoff.runner.accelerators import asked_replicas
from bakeoff.runner.jobs import Job
from bakeoff.spec.record import Counts, History, Record, Status
from bakeoff.store import Store, open_store
from bakeoff.store.claims import Claim

Outcome = Literal["done", "busy"]


def train(jobs: Sequence[Job], folder: Path) -> dict[str, Outcome]:
    """Train as many of these runs together as fit on the device, and put their records into the store.

    Args:
        jobs: Of cells that share a program; the first of them is among those that are trained.
        folder: Of the store.

    Returns:
        What became of each run that was begun, by its key: `busy` if another process is at it.
    """
    store = open_store(folder)
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(store.claim(jobs[0].key))
        if first is None:
            return {jobs[0].key: "busy"}
        _Reporter(jobs[0], first)  # should measuring what fits kill this process, this is the run that is suspected
        group = _first_group(jobs)
        others = {job.key: stack.enter_context(store.claim(job.key)) for job in group[1:]}
        asked = {jobs[0].key: first, **others}
        claims = {key: claim for key, claim in asked.items() if claim is not None}
        _train_claimed([job for job in group if job.key in claims and not store.has_result(job.key)], store, claims)
    return {job.key: "done" if job.key in claims else "busy" for job in group}


def record_crash(job: Job, folder: Path, reason: str) -> Outcome:
    """Put a record into the store for a run that killed its worker; `busy` if another process is at it."""
    store = open_store(folder)
    with store.claim(job.key) as claim:
        if claim is None:
            return "busy"
        store.write(_record(job, status="crashed", reason=reason))
    return "done"


def _first_group(jobs: Sequence[Job]) -> Sequence[Job]:
    """Runs of one fold, so that all have as many images; no more than leaves groups of about one size."""
    alike = [job for job in jobs if job.fold == jobs[0].fold]
    groups = math.ceil(len(alike) / _count_fitting(alike))
    return alike[: math.ceil(len(alike) / groups)]


def _count_fitting(jobs: Sequence[Job]) -> int:
    """How many of these runs are trained together."""
    most = min(len(jobs), asked_replicas() or len(jobs))
    if most == 1 or asked_replicas():
        return most
    try:
        program, split = program_of(jobs[0]), split_of(jobs[0])
        return measure_replicas(program, split.images, split.labels, examples=len(split.train), most=most)
    except BakeoffError:
        raise
    except Exception:  # does not fit, or cannot be vectorised: what its row will say, its own training finds out
        return 1


def _train_claimed(jobs: Sequence[Job], store: Store, claims: Mapping[str, Claim]) -> None:
    """Train runs together. If that fails, each by itself; what fails then is a failed row."""
    failure = _try_to_train(jobs, store, claims) if jobs else None
    if failure is None:
        return
    if len(jobs) > 1:
        for job in jobs:
            if not store.has_result(job.key):
                _train_claimed([job], store, claims)
        return
    status, reason = failure
    store.write(_record(jobs[0], status=status, reason=reason))


def _try_to_train(jobs: Sequence[Job], store: Store, claims: Mapping[str, Claim]) -> tuple[Status, str] | None:
    """Train runs together and write their records; or say why that failed, and hold none of their memory any more."""
    reporters = [_Reporter(job, claims[job.key]) for job in jobs]
    try:
        program = program_of(jobs[0])
        compiled = program.compile_seconds
        fits = fit_replicas(
            program,
            split_of(jobs[0]),
            [
                Replica(job.seed, optimizer=job.cell.model.protocol.optimizer, on_epoch=reporter.tell)
                for job, reporter in zip(jobs, reporters, strict=True)
            ],
            protocol=jobs[0].cell.model.protocol,
            fold=jobs[0].fold,
            probe=probe_of(jobs[0]),
        )
        compile_seconds = program.compile_seconds - compiled
        for job, fit in zip(jobs, fits, strict=True):
            store.write(
                _finished(job, fit, program, compile_seconds=compile_seconds, replicas=len(jobs)),
                probabilities=fit.probabilities,
                probes=fit.probes,
                save_networks=partial(save_networks, fit, program),
            )
            compile_seconds = 0.0  # the others share what the first has compiled
    except BakeoffError:  # for the user to mend: a full disk, data that changed
        raise
    except Exception as error:
        return _explain(error)
    return None


def _explain(error: Exception) -> tuple[Status, str]:
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
        return "out of memory", str(error).split("\n")[0]
    return "error", "".join(traceback.format_exception(error))


class _Reporter:
    """Tells the store after every epoch how far a run is."""

    def __init__(self, job: Job, claim: Claim) -> None:
        self._claim = claim
        self._first_epoch_ended = 0.0
        self._progress: dict[str, Any] = {
            "model": job.cell.model.name,
            "seed": job.seed,
            "fold": job.fold,
            "epoch": 0,
            "epochs": job.cell.model.protocol.epochs,
            "validation_accuracy": None,
            "seconds": 0.0,  # since the end of the first epoch, which includes compiling
        }
        claim.report(self._progress)

    def tell(self, report: EpochReport) -> None:
        now = time.monotonic()
        if report.epoch == 1:
            self._first_epoch_ended = now
        self._progress["epoch"] = report.epoch
        self._progress["validation_accuracy"] = report.validation.accuracy if report.validation else None
        self._progress["seconds"] = now - self._first_epoch_ended
        self._claim.report(self._progress)


@lru_cache(maxsize=1)
def _dataset(reference: str, fingerprint: str) -> Dataset:
    dataset = load_dataset(reference)
    if dataset.fingerprint != fingerprint:
        raise DataError(f"{reference} has changed since this study was started: run it again")
    return dataset


@lru_cache(maxsize=1)
def _on_device(reference: str, fingerprint: str) -> tuple[jax.Array, ...]:
    dataset = _dataset(reference, fingerprint)
    arrays = (dataset.train_images, dataset.train_labels, dataset.test_images, dataset.test_labels)
    return tuple(jnp.asarray(array) for array in arrays)


_programs: dict[str, tuple[Program, Probe]] = {}  # the newest one only: runs come model by model


def program_of(job: Job) -> Program:
    """The compiled program of a job's cell, shared by its seeds and folds, and by cells of other learning rates."""
    return _compiled_of(job)[0]


def probe_of(job: Job) -> Probe:
    """The compiled probe of a job's cell, shared like its program."""
    return _compiled_of(job)[1]


def _compiled_of(job: Job) -> tuple[Program, Probe]:
    cell = job.cell
    if cell.program not in _programs:
        _programs.clear()
        dataset, protocol = _dataset(job.data, job.fingerprint), cell.model.protocol
        architecture = Architecture(
            layers=cell.layers,
            image_shape=dataset.image_shape,
            classes=dataset.classes,
            scaling=fit_pixels(protocol.pixels, dataset.train_images),
        )
        program = Program(architecture, protocol)
        _programs[cell.program] = program, Probe(program)
    return _programs[cell.program]


def split_of(job: Job) -> Split:
    """The images of a job, on the device."""
    images, labels, test_images, test_labels = _on_device(job.data, job.fingerprint)
    protocol, fold = job.cell.model.protocol, _fold(job)
    validation: tuple[jax.Array | None, jax.Array | None] = (None, None)
    if protocol.validation == "test":
        validation = (test_images, test_labels)
    elif len(fold.validation):
        validation = (images[fold.validation], labels[fold.validation])
    return Split(images, labels, fold.train, *validation, test_images, test_labels)


def _fold(job: Job) -> Fold:
    dataset = _dataset(job.data, job.fingerprint)
    folds = split_folds(dataset.train_labels, job.cell.model.protocol.validation, classes=dataset.classes)
    return folds[job.fold]


def _record(job: Job, *, replicas: int = 1, **outcome: Any) -> Record:
    """A record with all that is known before training."""
    dataset, fold, model = _dataset(job.data, job.fingerprint), _fold(job), job.cell.model
    from_test = model.protocol.validation == "test"
    return Record(
        key=job.key,
        cell=job.cell.key,
        model=model.name,
        recipe=model.recipe,
        layers=job.cell.layers,
        data=job.data,
        fingerprint=job.fingerprint,
        images=Counts(
            train=len(fold.train),
            validation=len(dataset.test_labels) if from_test else len(fold.validation),
            test=len(dataset.test_labels),
        ),
        protocol=model.protocol.model_dump(exclude={"seeds", "margin"}),
        seed=job.seed,
        fold=job.fold,
        environment=_environment(replicas),
        **outcome,
    )


def _finished(job: Job, fit: Fit, program: Program, *, compile_seconds: float, replicas: int) -> Record:
    return _record(
        job,
        replicas=replicas,
        status=fit.status,
        reason=fit.reason,
        parameters=program.parameters,
        history=History.model_validate(fit.columns),
        epoch=fit.epoch,
        diverged_step=fit.diverged_step,
        test_loss=fit.test.loss if fit.test else None,
        test_accuracy=fit.test.accuracy if fit.test else None,
        train_seconds=sum(fit.columns["seconds"]),
        compile_seconds=compile_seconds,
        results_hash=fit.results_hash(),
    )


def _environment(replicas: int) -> dict[str, str]:
    packages = {name: version(name) for name in ("bakeoff", "jax", "keras", "numpy")}
    device = jax.devices()[0]
    return {
        **packages,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "device": f"{device.platform} {device.device_kind}",
        "threads": "1" if device.platform == "cpu" else "accelerator",
        **({"replicas": str(replicas)} if replicas > 1 else {}),
    }

"""Inside a worker: train one run and put its record into the store."""

from __future__ import annotations

import platform
import time
import traceback
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
from bakeoff.engine.fit import EpochReport, Fit, Split, fit_network, save_networks
from bakeoff.engine.probes import Probe
from bakeoff.engine.program import Architecture, Program
from bakeoff.errors import BakeoffError, DataError
from bakeoff.runner.jobs import Job
from bakeoff.spec.record import Counts, History, Record, Status
from bakeoff.store import Store, open_store
from bakeoff.store.claims import Claim

Outcome = Literal["done", "busy"]


def train(job: Job, folder: Path) -> Outcome:
    """Train one run and put its record into the store; `busy` if another process is at it."""
    store = open_store(folder)
    with store.claim(job.key) as claim:
        if claim is None:
            return "busy"
        if not store.has_result(job.key):
            _train_claimed(job, store, claim)
    return "done"


def record_crash(job: Job, folder: Path, reason: str) -> Outcome:
    """Put a record into the store for a run that killed its worker; `busy` if another process is at it."""
    store = open_store(folder)
    with store.claim(job.key) as claim:
        if claim is None:
            return "busy"
        store.write(_record(job, status="crashed", reason=reason))
    return "done"


def _train_claimed(job: Job, store: Store, claim: Claim) -> None:
    reporter = _Reporter(job, claim)
    try:
        program = program_of(job)
        compiled = program.compile_seconds
        fit = fit_network(
            program,
            split_of(job),
            protocol=job.cell.model.protocol,
            seed=job.seed,
            fold=job.fold,
            probe=probe_of(job),
            on_epoch=reporter.tell,
        )
        store.write(
            _finished(job, fit, program, compile_seconds=program.compile_seconds - compiled),
            probabilities=fit.probabilities,
            probes=fit.probes,
            save_networks=partial(save_networks, fit, program),
        )
    except BakeoffError:  # for the user to mend: a full disk, data that changed
        raise
    except Exception as error:
        status, reason = _explain(error)
        store.write(_record(job, status=status, reason=reason))


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
    """The compiled program of a job's cell, shared by its seeds and folds."""
    return _compiled_of(job)[0]


def probe_of(job: Job) -> Probe:
    """The compiled probe of a job's cell, shared like its program."""
    return _compiled_of(job)[1]


def _compiled_of(job: Job) -> tuple[Program, Probe]:
    cell = job.cell
    if cell.key not in _programs:
        _programs.clear()
        dataset, protocol = _dataset(job.data, job.fingerprint), cell.model.protocol
        architecture = Architecture(
            layers=cell.layers,
            image_shape=dataset.image_shape,
            classes=dataset.classes,
            scaling=fit_pixels(protocol.pixels, dataset.train_images),
        )
        program = Program(architecture, protocol)
        _programs[cell.key] = program, Probe(program)
    return _programs[cell.key]


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


def _record(job: Job, **outcome: Any) -> Record:
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
        environment=_environment(),
        **outcome,
    )


def _finished(job: Job, fit: Fit, program: Program, *, compile_seconds: float) -> Record:
    return _record(
        job,
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


def _environment() -> dict[str, str]:
    packages = {name: version(name) for name in ("bakeoff", "jax", "keras", "numpy")}
    device = jax.devices()[0]
    return {
        **packages,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "device": f"{device.platform} {device.device_kind}",
        "threads": "1" if device.platform == "cpu" else "accelerator",
    }

"""Cause by counterfactual: train a failing model again with one thing changed at a time, and see which change cures it.

A seed fails if its run did, or if it knows the validation images less well than the means of the classes do: the
simplest thing that can be learnt from the pixels. A trial is long enough for that, even where the model's own protocol
is shorter. The test images choose nothing here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from bakeoff.data import Dataset, split_folds
from bakeoff.runner.effects import ALPHA, Outcome, chance_of_fewer, judge_changes
from bakeoff.runner.jobs import Job, plan_jobs
from bakeoff.runner.run import Watcher, run_jobs
from bakeoff.runner.variants import Variant, make_variants, shorten
from bakeoff.spec.protocol import Protocol
from bakeoff.spec.record import DataEntry, Record
from bakeoff.spec.study import ModelSpec, Study
from bakeoff.store import Store

FIRST_SEEDS = 5
"""If a model fails with each of so many seeds, no more are needed: 5 of 5 against none of 5 has a p-value of 0.001
(one-sided, Boschloo), 0.01 among ten changes; five accuracies that are all above five others have 0.004 (1 / 252),
0.04 among ten, which are all that there are."""

MOST_SEEDS = 12
"""Otherwise so many: 9 failures of 12 against 3 are a sure difference among three open changes (p = 0.034)."""

LEAST_EPOCHS = 3

LEAST_STEPS = 4500
"""Three epochs of study B (48,000 images in batches of 32); fewer images need more epochs to be learnt at all."""

MOST_EPOCHS = 150
"""Beyond the model's own: an epoch of one or a few large batches would else be repeated a thousand times."""


@dataclass(frozen=True)
class Trial:
    """A model and its changes.

    Attributes:
        model: Its name in the study.
        epochs: Length of each training.
        floor: Share of the validation images that lie nearest to the mean of their own class: who knows fewer fails.
        unchanged: The model as it is.
        changes: In the order of `make_variants`; empty if the unchanged model never failed.
        own_epochs: Length of a training by the model's own protocol, which may be shorter or longer.
    """

    model: str
    epochs: int
    floor: float
    unchanged: Outcome
    changes: tuple[Outcome, ...]
    own_epochs: int


def try_remedies(
    study: Study,
    model: ModelSpec,
    store: Store,
    *,
    data: DataEntry,
    dataset: Dataset,
    epochs: int | None,
    seeds: int,
    workers: int,
    watch: Watcher = lambda progress: None,
) -> Trial:
    """Train a model and its changes.

    Args:
        study: Gives the data set's reference.
        model: One of its models.
        store: For these runs alone; what it holds already is not trained again.
        data: What is remembered of the data set.
        dataset: The images.
        epochs: Of each training; by default 3, or more on few images.
        seeds: At most so many trainings of each; a change that can no longer be shown to help gets fewer.
        workers: Number of worker processes.
        watch: Called a few times a second.

    Returns:
        What came of each.

    Raises:
        StudyError: A changed network cannot be built.
        WorkerError: The worker processes do not even start.
    """
    short = shorten(model, epochs=epochs or enough_epochs(model.protocol, len(dataset.train_labels)), seeds=seeds)
    floor = class_means_accuracy(dataset, short.protocol)
    course = _Course(study, store, data.fingerprint, short, make_variants(short), floor, model.protocol.epochs)
    run_jobs(course.next_jobs, store, data=data, workers=workers, watch=watch)
    return course.judge()


def enough_epochs(protocol: Protocol, images: int) -> int:
    """As many epochs as three, or as give 4,500 steps; at most 150, or the protocol's own where these are more.

    >>> enough_epochs(Protocol(epochs=20, batch_size=32), 60_000), enough_epochs(Protocol(epochs=20), 1_000)
    (3, 141)
    """
    steps = math.ceil(images / protocol.batch_size)
    return min(max(protocol.epochs, MOST_EPOCHS), max(LEAST_EPOCHS, math.ceil(LEAST_STEPS / steps)))


def class_means_accuracy(dataset: Dataset, protocol: Protocol) -> float:
    """Share of the validation images that lie nearest to the mean of their own class.

    Args:
        dataset: Its training images are used.
        protocol: Its validation is a hold-out.

    Returns:
        In [0, 1].
    """
    fold = split_folds(dataset.train_labels, protocol.validation, classes=dataset.classes)[0]
    images = dataset.train_images.reshape(len(dataset.train_images), -1)  # (examples, values)
    labels = dataset.train_labels
    means = np.array(
        [images[fold.train[labels[fold.train] == label]].mean(axis=0) for label in range(dataset.classes)],
        dtype=np.float32,
    )
    nearest = _nearest(images[fold.validation].astype(np.float32), means)
    return float((nearest == labels[fold.validation]).mean())


@dataclass(frozen=True)
class _Course:
    """A trial that is under way."""

    study: Study
    store: Store
    fingerprint: str
    model: ModelSpec
    variants: tuple[Variant, ...]
    floor: float
    own_epochs: int

    def next_jobs(self) -> list[Job]:
        """First the unchanged model, until it is known how often it fails; then the changes that may still help."""
        seeds = self._seeds()
        jobs = self._jobs(self.model, seeds)
        unchanged = self._outcome(self.model, seeds)
        if unchanged.seeds < len(jobs) or not unchanged.failed:
            return jobs
        for variant in self.variants:
            first = self._outcome(variant.model, min(FIRST_SEEDS, seeds))
            hopeless = first.seeds == FIRST_SEEDS and chance_of_fewer(unchanged, seeds, first.failed) >= ALPHA
            more = seeds if first.seeds >= min(FIRST_SEEDS, seeds) and not hopeless else min(FIRST_SEEDS, seeds)
            jobs += self._jobs(variant.model, more)
        return jobs

    def judge(self) -> Trial:
        """What came of all that was trained."""
        seeds = self._seeds()
        unchanged = self._outcome(self.model, seeds)
        tried = [self._outcome(variant.model, seeds, variant) for variant in self.variants] if unchanged.failed else []
        return Trial(
            model=self.model.name,
            epochs=self.model.protocol.epochs,
            floor=self.floor,
            unchanged=unchanged,
            changes=judge_changes(unchanged, tried),
            own_epochs=self.own_epochs,
        )

    def _seeds(self) -> int:
        """How many seeds decide: a few where all of these fail."""
        most = self.model.protocol.most_seeds
        first = self._outcome(self.model, min(FIRST_SEEDS, most))
        return FIRST_SEEDS if first.seeds < FIRST_SEEDS <= most or first.failed == FIRST_SEEDS else most

    def _jobs(self, model: ModelSpec, seeds: int) -> list[Job]:
        alone = model.model_copy(update={"protocol": model.protocol.model_copy(update={"seeds": seeds})})
        return plan_jobs(self.study.model_copy(update={"models": (alone,)}), fingerprint=self.fingerprint)

    def _outcome(self, model: ModelSpec, seeds: int, variant: Variant | None = None) -> Outcome:
        found = [self.store.record(job.key) for job in self._jobs(model, seeds)]
        records = [record for record in found if record]
        return Outcome(
            change=variant.change if variant else "",
            setting=variant.setting if variant else "",
            seeds=len(records),
            failed=sum(self._fails(record) for record in records),
            accuracies=tuple(sorted(map(_accuracy, records), key=lambda value: (not math.isnan(value), value))),
        )

    def _fails(self, record: Record) -> bool:
        return record.status != "finished" or not _accuracy(record) >= self.floor


def _accuracy(record: Record) -> float:
    """Validation accuracy after the last epoch; NaN for a run that has none."""
    return record.history.validation_accuracy[-1] if record.history.validation_accuracy else math.nan


def _nearest(images: Float[np.ndarray, "examples values"], means: Float[np.ndarray, "classes values"]) -> np.ndarray:
    """Index of the nearest mean of each image; the image's own length is the same for all of them."""
    distances = (means**2).sum(axis=1) - 2 * images @ means.T
    nearest: np.ndarray = distances.argmin(axis=1)
    return nearest

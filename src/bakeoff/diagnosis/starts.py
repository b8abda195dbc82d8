"""Histories that start trained: their first epoch is better than a freshly drawn network's can be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bakeoff.diagnosis.remedies import clips, plain_name
from bakeoff.diagnosis.values import ModelRuns, Run
from bakeoff.diagnosis.words import say_range, tell_runs
from bakeoff.spec.protocol import Protocol
from bakeoff.spec.study import ModelSpec, Published, PublishedHistory
from bakeoff.spec.values import Finding

LEAST_RUNS = 3  # fewer others tell too little of how far seeds differ
EPOCHS_AHEAD = 2  # a source may have trained a little differently, and then start as well as our second epoch


_CAUSE = "the training went on from weights that were trained before, so that its epochs are not counted from the start"


def find_trained_starts(model: ModelRuns, *, classes: int) -> Iterator[Finding]:
    """BKO207 from a model's own runs.

    A run starts trained if its first epoch's training loss lies below `first_epoch_bound`, or if there are at least
    three other runs, all of which learn, and it lies below the second epoch of each.

    Args:
        model: With its runs; how many steps an epoch has is known from them.
        classes: Number of classes.
    """
    bound = _bound(model.model.protocol, model.runs[0].record.images.train, classes)
    runs = [run for run in model.runs if run.record.history.loss and _starts_trained(run, model, bound, classes)]
    if runs:
        yield Finding(
            code="BKO207",
            severity="warning",
            model=model.name,
            title="The history starts trained",
            evidence=tell_runs(runs, model, lambda run: _tell_start(run, model)),
            cause=_CAUSE,
            advice="bakeoff run trains every seed from freshly drawn weights: train it again in a new store",
        )


def find_published_starts(
    model: ModelSpec, published: Published, *, images: int, classes: int, runs: Sequence[Run] = ()
) -> Iterator[Finding]:
    """BKO207 from the history that was published about a model.

    It starts trained if its first epoch's training loss lies below `first_epoch_bound`, or if its loss is lower or its
    accuracy higher than in the third epoch of each of our own runs.

    Args:
        model: Its entry in the study: batch size and loss are the protocol's.
        published: What the source printed.
        images: Training images of an epoch; where that is not known, the most that there can be, for the bound falls
            with them.
        classes: Number of classes.
        runs: Made here; none where there is no run yet.
    """
    if published.history is None:
        return
    bound = _bound(model.protocol, images, classes)
    told = _tell_published(published.history, bound, steps=_steps(model.protocol, images), classes=classes)
    told = told or _tell_ahead("loss", published.history.loss, [run.record.history.loss for run in runs], better=-1)
    told += _tell_ahead("accuracy", published.history.accuracy, [run.record.history.accuracy for run in runs], better=1)
    if told:
        yield Finding(
            code="BKO207",
            severity="warning",
            model=model.name,
            title="The published history starts trained",
            evidence="; ".join(told),
            cause=f"in the source, {_CAUSE}",
            advice="do not read from its curves how many epochs are needed: runs made here start from freshly drawn "
            "weights",
            published=True,
        )


def first_epoch_bound(*, steps: int, classes: int) -> float:
    """The least mean training loss of a first epoch, under cross-entropy or KL divergence.

    Keras averages over an epoch the loss of each batch before its update. The first batch meets a network that has seen
    no label. With classes of equal size its expected loss is the mean of -ln p over the classes, at least ln(classes)
    by Jensen's inequality; and no later batch is below 0.

    Args:
        steps: Batches in an epoch, at least 1.
        classes: At least 2.

    Returns:
        ln(classes) / steps.

    >>> round(first_epoch_bound(steps=469, classes=10), 4)
    0.0049
    """
    return math.log(classes) / steps


def _starts_trained(run: Run, model: ModelRuns, bound: float, classes: int) -> bool:
    first = run.record.history.loss[0]
    if first < bound:
        return True
    others = [other for other in model.runs if other is not run]
    seconds = [other.record.history.loss[1] for other in others if len(other.record.history.loss) > 1]
    if len(seconds) < max(LEAST_RUNS, len(others)):
        return False
    return first < min(seconds) and max(seconds) < 0.5 * math.log(classes)


def _bound(protocol: Protocol, images: int, classes: int) -> float:
    """The bound for this number of images; 0 under a loss that it does not hold for."""
    loss = protocol.loss
    if clips(loss) and plain_name(loss.name) not in ("kldivergence", "kullbackleiblerdivergence", "kld"):
        return 0.0
    return first_epoch_bound(steps=_steps(protocol, images), classes=classes)


def _steps(protocol: Protocol, images: int) -> int:
    return -(-images // protocol.batch_size)


def _tell_start(run: Run, model: ModelRuns) -> str:
    others = [other.record.history.loss[0] for other in model.runs if other is not run and other.record.history.loss]
    against = f", of the others {say_range(others)}" if others else ""
    return f"the training loss of the first epoch is {run.record.history.loss[0]:.3g}{against}"


def _tell_published(history: PublishedHistory, bound: float, *, steps: int, classes: int) -> list[str]:
    if not history.loss or history.loss[0] >= bound:
        return []
    return [
        f"the published training loss of the first epoch is {history.loss[0]:g}; of {steps} batches the first alone, "
        f"met by an untrained network, makes the mean at least ln({classes}) / {steps} = {bound:.2g}"
    ]


def _tell_ahead(name: str, published: tuple[float, ...], own: list[tuple[float, ...]], *, better: int) -> list[str]:
    """Whether the first published epoch is better than each of our runs two epochs later."""
    own = [curve for curve in own if len(curve) > EPOCHS_AHEAD and math.isfinite(curve[EPOCHS_AHEAD])]
    if not published or not own or any(better * (published[0] - curve[EPOCHS_AHEAD]) <= 0 for curve in own):
        return []
    return [
        f"the published training {name} of the first epoch is {published[0]:g}; in our runs it is "
        f"{say_range([curve[0] for curve in own], '.4g')} in the first and "
        f"{say_range([curve[EPOCHS_AHEAD] for curve in own], '.4g')} in epoch {EPOCHS_AHEAD + 1}"
    ]

"""Histories that start trained: their first epoch is better than a freshly drawn network's can be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from bakeoff.diagnosis.remedies import plain_name
from bakeoff.diagnosis.values import ModelRuns, Run
from bakeoff.diagnosis.words import say_range, tell_runs
from bakeoff.spec.protocol import Protocol
from bakeoff.spec.study import ModelSpec, Published, PublishedHistory
from bakeoff.spec.values import Finding

EPOCHS_AHEAD = 2  # a source may have trained a little differently, and then start as well as our second epoch
FEWEST_STEPS = 20
"""Of a first epoch, for the bound to be asked: it holds for the expected loss of the first batch, which chance and a
few steps of training can bring down; of the mean of 20 batches that first one is a twentieth."""
TRAINED = 0.25
"""Of the entropy of the labels: a loss before training that no untrained network has but by a lucky draw."""
LUCKY = 0.001
"""Untrained networks that separate the classes have one chance in classes! to give each its own name; the probability
that all of a model's runs drew that one must be lower. Of two classes, it takes ten runs."""

_CROSS_ENTROPIES = (
    "categoricalcrossentropy",
    "sparsecategoricalcrossentropy",
    "kldivergence",
    "kullbackleiblerdivergence",
    "kld",
)
_CAUSE = "the training went on from weights that were trained before, so that its epochs are not counted from the start"


def find_trained_starts(model: ModelRuns, *, counts: Sequence[int]) -> Iterator[Finding]:
    """BKO207 from a model's own runs, which `bakeoff run` starts afresh: weights then come with the network itself.

    A network that has seen no label gives them an expected loss of at least their entropy. The model starts trained if
    the loss before training lies far below that in every run, and this cannot be the luck of the draw.

    Args:
        model: With its runs and their probes.
        counts: Training images of each class.
    """
    entropy, classes = label_entropy(counts), sum(count > 0 for count in counts)
    runs = [run for run in model.runs if run.probes and run.probes.loss[0] < TRAINED * entropy]
    known = [run for run in model.runs if run.probes]
    if not runs or len(runs) < len(known) or not _is_cross_entropy(model.model.protocol):
        return
    if math.factorial(min(classes, 20)) ** -len(runs) < LUCKY:
        yield Finding(
            code="BKO207",
            severity="warning",
            model=model.name,
            title="The history starts trained",
            evidence=tell_runs(runs, model, lambda run: _tell_start(run, entropy)),
            cause="the network is built with weights that were trained before on these classes, so that its epochs are "
            "not counted from the start",
            advice="build it with freshly drawn weights, or read nothing from its curves about how many epochs are "
            "needed",
        )


def find_published_starts(
    model: ModelSpec, published: Published, *, images: int, counts: Sequence[int], runs: Sequence[Run] = ()
) -> Iterator[Finding]:
    """BKO207 from the history that was published about a model.

    It starts trained if its first epoch's training loss lies below `first_epoch_bound`, or if its loss is lower or its
    accuracy higher than in the third epoch of each of our own runs.

    Args:
        model: Its entry in the study: batch size and loss are the protocol's.
        published: What the source printed.
        images: Training images of an epoch; where that is not known, the most that there can be, for the bound falls
            with them.
        counts: Training images of each class; only their shares matter.
        runs: Made here; none where there is no run yet.
    """
    if published.history is None:
        return
    told = _tell_published(published.history, model.protocol, images=images, entropy=label_entropy(counts))
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


def first_epoch_bound(*, steps: int, entropy: float) -> float:
    """The least mean training loss of a first epoch, under cross-entropy or KL divergence.

    Keras averages over an epoch the loss of each batch before its update. The first batch meets a network that has seen
    no label, so that its expected loss is the mean of -ln q over the labels for some q that does not depend on them: at
    least their entropy, by Gibbs' inequality. And no later batch is below 0.

    Args:
        steps: Batches in an epoch, at least 1.
        entropy: Of the labels, in nats: ln(classes) where classes are of equal size.

    Returns:
        entropy / steps.

    >>> round(first_epoch_bound(steps=469, entropy=math.log(10)), 4)
    0.0049
    """
    return entropy / steps


def label_entropy(counts: Sequence[int]) -> float:
    """Entropy of the labels, in nats.

    >>> round(label_entropy([50, 50]) / math.log(2), 6), round(label_entropy([99, 1]), 3)
    (1.0, 0.056)
    """
    shares = np.array([count for count in counts if count]) / sum(counts)
    return float(-(shares * np.log(shares)).sum())


def _is_cross_entropy(protocol: Protocol) -> bool:
    """Of single labels KL divergence is one, too."""
    return plain_name(protocol.loss.name) in _CROSS_ENTROPIES


def _tell_start(run: Run, entropy: float) -> str:
    loss = float(run.probes.loss[0]) if run.probes else math.nan
    return f"the loss before training is {loss:.3g}, where a network that has seen no label expects {entropy:.3g}"


def _tell_published(history: PublishedHistory, protocol: Protocol, *, images: int, entropy: float) -> list[str]:
    steps = -(-images // protocol.batch_size)
    bound = first_epoch_bound(steps=steps, entropy=entropy)
    if not history.loss or history.loss[0] >= bound or steps < FEWEST_STEPS or not _is_cross_entropy(protocol):
        return []
    return [
        f"the published training loss of the first epoch is {history.loss[0]:g}; of {steps} batches the first alone, "
        f"met by an untrained network, makes the mean at least {entropy:.3g} / {steps} = {bound:.2g}, {entropy:.3g} "
        "being the entropy of the labels"
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

"""A saturated softmax under a loss that clips its probabilities: the network says one class with certainty, the loss is
cut off where that is wrong, and no gradient is left that could change it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

from bakeoff.diagnosis.pixels import is_unscaled
from bakeoff.diagnosis.remedies import SCALED, clips, costs_a_ceiling, set_entry
from bakeoff.diagnosis.signs import join_advice
from bakeoff.diagnosis.values import ModelRuns, Run
from bakeoff.diagnosis.words import tell_runs
from bakeoff.spec.probes import CLIPPED, Probes
from bakeoff.spec.study import Published
from bakeoff.spec.values import Finding
from bakeoff.stats import failure_rate

CEILING = -math.log(CLIPPED)
"""16.118: the most that one image can cost under KL divergence, since Keras clips probabilities at 1e-7."""

LARGEST_SLACK = 0.01
"""Of the loss. Digits printed more coarsely prove nothing: a few in a hundred losses would then fit by chance."""

_MECHANISM = (
    "the network is certain of a wrong class, and the loss, cut off at a probability of 1e-7, has no gradient left "
    "that could change it"
)

LOST_CLASS = 0.5
"""Clipped images as a multiple of a class's share: more than half a class is lost, by the lower end of the exact 95 %
interval of their share, for the probes' sample is small. Measured on 8x8 digits with KL divergence (4 networks x 3
seeds): 0 in the nine runs that reached 90 % and the same with pixels in 0..1; 5.3 classes of ten in a run that stayed
at 48 %, and 9.0 in one that collapsed."""


def find_clipping(model: ModelRuns) -> Iterator[Finding]:
    """BKO104 from a model's own runs."""
    runs, by_formula = find_clipped_runs(model), costs_a_ceiling(model.model.protocol.loss)
    if runs:
        yield Finding(
            code="BKO104",
            severity="error" if any(run.record.status == "collapsed" for run in runs) else "warning",
            model=model.name,
            title="The softmax saturated under a clipped loss",
            evidence=tell_runs(runs, model, lambda run: _tell(run, by_formula=by_formula)),
            cause=f"{_MECHANISM}; the result says nothing about the architecture",
            advice=join_advice(
                (set_entry(model, *SCALED),) * is_unscaled(model)
                + (set_entry(model, "loss", "categorical_crossentropy"),)
            ),
        )


def find_published_clipping(name: str, published: Published) -> Iterator[Finding]:
    """BKO104 from what was published about a model, whatever came of runs made here."""
    if published.accuracy is None or published.loss is None:
        return
    slacks = {"accuracy_slack": published.half_digit or 0.0, "loss_slack": _half_digit(published.loss)}
    if is_clipped_loss(published.accuracy, published.loss, **slacks):
        expected = (1 - published.accuracy) * CEILING
        yield Finding(
            code="BKO104",
            severity="warning",
            model=name,
            title="The published loss is that of a saturated softmax under a clipped loss",
            evidence=f"the published loss {published.loss:g} is (1 - {published.accuracy:g}) x {CEILING:.3f} = "
            f"{expected:.4f} within the digits printed: every wrong image costs what a clipped probability costs",
            cause=f"in the source's training, {_MECHANISM}",
            advice="do not judge the architecture by this figure, but by runs on scaled pixels or under a loss that is "
            "taken from the logits",
            published=True,
        )


def find_clipped_runs(model: ModelRuns) -> list[Run]:
    """The runs that show it; none under a loss that is not clipped."""
    loss = model.model.protocol.loss
    return [run for run in model.runs if clips(loss) and _is_clipped(run, by_formula=costs_a_ceiling(loss))]


def is_clipped_loss(accuracy: float, loss: float, *, accuracy_slack: float = 0.0, loss_slack: float = 0.0) -> bool:
    """Whether a loss is just what wrong images cost when each costs 16.118 and right ones nothing.

    Args:
        accuracy: In [0, 1].
        loss: At least 0.
        accuracy_slack: Half a unit of the accuracy's last digit.
        loss_slack: Half a unit of the loss's last digit.

    Returns:
        False too where the digits are too few to tell.

    >>> is_clipped_loss(0.1941, 12.9896, accuracy_slack=0.00005, loss_slack=0.00005)
    True
    >>> is_clipped_loss(0.7868, 0.5769, accuracy_slack=0.00005, loss_slack=0.00005)
    False
    """
    slack = accuracy_slack * CEILING + loss_slack
    expected = (1 - accuracy) * CEILING
    return loss > 0 and slack <= LARGEST_SLACK * loss and abs(loss - expected) <= slack


def _is_clipped(run: Run, *, by_formula: bool) -> bool:
    """By the last probe; a class that is lost altogether clips one image in as many as there are classes."""
    record, probes = run.record, run.probes
    if probes is not None and _least_clipped(probes) * probes.predicted.shape[1] > LOST_CLASS:
        return True
    if not by_formula or record.test_accuracy is None or record.test_loss is None:
        return False
    return is_clipped_loss(record.test_accuracy, record.test_loss, loss_slack=LARGEST_SLACK * record.test_loss)


def _least_clipped(probes: Probes) -> float:
    """The lower end of the exact 95 % interval of the share of images whose true class is clipped."""
    return failure_rate(round(float(probes.clipped[-1]) * probes.images), probes.images).low


def _tell(run: Run, *, by_formula: bool) -> str:
    record, probes, told = run.record, run.probes, []
    if probes is not None:
        clipped, saturated = probes.clipped[-1], probes.saturated[-1]
        told.append(
            f"after epoch {probes.epochs[-1]}, of a sample of {probes.images} training images, {clipped:.1%} give "
            f"their true class at most 1e-7, and {saturated:.1%} give all probability to one class"
        )
    if by_formula and record.test_accuracy is not None and record.test_loss is not None:
        told.append(
            f"test loss {record.test_loss:.4f}, where (1 - {record.test_accuracy:.4f}) x {CEILING:.3f} = "
            f"{(1 - record.test_accuracy) * CEILING:.4f}"
        )
    return ", ".join(told)


def _half_digit(number: float) -> float:
    """Half a unit of the last digit of a number as it is written."""
    return float(Decimal(5).scaleb(int(Decimal(repr(number)).as_tuple().exponent) - 1))

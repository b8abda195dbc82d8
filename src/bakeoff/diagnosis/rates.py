"""Learning rates too high or too low, by what a step changes and by how the loss moves.

What a step changes is the norm of a layer's update over that of its weights: the median of all layers with weights.
`layers` tells on which networks the thresholds were set.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from bakeoff.diagnosis.layers import relative_norms
from bakeoff.diagnosis.remedies import learning_rate, scale_learning_rate, sees_raw_pixels
from bakeoff.diagnosis.values import ModelRuns, Run
from bakeoff.diagnosis.words import tell_runs
from bakeoff.spec.probes import Probes
from bakeoff.spec.values import Finding

HALF_A_LAYER = 0.5
"""Of its weights, by the first step. Measured: at most 0.021 with default learning rates; 0.086 with Adam at 0.01,
which learned best of all, 0.26 at 0.03 (95 % right instead of 97), 0.86 at 0.1 (79 to 90 %), 8.6 at 1 (collapsed)."""

JUMP = 0.06
"""Rise of the training loss over its lowest so far, as a share of the loss before training or in the first epoch,
whichever is lower. Measured: at most 0.019 with default learning rates and up to 8 hidden layers (0.030 with dropout),
0.043 with Adam at 0.01; 0.12 to 0.28 at 0.03, 0.08 to 0.14 at 0.1, 0.14 to 0.50 with SGD at 1."""

BLOWN_UP = 2.0
"""Mean loss of the first epoch over the loss before training: at most 1.2 in runs that reached 75 %; 2.1 and more with
SGD at 3 and with Adam at 1, which collapsed."""

HARDLY_MOVED = 0.1
"""How far all steps together can have moved the weights, in units of their size: number of steps x relative update, the
longest way by the triangle inequality. Measured: 0.03 with SGD at 0.001 and with Adam at 1e-5 (at most 38 % right);
0.2 and 0.3 with ten times that (90 and 89 %)."""

STILL_HIGH = 0.5  # of the loss before training; above it hardly anything was learned


def find_high_rates(model: ModelRuns) -> Iterator[Finding]:
    """BKO205: the first step changes half a layer, or the training loss jumps."""
    raw = sees_raw_pixels(model)
    signs = {id(run): _signs_of_high_rate(run, raw=raw) for run in model.runs}
    runs = [run for run in model.runs if signs[id(run)]]
    if runs:
        slower = scale_learning_rate(model.model.protocol.optimizer, 0.1)
        yield Finding(
            code="BKO205",
            severity="warning",
            model=model.name,
            title="The learning rate is too high",
            evidence=tell_runs(runs, model, lambda run: " and ".join(signs[id(run)])),
            cause=f"with {_say_rate(model)} a step goes beyond where the gradient still points downhill"
            + ("; unscaled pixels make every step as much larger" if raw else ""),
            advice=f"--set protocol.pixels=unit, or {slower}" if raw else slower,
        )


def _signs_of_high_rate(run: Run, *, raw: bool) -> list[str]:
    losses = np.array(run.record.history.loss)
    before = float(run.probes.loss[0]) if run.probes else math.nan
    signs = []
    if run.probes and (first := typical_update(run.probes)[0]) >= HALF_A_LAYER:
        signs.append(f"the first step changes the weights by {first:.2g} times their size")
    if len(losses) and math.isfinite(before) and losses[0] >= BLOWN_UP * before:
        signs.append(f"the loss was {before:.3g} before training and {losses[0]:.3g} in the first epoch")
    signs += _jumps(losses[np.isfinite(losses)], before)
    if run.record.status == "diverged" and not raw:
        signs.append(f"it diverged in epoch {len(losses)}")
    return signs


def _jumps(losses: np.ndarray, before: float) -> list[str]:
    """The largest rise of the training loss over its lowest so far, if it counts as a jump."""
    if len(losses) < 2:
        return []
    rises = losses - np.minimum.accumulate(losses)
    scale = min(losses[0], before) if math.isfinite(before) else losses[0]
    epoch = int(rises.argmax())
    if rises[epoch] < JUMP * scale:
        return []
    return [f"the training loss rose from {losses[:epoch].min():.3g} to {losses[epoch]:.3g} in epoch {epoch + 1}"]


def find_low_rates(model: ModelRuns) -> Iterator[Finding]:
    """BKO206: the weights have hardly left where they were drawn, and the loss is still high."""
    runs = [run for run in model.runs if run.probes and _hardly_moved(run, run.probes, steps=_steps(run, model))]
    if runs:
        yield Finding(
            code="BKO206",
            severity="warning",
            model=model.name,
            title="The learning rate is too low",
            evidence=tell_runs(
                runs, model, lambda run: _tell_moves(run, run.probes, steps=_steps(run, model)) if run.probes else ""
            ),
            cause=f"with {_say_rate(model)} and so few steps the weights stay where they were drawn",
            advice=f"{scale_learning_rate(model.model.protocol.optimizer, 10)} (perhaps more than once)",
        )


def typical_update(probes: Probes) -> np.ndarray:
    """Update over weights, the median of the layers, at each probe; 0 where nothing is known."""
    relative = np.nan_to_num(relative_norms(probes.update, probes), nan=0.0)
    return np.median(relative, axis=1) if relative.shape[1] else np.zeros(len(relative))


def _steps(run: Run, model: ModelRuns) -> int:
    return len(run.record.history.loss) * -(-run.record.images.train // model.model.protocol.batch_size)


def _hardly_moved(run: Run, probes: Probes, *, steps: int) -> bool:
    losses = run.record.history.loss
    way = steps * float(typical_update(probes).mean())
    return bool(losses) and 0 < way < HARDLY_MOVED and losses[-1] > STILL_HIGH * float(probes.loss[0])


def _tell_moves(run: Run, probes: Probes, *, steps: int) -> str:
    update = float(typical_update(probes).mean())
    return (
        f"a step changes the weights by {update:.2g} of their size, all {steps:,} steps together by at most "
        f"{steps * update:.2g}; the loss went from {probes.loss[0]:.3g} to {run.record.history.loss[-1]:.3g}"
    )


def _say_rate(model: ModelRuns) -> str:
    optimizer = model.model.protocol.optimizer
    rate = learning_rate(optimizer)
    return f"the schedule of {optimizer.name}" if rate is None else f"{optimizer.name} at {rate:g}"

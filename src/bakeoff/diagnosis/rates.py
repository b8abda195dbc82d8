"""Learning rates too high or too low, by what a step changes and by how the loss moves.

What a step changes is the norm of a layer's update over that of its weights: the median of all layers with weights.
Whether it is large is asked of the weights that a layer would need, see `layers`, which also tells on which networks
the thresholds were set.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from bakeoff.diagnosis.chance import FAILURES, ONE_CLASS, is_one_class, largest_share
from bakeoff.diagnosis.clipping import find_clipped_runs
from bakeoff.diagnosis.layers import norms_over_due_weights, relative_norms
from bakeoff.diagnosis.pixels import is_unscaled, slow_down
from bakeoff.diagnosis.remedies import learning_rate, scale_learning_rate, set_entry
from bakeoff.diagnosis.seeds import find_length
from bakeoff.diagnosis.signs import Sign
from bakeoff.diagnosis.values import ModelRuns, Run
from bakeoff.diagnosis.words import tell_runs
from bakeoff.spec.probes import Probes

LARGE_STEP = 0.3
"""Of the weights that a layer would need, by the first step; it counts only where hardly anything was learned. Measured
by the engine's probes on a dense network of 64 and 32 units, 3 seeds: 0.005 with Adam at 0.001; 0.05 at 0.01, which
learned best (96 to 97 % right); 0.15 at 0.03 (94 to 97 %); 0.47 to 0.49 at 0.1 (74 %, 82 %, and a collapse); 4.7 at 1
(all collapsed). Without a hidden layer steps harm less: 0.39 with Adam at 0.01 on 32 x 32 pixels in color (98 %), 0.56
at 0.1 on the digits (96 %). Healthy networks in docs/doctor.md: at most 0.02."""

JUMP = 0.06
"""Rise of the training loss over its lowest so far, as a share of the loss before training or in the first epoch,
whichever is lower. Measured in 12 epochs: at most 0.019 with default learning rates and up to 8 hidden layers (0.030
with dropout), 0.043 with Adam at 0.01; 0.12 to 0.28 at 0.03, 0.08 to 0.14 at 0.1, 0.14 to 0.50 with SGD at 1."""

OFTEN = 0.05
"""Of the epochs, in which jumps begin beside a first one, and at least two in all. In 40 epochs a healthy network
jumps once and recovers: by 0.08 with six layers of GELU (97 % right), by 0.06 with four of ReLU in batches of 8
(97 %)."""

BLOWN_UP = 2.0
"""Mean loss of the first epoch over the loss before training: at most 1.2 in runs that reached 75 %; 2.1 and more with
SGD at 3 and with Adam at 1, which collapsed."""

HARDLY_MOVED = 0.1
"""How far all steps together can have moved the weights, in units of their size: number of steps x relative update, the
longest way by the triangle inequality. Measured: 0.03 with SGD at 0.001 and with Adam at 1e-5 (at most 38 % right);
0.2 and 0.3 with ten times that (90 and 89 %)."""

ENOUGH_MOVED = 0.2  # as measured there: so far the weights must come to learn 90 %

MOST_TIMES = 10.0  # as many epochs, to come so far; from there on it is the rate that is wrong

STILL_HIGH = 0.5  # of the loss before training; above it hardly anything was learned


def find_high_rates(model: ModelRuns) -> Iterator[Sign]:
    """BKO205: the loss jumps again and again, blows up or diverges; or a large first step, after which nothing came."""
    raw = is_unscaled(model)
    signs = {id(run): _signs_of_high_rate(run, raw=raw) for run in model.runs}
    runs = [run for run in model.runs if signs[id(run)]]
    if runs:
        yield Sign(
            code="BKO205",
            severity="warning",
            model=model.name,
            title="The learning rate is too high",
            evidence=tell_runs(runs, model, lambda run: " and ".join(signs[id(run)])),
            cause=f"with {_say_rate(model)} a step may go beyond where the gradient still points downhill"
            + ("; unscaled pixels make every step as much larger" if raw else ""),
            advice=slow_down(model),
        )


def _signs_of_high_rate(run: Run, *, raw: bool) -> list[str]:
    """What harmed the run; and what alone would be no harm, if it did or if hardly anything was learned."""
    losses = np.array(run.record.history.loss)
    before = float(run.probes.loss[0]) if run.probes else math.nan
    signs = []
    if len(losses) and math.isfinite(before) and losses[0] >= BLOWN_UP * before:
        signs.append(f"the loss was {before:.3g} before training and {losses[0]:.3g} in the first epoch")
    if run.record.status == "diverged" and not raw:
        signs.append(f"it diverged in epoch {len(losses)}")
    jumps, harmful = _jumps(losses[np.isfinite(losses)], before)
    if not (signs or harmful or _learned_little(run)):
        return []
    if run.probes and (first := _first_step(run.probes)) >= LARGE_STEP:
        signs.insert(0, f"the first step changes the weights by {first:.2g} times the size that they need")
    return signs + jumps


def _learned_little(run: Run) -> bool:
    losses = run.record.history.loss
    start = float(run.probes.loss[0]) if run.probes else math.inf
    return run.record.status in FAILURES or (bool(losses) and losses[-1] > STILL_HIGH * start)


def _first_step(probes: Probes) -> float:
    """The first update over the weights that a layer would need, the median of the layers."""
    changes = np.nan_to_num(norms_over_due_weights(probes.update, probes)[0], nan=0.0)
    return float(np.median(changes)) if len(changes) else 0.0


def _jumps(losses: np.ndarray, before: float) -> tuple[list[str], bool]:
    """The largest jump of the training loss over its lowest so far, and whether jumps recur or the last one stays."""
    if len(losses) < 2:
        return [], False
    rises = losses - np.minimum.accumulate(losses)
    above = rises >= JUMP * (min(losses[0], before) if math.isfinite(before) else losses[0])
    if not above.any():
        return [], False
    begun = int((above[1:] & ~above[:-1]).sum())
    epoch = int(rises.argmax())
    told = f"the training loss rose from {losses[:epoch].min():.3g} to {losses[epoch]:.3g} in epoch {epoch + 1}"
    told += f"; it jumped {begun} times in {len(losses)} epochs" * (begun > 1)
    return [told], bool(above[-1]) or begun >= max(2, OFTEN * len(losses) + 1)


def find_low_rates(model: ModelRuns) -> Iterator[Sign]:
    """BKO206: the weights have hardly left where they were drawn, and the loss is still high.

    Nothing is said where another fault keeps the gradient small, which larger steps would not mend: unscaled pixels, a
    clipped loss, a dead layer, or a collapse to one class that training brought about.
    """
    if is_unscaled(model):
        return
    clipped = [id(run) for run in find_clipped_runs(model)]
    runs = [
        run
        for run in model.runs
        if run.probes
        and id(run) not in clipped
        and not _is_stuck(run, run.probes)
        and _hardly_moved(run, run.probes, steps=_steps(run, model))
    ]
    if runs:
        epochs = _enough_epochs(runs, model)
        told = "too few" if epochs else "so few"
        yield Sign(
            code="BKO206",
            severity="warning",
            model=model.name,
            title="Too few steps for this learning rate" if epochs else "The learning rate is too low",
            evidence=tell_runs(
                runs, model, lambda run: _tell_moves(run, run.probes, steps=_steps(run, model)) if run.probes else ""
            ),
            cause=f"with {_say_rate(model)} and {told} steps the weights stay where they were drawn"
            + ("; the loss was still falling when training stopped" if epochs else ""),
            advice=(*([set_entry(model, "epochs", epochs)] if epochs else []), scale_learning_rate(model, 10)),
        )


def _enough_epochs(runs: Sequence[Run], model: ModelRuns) -> int:
    """How many would move the weights far enough; 0 where the loss no longer falls, or that were too many."""
    length = find_length(model)
    ways = [_steps(run, model) * float(typical_update(run.probes).mean()) for run in runs if run.probes]
    times = max(2.0, ENOUGH_MOVED / min(ways))
    falls = length is not None and length.still_improving
    return math.ceil(times * model.model.protocol.epochs) if falls and times <= MOST_TIMES else 0


def _is_stuck(run: Run, probes: Probes) -> bool:
    """Whether a layer is dead, or the run fell to one class though it named more of them before training."""
    dead = bool((probes.dead[-1, :-1] == 1).any())
    return dead or (is_one_class(run) and largest_share(probes.predicted[0])[0] < ONE_CLASS)


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

"""Dead units, and gradients that vanish or explode, from what was measured inside the layers.

Gradients and updates are compared with the weights that they change: a layer's gradient norm over its weight norm needs
no count of its parameters, since both norms grow with the square root of it, and says what a step can do to the layer
(You, Gitman and Ginsburg 2017, "Large batch training of convolutional networks", section 4, which scales each layer's
learning rate by this ratio). Normalisation layers are left out: their weights start at 1, whatever the layer.

The weights of a layer are a measure only where they matter. Tiny ones hand on next to nothing, and any step is many
times as large as they are without doing harm. So where gradients or steps are called large, a layer's norm is compared
with that of the weights it would need to hand its input on undiminished: output being linear in them, its own weights
over its gain (`hand_on`), which Glorot's and He's initialisations bring near 1.

The thresholds were set on 51 networks x 3 seeds on the 8x8 digits, 15 epochs of batches of 32: dense ones with 0 to 20
hidden layers, ReLU, tanh and sigmoid, all scalings of pixels, SGD, RMSprop and Adam with learning rates 1e-7 to 10.
They were then tried on 33 networks x 2 seeds, with a CNN and an LSTM, on 3,200 MNIST digits: with scaled pixels and a
default learning rate, no network got more than a note. All this was measured outside the engine, with dropout off. The
engine's own probes of the 21 healthy networks x 2 seeds in docs/doctor.md have these extremes: 0.28 of a layer dead at
any probe; a first over a last relative gradient of 0.39 at least, and 0.15 with a layer of sigmoid; a relative gradient
of 0.41 at most with dense networks, 0.78 with a CNN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool, Float

from bakeoff.diagnosis.pixels import is_unscaled, slow_down
from bakeoff.diagnosis.remedies import SCALED, set_entry
from bakeoff.diagnosis.signs import Sign
from bakeoff.diagnosis.symmetry import find_equal_layers
from bakeoff.diagnosis.values import ModelRuns, Run
from bakeoff.diagnosis.words import count_runs, name_run, say_range
from bakeoff.spec.probes import Probes

MOSTLY_DEAD = 0.5
"""Share of a layer, at the last probe. Measured: at most 0.31 with default learning rates and up to 8 hidden layers
(0.53 with 20), and with Adam at 0.01; 0.60 to 0.69 with Adam at 0.03, 0.91 to 0.97 at 0.1, 0.88 to 0.92 with SGD at 1,
and a whole layer with more than that, where training collapsed."""

VANISHING = 0.01
"""First layer's relative gradient over the last one's. Measured: at least 0.23 at any probe with ReLU or tanh, default
learning rates and up to 8 hidden layers; 0.036 with two layers of sigmoid; 0.0035 with four (at most 68 % right, where
the others reached 89 to 97 %); 0.0032 before training with 20 of ReLU; 3e-7 with ten of sigmoid (collapsed)."""

EXPLODING = 10.0
"""Of any layer's gradient over the weights it would need. Measured: at most 0.41 at any probe with scaled pixels and up
to 8 hidden layers, 0.78 with a CNN, 1.3 with 20 layers; up to 3 on unscaled pixels where the loss is clipped or the
first layer is of tanh, else 77."""

_RELU_LIKE = ("relu", "relu6")


def find_dead_units(model: ModelRuns) -> Iterator[Sign]:
    """BKO105: more than half of a layer's ReLU units, or all units of any hidden layer, give every image the same."""
    found = [(run, layers) for run in model.runs if run.probes and (layers := _dead_layers(run.probes))]
    if not found:
        return
    everything = any(run.probes and run.probes.dead[-1, layer] == 1 for run, layers in found for layer in layers)
    failed = any(run.record.status == "collapsed" for run, _ in found)
    yield Sign(
        code="BKO105",
        severity="error" if everything and failed else "warning",
        model=model.name,
        title="Units of a layer are dead",
        evidence=f"{count_runs([run for run, _ in found], model)}; " + _tell_worst_dead(found, model),
        cause="such units give the same output for every image and get no gradient; "
        + (
            "a whole layer is dead, so that nothing of the image reaches the output"
            if everything
            else "most often too large a step has driven their bias so low that no image switches them on"
        ),
        advice=(*slow_down(model), "activation: leaky_relu in the model"),
    )


def _dead_layers(probes: Probes) -> list[int]:
    """Hidden layers that are mostly dead at the last probe; none can be told from images that are all the same."""
    if probes.pixels[0] == probes.pixels[1]:
        return []
    return [
        layer
        for layer in range(len(probes.layers) - 1)
        if probes.dead[-1, layer] == 1 or (_is_relu(probes, layer) and probes.dead[-1, layer] > MOSTLY_DEAD)
    ]


def _is_relu(probes: Probes, layer: int) -> bool:
    return probes.activations[layer].lower() in _RELU_LIKE


def _tell_worst_dead(found: Sequence[tuple[Run, list[int]]], model: ModelRuns) -> str:
    """Of the run with the deadest layer, which share of which layer is dead, and since when."""
    run, layers = max(found, key=lambda pair: max(pair[0].probes.dead[-1, pair[1]]) if pair[0].probes else 0.0)
    if run.probes is None:
        return ""
    told = []
    for layer in layers:
        shares = run.probes.dead[:, layer]
        since = run.probes.epochs[int((shares >= min(shares[-1], MOSTLY_DEAD)).argmax())]
        told.append(
            f"{shares[-1]:.0%} of {run.probes.layers[layer]} (more than half since the probe after epoch {since})"
        )
    return f"{name_run(run, model)}, on {run.probes.images} training images: " + ", ".join(told)


def find_broken_gradients(model: ModelRuns) -> Iterator[Sign]:
    """BKO106: the first layer's gradient is lost on the way, or a gradient is many times its weights."""
    equal = bool(find_equal_layers(model.runs[0].record.layers))  # weights that are all one make a gradient cancel
    vanished = [run for run in model.runs if run.probes and not equal and _vanishes(run.probes).any()]
    exploded = [run for run in model.runs if run.probes and _explodes(run.probes).any()]
    if not vanished and not exploded:
        return
    stays = any(run.record.status != "finished" or (run.probes and _vanishes(run.probes)[-1]) for run in vanished)
    yield Sign(
        code="BKO106",
        severity="warning" if stays or exploded else "note",
        model=model.name,
        title=" and ".join(["Gradients vanish"] * bool(vanished) + ["Gradients explode"] * bool(exploded)),
        evidence="; ".join(
            ([_tell_vanishing(vanished, model)] if vanished else [])
            + ([_tell_exploding(exploded, model)] if exploded else [])
        ),
        cause="; ".join(
            ["each layer passes on a small part of the gradient only (deep, or sigmoid)"] * bool(vanished)
            + [_cause_of_explosion(model)] * bool(exploded)
        ),
        advice=("batch_normalization: true in the model", "activation: relu in the model", "fewer layers")
        * bool(vanished)
        + (set_entry(model, *SCALED) if is_unscaled(model) else "smaller initial weights",) * bool(exploded),
    )


def _cause_of_explosion(model: ModelRuns) -> str:
    if is_unscaled(model):
        return "the first layer sees unscaled pixels, and every number after it is as much too large"
    return "the layers enlarge what passes through them: initial weights too large for this depth"


def relative_norms(
    norms: Float[np.ndarray, "probes layers"], probes: Probes
) -> Float[np.ndarray, "probes weighted_layers"]:
    """Norms over those of the weights, of the layers that have weights and do not normalise.

    Args:
        norms: `probes.gradient` or `probes.update`.
        probes: Where they come from.

    Returns:
        At least 0; NaN where all weights of a layer are 0.
    """
    kept = _weighted(probes)
    weight = probes.weight[:, kept]
    relative = np.full(weight.shape, np.nan)
    np.divide(norms[:, kept], weight, out=relative, where=weight > 0)
    return relative


def norms_over_due_weights(
    norms: Float[np.ndarray, "probes layers"], probes: Probes
) -> Float[np.ndarray, "probes weighted_layers"]:
    """Norms over those of the weights that a layer would need to hand its input on undiminished.

    Args:
        norms: `probes.gradient` or `probes.update`.
        probes: Where they come from.

    Returns:
        `relative_norms` times the layers' gains, as far as these are below 1.
    """
    return np.array(relative_norms(norms, probes) * np.minimum(hand_on(probes)[:, _weighted(probes)], 1.0))


def hand_on(probes: Probes) -> Float[np.ndarray, "probes layers"]:
    """Each layer's gain: root mean square of its output over that of its input; 1 where nothing comes in.

    The input is what the layer before puts out; pooling or dropout between them is passed over.
    """
    pixels = np.full((len(probes.scale), 1), np.hypot(probes.pixels[2], probes.pixels[3]))
    incoming = np.concatenate([pixels, probes.scale[:, :-1]], axis=1)  # (probes, layers)
    known = (incoming > 0) & np.isfinite(incoming) & np.isfinite(probes.scale)
    gain = np.ones_like(incoming)
    np.divide(probes.scale, incoming, out=gain, where=known)
    return gain


def _weighted(probes: Probes) -> list[int]:
    """Layers that have weights and do not normalise."""
    return [
        layer
        for layer, kind in enumerate(probes.kinds)
        if np.isfinite(probes.weight[0, layer]) and not kind.endswith("Normalization")
    ]


def _first_to_last(probes: Probes) -> Float[np.ndarray, " probes"]:
    """The first layer's relative gradient over the last one's; NaN where there is none or a dead layer explains it."""
    relative = relative_norms(probes.gradient, probes)
    ratio = np.full(len(relative), np.nan)
    if relative.shape[1] < 2:
        return ratio
    alive = ~(probes.dead[:, :-1] == 1).any(axis=1) & (relative[:, -1] > 0) & np.isfinite(relative).all(axis=1)
    np.divide(relative[:, 0], relative[:, -1], out=ratio, where=alive)
    return ratio


def _vanishes(probes: Probes) -> Bool[np.ndarray, " probes"]:
    return np.array(_first_to_last(probes) < VANISHING)


def _explodes(probes: Probes) -> Bool[np.ndarray, " probes"]:
    gradients = norms_over_due_weights(probes.gradient, probes)
    return np.array((gradients > EXPLODING).any(axis=1))  # an infinite one too


def _tell_vanishing(runs: Sequence[Run], model: ModelRuns) -> str:
    first = [ratio for run in runs if run.probes for ratio in _first_to_last(run.probes)[:1] if np.isfinite(ratio)]
    last = [ratio for run in runs if run.probes for ratio in _first_to_last(run.probes)[-1:] if np.isfinite(ratio)]
    told = [f"{say_range(first, '.2g')} before training"] if first else []
    told += [f"{say_range(last, '.2g')} at the last probe"] if last else []
    return (
        f"{count_runs(runs, model)}: gradient over weights of the first layer, as a multiple of that of the last: "
        + ", ".join(told)
    )


def _tell_exploding(runs: Sequence[Run], model: ModelRuns) -> str:
    largest = [float(np.nanmax(norms_over_due_weights(run.probes.gradient, run.probes))) for run in runs if run.probes]
    return f"{count_runs(runs, model)}: a layer's gradient is up to {say_range(largest, '.2g')} times its weights"

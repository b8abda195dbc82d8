"""Looks inside a network while it is trained: what its layers put out, and what the next step would change.

A probe is one compiled call on a fixed sample of the training images. It runs them as training does, in batches of the
same size, so that batch normalisation sees what it sees in training and no more memory is needed. It changes nothing,
neither weights nor moving statistics nor random generators: a run with probes is that without, to the bit.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from bakeoff.models import backend as backend  # isort: skip  # before keras
import jax
import jax.numpy as jnp
import keras
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from bakeoff.engine.program import Images, Labels, Program, State, take
from bakeoff.spec.probes import CLIPPED as CLIPPED
from bakeoff.spec.probes import Probes

SAMPLE = 128  # images at most

# A unit is dead if its output varies by no more than this share of its largest value. Equal rows of a matrix give rows
# of its product that are not quite equal, for blocks at the edge are summed in another order: up to 1.6e-7 apart, in
# 4 of 462 shapes with XLA on a CPU. And where a tanh or a sigmoid is 1 but for its last digits, nothing passes either.
ROUNDING = 1e-6
# Or by no more than this, for functions that come near 0 and never reach it: a sigmoid below it has an input below -27.
NOTHING = 1e-12

_ACTIVATIONS = (
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.ELU,
    keras.layers.PReLU,
    keras.layers.Softmax,
)


class Reading(NamedTuple):
    """One row of every measurement; what they mean stands in `Probes`."""

    dead: Float[np.ndarray, " layers"]
    scale: Float[np.ndarray, " layers"]
    gradient: Float[np.ndarray, " layers"]
    weight: Float[np.ndarray, " layers"]
    update: Float[np.ndarray, " layers"]
    saturated: float
    clipped: float
    predicted: Int[np.ndarray, " classes"]
    loss: float
    accuracy: float
    pixels: Float[np.ndarray, " 4"]


class _Batch(NamedTuple):
    """What a batch shows; all batches together have one more axis, the first.

    Attributes:
        logits: Of each image.
        labels: Their classes.
        loss: Its mean.
        seen: What the first layer saw.
        outputs: What each layer put out, condensed.
    """

    logits: Any
    labels: Any
    loss: Any
    seen: Any
    outputs: list[tuple[Any, ...]]


class _Weights(NamedTuple):
    """Arrays in the order of the network's trainable variables."""

    gradient: list[Any]
    weight: list[Any]
    moved: list[Any]


class Probe:
    """The compiled probe of a program, shared by all of its runs; final.

    Attributes:
        layers: Name of each probed layer: its class and a number, whatever else was built in this process.
        kinds: Keras class of each.
        activations: Name of each one's activation; `linear` where it has none.
    """

    def __init__(self, program: Program) -> None:
        """Find the layers to look at; nothing is compiled before the first measurement.

        Args:
            program: Its network, optimiser and loss are probed.
        """
        network = program.network
        probed = [layer for layer in network.layers if layer.weights or isinstance(layer, _ACTIVATIONS)]
        self.kinds = tuple(type(layer).__name__ for layer in probed)
        self.layers = _number(self.kinds)
        self.activations = tuple(map(_activation, probed))
        self._program = program
        watched = [probed[0].input, *(layer.output for layer in probed)]
        self._watched = keras.Model(network.inputs, [keras.tree.flatten(tensors)[0] for tensors in watched])
        self._places = _places(probed, network.trainable_variables)
        self._cotangents = [(1.0, 0.0), (1.0, 1.0)] if _is_penalised(network) else [(1.0, 0.0)]

    def measure(
        self, state: State, images: Images, labels: Labels, *, sample: Int[np.ndarray, " sample"]
    ) -> tuple[Reading, float]:
        """Measure a state, which stays as it is.

        Args:
            state: Of the program's architecture.
            images: All images that `sample` may name, as bytes.
            labels: Their classes.
            sample: From `choose_sample`.

        Returns:
            One row of every measurement, and the seconds that it took without compiling.
        """
        arguments = (state, images, labels, jnp.asarray(sample, dtype=jnp.int32))
        probe = self._program.compiled(self._probe, arguments, runs_seldom=True)
        start = time.perf_counter()
        reading = _read(*jax.device_get(probe(*arguments)), places=self._places)
        return reading, time.perf_counter() - start

    def _probe(
        self, state: State, images: Images, labels: Labels, sample: Int[Array, " sample"]
    ) -> tuple[_Batch, _Weights]:
        """What all batches show, and what they would change."""

        def add(sums: list[Any], indices: Int[Array, " batch"]) -> tuple[list[Any], _Batch]:
            gradients, batch = self._probe_batch(state, take(images, indices), take(labels, indices))
            return jax.tree.map(jnp.add, sums, gradients), batch

        batches = sample.reshape(-1, min(self._program.batch_size, len(sample)))  # (batches, batch)
        zeros = jax.tree.map(jnp.zeros_like, [state.trainable for _ in self._cotangents])
        sums, shown = jax.lax.scan(add, zeros, batches)
        of_loss, of_all = (jax.tree.map(lambda total: total / len(batches), sums[chosen]) for chosen in (0, -1))
        moved, _ = self._program.optimizer.stateless_apply(state.optimizer, of_all, state.trainable)
        return shown, _Weights(of_loss, state.trainable, moved)

    def _probe_batch(self, state: State, images: Images, labels: Labels) -> tuple[list[Any], _Batch]:
        """Gradients of the loss and, where there are penalties, of the loss with them; and what the batch shows."""

        def objective(trainable: list[Array]) -> tuple[tuple[Array, Array], _Batch]:
            (seen, *outputs), _, penalties = self._program.forward(
                self._watched, trainable, state.non_trainable, images, training=True
            )
            loss = self._program.batch_loss(outputs[-1], labels)
            batch = _Batch(outputs[-1], labels, loss, seen, [_condense(values) for values in outputs])
            return (loss, jnp.asarray(sum(penalties), dtype=loss.dtype)), batch

        values, pull_back, batch = jax.vjp(objective, state.trainable, has_aux=True)
        cotangents = [tuple(map(jnp.full_like, values, parts)) for parts in self._cotangents]
        return [pull_back(cotangent)[0] for cotangent in cotangents], batch


class Probing:
    """The probes of one run; final.

    Attributes:
        seconds: Spent so far, without compiling.
    """

    def __init__(self, probe: Probe | None, images: Images, labels: Labels, sample: Int[np.ndarray, " sample"]) -> None:
        """Prepare for a run.

        Args:
            probe: Of its program; without one, nothing is measured.
            images: All training images.
            labels: Their classes.
            sample: From `choose_sample`.
        """
        self.seconds = 0.0
        self._probe, self._images, self._labels, self._sample = probe, images, labels, sample
        self._readings: dict[int, Reading] = {}

    def take(self, state: State, *, epoch: int) -> None:
        """Measure a state, unless that has been done after this epoch."""
        if self._probe is not None and epoch not in self._readings:
            reading, seconds = self._probe.measure(state, self._images, self._labels, sample=self._sample)
            self._readings[epoch] = reading
            self.seconds += seconds

    @property
    def probes(self) -> Probes | None:
        """What was measured, None if nothing was."""
        if self._probe is None or not self._readings:
            return None
        rows = zip(*self._readings.values(), strict=True)
        columns = {name: np.stack(row) for name, row in zip(Reading._fields, rows, strict=True)}
        return Probes(
            epochs=np.array(list(self._readings)),
            layers=self._probe.layers,
            kinds=self._probe.kinds,
            activations=self._probe.activations,
            images=len(self._sample),
            **{**columns, "pixels": columns["pixels"][0]},
        )


def is_due(epoch: int) -> bool:
    """Whether a probe is taken after this epoch, 0 being before training.

    >>> [epoch for epoch in range(20) if is_due(epoch)]
    [0, 1, 2, 4, 8, 16]
    """
    return epoch & (epoch - 1) == 0


def choose_sample(
    train: Int[np.ndarray, " train_examples"], *, batch_size: int, fold: int
) -> Int[np.ndarray, " sample"]:
    """Choose the training images that are probed, the same for all seeds of a fold.

    Args:
        train: Indices of the images that a run trains on, at least one.
        batch_size: Of the training: a sample larger than that is whole batches.
        fold: From 0.

    Returns:
        At most 128 of the indices.

    >>> [len(choose_sample(np.arange(300), batch_size=size, fold=0)) for size in (1, 100, 500)]
    [128, 100, 128]
    """
    size = min(SAMPLE, len(train))
    if size > batch_size:
        size -= size % batch_size
    return np.random.default_rng([fold]).choice(train, size, replace=False)


def _number(kinds: Sequence[str]) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    names = []
    for kind in kinds:
        counts[kind] += 1
        names.append(f"{_snake_case(kind)}_{counts[kind]}")
    return tuple(names)


def _activation(layer: keras.layers.Layer) -> str:
    function = getattr(layer, "activation", None)
    if function is not None:
        return getattr(function, "__name__", None) or _snake_case(type(function).__name__)
    return _snake_case(type(layer).__name__) if isinstance(layer, _ACTIVATIONS) else "linear"


def _snake_case(name: str) -> str:
    """As Keras writes its names: BatchNormalization is batch_normalization, Conv2D conv2d, LeakyReLU leaky_relu."""
    return re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name).lower()


def _places(layers: Sequence[keras.layers.Layer], variables: Sequence[Any]) -> list[list[int]]:
    """Where each layer's trainable weights stand among the network's."""
    place = {id(variable): index for index, variable in enumerate(variables)}
    return [[place[id(variable)] for variable in layer.trainable_variables] for layer in layers]


def _is_penalised(network: keras.Model) -> bool:
    on_weights = any(getattr(variable, "regularizer", None) for variable in network.trainable_variables)
    return on_weights or any(layer.activity_regularizer for layer in network.layers)


def _condense(values: Array) -> tuple[Array, ...]:
    """Of each image and unit: the values as they are, or the extremes and the root mean square over all places.

    The rest is left to NumPy: compiling a sum takes longer than all of its probes.
    """
    values = values.astype(jnp.float32)
    if values.ndim == 2:
        return (values,)
    values = values.reshape(len(values), -1, values.shape[-1])  # (batch, places, units)
    return values.min(axis=1), values.max(axis=1), jnp.sqrt(jnp.square(values).mean(axis=1))


@np.errstate(invalid="ignore", over="ignore")  # a diverged network is measured as well
def _read(batches: _Batch, weights: _Weights, *, places: list[list[int]]) -> Reading:
    labels, logits = batches.labels.ravel(), _joined(batches.logits)
    predicted = logits.argmax(axis=1)
    saturated, clipped = _shares(logits, labels)
    outputs = [[_joined(values) for values in parts] for parts in batches.outputs]
    update = [moved.astype(np.float64) - weight for moved, weight in zip(weights.moved, weights.weight, strict=True)]
    return Reading(
        dead=np.array([_dead(parts) for parts in outputs]),
        scale=np.array([np.sqrt(np.square(parts[-1]).mean()) for parts in outputs]),
        gradient=_norms(weights.gradient, places),
        weight=_norms(weights.weight, places),
        update=_norms(update, places),
        saturated=saturated,
        clipped=clipped,
        predicted=np.bincount(predicted, minlength=logits.shape[1]),
        loss=float(batches.loss.mean(dtype=np.float64)),
        accuracy=float((predicted == labels).mean()),
        pixels=_describe(_joined(batches.seen)),
    )


def _joined(values: Shaped[np.ndarray, "batches batch ..."]) -> Float[np.ndarray, "sample ..."]:
    """All batches in one, in a precision whose squares neither overflow nor vanish."""
    return values.reshape(-1, *values.shape[2:]).astype(np.float64)


def _dead(parts: Sequence[Float[np.ndarray, "sample units"]]) -> float:
    """Share of units that are the same everywhere, up to rounding; NaN for a network that diverged."""
    low, high = (parts[0], parts[0]) if len(parts) == 1 else parts[:2]
    low, high = low.min(axis=0), high.max(axis=0)
    if not np.isfinite([low, high]).all():
        return np.nan
    largest = np.maximum(np.abs(low), np.abs(high))
    return float((high - low <= np.maximum(ROUNDING * largest, NOTHING)).mean())


def _norms(arrays: Sequence[np.ndarray], places: list[list[int]]) -> Float[np.ndarray, " layers"]:
    """Euclidean norm of each layer's arrays, NaN for a layer without."""
    squares = [np.square(array, dtype=np.float64).sum() for array in arrays]
    return np.array([np.sqrt(sum(squares[place] for place in own)) if own else np.nan for own in places])


def _describe(seen: Float[np.ndarray, "sample ..."]) -> Float[np.ndarray, " 4"]:
    return np.array([seen.min(), seen.max(), seen.mean(), seen.std()])


def _shares(logits: Float[np.ndarray, "sample classes"], labels: Int[np.ndarray, " sample"]) -> tuple[float, float]:
    """Shares of images with a saturated softmax, and with a clipped true class; NaN for a network that diverged."""
    if not np.isfinite(logits).all():
        return np.nan, np.nan
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    true = probabilities[np.arange(len(labels)), labels]
    return float((probabilities.max(axis=1) >= 1 - CLIPPED).mean()), float((true <= CLIPPED).mean())

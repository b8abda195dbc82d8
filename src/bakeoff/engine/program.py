"""One epoch as one compiled program.

A `lax.scan` over mini-batches of a stateless Keras call: images stay on the device as uint8 and are scaled inside the
program, so an epoch costs one call from Python. A program belongs to an architecture, a protocol and the shapes of the
data; all seeds and folds of a model share it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bakeoff.models import network as networks  # isort: skip  # chooses the backend
import jax
import jax.numpy as jnp
import keras
import numpy as np
from jaxtyping import Array, Float, Int, UInt8

from bakeoff.data.pixels import PixelScaling
from bakeoff.engine.gemm import lower_to_matmul
from bakeoff.engine.objective import make_batch_loss
from bakeoff.spec.named import Named
from bakeoff.spec.protocol import Protocol

BLOCK = 1000  # images that are judged by one call, so that sets of all sizes share what was compiled
BATCH_ON_CPU = 20  # of them at a time: a CNN's patches stay in the cache; dense and LSTM do not care

# Without LLVM's optimisation and XLA's newer way to write fused loops: compiles five times faster, runs slower.
_HASTE: dict[str, str | bool] = {"xla_backend_optimization_level": "0", "xla_cpu_use_fusion_emitters": False}

_shared: dict[tuple[Any, ...], Callable[..., Any]] = {}  # compiled for several programs of this process

Images = UInt8[Array, "examples height width channels"]
Labels = Int[Array, " examples"]


class State(NamedTuple):
    """Everything that training changes.

    Attributes:
        trainable: Weights that the optimiser updates, in Keras's order.
        non_trainable: Moving statistics, and the states of the random generators of dropout layers.
        optimizer: Variables of the optimiser, its step count among them.
    """

    trainable: list[Array]
    non_trainable: list[Array]
    optimizer: list[Array]


class Scores(NamedTuple):
    """Means over images.

    Attributes:
        loss: The study's loss, without regularisation penalties; not finite once training diverged.
        accuracy: Fraction classified correctly, in [0, 1]: exactly hits / images.
    """

    loss: float
    accuracy: float


class EpochScores(NamedTuple):
    """Means over an epoch, each batch measured before its update.

    Attributes:
        loss: As in `Scores`.
        accuracy: As in `Scores`.
        diverged_step: The first step, from 1, whose batch had a loss that is not finite; 0 if there is none.
    """

    loss: float
    accuracy: float
    diverged_step: int = 0


@dataclass(frozen=True)
class Architecture:
    """What is trained, on images of which shape, and how its pixels are scaled.

    Attributes:
        layers: The stack from the first layer to the softmax.
        image_shape: (height, width, channels), in pixels.
        classes: Number of classes.
        scaling: From bytes to the numbers that the first layer sees.
    """

    layers: tuple[Named, ...]
    image_shape: tuple[int, int, int]
    classes: int
    scaling: PixelScaling


class Program:
    """The compiled training and evaluation of one architecture under one protocol; final.

    Attributes:
        architecture: What is trained.
        batch_size: Images per step of the optimiser.
        network: From scaled pixels to probabilities; its weights do not matter, those of a `State` do.
        optimizer: Built for the network.
        batch_loss: From logits and labels to the mean loss.
        compile_seconds: Spent compiling so far; never part of an epoch's seconds.
    """

    def __init__(self, architecture: Architecture, protocol: Protocol) -> None:
        """Build the network and the optimiser; nothing is compiled before the first epoch.

        Args:
            architecture: What is trained.
            protocol: Its batch size, optimiser and loss are used.

        Raises:
            StudyError: A layer, the optimiser or the loss is unknown or does not fit.
        """
        self.architecture = architecture
        self.compile_seconds = 0.0
        self.batch_size = protocol.batch_size
        self.network = self.new_network(seed=0)
        self.optimizer = networks.build_optimizer(protocol.optimizer)
        self.optimizer.build(self.network.trainable_variables)
        self._initial_optimizer = [np.asarray(variable) for variable in self.optimizer.variables]
        self.batch_loss = make_batch_loss(protocol.loss, classes=architecture.classes)
        self._loss = repr(protocol.loss)
        self._executables: dict[tuple[Any, ...], Callable[..., Any]] = {}

    @property
    def parameters(self) -> int:
        """Number of weights, those that training does not change included."""
        return int(self.network.count_params())

    def new_network(self, *, seed: int) -> keras.Model:
        """A Keras network, from scaled pixels to probabilities, with weights drawn from this seed (at least 0)."""
        shape = self.architecture
        return networks.build_network(shape.layers, shape.image_shape, classes=shape.classes, seed=seed)

    def initial_state(self, *, seed: int, optimizer: Named | None = None) -> State:
        """The state before the first epoch.

        Args:
            seed: At least 0; decides weights and dropout.
            optimizer: Its learning rate takes the place of the program's, from which it differs in nothing else.
        """
        network = self.new_network(seed=seed)
        rate = self.optimizer.learning_rate
        changed = rate if optimizer is None else networks.build_optimizer(optimizer).learning_rate
        variables = zip(self.optimizer.variables, self._initial_optimizer, strict=True)
        return State(
            trainable=[jnp.array(variable) for variable in network.trainable_variables],
            non_trainable=[jnp.array(variable) for variable in network.non_trainable_variables],
            optimizer=[jnp.array(changed if variable is rate else values) for variable, values in variables],
        )

    def train_epoch(
        self, state: State, images: Images, labels: Labels, *, order: Int[np.ndarray, " batch_examples"]
    ) -> tuple[State, EpochScores]:
        """Train on the images named by `order`, in this order; the last batch may be short.

        Args:
            state: Consumed: its arrays must not be used afterwards.
            images: All images that `order` may name, as bytes.
            labels: Their classes.
            order: Indices into `images`, at least one; not checked.

        Returns:
            The new state, and the means over the epoch.
        """
        arguments = (state, images, labels, jnp.asarray(order, dtype=jnp.int32))
        state, loss, hits, losses = self.compiled(self.traced_epoch, arguments, consumes_first=True)(*arguments)
        return state, score_epoch(float(loss), int(hits), losses, images=len(order))

    def evaluate(
        self, state: State, images: Images, labels: Labels
    ) -> tuple[Scores, Float[np.ndarray, "examples classes"]]:
        """Judge a state without changing it.

        Args:
            state: Of this architecture.
            images: As bytes, at least one.
            labels: Their classes.

        Returns:
            Mean loss and accuracy, and each image's class probabilities.
        """
        scored = (self._logits(state, images), labels)
        loss, hits, probabilities = self.compiled(self._score, scored, shared_by=self._loss)(*scored)
        return Scores(float(loss), int(hits) / len(images)), np.asarray(probabilities)

    def load_state(self, state: State, *, network: keras.Model) -> None:
        """Write a state's weights into a network of this architecture, so that Keras can save it."""
        for variables, values in (
            (network.trainable_variables, state.trainable),
            (network.non_trainable_variables, state.non_trainable),
        ):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)

    def compiled(
        self,
        function: Callable[..., Any],
        arguments: Sequence[Any],
        *,
        consumes_first: bool = False,
        runs_seldom: bool = False,
        shared_by: str = "",
    ) -> Callable[..., Any]:
        """The executable of a function for arguments of these shapes, compiled at first use.

        Args:
            function: To be traced by JAX; of two with the same name, this program compiles the first only.
            arguments: To compile for.
            consumes_first: Whether the first argument must not be used afterwards.
            runs_seldom: Whether compiling it well takes longer than that saves.
            shared_by: Names the programs of this process that share the executable; only this one if empty.
        """
        executables = _shared if shared_by else self._executables
        key = (shared_by, function.__name__, *((leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(arguments)))
        if key not in executables:
            start = time.perf_counter()
            jitted = jax.jit(function, donate_argnums=(0,) if consumes_first else ())
            hastily = runs_seldom and jax.default_backend() == "cpu"
            executables[key] = jitted.lower(*arguments).compile(compiler_options=_HASTE if hastily else None)
            self.compile_seconds += time.perf_counter() - start
        return executables[key]

    def forward(
        self,
        network: keras.Model,
        trainable: list[Array],
        non_trainable: list[Array],
        images: Images,
        *,
        training: bool,
    ) -> tuple[Any, list[Array], list[Array]]:
        """Run a network over this program's layers, to be traced by JAX.

        Args:
            network: This program's own, or another over the same layers.
            trainable: As in `State`.
            non_trainable: As in `State`.
            images: As bytes; they are scaled here.
            training: Whether dropout drops, and batch normalisation takes the statistics of these images.

        Returns:
            What the network puts out, with logits in place of the last layer's softmax; the new non-trainable state;
            the regularisation penalties.
        """

        def run(trainable: list[Array], non_trainable: list[Array], scaled: Array) -> Any:
            with networks.pre_softmax(self.network):
                return network.stateless_call(trainable, non_trainable, scaled, training=training, return_losses=True)

        on_cpu = jax.default_backend() == "cpu"
        lowered = lower_to_matmul(run) if on_cpu else run
        outputs, non_trainable, penalties = lowered(trainable, non_trainable, self.architecture.scaling(images))
        return outputs, non_trainable, penalties

    def traced_epoch(
        self, state: State, images: Images, labels: Labels, order: Int[Array, " batch_examples"]
    ) -> tuple[State, Array, Array, Array]:
        """One epoch, to be traced by JAX: arguments as of `train_epoch`.

        Returns:
            The new state, the mean loss, the number of correct images, and each batch's summed loss.
        """
        whole = len(order) // self.batch_size * self.batch_size

        def step(state: State, indices: Int[Array, " batch"]) -> tuple[State, tuple[Array, Array]]:
            return self._train_batch(state, take(images, indices), take(labels, indices))

        batches = order[:whole].reshape(-1, self.batch_size)  # (batches, batch)
        state, (losses, correct) = jax.lax.scan(step, state, batches)
        loss, hits = losses.sum(), correct.sum()
        if whole < len(order):
            state, (last_loss, last_correct) = step(state, order[whole:])
            loss, hits, losses = loss + last_loss, hits + last_correct, jnp.append(losses, last_loss)
        return state, loss / len(order), hits, losses

    def _train_batch(self, state: State, images: Images, labels: Labels) -> tuple[State, tuple[Array, Array]]:
        """One update; also the batch's summed loss and its number of correct images before the update."""

        def objective(trainable: list[Array]) -> tuple[Array, tuple[Array, list[Array], Array]]:
            logits, non_trainable, penalties = self.forward(
                self.network, trainable, state.non_trainable, images, training=True
            )
            loss = self.batch_loss(logits, labels)
            return loss + sum(penalties), (logits, non_trainable, loss)

        gradients, (logits, non_trainable, loss) = jax.grad(objective, has_aux=True)(state.trainable)
        trainable, optimizer = self.optimizer.stateless_apply(state.optimizer, gradients, state.trainable)
        correct = (logits.argmax(axis=1) == labels).sum()
        return State(trainable, non_trainable, optimizer), (loss * len(labels), correct)

    def _logits(self, state: State, images: Images) -> Float[np.ndarray, "examples classes"]:
        """Of all images, block by block."""
        logits = []
        for start in range(0, len(images), BLOCK):
            place = (images, np.int32(start))
            block = self.compiled(_block, place, shared_by="all programs")(*place)
            count = min(BLOCK, len(images) - start)
            arguments = (state.trainable, state.non_trainable, block, np.int32(count))
            logits.append(np.asarray(self.compiled(self._block_logits, arguments)(*arguments))[:count])
        return np.concatenate(logits)

    def _block_logits(
        self, trainable: list[Array], non_trainable: list[Array], block: Images, count: Int[Array, ""]
    ) -> Float[Array, "block classes"]:
        """Of the first `count` images; what stands in the other rows means nothing."""
        size = BATCH_ON_CPU if jax.default_backend() == "cpu" else BLOCK
        batches = block.reshape(-1, size, *block.shape[1:])  # (batches, batch, height, width, channels)

        def add(place: Int[Array, ""], logits: Array) -> Array:
            batch_logits, _, _ = self.forward(self.network, trainable, non_trainable, batches[place], training=False)
            return logits.at[place].set(batch_logits)

        empty = jnp.zeros((len(batches), size, self.architecture.classes))
        logits: Array = jax.lax.fori_loop(0, (count + size - 1) // size, add, empty)
        return logits.reshape(len(block), -1)

    def _score(
        self, logits: Float[Array, "examples classes"], labels: Labels
    ) -> tuple[Float[Array, ""], Int[Array, ""], Float[Array, "examples classes"]]:
        return self.batch_loss(logits, labels), (logits.argmax(axis=1) == labels).sum(), jax.nn.softmax(logits)


def take(array: Array, indices: Int[Array, " batch"]) -> Array:
    """Rows of an array by indices that are known to be in it, inside a compiled function."""
    return array.at[indices].get(mode="promise_in_bounds")


def score_epoch(loss: float, hits: int, losses: Float[Array | np.ndarray, " batches"], *, images: int) -> EpochScores:
    """What `Program.traced_epoch` tells of an epoch on so many images."""
    step = 0 if math.isfinite(loss) else _first_not_finite(np.asarray(losses))
    return EpochScores(loss, hits / images, step)


def _first_not_finite(losses: Float[np.ndarray, " batches"]) -> int:
    """The first step, from 1, with such a loss; 0 where only their sum is too large for a float."""
    steps = np.flatnonzero(~np.isfinite(losses))
    return int(steps[0]) + 1 if len(steps) else 0


def _block(images: Images, start: Int[Array, ""]) -> UInt8[Array, "block height width channels"]:
    """A block of images from `start` on, filled up with the last image where there are fewer left."""
    return jnp.take(images, start + jnp.arange(BLOCK), axis=0, mode="clip")

"""Several networks of one program trained as one: small networks leave an accelerator waiting for its next kernel.

`vmap` over the states and over the orders of the images makes each kernel do the work of all; the images lie on the
device once. What is mapped is the program's own epoch. Replicas may differ in all that a `State` holds: weights,
dropout, and the learning rate. Their numbers are those of plain training up to rounding: matrix products of several
networks sum in another order. How far that goes stands in docs/engine.md and is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bakeoff.models import network as networks  # isort: skip  # chooses the backend
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int

from bakeoff.engine.program import EpochScores, Images, Labels, Program, State, score_epoch
from bakeoff.spec.named import Named

USABLE = 0.75
"""Share of the free memory that replicas may take: evaluation, probes and fragments need some as well."""


@dataclass(frozen=True)
class Start:
    """How a network begins.

    Attributes:
        seed: At least 0; decides weights and dropout.
        optimizer: The program's own, or one that differs in nothing but its learning rate; None is the program's own.
    """

    seed: int
    optimizer: Named | None = None


class Replicas:
    """The states of several networks while they are trained together; of a single one, by the plain program."""

    def __init__(self, program: Program, starts: Sequence[Start]) -> None:
        """Draw the networks.

        Args:
            program: Trains them all.
            starts: One for each, at least one.
        """
        self._program, self._count = program, len(starts)
        drawn = (program.initial_state(seed=start.seed, optimizer=start.optimizer) for start in starts)
        self._states = next(drawn) if self._count == 1 else _stack([jax.device_get(state) for state in drawn])

    def train_epoch(
        self, images: Images, labels: Labels, *, orders: Int[np.ndarray, "replicas batch_examples"]
    ) -> list[EpochScores]:
        """Train every network on the images that its order names; see `Program.train_epoch`."""
        program = self._program
        if self._count == 1:
            self._states, scores = program.train_epoch(self._states, images, labels, order=orders[0])
            return [scores]
        arguments = (self._states, images, labels, jnp.asarray(orders, dtype=jnp.int32))
        epochs = program.compiled(_map_epoch(program), arguments, consumes_first=True)
        self._states, *outcome = epochs(*arguments)
        rows = zip(*map(np.asarray, outcome), strict=True)
        return [score_epoch(float(loss), int(hits), losses, images=orders.shape[1]) for loss, hits, losses in rows]

    def __getitem__(self, place: int) -> State:
        """The state of one network, not to be used after the next epoch."""
        if self._count == 1:
            return self._states
        arguments = (self._states, np.int32(place))
        picked: State = self._program.compiled(_pick_state, arguments)(*arguments)
        return picked


def measure_replicas(program: Program, images: Images, labels: Labels, *, examples: int, most: int) -> int:
    """How many networks of a program fit on the device together, from what compiling for one and for two says.

    Args:
        program: To be trained.
        images: All training images, on the device.
        labels: Their classes.
        examples: Number of images that an epoch sees.
        most: So many are wanted.

    Returns:
        Between 1 and `most`; 1 on a device that does not tell its memory, as a CPU, where replicas gain little.
    """
    statistics = jax.local_devices()[0].memory_stats()
    if most == 1 or not statistics or "bytes_limit" not in statistics:
        return 1
    one, two = (_replica_bytes(program, images, labels, examples=examples, count=count) for count in (1, 2))
    free = statistics["bytes_limit"] - statistics["bytes_in_use"]
    return min(most, count_fitting(free_bytes=free, one_bytes=one, two_bytes=two))


def count_fitting(*, free_bytes: int, one_bytes: int, two_bytes: int) -> int:
    """How many replicas fit into memory, each more of which takes what the second takes; at least 1.

    Args:
        free_bytes: What the device has left.
        one_bytes: What one replica needs beside the images.
        two_bytes: What two need.

    >>> count_fitting(free_bytes=1000, one_bytes=150, two_bytes=250)  # 750 usable: 150 + 6 * 100
    7
    >>> count_fitting(free_bytes=100, one_bytes=150, two_bytes=250)
    1
    """
    each = max(1, two_bytes - one_bytes)
    return max(1, 1 + (int(USABLE * free_bytes) - one_bytes) // each)


def _replica_bytes(program: Program, images: Images, labels: Labels, *, examples: int, count: int) -> int:
    """What an epoch of so many replicas takes on the device, without the images, which lie there anyway."""
    network = program.network
    variables = State(network.trainable_variables, network.non_trainable_variables, program.optimizer.variables)
    states = jax.tree.map(lambda variable: _shape((count, *variable.shape), variable.dtype), variables)
    orders = _shape((count, examples), jnp.int32)
    compiled: Any = program.compiled(_map_epoch(program), (states, images, labels, orders), consumes_first=True)
    memory = compiled.memory_analysis()
    new_bytes = memory.output_size_in_bytes - memory.alias_size_in_bytes + memory.temp_size_in_bytes
    return int(memory.argument_size_in_bytes - images.nbytes - labels.nbytes + new_bytes)


def _shape(shape: tuple[int, ...], dtype: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, dtype)  # type: ignore[no-untyped-call]  # JAX has no types there


def _map_epoch(program: Program) -> Callable[..., Any]:
    def train_replicas(
        states: State, images: Images, labels: Labels, orders: Int[Array, "replicas batch_examples"]
    ) -> tuple[State, Array, Array, Array]:
        with networks.without_cudnn(program.network):
            mapped = jax.vmap(program.traced_epoch, in_axes=(0, None, None, 0))
            trained: tuple[State, Array, Array, Array] = mapped(states, images, labels, orders)
            return trained

    return train_replicas


def _stack(states: Sequence[State]) -> State:
    """States on the host as one on the device, with an axis of replicas in front."""
    stacked: State = jax.tree.map(lambda *leaves: jnp.array(np.stack(leaves)), *states)
    return stacked


def _pick_state(states: State, place: Int[Array, ""]) -> State:
    picked: State = jax.tree.map(lambda leaf: leaf[place], states)
    return picked

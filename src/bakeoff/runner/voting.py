"""Inside a worker: networks that stay loaded and compiled, to be shown one picture after another.

All networks of a model are one program (`vmap` over their weights), and all models are started before the first is
waited for: with 20 small networks the time goes into starting programs and waiting, not into arithmetic. The answers
are those of `predict` up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bakeoff.models import backend as backend  # isort: skip  # before jax
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt8

from bakeoff.engine.program import Architecture, Program
from bakeoff.errors import StoreError
from bakeoff.runner.predicting import read_state
from bakeoff.runner.voters import Voter

MOST_NETWORKS = 2000
"""So many stay loaded."""

Answers = Float[np.ndarray, "networks examples classes"]
_Weights = list[Array]
_Asked = Callable[[UInt8[Array, "examples height width channels"]], Float[Array, "networks examples classes"]]

_loaded: dict[tuple[str, ...], _Asked] = {}


def vote(voters: Sequence[Voter], images: UInt8[np.ndarray, "examples height width channels"]) -> list[Answers | str]:
    """Class probabilities of images, by every network of each voter.

    Args:
        voters: Loaded at their first vote.
        images: As bytes, at least one; other numbers of images than before are compiled for anew.

    Returns:
        Probabilities in [0, 1], voter by voter, in the order of their files; in place of a voter of whom a file is
        damaged, or does not fit its layers, a sentence that says so.
    """
    shown = jnp.asarray(images)
    started = [_start(voter, shown) for voter in voters]
    return [answer if isinstance(answer, str) else np.asarray(answer) for answer in started]


def _start(
    voter: Voter, images: UInt8[Array, "examples height width channels"]
) -> Float[Array, "networks examples classes"] | str:
    """Ask without waiting for the answer."""
    if voter.runs not in _loaded:
        height, width, channels = images.shape[1:]
        try:
            loaded = _load(voter, (height, width, channels))
        except StoreError as error:
            return str(error)
        while _loaded and sum(map(len, _loaded)) + len(voter.runs) > MOST_NETWORKS:
            del _loaded[next(iter(_loaded))]  # the oldest
        _loaded[voter.runs] = loaded
    return _loaded[voter.runs](images)


def _load(voter: Voter, image_shape: tuple[int, int, int]) -> _Asked:
    program = Program(
        Architecture(voter.cell.layers, image_shape, voter.classes, voter.scaling), voter.cell.model.protocol
    )
    states = [read_state(program, file) for file in voter.files]
    weights = jax.tree.map(lambda *each: jnp.stack(each), *[(state.trainable, state.non_trainable) for state in states])

    def ask_one(weights: tuple[_Weights, _Weights], images: Array) -> Array:
        logits, _, _ = program.forward(program.network, *weights, images, training=False)
        return jax.nn.softmax(logits)

    ask_all = jax.jit(jax.vmap(ask_one, in_axes=(0, None)))

    def asked(images: UInt8[Array, "examples height width channels"]) -> Float[Array, "networks examples classes"]:
        answer: Float[Array, "networks examples classes"] = ask_all(weights, images)
        return answer

    return asked

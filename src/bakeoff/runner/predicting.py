"""Inside a worker: show images to networks that a store keeps.

A network is built anew from the layers of the study, and only its weights are read from the store, so nothing that a
store holds is executed. The images go through the same compiled function that judged the test images.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path

from bakeoff.models import backend as backend  # isort: skip  # before jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, UInt8

from bakeoff.data.pixels import PixelScaling
from bakeoff.engine.program import Architecture, Program, State
from bakeoff.errors import StoreError
from bakeoff.store import Cell

_BROKEN = (OSError, ValueError, LookupError, RuntimeError, TypeError, UserWarning, zipfile.BadZipFile)
"""What Keras and h5py have been seen to raise on damaged files, and on weights of other layers."""


def predict(
    cell: Cell,
    files: Sequence[Path],
    images: UInt8[np.ndarray, "examples height width channels"],
    classes: int,
    scaling: PixelScaling,
) -> Float[np.ndarray, "networks examples classes"]:
    """Class probabilities of images, by each of a model's networks.

    Args:
        cell: The model.
        files: The `.keras` file of each network.
        images: As bytes, at least one.
        classes: Number of classes.
        scaling: As in training.

    Returns:
        Probabilities in [0, 1], in the order of the files and of the images.

    Raises:
        StoreError: A file is damaged, or does not fit the model's layers.
    """
    height, width, channels = images.shape[1:]
    program = Program(Architecture(cell.layers, (height, width, channels), classes, scaling), cell.model.protocol)
    shown, labels = jnp.asarray(images), jnp.zeros(len(images), dtype=jnp.int32)  # the labels decide the loss only
    return np.stack([program.evaluate(read_state(program, file), shown, labels)[1] for file in files])


def read_state(program: Program, file: Path) -> State:
    """The weights of a network file, without what its optimiser had gathered.

    Args:
        program: Of the architecture that was saved.
        file: As `save_networks` wrote it.

    Returns:
        A state to evaluate, not to go on training.

    Raises:
        StoreError: The file is damaged, or holds weights of other layers.
    """
    network = program.network  # whose own weights do not matter
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # Keras warns of weights that it does not find, and goes on
            network.load_weights(file)
    except _BROKEN as error:
        reason = (str(error).strip() or type(error).__name__).split("\n")[0]
        raise StoreError(
            f"{file} does not hold the weights of this model ({reason}): delete its folder and run the study again"
        ) from None
    return State(
        trainable=[jnp.array(variable) for variable in network.trainable_variables],
        non_trainable=[jnp.array(variable) for variable in network.non_trainable_variables],
        optimizer=[],
    )

"""The one place where Keras is told to run on JAX; whoever needs Keras imports this first."""

from __future__ import annotations

import os
import sys

from bakeoff.errors import WorkerError


def _choose_jax() -> None:
    loaded = sys.modules.get("keras")
    if loaded is not None and loaded.backend.backend() != "jax":
        raise WorkerError(
            "Bakeoff trains with Keras on JAX, but this process has already imported Keras with the "
            f"{loaded.backend.backend()!r} backend. Set KERAS_BACKEND=jax before importing Keras, or train from the "
            "command line."
        )
    os.environ["KERAS_BACKEND"] = "jax"


_choose_jax()

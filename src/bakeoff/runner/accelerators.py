"""What accelerators change: one worker for each, and several runs of a model trained as one program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import entry_points
from importlib.util import find_spec

from bakeoff.errors import WorkerError

REPLICAS = "BAKEOFF_REPLICAS"


def asked_replicas() -> int | None:
    """How many runs the user wants trained as one program, on any device; None where memory is to decide.

    Raises:
        WorkerError: The environment variable BAKEOFF_REPLICAS is no such number.
    """
    asked = os.environ.get(REPLICAS, "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdecimal() and int(asked)):
        raise WorkerError(
            f"the environment variable {REPLICAS} must be a whole number of runs, at least 1, got {asked!r}; "
            "leave it out, and an accelerator's memory decides"
        )
    return int(asked)


def knows_accelerators() -> bool:
    """Whether JAX is installed with anything but the CPU; whether there is a device, only JAX itself can tell."""
    return any(map(find_spec, ("jax_plugins", "libtpu"))) or bool(entry_points(group="jax_plugins"))


def bind_to(accelerator: int | None, environment: Mapping[str, str]) -> dict[str, str]:
    """Variables for a process that has one GPU for itself, or for one that shares all of them.

    JAX takes most of the memory of every GPU that it sees; who shares it takes only what it needs.

    Args:
        accelerator: Which one, from 0, of those that this process may use; None for a process that shares.
        environment: Of this process.

    >>> bind_to(1, {"CUDA_VISIBLE_DEVICES": "2, 5"}), bind_to(1, {})
    ({'CUDA_VISIBLE_DEVICES': '5'}, {'CUDA_VISIBLE_DEVICES': '1'})
    """
    if accelerator is None:
        return {"XLA_PYTHON_CLIENT_PREALLOCATE": environment.get("XLA_PYTHON_CLIENT_PREALLOCATE", "false")}
    visible = [name.strip() for name in environment.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    return {"CUDA_VISIBLE_DEVICES": visible[accelerator] if visible else str(accelerator)}

"""Compiled programs outlive the process that compiled them: JAX's own cache of executables, in the user's cache folder.

A study that goes on, more seeds, a second worker that helps with a model: none of them compiles it again.
"""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path

import pooch

CPU_INFO = Path("/proc/cpuinfo")
"""Linux describes processors there."""

MOST_BYTES = 2**28
"""What JAX keeps; what was not used for longest goes first. A model takes about half a megabyte."""

LEAST_SECONDS = 0.1
"""What compiles faster is not worth a file."""


def keep_executables() -> None:
    """Have JAX keep what it compiles, and find it again. Called before JAX is imported; a user's own cache stands."""
    if "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return
    try:
        folder = Path(pooch.os_cache("bakeoff")) / "compiled" / _processor()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".lockfile").open("a").close()  # JAX locks it, also to read
        _forget_unfinished(folder)
    except OSError:  # nothing can be kept there: compile every time
        return
    os.environ.update(cache_settings(folder))


def cache_settings(folder: Path | str) -> dict[str, str]:
    """What JAX must find in its environment to keep executables in this folder.

    Args:
        folder: For executables alone. With a limit of size JAX locks it, so that several processes can share it.
    """
    return {
        "JAX_COMPILATION_CACHE_DIR": str(folder),
        "JAX_COMPILATION_CACHE_MAX_SIZE": str(MOST_BYTES),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": str(LEAST_SECONDS),
    }


def _forget_unfinished(folder: Path) -> None:
    """Remove executables of processes that were killed while they wrote: JAX notes the time of use after the rest."""
    for executable in folder.glob("*-cache"):
        if not executable.with_name(executable.name.removesuffix("-cache") + "-atime").exists():
            executable.unlink(missing_ok=True)


def _processor() -> str:
    """A name that processors with other instructions do not share: code for one may not run on another."""
    features = [platform.processor()]
    if CPU_INFO.exists():
        lines = CPU_INFO.read_text("utf-8").splitlines()
        features = sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
    return f"{platform.machine()}-{hashlib.sha256(repr(features).encode()).hexdigest()[:12]}"

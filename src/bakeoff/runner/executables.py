"""Compiled programs outlive the process that compiled them: JAX's own cache of executables, in the user's cache folder.

A study that goes on, more seeds, a second worker that helps with a model: none of them compiles it again.
"""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path

import pooch

MOST_BYTES = 2**28
"""What JAX keeps; what was not used for longest goes first. A model takes about half a megabyte."""


def keep_executables() -> None:
    """Have JAX keep what it compiles, and find it again. Called before JAX is imported; a user's own settings stand."""
    folder = Path(pooch.os_cache("bakeoff")) / "compiled" / _processor()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # nothing can be kept there: compile every time
        return
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(folder))
    os.environ.setdefault("JAX_COMPILATION_CACHE_MAX_SIZE", str(MOST_BYTES))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")


def _processor() -> str:
    """A name that processors with other instructions do not share: code for one may not run on another."""
    features = [platform.processor()]
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        features = sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
    return f"{platform.machine()}-{hashlib.sha256(repr(features).encode()).hexdigest()[:12]}"

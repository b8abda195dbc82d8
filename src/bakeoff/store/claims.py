"""Who works on which run: a lock per run, given up by the operating system when its holder dies.

Beside the lock stands a file that tells what the holder is doing, so that anyone can watch a study being trained.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout


class Claim:
    """The right to train one run, as long as this process lives and has not released it."""

    def __init__(self, progress: Path) -> None:
        self._progress = progress

    def report(self, progress: Mapping[str, Any]) -> None:
        """Say how far the run is; readers see the old text or the new one, never half of it.

        Progress is a courtesy: where it cannot be written, training goes on untold.
        """
        fresh = self._progress.with_suffix(".new")
        with contextlib.suppress(OSError):
            fresh.write_text(json.dumps(progress), "utf-8")
            fresh.replace(self._progress)


@contextlib.contextmanager
def claim(folder: Path, key: str) -> Iterator[Claim | None]:
    """Try to become the one who works on `key`; None where another living process does."""
    folder.mkdir(parents=True, exist_ok=True)
    lock, progress = FileLock(folder / f"{key}.lock"), folder / f"{key}.json"
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield None
        return
    try:
        yield Claim(progress)
    finally:
        progress.unlink(missing_ok=True)
        lock.release()


def read_progress(folder: Path, keys: list[str]) -> dict[str, dict[str, Any]]:
    """What the holders of these runs last reported; runs without a report are left out."""
    reports = {}
    for key in keys:
        with contextlib.suppress(OSError):  # not begun, just finished, or being replaced
            reports[key] = json.loads((folder / f"{key}.json").read_text("utf-8"))
    return reports

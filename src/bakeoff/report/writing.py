"""Put the page on disk, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bakeoff.comparison import Comparison
from bakeoff.report.page import make_page


def write_report(comparison: Comparison, path: Path) -> Path:
    """Write a comparison's report as one HTML file.

    Args:
        comparison: What is reported.
        path: Where to; the folder is made if need be, and a file that is there is replaced.

    Returns:
        The path.
    """
    page = make_page(comparison)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page)
        unfinished.chmod(0o644)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path

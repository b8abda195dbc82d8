"""Where results go if nobody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path


def default_store() -> Path:
    """`$BAKEOFF_STORE`, or `bakeoff-store` in the current folder."""
    return Path(os.environ.get("BAKEOFF_STORE", "bakeoff-store"))

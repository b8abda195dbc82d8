"""How commands print: JSON to programs, tables to people."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def console() -> Console:
    """Where people read."""
    return Console(highlight=False)

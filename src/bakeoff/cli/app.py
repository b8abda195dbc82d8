"""`bakeoff`: finds the commands by file name and loads only the one that is asked for, so that help is instant."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import sys
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from bakeoff import cli
from bakeoff.errors import BakeoffError

_DEFINES_COMMAND = re.compile(r"^def command\(", re.MULTILINE)


class _CommandFolder(TyperGroup):
    """A group whose commands are the modules of this package that define `command`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: TyperCommand(name, help=summary) for name, summary in _summaries().items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """For a call: the command itself, in place of the name and summary that a listing needs."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name else None, rest


app = typer.Typer(cls=_CommandFolder, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback(help="Which of these networks is really better? Seeds, intervals and verdicts for image classifiers.")
def _group() -> None:
    """The group itself does nothing."""


def main() -> None:
    """Run the command line. Exit code 0: done; 1: something the user can mend; 2: wrong usage."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill ends workers too, like Ctrl-C
    try:
        app(prog_name="bakeoff")
    except BakeoffError as error:
        typer.echo(f"bakeoff: {error}", err=True)
        sys.exit(1)


def command_names() -> tuple[str, ...]:
    """Every command, in the order of help."""
    return tuple(_summaries())


def load_command(name: str) -> Any:
    """A command with its arguments, options and help.

    Args:
        name: One of `command_names`.

    Returns:
        Typer's command, whose module is imported now.
    """
    module: Any = importlib.import_module(f"{cli.__name__}.{name}")
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(name, help=module.__doc__)(module.command)
    return typer.main.get_command(single)


def _summaries() -> dict[str, str]:
    """{name: first line of the docstring} of the command modules, without importing them."""
    folder = Path(cli.__path__[0])
    sources = {
        module.name: (folder / f"{module.name}.py").read_text("utf-8") for module in pkgutil.iter_modules([str(folder)])
    }
    return {
        name: (ast.get_docstring(ast.parse(source)) or "").split("\n")[0]
        for name, source in sources.items()
        if _DEFINES_COMMAND.search(source)
    }

"""docs/reference/commands.md: every command's help, from the command itself."""

from __future__ import annotations

import inspect
import re
from typing import Any

from docs.writing.markdown import make_anchor, write_block, write_code, write_table

from bakeoff.cli import app

_DEFAULT = re.compile(r"\s*\[default: (.*)\]$")

HEAD = """# Commands

*Written by `python -m docs.writing`; do not edit.*

What `bakeoff COMMAND --help` says, for all commands. Every command takes `--help`. The exit code is 0 if it is done,
1 if there is something to mend (the message says what), 2 if it was called wrongly. What `--json` prints is for
programs, and goes to standard output alone.
"""


def write_page() -> str:
    """The whole page."""
    commands = {name: app.load_command(name) for name in app.command_names()}
    contents = "\n".join(
        f"- [{name}](#{make_anchor(f'bakeoff {name}')}): {_summary(command)}" for name, command in commands.items()
    )
    return "\n".join([HEAD, contents, "", *(_section(name, command) for name, command in commands.items())])


def _section(name: str, command: Any) -> str:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option" and "--help" not in param.opts]
    parts = [f"## bakeoff {name}", inspect.cleandoc(command.help), write_block(_usage(name, arguments, options))]
    if arguments:
        parts.append(write_table(["argument", "default", "meaning"], map(_argument_cells, arguments)))
    if options:
        parts.append(write_table(["option", "default", "meaning"], map(_option_cells, options)))
    return "\n\n".join(parts) + "\n"


def _summary(command: Any) -> str:
    return inspect.cleandoc(command.help).split("\n")[0]


def _usage(name: str, arguments: list[Any], options: list[Any]) -> str:
    words = [_argument_name(argument) for argument in arguments]
    shown = [word if argument.required else f"[{word}]" for word, argument in zip(words, arguments, strict=True)]
    return " ".join(["bakeoff", name, *(["[OPTIONS]"] if options else []), *shown])


def _argument_cells(argument: Any) -> tuple[str, str, str]:
    meaning, default = _split_default(argument)
    return write_code(_argument_name(argument)), default or ("" if argument.required else "none"), meaning


def _option_cells(option: Any) -> tuple[str, str, str]:
    meaning, default = _split_default(option)
    value = "" if option.is_flag else f" {option.metavar}"
    return ", ".join(write_code(f"{name}{value}") for name in option.opts), default, meaning


def _split_default(param: Any) -> tuple[str, str]:
    """What it means, and its default: as the help text says it, or else the value."""
    help_text = " ".join((param.help or "").split())
    written = _DEFAULT.search(help_text)
    if written:
        return _DEFAULT.sub("", help_text), written[1]
    is_silent = param.default is None or isinstance(param.default, bool) or callable(param.default)
    return help_text, "" if is_silent else write_code(str(param.default))


def _argument_name(argument: Any) -> str:
    return str(argument.metavar or argument.name).upper()

"""What a page tells its reader to do, in order: files to write, commands to type, Python to run.

A block of YAML whose first line is `# NAME.yaml` is a file; every line of a block of `sh` that begins with `bakeoff` is
a command, which fails if the block is fenced as `sh fails`; a block of `python` is a program. All else is prose.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENDLESS = ("calibrate", "serve")
"""Commands that take very long or never end; they have tests of their own."""

SOURCES = Path(__file__).parents[2] / "src"

_BLOCK = re.compile(r"^```(yaml|sh|sh fails|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"# (\S+\.yaml)\n")


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes:
        kind: `file`, `command` or `python`.
        text: What the file holds, the command as it is typed, or the program.
        end: Where its block ends on the page.
        name: Of the file.
        fails: Whether an exit code other than 0 is what the page says.
    """

    kind: str
    text: str
    end: int
    name: str = ""
    fails: bool = False


def read_steps(page: str) -> list[Step]:
    """The steps of a page, in its order.

    Args:
        page: Markdown.

    Returns:
        Files, commands and programs.

    >>> [step.text for step in read_steps("```sh\\nmake demo\\nbakeoff studies   # what comes with it\\n```\\n")]
    ['bakeoff studies']
    """
    return [step for block in _BLOCK.finditer(page) for step in _steps_of(block)]


def perform(step: Step, folder: Path) -> subprocess.CompletedProcess[str]:
    """Do what a step says.

    Args:
        step: Of a page.
        folder: Where its reader is.

    Returns:
        How it ended, with what it printed; a file is written and ends with 0.
    """
    if step.kind == "file":
        (folder / step.name).write_text(step.text, "utf-8")
        return subprocess.CompletedProcess([], 0, "", "")
    words = shlex.split(step.text)[1:]
    code = ["from bakeoff.cli.app import main; main()", *words] if step.kind == "command" else [step.text]
    paths = os.pathsep.join([str(SOURCES), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": paths}
    command = [sys.executable, "-c", *code]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


def _steps_of(block: re.Match[str]) -> Iterator[Step]:
    language, text = block[1], block[2]
    if language == "python":
        yield Step("python", text, block.end())
    elif language == "yaml":
        if name := _FILE.match(text):
            yield Step("file", text, block.end(), name=name[1])
    else:
        for words in map(_split, text.replace("\\\n", " ").splitlines()):
            if words[:1] == ["bakeoff"] and words[1] not in ENDLESS:
                yield Step("command", shlex.join(words), block.end(), fails=language == "sh fails")


def _split(line: str) -> list[str]:
    """The words of a line without its comment."""
    return shlex.split(line, comments=True)

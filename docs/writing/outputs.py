"""Runs a page from front to back and fills in what its commands print: `python -m docs.writing.outputs PAGE ...`

What stands between `<!-- output: begin -->` and `<!-- output: end -->` becomes the output of the command before it;
with `<!-- output from "rank": begin -->` from the first line on that begins so.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from docs.writing.markdown import write_block
from docs.writing.steps import perform, read_steps

_PROGRESS = re.compile(r"^(\d+ runs to do.*| *\d+ of \d+  .*  \d+ s)\n", re.MULTILINE)
"""What is printed while runs are under way; on a terminal it vanishes."""

_OUTPUT = re.compile(
    r'(?P<begin><!-- output(?: from "(?P<first>[^"]+)")?: begin -->).*?(?P<end><!-- output: end -->)', re.DOTALL
)


def main() -> None:
    """Fill in the pages that were named."""
    for page in map(Path, sys.argv[1:]):
        page.write_text(fill_outputs(page.read_text("utf-8")), "utf-8")


def fill_outputs(page: str) -> str:
    """A page with the outputs of its commands.

    Args:
        page: Markdown, perhaps with outputs of an earlier time.

    Returns:
        The same with those of now.

    Raises:
        RuntimeError: A command did not end as the page says.
        ValueError: An output has no line that begins as its mark says.
    """
    with tempfile.TemporaryDirectory() as folder:
        printed = _perform_all(page, Path(folder))
    return _OUTPUT.sub(lambda found: _fill(found, _last_before(found.start(), printed)), page)


def _perform_all(page: str, folder: Path) -> dict[int, str]:
    """What each block's last command printed, by where the block ends."""
    printed = {}
    for step in read_steps(page):
        done = perform(step, folder)
        if bool(done.returncode) != step.fails:
            raise RuntimeError(f"{step.text}\nended with {done.returncode}: {done.stderr}")
        if step.kind == "command":
            printed[step.end] = done.stderr if step.fails else drop_progress(done.stdout)
    return printed


def drop_progress(text: str) -> str:
    """What a command leaves on a terminal.

    >>> drop_progress("2 runs to do\\n   1 of 2  wide, seed 0  3 s\\n   2 of 2  wide, seed 1  3 s\\nrank  model\\n")
    'rank  model\\n'
    """
    return _PROGRESS.sub("", text)


def _last_before(place: int, printed: dict[int, str]) -> str:
    return printed[max(end for end in printed if end < place)]


def _fill(found: re.Match[str], text: str) -> str:
    """The marks with the output, without the spaces that fill a terminal's lines."""
    lines = [line.rstrip() for line in text.splitlines()]
    first = found["first"] or ""
    place = next((place for place, line in enumerate(lines) if line.startswith(first)), None)
    if place is None:
        raise ValueError(f"no line of the output begins with {first!r}")
    return f"{found['begin']}\n{write_block(chr(10).join(lines[place:]))}\n{found['end']}"


if __name__ == "__main__":
    main()

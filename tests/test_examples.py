"""The notebooks in examples/ run as they stand, and show what they say they show."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "examples"
PLACE = re.compile(r"(?<![\w.<\-/])/(?:[\w.\-]+/)+")
"""A path from the root, which no closing tag and no share such as 3/5 is."""

NAMES = ("study-a", "study-b", "study-c", "study-d")


def _cells(name: str) -> list[dict]:
    notebook = json.loads((FOLDER / f"{name}.ipynb").read_text("utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_was_executed_without_error(name):
    """In order, from the first; the study and its results show themselves as tables."""
    cells = _cells(name)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert sum("text/html" in output.get("data", {}) for output in outputs) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_no_place_on_a_machine_is_told(name):
    """Paths and addresses of whoever executed them do not belong there."""
    text = (FOLDER / f"{name}.ipynb").read_text("utf-8")
    assert "://" not in text
    assert PLACE.findall(text) == []


@pytest.mark.slow
def test_the_shortest_one_runs(tmp_path, monkeypatch):
    """The cells as a program, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for cell in _cells("study-c"):
        exec("".join(cell["source"]), names)
    assert (tmp_path / "study-c.html").exists()

"""What the documentation tells people to type works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
ENDLESS = ("calibrate", "serve")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def test_make_targets_exist():
    """Every make target that the documentation names is in the Makefile."""
    text = README + (ROOT / "CONTRIBUTING.md").read_text() + (ROOT / "docs" / "design.md").read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]+)", text, flags=re.MULTILINE))
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert {"demo", "test", "check", "setup"} <= named <= targets


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name)
def test_local_links_lead_somewhere(page):
    """Links between the pages point at files that exist."""
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(("page", "mark"), [("README.md", "verdict"), ("docs/design.md", "bench")])
def test_generated_parts_are_there(page, mark):
    """What `make docs` fills in has been filled in."""
    block = re.search(rf"<!-- {mark}: begin -->(.*?)<!-- {mark}: end -->", (ROOT / page).read_text(), flags=re.DOTALL)
    assert len(block[1].splitlines()) > 5


@pytest.mark.slow
def test_readme_commands_run(tmp_path):
    """Every `bakeoff` line of the README runs, in order, on the study that the README shows; and so does its Python.

    Only the calibration, which takes too long, and the live pages, which do not end, are left out; they have tests of
    their own.
    """
    (tmp_path / "mine.yaml").write_text(_blocks("yaml")[0])
    lines = [line.split("#")[0].split() for block in _blocks("sh") for line in block.splitlines()]
    commands = [line[1:] for line in lines if line[:1] == ["bakeoff"] and line[1] not in ENDLESS]
    assert len(commands) >= 8
    calls = [["-c", "from bakeoff.cli.app import main; main()", *command] for command in commands]
    for call in [*calls, *(["-c", block] for block in _blocks("python"))]:
        done = subprocess.run([sys.executable, *call], capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, (call, done.stderr)
    assert (tmp_path / "report" / "mine.html").exists()

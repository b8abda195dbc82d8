"""`bakeoff calibrate`: tables for people, JSON for programs, Markdown for the documentation."""

import json

import pytest

from bakeoff.calibration import Cell, Measure, harness


class Made:
    """A scenario of one cell whose event happens in every repetition or in none."""

    NAME = "S1"
    TITLE = "Made up"
    POOLED = ()

    def __init__(self, happens):
        self.happens = happens

    def cells(self, short):
        """One cell."""
        return [Cell("R 3", (Measure("winner named", at_most=0.05),), lambda rng: {"winner named": self.happens}, 50)]


@pytest.fixture
def scenario(monkeypatch):
    """Puts a made-up scenario in place of the real ones."""

    def put(*, happens):
        harness._cells.cache_clear()
        monkeypatch.setattr(harness, "find_scenarios", lambda: {"S1": Made(happens)})

    yield put
    harness._cells.cache_clear()


def test_targets_met(bakeoff, scenario):
    """Where every target is met the table says so and the exit code is 0."""
    scenario(happens=False)
    code, out, _ = bakeoff("calibrate", "--short", "--workers", "1")
    assert code == 0
    assert "S1: Made up" in out
    assert "All 1 targets met" in out


def test_a_missed_target(bakeoff, scenario):
    """Where a target is missed the exit code is 1, and JSON says which."""
    scenario(happens=True)
    code, out, _ = bakeoff("calibrate", "--short", "--workers", "1")
    assert code == 1
    assert "1 of 1 targets missed" in out
    code, out, _ = bakeoff("calibrate", "--short", "--workers", "1", "--json")
    assert code == 1
    assert json.loads(out)["scenarios"][0]["rows"][0]["value"] == 1.0


def test_markdown_file(bakeoff, scenario, tmp_path):
    """The tables are written where they are wanted; a place that cannot be written is refused by name."""
    scenario(happens=False)
    bakeoff("calibrate", "--short", "--workers", "1", "--markdown", "calibration.md")
    assert (
        "| R 3 | winner named | .0000 (.0000) | at most 0.05 | 50 | met |" in (tmp_path / "calibration.md").read_text()
    )
    code, _, err = bakeoff("calibrate", "--short", "--workers", "1", "--markdown", "nowhere/calibration.md")
    assert code == 1
    assert "the table cannot be written to nowhere/calibration.md: No such file or directory" in err


def test_unknown_scenario(bakeoff):
    """A wrong name is answered with the right ones."""
    code, _, err = bakeoff("calibrate", "--scenario", "S77")
    assert code == 1
    assert "there is no scenario 'S77'; did you mean 'S7'?" in err


def test_real_networks_need_a_store(bakeoff):
    """The A/A arm trains networks, and asks where to keep them."""
    code, _, err = bakeoff("calibrate", "--scenario", "AA")
    assert code == 1
    assert "scenario AA deals out real trainings and needs a folder for them: add --store DIR" in err

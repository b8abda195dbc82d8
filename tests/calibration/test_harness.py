import json
import math

import pytest

from bakeoff.calibration import (
    CalibrationReport,
    Measure,
    Row,
    ScenarioReport,
    find_scenarios,
    run_calibration,
    to_dict,
    to_markdown,
)
from bakeoff.errors import StudyError

PROMISED = [*(f"S{number}" for number in range(15) if number != 2), "NC"]


def test_every_scenario_is_found_by_its_file():
    """All scenarios of the plan are there, S2 within S1, in the order of their files."""
    assert list(find_scenarios()) == PROMISED


@pytest.mark.parametrize("name", PROMISED)
@pytest.mark.parametrize("short", [True, False])
def test_cells_are_distinct_and_have_targets(name, short):
    """Labels tell cells apart, for they decide the random numbers; every pooled measure is measured in some cell."""
    scenario = find_scenarios()[name]
    cells = scenario.cells(short)
    assert len({cell.label for cell in cells}) == len(cells) > 0
    measured = {measure.name for cell in cells for measure in cell.measures}
    assert {measure.name for measure in scenario.POOLED} <= measured


def test_the_result_depends_on_the_seed_only():
    """Another number of workers, or other scenarios beside it, change nothing; another seed does."""
    alone = run_calibration(["S8"], short=True, repetitions=210, workers=1)
    beside = run_calibration(["S14", "S8"], short=True, repetitions=210, workers=2)
    other = run_calibration(["S8"], short=True, repetitions=210, workers=1, seed=2)
    assert alone.scenarios[0].rows == beside.scenarios[0].rows
    assert alone.scenarios[0].rows != other.scenarios[0].rows


def test_progress_counts_repetitions():
    """The watcher hears of every part, up to the end."""
    seen = []
    run_calibration(["S14"], short=True, repetitions=2, workers=1, watch=seen.append)
    assert [progress.done for progress in seen] == [2, 4, 6, 8, 10, 12, 14]
    assert {progress.total for progress in seen} == {14}


def test_unknown_scenario():
    """A wrong name is answered with the right ones."""
    with pytest.raises(StudyError, match=r"there is no scenario 'S99'; did you mean 'S9'\? Available: NC, S0"):
        run_calibration(["S99"])


@pytest.fixture
def report():
    """One target met, one missed, one control flagged."""
    rows = (
        Row("R 3", Measure("named", at_most=0.055), 400, 0.045, 0.0104, passed=True),
        Row("R 5", Measure("covered", at_least=0.945), 400, 0.85, 0.018, passed=False),
        Row("R 5", Measure("wrong", at_most=0.055, control=True), 400, math.nan, math.nan, passed=True),
    )
    return CalibrationReport((ScenarioReport("S1", "Two models", rows, 1.0),), seed=1, short=True)


def test_markdown_table(report):
    """One line per measurement with value, standard error and target; a miss stands out, and is counted on top."""
    lines = to_markdown(report).splitlines()
    assert "Short version, seed 1: **1 of 3 targets missed**." in lines
    assert "| R 3 | named | .0450 (.0104) | at most 0.055 | 400 | met |" in lines
    assert "| R 5 | covered | .850 (.0180) | at least 0.945 | 400 | **MISSED** |" in lines
    assert "| R 5 | wrong | none | must be flagged: not at most 0.055 | 400 | flagged |" in lines


def test_json(report):
    """The same as plain values that any program can read."""
    plain = json.loads(json.dumps(to_dict(report), allow_nan=False))
    assert (plain["passed"], plain["seed"]) == (False, 1)
    values = [(row["cell"], row["value"], row["passed"]) for row in plain["scenarios"][0]["rows"]]
    assert values == [("R 3", 0.045, True), ("R 5", 0.85, False), ("R 5", None, True)]

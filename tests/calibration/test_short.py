"""The short version of every scenario: do the promised error rates hold, and are wrong methods flagged?"""

import pytest

from bakeoff.calibration import CalibrationReport, find_scenarios, run_calibration
from bakeoff.calibration.markdown import format_value


@pytest.fixture(scope="module")
def short() -> CalibrationReport:
    """All scenarios at once, in worker processes: these do not check array shapes at every call, as this one does."""
    return run_calibration(short=True, workers=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", find_scenarios())
def test_scenario_keeps_its_promises(short, name):
    """No target of the scenario is surely missed, and every negative control is flagged."""
    (scenario,) = [scenario for scenario in short.scenarios if scenario.name == name]
    assert [(row.cell, row.measure.name, format_value(row)) for row in scenario.rows if not row.passed] == []

"""The short version of every scenario: do the promised error rates hold, and are wrong methods flagged?"""

import pytest

from bakeoff.calibration import find_scenarios, run_calibration
from bakeoff.calibration.markdown import format_value


@pytest.mark.slow
@pytest.mark.parametrize("name", find_scenarios())
def test_scenario_keeps_its_promises(name):
    """No target of the scenario is surely missed, and every negative control is flagged."""
    report = run_calibration([name], short=True, workers=1)
    assert [(row.cell, row.measure.name, format_value(row)) for row in report.missed] == []

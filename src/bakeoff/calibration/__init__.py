"""Are the error rates that the verdicts promise real? Simulated studies whose truth is known, judged like real ones."""

from bakeoff.calibration.harness import Progress, find_scenarios, run_calibration
from bakeoff.calibration.markdown import to_markdown
from bakeoff.calibration.plain import to_dict
from bakeoff.calibration.values import CalibrationReport, Cell, Measure, Row, ScenarioReport

__all__ = [
    "CalibrationReport",
    "Cell",
    "Measure",
    "Progress",
    "Row",
    "ScenarioReport",
    "find_scenarios",
    "run_calibration",
    "to_dict",
    "to_markdown",
]

"""Records in, judgement out: what a reader may conclude from a study's runs. Never touches a network."""

from bakeoff.comparison.compare import compare_study, gather_study, weigh
from bakeoff.comparison.comparison import Comparison
from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.plain import comparison_to_dict
from bakeoff.comparison.race import RaceState, follow_race, judge_race, look_levels
from bakeoff.comparison.values import ModelResult, PairPrice, PairResult, RunResult

__all__ = [
    "Comparison",
    "Evidence",
    "ModelResult",
    "PairPrice",
    "PairResult",
    "RaceState",
    "RunResult",
    "compare_study",
    "comparison_to_dict",
    "follow_race",
    "gather_study",
    "judge_race",
    "look_levels",
    "weigh",
]

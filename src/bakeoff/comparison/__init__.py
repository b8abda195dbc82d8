"""Records in, judgement out: what a reader may conclude from a study's runs. Never touches a network."""

from bakeoff.comparison.across import Across, AcrossPair, OnDataset, compare_across
from bakeoff.comparison.compare import compare_study, gather_study, weigh
from bakeoff.comparison.comparison import Comparison
from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.plain import across_to_dict, comparison_to_dict
from bakeoff.comparison.race import RaceState, follow_race, judge_race, look_levels
from bakeoff.comparison.values import CertaintyPrice, ModelResult, PairResult, PlateauSearch, RunResult

__all__ = [
    "Across",
    "AcrossPair",
    "CertaintyPrice",
    "Comparison",
    "Evidence",
    "ModelResult",
    "OnDataset",
    "PairResult",
    "PlateauSearch",
    "RaceState",
    "RunResult",
    "across_to_dict",
    "compare_across",
    "compare_study",
    "comparison_to_dict",
    "follow_race",
    "gather_study",
    "judge_race",
    "look_levels",
    "weigh",
]

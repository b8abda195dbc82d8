"""Records in, judgement out: what a reader may conclude from a study's runs. Never touches a network."""

from bakeoff.comparison.compare import compare_study
from bakeoff.comparison.comparison import Comparison
from bakeoff.comparison.plain import comparison_to_dict
from bakeoff.comparison.values import ModelResult, PairResult, RunResult

__all__ = ["Comparison", "ModelResult", "PairResult", "RunResult", "compare_study", "comparison_to_dict"]

"""Statistics on bare arrays: scores in, estimates and verdicts out. NumPy and SciPy only."""

from bakeoff.spec.values import Estimate as Estimate
from bakeoff.stats.difference import TwoModels as TwoModels
from bakeoff.stats.difference import compare_summaries as compare_summaries
from bakeoff.stats.difference import compare_two as compare_two
from bakeoff.stats.mean import estimate_from_summary as estimate_from_summary
from bakeoff.stats.mean import estimate_mean as estimate_mean
from bakeoff.stats.multiplicity import adjust_holm as adjust_holm
from bakeoff.stats.multiplicity import letters as letters
from bakeoff.stats.multiplicity import rank_intervals as rank_intervals
from bakeoff.stats.multiplicity import tiers as tiers
from bakeoff.stats.runs import estimate_run_mean as estimate_run_mean
from bakeoff.stats.summary import ScoreSummary as ScoreSummary
from bakeoff.stats.summary import summarize_scores as summarize_scores
from bakeoff.stats.superiority import estimate_superiority as estimate_superiority

"""Did the source's figures and claims come back? One file per kind of claim; `judging` hands each to its own."""

from bakeoff.comparison.claims.judgements import ClaimPair, ClaimVerdict
from bakeoff.comparison.claims.judging import PROSE, ClaimResult, PrintedFigure, judge_claims

__all__ = ["PROSE", "ClaimPair", "ClaimResult", "ClaimVerdict", "PrintedFigure", "judge_claims"]

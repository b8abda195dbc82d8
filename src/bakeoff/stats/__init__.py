"""Statistics on bare arrays: scores in, estimates and verdicts out. NumPy and SciPy only.

What needs `scipy.stats`, which takes longer to import than all the rest, is imported when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from bakeoff.spec.values import Estimate as Estimate
from bakeoff.stats.contrasts import Contrast as Contrast
from bakeoff.stats.contrasts import estimate_contrast as estimate_contrast
from bakeoff.stats.difference import TwoModels as TwoModels
from bakeoff.stats.difference import compare_summaries as compare_summaries
from bakeoff.stats.difference import compare_two as compare_two
from bakeoff.stats.factors import Factor as Factor
from bakeoff.stats.factors import FactorCell as FactorCell
from bakeoff.stats.factors import FactorContrast as FactorContrast
from bakeoff.stats.factors import SimpleEffect as SimpleEffect
from bakeoff.stats.factors import factor_contrasts as factor_contrasts
from bakeoff.stats.failures import failure_rate as failure_rate
from bakeoff.stats.figure_claims import BestOf as BestOf
from bakeoff.stats.figure_claims import Figure as Figure
from bakeoff.stats.figure_claims import reproduce_figure as reproduce_figure
from bakeoff.stats.folds import Folds as Folds
from bakeoff.stats.folds import compare_folds as compare_folds
from bakeoff.stats.images import estimate_image_error as estimate_image_error
from bakeoff.stats.maximum import expected_maximum as expected_maximum
from bakeoff.stats.mean import estimate_from_summary as estimate_from_summary
from bakeoff.stats.mean import estimate_mean as estimate_mean
from bakeoff.stats.multiplicity import adjust_holm as adjust_holm
from bakeoff.stats.multiplicity import letters as letters
from bakeoff.stats.multiplicity import rank_intervals as rank_intervals
from bakeoff.stats.multiplicity import tiers as tiers
from bakeoff.stats.networks import CochranQ as CochranQ
from bakeoff.stats.networks import Networks as Networks
from bakeoff.stats.networks import cochran_q as cochran_q
from bakeoff.stats.networks import compare_networks as compare_networks
from bakeoff.stats.order_claims import ClaimVerdict as ClaimVerdict
from bakeoff.stats.order_claims import Order as Order
from bakeoff.stats.order_claims import OrderJudgement as OrderJudgement
from bakeoff.stats.order_claims import OrderPair as OrderPair
from bakeoff.stats.order_claims import judge_order as judge_order
from bakeoff.stats.order_claims import reproduce_order as reproduce_order
from bakeoff.stats.power import image_floor as image_floor
from bakeoff.stats.power import minimum_detectable_difference as minimum_detectable_difference
from bakeoff.stats.power import noether_runs as noether_runs
from bakeoff.stats.price import Price as Price
from bakeoff.stats.price import price_of_certainty as price_of_certainty
from bakeoff.stats.price import price_of_contrast as price_of_contrast
from bakeoff.stats.price import price_of_runs as price_of_runs
from bakeoff.stats.price import seeds_to_decide as seeds_to_decide
from bakeoff.stats.rank_correlation import RankCorrelation as RankCorrelation
from bakeoff.stats.rank_correlation import correlate_ranks as correlate_ranks
from bakeoff.stats.ranks import Ranks as Ranks
from bakeoff.stats.ranks import compare_ranks as compare_ranks
from bakeoff.stats.runs import estimate_run_mean as estimate_run_mean
from bakeoff.stats.sequential import e_value as e_value
from bakeoff.stats.sequential import spending_levels as spending_levels
from bakeoff.stats.summary import ScoreSummary as ScoreSummary
from bakeoff.stats.summary import summarize_differences as summarize_differences
from bakeoff.stats.summary import summarize_scores as summarize_scores
from bakeoff.stats.superiority import estimate_superiority as estimate_superiority

if TYPE_CHECKING:
    from bakeoff.stats.datasets import DatasetPair as DatasetPair
    from bakeoff.stats.datasets import Friedman as Friedman
    from bakeoff.stats.datasets import ManyDatasets as ManyDatasets
    from bakeoff.stats.datasets import compare_datasets as compare_datasets
    from bakeoff.stats.datasets import critical_difference as critical_difference
    from bakeoff.stats.datasets import friedman as friedman
    from bakeoff.stats.failure_pairs import compare_failures as compare_failures

_HOMES = {
    "DatasetPair": "bakeoff.stats.datasets",
    "Friedman": "bakeoff.stats.datasets",
    "ManyDatasets": "bakeoff.stats.datasets",
    "compare_datasets": "bakeoff.stats.datasets",
    "critical_difference": "bakeoff.stats.datasets",
    "friedman": "bakeoff.stats.datasets",
    "compare_failures": "bakeoff.stats.failure_pairs",
}


def __getattr__(name: str) -> Any:
    """Import a name that needs `scipy.stats`."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bakeoff.stats' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})

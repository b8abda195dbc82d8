"""A comparison as pandas tables, for notebooks and for people's own analyses. Fractions stay fractions here."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from bakeoff.comparison.values import ModelResult, PairResult
from bakeoff.spec.values import Estimate


def leaderboard_frame(models: Iterable[ModelResult]) -> pd.DataFrame:
    """One row per model, best first, indexed by name."""
    rows = [
        {
            "model": model.name,
            **_columns("accuracy", model.accuracy),
            **_columns("accuracy_this_test_set", model.accuracy_this_test_set),
            "loss": model.loss.value if model.loss else None,
            "rank_low": model.rank[0],
            "rank_high": model.rank[1],
            "letters": model.letters,
            "tier": model.tier,
            "parameters": model.parameters,
            "train_seconds": model.train_seconds,
            "epochs": model.epochs,
            "seeds": model.seeds,
            "failed_seeds": model.failed_seeds,
        }
        for model in models
    ]
    return pd.DataFrame(rows).set_index("model")


def pairs_frame(pairs: Iterable[PairResult]) -> pd.DataFrame:
    """One row per pair, in the order of the leaderboard."""
    rows = [
        {
            "a": pair.a,
            "b": pair.b,
            **_columns("difference", pair.difference),
            **_columns("difference_this_test_set", pair.difference_this_test_set),
            "p": pair.p,
            "p_adjusted": pair.p_adjusted,
            "verdict": pair.verdict,
        }
        for pair in pairs
    ]
    return pd.DataFrame(rows)


def _columns(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    if estimate is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}

"""A comparison as plain values: the contract that `bakeoff compare --json` keeps with other programs."""

from __future__ import annotations

import math
from typing import Any

from bakeoff.comparison.comparison import Comparison
from bakeoff.comparison.values import ModelResult, PairResult
from bakeoff.spec.values import Estimate


def comparison_to_dict(comparison: Comparison) -> dict[str, Any]:
    """Everything but pictures and curves, ready for `json.dumps`; what cannot be known is None."""
    data = comparison.data
    first = comparison.models[0]
    return {
        "study": comparison.study.name,
        "data": {
            "name": data.reference,
            "train": data.train,
            "validation": first.images.validation,
            "test": data.test,
            "fingerprint": data.fingerprint,
        },
        "protocol": comparison.study.protocol.model_dump(mode="json"),
        "test_looks": comparison.test_looks,
        "models": [_model(model) for model in comparison.models],
        "pairs": [_pair(pair) for pair in comparison.pairs],
        "missing": list(comparison.missing),
    }


def _model(model: ModelResult) -> dict[str, Any]:
    return {
        "name": model.name,
        "recipe": model.spec.recipe,
        "parameters": model.parameters or None,
        "runs": len(model.runs),
        "failed_runs": sum(run.failed for run in model.runs),
        "failures": [
            {"seed": r.seed, "fold": r.fold, "status": r.status, "reason": r.reason} for r in model.runs if r.failed
        ],
        "accuracy": _estimate(model.accuracy),
        "accuracy_this_test_set": _estimate(model.accuracy_this_test_set),
        "loss": _estimate(model.loss),
        "rank": list(model.rank),
        "letters": model.letters,
        "tier": model.tier,
        "train_seconds": _number(model.train_seconds),
        "epochs": model.epochs,
    }


def _pair(pair: PairResult) -> dict[str, Any]:
    return {
        "a": pair.a,
        "b": pair.b,
        "difference": _estimate(pair.difference),
        "difference_this_test_set": _estimate(pair.difference_this_test_set),
        "p": _number(pair.p),
        "p_adjusted": _number(pair.p_adjusted),
        "verdict": pair.verdict,
        "reason": pair.reason,
        "probability_a_better": _estimate(pair.probability_a_better),
    }


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    return {
        "value": _number(estimate.value),
        "low": _number(estimate.low),
        "high": _number(estimate.high),
        "level": estimate.level,
        "method": estimate.method,
        "runs": estimate.runs,
        "images": estimate.images,
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None

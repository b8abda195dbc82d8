"""A comparison as plain values: the contract that `bakeoff compare --json` keeps with other programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bakeoff.comparison.across import Across
from bakeoff.comparison.claims import ClaimResult
from bakeoff.comparison.comparison import Comparison
from bakeoff.comparison.values import ModelResult, PairResult
from bakeoff.spec.values import Estimate, Finding
from bakeoff.stats import Factor, FactorContrast


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
        "models": [_model(model, comparison.findings) for model in comparison.models],
        "pairs": [_pair(pair) for pair in comparison.pairs],
        "missing": list(comparison.missing),
        "factors": [_factor(factor) for factor in comparison.attribution.factors],
        "not_attributed": list(comparison.attribution.left_out),
        "claims": [_claim(claim) for claim in comparison.claims],
        "findings": [asdict(finding) for finding in comparison.findings],
        "budget": {
            "models": [{key: _json(value) for key, value in asdict(row).items()} for row in comparison.budget.rows],
            "unequal": list(comparison.budget.unequal),
        },
        "winners_curse": asdict(comparison.curse) if comparison.curse else None,
        "race": comparison.race.model_dump(mode="json") if comparison.race else None,
    }


def across_to_dict(across: Across) -> dict[str, Any]:
    """Several data sets, ready for `json.dumps`; what cannot be known is None."""
    return {
        "datasets": list(across.datasets),
        "pairs": [
            {
                "a": pair.a,
                "b": pair.b,
                "on": [
                    {
                        "data": here.data,
                        "difference": _estimate(here.difference),
                        "p_adjusted": _number(here.p_adjusted),
                        "verdict": here.verdict,
                    }
                    for here in pair.on
                ],
                "general": {
                    "p": _number(pair.general.p),
                    "p_adjusted": _number(pair.general.p_adjusted),
                    "difference_median": pair.general.difference_median,
                    "verdict": pair.general.verdict,
                    "reason": pair.general.reason,
                },
            }
            for pair in across.pairs
        ],
        "general": {
            "possible": across.together.general,
            "reason": across.together.reason,
            "friedman": _friedman(across),
        },
    }


def _friedman(across: Across) -> dict[str, Any] | None:
    test = across.together.friedman
    return {"f": _number(test.f), "p": test.p, "mean_ranks": test.mean_ranks.tolist()} if test else None


def _model(model: ModelResult, findings: Sequence[Finding]) -> dict[str, Any]:
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
        "failure_rate": _estimate(model.failure_rate),
        "findings": [finding.code for finding in findings if finding.model == model.name],
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
        "basis": pair.basis,
        "probability_a_better": _estimate(pair.probability_a_better),
        "seeds_to_decide": pair.price.seeds if pair.price else None,
        "seconds_to_decide": pair.price.seconds if pair.price else None,
        "images_to_decide": pair.price.images if pair.price else None,
        "obstacle": pair.price.reason if pair.price else "",
        "settled_at": pair.settled_at,
    }


def _factor(factor: Factor) -> dict[str, Any]:
    return {
        "factor": factor.factor,
        "levels": list(factor.levels),
        "contrasts": [_contrast(contrast) for contrast in factor.contrasts],
        "share": factor.share,
        "share_reason": factor.share_reason,
        "interaction_p": _number(factor.interaction_p),
        "main_effect_reported": factor.main_effect_reported,
    }


def _contrast(contrast: FactorContrast) -> dict[str, Any]:
    return {
        "high": contrast.high,
        "low": contrast.low,
        "difference": _estimate(contrast.estimate),
        "p": _number(contrast.p),
        "p_adjusted": _number(contrast.p_adjusted),
        "strata": contrast.strata,
        "opposed": contrast.opposed,
        "verdict": contrast.verdict,
        "reason": contrast.reason,
        "error_ratio": _number(contrast.error_ratio),
        "simple": [
            {"setting": dict(effect.setting), "difference": _estimate(effect.difference)} for effect in contrast.simple
        ],
    }


def _claim(claim: ClaimResult) -> dict[str, Any]:
    return {"claim": claim.claim, "source": claim.source, "verdict": claim.verdict, "evidence": claim.evidence}


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


def _json(value: object) -> object:
    return _number(value) if isinstance(value, float) else value

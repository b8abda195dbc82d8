"""A comparison as plain values: the contract that `bakeoff compare --json` keeps with other programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bakeoff.comparison.across import Across
from bakeoff.comparison.claims import ClaimResult
from bakeoff.comparison.classes import ClassDifference, ClassResult, ClassStory, Confusion, ModelClasses
from bakeoff.comparison.comparison import Comparison
from bakeoff.comparison.values import CertaintyPrice, ModelResult, PairResult, PlateauSearch
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
        "findings": [asdict(finding) | {"page": finding.page} for finding in comparison.findings],
        "classes": classes_to_dict(comparison.classes) if comparison.classes else None,
        "budget": {
            "models": [{key: _json(value) for key, value in asdict(row).items()} for row in comparison.budget.rows],
            "unequal": list(comparison.budget.unequal),
        },
        "plateaus": [_plateau(search) for search in comparison.plateaus],
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


def classes_to_dict(story: ClassStory) -> dict[str, Any]:
    """The story of the classes, ready for `json.dumps`; what cannot be known is None."""
    return {
        "names": list(story.names),
        "train_images": list(story.train_images) if story.train_images else None,
        "test_images": list(story.test_images),
        "models": [_classes_of_model(model, story.names) for model in story.models],
        "compared": list(story.compared),
        "tests": story.tests,
        "alpha": story.alpha,
        "differences": [_class_difference(found, story.names) for found in story.differences],
    }


def _classes_of_model(model: ModelClasses, names: Sequence[str]) -> dict[str, Any]:
    frequency = model.frequency
    return {
        "name": model.model,
        "classes": [_class(found, names) for found in model.classes],
        "hardest": [names[found.label] for found in model.hardest],
        "confusions": [_confusion(found, names) for found in model.confusions],
        "frequency": {"rank_correlation": frequency.value, "p": frequency.p, "exact": frequency.exact}
        if frequency
        else None,
        "obstacle": model.obstacle,
    }


def _class(found: ClassResult, names: Sequence[str]) -> dict[str, Any]:
    return {
        "class": names[found.label],
        "recall": _estimate(found.recall),
        "behind_others": _estimate(found.behind),
        "p": _number(found.p),
        "p_adjusted": _number(found.p_adjusted),
        "harder": found.harder,
    }


def _confusion(found: Confusion, names: Sequence[str]) -> dict[str, Any]:
    share = _estimate(found.share)
    return {"true": names[found.true], "said": names[found.said], "images": found.images, "share": share}


def _class_difference(found: ClassDifference, names: Sequence[str]) -> dict[str, Any]:
    return {
        "class": names[found.label],
        "better": found.better,
        "worse": found.worse,
        "difference": _estimate(found.difference),
        "p_adjusted": _number(found.p_adjusted),
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
        "findings": [found.code for found in findings if found.model == model.name and not found.published],
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
        **_price(pair.price),
        "settled_at": pair.settled_at,
    }


def _price(price: CertaintyPrice | None) -> dict[str, Any]:
    return {
        "seeds_to_decide": price.seeds if price else None,
        "seconds_to_decide": price.seconds if price else None,
        "images_to_decide": price.images if price else None,
        "obstacle": price.reason if price else "",
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
    return {
        "claim": claim.claim,
        "source": claim.source,
        "verdict": claim.verdict,
        "evidence": claim.evidence,
        **_price(claim.price),
    }


def _plateau(search: PlateauSearch) -> dict[str, Any]:
    found = search.found
    return {
        "model": found.model,
        "epoch": found.epoch,
        "best_epoch": found.best_epoch,
        "epochs_tried": found.epochs,
        "seeds": list(found.seeds),
        "why": found.why,
        "seconds": search.train_seconds,
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


def _json(value: object) -> object:
    return _number(value) if isinstance(value, float) else value

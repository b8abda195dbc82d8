"""The report for programs: what `compare --json` prints, and the rest of what a reader sees."""

from __future__ import annotations

import json
from typing import Any

from bakeoff.comparison import Comparison, ModelResult, comparison_to_dict
from bakeoff.report.sentences.verdict import verdict_sentences


def to_json(comparison: Comparison) -> str:
    """Write a comparison as JSON.

    Args:
        comparison: All that is said follows from it.

    Returns:
        An object: `verdict` (sentences, each with its kind and the anchor of what it rests on), `runs` (curves of each
        model's runs, and its confusion matrix: true classes down, predicted across, summed over finished runs), and all
        keys of `comparison_to_dict`. A value that is no number is the text NaN, Infinity or -Infinity.
    """
    verdict = [
        {"kind": sentence.kind, "text": sentence.text, "rests_on": sentence.anchor}
        for sentence in verdict_sentences(comparison)
    ]
    runs = [_runs(model) for model in comparison.models]
    content = {"verdict": verdict, **comparison_to_dict(comparison), "runs": runs}
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _runs(model: ModelResult) -> dict[str, Any]:
    curves = [
        {"seed": run.seed, "fold": run.fold, "status": run.status, **json.loads(run.history.model_dump_json())}
        for run in model.runs
    ]
    return {"model": model.name, "confusion": model.confusion.tolist(), "curves": curves}

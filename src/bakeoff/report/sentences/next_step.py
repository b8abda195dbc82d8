"""The next experiment: what is worth doing after this one, by rule."""

from __future__ import annotations

import math

from bakeoff.comparison import Comparison, ModelResult, PairResult
from bakeoff.report.sentences.phrases import (
    LEADERBOARD,
    Phrase,
    Sentence,
    compose_sentence,
    finding_anchor,
    model_anchor,
    name_model,
    pair_anchor,
)
from bakeoff.report.sentences.prices import price_clause
from bakeoff.report.standing import testable_models

SEEDS = 5
"""As many as a study has that does not say."""

WORTH_SEEDS = 30
"""More seeds than that are not proposed: what needs them hardly matters to anyone."""


def next_sentence(comparison: Comparison) -> Sentence:
    """What to do next; of several things the one without which the others make no sense.

    Args:
        comparison: Of any number of models.

    Returns:
        To mend what failed; to finish what is missing; a second model; seeds, where nothing could be tested; seeds or
        images that would settle who is best; and where that is settled, another kind of model, or to stop.
    """
    return (
        _mend(comparison)
        or _finish(comparison)
        or _second_model(comparison)
        or _repeat(comparison)
        or _settle(comparison)
        or _go_beyond(comparison)
    )


def _mend(comparison: Comparison) -> Sentence | None:
    broken = next((finding for finding in comparison.findings if finding.severity == "error"), None)
    if broken is None:
        return None
    code = Phrase(broken.code, "number", finding_anchor(broken.code))
    if not broken.model:
        return compose_sentence("next", "Next: mend the data (", code, "); until then no other result can be trusted.")
    command = f"bakeoff explain {comparison.study.name} {broken.model} --try"
    return compose_sentence("next", "Next: find out why ", name_model(broken.model), " fails (", code, f"): {command}.")


def _finish(comparison: Comparison) -> Sentence | None:
    if not comparison.missing:
        return None
    runs = Phrase("the models without a run", "number", LEADERBOARD)
    return compose_sentence("next", "Next: train ", runs, f": bakeoff run {comparison.study.name}.")


def _second_model(comparison: Comparison) -> Sentence | None:
    if len(comparison.models) > 1:
        return None
    alone = Phrase("one model", "number", model_anchor(comparison.models[0].name))
    end = " says little: put a simpler network beside it, to see what its size and kind are worth."
    return compose_sentence("next", "Next: ", alone, end)


def _repeat(comparison: Comparison) -> Sentence | None:
    """Where nothing could be tested."""
    if testable_models(comparison) and any(model.accuracy for model in comparison.models):
        return None
    seeds = Phrase("more seeds", "number", LEADERBOARD)
    return compose_sentence("next", "Next: train ", seeds, f": bakeoff run {comparison.study.name} --seeds {SEEDS}.")


def _settle(comparison: Comparison) -> Sentence | None:
    """Seeds or images, where who is best is open."""
    contenders = {model.name for model in testable_models(comparison) if model.tier == 1}
    undecided = [pair for pair in comparison.pairs if pair.verdict == "undecided" and {pair.a, pair.b} <= contenders]
    if not undecided:
        return None
    pair = min(undecided, key=_cost)
    names = Phrase(f"{pair.a} against {pair.b}", "number", pair_anchor(pair.a, pair.b))
    if not math.isfinite(_cost(pair)):
        end = ": choose by what else matters, such as size or time, or widen the margin to what matters."
        return compose_sentence("next", "Next: no more seeds and no more images for ", names, end)
    clause = price_clause(pair, images=comparison.data.test)
    return compose_sentence("next", "Next: settle ", names, f": {clause}.")


def _cost(pair: PairResult) -> float:
    """In seeds; images that are lacking cost more than any seeds, and what nothing settles is infinitely dear."""
    price = pair.price
    if price is None:
        return math.inf
    if price.seeds is not None:
        return price.seeds if price.seeds <= WORTH_SEEDS else math.inf
    return 1e9 + price.images if price.images else math.inf


def _go_beyond(comparison: Comparison) -> Sentence:
    best = [model for model in testable_models(comparison) if model.tier == 1]
    leader = name_model(best[0].name)
    settled = Phrase("settled", "number", model_anchor(best[0].name))
    opening: list[Phrase | str] = ["Next: who is best is ", settled, " as far as it matters here. "]
    if any(map(_convolves, best)):
        end = " leads, which sees neighbouring pixels together; the features of a large network that was trained on "
        end += "other images (transfer learning) may do better still."
        return compose_sentence("next", *opening, leader, end)
    if any(map(_convolves, comparison.models)):
        return compose_sentence("next", *opening, "Stop here: even the convolutional models do not beat ", leader, ".")
    return compose_sentence("next", *opening, "A convolutional network (cnn in the study file) has not been tried.")


def _convolves(model: ModelResult) -> bool:
    listed = model.spec.arguments if isinstance(model.spec.arguments, list) else []
    names = [entry if isinstance(entry, str) else next(iter(entry), "") for entry in listed]
    return model.spec.recipe == "cnn" or any("conv" in name.lower() for name in names)

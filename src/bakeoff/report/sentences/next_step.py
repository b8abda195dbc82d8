"""The next experiment: what is worth doing after this one, by rule."""

from __future__ import annotations

from bakeoff.comparison import CertaintyPrice, Comparison, ModelResult
from bakeoff.comparison.prices import MAY_DECIDE
from bakeoff.report.commands import write_command
from bakeoff.report.sentences.leaders import find_winner, leading_models
from bakeoff.report.sentences.phrases import (
    LEADERBOARD,
    PAIRS,
    Phrase,
    Sentence,
    compose_sentence,
    finding_anchor,
    model_anchor,
    name_model,
    pair_anchor,
)
from bakeoff.report.sentences.prices import are_images_short, price_clause
from bakeoff.report.standing import testable_models

SEEDS = 5
"""As many as a study has that does not say."""

WORTH_SEEDS = 30
WORTH_SECONDS = 3600
"""More seeds than that are proposed only if they take an hour at most: what needs them hardly matters to anyone."""

WORTH_IMAGES = 100_000
"""So many test images has ImageNet, and hardly anyone has more."""

_CONVOLUTIONAL = ("cnn", "application")
_OTHERS_KNOWN = ("mlp", "lstm", "layers")


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
        or _leave_circle(comparison)
        or _go_beyond(comparison)
    )


def _mend(comparison: Comparison) -> Sentence | None:
    broken = next((finding for finding in comparison.findings if finding.severity == "error"), None)
    if broken is None:
        return None
    code = Phrase(broken.code, "number", finding_anchor(broken.code))
    if not broken.model:
        return compose_sentence("next", "Next: mend the data (", code, "); until then no other result can be trusted.")
    command = write_command("explain", comparison.study, broken.model, "--try")
    return compose_sentence("next", f"Next: {command} finds out why ", name_model(broken.model), " fails (", code, ").")


def _finish(comparison: Comparison) -> Sentence | None:
    if not comparison.missing:
        return None
    runs = Phrase("the models without a run", "number", LEADERBOARD)
    return compose_sentence("next", f"Next: {write_command('run', comparison.study)} trains ", runs, ".")


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
    command = write_command("run", comparison.study, "--seeds", str(SEEDS))
    return compose_sentence("next", f"Next: {command} trains ", seeds, ".")


def _settle(comparison: Comparison) -> Sentence | None:
    """Seeds or images, where who is best is open; and where none are known that are worth it, something else."""
    contenders = {model.name for model in leading_models(comparison)}
    undecided = [pair for pair in comparison.pairs if pair.verdict == "undecided" and {pair.a, pair.b} <= contenders]
    if not undecided:
        return None
    images = comparison.data.test
    pair = min(undecided, key=lambda pair: _cost(pair.price, images=images))
    names = Phrase(f"{pair.a} against {pair.b}", "number", pair_anchor(pair.a, pair.b))
    clause = price_clause(pair, images=images)
    if _cost(pair.price, images=images) < _NO_HELP:
        return compose_sentence("next", "Next: settle ", names, f": {clause}.")
    why = clause or "what would settle it is not known"
    end = (
        f" stays open ({why}): choose by what else matters, such as size or time, or widen the margin to what matters."
    )
    return compose_sentence("next", "Next: ", names, end)


_NO_HELP = (3, 0)


def _cost(price: CertaintyPrice | None, *, images: int) -> tuple[int, int]:
    """Seeds that are worth it before images, these before seeds whose number is unknown; else nothing is of help."""
    if price and price.seeds is not None:
        is_short = price.seconds is not None and price.seconds <= WORTH_SECONDS
        return (0, price.seeds) if price.seeds <= WORTH_SEEDS or is_short else _NO_HELP
    if price and price.images is not None and are_images_short(price, images):
        return (1, price.images) if price.images <= WORTH_IMAGES else _NO_HELP
    return (2, 0) if price and price.reason == MAY_DECIDE else _NO_HELP


def _leave_circle(comparison: Comparison) -> Sentence | None:
    """Where each of the best is beaten by another, as different tests may have it."""
    names = {model.name for model in leading_models(comparison)}
    if not any(find_winner(pair) for pair in comparison.pairs if {pair.a, pair.b} <= names):
        return None
    circle = Phrase("in a circle", "number", PAIRS)
    end = ": choose by what else matters, such as size or time."
    return compose_sentence("next", f"Next: the best {len(names)} models beat each other ", circle, end)


def _go_beyond(comparison: Comparison) -> Sentence:
    tested, best = testable_models(comparison), leading_models(comparison)
    leader, convolving = best[0], [model for model in best if _convolves(model)]
    settled = Phrase("settled", "number", model_anchor(leader.name))
    opening: list[Phrase | str] = ["Next: who is best is ", settled, " as far as it matters here. "]
    if any(model.spec.recipe == "application" for model in tested) or _is_opaque(comparison):
        return compose_sentence("next", *opening, "Stop here.")
    if convolving:
        leads = " leads" if len(best) == 1 else " is among the best"
        end = f"{leads}, which sees neighbouring pixels together; the features of a large network that was trained on "
        end += "other images (transfer learning) may do better still."
        return compose_sentence("next", *opening, name_model(convolving[0].name), end)
    if any(map(_convolves, tested)):
        end = "Stop here: even the convolutional models do not beat "
        return compose_sentence("next", *opening, end, name_model(leader.name), ".")
    return compose_sentence("next", *opening, "A convolutional network (cnn in the study file) has not been tried.")


def _convolves(model: ModelResult) -> bool:
    listed = model.spec.arguments if isinstance(model.spec.arguments, list) else []
    names = [entry if isinstance(entry, str) else next(iter(entry), "") for entry in listed]
    return model.spec.recipe in _CONVOLUTIONAL or any("conv" in name.lower() for name in names)


def _is_opaque(comparison: Comparison) -> bool:
    """Whether there is a model of a kind that Bakeoff does not know, such as a function."""
    return any(model.spec.recipe not in (*_CONVOLUTIONAL, *_OTHERS_KNOWN) for model in comparison.models)

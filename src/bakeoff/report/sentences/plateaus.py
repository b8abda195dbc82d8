"""How models came by their number of epochs, in words."""

from __future__ import annotations

from bakeoff.comparison import Comparison, PlateauSearch
from bakeoff.report.sentences.phrases import PLATEAUS, TRAINING, Phrase, Sentence, compose_sentence, name_model

MOST_TOLD = 4
"""Of more models only the range is told; the figure shows them all."""


def plateau_sentences(comparison: Comparison) -> list[Sentence]:
    """The epochs that long runs settled on.

    Args:
        comparison: Of any number of models.

    Returns:
        One sentence for each of a few models, one for all of many; none where epochs were given.
    """
    searches = comparison.plateaus
    if len(searches) > MOST_TOLD:
        return [_range(searches)]
    return [_one(search) for search in searches]


def _one(search: PlateauSearch) -> Sentence:
    found = search.found
    if not found.seeds:
        whole = Phrase(f"all {found.epochs} epochs", "number", TRAINING)
        return compose_sentence("plateau", name_model(found.model), " was trained for ", whole, f": {found.why}.")
    epoch = Phrase(f"epoch {found.epoch}", "number", PLATEAUS)
    middle = ", the beginning of its plateau" if found.epoch < found.best_epoch else ""
    return compose_sentence("plateau", name_model(found.model), " was trained to ", epoch, f"{middle}: {found.why}.")


def _range(searches: tuple[PlateauSearch, ...]) -> Sentence:
    epochs = sorted(search.found.epoch for search in searches)
    told = f"epoch {epochs[0]}" if epochs[0] == epochs[-1] else f"epochs {epochs[0]} to {epochs[-1]}"
    opening = f"{len(searches)} models were trained to the plateau of their own validation loss: "
    place = PLATEAUS if any(search.found.seeds for search in searches) else TRAINING
    return compose_sentence("plateau", opening, Phrase(told, "number", place), ".")

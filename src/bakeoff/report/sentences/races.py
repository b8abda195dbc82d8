"""A race in words: when it looked, what it saved, and whether it is over."""

from __future__ import annotations

import math

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.sentences.phrases import PAIRS, Phrase, Sentence, compose_sentence
from bakeoff.spec.record import RaceRecord


def race_sentences(comparison: Comparison) -> list[Sentence]:
    """The race that gathered the seeds.

    Args:
        comparison: Of any number of models.

    Returns:
        Nothing where the numbers of seeds were fixed beforehand.
    """
    race = comparison.race
    if race is None:
        return []
    looks = f"looks at {numbers.join_names(map(str, race.looks))} seeds"
    if comparison.study.protocol.race:
        opening = f"This was a race with {looks}"
    else:
        asked = comparison.study.protocol.most_seeds
        seeds = f"{asked} seed{'s' * (asked != 1)}"
        opening = f"The study asks for {seeds}, but these were gathered by a race, whose rules hold: {looks}"
    return [compose_sentence("race", f"{opening}; ", *_used(comparison, race)), *_open(comparison)]


def _used(comparison: Comparison, race: RaceRecord) -> list[Phrase | str]:
    """What it cost, and what it would have cost to give every model as many seeds as the race may give."""
    runs = sum(_runs_used(comparison, race, model) for model in comparison.models)
    each, models = race.looks[-1], len(comparison.models)
    used = Phrase(f"{runs:,} run{'s' * (runs != 1)}", "number", PAIRS)
    later = sum(len(model.runs) for model in comparison.models) - runs
    end = f"; {later:,} later run{'s change' if later > 1 else ' changes'} none of its verdicts." if later else "."
    if runs >= each * models:
        return ["it used ", used, f", all that it may{end}"]
    return ["it used ", used, f", where {each} for each of {models} models would have been {each * models:,}{end}"]


def _runs_used(comparison: Comparison, race: RaceRecord, model: ModelResult) -> int:
    """The runs of a model up to the look that settled its last pair."""
    last_look = race.looks[max(race.looks_taken, 1) - 1]
    settled = [pair.settled_at or last_look for pair in comparison.pairs if model.name in (pair.a, pair.b)]
    return min(len(model.runs), max(settled, default=last_look))


def _open(comparison: Comparison) -> list[Sentence]:
    pairs = math.comb(len(comparison.models), 2)
    unsettled = pairs - sum(pair.settled_at is not None for pair in comparison.pairs)
    if not unsettled:
        return []
    are = "is" if unsettled == 1 else "are"
    count = Phrase(f"{unsettled:,} of {pairs:,} pairs" if pairs > 1 else "the only pair", "number", PAIRS)
    return [compose_sentence("race", "The race is not over: ", count, f" {are} open; run it again to go on.")]

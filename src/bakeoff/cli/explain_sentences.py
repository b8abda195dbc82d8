"""What a trial of remedies found, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bakeoff.report import numbers
from bakeoff.runner.remedies import Outcome, Trial


def describe_trial(trial: Trial) -> Iterator[str]:
    """What cures a model, what helps, what may, and what is cleared.

    Args:
        trial: Of any model.

    Yields:
        Sentences, the most important first.
    """
    unchanged = trial.unchanged
    length = f"{trial.epochs} epoch{'s' * (trial.epochs > 1)}"
    if not unchanged.failed:
        yield (
            f"{trial.model} does not fail: all {unchanged.seeds} seeds learn within {length} "
            f"({format_accuracies(unchanged)}). There is nothing to cure; give --epochs if it fails later."
        )
        return
    yield (
        f"{trial.model} fails with {unchanged.failed} of {unchanged.seeds} seeds within {length} "
        f"({format_accuracies(unchanged)})."
    )
    yield from _name_cures(trial)
    if helps := _having(trial, "helps"):
        yield f"{_listed(helps)} {_verb(helps, 'helps', 'help')}: surely fewer seeds fail, but some still do."
    if perhaps := _having(trial, "perhaps"):
        yield (f"{_listed(perhaps)} may help: fewer seeds fail, which may be chance. More --seeds can tell.")
    if cleared := [change.change for change in trial.changes if change.effect == "does not"]:
        yield f"{_capital(numbers.join_names(cleared))} {'does' if len(cleared) == 1 else 'do'} not cure it."


def format_accuracies(outcome: Outcome) -> str:
    """The range of a change's validation accuracies.

    >>> format_accuracies(Outcome("", "", 2, 1, (0.1, 0.826))).replace(numbers.NO_BREAK_SPACE, " ")
    'accuracy 10 to 83 %'
    """
    known = [value for value in outcome.accuracies if not math.isnan(value)]
    if not known:
        return "no run has an accuracy"
    low, high = (f"{100 * value:.0f}" for value in (min(known), max(known)))
    return f"accuracy {low if low == high else f'{low} to {high}'}{numbers.NO_BREAK_SPACE}%"


def _name_cures(trial: Trial) -> Iterator[str]:
    cures = [change for change in trial.changes if change.effect == "cures"]
    if not cures:
        yield "No single change that was tried is known to cure it."
        return
    first, *others = (f"{change.change} cures it" if not place else change.change for place, change in enumerate(cures))
    sentence = f"{_capital(first)}: no seed fails ({format_accuracies(cures[0])})"
    if others:
        also = [f"{change.change} ({format_accuracies(change)})" for change in cures[1:]]
        sentence += f"; so {'does' if len(also) == 1 else 'do'} {numbers.join_names(also)}"
    yield f"{sentence}."


def _having(trial: Trial, effect: str) -> list[Outcome]:
    return [change for change in trial.changes if change.effect == effect]


def _listed(changes: Sequence[Outcome]) -> str:
    return _capital(
        numbers.join_names(f"{change.change} ({change.failed} of {change.seeds} fail)" for change in changes)
    )


def _verb(changes: Sequence[Outcome], one: str, many: str) -> str:
    return one if len(changes) == 1 else many


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

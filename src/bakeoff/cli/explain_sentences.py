"""What a trial of remedies found, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bakeoff.report import numbers
from bakeoff.runner.effects import Outcome
from bakeoff.runner.remedies import Trial


def describe_trial(trial: Trial) -> Iterator[str]:
    """What cures a model, what helps, what makes it learn more, what may help, and what is cleared.

    Args:
        trial: Of any model.

    Yields:
        Sentences, the most important first.
    """
    if not trial.unchanged.failed:
        yield from _describe_health(trial)
        return
    yield from _describe_failing(trial)
    yield from _name_cures(trial)
    if helps := _having(trial, "helps"):
        yield f"{_listed(helps)} {_verb(helps, 'helps', 'help')}: surely fewer seeds fail, but some still do."
    if more := _having(trial, "learns more"):
        yield (
            f"It learns more with {_list_accuracies(more)}, though seeds still fail, and may need more epochs: "
            f"--epochs {2 * trial.epochs} can tell."
        )
    if perhaps := _having(trial, "perhaps"):
        yield (f"{_listed(perhaps)} may help: fewer seeds fail, which may be chance. More --seeds can tell.")
    if cleared := [change.change for change in _having(trial, "does not")]:
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


def _describe_health(trial: Trial) -> Iterator[str]:
    yield (
        f"{trial.model} does not fail: all {trial.unchanged.seeds} seeds learn within {_length(trial.epochs)} "
        f"({format_accuracies(trial.unchanged)}). There is nothing to cure; give --epochs if it fails later."
    )
    if trial.own_epochs < trial.epochs:
        yield (
            f"Its own protocol stops after {_length(trial.own_epochs)}: if it fails there, that may be too few "
            f"(--epochs {trial.own_epochs} can tell)."
        )


def _describe_failing(trial: Trial) -> Iterator[str]:
    longer = f", where its own protocol has {trial.own_epochs}" if trial.own_epochs < trial.epochs else ""
    yield (
        f"{trial.model} fails with {trial.unchanged.failed} of {trial.unchanged.seeds} seeds within "
        f"{_length(trial.epochs)}{longer} ({format_accuracies(trial.unchanged)})."
    )
    yield (
        f"A seed fails that names the class of fewer than {100 * trial.floor:.0f}{numbers.NO_BREAK_SPACE}% of the "
        "validation images: so many are right if each is given the class whose mean image is nearest."
    )


def _length(epochs: int) -> str:
    return f"{epochs} epoch{'s' * (epochs > 1)}"


def _name_cures(trial: Trial) -> Iterator[str]:
    cures = [change for change in trial.changes if change.effect == "cures"]
    if not cures:
        yield "No single change that was tried is known to cure it."
        return
    first, *others = cures
    sentence = f"{_capital(first.change)} cures it: no seed fails ({format_accuracies(first)})"
    if others:
        sentence += f"; so {_verb(others, 'does', 'do')} {_list_accuracies(others)}"
    yield f"{sentence}."
    if trial.own_epochs < trial.epochs:
        yield f"Its own protocol stops after {_length(trial.own_epochs)}, which may be too few even then."


def _having(trial: Trial, effect: str) -> list[Outcome]:
    return [change for change in trial.changes if change.effect == effect]


def _listed(changes: Sequence[Outcome]) -> str:
    return _capital(
        numbers.join_names(f"{change.change} ({change.failed} of {change.seeds} fail)" for change in changes)
    )


def _list_accuracies(changes: Sequence[Outcome]) -> str:
    return numbers.join_names(f"{change.change} ({format_accuracies(change)})" for change in changes)


def _verb(changes: Sequence[Outcome], one: str, many: str) -> str:
    return one if len(changes) == 1 else many


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

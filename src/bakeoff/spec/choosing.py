"""Smaller studies out of a study: fewer seeds, fewer models."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bakeoff.errors import StudyError, suggest
from bakeoff.spec.claims import Claim
from bakeoff.spec.statements import FactorOrder
from bakeoff.spec.study import Study


def with_seeds(study: Study, seeds: int) -> Study:
    """The study with this many seeds, for every model; a race becomes a study of this many.

    Args:
        study: The study.
        seeds: At least 1.

    Returns:
        The changed study.

    Raises:
        StudyError: Fewer than 1.
    """
    if seeds < 1:
        raise StudyError(f"seeds must be at least 1, got {seeds}")
    change = {"seeds": seeds}
    models = [model.model_copy(update={"protocol": model.protocol.model_copy(update=change)}) for model in study.models]
    return study.model_copy(update={"protocol": study.protocol.model_copy(update=change), "models": tuple(models)})


def only_models(study: Study, names: Iterable[str]) -> Study:
    """The study with these models only, in its own order; published figures and claims about others go.

    Args:
        study: The study.
        names: At least one model's name.

    Returns:
        The smaller study.

    Raises:
        StudyError: No name, or one that is no model of the study.
    """
    wanted = list(names)
    available = [model.name for model in study.models]
    if not wanted:
        raise StudyError(f"name at least one model to keep, got none; {suggest('', available)}")
    for name in wanted:
        if name not in available:
            raise StudyError(f"no model {name!r} in study {study.name!r}; {suggest(name, available)}")
    return study.model_copy(
        update={
            "models": tuple(model for model in study.models if model.name in wanted),
            "published": {name: figures for name, figures in study.published.items() if name in wanted},
            "claims": tuple(claim for claim in study.claims if _concerns_only(claim, study, wanted)),
        }
    )


def _concerns_only(claim: Claim, study: Study, wanted: list[str]) -> bool:
    """Whether all that the claim is about is kept; prose is about the models that it mentions."""
    statement = claim.statement
    if statement is None:
        return not any(_mentions(claim.says, model.name) for model in study.models if model.name not in wanted)
    if isinstance(statement, FactorOrder):
        kept = {model.factors.get(statement.factor) for model in study.models if model.name in wanted}
        return set(statement.levels) <= kept
    return set(statement.models) <= set(wanted)


def _mentions(claim: str, name: str) -> bool:
    return re.search(rf"(?<![\w.+-]){re.escape(name)}(?![\w+-])", claim) is not None

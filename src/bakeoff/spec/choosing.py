"""Smaller studies out of a study: fewer seeds, fewer models."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bakeoff.errors import StudyError, suggest
from bakeoff.spec.study import Study


def with_seeds(study: Study, seeds: int) -> Study:
    """The study with this many seeds, for every model.

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
    gone = [name for name in available if name not in wanted]
    return study.model_copy(
        update={
            "models": tuple(model for model in study.models if model.name in wanted),
            "published": {name: figures for name, figures in study.published.items() if name in wanted},
            "claims": tuple(claim for claim in study.claims if not any(_mentions(claim, name) for name in gone)),
        }
    )


def _mentions(claim: str, name: str) -> bool:
    return re.search(rf"(?<![\w.+-]){re.escape(name)}(?![\w+-])", claim) is not None

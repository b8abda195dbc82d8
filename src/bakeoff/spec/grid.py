"""`grid: {mlp: {hidden: [[128], [128, 64]], activation: [relu, tanh]}}`: every combination becomes a model."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from bakeoff.errors import StudyError
from bakeoff.spec.checking import check_mapping, show_value
from bakeoff.spec.yaml_lines import Document, KeyPath


def expand_grid(document: Document) -> Document:
    """Turn the grid into entries under `models`, behind those that are written there.

    A model's name is its recipe and the values that vary (`mlp-128-64-relu`; of a switch, its name or `no-` and its
    name); its factors are all arguments of the grid with their values as text.

    Args:
        document: A study file's content.

    Returns:
        The content without `grid`; each new model's places are those of the grid.

    Raises:
        StudyError: An argument that is no list of values, or two models of one name.
    """
    if "grid" not in document.content:
        return document
    models = dict(check_mapping(document.content.get("models"), path=("models",), holds="names to entries"))
    places = dict(document.places)
    grid = check_mapping(document.content["grid"], path=("grid",), holds="recipes to their arguments")
    for recipe, arguments in grid.items():
        for name, entry in _combinations(recipe, arguments):
            if name in models:
                raise StudyError(
                    f"the grid makes a model {name!r}, and there is one of this name already; rename that one, "
                    f"or list the models one by one under models",
                    path=("grid", recipe),
                )
            models[name] = entry
            places |= _copied_places(places, ("grid", recipe), ("models", name, recipe))
            places["models", name] = places.get(("grid", recipe), "")
    content = {key: value for key, value in document.content.items() if key != "grid"}
    return Document({**content, "models": models}, places)


def value_as_text(value: object) -> str:
    """A value as the level of a factor and as part of a name.

    >>> value_as_text([128, 64]), value_as_text([]), value_as_text(0.5), value_as_text(True)
    ('128-64', 'none', '0.5', 'yes')
    """
    if isinstance(value, list):
        return "-".join(map(value_as_text, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _combinations(recipe: str, arguments: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the entry of every combination, the last argument varying fastest."""
    path: KeyPath = ("grid", recipe)
    choices = check_mapping(arguments, path=path, holds="arguments to lists of values")
    for argument, values in choices.items():
        if not isinstance(values, list) or not values:
            raise StudyError(
                f"the grid needs a list of values for {argument}, such as {show_value([values or 1])}, "
                f"got {show_value(values)}",
                path=(*path, argument),
            )
    for combination in itertools.product(*choices.values()):
        chosen = dict(zip(choices, combination, strict=True))
        varied = [_name_part(key, value) for key, value in chosen.items() if len(choices[key]) > 1]
        factors = {key: value_as_text(value) for key, value in chosen.items()}
        yield "-".join([recipe, *varied]), {recipe: chosen, "factors": factors}


def _name_part(argument: str, value: object) -> str:
    if isinstance(value, bool):
        return argument if value else f"no-{argument}"
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", value_as_text(value))


def _copied_places(places: dict[KeyPath, str], source: KeyPath, target: KeyPath) -> dict[KeyPath, str]:
    depth = len(source)
    return {(*target, *path[depth:]): place for path, place in places.items() if path[:depth] == source}

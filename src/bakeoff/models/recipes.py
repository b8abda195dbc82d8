"""From a model entry to its list of layers: `layers:` as it stands, or a recipe found by its file's name.

A recipe is a module with a pydantic class `Arguments` and a pure function `layers(arguments) -> list[Named]`. It lives
in this folder, or in another package under the entry-point group `bakeoff.recipes`; of two with the same name, the one
in this folder counts.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from bakeoff import models
from bakeoff.errors import StudyError, suggest
from bakeoff.spec.checking import check
from bakeoff.spec.named import Frozen, Named
from bakeoff.spec.study import ModelSpec

_NOT_RECIPES = {"backend", "blocks", "network", "recipes"}


class _Stack(Frozen):
    """What `layers:` holds."""

    layers: tuple[Named, ...]


@cache
def recipe_names() -> tuple[str, ...]:
    """Every recipe's name, Bakeoff's own and installed ones, in alphabetical order.

    >>> {"cnn", "lstm", "mlp"} <= set(recipe_names())
    True
    """
    return tuple(sorted(_own_recipes() | set(_installed_recipes())))


def expand_layers(model: ModelSpec) -> tuple[Named, ...]:
    """The layers of a model entry, before any framework sees them.

    Args:
        model: An entry of a study; its `recipe` is `layers` or a recipe's name.

    Returns:
        The stack from the first layer to the softmax.

    Raises:
        StudyError: The recipe is unknown or its arguments do not fit; the error's path leads to the entry.
    """
    path = ("models", model.name, model.recipe)
    if model.recipe == "layers":
        stack = check(_Stack, {"layers": model.arguments}, path=path[:-1], owner=f"model {model.name!r}")
        return stack.layers
    recipe = _find_recipe(model.recipe, path)
    arguments = check(recipe.Arguments, model.arguments or {}, path=path, owner=model.recipe)
    return tuple(recipe.layers(arguments))


def _own_recipes() -> set[str]:
    return {module.name for module in pkgutil.iter_modules(models.__path__)} - _NOT_RECIPES


def _installed_recipes() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group="bakeoff.recipes")}


def _find_recipe(name: str, path: tuple[str, ...]) -> ModuleType:
    if name in _own_recipes():
        return importlib.import_module(f"bakeoff.models.{name}")
    installed = _installed_recipes()
    if name not in installed:
        available = suggest(name, ["layers", *recipe_names()])
        raise StudyError(f"unknown recipe {name!r}: a model needs `layers:` or one recipe; {available}", path=path)
    module: ModuleType = installed[name].load()
    return module

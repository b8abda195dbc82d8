"""From the entries under `models` to `ModelSpec`: one builder each, with defaults and protocol filled in."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from bakeoff.errors import StudyError, suggest
from bakeoff.spec.checking import check, check_mapping, refuse_unknown_keys, show_value
from bakeoff.spec.protocol import Protocol
from bakeoff.spec.study import ModelSpec
from bakeoff.spec.yaml_lines import KeyPath, Places

ENTRY_OPTIONS = ("factors", "note", "protocol", "trials")
STUDY_WIDE_FIELDS = ("margin",)


def build_models(content: Mapping[str, Any], protocol: Mapping[str, Any]) -> tuple[ModelSpec, ...]:
    """Make the models of a study whose grid is expanded.

    Args:
        content: The study file's content: `models`, `defaults` and `factors` are read.
        protocol: The study's protocol as written, already checked.

    Returns:
        The models in the order of the file.

    Raises:
        StudyError: No models; an entry without exactly one builder; defaults or factors for what does not exist; a
            value in an entry that does not fit.
    """
    entries = check_mapping(content.get("models"), path=("models",), holds="names to entries")
    if not entries:
        raise StudyError("a study needs at least one model, under models or grid, got none", path=("models",))
    builders = {name: find_builder(name, entry) for name, entry in entries.items()}
    defaults = _read_defaults(content.get("defaults"), builders.values())
    labels = check_mapping(content.get("factors"), path=("factors",), holds="models to factors and their levels")
    for name in labels:
        require_model(name, entries, section="factors")
    return tuple(
        _build_model(name, entry, builders[name], protocol, defaults.get(builders[name]), labels.get(name))
        for name, entry in entries.items()
    )


def find_builder(name: str, entry: object) -> str:
    """The one key of a model entry that says what builds it: `layers` or a recipe's name."""
    path: KeyPath = ("models", name)
    example = "such as {mlp: {hidden: [128]}}"
    if not isinstance(entry, dict):
        raise StudyError(
            f"model {name!r} must be a mapping with one builder, {example}, got {show_value(entry)}", path=path
        )
    builders = [str(key) for key in entry if key not in ENTRY_OPTIONS]
    if not builders:
        raise StudyError(
            f"model {name!r} has no builder: it needs exactly one, layers or a recipe, {example}", path=path
        )
    if len(builders) > 1:
        stray = _most_like_an_option(builders)
        raise StudyError(
            f"model {name!r} has {len(builders)} builders, {' and '.join(map(repr, builders))}, and needs exactly one "
            f"(layers or a recipe); as for {stray!r}: {_advice(stray)}",
            path=(*path, stray),
        )
    return builders[0]


def require_model(name: str, models: Collection[str], *, section: str) -> None:
    """Raise a StudyError unless `name`, a key of this section, is a model."""
    if name not in models:
        raise StudyError(
            f"{section} for {name!r}, which is no model of this study; {suggest(name, models)}", path=(section, name)
        )


def inherited_places(content: Mapping[str, Any], models: Iterable[ModelSpec], places: Places) -> dict[KeyPath, str]:
    """Where the values stand that models took from `defaults`, `protocol` and `factors`.

    Args:
        content: The study file's content, grid expanded.
        models: The models built from it.
        places: The places of the content.

    Returns:
        Places for paths such as `("models", "dense", "mlp", "activation")` that the file itself does not have.
    """
    found: dict[KeyPath, str] = {}
    for model in models:
        sources: list[tuple[KeyPath, KeyPath]] = [
            (("defaults", model.recipe), ("models", model.name, model.recipe)),
            (("protocol",), ("models", model.name, "protocol")),
            (("factors", model.name), ("models", model.name, "factors")),
        ]
        for source, target in sources:
            section = _section(content, source)
            for key in section:
                if (*target, key) not in places and (*source, key) in places:
                    found[*target, key] = places[*source, key]
    return found


def _section(content: Mapping[str, Any], path: KeyPath) -> Mapping[str, Any]:
    section: Any = content
    for key in path:
        section = section.get(key) if isinstance(section, dict) else None
    return section if isinstance(section, dict) else {}


def _most_like_an_option(builders: list[str]) -> str:
    """Which of several builders is probably none: a protocol field, a misspelt option, or the last."""
    near = [key for key in builders if key in Protocol.model_fields]
    near += [key for key in builders if difflib.get_close_matches(key, ENTRY_OPTIONS)]
    return near[0] if near else builders[-1]


def _advice(stray: str) -> str:
    return "it belongs under protocol" if stray in Protocol.model_fields else suggest(stray, ENTRY_OPTIONS)


def _read_defaults(value: object, used: Collection[str]) -> dict[str, dict[str, Any]]:
    defaults = check_mapping(value, path=("defaults",), holds="recipes to arguments")
    for recipe, arguments in defaults.items():
        path: KeyPath = ("defaults", recipe)
        if recipe not in used:
            raise StudyError(
                f"defaults for {recipe!r}, which no model of this study uses; {suggest(recipe, set(used))}", path=path
            )
        check_mapping(arguments, path=path, holds="arguments to values")
    return {recipe: arguments or {} for recipe, arguments in defaults.items()}


def _build_model(
    name: str, entry: dict[str, Any], recipe: str, protocol: Mapping[str, Any], defaults: Any, labels: Any
) -> ModelSpec:
    path: KeyPath = ("models", name)
    own = check_mapping(entry.get("protocol"), path=(*path, "protocol"), holds="fields to values")
    _check_own_protocol(own, name, protocol)
    values = {
        "name": name,
        "recipe": recipe,
        "arguments": _arguments(entry[recipe], defaults, path=(*path, recipe)),
        "protocol": check(Protocol, {**protocol, **own}, path=(*path, "protocol"), owner=f"protocol of model {name!r}"),
        "factors": _factors(name, entry.get("factors"), labels),
        "note": entry.get("note") or "",
        **({"trials": entry["trials"]} if "trials" in entry else {}),
    }
    return check(ModelSpec, values, path=path, owner=f"model {name!r}")


def _check_own_protocol(own: Mapping[str, Any], name: str, protocol: Mapping[str, Any]) -> None:
    for field in STUDY_WIDE_FIELDS:
        if field in own:
            raise StudyError(
                f"{field} is one for the whole study: move it to the study's own protocol",
                path=("models", name, "protocol", field),
            )
    path: KeyPath = ("models", name, "protocol", "seeds")
    if isinstance(own.get("seeds"), dict):
        raise StudyError("a race is for the whole study: move it to the study's own protocol", path=path)
    if "seeds" in own and isinstance(protocol.get("seeds"), dict):
        raise StudyError(
            f"model {name!r} must not have its own number of seeds, got {show_value(own['seeds'])}, since this study "
            "is a race, which decides how many each model gets; remove it",
            path=path,
        )
    known = [field for field in Protocol.model_fields if field not in STUDY_WIDE_FIELDS]
    refuse_unknown_keys(own, known, path=("models", name, "protocol"), owner=f"protocol of model {name!r}")


def _arguments(value: Any, defaults: dict[str, Any] | None, *, path: KeyPath) -> Any:
    recipe = path[-1]
    if recipe == "layers" and not (isinstance(value, list) and value):
        raise StudyError(
            f"layers must be a list of Keras layers, such as [Flatten, {{Dense: {{units: classes}}}}], "
            f"got {show_value(value)}",
            path=path,
        )
    value = {} if value is None else value
    if defaults is None:
        return value
    if not isinstance(value, dict):
        raise StudyError(
            f"{recipe} must be a mapping of arguments, since defaults has some for it, got {show_value(value)}",
            path=path,
        )
    return {**defaults, **value}


def _factors(name: str, own: object, labels: object) -> dict[str, str]:
    own = _check_levels(own, path=("models", name, "factors"))
    labels = _check_levels(labels, path=("factors", name))
    for factor in labels:
        if factor in own:
            raise StudyError(
                f"factor {factor!r} of model {name!r} is given twice: here, and by the model or its grid",
                path=("factors", name, factor),
            )
    return {**own, **labels}


def _check_levels(value: object, *, path: KeyPath) -> dict[str, str]:
    factors = check_mapping(value, path=path, holds="factors to levels")
    for factor, level in factors.items():
        if not isinstance(level, str):
            raise StudyError(
                f"the level of factor {factor!r} must be text, got {show_value(level)}; put it in quotes",
                path=(*path, factor),
            )
    return factors

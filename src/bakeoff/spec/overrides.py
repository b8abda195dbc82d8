"""`--set protocol.epochs=2`: values from the command line, put into a study file's content before it is checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from bakeoff.errors import StudyError, suggest
from bakeoff.spec.checking import show_value
from bakeoff.spec.yaml_lines import Document, KeyPath, Places, read_yaml

_ONLY_JUDGED = re.compile(
    r"\s*((models\..+\.)?protocol\.seeds\b|protocol\.margin\b|models\.[^=]+\.(note|trials|factors)\b"
    r"|(name|title|alias|source|choices|claims|published|factors)\b)"
)


def split_overrides(overrides: Iterable[str]) -> tuple[list[str], list[str]]:
    """Those for the study, and those for single models: these wait until the grid has made its models.

    >>> split_overrides(["models.dense.protocol.epochs=3", "data=digits"])
    (['data=digits'], ['models.dense.protocol.epochs=3'])
    """
    everywhere: list[str] = []
    single: list[str] = []
    for text in overrides:
        (single if text.startswith("models.") else everywhere).append(text)
    return everywhere, single


def select_training(overrides: Iterable[str]) -> tuple[str, ...]:
    """Those that change what is trained: not the number of seeds, not the margin, not what is only said or judged.

    >>> select_training(["protocol.epochs=2", "protocol.seeds=3", "title=Mine", "models.dense.protocol.seeds=3"])
    ('protocol.epochs=2',)
    """
    return tuple(text for text in overrides if not _ONLY_JUDGED.match(text))


def apply_overrides(document: Document, overrides: Sequence[str]) -> Document:
    """Put the values of `--set KEY=VALUE` into the content, the later over the earlier.

    `protocol.X=V` is for the whole study: models that have an X of their own lose it.
    Inside a field of the protocol a new choice takes the place of the old one: `protocol.validation.kfold=5`
    replaces `{holdout: 0.2}`, and `protocol.optimizer.adam.learning_rate=0.01` replaces `rmsprop`.

    Args:
        document: The study file.
        overrides: Texts `KEY=VALUE`; the key has dots, the value is YAML.

    Returns:
        The changed content; errors about a changed part name the `--set` instead of a line.

    Raises:
        StudyError: No `=`, a value that is not YAML, or a key that leads nowhere.
    """
    for text in overrides:
        document = _apply_override(document, text)
    return document


def _apply_override(document: Document, text: str) -> Document:
    where = f"--set {text}"
    keys, equals, value_text = text.partition("=")
    if not equals or not all(key.strip() for key in keys.split(".")):
        raise StudyError("expected KEY=VALUE, such as protocol.epochs=2", where=where)
    try:
        value = read_yaml(value_text, file=where).content
        path = _resolve(document.content, keys.strip().split("."))
        content = _replaced(document.content, path, value, ())
    except StudyError as error:
        raise StudyError(error.message, where=where) from None
    changed = [path]
    if path[0] == "protocol":
        fields = path[1:2] or tuple(value if isinstance(value, dict) else ())
        content, dropped = _without_own(content, fields)
        changed += dropped
    places = {
        known: place for known, place in document.places.items() if not any(_is_below(known, at) for at in changed)
    }
    return Document(content, {**places, **dict.fromkeys(_set_prefixes(path, document.places), where)})


def _resolve(content: Any, parts: list[str]) -> KeyPath:
    """Keys out of dotted text; a key that has dots itself (`mlp-0.5`) is found where it exists."""
    path: list[str | int] = []
    while parts:
        key, taken = _longest_key(content, parts)
        path.append(key)
        parts = parts[taken:]
        content = _child(content, key)
    return tuple(path)


def _longest_key(content: Any, parts: list[str]) -> tuple[str | int, int]:
    if isinstance(content, list) and parts[0].isdecimal():
        return int(parts[0]), 1
    lengths = range(len(parts), 0, -1) if isinstance(content, dict) else ()
    return next(((".".join(parts[:n]), n) for n in lengths if ".".join(parts[:n]) in content), (parts[0], 1))


def _child(content: Any, key: str | int) -> Any:
    if isinstance(content, list) and isinstance(key, int):
        return content[key] if key < len(content) else None
    return content.get(key) if isinstance(content, dict) else None


def _replaced(content: Any, path: KeyPath, value: Any, trail: KeyPath) -> Any:
    """A copy of the content with the value at the path; `trail` is the way that led here."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(content, list):
        return _replaced_item(content, key, rest, value, trail)
    mapping = _as_mapping(content, key, trail)
    return {**mapping, key: _replaced(mapping.get(key), rest, value, (*trail, key))}


def _replaced_item(content: list[Any], key: str | int, rest: KeyPath, value: Any, trail: KeyPath) -> list[Any]:
    if not isinstance(key, int) or key >= len(content):
        raise StudyError(
            f"{_dotted(trail)} is a list of {len(content)}: its items are 0 to {len(content) - 1}, got {key}"
        )
    new = _replaced(content[key], rest, value, (*trail, key))
    return [*content[:key], new, *content[key + 1 :]]


def _as_mapping(content: Any, key: str | int, trail: KeyPath) -> dict[Any, Any]:
    if trail == ("models",) and key not in (content or {}):
        raise StudyError(f"no model {str(key)!r} in this study; {suggest(str(key), content or {})}")
    if trail[-2:-1] == ("protocol",):
        return content if isinstance(content, dict) and key in content else {}
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise StudyError(f"{_dotted(trail) or 'the study'} is {show_value(content)}, which has no keys to set")
    return content


def _without_own(content: dict[str, Any], fields: Iterable[str | int]) -> tuple[dict[str, Any], list[KeyPath]]:
    """Take these protocol fields from every model that has its own; also say which were taken."""
    dropped: list[KeyPath] = []
    models = content.get("models")
    if not isinstance(models, dict):
        return content, dropped
    kept = dict(models)
    for name, entry in models.items():
        own = _child(_child(models, name), "protocol")
        lost = [field for field in fields if isinstance(own, dict) and field in own]
        if lost:
            dropped += [("models", name, "protocol", field) for field in lost]
            kept[name] = {**entry, "protocol": {field: own[field] for field in own if field not in lost}}
    return {**content, "models": kept}, dropped


def _set_prefixes(path: KeyPath, places: Places) -> list[KeyPath]:
    """The parts of the path that an override makes: keys that were not there, the protocol's field that it chooses."""
    chosen = path.index("protocol") + 2 if "protocol" in path else 0
    lengths = range(1, len(path) + 1)
    return [path[:n] for n in lengths if n in (chosen, len(path)) or path[:n] not in places]


def _is_below(path: KeyPath, top: KeyPath) -> bool:
    return path[: len(top)] == top


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path))

"""A JSON schema in words: what a value may be, for people who write YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from docs.writing.markdown import write_code

Schema = Mapping[str, Any]

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "mapping",
    "null": "nothing",
}
_PLURALS = {"string": "texts", "integer": "whole numbers", "number": "numbers"}
_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}


def describe_type(schema: Schema, definitions: Mapping[str, Schema]) -> str:
    """What a value of this schema is.

    Args:
        schema: Of one key.
        definitions: What `$ref` refers to, by name.

    Returns:
        A few words of Markdown.

    >>> describe_type({"type": "integer", "minimum": 1}, {})
    'whole number (at least 1)'
    >>> describe_type({"anyOf": [{"enum": ["raw", "unit"]}, {"type": "null"}]}, {})
    '`raw` or `unit`'
    """
    if "$ref" in schema:
        return _describe_reference(schema["$ref"].rsplit("/", 1)[1], definitions)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        told = [describe_type(choice, definitions) for choice in choices if choice.get("type") != "null"]
        return " or ".join(dict.fromkeys(told))
    if "enum" in schema or "const" in schema:
        return " or ".join(write_code(str(value)) for value in schema.get("enum", [schema.get("const")]))
    return _describe_plain(schema)


def describe_default(schema: Schema) -> str:
    """What counts where a key is left out, as YAML has it; nothing where that is plain emptiness.

    >>> describe_default({"default": {"holdout": 0.1}}), describe_default({"default": ""})
    ('`{holdout: 0.1}`', '')
    """
    default = schema.get("default")
    if default is None or default in ("", [], {}):
        return ""
    return write_code(_write_value(default))


def _describe_reference(name: str, definitions: Mapping[str, Schema]) -> str:
    if name == "Named":
        return "name, or `{name: {argument: value}}`"
    schema = definitions[name]
    if name in ("Protocol", "OwnProtocol", "Model", "Published", "PublishedHistory"):
        return "mapping, see below"
    inside = (f"{key}: {_describe_inside(value)}" for key, value in schema["properties"].items())
    return write_code(f"{{{', '.join(inside)}}}")


def _describe_inside(schema: Schema) -> str:
    """One value inside braces, in a word."""
    return str(schema["const"]) if "const" in schema else {"integer": "N"}.get(schema["type"], "X")


def _describe_plain(schema: Schema) -> str:
    kind = schema.get("type", "")
    if kind == "array":
        return _describe_list(schema.get("items", {}))
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return "mapping"
    return _TYPES.get(kind, "any value") + _describe_bounds(schema)


def _describe_bounds(schema: Schema, each: str = "") -> str:
    bounds = ", ".join(f"{word} {schema[key]:g}" for key, word in _BOUNDS.items() if key in schema)
    return f" ({bounds}{each})" if bounds else ""


def _describe_list(items: Schema) -> str:
    plural = _PLURALS.get(items.get("type", ""))
    return f"list of {plural}{_describe_bounds(items, ' each')}" if plural else "list"


def _write_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_write_value(each)}' for key, each in value.items())}}}"
    return value if isinstance(value, str) else json.dumps(value)

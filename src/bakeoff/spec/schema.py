"""The JSON schema of a study file as people write it, for editors: `python -m bakeoff.spec.schema` prints it."""

from __future__ import annotations

import json
import sys
from typing import Any

from bakeoff.spec.claims import FORMS, Claim
from bakeoff.spec.entries import ENTRY_OPTIONS, STUDY_WIDE_FIELDS
from bakeoff.spec.protocol import Holdout, Protocol
from bakeoff.spec.reading import TOP_KEYS
from bakeoff.spec.study import ModelSpec, Published, Study

_REFERENCE = "#/$defs/{model}"
_TEXT = {"type": "string"}
_NAMED = {
    "description": "A Keras name, alone or with its arguments: adam, or {adam: {learning_rate: 0.001}}.",
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": {"type": ["object", "null"]},
        },
    ],
}


def study_schema() -> dict[str, Any]:
    """The schema of the file format, short forms included.

    Returns:
        A JSON schema (draft 2020-12). It knows every key but the recipes' own; what it accepts may still be refused by
        `read_study`, which knows the models' names as well.
    """
    protocol = Protocol.model_json_schema(ref_template=_REFERENCE)
    published = Published.model_json_schema(ref_template=_REFERENCE)
    definitions: dict[str, Any] = protocol.pop("$defs")
    definitions["Named"] = _NAMED
    definitions["Protocol"] = _with_short_forms(protocol)
    definitions["OwnProtocol"] = _without(definitions["Protocol"], STUDY_WIDE_FIELDS)
    definitions |= {**published.pop("$defs"), "Published": published}
    definitions["Model"] = _model_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Bakeoff study",
        "description": "Which models are compared, on which data, under which protocol.",
        "type": "object",
        "properties": {key: _top_level(key) for key in TOP_KEYS},
        "required": ["name", "data"],
        "anyOf": [{"required": ["models"]}, {"required": ["grid"]}],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _top_level(key: str) -> dict[str, Any]:
    sections = {
        "alias": {**_TEXT, "description": "A second, shorter name of a built-in study."},
        "protocol": {"$ref": "#/$defs/Protocol", "description": "How all models are trained and judged."},
        "models": _mapping_to({"$ref": "#/$defs/Model"}, "The models by name."),
        "defaults": _mapping_to(
            {"type": ["object", "null"]}, "By recipe: arguments that every model of it starts from."
        ),
        "grid": _mapping_to(
            {"type": "object", "additionalProperties": {"type": "array", "minItems": 1}},
            "By recipe: arguments with lists of values; every combination becomes a model.",
        ),
        "factors": _mapping_to(_mapping_to(_TEXT), "By model: extra labels for attribution."),
        "published": _mapping_to({"$ref": "#/$defs/Published"}, "By model: what the source printed."),
        "claims": _claims_schema(),
    }
    if key in sections:
        return sections[key]
    written: dict[str, Any] = Study.model_json_schema()["properties"][key]
    return {name: value for name, value in written.items() if name != "default"}


def _claims_schema() -> dict[str, Any]:
    long = {**Claim.model_json_schema(), "description": "In the grammar, in the source's words, or both."}
    unquoted = {
        "description": "What YAML makes of an unquoted `hardest(dense): 4, 5` or `activation: relu > tanh`.",
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {"type": ["string", "integer"]},
    }
    text = {**_TEXT, "description": f"One of: {'; '.join(FORMS)}."}
    return {
        "description": "What the source says: in a form that runs can confirm or refute, or in its words.",
        "type": "array",
        "items": {"anyOf": [text, {**long, "minProperties": 1}, unquoted]},
    }


def _model_schema() -> dict[str, Any]:
    own = ModelSpec.model_json_schema()
    return {
        "description": "Exactly one builder (layers, or a recipe such as mlp, cnn, lstm), and options.",
        "type": "object",
        "properties": {
            "layers": {
                "description": "Keras layers by name, first to last; `classes` stands for the number of classes.",
                "type": "array",
                "items": {"$ref": "#/$defs/Named"},
                "minItems": 1,
            },
            "protocol": {"$ref": "#/$defs/OwnProtocol", "description": "This model's own changes to the protocol."},
            "factors": _mapping_to(_TEXT, "Labels for attribution: factor to level."),
            **{option: own["properties"][option] for option in ("note", "trials")},
        },
        "minProperties": 1,
        "maxProperties": 1 + len(ENTRY_OPTIONS),
    }


def _with_short_forms(protocol: dict[str, Any]) -> dict[str, Any]:
    """Allow `validation: 0.2` for `validation: {holdout: 0.2}`, and write defaults as a file has them."""
    number = Holdout.model_json_schema()["properties"]["holdout"]
    short = {"type": number["type"], "exclusiveMinimum": number["exclusiveMinimum"]}
    properties = dict(protocol["properties"])
    properties["validation"] = {**properties["validation"], "anyOf": [short, *properties["validation"]["anyOf"]]}
    defaults = Protocol().model_dump(mode="json")
    properties = {field: {**schema, "default": defaults[field]} for field, schema in properties.items()}
    return {**protocol, "properties": properties}


def _without(schema: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """A model's own protocol: no default of its own, since it takes over the study's."""
    kept = {
        field: {name: value for name, value in properties.items() if name != "default"}
        for field, properties in schema["properties"].items()
        if field not in fields
    }
    return {
        **schema,
        "title": "OwnProtocol",
        "description": "A model's own changes to the protocol.",
        "properties": kept,
    }


def _mapping_to(values: dict[str, Any], description: str = "") -> dict[str, Any]:
    schema = {"type": "object", "additionalProperties": values}
    return {"description": description, **schema} if description else schema


if __name__ == "__main__":
    sys.stdout.write(json.dumps(study_schema(), indent=2) + "\n")

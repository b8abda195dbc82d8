"""docs/reference/study-file.md: every key of a study, from its schema; recipes, claims and data sets from the code."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from docs.writing.markdown import write_block, write_code, write_table
from docs.writing.schema_words import Schema, describe_default, describe_type

from bakeoff.data import dataset_names
from bakeoff.models.recipes import recipe_names
from bakeoff.spec import statements
from bakeoff.spec.schema import study_schema

HEAD = """# The study file

*Written by `python -m docs.writing`; do not edit.*

A study is a YAML file. Only `name`, `data` and `models` (or `grid`) are needed; everything else has a default, and
`bakeoff show STUDY` prints it with all of them filled in. An unknown key is an error that names file, line and the
nearest key. `--set KEY=VALUE` changes an entry from the command line: `--set protocol.epochs=2`, `--set
models.dense.protocol.epochs=3`. Editors that know JSON schema can check and complete the file by
[study.schema.json](../study.schema.json).
"""

SHORTEST = """name: shortest
data: digits
models:
  linear: {mlp: {hidden: []}}
  hidden: {mlp: {hidden: [32]}}"""

MODELS = """## models

Each entry has a name and exactly one builder, `layers` or a [recipe](#recipes), and may have options. Layers,
optimisers and losses are those of Keras, by name and with Keras's arguments. In the arguments of layers the words
`classes`, `height`, `width` and `channels` stand for the numbers of the data set. The last layer must be a softmax
over the classes. Two entries that come to the same network under the same protocol share their runs."""

CLAIMS = """## claims

Each claim is a text in one of the forms below; or `{claim: ..., says: ...}` with the source's own words; or `{says:
...}` alone for what names nothing that can be measured. Operators stand between spaces. A name alone stands for its
accuracy; `error(a)`, `loss(a)`, `seconds(a)`, `parameters(a)` and `overfitting(a)` ask for another measure. Each
claim comes out as reproduced, not reproduced, undetermined or not comparable."""

DATA = """## data

A name, or a kind with a path. `bakeoff data NAME` says what is in it."""


def write_page() -> str:
    """The whole page."""
    schema = study_schema()
    definitions = schema["$defs"]
    parts = [
        HEAD,
        write_block(f"# shortest.yaml\n{SHORTEST}", "yaml"),
        f"## At the top\n\n{_table(schema, definitions)}",
        f"## protocol\n\n{definitions['Protocol']['description']} {_own_protocol()}\n\n"
        f"{_table(definitions['Protocol'], definitions)}",
        _choices(definitions),
        f"{MODELS}\n\n{_table(definitions['Model'], definitions)}",
        _recipes(),
        _published(definitions),
        f"{CLAIMS}\n\n{_claims()}",
        f"{DATA}\n\n{_data_sets()}",
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _own_protocol() -> str:
    return "A model may change all but the margin and the race for itself, under its own `protocol`."


def _table(schema: Schema, definitions: Mapping[str, Schema]) -> str:
    """One row for each key of a mapping."""
    needed = schema.get("required", ())
    rows = [_row(key, value, definitions, is_needed=key in needed) for key, value in schema["properties"].items()]
    return write_table(["key", "value", "default", "meaning"], rows)


def _row(key: str, schema: Schema, definitions: Mapping[str, Schema], *, is_needed: bool) -> tuple[str, ...]:
    default = "needed" if is_needed else describe_default(schema)
    return write_code(key), describe_type(schema, definitions), default, schema["description"]


def _choices(definitions: Mapping[str, Schema]) -> str:
    """What the forms in braces mean."""
    names = ("L2Pixels", "Holdout", "KFold", "Race", "Patience")
    rows = []
    for name in names:
        keys = definitions[name]["properties"]
        told = " ".join(f"`{key}`: {value['description']}" for key, value in keys.items() if "description" in value)
        form = describe_type({"$ref": f"#/$defs/{name}"}, definitions)
        rows.append((form, f"{definitions[name]['description']} {told}".strip()))
    return "The forms in braces:\n\n" + write_table(["form", "meaning"], rows)


def _published(definitions: Mapping[str, Schema]) -> str:
    about = definitions["Published"]["description"]
    history = definitions["PublishedHistory"]
    return (
        f"## published\n\nBy model. {about} Accuracies are fractions: 0.9811.\n\n"
        f"{_table(definitions['Published'], definitions)}\n\n"
        f"Under `history`: {history['description']}\n\n{_table(history, definitions)}"
    )


def _recipes() -> str:
    own = [name for name in recipe_names() if find_spec(f"bakeoff.models.{name}")]
    sections = [_recipe(importlib.import_module(f"bakeoff.models.{name}"), name) for name in own]
    return "\n\n".join(["## Recipes", *sections])


def _recipe(module: Any, name: str) -> str:
    """What a recipe builds, how it is written, and its arguments."""
    about, _, example = inspect.cleandoc(module.__doc__).partition("\n\n")
    schema = module.Arguments.model_json_schema()
    return f"### {name}\n\n{about}\n\n{example}\n\n{_table(schema, schema.get('$defs', {}))}"


def _claims() -> str:
    """One row for each kind of statement, from its docstring."""
    kinds = [thing for thing in vars(statements).values() if inspect.isclass(thing)]
    own = [kind for kind in kinds if kind.__module__ == statements.__name__]
    table = write_table(["form", "meaning"], [_split(inspect.cleandoc(kind.__doc__ or "")) for kind in own])
    measures = ", ".join(map(write_code, statements.MEASURES))
    return f"{table}\n\nMeasures: {measures}. {_document_of('Measure')}"


def _split(text: str) -> tuple[str, str]:
    """``"`a > b`: what it means"`` in its two parts."""
    form, _, meaning = text.removeprefix("`").partition("`: ")
    return write_code(form), meaning


def _document_of(name: str) -> str:
    """The text beneath an assignment in `statements`."""
    body = ast.parse(inspect.getsource(statements)).body
    places = [place for place, node in enumerate(body) if ast.unparse(node).startswith(f"{name} = ")]
    text = body[places[0] + 1]
    return ast.literal_eval(text.value) if isinstance(text, ast.Expr) else ""


def _data_sets() -> str:
    rows = []
    for name in dataset_names():
        module = importlib.import_module(f"bakeoff.data.{name.partition(':')[0].replace('-', '_')}")
        about = inspect.cleandoc(module.__doc__ or "").removeprefix(f"`{name}`: ")
        rows.append((write_code(name), about, _first_line(module.load)))
    return write_table(["data", "what it is", "loading"], rows)


def _first_line(function: Any) -> str:
    return inspect.cleandoc(function.__doc__ or "").split("\n")[0]

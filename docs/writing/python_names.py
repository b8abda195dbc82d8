"""docs/reference/python.md: the public names of `bakeoff` and `bakeoff.stats`, with signature and docstring."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from docs.writing.docstrings import find_node, write_docstring, write_signature
from docs.writing.markdown import number_anchors, write_block, write_table
from pydantic import BaseModel

import bakeoff
from bakeoff import stats

TITLE = "Python"

HEAD = """*Written by `python -m docs.writing`; do not edit.*

The public names of `bakeoff` and of `bakeoff.stats`; all others may change. [How to use
them](../how-to/from-python.md) has examples; [Statistics](../statistics.md) says how each test works and how well it
holds. Accuracies are fractions in [0, 1]. The examples here suppose `import numpy as np` and the name that they show.
"""

PARTS = (
    (bakeoff, "What the command line does, as functions: a study is loaded, run, compared and reported."),
    (stats, "The statistics on bare arrays: scores of runs x test images in, estimates and verdicts out."),
)
"""Each module with what it is for."""


def write_page() -> str:
    """The whole page."""
    names = {module: public_names(module) for module, _ in PARTS}
    headings = [heading for module, listed in names.items() for heading in (module.__name__, *listed)]
    anchors = iter(number_anchors([TITLE, *headings])[1:])
    # a module's own heading takes the first anchor of its part
    linked = {module: [(name, next(anchors)) for name in ("", *listed)][1:] for module, listed in names.items()}
    return "\n".join([f"# {TITLE}\n\n{HEAD}", *(_part(module, purpose, linked[module]) for module, purpose in PARTS)])


def public_names(module: ModuleType) -> list[str]:
    """What a module offers: classes and functions of Bakeoff, those included that are imported when first used.

    Args:
        module: `bakeoff` or `bakeoff.stats`.

    Returns:
        Names, those of functions before those of classes, each in alphabetical order.
    """
    names = {*vars(module), *dir(module)}
    things = {name: getattr(module, name) for name in names if not name.startswith("_")}
    found = {name: thing for name, thing in things.items() if _is_documented(thing)}
    return sorted(found, key=lambda name: (inspect.isclass(found[name]), name.lower(), name))


def _is_documented(thing: object) -> bool:
    is_kind = inspect.isclass(thing) or inspect.isfunction(thing)
    return is_kind and str(getattr(thing, "__module__", "")).startswith("bakeoff.")


def _part(module: ModuleType, purpose: str, names: Sequence[tuple[str, str]]) -> str:
    """A module: its names with the anchors of their sections, then the sections."""
    listed = " · ".join(f"[{name}](#{anchor})" for name, anchor in names)
    sections = [_section(getattr(module, name), name) for name, _ in names]
    return "\n".join([f"## {module.__name__}\n\n{purpose}\n\n{listed}\n", *sections])


def _section(thing: Any, name: str) -> str:
    node = find_node(thing)
    parts = [f"### {name}"]
    if isinstance(node, ast.FunctionDef):
        parts.append(write_block(write_signature(node, name), "python"))
    parts.append(write_docstring(ast.get_docstring(node) or ""))
    if inspect.isclass(thing) and issubclass(thing, BaseModel):
        parts.append(_fields(thing))
    if isinstance(node, ast.ClassDef):
        methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
        parts += [_member(method) for method in methods if not method.name.startswith("_")]
    return "\n\n".join(parts) + "\n"


def _fields(model: type[BaseModel]) -> str:
    return write_table(
        ["attribute", "meaning"],
        [(f"`{name}`", field.description or "") for name, field in model.model_fields.items()],
    )


def _member(member: ast.FunctionDef) -> str:
    """A property or a method."""
    kinds = {decorator.id for decorator in member.decorator_list if isinstance(decorator, ast.Name)}
    text = write_docstring(ast.get_docstring(member) or "")
    heading = f"`.{member.name}`" if "property" in kinds else f"`.{write_signature(member, member.name)}`"
    return f"{heading}\n\n{text}"

"""Docstrings as Markdown: text, arguments as a list, examples as code."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from docs.writing.markdown import write_block, write_code

_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Yields):$")
_ITEM = re.compile(r"^(\w+): (.*)$")
LONGEST = 100
"""So long may a signature be that stands in one line."""

_LISTED = ("Args", "Attributes", "Raises")
_TITLES = {"Args": "Arguments"}


def write_docstring(text: str) -> str:
    """A Google-style docstring as Markdown.

    Args:
        text: As it stands in the source.

    Returns:
        Paragraphs, lists and code, with blank lines between them.
    """
    paragraphs = re.split(r"\n{2,}", inspect.cleandoc(text))
    return "\n\n".join(map(_write_paragraph, _join_sections(paragraphs)))


def find_node(thing: Any) -> ast.ClassDef | ast.FunctionDef:
    """Where a class or function is defined, in the tree of its module's source.

    Args:
        thing: A class or function of Bakeoff.

    Returns:
        Its node, with the signature as it is written.
    """
    body: list[ast.stmt] = list(_read_module(sys.modules[thing.__module__].__file__ or ""))
    for name in thing.__qualname__.split("."):
        nodes = [each for each in body if isinstance(each, ast.ClassDef | ast.FunctionDef)]
        (node,) = [each for each in nodes if each.name == name]
        body = node.body
    return node


def write_signature(node: ast.FunctionDef, name: str) -> str:
    """A call as it is defined, an argument to a line where one line is too short.

    Args:
        node: The function.
        name: How it is called by those who import it.

    Returns:
        Python, without `def`.
    """
    arguments = _arguments(node.args)
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"{name}({', '.join(arguments)}){returned}"
    if len(line) <= LONGEST:
        return line
    return f"{name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + f"){returned}"


@cache
def _read_module(file: str) -> tuple[ast.stmt, ...]:
    return tuple(ast.parse(Path(file).read_text("utf-8")).body)


def _arguments(arguments: ast.arguments) -> list[str]:
    """Each argument with its annotation and default, but not `self`."""
    undefaulted = [None] * (len(arguments.args) - len(arguments.defaults))
    placed = zip(arguments.args, [*undefaulted, *arguments.defaults], strict=True)
    named = list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
    written = [_argument(*pair) for pair in placed if pair[0].arg != "self"]
    return [*written, *(["*"] if named else []), *(_argument(*pair) for pair in named)]


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    return ast.unparse(argument) + (f" = {ast.unparse(default)}" if default else "")


def _join_sections(paragraphs: list[str]) -> list[str]:
    """Paragraphs that are indented belong to the section before them."""
    joined: list[str] = []
    for paragraph in paragraphs:
        if paragraph.startswith("    ") and joined:
            joined[-1] += f"\n\n{paragraph}"
        else:
            joined.append(paragraph)
    return joined


def _write_paragraph(paragraph: str) -> str:
    first, _, rest = paragraph.partition("\n")
    if section := _SECTION.match(first):
        return _write_section(section[1], inspect.cleandoc(rest))
    if first.startswith(">>> "):
        return write_block(paragraph, "pycon")
    return paragraph


def _write_section(name: str, text: str) -> str:
    title = f"*{_TITLES.get(name, name)}*"
    if name not in _LISTED:
        return f"{title}: {' '.join(text.split())}"
    items: list[str] = []
    for line in text.splitlines():
        if item := _ITEM.match(line):
            items.append(f"- {write_code(item[1])}: {item[2]}")
        else:
            items[-1] += f" {line.strip()}"
    return f"{title}:\n\n" + "\n".join(items)

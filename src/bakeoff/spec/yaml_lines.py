"""YAML with places: plain values, and for every key and item the `file:line` where it is written.

Why not `yaml.safe_load`: it forgets the lines, lets the second of two equal keys win in silence, and reads `1e-3` as
text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bakeoff.errors import StudyError

KeyPath = tuple[str | int, ...]
Places = Mapping[KeyPath, str]

_PREFIX = "tag:yaml.org,2002:"
_SCALARS = {_PREFIX + kind for kind in ("null", "bool", "int", "float", "str")}
_MOST_VALUES = 100_000


@dataclass(frozen=True)
class Document:
    """A file's content, and where each part of it is written.

    Attributes:
        content: Plain values: dict, list, str, int, float, bool, None; nothing is shared, whatever aliases there are.
        places: For each path of keys and indices, `file:line` (or the `--set` that put the value there).
    """

    content: Any
    places: Places


def read_yaml(text: str, *, file: str) -> Document:
    """Read YAML text without executing anything of it.

    Args:
        text: The text of the file.
        file: The name that error messages give the file.

    Returns:
        The content with its places.

    Raises:
        StudyError: Syntax error, duplicate key, key that is no text, or a tag beyond plain values; `where` is set.

    >>> document = read_yaml("protocol:\\n  epochs: 3", file="a.yaml")
    >>> document.content, document.places[("protocol", "epochs")]
    ({'protocol': {'epochs': 3}}, 'a.yaml:2')
    """
    try:
        node = yaml.compose(text, Loader=_StudyLoader)
    except yaml.MarkedYAMLError as error:
        raise StudyError(f"this is not valid YAML: {error.problem}", where=_place(file, error.problem_mark)) from None
    except yaml.YAMLError as error:
        raise StudyError(f"this is not valid YAML: {error}", where=file) from None
    if node is None:
        return Document(None, {})
    walk = _Walk(file)
    walk.measure(node, {})
    content = walk.visit(node, ())
    return Document(content, walk.places)


class _StudyLoader(yaml.SafeLoader):
    """The safe loader, except that dates stay text and `1e-3` is a number (as in YAML 1.2)."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own class attribute, replaced and not shared
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _PREFIX + "timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_StudyLoader.add_implicit_resolver(
    _PREFIX + "float", re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


@dataclass
class _Walk:
    """One pass over the nodes of a file, which fills `places` as it goes."""

    file: str
    places: dict[KeyPath, str] = field(default_factory=dict)

    def visit(self, node: yaml.Node, path: KeyPath) -> Any:
        self.places.setdefault(path, _place(self.file, node.start_mark))
        if isinstance(node, yaml.MappingNode):
            return {key: self.visit(value, (*path, key)) for key, value in self._children(node, path)}
        if isinstance(node, yaml.SequenceNode):
            self._refuse_other_tags(node, {_PREFIX + "seq"})
            return [self.visit(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _children(self, node: yaml.MappingNode, path: KeyPath) -> list[tuple[str, yaml.Node]]:
        children = self._entries(node, path)
        for key, (key_node, _) in children.items():
            self.places[*path, key] = _place(self.file, key_node.start_mark)
        return [(key, value_node) for key, (_, value_node) in children.items()]

    def _entries(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """The entries of a mapping: its own beat those that `<<` merges in; of several merged ones the first wins."""
        self._refuse_other_tags(node, {_PREFIX + "map"})
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _PREFIX + "merge":
                for source in self._merge_sources(value_node):
                    merged = {**self._entries(source, path), **merged}
                continue
            key = self._key(key_node)
            if key in own:
                raise self._defined_twice(key, path, own[key][0], key_node)
            own[key] = (key_node, value_node)
        return {**merged, **own}

    def _merge_sources(self, node: yaml.Node) -> Iterator[yaml.MappingNode]:
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if not isinstance(source, yaml.MappingNode):
                raise self._error(
                    "'<<' merges a mapping or a list of mappings into this one, and this is neither", source
                )
            yield source

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._error("a key must be text, and this one is a list or a mapping", node)
        key = self._scalar(node)
        if not isinstance(key, str):
            kind = {bool: "truth value", type(None): "empty value"}.get(type(key), "number")
            raise self._error(
                f'the key {node.value} is read by YAML as the {kind} {key}; put it in quotes: "{node.value}"', node
            )
        return key

    def _scalar(self, node: yaml.Node) -> Any:
        self._refuse_other_tags(node, _SCALARS)
        try:
            return yaml.constructor.SafeConstructor().construct_object(node)
        except (ValueError, KeyError):
            kind = node.tag.removeprefix(_PREFIX)
            raise self._error(f"{node.value!r} is marked as !!{kind} and cannot be read as one", node) from None

    def _refuse_other_tags(self, node: yaml.Node, allowed: set[str]) -> None:
        if node.tag not in allowed:
            tag = node.tag.replace(_PREFIX, "!!")
            raise self._error(
                f"a study holds plain values only, and {tag} asks for something else; remove the tag", node
            )

    def _defined_twice(self, key: str, path: KeyPath, first: yaml.Node, second: yaml.Node) -> StudyError:
        what = "model" if path == ("models",) else "key"
        lines = f"lines {first.start_mark.line + 1} and {second.start_mark.line + 1}"
        return self._error(f"{what} {key!r} is defined twice ({lines})", second)

    def _error(self, message: str, node: yaml.Node) -> StudyError:
        return StudyError(message, where=_place(self.file, node.start_mark))

    def measure(self, node: yaml.Node, sizes: dict[int, int]) -> int:
        """Count the values once all aliases are followed, so that loops and alias bombs end here."""
        if id(node) in sizes:
            if not sizes[id(node)]:
                raise self._error("an alias (*) refers to the very value that contains it", node)
            return sizes[id(node)]
        sizes[id(node)] = 0  # under way: meeting it again below means a loop
        children = [] if isinstance(node, yaml.ScalarNode) else node.value
        parts = [part for child in children for part in (child if isinstance(child, tuple) else (child,))]
        size = 1 + sum(self.measure(part, sizes) for part in parts)
        if size > _MOST_VALUES:
            raise self._error(f"the aliases (*) of this file expand to more than {_MOST_VALUES:,} values", node)
        sizes[id(node)] = size
        return size


def _place(file: str, mark: yaml.Mark | None) -> str:
    return file if mark is None else f"{file}:{mark.line + 1}"

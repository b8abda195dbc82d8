"""The studies that come with Bakeoff: the YAML files of `bakeoff/studies`, found by file name or by their alias."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from bakeoff.spec.yaml_lines import read_yaml


@dataclass(frozen=True)
class BuiltinStudy:
    """A study file that comes with Bakeoff.

    Attributes:
        name: Descriptive name, also the file's name without `.yaml`.
        alias: Short name, e.g. `study-b`; empty if there is none.
        title: One line for people.
        text: The whole file.
    """

    name: str
    alias: str
    title: str
    text: str


@cache
def builtin_studies() -> tuple[BuiltinStudy, ...]:
    """All of them, by name.

    >>> [study.name for study in builtin_studies() if study.alias == "study-d"]
    ['mnist-dense-dropout-cnn']
    """
    files = [file for file in (resources.files("bakeoff") / "studies").iterdir() if file.name.endswith(".yaml")]
    return tuple(
        _read_builtin(file.name, file.read_text("utf-8")) for file in sorted(files, key=lambda file: file.name)
    )


def find_builtin(name: str) -> BuiltinStudy | None:
    """The study of this name or alias, or None."""
    return next((study for study in builtin_studies() if name in {study.name, study.alias} - {""}), None)


def _read_builtin(file: str, text: str) -> BuiltinStudy:
    content = read_yaml(text, file=file).content
    name = file.removesuffix(".yaml")
    return BuiltinStudy(name, content.get("alias", ""), content.get("title", ""), text)

"""From pydantic's reports to one sentence: what was required, what was received."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bakeoff.errors import StudyError, suggest
from bakeoff.spec.protocol import Protocol
from bakeoff.spec.yaml_lines import KeyPath

AnyModel = TypeVar("AnyModel", bound=BaseModel)

_REQUIRED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "greater_than_equal": "at least {ge:g}",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "at most {le:g}",
    "less_than": "less than {lt:g}",
    "string_type": "text",
    "string_pattern_mismatch": "made of letters, digits, '.', '_', '+' and '-', beginning with a letter or digit",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}
_WRONG_BRANCH = {"missing", "extra_forbidden", "literal_error", "model_type"}


def check(kind: type[AnyModel], value: object, *, path: KeyPath, owner: str) -> AnyModel:
    """Make a value of this kind.

    Args:
        kind: The pydantic class.
        value: What the study file holds, or values that are checked already.
        path: Where in the study file it stands.
        owner: What an error message calls the whole of it, e.g. "protocol".

    Returns:
        The checked value.

    Raises:
        StudyError: In one sentence, the first thing that does not fit.
    """
    if isinstance(value, Mapping):
        refuse_unknown_keys(value, kind.model_fields, path=path, owner=owner)
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    problem = _most_telling(problems)
    place = (*path, *_existing(problem["loc"], value))
    raise StudyError(_sentence(problem, kind, value, owner), path=place) from None


def check_mapping(value: object, *, path: KeyPath, holds: str) -> dict[str, Any]:
    """A section of the file as a dict; one that is left empty holds nothing.

    Args:
        value: What the file has there.
        path: Where it stands.
        holds: What the section maps to what, for the message.

    Returns:
        The section.

    Raises:
        StudyError: It is a list, a text or a number.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise StudyError(f"{path[-1]} must be a mapping of {holds}, got {show_value(value)}", path=path)
    return value


def refuse_unknown_keys(value: Mapping[str, Any], known: Collection[str], *, path: KeyPath, owner: str) -> None:
    """Raise a StudyError for the first key that is not known, with the nearest that is."""
    for key in value:
        if key not in known:
            hint = suggest(key, known)
            if key in Protocol.model_fields:
                hint = "it belongs under protocol"
            raise StudyError(f"unknown key {key!r} in {owner}; {hint}", path=(*path, key))


def show_value(value: object) -> str:
    """A value as a study file would have it, on one line.

    >>> show_value({"l2": 1}), show_value("rwa"), show_value(None), show_value(True)
    ('{l2: 1}', "'rwa'", 'nothing', 'true')
    """
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return repr(value)
    text = yaml.safe_dump(value, default_flow_style=True, width=1000, sort_keys=False)
    text = text.removesuffix("\n").removesuffix("\n...")
    return text if len(text) <= 80 else text[:76] + " ..."


def _most_telling(problems: Sequence[ErrorDetails]) -> ErrorDetails:
    """Of the reports on the first faulty field, one inside the form that the user meant, if there is one."""
    field = problems[0]["loc"][:1]
    group = [problem for problem in problems if problem["loc"][:1] == field]
    inside = [problem for problem in group if problem["type"] not in _WRONG_BRANCH]
    neither = [problem for problem in group if problem["type"] == "literal_error"]
    return (inside or neither or group)[0]


def _sentence(problem: ErrorDetails, kind: type[BaseModel], value: object, owner: str) -> str:
    error_type, location = problem["type"], problem["loc"]
    subject = _subject(location) or owner
    if error_type == "missing":
        return f"{subject} is missing in {owner}"
    if error_type == "value_error":
        return f"{subject} {problem['ctx']['error']}"
    received = problem["input"]
    if error_type == "literal_error":  # a field of several forms: its description lists them
        subject, received = str(location[0]), _at(value, location[:1])
        required = (kind.model_fields[subject].description or "").rstrip(".")
    elif error_type in _REQUIRED:
        required = _REQUIRED[error_type].format(**problem.get("ctx", {}))
    else:
        return f"{subject}: {problem['msg']}, got {show_value(received)}"
    quotes = "; put it in quotes" if error_type == "string_type" and isinstance(received, bool | int | float) else ""
    return f"{subject} must be {required}, got {show_value(received)}{quotes}"


def _subject(location: KeyPath) -> str:
    """The last key of a location, with the index behind it: `choices[1]`."""
    if len(location) > 1 and isinstance(location[-1], int):
        return f"{location[-2]}[{location[-1]}]"
    return str(location[-1]) if location else ""


def _existing(location: KeyPath, value: object) -> KeyPath:
    """The part of pydantic's location that the file knows: without the names of union members."""
    path: list[str | int] = []
    for key in location:
        try:
            value = value[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            continue
        path.append(key)
    return tuple(path)


def _at(value: object, location: KeyPath) -> object:
    for key in location:
        value = value[key]  # type: ignore[index]
    return value

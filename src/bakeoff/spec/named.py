"""A Keras name with its arguments: `adam` or `{adam: {learning_rate: 0.001}}`, `Flatten` or `{Dense: {units: 10}}`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator


class Frozen(BaseModel):
    """A value of a study: unknown keys are refused, nothing can be changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Named(Frozen):
    """A layer, optimiser or loss by its Keras name.

    >>> Named.model_validate({"adam": {"learning_rate": 0.01}})
    Named(name='adam', arguments={'learning_rate': 0.01})
    >>> Named.model_validate("Flatten").model_dump()
    'Flatten'
    """

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: object) -> object:
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict) and not set(value) <= {"name", "arguments"}:
            return _from_mapping(value)
        if isinstance(value, dict | Named) and value:
            return value
        raise ValueError(f"must be a name, such as adam or {{adam: {{learning_rate: 0.001}}}}, got {value!r}")

    @model_serializer
    def _to_short_form(self) -> str | dict[str, dict[str, Any]]:
        return {self.name: self.arguments} if self.arguments else self.name


def _from_mapping(value: dict[str, object]) -> dict[str, object]:
    if len(value) != 1:
        raise ValueError(
            f"must be one name with its arguments, such as {{adam: {{learning_rate: 0.001}}}}, "
            f"got {len(value)} names: {', '.join(map(str, value))}"
        )
    ((name, arguments),) = value.items()
    if not isinstance(arguments, dict | None):
        raise ValueError(
            f"must give {name!r} its arguments by name, such as {{adam: {{learning_rate: 0.001}}}}, got {arguments!r}"
        )
    return {"name": name, "arguments": arguments or {}}

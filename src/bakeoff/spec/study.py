"""The study: which models, on which data, under which protocol, against which published figures and claims."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator

from bakeoff.spec.named import Frozen
from bakeoff.spec.protocol import Number, Protocol

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]


class ModelSpec(Frozen):
    """A named entry of a study, with everything it inherits filled in."""

    name: Name
    recipe: str
    """What builds it: a recipe's name (mlp, cnn, lstm, ...) or `layers`."""
    arguments: Any
    """What the recipe is given: a mapping of its arguments, or for `layers` the list of layers."""
    protocol: Protocol
    """The study's protocol with this model's own changes."""
    factors: dict[str, str] = Field(default_factory=dict)
    """Labels for attribution: factor to level."""
    note: str = ""


class Published(Frozen):
    """What a source printed about one model."""

    accuracy: Annotated[Number | None, Field(ge=0, le=1)] = None
    """On the test images, as a fraction: 0.9811."""
    loss: Number | None = None
    """On the test images."""
    seconds: Number | None = None
    """Of one training (of one fold, where there are folds)."""
    label: str = ""
    """The source's own grade, e.g. "Superior"."""


class Study(Frozen):
    """A study file, read, checked and expanded."""

    name: Name
    title: str = ""
    source: str = ""
    """Where the comparison was published."""
    choices: tuple[str, ...] = ()
    """What the source left open, and what this study chose."""
    data: str
    """A data set's name, or KIND:PATH."""
    protocol: Protocol = Protocol()
    models: Annotated[tuple[ModelSpec, ...], Field(min_length=1)]
    published: dict[str, Published] = Field(default_factory=dict)
    """What the source printed, by model."""
    claims: tuple[str, ...] = ()
    """What the source says in words, e.g. "lstm > cnn > dnn"."""

    @field_validator("published")
    @classmethod
    def _names_a_model(cls, published: dict[str, Published], info: Any) -> dict[str, Published]:
        names = [model.name for model in info.data.get("models", ())]
        strangers = sorted(set(published) - set(names))
        if names and strangers:
            raise ValueError(f"published figures for {strangers[0]!r}, which is no model of this study")
        return published

    def model(self, name: str) -> ModelSpec:
        """The model of this name; KeyError if there is none."""
        return {model.name: model for model in self.models}[name]

"""The study: which models, on which data, under which protocol, against which published figures and claims."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import Annotated, Any

from pydantic import Field, field_validator

from bakeoff.spec.claims import Claim
from bakeoff.spec.named import Frozen
from bakeoff.spec.protocol import Count, Number, Protocol

FindingCode = Annotated[str, Field(pattern=r"^BKO[1-5][0-9][0-9]$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]


class ModelSpec(Frozen):
    """A named entry of a study, with everything it inherits filled in."""

    name: Name
    """How it is called in tables and commands."""
    recipe: str
    """What builds it: a recipe's name (mlp, cnn, lstm, ...) or `layers`."""
    arguments: Any
    """What the recipe is given: a mapping of its arguments, or for `layers` the list of layers."""
    protocol: Protocol
    """The study's protocol with this model's own changes."""
    factors: dict[str, str] = Field(default_factory=dict)
    """Labels for attribution: factor to level."""
    note: str = ""
    """A remark for readers of the study file."""
    trials: Annotated[int, Field(ge=0, strict=True)] = 0
    """How many settings its author tried before this one, on whatever data: declared, not measured."""


class PublishedHistory(Frozen):
    """Printed learning curves, one value per epoch; what was not printed is left out."""

    loss: tuple[Number, ...] = ()
    """On the training images."""
    accuracy: tuple[Number, ...] = ()
    """On the training images, as fractions."""
    validation_loss: tuple[Number, ...] = ()
    """On the validation images."""
    validation_accuracy: tuple[Number, ...] = ()
    """On the validation images, as fractions."""


class Published(Frozen):
    """What a source printed about one model."""

    accuracy: Annotated[Number | None, Field(ge=0, le=1)] = None
    """On the test images, as a fraction: 0.9811."""
    loss: Number | None = None
    """On the test images."""
    seconds: Number | None = None
    """Of one training (of one fold, where there are folds)."""
    parameters: Count | None = None
    """Its number of weights."""
    label: str = ""
    """The source's own grade, e.g. "Superior"."""
    rounding: Annotated[Number | None, Field(gt=0, lt=1)] = None
    """Half a unit of the last digit printed of the accuracy; by default that of the accuracy as it is written here."""
    best_of: Count = 1
    """Of how many runs it is the best."""
    runs: Count = 1
    """Of how many runs it is the mean."""
    within: Annotated[Number, Field(gt=0, lt=1)] = 0.005
    """How near an accuracy must come to count as reproduced."""
    same_test: Annotated[bool, Field(strict=True)] = True
    """Whether it is about the test images of this study."""
    history: PublishedHistory | None = None
    """Its printed learning curves."""
    chosen_on_test: Annotated[bool, Field(strict=True)] = False
    """Whether the source chose epochs or settings by the test images."""

    @property
    def half_digit(self) -> float | None:
        """`rounding`, read off the accuracy where it is not given.

        >>> Published(accuracy=0.984).half_digit, Published(accuracy=0.868, rounding=0.00005).half_digit
        (0.0005, 5e-05)
        """
        if self.rounding is not None or self.accuracy is None:
            return self.rounding
        return float(Decimal(5).scaleb(int(Decimal(repr(self.accuracy)).as_tuple().exponent) - 1))


class Study(Frozen):
    """A study file, read, checked and expanded."""

    name: Name
    """One word, from which the files of reports take their names."""
    title: str = ""
    """One line for people: the report's heading."""
    source: str = ""
    """Where the comparison was published."""
    choices: tuple[str, ...] = ()
    """What the source left open, and what this study chose."""
    data: str
    """A data set's name, or KIND:PATH."""
    protocol: Protocol = Protocol()
    """How all models are trained and judged."""
    models: Annotated[tuple[ModelSpec, ...], Field(min_length=1)]
    """In the order of the file, those of the grid last."""
    published: dict[str, Published] = Field(default_factory=dict)
    """What the source printed, by model."""
    claims: tuple[Claim, ...] = ()
    """What the source says, e.g. `lstm > cnn > dnn`, or {claim: ..., says: its words}."""
    ignore: tuple[FindingCode, ...] = ()
    """Codes of findings that are not to be reported, such as BKO402."""
    overrides: tuple[str, ...] = ()
    """The `--set` texts that change what is trained; no part of a study file."""

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

    def _repr_html_(self) -> str:
        """How a notebook shows it: a row for each model."""
        head = "".join(f"<th>{heading}</th>" for heading in _SHOWN)
        rows = "".join(_show_row(model) for model in self.models)
        return (
            f"<div><p><strong>{escape(self.title or self.name)}</strong>, on {escape(self.data)}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )


_SHOWN = ("model", "recipe", "epochs", "batch", "optimizer", "pixels", "seeds")


def _show_row(model: ModelSpec) -> str:
    protocol = model.protocol
    seeds = f"{protocol.race.min} to {protocol.race.max}" if protocol.race else str(protocol.most_seeds)
    size = f"{protocol.batch_size:,}"
    cells = (model.name, model.recipe, str(protocol.epochs), size, protocol.optimizer.name, str(protocol.pixels), seeds)
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"

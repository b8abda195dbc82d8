"""How all models of a study are trained and judged."""

from __future__ import annotations

from itertools import count
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    field_serializer,
    field_validator,
    model_validator,
)

from bakeoff.errors import suggest
from bakeoff.spec.named import Frozen, Named

# Strict: `epochs: yes` and `epochs: "5"` are mistakes, and would otherwise be read as 1 and 5.
Count = Annotated[int, Field(ge=1, strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class L2Pixels(Frozen):
    """Divide by the L2 norm along one axis of (examples, height, width, channels): `{l2: 1}` is what study A did."""

    l2: Annotated[int, Field(ge=1, le=3, strict=True)]


class Holdout(Frozen):
    """Keep part of the training images for validation, stratified by class."""

    holdout: Annotated[Number, Field(gt=0)]
    """A fraction of the training images if below 1, else their number."""

    @field_validator("holdout")
    @classmethod
    def _fraction_or_number(cls, holdout: float) -> float:
        if holdout >= 1 and not holdout.is_integer():
            raise ValueError(f"must be a fraction below 1 or a whole number of images, got {holdout}")
        return holdout

    @field_serializer("holdout")
    def _as_written(self, holdout: float) -> int | float:
        return int(holdout) if holdout >= 1 else holdout


class KFold(Frozen):
    """Split the training images into k stratified folds; every fold is the validation set of one run."""

    kfold: Annotated[int, Field(ge=2, strict=True)]


class Patience(Frozen):
    """Stop when the validation loss has not improved for this many epochs; keep the best epoch."""

    patience: Count


class Race(Frozen):
    """Train every model a few times, and those with an open verdict more often, look by look."""

    min: Annotated[int, Field(ge=2, strict=True)]
    """Seeds of every model before the first look."""
    max: Annotated[int, Field(ge=3, strict=True)]
    """Seeds of a model at most."""
    until: Literal["settled"] = "settled"
    """A model gets more seeds while one of its verdicts is open."""

    @model_validator(mode="before")
    @classmethod
    def _knows_all_keys(cls, value: object) -> object:
        for key in value if isinstance(value, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(f"has the unknown key {key!r}; {suggest(key, cls.model_fields)}")
        return value

    @model_validator(mode="after")
    def _has_room(self) -> Race:
        if self.max <= self.min:
            raise ValueError(f"must have a max above its min, got min {self.min} and max {self.max}")
        return self

    @property
    def looks(self) -> tuple[int, ...]:
        """The numbers of seeds after which verdicts are looked at, fixed before the first run.

        >>> Race(min=3, max=30).looks
        (3, 5, 8, 12, 20, 30)
        """
        between = []
        for decade in count():
            rungs = [rung * 10**decade for rung in (2, 3, 5, 8, 12)]
            between += [rung for rung in rungs if self.min < rung < self.max]
            if rungs[-1] >= self.max:
                break
        return (self.min, *sorted(set(between)), self.max)


def _form_of_seeds(value: object) -> str:
    """Which form of `seeds` is meant, so that an error speaks of that one only."""
    return "race" if isinstance(value, dict | Race) else "seeds"


def _expand_fraction(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"holdout": value} if is_number else value


Pixels = Literal["raw", "unit", "standardize"] | L2Pixels
Validation = Annotated[Holdout | KFold | Literal["none", "test"], BeforeValidator(_expand_fraction)]
Stop = Literal["last", "best", "plateau"] | Patience
Seeds = Annotated[Annotated[Count, Tag("seeds")] | Annotated[Race, Tag("race")], Discriminator(_form_of_seeds)]


class Protocol(Frozen):
    """How a model is trained and judged; every field has a default."""

    pixels: Pixels = "unit"
    """raw (0..255), unit (0..1), standardize (mean 0, deviation 1 by training statistics), or {l2: axis}."""
    validation: Validation = Holdout(holdout=0.1)
    """{holdout: share or number}, {kfold: k}, none, or test (the published leak: allowed, and flagged)."""
    seeds: Seeds = 5
    """a number of trainings of each model, with seeds 0, 1, 2, ..., or the race {min: 3, max: 30, until: settled}."""
    epochs: Count = 10
    """How many times a model sees all training images, at most."""
    batch_size: Count = 32
    """How many images one step of the optimiser sees."""
    optimizer: Named = Named(name="adam")
    """A Keras optimiser by name, with its Keras arguments."""
    loss: Named = Named(name="categorical_crossentropy")
    """A Keras loss by name; integer and one-hot labels are handled for both spellings of cross-entropy."""
    stop: Stop = "last"
    """last, best (by validation loss), {patience: n} (stop early, keep the best), or plateau (found over all seeds)."""
    margin: Annotated[Number, Field(ge=0, lt=1)] = 0.001
    """Differences in accuracy up to this fraction do not matter to the user; one for the whole study."""

    @model_validator(mode="after")
    def _can_choose_an_epoch(self) -> Protocol:
        if self.stop != "last" and self.validation == "none":
            raise ValueError("stop must be 'last' where validation is 'none': no other images may choose the epoch")
        return self

    @model_validator(mode="after")
    def _can_race(self) -> Protocol:
        if self.race and isinstance(self.validation, KFold):
            raise ValueError("seeds must be a number where validation is {kfold: k}: folds are no independent runs")
        return self

    @model_validator(mode="after")
    def _can_find_a_plateau(self) -> Protocol:
        if self.race and self.stop == "plateau":
            raise ValueError(
                "stop must not be plateau in a race: the plateau is found over all seeds before any verdict, and a "
                "race decides the number of seeds by its verdicts; give seeds as a number, such as 5"
            )
        return self

    @property
    def race(self) -> Race | None:
        """The race, or None where the number of seeds is fixed."""
        return self.seeds if isinstance(self.seeds, Race) else None

    @property
    def most_seeds(self) -> int:
        """The number of seeds; in a race, of the model that gets the most."""
        return self.seeds.max if isinstance(self.seeds, Race) else self.seeds

    @property
    def needs_validation(self) -> bool:
        """Whether each run chooses its own epoch by its validation loss; a plateau is found over all seeds instead."""
        return self.stop not in ("last", "plateau")

"""How all models of a study are trained and judged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_serializer, field_validator, model_validator

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


def _expand_fraction(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"holdout": value} if is_number else value


Pixels = Literal["raw", "unit", "standardize"] | L2Pixels
Validation = Annotated[Holdout | KFold | Literal["none", "test"], BeforeValidator(_expand_fraction)]
Stop = Literal["last", "best"] | Patience


class Protocol(Frozen):
    """How a model is trained and judged; every field has a default."""

    pixels: Pixels = "unit"
    """raw (0..255), unit (0..1), standardize (mean 0, deviation 1 by training statistics), or {l2: axis}."""
    validation: Validation = Holdout(holdout=0.1)
    """{holdout: share or number}, {kfold: k}, none, or test (the published leak: allowed, and flagged)."""
    seeds: Count = 5
    """How many times each model is trained, with seeds 0, 1, 2, ..."""
    epochs: Count = 10
    """How many times a model sees all training images, at most."""
    batch_size: Count = 32
    """How many images one step of the optimiser sees."""
    optimizer: Named = Named(name="adam")
    """A Keras optimiser by name, with its Keras arguments."""
    loss: Named = Named(name="categorical_crossentropy")
    """A Keras loss by name; integer and one-hot labels are handled for both spellings of cross-entropy."""
    stop: Stop = "last"
    """last, best (the epoch of lowest validation loss), or {patience: n} (stop early, keep the best)."""
    margin: Annotated[Number, Field(ge=0, lt=1)] = 0.001
    """Differences in accuracy up to this fraction do not matter to the user; one for the whole study."""

    @model_validator(mode="after")
    def _can_choose_an_epoch(self) -> Protocol:
        if self.needs_validation and self.validation == "none":
            raise ValueError("stop must be 'last' where validation is 'none': no other images may choose the epoch")
        return self

    @property
    def needs_validation(self) -> bool:
        """Whether `stop` chooses an epoch by its validation loss."""
        return self.stop != "last"

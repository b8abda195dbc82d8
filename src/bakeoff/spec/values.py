"""Result values: what the making wing leaves behind and the judging wing weighs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Target = Literal["new_images", "this_test_set", "these_networks"]
Verdict = Literal["a better", "b better", "equivalent", "undecided"]


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; no number of a study travels without one.

    Attributes:
        value: The point estimate, in the unit of the scores (accuracies are fractions in [0, 1]).
        low: Lower end of the interval; NaN where none can be given.
        high: Upper end of the interval; NaN where none can be given.
        level: Confidence level in (0, 1).
        standard_error: Square root of the estimated variance of `value`; NaN where none can be given.
        degrees_of_freedom: Of the t distribution behind the interval; NaN where another distribution was used.
        method: In a few words, how the interval was made, e.g. "crossed seeds and images, t".
        runs: Number of independent trainings behind it.
        images: Number of test images behind it.
    """

    value: float
    low: float
    high: float
    level: float
    standard_error: float
    degrees_of_freedom: float
    method: str
    runs: int
    images: int


@dataclass(frozen=True)
class LayerSummary:
    """One line of a network's summary.

    Attributes:
        layer: Keras class of the layer.
        output_shape: Without the axis of examples.
        parameters: Number of its weights.
    """

    layer: str
    output_shape: tuple[int | None, ...]
    parameters: int


@dataclass(frozen=True)
class ModelSummary:
    """What a model of a study looks like once it is built.

    Attributes:
        name: Its name in the study.
        parameters: Number of weights, those that training does not change included.
        trainable_parameters: Number of weights that training changes.
        layers: From the first layer to the softmax.
    """

    name: str
    parameters: int
    trainable_parameters: int
    layers: tuple[LayerSummary, ...]

    @property
    def multiplications(self) -> int:
        """About so many for one image: every weight is used once for each place of its layer's output.

        >>> conv = LayerSummary("Conv2D", output_shape=(26, 26, 32), parameters=320)
        >>> ModelSummary("conv", 320, 320, (conv,)).multiplications
        216320
        """
        return sum(layer.parameters * math.prod(side or 1 for side in layer.output_shape[:-1]) for layer in self.layers)


@dataclass(frozen=True)
class Finding:
    """Something a reader should know, under a code that other programs can rely on.

    Attributes:
        code: "BKO" and three digits; the first is the family.
        severity: "error", "warning" or "note".
        title: In a few words.
        evidence: The numbers behind it.
        advice: What to do about it, as an override or a command where there is one.
        model: The model that it is about; empty if it is about the study.
        cause: What it probably comes from, in a sentence; empty where the title says it all.
        published: Whether it speaks of what the source printed, not of runs made here.
    """

    code: str
    severity: Literal["error", "warning", "note"]
    title: str
    evidence: str
    advice: str
    model: str = ""
    cause: str = ""
    published: bool = False

    @property
    def page(self) -> str:
        """Where the code is explained, from the root of the documentation."""
        return f"docs/findings.md#{self.code.lower()}"

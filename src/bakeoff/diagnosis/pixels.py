"""Pixels that are not scaled: one rule for all families, so that no finding blames what another does not see."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from bakeoff.diagnosis.chance import learned_nothing
from bakeoff.diagnosis.remedies import SCALED, scale_learning_rate, set_entry
from bakeoff.diagnosis.values import ModelRuns, StudyRuns
from bakeoff.spec.named import Named
from bakeoff.spec.probes import CLIPPED
from bakeoff.spec.values import Finding

LARGE_INPUT = -math.log(CLIPPED)
"""Root mean square of the input above which pixels count as unscaled: 16.1. Glorot and He initialisation keep a layer's
outputs as large as its inputs, and assume inputs of about 1; under inputs that are s times as large, so are the logits
before training. From 16.1 on, logits that differ by one standard deviation put a class at 1e-7, where Keras clips."""

_NORMALISERS = {"Rescaling", "Normalization", "BatchNormalization", "LayerNormalization", "UnitNormalization"}


def is_unscaled(model: ModelRuns) -> bool:
    """Whether the first layer with a kernel sees unscaled pixels, by the probes, or else by the protocol.

    Pixels that the network itself scales or normalises, before its first kernel, are scaled.

    Args:
        model: With its runs; their layers and probes are asked.
    """
    if _normalises_first(model.runs[0].record.layers):
        return False
    scale = _input_scale(model)
    return model.model.protocol.pixels == "raw" if scale is None else scale > LARGE_INPUT


def slow_down(model: ModelRuns) -> tuple[str, ...]:
    """What makes steps smaller: scaled pixels, where they are not, and a tenth of the learning rate."""
    scaled = (set_entry(model, *SCALED),) * is_unscaled(model)
    return (*scaled, scale_learning_rate(model, 0.1))


def find_unscaled_pixels(study: StudyRuns) -> Iterator[Finding]:
    """BKO301 of each model that sees them."""
    for model in study.models:
        if is_unscaled(model):
            failed = sum(learned_nothing(run, study.labels) is True for run in model.runs)
            yield Finding(
                code="BKO301",
                severity="error" if failed else "warning",
                model=model.name,
                title="Pixels are not scaled",
                evidence=f"{_describe_input(model)}; {failed} of {len(model.runs)} runs learned nothing",
                cause="Initial weights assume inputs of about 1; larger inputs make all outputs, up to the logits, as "
                "many times too large: the softmax starts saturated and gradients are too large or vanish.",
                advice=set_entry(model, *SCALED),
            )


def _normalises_first(layers: Iterable[Named]) -> bool:
    """Whether the input is normalised inside the network, before the first layer with a kernel."""
    for layer in layers:
        if layer.name in _NORMALISERS:
            return True
        if {"units", "filters", "kernel_size"} & set(layer.arguments):
            return False
    return False


def _input_scale(model: ModelRuns) -> float | None:
    """Root mean square of what the first layer sees."""
    for run in model.runs:
        if run.probes is not None:
            return math.hypot(run.probes.pixels[2], run.probes.pixels[3])
    return None


def _describe_input(model: ModelRuns) -> str:
    scale = _input_scale(model)
    if scale is None:
        return "protocol.pixels is raw, 0 to 255"
    low, high = next(run.probes.pixels[:2] for run in model.runs if run.probes is not None)
    return (
        f"the first layer sees values from {low:.4g} to {high:.4g} with a root mean square of {scale:.3g}, so its "
        f"outputs are {scale:.3g} times as large as initialisation assumes"
    )

"""Why a network does not learn: every sign that the probes and the protocol show, the most telling first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Int

from bakeoff.diagnosis.layers import find_broken_gradients, find_dead_units
from bakeoff.diagnosis.rates import find_high_rates, find_low_rates
from bakeoff.diagnosis.remedies import clips, scale_learning_rate, sees_raw_pixels
from bakeoff.diagnosis.symmetry import find_equal_units
from bakeoff.diagnosis.values import ModelRuns
from bakeoff.spec.values import Finding


def suggest_remedies(model: ModelRuns, labels: Int[np.ndarray, " examples"]) -> tuple[str, str]:
    """The likely causes of a network that does not learn, and what to try.

    Unscaled pixels and a clipped loss come first: they make the other signs, and not the other way round.

    Args:
        model: With its protocol and probes.
        labels: Class of each test image.

    Returns:
        The causes in a sentence, and the advice, the likeliest first.
    """
    protocol = model.model.protocol
    causes, advice = [], []
    if sees_raw_pixels(model):
        causes.append("the first layer sees unscaled pixels")
        advice.append("--set protocol.pixels=unit")
    if clips(protocol.loss):
        causes.append(f"{protocol.loss.name} is taken from probabilities and has no gradient where they saturate")
        advice.append("--set protocol.loss=categorical_crossentropy")
    if not causes:
        signs = list(_signs(model, labels))
        causes = [f"{finding.title[0].lower()}{finding.title[1:]} ({finding.code})" for finding in signs]
        advice = list(dict.fromkeys(part for finding in signs for part in finding.advice.split(", or ")))
    if not causes:
        causes.append("nothing inside the network shows why: perhaps the labels do not belong to the images")
        advice.append(
            f"bakeoff data, to look at images and labels; else {scale_learning_rate(protocol.optimizer, 0.1)}"
        )
    return "; ".join(causes), ", or ".join(advice)


def _signs(model: ModelRuns, labels: Int[np.ndarray, " examples"]) -> Iterator[Finding]:
    yield from find_equal_units(model, labels)
    yield from find_low_rates(model)
    yield from find_high_rates(model)
    yield from find_broken_gradients(model)
    yield from find_dead_units(model)

"""Study B's tables in their own form: groups by activation, the final inference table, and its odd losses."""

from __future__ import annotations

import math
from collections.abc import Sequence

from docs.publishing.figures_in_words import (
    cells,
    mean_accuracy,
    measured_accuracy,
    percent,
    printed_accuracies,
    printed_accuracy,
)
from docs.publishing.runs import SCALED_SUFFIX
from docs.publishing.source_tables import in_study_order

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Block, Column, Heading, Span, TableBlock, Text
from bakeoff.spec import Study
from bakeoff.spec.study import Published

SUPERIOR, INFERIOR = 0.83, 0.28
"""Study B's table calls accuracies from the first on Superior, up to the second Inferior, and between Medium."""

CLIPPED_AT = 1e-7
"""Keras takes no logarithm of a smaller probability (`keras.config.epsilon`)."""

HALF_DIGIT_OF_LOSS = 0.00005
"""The source prints losses to four decimals."""


def by_activation(comparison: Comparison) -> list[Block]:
    """Its tables of single activations: for each the models that have it."""
    columns = (
        Column("Model"),
        Column("Hidden layers"),
        Column("Loss"),
        Column("Extras"),
        Column("Accuracy", "published", "right"),
        Column("Accuracy", f"measured, {numbers.format_level(comparison.level)}", "right"),
    )
    blocks: list[Block] = [Heading("The source's tables")]
    models = in_study_order(comparison)
    for activation in dict.fromkeys(model.spec.factors["activation"] for model in models):
        rows = tuple(
            cells(
                Span(model.name, "strong"),
                *(model.spec.factors[factor] for factor in ("hidden", "loss", "extras")),
                printed_accuracy(comparison.study, model.name),
                measured_accuracy(model),
            )
            for model in models
            if model.spec.factors["activation"] == activation
        )
        blocks += [Heading(activation, 3), TableBlock("", columns, rows)]
    return blocks


def final_inference(raw: Comparison, scaled: Comparison) -> list[Block]:
    """Its last table, with the classes that our accuracies get by its thresholds, and our tiers.

    Args:
        raw: With the published choices: pixels from 0 to 255.
        scaled: The same networks with pixels from 0 to 1.
    """
    columns = (
        Column("Model"),
        Column("Activation"),
        Column("Layers", align="right"),
        Column("Accuracy", "published", "right"),
        Column("Class", "published"),
        *(
            column
            for pixels in ("pixels 0 to 255", "pixels 0 to 1")
            for column in (
                Column("Accuracy", pixels, "right"),
                Column("Class", pixels),
                Column("Tier", pixels, "right"),
            )
        ),
    )
    rows = tuple(
        cells(
            Span(model.name, "strong"),
            model.spec.factors["activation"],
            str(1 + len(model.spec.factors["hidden"].split("-"))),
            printed_accuracy(raw.study, model.name),
            raw.study.published.get(model.name, Published()).label,
            *_classed(model),
            *_classed(scaled.model(f"{model.name}{SCALED_SUFFIX}")),
        )
        for model in in_study_order(raw)
    )
    caption = (
        f"The source calls accuracies of at least {numbers.format_percent(SUPERIOR, decimals=0)} Superior and of at "
        f"most {numbers.format_percent(INFERIOR, decimals=0)} Inferior; its words do not say so, its table does. Ours "
        "are means over all seeds, a failed one counting with what it got right. In a tier, nobody is shown to beat "
        "anybody. Layers are counted as in the source, with the last one."
    )
    return [Heading("The source's last table, and ours"), TableBlock(caption, columns, rows)]


def grade(accuracy: float) -> str:
    """The class of an accuracy.

    >>> grade(0.8305), grade(0.77), grade(0.28)
    ('Superior', 'Medium', 'Inferior')
    """
    if accuracy >= SUPERIOR:
        return "Superior"
    return "Inferior" if accuracy <= INFERIOR else "Medium"


def saturated_losses(study: Study) -> list[Block]:
    """The printed losses of the networks that the source calls Inferior, and what a saturated softmax would cost."""
    columns = (
        Column("Model"),
        Column("Loss function"),
        Column("Accuracy", "published", "right"),
        Column("Loss", "published", "right"),
        Column("Loss", "if saturated", "right"),
        Column("The same", "to the digits printed"),
    )
    accuracies = printed_accuracies(study)
    inferior = [model.name for model in study.models if grade(accuracies.get(model.name, 1.0)) == "Inferior"]
    rows = tuple(_loss_row(name, study) for name in inferior)
    caption = (
        "A saturated softmax is sure of a wrong class, and puts 0 on the true one; KL divergence then takes the "
        f"probability as {CLIPPED_AT:.7f} at least. If saturated: (1 - accuracy) times the {saturated_loss(0.0):.3f} "
        "of such an image. Where that is the printed loss, that network was sure of every answer, right or wrong."
    )
    return [Heading("The losses of the Inferior networks"), TableBlock(caption, columns, rows)]


def saturated_loss(accuracy: float) -> float:
    """Of a network that is sure of every answer, where probabilities are clipped.

    >>> round(saturated_loss(0.1941), 4)
    12.9896
    """
    return (1 - accuracy) * -math.log(CLIPPED_AT)


def _loss_row(name: str, study: Study) -> tuple[Text, ...]:
    printed = study.published[name]
    saturated = saturated_loss(printed.accuracy or 0.0)
    unsure = HALF_DIGIT_OF_LOSS + (printed.half_digit or 0.0) * saturated_loss(0.0)
    return cells(
        Span(name, "strong"),
        study.model(name).factors["loss"],
        printed_accuracy(study, name),
        numbers.UNKNOWN if printed.loss is None else f"{printed.loss:.4f}",
        f"{saturated:.4f}",
        "yes" if printed.loss is not None and abs(printed.loss - saturated) <= unsure else "no",
    )


def _classed(model: ModelResult) -> Sequence[str]:
    mean = mean_accuracy(model)
    return percent(mean), grade(mean), str(model.tier)

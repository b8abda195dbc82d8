"""The tables that the four sources printed, in their own form, with what was measured beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import bakeoff
from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Block, Column, Heading, Paragraph, Span, TableBlock, Text, text

SUPERIOR, INFERIOR = 0.83, 0.28
"""Study B's table calls accuracies from the first on Superior, up to the second Inferior, and between Medium."""


def published_and_measured(comparison: Comparison) -> list[Block]:
    """Every figure that the source printed of a model, with ours."""
    columns = (
        Column("Model"),
        Column("Accuracy", "published", "right"),
        Column("Accuracy", "measured on the same images, 95 %", "right"),
        Column("The figure is"),
        Column("Loss", "published", "right"),
        Column("Loss", "measured, 95 %", "right"),
        Column("Seconds", "published", "right"),
        Column("Seconds", "measured", "right"),
    )
    rows = tuple(_published_row(model, comparison) for model in in_study_order(comparison))
    caption = (
        "Seconds are those of one run on one core of the machine that trained, without compiling; the source's are of "
        "another machine."
    )
    return [Heading("Published and measured"), TableBlock(caption, columns, rows)]


def in_study_order(comparison: Comparison) -> list[ModelResult]:
    """The models as the source lists them."""
    return [comparison.model(model.name) for model in comparison.study.models]


def sorted_by_accuracy(comparison: Comparison) -> list[Block]:
    """Study A's last table: the models by accuracy."""
    published = sorted(in_study_order(comparison), key=_published_accuracy(comparison), reverse=True)
    columns = (
        Column("Rank", "published", "right"),
        Column("Model"),
        Column("Accuracy", "published", "right"),
        Column("Rank", "measured, 95 %", "right"),
        Column("Accuracy", "measured", "right"),
        Column("Same"),
    )
    rows = tuple(
        cells(
            str(rank),
            Span(model.name, "strong"),
            percent(_published_accuracy(comparison)(model)),
            numbers.format_rank(model.rank),
            measured_accuracy(model),
            model.letters,
        )
        for rank, model in enumerate(published, start=1)
    )
    return [Heading("The source's table"), TableBlock("Sorted by accuracy, as in the source.", columns, rows)]


def cells(*parts: str | Span) -> tuple[Text, ...]:
    """Cells of a row."""
    return tuple(text(part) for part in parts)


def percent(share: float) -> str:
    """As the sources print it."""
    return numbers.format_percent(share, decimals=2)


def measured_accuracy(model: ModelResult) -> str:
    """On the test images, with its interval over seeds; of failed seeds the share."""
    estimate = model.accuracy_this_test_set
    if estimate is None:
        return f"{model.failed_seeds} of {model.failed_seeds} seeds failed"
    failed = f", {model.failed_seeds} seeds failed" if model.failed_seeds else ""
    interval = numbers.format_percent_interval(estimate, decimals=2)
    return f"{percent(estimate.value)} ({interval}){failed}"


def by_activation(comparison: Comparison) -> list[Block]:
    """Study B's tables: for each activation the models that have it."""
    blocks: list[Block] = [Heading("The source's tables")]
    activations = dict.fromkeys(model.spec.factors["activation"] for model in in_study_order(comparison))
    columns = (
        Column("Model"),
        Column("Hidden layers"),
        Column("Loss"),
        Column("Extras"),
        Column("Accuracy", "published", "right"),
        Column("Accuracy", "measured, 95 %", "right"),
    )
    for activation in activations:
        rows = tuple(
            cells(
                Span(model.name, "strong"),
                *(model.spec.factors[factor] for factor in ("hidden", "loss", "extras")),
                percent(_published_accuracy(comparison)(model)),
                measured_accuracy(model),
            )
            for model in in_study_order(comparison)
            if model.spec.factors["activation"] == activation
        )
        blocks += [Heading(activation, 3), TableBlock("", columns, rows)]
    return blocks


def final_inference(raw: Comparison, scaled: dict[str, ModelResult]) -> list[Block]:
    """Study B's last table, with the classes that our accuracies get by its thresholds, and our tiers.

    Args:
        raw: With the published choices: pixels from 0 to 255.
        scaled: The same networks with pixels from 0 to 1, by the name they have in `raw`.
    """
    columns = (
        Column("Model"),
        Column("Activation"),
        Column("Layers", align="right"),
        Column("Accuracy", "published", "right"),
        Column("Class", "published"),
        Column("Accuracy", "pixels 0 to 255", "right"),
        Column("Class", "pixels 0 to 255"),
        Column("Tier", "pixels 0 to 255", "right"),
        Column("Accuracy", "pixels 0 to 1", "right"),
        Column("Class", "pixels 0 to 1"),
        Column("Tier", "pixels 0 to 1", "right"),
    )
    rows = []
    for model in in_study_order(raw):
        printed, other = raw.study.published[model.name], scaled[model.name]
        rows.append(
            cells(
                Span(model.name, "strong"),
                model.spec.factors["activation"],
                str(len(model.spec.factors["hidden"].split("-")) + 1),
                percent(_published_accuracy(raw)(model)),
                printed.label,
                *_classed(model),
                *_classed(other),
            )
        )
    caption = (
        f"The source calls accuracies of at least {numbers.format_percent(SUPERIOR, decimals=0)} Superior and of at most "
        f"{numbers.format_percent(INFERIOR, decimals=0)} Inferior; its words do not say so, its table does. Ours are "
        "means over all seeds, a failed one counting with what it got right. In a tier, nobody is shown to beat anybody. "
        "Layers are counted as in the source, with the last one."
    )
    return [Heading("The source's last table, and ours"), TableBlock(caption, columns, tuple(rows))]


def grade(accuracy: float) -> str:
    """Study B's class of an accuracy.

    >>> grade(0.8305), grade(0.77), grade(0.28)
    ('Superior', 'Medium', 'Inferior')
    """
    if accuracy >= SUPERIOR:
        return "Superior"
    return "Inferior" if accuracy <= INFERIOR else "Medium"


def score(comparison: Comparison) -> list[Block]:
    """Study C's result: its model's layers and what it scores."""
    (model,) = comparison.models
    printed = comparison.study.published[model.name]
    (claim,) = comparison.claims
    parameters = numbers.format_count(model.parameters)
    told = (
        f"The source's summary counts 669,706 weights, ours {parameters}. Its score is {percent(printed.accuracy or 0)}; "
        f"ours is {measured_accuracy(model)}: {claim.verdict}. {claim.evidence}"
    )
    return [Heading("The source's summary and score"), Paragraph(text(told))]


def mean_accuracy(model: ModelResult) -> float:
    """Over all runs that left predictions, failed ones included; 0 for a run without."""
    return sum(run.accuracy or 0.0 for run in model.runs) / len(model.runs)


def _classed(model: ModelResult) -> Sequence[str]:
    mean = mean_accuracy(model)
    return percent(mean), grade(mean), str(model.tier)


def _published_accuracy(comparison: Comparison) -> Callable[[ModelResult], float]:
    return lambda model: comparison.study.published[model.name].accuracy or 0.0


def _published_row(model: ModelResult, comparison: Comparison) -> tuple[Text, ...]:
    printed = comparison.study.published[model.name]
    claim = next(claim for claim in comparison.claims if claim.claim.startswith(f"accuracy({model.name}) ="))
    loss = model.loss
    return cells(
        Span(model.name, "strong"),
        percent(printed.accuracy or 0.0),
        measured_accuracy(model),
        claim.verdict,
        numbers.UNKNOWN if printed.loss is None else f"{printed.loss:.4f}",
        numbers.UNKNOWN if loss is None else f"{numbers.format_loss(loss)} ({numbers.format_loss_interval(loss)})",
        numbers.UNKNOWN if printed.seconds is None else f"{printed.seconds:.0f}",
        numbers.format_seconds(model.train_seconds),
    )


def findings(comparison: Comparison, store: Path) -> list[Block]:
    """Study D's findings: where its long runs flatten, the models' scores, and what it recommends next."""
    long = bakeoff.compare(bakeoff.load_study("study-d", overrides=["protocol.epochs=100"]), store=store)
    columns = (
        Column("Model"),
        Column("The source says"),
        Column("Lowest test loss", "epoch, each long run", "right"),
        Column("Test accuracy", "at the epochs it was retrained for", "right"),
        Column("Test accuracy", "after 100 epochs", "right"),
    )
    rows = []
    for model in in_study_order(comparison):
        runs = [run for run in long.model(model.name).runs if run.history.validation_loss]
        lowest = [
            str(1 + min(range(len(losses)), key=losses.__getitem__))
            for run in runs
            for losses in [run.history.validation_loss]
        ]
        rows.append(
            cells(
                Span(model.name, "strong"),
                model.spec.note,
                ", ".join(lowest),
                measured_accuracy(model),
                measured_accuracy(long.model(model.name)),
            )
        )
    caption = "The test images serve as validation images, as in the source."
    return [Heading("The source's findings"), TableBlock(caption, columns, tuple(rows))]

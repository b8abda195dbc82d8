"""The tables that the four sources printed, in their own form, with what was measured beside them."""

from __future__ import annotations

from collections.abc import Sequence

from docs.publishing.runs import SCALED_SUFFIX

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
    )
    rows = tuple(_published_row(model, comparison) for model in in_study_order(comparison))
    caption = (
        "The interval is that of the mean over new seeds on the same test images. The verdict asks whether the "
        "published figure, one run of unknown seed, and ours agree within half a point; its grounds stand under Claims."
    )
    return [Heading("Published and measured"), TableBlock(caption, columns, rows)]


def in_study_order(comparison: Comparison) -> list[ModelResult]:
    """The models as the source lists them."""
    return [comparison.model(model.name) for model in comparison.study.models]


def sorted_by_accuracy(comparison: Comparison) -> list[Block]:
    """Study A's last table: the models by accuracy."""
    published = _published_accuracies(comparison)
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
            percent(published[model.name]),
            numbers.format_rank(model.rank),
            measured_accuracy(model),
            model.letters,
        )
        for rank, model in enumerate(
            sorted(in_study_order(comparison), key=lambda model: -published[model.name]), start=1
        )
    )
    caption = "Sorted by the published accuracy. Models that share a letter under Same are not significantly different."
    return [Heading("The source's table"), TableBlock(caption, columns, rows)]


def by_activation(comparison: Comparison) -> list[Block]:
    """Study B's tables: for each activation the models that have it."""
    published = _published_accuracies(comparison)
    columns = (
        Column("Model"),
        Column("Hidden layers"),
        Column("Loss"),
        Column("Extras"),
        Column("Accuracy", "published", "right"),
        Column("Accuracy", "measured, 95 %", "right"),
    )
    blocks: list[Block] = [Heading("The source's tables")]
    models = in_study_order(comparison)
    for activation in dict.fromkeys(model.spec.factors["activation"] for model in models):
        rows = tuple(
            cells(
                Span(model.name, "strong"),
                *(model.spec.factors[factor] for factor in ("hidden", "loss", "extras")),
                percent(published[model.name]),
                measured_accuracy(model),
            )
            for model in models
            if model.spec.factors["activation"] == activation
        )
        blocks += [Heading(activation, 3), TableBlock("", columns, rows)]
    return blocks


def final_inference(raw: Comparison, scaled: Comparison) -> list[Block]:
    """Study B's last table, with the classes that our accuracies get by its thresholds, and our tiers.

    Args:
        raw: With the published choices: pixels from 0 to 255.
        scaled: The same networks with pixels from 0 to 1.
    """
    published = _published_accuracies(raw)
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
            percent(published[model.name]),
            raw.study.published[model.name].label,
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
    """Study B's class of an accuracy.

    >>> grade(0.8305), grade(0.77), grade(0.28)
    ('Superior', 'Medium', 'Inferior')
    """
    if accuracy >= SUPERIOR:
        return "Superior"
    return "Inferior" if accuracy <= INFERIOR else "Medium"


def summary_and_score(comparison: Comparison) -> list[Block]:
    """Study C's two results: its model's summary, and what it scores."""
    (model,) = comparison.models
    printed = comparison.study.published[model.name]
    columns = (Column("The source prints"), Column("published", align="right"), Column("measured", align="right"))
    rows = (
        cells("parameters", numbers.format_count(printed.parameters or 0), numbers.format_count(model.parameters)),
        cells("score", percent(printed.accuracy or 0.0), measured_accuracy(model)),
    )
    command = f"bakeoff show {comparison.study.name} --model {model.name}"
    told = Paragraph(text("Its summary, layer by layer: ", Span(command, "code"), "."))
    return [Heading("The source's summary and score"), TableBlock("", columns, rows), told]


def findings_on_epochs(comparison: Comparison, long: Comparison) -> list[Block]:
    """Study D's findings: where its long runs flatten, and what the models score after its numbers of epochs.

    Args:
        comparison: Of the study.
        long: The same networks after 100 epochs.
    """
    columns = (
        Column("Model"),
        Column("The source says", align="prose"),
        Column("Lowest test loss", "epoch, each long run", "right"),
        Column("Accuracy", "published", "right"),
        Column("Accuracy", "after the epochs it was retrained for", "right"),
        Column("Accuracy", "after 100 epochs", "right"),
    )
    published = _published_accuracies(comparison)
    rows = tuple(
        cells(
            Span(model.name, "strong"),
            model.spec.note,
            ", ".join(map(str, lowest_epochs(long.model(model.name)))),
            percent(published[model.name]),
            measured_accuracy(model),
            measured_accuracy(long.model(model.name)),
        )
        for model in in_study_order(comparison)
    )
    caption = (
        "The test images serve as validation images, as in the source: epochs that they choose are chosen too kindly. "
        "The source recommends transfer learning as the next step; it stands under What remains open."
    )
    return [Heading("The source's findings"), TableBlock(caption, columns, rows)]


def lowest_epochs(model: ModelResult) -> list[int]:
    """The epoch, from 1, with the lowest validation loss of each run that has one."""
    losses = [run.history.validation_loss for run in model.runs if run.history.validation_loss]
    return [1 + min(range(len(curve)), key=curve.__getitem__) for curve in losses]


def mean_accuracy(model: ModelResult) -> float:
    """Over all runs that left predictions, failed ones included, in [0, 1]."""
    known = [run.accuracy for run in model.runs if run.accuracy is not None]
    return sum(known) / len(known)


def measured_accuracy(model: ModelResult) -> str:
    """On the test images, with its interval over seeds; where seeds failed, how many, and the mean of all."""
    estimate = model.accuracy_this_test_set
    if model.failed_seeds or estimate is None:
        return (
            f"{percent(mean_accuracy(model))}, {model.failed_seeds} of {model.seeds + model.failed_seeds} seeds failed"
        )
    return f"{percent(estimate.value)} ({numbers.format_percent_interval(estimate, decimals=2)})"


def percent(share: float) -> str:
    """As the sources print it."""
    return numbers.format_percent(share, decimals=2)


def cells(*parts: str | Span) -> tuple[Text, ...]:
    """Cells of a row."""
    return tuple(text(part) for part in parts)


def _classed(model: ModelResult) -> Sequence[str]:
    mean = mean_accuracy(model)
    return percent(mean), grade(mean), str(model.tier)


def _published_accuracies(comparison: Comparison) -> dict[str, float]:
    return {name: printed.accuracy or 0.0 for name, printed in comparison.study.published.items()}


def _published_row(model: ModelResult, comparison: Comparison) -> tuple[Text, ...]:
    printed, loss = comparison.study.published[model.name], model.loss
    claim = next(claim for claim in comparison.claims if claim.claim.startswith(f"accuracy({model.name}) ="))
    return cells(
        Span(model.name, "strong"),
        percent(printed.accuracy or 0.0),
        measured_accuracy(model),
        claim.verdict,
        numbers.UNKNOWN if printed.loss is None else f"{printed.loss:.4f}",
        numbers.UNKNOWN if loss is None else f"{numbers.format_loss(loss)} ({numbers.format_loss_interval(loss)})",
    )

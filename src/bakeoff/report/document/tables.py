"""The tables of a written report. Every number goes through `numbers`, as on the page and on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bakeoff.comparison import Comparison, ModelResult, PairResult
from bakeoff.comparison.budget import BudgetRow
from bakeoff.comparison.claims import ClaimResult
from bakeoff.comparison.classes import ClassStory, ModelClasses
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Column, Span, TableBlock, Text, text
from bakeoff.report.sentences.claims import evidence_text
from bakeoff.report.sentences.classes import recall_decimals, shown_models
from bakeoff.report.sentences.factors import estimable_contrasts
from bakeoff.report.sentences.pairs import pair_remarks
from bakeoff.report.sentences.prices import price_clause
from bakeoff.report.standing import placed_models
from bakeoff.spec.values import Estimate
from bakeoff.stats import Factor, FactorContrast

MODELS_ACROSS = 3
"""So many columns of recalls fit on paper."""


def leaderboard(comparison: Comparison) -> TableBlock:
    """One row per model, best first; models without any run last."""
    level = numbers.format_level(comparison.level)
    columns = (
        Column("Rank", align="right"),
        Column("Model"),
        Column("Accuracy", f"new images, {level}", "right"),
        Column("Accuracy", "these images", "right"),
        Column("Same"),
        Column("Tier", align="right"),
        Column("Loss", "these images", "right"),
        Column("Seeds", align="right"),
    )
    decimals, placed = numbers.choose_decimals(model.accuracy for model in comparison.models), placed_models(comparison)
    rows = [_model(model, decimals, is_placed=model.name in placed) for model in comparison.models]
    unknown = [numbers.UNKNOWN] * (len(columns) - 3)
    rows += [_cells(numbers.UNKNOWN, Span(name, "strong"), *unknown, "no run yet") for name in comparison.missing]
    caption = (
        "Models, best mean accuracy over all seeds first, a failed one counting 0. Rank: interval that holds for all "
        "models together. Accuracy on new images "
        "lets seeds and images vary, on these images only the seeds. Models that share a letter under Same are not "
        "significantly different. In a tier, nobody is shown to beat anybody."
    )
    if any(model.failed_seeds for model in comparison.models):
        caption += " Where seeds failed, accuracy is the mean of the others and has no interval."
    return TableBlock(caption, columns, tuple(rows))


def pairs(comparison: Comparison) -> TableBlock:
    """One row per pair."""
    alpha, race = 1 - comparison.level, comparison.race
    level = "" if race else f", {numbers.format_level(comparison.level)}"
    columns = (
        Column("Pair"),
        Column("Difference", f"new images, points{level}", "right"),
        Column("Difference", "these images, points", "right"),
        Column("p", align="right"),
        Column("p", "corrected" if race else "after Holm", "right"),
        Column("One run wins", "first over second", "right"),
        Column("Verdict"),
    )
    decimals = numbers.choose_decimals(pair.difference for pair in comparison.pairs)
    rows = tuple(_pair(pair, decimals, alpha=alpha, is_race=race is not None) for pair in comparison.pairs)
    margin = numbers.format_margin(comparison.study.protocol.margin)
    correction = "correction for all pairs and looks of the race" if race else "Holm's correction"
    caption = (
        f"Pairs of models. Verdicts follow from p after {correction}: over all pairs together, the chance of a wrong "
        f"“better” is at most {numbers.format_chance(alpha)}. “Equivalent”: the difference is surely smaller than the "
        f"margin of {margin}."
    )
    return TableBlock(caption, columns, rows)


def prices(comparison: Comparison) -> TableBlock | None:
    """What would decide the undecided pairs; None where nothing is undecided or nothing is known of it."""
    rows = [
        _cells(_versus(pair), clause)
        for pair in comparison.pairs
        if (clause := price_clause(pair, images=comparison.data.test))
    ]
    caption = "Reckoned as if differences and the spread of runs were what they seem to be."
    columns = (Column("Pair"), Column("What would decide it", align="prose"))
    return TableBlock(caption, columns, tuple(rows)) if rows else None


def classes(comparison: Comparison, story: ClassStory) -> list[TableBlock]:
    """One row per class; of many models a table for every few, and of very many only the best."""
    shown = shown_models(story)
    groups = [shown[start : start + MODELS_ACROSS] for start in range(0, len(shown), MODELS_ACROSS)]
    return [_classes(group, comparison, story) for group in groups]


def claims(comparison: Comparison) -> TableBlock:
    """One row per published figure or claim."""
    columns = (Column("Published", align="prose"), Column("Verdict"), Column("Evidence", align="prose"))
    source, images = comparison.study.source, comparison.data.test
    rows = tuple(
        (published_words(claim, source), text(claim.verdict), text(evidence_text(claim, images=images)))
        for claim in comparison.claims
    )
    published = f"Published in: {source}. " if source else ""
    caption = (
        f"{published}A claim is reproduced if these runs prove it and not reproduced if they prove the contrary; what "
        "they prove neither of stays undetermined. What would decide it is reckoned as if differences and spreads were "
        "what they seem to be."
    )
    return TableBlock(caption, columns, rows)


def published_words(claim: ClaimResult, source: str) -> Text:
    """The source's words, if the study has them, and what they were taken to mean.

    Args:
        claim: Any claim or figure.
        source: Of the study.
    """
    if claim.source == claim.claim:
        return text(claim.claim)
    meant = Span(claim.claim, "code")
    return text(meant) if claim.source in ("", source) else text(f"{claim.source} ", meant)


def contrasts(factor: Factor, comparison: Comparison) -> TableBlock:
    """One row for every two levels of a factor that could be compared."""
    alpha, level = 1 - comparison.level, numbers.format_level(comparison.attribution.level)
    columns = (
        Column("Levels"),
        Column("Difference", f"points, {level}", "right"),
        Column("p", "after Holm", "right"),
        Column("Errors", "first over second", "right"),
        Column("Settings", align="right"),
        Column("Verdict"),
    )
    caption = (
        f"Effect of {factor.factor}, all else equal. Errors: error rate with the first level over that with the second."
    )
    rows = tuple(_contrast(contrast, alpha) for contrast in estimable_contrasts(factor))
    return TableBlock(caption, columns, rows)


def budget(comparison: Comparison) -> TableBlock:
    """What each model was given."""
    amounts: dict[tuple[str, str], Callable[[BudgetRow], str]] = {
        ("Training", "images"): lambda row: numbers.format_count(row.train_images),
        ("Validation", "images"): lambda row: numbers.format_count(row.validation_images),
        ("Epochs", ""): lambda row: numbers.format_amount(row.epochs),
        ("Updates", "per run"): lambda row: numbers.format_amount(row.updates),
        ("Time", "per run"): lambda row: numbers.format_seconds(row.train_seconds),
        ("Weights", ""): lambda row: numbers.format_count(row.parameters) if row.parameters else numbers.UNKNOWN,
        ("Seeds", ""): lambda row: numbers.format_count(row.seeds),
        ("Settings", "tried before"): lambda row: numbers.format_count(row.trials),
    }
    if comparison.plateaus:
        amounts["Search", "epochs"] = lambda row: numbers.format_count(row.search_epochs)
    columns = (Column("Model"), *(Column(*title, align="right") for title in amounts))
    rows = tuple(
        _cells(Span(row.model, "strong"), *(write(row) for write in amounts.values())) for row in comparison.budget.rows
    )
    caption = "What each model was given. Epochs and updates are medians over finished runs, time over all."
    return TableBlock(caption, columns, rows)


def _cells(*cells: str | Span) -> tuple[Text, ...]:
    return tuple(text(cell) for cell in cells)


def _with_interval(value: str, interval: str) -> str:
    return value if interval == numbers.UNKNOWN else f"{value} ({interval})"


def _model(model: ModelResult, decimals: int, *, is_placed: bool) -> tuple[Text, ...]:
    loss = model.loss
    return _cells(
        numbers.format_rank(model.rank) if is_placed else numbers.UNKNOWN,
        Span(model.name, "strong"),
        _percent(model.accuracy, decimals),
        _percent(model.accuracy_this_test_set, decimals),
        model.letters if is_placed else numbers.UNKNOWN,
        str(model.tier) if is_placed else numbers.UNKNOWN,
        _with_interval(numbers.format_loss(loss), numbers.format_loss_interval(loss)) if loss else numbers.UNKNOWN,
        f"{model.seeds}, {model.failed_seeds} failed" if model.failed_seeds else str(model.seeds),
    )


def _percent(estimate: Estimate | None, decimals: int) -> str:
    if estimate is None:
        return numbers.UNKNOWN
    value = numbers.format_percent(estimate.value, decimals=decimals)
    return _with_interval(value, numbers.format_percent_interval(estimate, decimals=decimals))


def _points(estimate: Estimate | None, decimals: int) -> str:
    if estimate is None:
        return numbers.UNKNOWN
    value = numbers.format_signed(estimate.value, decimals=decimals)
    return _with_interval(value, numbers.format_points_interval(estimate, decimals=decimals))


def _pair(pair: PairResult, decimals: int, *, alpha: float, is_race: bool) -> tuple[Text, ...]:
    chance, difference = pair.probability_a_better, pair.difference
    level = f" at {numbers.format_level(difference.level)}" if is_race and difference else ""
    verdict = {"a better": f"{pair.a} better", "b better": f"{pair.b} better"}.get(pair.verdict, pair.verdict)
    return _cells(
        _versus(pair),
        _points(difference, decimals) + level,
        _points(pair.difference_this_test_set, decimals),
        numbers.format_p_value(pair.p, alpha=alpha),
        numbers.format_p_value(pair.p_adjusted, alpha=alpha),
        _with_interval(numbers.format_chance(chance.value), numbers.format_chance_interval(chance))
        if chance
        else numbers.UNKNOWN,
        "; ".join([verdict, *pair_remarks(pair)]),
    )


def _versus(pair: PairResult) -> str:
    return f"{pair.a} vs {pair.b}"


def _classes(group: Sequence[ModelClasses], comparison: Comparison, story: ClassStory) -> TableBlock:
    level = numbers.format_level(comparison.level)
    counts = {"Training": story.train_images, "Test": story.test_images}
    known = {name: images for name, images in counts.items() if images}
    columns = (
        Column("Class"),
        *(Column(name, "images", "right") for name in known),
        *(Column(model.model, f"right, {level}", "right") for model in group),
    )
    rows = tuple(
        _cells(
            name,
            *(numbers.format_count(images[label]) for images in known.values()),
            *(_recall(model, label) for model in group),
        )
        for label, name in enumerate(story.names)
    )
    caption = (
        "Share of the new images of each class that a model gets right. Harder: fewer than of the other classes on "
        f"average; over all classes of a model, the chance of a wrong “harder” is at most "
        f"{numbers.format_chance(story.alpha)} (Holm). Intervals are not corrected."
    )
    left_out = len(story.models) - len(shown_models(story))
    if left_out:
        caption += f" The best {len(shown_models(story))} of {len(story.models)} models are shown."
    return TableBlock(caption, columns, rows)


def _recall(model: ModelClasses, label: int) -> str:
    found = model.classes[label]
    return _percent(found.recall, recall_decimals(model)) + (", harder" if found.harder else "")


def _contrast(contrast: FactorContrast, alpha: float) -> tuple[Text, ...]:
    winner = {"better": f"{contrast.high} better", "worse": f"{contrast.low} better"}
    opposed = f", {contrast.opposed} opposed" if contrast.opposed else ""
    return _cells(
        f"{contrast.high} vs {contrast.low}",
        _points(contrast.estimate, numbers.choose_decimals([contrast.estimate])),
        numbers.format_p_value(contrast.p_adjusted, alpha=alpha),
        numbers.format_ratio(contrast.error_ratio),
        f"{contrast.strata}{opposed}",
        winner.get(contrast.verdict, contrast.verdict),
    )

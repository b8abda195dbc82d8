"""The verdict for a terminal of 80 columns: the same numbers, through the same formatting, as on the page."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.sentences.phrases import Kind
from bakeoff.report.sentences.verdict import verdict_sentences
from bakeoff.report.standing import placed_models

_MARKS: dict[Kind, tuple[str, str]] = {
    "leader": ("\u25b6", "bold"),
    "better": (">", "green"),
    "equivalent": ("=", "cyan"),
    "undecided": ("?", "dim"),
    "tier": ("\u2013", ""),
    "disagreement": ("\u2260", "yellow"),
    "failed": ("\u2715", "red"),
    "leak": ("!", "red"),
    "finding": ("\u2715", "red"),
    "next": ("\u2192", "bold"),
}
_STYLES = {"words": "", "model": "bold", "number": ""}


def leaderboard_table(comparison: Comparison) -> Table:
    """One row per model, best first.

    Args:
        comparison: Of any number of models.

    Returns:
        A table that fits 80 columns where the models' names are not long.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("rank", justify="right", no_wrap=True)
    table.add_column("model", overflow="fold", min_width=6)
    table.add_column("accuracy", justify="right", no_wrap=True)
    table.add_column(f"{numbers.format_level(comparison.level)} interval", no_wrap=True)
    table.add_column("same", no_wrap=True)
    table.add_column("weights", justify="right", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("seeds", no_wrap=True)
    decimals = numbers.choose_decimals(model.accuracy for model in comparison.models)
    placed = placed_models(comparison)
    for model in comparison.models:
        table.add_row(*_cells(model, decimals, is_placed=model.name in placed))
    return table


def verdict_text(comparison: Comparison) -> Text:
    """The verdict's sentences, one to a line, each with a mark of its kind.

    Args:
        comparison: Of any number of models.

    Returns:
        Text with bold names; `str()` of it is plain.
    """
    lines = []
    for sentence in verdict_sentences(comparison):
        mark, style = _MARKS.get(sentence.kind, ("\u00b7", ""))
        line = Text.assemble((mark, style or "dim"), " ")
        for phrase in sentence.phrases:
            line.append(phrase.text, style=_STYLES[phrase.role] or None)
        lines.append(line)
    return Text("\n").join(lines)


def _cells(model: ModelResult, decimals: int, *, is_placed: bool) -> tuple[str | Text, ...]:
    known = model.accuracy
    seeds = f"{model.seeds}, {model.failed_seeds} failed" if model.failed_seeds else str(model.seeds)
    return (
        numbers.format_rank(model.rank) if is_placed else numbers.UNKNOWN,
        Text(model.name, style="bold" if model.tier == 1 and known else ""),
        numbers.format_percent(known.value, decimals=decimals) if known else numbers.UNKNOWN,
        numbers.format_percent_interval(known, decimals=decimals) if known else numbers.UNKNOWN,
        model.letters if is_placed else numbers.UNKNOWN,
        numbers.format_count(model.parameters),
        numbers.format_seconds(model.train_seconds),
        seeds,
    )

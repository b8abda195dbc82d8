"""A comparison in a notebook: a small table and the verdict, without style of their own and without script."""

from __future__ import annotations

from html import escape

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.sentences.verdict import verdict_sentences
from bakeoff.report.standing import placed_models

_HEADINGS = ("rank", "model", "accuracy", "interval", "same", "weights", "time", "seeds", "failed")


def to_notebook_html(comparison: Comparison) -> str:
    """Leaderboard and verdict as a fragment of HTML.

    Args:
        comparison: Of any number of models.

    Returns:
        One `<div>`; every name in it is escaped.
    """
    decimals = numbers.choose_decimals(model.accuracy for model in comparison.models)
    placed = placed_models(comparison)
    head = "".join(f"<th>{heading}</th>" for heading in _HEADINGS)
    rows = "".join(_row(model, decimals, is_placed=model.name in placed) for model in comparison.models)
    verdict = "".join(f"<li>{escape(sentence.text)}</li>" for sentence in verdict_sentences(comparison))
    title = escape(comparison.study.title or comparison.study.name)
    return (
        f"<div><p><strong>{title}</strong></p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><ul>{verdict}</ul></div>"
    )


def _row(model: ModelResult, decimals: int, *, is_placed: bool) -> str:
    known = model.accuracy
    cells = (
        numbers.format_rank(model.rank) if is_placed else numbers.UNKNOWN,
        model.name,
        numbers.format_percent(known.value, decimals=decimals) if known else numbers.UNKNOWN,
        numbers.format_percent_interval(known, decimals=decimals) if known else numbers.UNKNOWN,
        model.letters if is_placed else numbers.UNKNOWN,
        numbers.format_count(model.parameters),
        numbers.format_seconds(model.train_seconds),
        str(model.seeds),
        str(model.failed_seeds),
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"

"""From a Comparison to what a person reads: a page, sentences, a table for the terminal and one for notebooks."""

from bakeoff.report.notebook import to_notebook_html
from bakeoff.report.phrases import Phrase, Sentence
from bakeoff.report.sentences import verdict_sentences
from bakeoff.report.terminal import leaderboard_table, verdict_text
from bakeoff.report.writing import write_report

__all__ = [
    "Phrase",
    "Sentence",
    "leaderboard_table",
    "to_notebook_html",
    "verdict_sentences",
    "verdict_text",
    "write_report",
]

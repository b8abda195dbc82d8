"""From a Comparison to what a person reads: a page, sentences, a table for the terminal and one for notebooks."""

from bakeoff.report.notebook import to_notebook_html
from bakeoff.report.sentences.phrases import Phrase, Sentence
from bakeoff.report.sentences.verdict import verdict_sentences
from bakeoff.report.terminal import leaderboard_table, verdict_text
from bakeoff.report.terminal_sections import claims_table, factors_table, left_out_text, warnings_text
from bakeoff.report.writing import write_report

__all__ = [
    "Phrase",
    "Sentence",
    "claims_table",
    "factors_table",
    "leaderboard_table",
    "left_out_text",
    "to_notebook_html",
    "verdict_sentences",
    "verdict_text",
    "warnings_text",
    "write_report",
]

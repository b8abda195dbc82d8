"""The verdict for a terminal and for a notebook."""

from dataclasses import replace
from html.parser import HTMLParser

from rich.console import Console

from bakeoff.report import leaderboard_table, numbers, to_notebook_html, verdict_sentences, verdict_text


def print_table(comparison, *, width: int) -> list[str]:
    """The table's lines."""
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(leaderboard_table(comparison))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_the_table_fits_80_columns(comparison):
    """One line per model, whatever the number of models."""
    lines = print_table(comparison, width=80)
    assert len(lines) == 1 + len(comparison.models)
    assert max(map(len, lines)) <= 80
    assert not any("\u2026" in line for line in lines)


def test_the_table_shows_every_model_in_order(by_hand):
    """Rank, name, accuracy, interval, letters, weights, time, seeds."""
    _, first, *rest = print_table(by_hand.make_comparison(by_hand.FOUR, half=0.012), width=100)
    words = first.replace(numbers.NO_BREAK_SPACE, " ").split()
    assert words == ["1", "cnn", "96.4", "%", "95.2", "to", "97.6", "a", "101,770", "1.6", "s", "5"]
    assert [line.split()[1] for line in rest] == ["lstm", "dense", "dropout"]


def test_the_table_shows_failed_seeds(by_hand):
    """A model whose runs failed has its row, with dashes for what is unknown; ranks give it a place."""
    lines = print_table(by_hand.make_comparison(by_hand.TROUBLED), width=80)
    (lost,) = [line for line in lines if " lost " in line]
    assert lost.endswith("0, 5 failed")
    assert lost.split()[:5] == [f"1{numbers.UNKNOWN}5", "lost", *[numbers.UNKNOWN] * 2, "a"]


def test_a_model_that_was_never_tested_has_no_rank(by_hand):
    """Nothing finished and nothing ranked: dashes, no place."""
    comparison = by_hand.make_comparison([by_hand.Entry("lost", seeds=0, failed=1), by_hand.Entry("fine")])
    lost = print_table(comparison, width=80)[-1]
    assert lost.split()[:5] == [numbers.UNKNOWN, "lost", *[numbers.UNKNOWN] * 3]


def test_the_text_is_the_report_s_verdict(comparison):
    """One line per sentence, in the report's words; brackets in reasons are no markup."""
    lines = str(verdict_text(comparison)).split("\n")
    assert [line[2:] for line in lines] == [sentence.text for sentence in verdict_sentences(comparison)]


class Words(HTMLParser):
    """Gathers the text and the tags of a fragment."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Called for `<tag>`."""
        self.tags.append(tag)

    def handle_data(self, data):
        """Called for text."""
        self.words.append(data)


def test_a_notebook_shows_table_and_verdict(comparison):
    """One row per model, one item per sentence."""
    shown = Words(to_notebook_html(comparison))
    assert shown.tags.count("tr") == 1 + len(comparison.models)
    assert shown.tags.count("li") == len(verdict_sentences(comparison))
    assert {model.name for model in comparison.models} <= set(shown.words)


def test_a_notebook_escapes_what_users_wrote(by_hand):
    """Titles, names and reasons are text, never markup."""
    comparison = by_hand.make_comparison(by_hand.TROUBLED, title="<script>alert(1)</script>")
    first = comparison.models[0]
    named = replace(first, spec=first.spec.model_copy(update={"name": "<img src=x>"}))
    fragment = to_notebook_html(replace(comparison, models=(named, *comparison.models[1:])))
    assert "<script" not in fragment
    assert "<img" not in fragment
    assert "<of 10>" not in fragment
    assert "&lt;of 10&gt;" in fragment

"""What follows the sentences on a terminal."""

from dataclasses import replace

import pytest
from rich.console import Console

from bakeoff.comparison.factors import Attribution
from bakeoff.report import claims_table, factors_table, left_out_text, numbers, warnings_text
from bakeoff.spec.values import Finding

SECTIONS = (claims_table, factors_table, left_out_text, warnings_text)


def show(section, *, width: int = 80) -> list[str]:
    """Its lines on a terminal, with ordinary minus signs."""
    console = Console(width=width, color_system=None, highlight=False)
    with console.capture() as captured:
        console.print(section)
    return [line.rstrip().replace(numbers.MINUS, "-") for line in captured.get().splitlines()]


@pytest.fixture
def everything(by_hand):
    """A comparison with all sections."""
    return by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR, half=0.012))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_without_content_is_left_out(by_hand, section):
    """An empty table says nothing."""
    assert section(by_hand.make_comparison(by_hand.FOUR)) is None


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_fits_80_columns(everything, section):
    """Long texts are wrapped, not cut."""
    lines = show(section(everything))
    assert max(map(len, lines)) <= 80
    assert not any("\u2026" in line for line in lines)


def test_claims_have_verdict_and_evidence(everything):
    """One row each; brackets are no markup, and every word of a long text is there."""
    lines = show(claims_table(everything))
    assert lines[0].split() == ["claim", "verdict", "evidence"]
    words = " ".join(lines)
    assert "accuracy(cnn) = 98.11 %" in words
    assert "[not markup]" in words
    assert words.count("word after") == 4
    assert next(line for line in lines if line.startswith("cnn > dense")).split()[3:5] == ["not", "reproduced"]


def test_factors_show_only_what_could_be_estimated(everything):
    """Two of four contrasts, with difference, interval, p and settings."""
    head, *rows = show(factors_table(everything), width=100)
    assert head.replace(numbers.NO_BREAK_SPACE, " ").split() == [
        *("all", "else", "equal", "points", "95", "%", "interval", "p", "settings", "first", "is")
    ]
    assert [row.split() for row in rows] == [
        ["activation:", "relu", "vs", "tanh", "+3.1", "2.1", "to", "4.1", "0.0004", "2", "better"],
        ["activation:", "relu", "vs", "sigmoid", "-0.4", "-1.4", "to", "0.6", "0.60", "1", "undecided"],
    ]


def test_settings_that_disagree_are_counted(by_hand):
    """By hand: of three settings one has the other sign."""
    contrast = by_hand.make_contrast("relu", "tanh", 3.1, settings=("1", "2", "3"), opposed=1)
    attribution = Attribution((by_hand.make_factor("activation", [contrast]),), (), 0.95)
    table = factors_table(replace(by_hand.make_comparison(by_hand.FOUR), attribution=attribution))
    assert show(table)[1].split()[-4:] == ["2", "of", "3", "better"]


def test_many_contrasts_are_cut_to_the_clearest(by_hand):
    """Twelve rows, in the order of the factor, and it says so."""
    contrasts = [by_hand.make_contrast(f"l{number}", "x", 1.0, p=(number * 7 % 20 + 1) / 21) for number in range(20)]
    attribution = Attribution((by_hand.make_factor("hidden", contrasts),), (), 0.95)
    lines = show(factors_table(replace(by_hand.make_comparison(by_hand.FOUR), attribution=attribution)))
    clearest = [f"l{number}" for number in range(20) if number * 7 % 20 < 12]
    assert [line.split()[1] for line in lines[1:13]] == clearest
    assert lines[13:] == ["The 12 clearest of 20 contrasts; the report has all of them."]


def test_models_that_were_left_out_are_named(by_hand):
    """The first three, then their number."""
    notes = tuple(f"m{number} is left out, because of it" for number in range(5))
    comparison = by_hand.make_comparison(by_hand.FOUR)
    shown = show(left_out_text(replace(comparison, attribution=Attribution((), notes, 0.95))))
    assert shown == [
        "m0 is left out, because of it.",
        "m1 is left out, because of it.",
        "m2 is left out, because of it.",
        "2 more such notes are in the report.",
    ]
    assert show(left_out_text(replace(comparison, attribution=Attribution((), notes[:4], 0.95))))[-1] == (
        "1 more such note is in the report."
    )


def test_warnings_are_one_line_each_and_notes_are_left_to_the_report(everything):
    """Code, model, title and advice, and where the evidence is; of the data, the evidence too."""
    overfits = "! BKO201 cnn: It overfits: stop earlier."
    more = "bakeoff explain shows the evidence and the probable causes."
    assert str(warnings_text(everything)).split("\n") == [overfits, more]
    leak = Finding("BKO302", "warning", "The same image twice", "test 3 is train 7", "remove it")
    assert str(warnings_text(replace(everything, findings=(leak,)))) == (
        "! BKO302 The same image twice (test 3 is train 7): remove it."
    )


def test_a_warning_that_a_sentence_has_said_is_not_repeated(by_hand):
    """The leak and the single run have sentences of their own; without them the warning speaks."""
    leak = Finding("BKO401", "warning", "The test images serve as validation images", "protocol", "change it", "cnn")
    leaky = by_hand.make_comparison(by_hand.FOUR[:2], protocol={"validation": "test"})
    assert warnings_text(replace(leaky, findings=(leak,))) is None
    sound = by_hand.make_comparison(by_hand.FOUR[:2])
    assert "BKO401 cnn: The test images" in str(warnings_text(replace(sound, findings=(leak,))))

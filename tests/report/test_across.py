"""One study on several data sets, on a terminal."""

import numpy as np
import pytest
from rich.console import Console

from bakeoff.comparison import Across, AcrossPair, OnDataset
from bakeoff.report import numbers
from bakeoff.report.across import across_table, across_text
from bakeoff.spec.values import Estimate
from bakeoff.stats import compare_datasets

DIFFERENCE = Estimate(
    value=0.034,
    low=0.021,
    high=0.047,
    level=0.95,
    standard_error=0.005,
    degrees_of_freedom=8.0,
    method="by hand",
    runs=6,
    images=1000,
)


def _across(*datasets: str) -> Across:
    """One model wins on the first data sets; nothing is known of the difference on the last."""
    on = [OnDataset(name, DIFFERENCE, 0.012, "a better") for name in datasets[:-1]]
    scores = np.array([[0.9, 0.8]] * len(datasets)) + np.arange(len(datasets))[:, None] * np.array([0.01, 0.0])
    together = compare_datasets(scores)
    last = OnDataset(datasets[-1], None, float("nan"), "undecided")
    pair = AcrossPair("[cnn]", "dense", (*on, last), together.pairs[0])
    return Across(datasets, (pair,), together, level=0.95)


def _print(shown) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(shown)
    return captured.get().replace(numbers.MINUS, "-").replace(numbers.NO_BREAK_SPACE, " ")


def test_a_row_for_every_pair_and_data_set():
    """The pair is named once; the verdict names the winner; brackets are no markup; unknown is a dash."""
    head, first, second = (line.rstrip() for line in _print(across_table(_across("digits", "mnist"))).splitlines())
    assert head.split() == ["pair", "data", "points", "95", "%", "interval", "adjusted", "p", "verdict"]
    assert first.split() == ["[cnn]", "vs", "dense", "digits", "+3.4", "2.1", "to", "4.7", "0.012", "[cnn]", "better"]
    assert second.split() == ["mnist", *[numbers.UNKNOWN] * 3, "undecided"]


def test_few_data_sets_are_said_to_be_few():
    """No general claim, with the reason."""
    assert _print(across_text(_across("digits", "mnist"))).strip() == (
        "These verdicts hold on these 2 data sets: no general claim from fewer than 6."
    )


def test_many_data_sets_speak_in_general():
    """Ahead on all of six: p = 1/32, and the winner by name."""
    text = " ".join(_print(across_text(_across(*"abcdef"))).split())
    assert "[cnn] vs dense: [cnn] better (p = 0.031; a ahead on 6 of 6 data sets" in text


@pytest.mark.parametrize("count", [2, 6])
def test_it_fits_80_columns(count):
    """Nothing is cut."""
    across = _across(*(f"data-{place}" for place in range(count)))
    for shown in (across_table(across), across_text(across)):
        lines = _print(shown).splitlines()
        assert max(map(len, lines)) <= 80
        assert not any("\u2026" in line for line in lines)

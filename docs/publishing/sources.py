"""The four sources: which tables of their own stand on their page, and what they leave to be tried next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from docs.publishing import source_tables, study_b_tables, study_d_tables
from docs.publishing.counterfactuals import find_trials, why_they_fail
from docs.publishing.headline import draw_headline
from docs.publishing.runs import STORE, Runs, failing, mostly_failing

from bakeoff.comparison import Comparison
from bakeoff.report.document import tables
from bakeoff.report.document.blocks import Block, FigureBlock, Heading
from bakeoff.runner.remedies import Trial


@dataclass(frozen=True)
class Results:
    """Everything that pages are written from, each compared once and no sooner than it is wanted.

    Attributes:
        runs: What was trained.
        compared: The studies' comparisons, by short name.
    """

    runs: Runs
    compared: Mapping[str, Comparison]

    @cached_property
    def scaled(self) -> Comparison:
        """The networks of study B with scaled pixels, judged among themselves."""
        return self.runs.compare(self.runs.load_scaled())

    @cached_property
    def long(self) -> Comparison:
        """Study D's networks after 100 epochs."""
        return self.runs.compare(self.runs.load_long())

    @cached_property
    def trials(self) -> list[Trial]:
        """Of each network of study B that learns nothing with most seeds."""
        raw = self.compared["study-b"]
        return find_trials(raw.study, mostly_failing(raw), self.runs.store)


@dataclass(frozen=True)
class Source:
    """One of the four.

    Attributes:
        study: Its name.
        own_tables: The source's tables, from all results.
        next_experiments: What would answer the claims that these runs cannot answer, in words.
        others_judged: Comparisons besides its own whose open claims stand on its page, by the heading of their part.
    """

    study: str
    own_tables: Callable[[Results], list[Block]]
    next_experiments: tuple[str, ...]
    others_judged: Callable[[Results], Mapping[str, Comparison]] = field(default=lambda results: {})

    def judged(self, results: Results) -> dict[str, Comparison]:
        """The comparisons whose open claims stand on its page, by the heading of their part."""
        others = self.others_judged(results)
        return {"As published" if others else "": results.compared[self.study], **others}


def _tables_of_b(results: Results) -> list[Block]:
    raw, scaled = results.compared["study-b"], results.scaled
    return [
        *study_b_tables.by_activation(raw),
        *study_b_tables.final_inference(raw, scaled),
        *study_b_tables.saturated_losses(raw.study),
        Heading("Raw and scaled pixels"),
        FigureBlock(draw_headline(raw, scaled)),
        tables.claims(scaled),
        *why_they_fail(results.trials, rare=[name for name in failing(raw) if name not in mostly_failing(raw)]),
    ]


def _tables_of_d(results: Results) -> list[Block]:
    comparison = results.compared["study-d"]
    return [
        *study_d_tables.findings_on_epochs(comparison, results.long),
        *study_d_tables.long_runs(results.long),
        *study_d_tables.epoch_times(comparison),
        *study_d_tables.class_counts(comparison),
    ]


_STORE = f"--store {STORE.name}"

SOURCES = (
    Source(
        "study-a",
        lambda results: source_tables.sorted_by_accuracy(results.compared["study-a"]),
        (
            "Whether the LSTM is appropriate for other images is a question for other data: "
            f"`bakeoff run study-a --set data=fashion-mnist {_STORE}`, then "
            f"`bakeoff compare study-a --data mnist --data fashion-mnist {_STORE}`.",
        ),
    ),
    Source(
        "study-b",
        _tables_of_b,
        (
            "Depth, width, activation and loss change together in this table, and epochs and hold-out with them. A "
            "`grid:` of depth and activation under one protocol, with scaled pixels, would tell them apart.",
        ),
        lambda results: {"With scaled pixels": results.scaled},
    ),
    Source(
        "study-c",
        lambda results: source_tables.summary_and_score(results.compared["study-c"]),
        (
            "One printed figure is one run: how far off it may lie by chance is what several runs of the source's own "
            "program would show.",
        ),
    ),
    Source(
        "study-d",
        _tables_of_d,
        (
            "Transfer learning, which the source recommends: features of a large network that was trained on other "
            "images (Inception, VGG), with a new last layer trained on these, against the CNN with as many seeds.",
        ),
    ),
)

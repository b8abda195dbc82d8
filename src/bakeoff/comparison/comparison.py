"""What a comparison says: everything that a table, a figure or a sentence of the report is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bakeoff.comparison.budget import Budget
from bakeoff.comparison.claims import ClaimResult
from bakeoff.comparison.classes import ClassStory
from bakeoff.comparison.curse import WinnersCurse
from bakeoff.comparison.factors import Attribution
from bakeoff.comparison.images import ImageStory
from bakeoff.comparison.tables import leaderboard_frame, pairs_frame
from bakeoff.comparison.values import ModelResult, PairResult, PlateauSearch
from bakeoff.spec.record import DataEntry, RaceRecord
from bakeoff.spec.study import Study
from bakeoff.spec.values import Finding


@dataclass(frozen=True, eq=False)
class Comparison:
    """All estimates, pairs and curves of a study's runs.

    Attributes:
        study: What was asked.
        data: What is remembered of the data set.
        models: Best mean accuracy first, models without a finished seed last.
        pairs: Every pair, in the order of `models`.
        missing: Names of models without any run in the store.
        level: Confidence level of all intervals; 1 - level is the family-wise error rate of the verdicts.
        test_looks: How many different sets of runs have been judged on this test set from this store.
        environments: The distinct environments that the runs were trained in.
        attribution: What the factors of the study do.
        claims: The source's figures and claims, judged.
        budget: What each model was given.
        curse: What the leader's mean may owe to luck; None where one model alone is in the first tier.
        findings: What a reader must not overlook: errors, warnings, notes, each by code.
        race: The race that gathered the seeds; None if their numbers were fixed.
        plateaus: How models came by their number of epochs where `stop` is plateau, in the study's order.
        classes: What can be said of single classes; None where that was not asked, or there is nothing to say.
        images: What was said of every single test image; None where that was not asked.
    """

    study: Study
    data: DataEntry
    models: tuple[ModelResult, ...]
    pairs: tuple[PairResult, ...]
    missing: tuple[str, ...]
    level: float
    test_looks: int
    environments: tuple[dict[str, str], ...]
    attribution: Attribution
    claims: tuple[ClaimResult, ...]
    budget: Budget
    curse: WinnersCurse | None
    findings: tuple[Finding, ...]
    race: RaceRecord | None
    classes: ClassStory | None = None
    plateaus: tuple[PlateauSearch, ...] = ()
    images: ImageStory | None = None

    def model(self, name: str) -> ModelResult:
        """The row of this name; KeyError if there is none."""
        return {model.name: model for model in self.models}[name]

    def pair(self, one: str, other: str) -> PairResult:
        """The pair of these two models, in whichever order; KeyError if there is none."""
        return {frozenset((pair.a, pair.b)): pair for pair in self.pairs}[frozenset((one, other))]

    @property
    def table(self) -> pd.DataFrame:
        """The leaderboard: one row per model, best first."""
        return leaderboard_frame(self.models)

    @property
    def pair_table(self) -> pd.DataFrame:
        """One row per pair, in the order of the leaderboard."""
        return pairs_frame(self.pairs)

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        shares = ["accuracy", "accuracy_low", "accuracy_high"]
        columns = [*shares, "letters", "tier", "parameters", "seeds", "failed_seeds"]
        html: str = self.table[columns].to_html(formatters=dict.fromkeys(shares, "{:.2%}".format), na_rep="")
        return html

"""The parts of a comparison: a run, a model, a pair."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from bakeoff.comparison.pair_tests import Basis
from bakeoff.spec.record import Counts, History, PlateauRecord, Record, Status
from bakeoff.spec.study import ModelSpec
from bakeoff.spec.values import Estimate, Verdict


@dataclass(frozen=True)
class RunResult:
    """One run, as far as a reader of the comparison cares.

    Attributes:
        seed: From 0.
        fold: From 0.
        status: `finished`, or how it failed.
        reason: Why it failed, in words.
        accuracy: On the test images; None where there are no predictions.
        history: Curves over the epochs.
        epoch: The epoch that counts, from 1.
        train_seconds: Without compiling.
    """

    seed: int
    fold: int
    status: Status
    reason: str
    accuracy: float | None
    history: History
    epoch: int
    train_seconds: float

    @classmethod
    def of(cls, record: Record) -> RunResult:
        """What a record says of its run."""
        return cls(
            seed=record.seed,
            fold=record.fold,
            status=record.status,
            reason=record.reason,
            accuracy=record.test_accuracy,
            history=record.history,
            epoch=record.epoch,
            train_seconds=record.train_seconds,
        )

    @property
    def failed(self) -> bool:
        """Whether anything but `finished` came of it."""
        return self.status != "finished"


@dataclass(frozen=True)
class PlateauSearch:
    """How a model came by its number of epochs, where `stop` is plateau.

    Attributes:
        found: What was settled, under the name that the study gives the model.
        runs: The long runs by which it was; none of them is judged.
    """

    found: PlateauRecord
    runs: tuple[RunResult, ...]

    @property
    def epochs(self) -> int:
        """Epochs that were trained to find it, all runs together."""
        return sum(len(run.history.loss) for run in self.runs)

    @property
    def train_seconds(self) -> float:
        """Of all these runs, without compiling."""
        return sum(run.train_seconds for run in self.runs)


@dataclass(frozen=True, eq=False)
class ModelResult:
    """One row of the leaderboard.

    Attributes:
        spec: The study's entry.
        parameters: Number of weights; 0 if no run came far enough to count them.
        layers: Number of layers, those without weights included.
        images: Numbers of training, validation and test images of one run.
        runs: Every run in the store, failed ones included.
        seeds: Number of seeds whose runs all finished.
        failed_seeds: Number of seeds of which at least one run failed.
        failure_rate: Share of seeds that diverge or collapse, with Clopper and Pearson's interval; None if no seed has
            a result.
        accuracy: Expected on new images; None if no seed finished. Where seeds failed, it is the mean of the others,
            and has no interval.
        accuracy_this_test_set: On these test images, over new seeds.
        loss: Test loss on these images, over new seeds.
        rank: Simultaneous interval of the rank, 1 being best.
        letters: Models that share a letter are not significantly different.
        tier: From 1.
        confusion: Images by true class (rows) and predicted class (columns), summed over the finished runs.
    """

    spec: ModelSpec
    parameters: int
    layers: int
    images: Counts
    runs: tuple[RunResult, ...]
    seeds: int
    failed_seeds: int
    failure_rate: Estimate | None
    accuracy: Estimate | None
    accuracy_this_test_set: Estimate | None
    loss: Estimate | None
    rank: tuple[int, int]
    letters: str
    tier: int
    confusion: Int[np.ndarray, "classes classes"]

    @property
    def name(self) -> str:
        """The model's name in the study."""
        return self.spec.name

    @property
    def train_seconds(self) -> float:
        """Median over the runs that trained, without compiling; NaN if none did."""
        trained = [run.train_seconds for run in self.runs if run.history.loss]
        return float(np.median(trained)) if trained else math.nan

    @property
    def epochs(self) -> int:
        """The largest number of epochs that a run trained."""
        return max(len(run.history.loss) for run in self.runs)


@dataclass(frozen=True)
class CertaintyPrice:
    """What would decide an undecided pair or claim, if differences and spreads are what they seem to be.

    Attributes:
        seeds: More seeds of each model; None if seeds cannot decide.
        seconds: Of training them on one core; None if that is not known.
        images: Test images, in all, with which many seeds would decide; None if these are not the obstacle.
        reason: In a few words, what is missing.
        models: Those that need these seeds.
    """

    seeds: int | None
    seconds: float | None
    images: int | None
    reason: str
    models: tuple[str, ...]


@dataclass(frozen=True)
class PairResult:
    """Two models against each other.

    Attributes:
        a: The model that stands higher on the leaderboard.
        b: The other one.
        basis: What kind of test it is: crossed "seeds and images", "ranks" where seeds failed, "folds" of two
            cross-validated models (approximate), or "none".
        difference: Accuracy of a minus accuracy of b, expected on new images; None where a model has no finished seed.
        difference_this_test_set: The same on these test images.
        p: Of no difference on new images; NaN where there is no test.
        p_adjusted: Holm's correction over all pairs of the study; in a race, scaled to the level of its look.
        verdict: From `p_adjusted` and the margin.
        reason: Why there is no test, or why it is not the usual one; otherwise empty.
        probability_a_better: That one run of a beats one run of b on this test set.
        price: What would decide it; None where it is decided, or where there is no test.
        settled_at: In a race, the number of seeds per model at which it was settled; otherwise None.
        p_equivalent: Of a difference of at least the margin, not corrected; NaN where there is no such test.
    """

    a: str
    b: str
    basis: Basis
    difference: Estimate | None
    difference_this_test_set: Estimate | None
    p: float
    p_adjusted: float
    verdict: Verdict
    reason: str
    probability_a_better: Estimate | None
    price: CertaintyPrice | None = None
    settled_at: int | None = None
    p_equivalent: float = math.nan

    def reversed(self) -> PairResult:
        """The same, seen from the other model."""
        verdicts: dict[Verdict, Verdict] = {"a better": "b better", "b better": "a better"}
        chance = self.probability_a_better
        return replace(
            self,
            a=self.b,
            b=self.a,
            difference=_negative(self.difference),
            difference_this_test_set=_negative(self.difference_this_test_set),
            verdict=verdicts.get(self.verdict, self.verdict),
            probability_a_better=chance
            and replace(chance, value=1 - chance.value, low=1 - chance.high, high=1 - chance.low),
        )


def _negative(difference: Estimate | None) -> Estimate | None:
    return difference and replace(difference, value=-difference.value, low=-difference.high, high=-difference.low)

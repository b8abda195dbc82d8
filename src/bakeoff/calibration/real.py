"""A/A: real networks, trained alike, dealt out into two "models". Whoever wins has won by chance.

One cheap network is trained with many seeds once. Every re-split draws two groups of runs from these, and the verdict
must be "undecided" or "equivalent". The re-splits share runs and images, so their number says nothing about other
networks; what they show is that the error rates found with made-up networks are those of real ones too. Half of the
images are other images of the same kind: what holds on one half within its interval must hold on the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from bakeoff.calibration.judging import judge as judge_row
from bakeoff.calibration.pipeline import Hits, bench_of, has_winner, judge, tells_apart
from bakeoff.calibration.values import Measure, Outcome, Row, ScenarioReport, Tally
from bakeoff.comparison.evidence import gather_evidence
from bakeoff.errors import StoreError
from bakeoff.spec import Study, parse_study
from bakeoff.store import Store, cells_of

NAME = "AA"
TITLE = "Real networks: 60 trainings of one network on scikit-learn's digits, dealt out into two models"

SEEDS = 60
STUDY = f"""
name: calibration
data: digits
protocol: {{seeds: {SEEDS}, epochs: 3, batch_size: 32, validation: {{holdout: 0.1}}, margin: 0.0}}
models:
  one: {{mlp: {{hidden: [32]}}}}
"""

WINNER, WINNER_HERE = "winner named, new images", "winner named, this test set"
WINNER_HALF, HALVES = "winner named on half of the images", "halves of the images agree within their intervals"
PLANTED = "half of one model's errors mended: found"
MEASURES = (
    Measure(WINNER, at_most=0.055),
    Measure(WINNER_HERE, at_most=0.055),
    Measure(WINNER_HALF, at_most=0.055),
    Measure(HALVES, at_least=0.945),
)
RUNS = (3, 5, 10)
RESPLITS = 2000
SHORT_RESPLITS = 200


def real_study() -> Study:
    """What has to be trained."""
    return parse_study(STUDY).study


def measure_real(store: Store, *, seed: int, short: bool = False) -> ScenarioReport:
    """Deal the runs of a store out into two models, again and again.

    Args:
        store: With the runs of `real_study`.
        seed: Of the re-splits.
        short: Fewer re-splits.

    Returns:
        How often a winner was named.

    Raises:
        StoreError: The store lacks these runs.
    """
    hits = _read_hits(store)
    resplits = SHORT_RESPLITS if short else RESPLITS
    rows = [row for runs in RUNS for row in _measure(hits, runs, resplits, seed)]
    return ScenarioReport(name=NAME, title=TITLE, rows=tuple(rows), seconds=0.0)


def _read_hits(store: Store) -> Hits:
    study = real_study()
    known = store.data(study.data)
    if known is not None:
        entry, labels = known
        (cell,) = cells_of(study, fingerprint=entry.fingerprint)
        found = gather_evidence(cell, store, labels=labels, classes=len(entry.class_names))
        if found is not None and len(found.seeds) >= 2 * max(RUNS):
            return found.scores > 0
    raise StoreError(
        f"the store in {store.folder} lacks the {SEEDS} trainings that the A/A arm deals out: train them first"
    )


def _measure(hits: Hits, runs: int, resplits: int, seed: int) -> Iterator[Row]:
    label = f"R {runs}"
    measures = (*MEASURES, *((Measure(PLANTED, at_least=0.9),) if runs >= 5 else ()))
    tallies = {measure.name: Tally() for measure in measures}
    for stream in np.random.SeedSequence([seed, runs]).spawn(resplits):
        outcomes = resplit(hits, runs, np.random.default_rng(stream))
        tallies = {name: tally + Tally.of(outcomes[name]) for name, tally in tallies.items()}
    yield from (judge_row(label, measure, tallies[measure.name]) for measure in measures)


def resplit(hits: Hits, runs: int, rng: np.random.Generator) -> Mapping[str, Outcome]:
    """Two models of so many runs each, drawn from the same trainings without replacement.

    Args:
        hits: Of all trainings.
        runs: Of each model.
        rng: For the draw.

    Returns:
        An outcome for each measure.
    """
    chosen, images = rng.permutation(len(hits))[: 2 * runs], rng.permutation(hits.shape[1])
    a, b = hits[chosen[:runs]], hits[chosen[runs:]]
    halves = np.array_split(images, 2)
    whole = judge(bench_of(2), [a, b])
    half = judge(bench_of(2), [a[:, halves[0]], b[:, halves[0]]])
    mended = a | (rng.random(a.shape) < 0.5)
    planted = judge(bench_of(2), [mended, b]).pair("a", "b")
    return {
        WINNER: has_winner(whole),
        WINNER_HERE: tells_apart(whole.pairs[0].difference_this_test_set),
        WINNER_HALF: has_winner(half),
        HALVES: _agree(a[:, halves[0]], b[:, halves[1]]),
        PLANTED: planted.a == "a" and planted.verdict == "a better",
    }


def _agree(a: Hits, b: Hits) -> bool:
    """Whether the accuracies of other runs on other images differ by no more than both intervals allow together."""
    one, other = (judge(bench_of(1), [hits]).models[0].accuracy for hits in (a, b))
    if one is None or other is None:
        return False
    low, high = (one, other) if one.value <= other.value else (other, one)
    room = np.hypot(low.high - low.value, high.value - high.low)
    return bool(high.value - low.value <= room)

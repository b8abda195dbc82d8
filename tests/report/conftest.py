"""Comparisons made by hand: every estimate, p-value and verdict follows from a few numbers that a test can state."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from bakeoff.comparison import CertaintyPrice, Comparison, ModelResult, PairResult, PlateauSearch, RunResult
from bakeoff.comparison.budget import Budget, BudgetRow
from bakeoff.comparison.claims import ClaimResult
from bakeoff.comparison.classes import ClassDifference, ClassResult, ClassStory, Confusion, ModelClasses
from bakeoff.comparison.curse import WinnersCurse
from bakeoff.comparison.factors import Attribution
from bakeoff.comparison.images import ImageStory
from bakeoff.report import gallery
from bakeoff.report.rendering import render_svg
from bakeoff.spec import Estimate, ModelSpec, Study
from bakeoff.spec.record import Counts, DataEntry, History, PlateauRecord, RaceRecord
from bakeoff.spec.values import Finding
from bakeoff.stats import Factor, FactorContrast, RankCorrelation
from bakeoff.stats.factors import SimpleEffect

LEVEL = 0.95
IMAGES = 1_000
CLASSES = tuple("0123456789")
UNRELATED = RankCorrelation(0.1, 0.8, 10, False)


@dataclass(frozen=True)
class Entry:
    """What a test says about one model."""

    name: str
    accuracy: float = 0.9
    seeds: int = 5
    failed: int = 0
    epochs: int = 8
    validation: bool = True


def estimate(value: float, half: float, *, runs: int = 5) -> Estimate:
    """A symmetric interval."""
    return Estimate(value, value - half, value + half, LEVEL, half / 2, 30.0, "made by hand", runs, IMAGES)


def make_comparison(
    entries: list[Entry],
    *,
    half: float = 0.01,
    half_here: float = 0.006,
    settled_beyond: float = 0.02,
    margin: float = 0.005,
    title: str = "",
    missing: tuple[str, ...] = (),
    looks: int = 1,
    protocol: dict[str, object] | None = None,
    class_names: tuple[str, ...] = CLASSES,
) -> Comparison:
    """A comparison in which a model beats every model that is more than `settled_beyond` below it."""
    settings = {"margin": margin, "validation": {"holdout": 500}, **(protocol or {})}
    study = Study.model_validate(
        {
            "name": "by-hand",
            "title": title,
            "data": "mnist-5k",
            "protocol": settings,
            "models": [_spec(entry.name, settings) for entry in entries] + [_spec(name, settings) for name in missing],
        }
    )
    ordered = sorted(entries, key=lambda entry: -entry.accuracy if entry.seeds else math.inf)
    pairs = tuple(
        _pair(a, b, half=half, half_here=half_here, settled_beyond=settled_beyond, margin=margin)
        for a, b in combinations(ordered, 2)
    )
    return Comparison(
        study=study,
        data=DataEntry(
            reference="mnist-5k",
            fingerprint="f" * 64,
            class_names=class_names,
            image_shape=(28, 28, 1),
            train=4_000,
            test=IMAGES,
            licence="CC BY-SA 3.0",
            source="5,000 digits",
        ),
        models=tuple(_model(entry, study, ordered, pairs, half, half_here, class_names) for entry in ordered),
        pairs=pairs,
        missing=missing,
        level=LEVEL,
        test_looks=looks,
        environments=({"python": "3.12.1", "keras": "3.15.0", "device": "cpu cpu"},),
        attribution=Attribution((), (), 0.95),
        claims=(),
        budget=Budget(tuple(_budget_row(entry) for entry in ordered), ()),
        curse=None,
        findings=(),
        race=None,
    )


def many_entries(count: int) -> list[Entry]:
    """Models m01, m02, ... each 0.8 points below the one before."""
    return [Entry(f"m{number:02}", 0.97 - 0.008 * number) for number in range(1, count + 1)]


def with_pair(comparison: Comparison, a: str, b: str, **changes: object) -> Comparison:
    """The same comparison with one pair changed."""
    pairs = tuple(replace(pair, **changes) if (pair.a, pair.b) == (a, b) else pair for pair in comparison.pairs)
    return replace(comparison, pairs=pairs)


FOUR = [Entry("cnn", 0.964), Entry("lstm", 0.933), Entry("dense", 0.929), Entry("dropout", 0.928)]
TROUBLED = [
    Entry("good", 0.96),
    Entry("half", 0.9, seeds=3, failed=2),
    Entry("lost", seeds=0, failed=5, epochs=1),
    Entry("once", 0.95, seeds=1),
    Entry("blind", 0.95, epochs=14, validation=False),
]


@pytest.fixture(
    scope="session",
    params=[[Entry("dense", 0.929)], FOUR[:2], FOUR, TROUBLED, many_entries(24), "everything"],
    ids=["one", "two", "four", "troubled", "twenty-four", "everything"],
)
def comparison(request: pytest.FixtureRequest) -> Comparison:
    """Comparisons of every size, one of them full of troubles and one with everything that can be said."""
    if request.param == "everything":
        return with_everything(make_comparison(FOUR, half=0.0123))
    return make_comparison(request.param, half=0.0123)


@pytest.fixture(scope="session", autouse=True)
def drawn_once() -> Iterator[None]:
    """The same specification makes the same picture: each is drawn once, which is most of the time of these tests."""
    drawn: dict[str, str] = {}

    def render_once(specification: dict[str, Any], *, name: str, description: str) -> str:
        key = json.dumps([specification, name, description], sort_keys=True)
        if key not in drawn:
            drawn[key] = render_svg(specification, name=name, description=description)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gallery, "render_svg", render_once)
        yield


@pytest.fixture(scope="session")
def by_hand() -> SimpleNamespace:
    """The helpers of this file, for tests that state their own numbers."""
    return SimpleNamespace(
        FOUR=FOUR,
        TROUBLED=TROUBLED,
        Entry=Entry,
        estimate=estimate,
        make_classes=make_classes,
        make_comparison=make_comparison,
        make_contrast=make_contrast,
        make_images=make_images,
        make_search=make_search,
        make_factor=make_factor,
        make_race=make_race,
        make_refused=make_refused,
        many_entries=many_entries,
        shuffle_votes=shuffle_votes,
        with_everything=with_everything,
        with_pair=with_pair,
    )


def make_classes(
    comparison: Comparison,
    harder: dict[str, tuple[int, ...]],
    *,
    train_images: tuple[int, ...] | None = tuple(range(400, 500, 10)),
    frequency: RankCorrelation | None = UNRELATED,
    differences: tuple[ClassDifference, ...] = (),
) -> ClassStory:
    """Classes of these models: 90 % right of the harder ones, 95 % of the others; each takes 3 for 5 and 4 for 9."""
    names = comparison.data.class_names
    confusions = (
        Confusion(3, 5, 30, estimate(0.06, 0.02)),
        Confusion(4, 9, 20, estimate(0.04, 0.02)),
    )
    models = tuple(
        ModelClasses(
            model=model,
            classes=tuple(
                ClassResult(label, estimate(0.9 if label in hard else 0.95, 0.02), harder=label in hard)
                for label in range(len(names))
            ),
            confusions=confusions,
            frequency=frequency,
        )
        for model, hard in harder.items()
    )
    each = (IMAGES // len(names),) * len(names)
    return ClassStory(names, train_images, each, models, tuple(harder), 10, differences, 0.05)


def make_search(
    model: ModelResult, epoch: int, *, chose: tuple[int, ...] | None = None, why: str = ""
) -> PlateauSearch:
    """A plateau that the runs of this model, taken as long ones, are said to have; by default all of them chose."""
    curves = [run for run in model.runs if run.history.validation_loss]
    epochs = max((len(run.history.validation_loss) for run in curves), default=model.epochs)
    found = PlateauRecord(
        model=model.name,
        cell="c" * 64,
        fingerprint="f" * 64,
        epoch=epoch,
        best_epoch=epoch,
        epochs=epochs,
        seeds=tuple(run.seed for run in curves) if chose is None else chose,
        why=why or f"the mean validation loss of {len(curves)} seeds is lowest there",
    )
    return PlateauSearch(found, model.runs)


def make_images(comparison: Comparison) -> ImageStory:
    """Every model of five runs gets every tenth image wrong, the worst by all runs, as the class after the true one."""
    classes, labels = len(comparison.data.class_names), np.arange(IMAGES) % len(comparison.data.class_names)
    names = tuple(model.name for model in comparison.models if model.seeds)
    wrong = np.where(np.arange(IMAGES) % 10 == 0, 5 - np.arange(IMAGES) // 10 % 5, 0)
    votes = np.zeros((len(names), IMAGES, classes), dtype=np.uint16)
    votes[:, np.arange(IMAGES), labels] = 5 - wrong
    votes[:, np.arange(IMAGES), (labels + 1) % classes] += wrong.astype(np.uint16)
    answers = votes.argmax(axis=2)
    return ImageStory(labels, names, (5,) * len(names), votes, answers, np.tile(wrong / 5, (len(names), 1)))


def shuffle_votes(story: ImageStory) -> ImageStory:
    """An even number of runs, each of which says the true class in nine cases of ten and else any.

    Of equally many votes, probability decides, and now and then against one vote more.
    """
    rng = np.random.default_rng(7)
    story = replace(story, runs=(4,) * len(story.runs))
    votes = np.zeros_like(story.votes)
    for model, runs in enumerate(story.runs):
        for image, label in enumerate(story.labels):
            hard = 0.9 if image % 20 == 0 else 0.08
            said = np.where(rng.random(runs) < hard, rng.integers(0, votes.shape[2], runs), label)
            votes[model, image] = np.bincount(said, minlength=votes.shape[2])
    return replace(story, votes=votes, answers=(votes + 1.2 * rng.random(votes.shape)).argmax(axis=2))


def make_contrast(
    high: str,
    low: str,
    points: float,
    *,
    half: float = 0.01,
    p: float = 0.0004,
    verdict: str = "better",
    settings: tuple[str, ...] = ("128", "64"),
    opposed: int = 0,
) -> FactorContrast:
    """Two levels that were compared in these settings of the factor `width`."""
    reason = f"seen in {len(settings)} settings of the other factors"
    simple = tuple(SimpleEffect({"width": each}, estimate(points / 100, 2 * half)) for each in settings)
    return FactorContrast(
        high, low, estimate(points / 100, half), p, p, len(settings), opposed, verdict, reason, simple, 0.8
    )


def make_refused(high: str, low: str) -> FactorContrast:
    """Two levels that cannot be told from something else."""
    reason = f"{high} and {low} never differ in optimizer alone: epochs changes along"
    return FactorContrast(high, low, None, math.nan, math.nan, 0, 0, "undecided", reason, (), math.nan)


def make_factor(name: str, contrasts: list[FactorContrast], *, interaction_p: float = 0.4) -> Factor:
    """A factor that explains a third of the variance."""
    levels = tuple(dict.fromkeys(level for each in contrasts for level in (each.high, each.low)))
    return Factor(name, levels, tuple(contrasts), interaction_p, True, 1 / 3, "")


def make_race(names: list[str], *, looks: tuple[int, ...] = (3, 5, 8)) -> RaceRecord:
    """A race of these models, with levels in round numbers."""
    return RaceRecord(
        study="by-hand",
        data="mnist-5k",
        fingerprint="f" * 64,
        models={name: name for name in names},
        looks=looks,
        levels=(0.008,) * len(looks),
        alpha=0.05,
        margin=0.005,
    )


def with_everything(comparison: Comparison) -> Comparison:
    """The same models with claims, factors, unequal budgets, a lucky winner, findings, prices and classes."""
    activation = make_factor(
        "activation",
        [
            make_contrast("relu", "tanh", 3.1),
            make_contrast("relu", "sigmoid", -0.4, p=0.6, verdict="undecided", settings=("128",), opposed=0),
        ],
    )
    optimizer = make_factor("optimizer", [make_refused("adam", "sgd"), make_refused("adam", "rmsprop")])
    optimizer = replace(optimizer, share=None, share_reason="not every combination of the levels was run")
    first = comparison.models[0].name
    price = CertaintyPrice(seeds=4, seconds=360.0, images=IMAGES, reason="more seeds would decide", models=("a", "b"))
    return replace(
        comparison,
        pairs=tuple(
            replace(pair, price=price) if pair.verdict == "undecided" and pair.basis == "seeds and images" else pair
            for pair in comparison.pairs
        ),
        attribution=Attribution((activation, optimizer), ("lost is left out, because seeds of it failed",), 0.95),
        claims=tuple(
            ClaimResult(claim, source, verdict, evidence)
            for claim, source, verdict, evidence in (
                (f"accuracy({first}) = 98.11 %", "a book", "reproduced", "Here 98.05 % [not markup]."),
                ("cnn > dense", "The CNN wins.", "not reproduced", "The other way round: dense is 0.46 points above."),
                ("lstm > cnn > dense", "The LSTM wins.", "undetermined", "Too close to call, word after word. " * 4),
                ("Deep is good.", "Deep is good.", "not comparable", "It names no quantity that this study measures."),
            )
        ),
        budget=replace(comparison.budget, unequal=("epochs: 5 (a) to 15 (b)", "updates: 705 (a) to 2,115 (b)")),
        curse=WinnersCurse(first, 2, 0.0012),
        findings=(
            Finding("BKO402", "note", "The models had unequal budgets", "epochs: 5 (a) to 15 (b)", "the same epochs"),
            Finding("BKO201", "warning", "It overfits", "train 100 %", "stop earlier", first),
        ),
        classes=make_classes(comparison, {model.name: (8,) for model in comparison.models}),
        plateaus=tuple(make_search(model, 5) for model in comparison.models),
        images=make_images(comparison),
    )


def _spec(name: str, settings: dict[str, object]) -> ModelSpec:
    return ModelSpec.model_validate(
        {"name": name, "recipe": "mlp", "arguments": {"hidden": [128], "activation": "relu"}, "protocol": settings}
    )


def _pair(a: Entry, b: Entry, *, half: float, half_here: float, settled_beyond: float, margin: float) -> PairResult:
    known = min(a.seeds, b.seeds) > 0
    failures = " and ".join(f"{e.failed} of {e.seeds + e.failed} seeds of {e.name}" for e in (a, b) if e.failed)
    tested = min(a.seeds + a.failed, b.seeds + b.failed) > 1
    by_means, by_ranks = tested and not failures, tested and bool(failures)
    gap = a.accuracy - b.accuracy
    better = by_means and gap > settled_beyond
    equivalent = by_means and not better and gap + half < margin
    p = 0.0002 if better else 0.3
    return PairResult(
        a=a.name,
        b=b.name,
        basis="ranks" if by_ranks else "seeds and images" if by_means else "none",
        difference=estimate(gap, half if by_means else math.nan) if known else None,
        difference_this_test_set=estimate(gap, half_here if by_means else math.nan) if known else None,
        p=p if tested else math.nan,
        p_adjusted=p if tested else math.nan,
        verdict="a better" if better else "equivalent" if equivalent else "undecided",
        reason=f"{failures} failed: ranked by runs, a failed one last"
        if by_ranks
        else ""
        if tested
        else "too few seeds",
        probability_a_better=estimate(0.8, 0.1) if known or by_ranks else None,
    )


def _budget_row(entry: Entry) -> BudgetRow:
    return BudgetRow(
        model=entry.name,
        train_images=3_500,
        validation_images=500 if entry.validation else 0,
        epochs=float(entry.epochs),
        updates=110.0 * entry.epochs,
        train_seconds=0.2 * entry.epochs,
        parameters=101_770,
        seeds=entry.seeds + entry.failed,
        trials=0,
    )


def _failure_rate(entry: Entry) -> Estimate | None:
    seeds = entry.seeds + entry.failed
    if not seeds:
        return None
    ends = stats.binomtest(entry.failed, seeds).proportion_ci(LEVEL, method="exact")
    share = entry.failed / seeds
    return Estimate(share, ends.low, ends.high, LEVEL, math.nan, math.nan, "Clopper and Pearson", seeds, 0)


def _model(
    entry: Entry,
    study: Study,
    ordered: list[Entry],
    pairs: tuple[PairResult, ...],
    half: float,
    half_here: float,
    class_names: tuple[str, ...],
) -> ModelResult:
    losses = [pair for pair in pairs if pair.b == entry.name and pair.verdict == "a better"]
    wins = [pair for pair in pairs if pair.a == entry.name and pair.verdict == "a better"]
    sure = half if entry.seeds > 1 and not entry.failed else math.nan
    spread = half if not entry.failed else math.nan
    return ModelResult(
        spec=study.model(entry.name),
        parameters=101_770,
        layers=2,
        images=Counts(train=3_500, validation=500 if entry.validation else 0, test=IMAGES),
        runs=tuple(_run(entry, seed) for seed in range(entry.seeds + entry.failed)),
        seeds=entry.seeds,
        failed_seeds=entry.failed,
        failure_rate=_failure_rate(entry),
        accuracy=estimate(entry.accuracy, spread, runs=entry.seeds) if entry.seeds else None,
        accuracy_this_test_set=estimate(entry.accuracy, sure if sure != half else half_here) if entry.seeds else None,
        loss=estimate(0.2345, sure, runs=entry.seeds) if entry.seeds else None,
        rank=(1 + len(losses), len(ordered) - len(wins)),
        letters="a" if not losses else "b",
        tier=_tier(entry.name, pairs),
        confusion=_confusion(entry, len(class_names)),
    )


def _tier(name: str, pairs: tuple[PairResult, ...]) -> int:
    """One below the deepest tier of the models that beat it."""
    winners = [pair.a for pair in pairs if pair.b == name and pair.verdict == "a better"]
    return 1 + max((_tier(winner, pairs) for winner in winners[-1:]), default=0)


def _run(entry: Entry, seed: int) -> RunResult:
    failed = seed >= entry.seeds
    curve = tuple(2.0 / (epoch + 1) + 0.01 * seed for epoch in range(entry.epochs))
    rising = tuple(0.99 - value / 4 for value in curve)
    return RunResult(
        seed=seed,
        fold=0,
        status="collapsed" if failed else "finished",
        reason="99.8% of the test images got class 3 <of 10>" if failed else "",
        accuracy=0.1 if failed else entry.accuracy + 0.002 * (seed - (entry.seeds - 1) / 2),
        history=History(
            loss=(math.nan,) * entry.epochs if failed else curve,
            accuracy=(0.1,) * entry.epochs if failed else rising,
            validation_loss=tuple(value + 0.1 for value in curve) if entry.validation and not failed else (),
            validation_accuracy=tuple(value - 0.03 for value in rising) if entry.validation and not failed else (),
            seconds=(0.2,) * entry.epochs,
        ),
        epoch=entry.epochs,
        train_seconds=0.2 * entry.epochs,
    )


def _confusion(entry: Entry, classes: int) -> np.ndarray:
    if not entry.seeds:
        return np.zeros((classes, classes), dtype=np.int64)
    each = entry.seeds * IMAGES // classes
    hits = round(each * entry.accuracy)
    confusion = hits * np.eye(classes, dtype=np.int64)
    confusion[np.arange(classes), (np.arange(classes) + 3) % classes] += each - hits
    return confusion

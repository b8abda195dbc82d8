import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bakeoff.comparison.classes import tell_classes
from bakeoff.comparison.evidence import Evidence
from bakeoff.spec import parse_study
from bakeoff.spec.record import DataEntry, DataFacts
from bakeoff.stats import compare_two, estimate_mean

STUDY = """
name: hand
data: digits
models:
  first: {mlp: {hidden: [1]}}
  second: {mlp: {hidden: [2]}}
"""
CLASSES = 4
EACH = 50


@pytest.fixture
def study():
    """Two models whose runs the tests make up."""
    return parse_study(STUDY).study


def _data(counts=None, *, classes=CLASSES):
    facts = DataFacts(train_counts=tuple(counts), test_counts=(EACH,) * classes) if counts else None
    return DataEntry(
        reference="digits",
        fingerprint="f" * 64,
        class_names=tuple(f"class {label}" for label in range(classes)),
        image_shape=(8, 8, 1),
        train=100,
        test=EACH * classes,
        facts=facts,
    )


def _draw(recalls, *, seed, runs=4, each=EACH):
    """Hits per run and image; images of a class lie side by side."""
    rng = np.random.default_rng(seed)
    return rng.random((runs, each * len(recalls))) < np.repeat(recalls, each)


def _with_classes(found: Evidence, said: np.ndarray) -> Evidence:
    """The same evidence with `CLASSES` classes and these predictions of each run."""
    labels = np.repeat(np.arange(CLASSES), EACH)
    confusion = np.zeros((CLASSES, CLASSES), dtype=np.int64)
    for row in said:
        np.add.at(confusion, (labels, row), 1)
    keys = [record.key for record in found.records if record.seed in found.seeds]
    return replace(
        found, labels=labels, confusion=confusion, predictions=dict(zip(keys, said.astype(np.int32), strict=True))
    )


def _tell(evidence, data, **arguments):
    return tell_classes(evidence, data, **{"level": 0.95, "alpha": 0.05} | arguments)


@pytest.fixture
def told(study, make_evidence):
    """Hits by model to a story: every error says the next class."""

    def tell(hits, counts=None):
        labels = np.repeat(np.arange(CLASSES), EACH)
        evidence = []
        for found in make_evidence(study, hits):
            rows = [row for row in hits[found.name] if not isinstance(row, str)]
            said = np.where(np.array(rows, dtype=bool).reshape(len(rows), -1), labels, (labels + 1) % CLASSES)
            evidence.append(_with_classes(found, said))
        return _tell(evidence, _data(counts))

    return tell


def test_recall_is_the_mean_over_a_class_s_images(told):
    """Every recall equals what `stats` says of the class's own columns."""
    hits = _draw([0.9, 0.8, 0.7, 0.9], seed=1)
    story = told({"first": hits.tolist()})
    for found in story.model("first").classes:
        assert found.recall == estimate_mean(hits[:, EACH * found.label : EACH * (found.label + 1)])
    assert story.test_images == (EACH,) * CLASSES


def test_the_hardest_class_is_named(told):
    """A class with half the recall of the others is proved to be harder; the others are not."""
    model = told({"first": _draw([0.9, 0.5, 0.95, 0.9], seed=2).tolist()}).model("first")
    assert [found.label for found in model.hardest] == [1]
    assert model.classes[1].p_adjusted == CLASSES * model.classes[1].p < 0.05
    assert model.classes[2].p_adjusted == 1.0


def test_a_class_against_the_others_by_hand(told):
    """Difference, standard error and degrees of freedom of two seeds follow from the formulas, worked out here."""
    hits = _draw([0.9, 0.6, 0.8, 0.9], seed=3, runs=2)
    by_class = hits.reshape(2, CLASSES, EACH).astype(float)
    means = by_class.mean(axis=2)  # (seeds, classes)
    gaps = means[:, [0, 2, 3]].mean(axis=1) - means[:, 1]
    item, residual = np.empty(CLASSES), np.empty(CLASSES)
    for label in range(CLASSES):
        block = by_class[:, label]
        item[label] = block.mean(axis=0).var(ddof=1) / EACH
        left = block - block.mean(axis=0) - block.mean(axis=1, keepdims=True) + block.mean()
        residual[label] = (left**2).sum() / (EACH - 1) / (2 * EACH)
    weights = np.array([1 / 9, 1, 1 / 9, 1 / 9])
    seed_part, item_part = gaps.var(ddof=1) / 2, weights @ item
    variance = max(seed_part + item_part - weights @ residual, seed_part, item_part)
    freedom = variance**2 / (seed_part**2 / 1 + ((weights * item) ** 2).sum() / (EACH - 1))
    found = told({"first": hits.tolist()}).model("first").classes[1]
    assert found.behind.value == pytest.approx(gaps.mean())
    assert found.behind.standard_error == pytest.approx(math.sqrt(variance))
    assert found.behind.degrees_of_freedom == pytest.approx(freedom)
    assert found.p == pytest.approx(stats.t.sf(gaps.mean() / math.sqrt(variance), freedom))


def test_a_class_that_is_always_wrong_has_a_variance(told):
    """Where no image differs from another, a test is possible and finite."""
    hits = np.ones((3, CLASSES * EACH), dtype=bool)
    hits[:, :EACH] = False
    model = told({"first": hits.tolist()}).model("first")
    assert model.obstacle == "all 3 seeds got the same images right"
    hits[0, 0] = hits[0, -1] = True
    hits[1, -1] = False
    model = told({"first": hits.tolist()}).model("first")
    assert [found.label for found in model.hardest] == [0]
    assert 0 < model.classes[0].p < 1e-6


@pytest.mark.parametrize(
    ("rows", "obstacle"),
    [
        (1, "one seed tells nothing about other seeds"),
        ("collapsed", "1 of 4 seeds failed, and a mean would hide that"),
    ],
)
def test_what_one_seed_or_a_failed_one_allows(told, rows, obstacle):
    """Recalls and confusions are shown, nothing is tested; with a failed seed no interval pretends to hold."""
    hits = _draw([0.9, 0.5, 0.9, 0.9], seed=4).tolist()
    hits = [*hits[:3], rows] if rows == "collapsed" else hits[:rows]
    model = told({"first": hits}).model("first")
    assert model.obstacle == obstacle
    assert model.hardest == ()
    assert {found.behind for found in model.classes} == {None}
    assert model.confusions
    recalls = [found.recall for found in model.classes]
    assert [math.isnan(recall.low) for recall in recalls] == [rows == "collapsed"] * CLASSES


def test_confusions_are_shares_of_the_true_class(told):
    """The commonest comes first; its share is the mean over seeds and images, with its interval."""
    hits = _draw([0.95, 0.6, 0.9, 0.98], seed=5)
    first = told({"first": hits.tolist()}).model("first").confusions[0]
    wrong = ~hits[:, EACH : 2 * EACH]
    assert (first.true, first.said, first.images) == (1, 2, wrong.sum())
    assert first.share == estimate_mean(wrong)


def test_frequency_is_correlated_with_recall(told):
    """Counts that rise with the recall correlate fully; equal or unknown counts say nothing."""
    hits = {"first": _draw([0.3, 0.5, 0.7, 0.95], seed=6).tolist()}
    found = told(hits, counts=[10, 20, 30, 40]).model("first").frequency
    assert (found.value, found.p, found.exact) == (1.0, 2 / 24, True)  # of 24 orders, this one and its reverse
    assert told(hits, counts=[40, 30, 20, 10]).model("first").frequency.value == -1.0
    assert told(hits, counts=[10, 10, 10, 10]).model("first").frequency is None
    assert told(hits).model("first").frequency is None


def test_models_are_compared_class_by_class(told):
    """The class in which one model is better is named, with Holm's correction over all classes."""
    hits = {
        "first": _draw([0.9, 0.9, 0.5, 0.9], seed=7).tolist(),
        "second": _draw([0.9, 0.9, 0.95, 0.9], seed=8).tolist(),
    }
    story = told(hits)
    assert (story.tests, story.compared) == (CLASSES, ("first", "second"))
    (found,) = story.differences
    images = slice(2 * EACH, 3 * EACH)
    direct = compare_two(np.array(hits["second"])[:, images], np.array(hits["first"])[:, images])
    assert (found.label, found.better, found.worse) == (2, "second", "first")
    assert found.difference.value == pytest.approx(direct.difference.value)
    assert found.difference.low == pytest.approx(direct.difference.low)
    assert found.p_adjusted == pytest.approx(CLASSES * direct.p)  # the smallest of four


def test_too_many_classes_or_nothing_finished(study, make_evidence):
    """Beyond 100 classes, and without a finished seed, there is no story."""
    evidence = make_evidence(study, {"first": _draw([0.9, 0.9], seed=9).tolist()})
    assert _tell(evidence, _data(classes=101)) is None
    assert _tell(make_evidence(study, {"first": ["diverged"] * 2}), _data(classes=2)) is None


def test_classes_with_few_images_are_not_tested(study, make_evidence):
    """A class without images has no recall, one with nine has one but no test."""
    labels = np.repeat([0, 1, 2], [40, 40, 9])
    hits = np.random.default_rng(10).random((3, labels.size)) < 0.8
    found = replace(make_evidence(study, {"first": hits.tolist()})[0], labels=labels)
    model = _tell([found], _data(classes=4)).model("first")
    assert [each.recall is None for each in model.classes] == [False, False, False, True]
    assert [each.behind is None for each in model.classes] == [False, False, True, True]
    assert model.confusions == ()  # made-up evidence has no predictions


@pytest.mark.slow
@pytest.mark.parametrize(("recall", "each"), [(0.9, 50), (0.98, 100), (0.6, 12), (0.95, 12)])
def test_error_rate_of_harder(study, make_evidence, recall, each):
    """Of studies whose classes are all equally hard, at most 5 % name a harder one, up to what 400 can tell.

    Images differ in difficulty, seeds in accuracy, and every seed has classes that it likes: a crossed, nested world.
    """
    classes, runs, repeats = 10, 5, 400
    rng = np.random.default_rng(11)
    template = make_evidence(study, {"first": np.zeros((runs, 2)).tolist()})[0]
    labels, false_alarms = np.repeat(np.arange(classes), each), 0
    centre = stats.norm.ppf(recall) * math.sqrt(2)
    for _ in range(repeats):
        image, seed = rng.normal(0, 0.9, labels.size), rng.normal(0, 0.1, (runs, 1))
        seed_class = rng.normal(0, math.sqrt(0.19 - 0.01), (runs, classes))[:, labels]
        noise = rng.normal(0, 1, (runs, labels.size))
        scores = (centre + image + seed + seed_class + noise > 0).astype(float)
        found = replace(template, labels=labels, scores=scores)
        false_alarms += bool(_tell([found], _data(classes=classes)).model("first").hardest)
    assert false_alarms <= stats.binom.ppf(0.999, repeats, 0.05)

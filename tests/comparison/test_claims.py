"""What becomes of a source's figures and claims, on made-up runs; expected p-values come from SciPy or by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from bakeoff.comparison.claims import PROSE, PrintedFigure, judge_claims
from bakeoff.comparison.claims.published_figures import judge_figure
from bakeoff.comparison.claims.settling import price_of_parts
from bakeoff.comparison.claims.subjects import Subject
from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.factors import attribute
from bakeoff.comparison.samples import take_sample
from bakeoff.comparison.values import CertaintyPrice
from bakeoff.errors import StudyError
from bakeoff.spec import Published, Study, parse_study
from bakeoff.spec.record import Counts, History, Record
from bakeoff.stats import compare_two, price_of_contrast, reproduce_figure, seeds_to_decide, summarize_scores
from bakeoff.stats.price import MORE_IMAGES, NO_DIFFERENCE
from bakeoff.store import cells_of

IMAGES = 900
LABELS = np.arange(IMAGES) % 3
CLASSES = ("shirt", "boot", "bag")
STUDY = """
name: hand
source: The source
data: digits
protocol: {margin: 0.002, validation: {holdout: 0.2}}
models:
  a: {mlp: {hidden: [1]}, factors: {activation: relu, width: "1"}}
  b: {mlp: {hidden: [2]}, factors: {activation: tanh, width: "1"}}
  c: {mlp: {hidden: [3]}, factors: {activation: relu, width: "2"}}
  d: {mlp: {hidden: [4]}, factors: {activation: tanh, width: "2"}}
"""


def _study(*claims, published="", overrides=()) -> Study:
    listed = "\n".join(f"  - {claim}" for claim in claims)
    text = STUDY + (f"published: {published}\n" if published else "") + (f"claims:\n{listed}\n" if claims else "")
    return parse_study(text, overrides=overrides).study


def _scores(errors, *, seed=0, runs=5, hard=(0, 0, 0)):
    """Runs with independent errors at this rate, more (or fewer) in the three classes by `hard`."""
    rates = errors + np.array(hard)[LABELS]
    return np.random.default_rng(seed).random((runs, IMAGES)) >= rates


def _record(cell, seed, *, status="finished", accuracy=None, curve=(0.5, 0.6), train=0.9, **measured):
    validation = curve if cell.model.protocol.validation != "none" else ()
    return Record(
        key=f"{cell.key}-{seed}",
        cell=cell.key,
        model=cell.model.name,
        recipe="mlp",
        layers=(),
        parameters=measured.get("parameters", 100),
        data="digits",
        fingerprint="f" * 64,
        images=Counts(train=80, validation=20, test=IMAGES),
        protocol={},
        seed=seed,
        fold=0,
        status=status,
        history=History(
            loss=(1.0,) * len(curve), accuracy=(*(0.1,) * (len(curve) - 1), train), validation_accuracy=validation
        ),
        epoch=len(curve),
        test_loss=measured.get("loss", 0.5),
        test_accuracy=accuracy,
        train_seconds=measured.get("seconds", 1.0),
    )


def _evidence(study, name, scores=None, *, failed=(), runs=(), accuracies=()) -> Evidence:
    """Seeds that finished with these scores, then failed ones; `runs` holds what else was measured of each."""
    cell = {cell.model.name: cell for cell in cells_of(study, fingerprint="f" * 64)}[name]
    scores = np.empty((0, IMAGES)) if scores is None else np.asarray(scores, dtype=np.float64)
    runs = runs or [{}] * len(scores)
    records = [_record(cell, s, accuracy=float(row.mean()), **runs[s]) for s, row in enumerate(scores)]
    for place, status in enumerate(failed):
        accuracy = accuracies[place] if accuracies else None
        records.append(_record(cell, len(records), status=status, accuracy=accuracy, parameters=0))
    return Evidence(
        cell=cell,
        records=tuple(records),
        seeds=tuple(range(len(scores))),
        failed=tuple(r.seed for r in records if r.status in ("collapsed", "diverged")),
        broken=tuple(r.seed for r in records if r.status == "crashed"),
        scores=scores,
        losses=np.array([run.get("loss", 0.5) for run in runs], dtype=np.float64),
        labels=LABELS,
        confusion=np.zeros((3, 3), dtype=np.int64),
    )


def _judge(study, evidence, **options):
    samples = {found.name: take_sample(found) for found in evidence}
    attribution = attribute(evidence, samples, level=0.95)
    return judge_claims(study, evidence, samples, attribution=attribution, class_names=CLASSES, **options)


def _judge_scores(claim, scores, *, overrides=(), **options):
    """The one result of a claim about models with these scores."""
    study = _study(claim, overrides=overrides)
    (result,) = _judge(study, [_evidence(study, name, own) for name, own in scores.items()], **options)
    return result


def _judge_runs(claim, runs):
    """The one result of a claim about models of which this was measured run by run."""
    study = _study(claim)
    evidence = [
        _evidence(study, name, _scores(0.1, seed=index, runs=len(own)), runs=own)
        for index, (name, own) in enumerate(runs.items())
    ]
    (result,) = _judge(study, evidence)
    return result


# Orders

GOOD, FAIR, POOR = _scores(0.03, seed=1), _scores(0.1, seed=2), _scores(0.25, seed=3)
FAIR_TOO = _scores(0.1, seed=4)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("a > b > c", "reproduced"),
        ("error(c) > error(b) > error(a)", "reproduced"),
        ("c > b", "not reproduced"),
        ("a > c > b", "not reproduced"),
        ("error(a) > error(c)", "not reproduced"),
        ("b > d", "undetermined"),
        ("a > b > d", "undetermined"),
    ],
)
def test_orders(claim, verdict):
    """Proved in every step, disproved by one reversed pair, or neither."""
    result = _judge_scores(claim, {"a": GOOD, "b": FAIR, "c": POOR, "d": FAIR_TOO})
    assert result.verdict == verdict


def test_order_shows_every_pair_with_its_test():
    """P-values are half the two-sided ones in the claimed direction; intervals have level 1 - 2 alpha."""
    result = _judge_scores("a > b > d", {"a": GOOD, "b": FAIR, "d": FAIR_TOO})
    assert [pair.name for pair in result.pairs] == ["a - b", "a - d", "b - d"]
    for pair, (one, other) in zip(result.pairs, [(GOOD, FAIR), (GOOD, FAIR_TOO), (FAIR, FAIR_TOO)], strict=True):
        direct = compare_two(one, other, level=0.9)
        assert pair.estimate == direct.difference
        expected = direct.p / 2 if direct.difference.value > 0 else 1 - direct.p / 2
        assert pair.p == pytest.approx(expected)


def test_order_in_words():
    """A reader sees sizes, intervals and how many steps are proved."""
    difference = compare_two(GOOD, FAIR, level=0.9).difference
    interval = f"(90 % interval {100 * difference.low:.2f} to {100 * difference.high:.2f})"
    sentence = f"a is {100 * difference.value:.2f} points above b {interval}"
    assert _judge_scores("a > b", {"a": GOOD, "b": FAIR}).evidence == f"{sentence}."
    both = _judge_scores("a > b > d", {"a": GOOD, "b": FAIR, "d": FAIR_TOO}).evidence
    assert both.startswith(f"1 of 2 steps are significant: {sentence}; b is ")
    reverse = _judge_scores("b > a", {"a": GOOD, "b": FAIR}).evidence
    assert reverse.startswith(f"The other way round: b is {100 * difference.value:.2f} points below a (90 % interval -")


def test_equal_models_have_no_order():
    """A difference that is surely smaller than the margin refutes the claim of a larger one."""
    base = _scores(0.01, seed=5, runs=1)
    scores = np.repeat(base, 6, axis=0)
    scores[0, 0], scores[1, 1] = ~scores[0, 0], ~scores[1, 1]
    other = np.repeat(base, 6, axis=0)
    other[0, 2], other[1, 3] = ~other[0, 2], ~other[1, 3]
    result = _judge_scores("a > b", {"a": scores, "b": other})
    assert result.verdict == "not reproduced"
    assert result.evidence.startswith("Equal within 0.20 points: a is ")


def test_failed_seeds_rank_last():
    """A pair with failures is ranked by runs, and says so; five against five failed ones decide."""
    study = _study("a > b")
    (result,) = _judge(study, [_evidence(study, "a", GOOD), _evidence(study, "b", failed=["collapsed"] * 5)])
    assert result.verdict == "reproduced"
    assert result.pairs[0].p == pytest.approx(1 / math.comb(10, 5))  # one of all equally likely orders of ten runs
    assert "5 of 5 seeds of b failed: ranked by runs, a failed one last" in result.evidence


def test_one_run_proves_nothing():
    """A pair with a single run has no test, and the reason is given."""
    result = _judge_scores("a > b", {"a": GOOD, "b": POOR[:1]})
    assert result.verdict == "undetermined"
    assert "b has 1 finished seed, too few to know other seeds" in result.evidence


def test_models_without_runs_are_named():
    """What has not been run yet cannot be judged yet."""
    result = _judge_scores("a > b > c", {"a": GOOD})
    assert (result.verdict, result.evidence) == ("undetermined", "There is no run of b and c yet.")


# Measures of runs

FAST = [{"seconds": value, "loss": value / 100, "train": 0.9 + value / 1000} for value in (10.0, 11.0, 10.5, 9.8, 10.2)]
SLOW = [{"seconds": value, "loss": value / 100, "train": 0.9 + value / 1000} for value in (19.0, 23.0, 20.0, 21.0)]


@pytest.mark.parametrize(("measure", "scale"), [("seconds", 1), ("loss", 0.01)])
def test_orders_over_runs_are_welch_tests(measure, scale):
    """Seconds and loss are one number per run: SciPy's Welch test, one-sided."""
    result = _judge_runs(f"{measure}(a) < {measure}(b)", {"a": FAST, "b": SLOW})
    fast, slow = ([scale * run["seconds"] for run in runs] for runs in (FAST, SLOW))
    expected = stats.ttest_ind(slow, fast, equal_var=False, alternative="greater")
    assert result.pairs[0].p == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval(0.95)  # one-sided at 95 %: the lower end of the two-sided 90 % interval
    assert result.pairs[0].estimate.low == pytest.approx(interval.low)
    assert result.verdict == "reproduced"
    assert result.evidence.startswith(f"In {measure}: b is ")
    assert _judge_runs(f"{measure}(b) < {measure}(a)", {"a": FAST, "b": SLOW}).verdict == "not reproduced"


def test_seconds_in_words():
    """Units stand behind the difference."""
    evidence = _judge_runs("seconds(a) < seconds(b)", {"a": FAST, "b": SLOW}).evidence
    assert evidence.startswith("In seconds: b is 10.4 seconds above a (90 % interval ")


def test_overfitting_is_training_less_test_accuracy():
    """Of the epoch that counts, run by run."""
    result = _judge_runs("overfitting(a) < overfitting(b)", {"a": FAST, "b": SLOW})
    first, second = _scores(0.1, seed=0, runs=5), _scores(0.1, seed=1, runs=4)
    gaps = [
        [run["train"] - row.mean() for run, row in zip(runs, scores, strict=True)]
        for runs, scores in ((FAST, first), (SLOW, second))
    ]
    expected = stats.ttest_ind(gaps[1], gaps[0], equal_var=False, alternative="greater").pvalue
    assert result.pairs[0].p == pytest.approx(expected)


def test_equal_runs_have_no_spread():
    """Where no run differs from another there is no test."""
    assert _judge_runs("loss(a) > loss(b)", {"a": [{}] * 3, "b": [{}] * 3}).verdict == "undetermined"


def test_rounding_is_no_spread():
    """0.3 and 0.1 + 0.2 differ in the last bit only: runs that agree to rounding give no test, and no p of 1e-33."""
    slow, fast = [{"seconds": 0.3}, {"seconds": 0.1 + 0.2}, {"seconds": 0.3}], [{"seconds": 0.1}] * 3
    result = _judge_runs("seconds(a) > seconds(b)", {"a": slow, "b": fast})
    assert (result.verdict, math.isnan(result.pairs[0].p)) == ("undetermined", True)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("parameters(a) > parameters(b) > parameters(c)", "reproduced"),
        ("parameters(b) > parameters(a)", "not reproduced"),
        ("parameters(a) - parameters(b) >= 100", "reproduced"),
        ("parameters(a) - parameters(b) <= 99", "not reproduced"),
        ("parameters(a) >= 1.5 * parameters(b)", "reproduced"),
        ("parameters(a) <= 1.4 * parameters(b)", "not reproduced"),
    ],
)
def test_parameters_are_counted(claim, verdict):
    """300, 200 and 100 weights leave no doubt."""
    counts = {"a": 300, "b": 200, "c": 100}
    result = _judge_runs(claim, {name: [{"parameters": count}] for name, count in counts.items()})
    assert result.verdict == verdict


def test_parameters_in_words():
    """The counts, or that there is none."""
    runs = {"a": [{"parameters": 101770}], "b": [{"parameters": 200}]}
    assert _judge_runs("parameters(a) > parameters(b)", runs).evidence == "Parameters, counted: a 101,770, b 200."
    assert "a has +101,570 parameters against b; " in _judge_runs("parameters(a) - parameters(b) >= 1", runs).evidence
    none = _judge_runs("parameters(a) > parameters(b)", {"a": [{}], "b": [{"parameters": 0}]})
    assert (none.verdict, none.evidence) == (
        "undetermined",
        "No run of b came far enough to count its parameters.",
    )


# Differences and ratios


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("a - c >= 0.1", "reproduced"),
        ("a - c >= 0.4", "not reproduced"),
        ("a - c >= 0.22", "undetermined"),
        ("a - c <= 0.4", "reproduced"),
        ("a - c <= 0.1", "not reproduced"),
        ("error(c) - error(a) >= 0.1", "reproduced"),
        ("error(a) - error(c) >= 0.1", "not reproduced"),
        ("error(a) <= 0.3 * error(c)", "reproduced"),
        ("error(a) >= 0.3 * error(c)", "not reproduced"),
        ("error(a) <= 0.05 * error(c)", "not reproduced"),
        ("error(a) <= 0.125 * error(c)", "undetermined"),
        ("a >= 1.1 * c", "reproduced"),
        ("c >= 1.1 * a", "not reproduced"),
    ],
)
def test_bounds(claim, verdict):
    """3 % and 25 % errors: surely met, surely missed, or too near to the bound."""
    assert _judge_scores(claim, {"a": GOOD, "c": POOR}).verdict == verdict


def test_a_difference_shows_itself_not_its_excess():
    """The estimate is of a - c, whatever the bound."""
    result = _judge_scores("a - c >= 0.1", {"a": GOOD, "c": POOR})
    direct = compare_two(GOOD, POOR, level=0.9).difference
    shown = result.pairs[0].estimate
    assert (shown.value, shown.low, shown.high) == pytest.approx((direct.value, direct.low, direct.high))
    assert result.evidence.startswith(f"a is {100 * direct.value:.2f} points above c (90 % interval ")
    assert result.evidence.endswith("; claimed is at least 10.00 points.")


def test_a_ratio_in_words():
    """Both values, their ratio, the bound, and the tested excess."""
    result = _judge_scores("error(a) <= 0.3 * error(c)", {"a": GOOD, "c": POOR})
    low, high = 100 * (1 - GOOD.mean()), 100 * (1 - POOR.mean())
    assert result.evidence.startswith(
        f"error(a) is {low:.2f} % and error(c) {high:.2f} %, {low / high:.2f} times as much; claimed is at most 0.3. "
        f"error(a) - 0.3 * error(c) is {low - 0.3 * high:.2f} points (90 % interval "
    )
    assert result.pairs[0].name == "error(a) - 0.3 * error(c)"


def test_bounds_over_runs_are_welch_tests():
    """A ratio of seconds is SciPy's Welch test of one model's against the other's, scaled; a difference, shifted."""
    fast, slow = (np.array([run["seconds"] for run in runs]) for runs in (FAST, SLOW))
    ratio = _judge_runs("seconds(b) >= 1.9 * seconds(a)", {"a": FAST, "b": SLOW})
    expected = stats.ttest_ind(slow, 1.9 * fast, equal_var=False, alternative="greater").pvalue
    assert ratio.pairs[0].p == pytest.approx(expected)
    difference = _judge_runs("seconds(b) - seconds(a) <= 12", {"a": FAST, "b": SLOW})
    expected = stats.ttest_ind(slow, fast + 12, equal_var=False, alternative="less").pvalue
    assert difference.pairs[0].p == pytest.approx(expected)
    assert difference.evidence.startswith("seconds of b is 10.4 seconds above a")


@pytest.mark.parametrize(
    "claim", ["a - b >= 0.1", "error(b) <= 0.5 * error(a)", "loss(a) > loss(b)", "hardest(b): bag"]
)
def test_failed_seeds_leave_means_undetermined(claim):
    """A mean over the finished seeds would hide the failed ones."""
    study = _study(claim)
    (result,) = _judge(study, [_evidence(study, "a", GOOD), _evidence(study, "b", FAIR, failed=["diverged"])])
    assert result.verdict == "undetermined"
    assert "1 of 6 seeds of b failed, and a mean would hide that" in result.evidence


@pytest.mark.parametrize(
    ("scores", "failed", "reason"),
    [
        (FAIR, ["crashed"], "1 of 6 seeds of b crashed and left no result."),
        (FAIR[:1], [], "b has 1 finished seed, too few to know other seeds."),
        (
            np.repeat(FAIR[:1], 3, axis=0),
            [],
            "all 3 seeds of b got the same images right: other seeds cannot be judged.",
        ),
    ],
)
def test_obstacles(scores, failed, reason):
    """Every reason why means cannot be tested is said."""
    study = _study("a - b >= 0.1")
    (result,) = _judge(study, [_evidence(study, "a", GOOD), _evidence(study, "b", scores, failed=failed)])
    assert (result.verdict, result.evidence) == ("undetermined", reason)


def test_two_names_for_one_network_have_no_difference_to_test():
    """They share their runs."""
    models = "{a: {mlp: {hidden: [1]}}, b: {mlp: {hidden: [1]}}}"
    text = f"name: twins\ndata: digits\nmodels: {models}\nclaims: [a - b >= 0.1]\n"
    study = parse_study(text).study
    (result,) = _judge(study, [_evidence(study, "a", GOOD), _evidence(study, "b", GOOD)])
    assert result.evidence == "a and b are one network under two names, and share their runs."


def test_failed_seeds_do_not_stop_the_clock():
    """How long training takes can be said whatever came of it."""
    study = _study("seconds(a) < seconds(b)")
    slow = _evidence(study, "b", _scores(0.1, runs=4), runs=SLOW, failed=["diverged"])
    (result,) = _judge(study, [_evidence(study, "a", _scores(0.1), runs=FAST), slow])
    assert result.verdict == "reproduced"


# Factors

WIDE = {
    "a": _scores(0.05, seed=11),
    "b": _scores(0.15, seed=12),
    "c": _scores(0.08, seed=13),
    "d": _scores(0.18, seed=14),
}
CROSSED = {**WIDE, "c": _scores(0.18, seed=13), "d": _scores(0.05, seed=14)}


@pytest.mark.parametrize(
    ("claim", "scores", "verdict"),
    [
        ("'activation: relu > tanh'", WIDE, "reproduced"),
        ("'activation: tanh < relu'", WIDE, "reproduced"),
        ("'activation: tanh > relu'", WIDE, "not reproduced"),
        ("'activation: relu > tanh'", {name: FAIR if name in "ab" else FAIR_TOO for name in WIDE}, "undetermined"),
        ("'activation: relu > tanh'", CROSSED, "not comparable"),
        ("'activation: relu > tanh'", {"a": WIDE["a"], "d": WIDE["d"]}, "not comparable"),
        ("'activation: relu > tanh'", {"a": WIDE["a"], "c": WIDE["c"]}, "undetermined"),
    ],
)
def test_factor_orders(claim, scores, verdict):
    """Same width, other activation: two controlled pairs that agree, disagree, or are not there."""
    assert _judge_scores(claim, scores).verdict == verdict


def test_factor_orders_in_words():
    """The average over the controlled pairs, or why there is none."""
    result = _judge_scores("'activation: tanh > relu'", WIDE)
    average = np.mean([WIDE[high].mean() - WIDE[low].mean() for high, low in (("a", "b"), ("c", "d"))])
    size = f"tanh is {100 * average:.2f} points below relu"
    assert result.evidence.startswith(f"All else equal, the other way round: {size} (95 % interval -")
    assert result.pairs[0].name == "tanh - relu"
    assert result.pairs[0].estimate.value == pytest.approx(-average)
    confounded = _judge_scores("'activation: relu > tanh'", {"a": WIDE["a"], "d": WIDE["d"]})
    assert confounded.evidence == "relu and tanh never differ in activation alone: width changes along."
    depends = _judge_scores("'activation: relu > tanh'", CROSSED)
    assert depends.evidence.startswith("The effect of activation depends on the other factors (p = ")
    absent = _judge_scores("'activation: relu > tanh'", {"a": WIDE["a"], "c": WIDE["c"]})
    assert absent.evidence == "No two levels of activation can be used."


# Hardest classes


@pytest.mark.parametrize(
    ("hard", "claim", "verdict"),
    [
        ((0, 0, 0.2), "'hardest(a): bag'", "reproduced"),
        ((0, 0.2, 0.2), "'hardest(a): bag, boot'", "reproduced"),
        ((0, 0, 0.2), "'hardest(a): shirt'", "not reproduced"),
        ((0, 0, 0.2), "'hardest(a): bag, shirt'", "undetermined"),
        ((0, 0, 0), "'hardest(a): bag'", "undetermined"),
        ((0, 0.2, 0.2), "'hardest(a): bag'", "undetermined"),
    ],
)
def test_hardest(hard, claim, verdict):
    """Every claimed class against every other one."""
    assert _judge_scores(claim, {"a": _scores(0.1, seed=7, hard=hard)}).verdict == verdict


def test_hardest_uses_shared_seeds_and_separate_images():
    """The variance by the mean squares of each class, and of the differences run by run, done with loops."""
    scores = _scores(0.1, seed=8, runs=4, hard=(0, 0, 0.05)).astype(float)
    result = _judge_scores("'hardest(a): bag'", {"a": scores})
    pair = next(pair for pair in result.pairs if pair.name == "bag - shirt")
    runs, parts, residuals = len(scores), 0.0, 0.0
    for label in (2, 0):
        block = scores[:, label == LABELS]
        count = block.shape[1]
        grand, rows, columns = block.mean(), block.mean(axis=1), block.mean(axis=0)
        parts += sum((value - grand) ** 2 for value in columns) / (count - 1) / count
        square = sum((block[s, j] - rows[s] - columns[j] + grand) ** 2 for s in range(runs) for j in range(count)) / (
            (runs - 1) * (count - 1)
        )
        residuals += square / (runs * count)
    gaps = scores[:, LABELS == 0].mean(axis=1) - scores[:, LABELS == 2].mean(axis=1)
    seed = gaps.var(ddof=1) / runs
    variance = max(seed + parts - residuals, seed, parts)
    freedom = (runs - 1) * (variance / seed) ** 2
    assert pair.estimate.value == pytest.approx(gaps.mean())
    assert pair.p == pytest.approx(stats.t.sf(gaps.mean() / math.sqrt(variance), freedom))
    half = stats.t.ppf(0.95, freedom) * math.sqrt(variance)
    assert (pair.estimate.low, pair.estimate.high) == pytest.approx((gaps.mean() - half, gaps.mean() + half))


def test_hardest_in_words():
    """Error rates of the claimed classes and of the worst other one, and what decided."""
    scores = _scores(0.1, seed=7, hard=(0, 0, 0.2))
    shirt, boot, bag = (f"{100 * (1 - scores[:, label == LABELS].mean()):.2f} %" for label in range(3))
    worst = max((shirt, "shirt"), (boot, "boot"), key=lambda found: float(found[0].split()[0]))
    evidence = _judge_scores("'hardest(a): bag'", {"a": scores}).evidence
    assert evidence == (
        f"Error rates of bag ({bag}); of the other classes {worst[1]} has the most ({worst[0]}). "
        "2 of 2 pairs of a claimed and another class differ significantly as claimed."
    )
    wrong = _judge_scores("'hardest(a): shirt'", {"a": scores}).evidence
    assert f"Error rates of shirt ({shirt}); of the other classes bag has the most ({bag}). " in wrong
    assert "bag is significantly harder than shirt: error of shirt - bag (90 % interval -" in wrong


def test_a_clear_case_still_has_a_p():
    """All of one class wrong, none of the others, in every run: a small p, never 0."""
    scores = np.repeat(LABELS[np.newaxis] != 2, 5, axis=0)
    scores[:, np.flatnonzero(LABELS != 2)[:3]] = False
    result = _judge_scores("'hardest(a): bag'", {"a": scores})
    assert all(pair.p > 0 for pair in result.pairs)


def test_perfect_classes_decide_nothing():
    """Without an error in either class there is no test, and so no proof."""
    scores = POOR | (LABELS != 1)  # errors in boot only
    result = _judge_scores("'hardest(a): boot, bag'", {"a": scores})
    assert result.verdict == "undetermined"
    assert [pair.name for pair in result.pairs if math.isnan(pair.p)] == ["bag - shirt"]
    assert _judge_scores("'hardest(a): boot'", {"a": scores}).verdict == "reproduced"


def test_classes_must_be_those_of_the_data():
    """Class names are known only now."""
    with pytest.raises(StudyError, match=r"names the class 'boots', which the data do not have; did you mean 'boot'"):
        _judge_scores("'hardest(a): boots'", {"a": GOOD})
    with pytest.raises(StudyError, match=r"hardest\(a\) names all 3 classes; at least one must be left out"):
        _judge_scores("'hardest(a): shirt, boot, bag'", {"a": GOOD})


# Rarest classes


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [("'rarest: bag'", "reproduced"), ("'rarest: bag, boot'", "not reproduced"), ("'rarest: boot'", "not reproduced")],
)
def test_rarest(claim, verdict):
    """Fewer training images than every other class; as many are not fewer."""
    (result,) = _judge(_study(claim), [_evidence(_study(claim), "a", GOOD)], train_images=(50, 50, 30))
    assert result.verdict == verdict


def test_rarest_in_words():
    """The counts of the claimed classes, and the rarest other one."""
    study = _study("'rarest: bag'")
    (result,) = _judge(study, [_evidence(study, "a", GOOD)], train_images=(1_050, 1_040, 930))
    assert result.evidence == "Training images of bag (930); of the other classes boot (1,040) has the fewest."
    (unknown,) = _judge(study, [_evidence(study, "a", GOOD)])
    assert (unknown.verdict, unknown.evidence) == (
        "undetermined",
        "The store does not remember how many training images each class has.",
    )


def test_rarest_classes_must_leave_one_out():
    """As of the hardest classes."""
    study = _study("'rarest: shirt, boot, bag'")
    with pytest.raises(StudyError, match="rarest names all 3 classes; at least one must be left out"):
        _judge(study, [_evidence(study, "a", GOOD)], train_images=(1, 2, 3))


# What would settle an open claim


@pytest.mark.parametrize(
    ("claim", "weights", "offset"),
    [
        ("b - d >= 0.005", (1, -1), -0.005),
        ("error(b) <= 0.98 * error(d)", (-1, 0.98), 0.02),
    ],
)
def test_an_open_relation_has_the_price_of_its_contrast(claim, weights, offset):
    """One-sided at 5 % is two-sided at 10 %; what is left to train is the whole less what is there."""
    result = _judge_scores(claim, {"b": FAIR, "d": FAIR_TOO})
    assert result.verdict == "undetermined"
    whole = price_of_contrast([summarize_scores(FAIR), summarize_scores(FAIR_TOO)], weights, offset=offset, alpha=0.1)
    assert (result.price.images, result.price.models) == (whole.images, ("b", "d"))
    assert result.price.seeds == (None if whole.seeds is None else whole.seeds - 5)


def _seeds_by_hand(difference, variances, *, alpha):
    """Fewest runs of each with which Welch's test finds this difference with a power of 80 %, by SciPy's t."""
    for runs in range(2, 1000):
        parts = [variance / runs for variance in variances]
        freedom = sum(parts) ** 2 / sum(part**2 / (runs - 1) for part in parts)
        if difference >= (stats.t.ppf(1 - alpha, freedom) + stats.t.ppf(0.8, freedom)) * sum(parts) ** 0.5:
            return runs
    return None


def _seconds(**runs):
    return {name: [{"seconds": value} for value in values] for name, values in runs.items()}


def test_more_seeds_settle_an_open_claim_about_seconds():
    """Runs of 13, 14, 15 seconds against 10, 12, 14: means 2 apart, variances 1 and 4; and the time of both models."""
    result = _judge_runs("seconds(a) > seconds(b)", _seconds(a=[13, 14, 15], b=[10, 12, 14]))
    assert result.verdict == "undetermined"
    assert (result.price.seeds, result.price.images) == (_seeds_by_hand(2, [1, 4], alpha=0.05) - 3, None)
    assert result.price.seconds == (14.0 + 12.0) * result.price.seeds


def test_only_finished_seeds_count_towards_a_price():
    """The same three runs of each, with two more of the first that failed: as many are still to be trained."""
    study = _study("seconds(a) > seconds(b)")
    runs = _seconds(a=[13, 14, 15], b=[10, 12, 14])
    first = _evidence(study, "a", GOOD[:3], failed=["collapsed"] * 2, runs=runs["a"])
    (result,) = _judge(study, [first, _evidence(study, "b", FAIR[:3], runs=runs["b"])])
    assert result.price.seeds == _seeds_by_hand(2, [1, 4], alpha=0.05) - 3


def test_the_dearest_step_of_an_order_counts():
    """Steps of 2 and of 3 seconds, both open and as claimed: the smaller one needs more seeds."""
    runs = _seconds(a=[15, 17, 19], b=[13, 15, 17], c=[10, 12, 14])
    result = _judge_runs("seconds(a) > seconds(b) > seconds(c)", runs)
    assert result.verdict == "undetermined"
    assert (result.price.seeds, result.price.models) == (_seeds_by_hand(2, [4, 4], alpha=0.05) - 3, ("a", "b"))
    assert _judge_runs("seconds(b) > seconds(c)", runs).price.seeds < result.price.seeds


def test_a_pair_that_seems_to_be_reversed_counts_alone():
    """c seems to be 2 seconds above b: proved at a third of the level, since there are three pairs, it refutes all."""
    runs = _seconds(a=[13, 15, 17], b=[10, 12, 14], c=[12, 14, 16])
    result = _judge_runs("seconds(a) > seconds(b) > seconds(c)", runs)
    assert result.verdict == "undetermined"
    assert (result.price.seeds, result.price.models) == (_seeds_by_hand(2, [4, 4], alpha=0.05 / 3) - 3, ("b", "c"))


def test_models_that_are_nearly_equal_may_prove_to_be_equivalent():
    """Within half the margin: what settles the order is the pair's own price, at the level of one-sided tests."""
    scores = {"b": FAIR, "d": FAIR_TOO}
    result = _judge_scores("b > d", scores, overrides=["protocol.margin=0.02"])
    gap = abs(FAIR.mean() - FAIR_TOO.mean())
    assert (result.verdict, gap < 0.01) == ("undetermined", True)
    whole = seeds_to_decide(FAIR, FAIR_TOO, alpha=0.1, margin=0.02)
    assert result.price.seeds == whole.seeds - 5
    assert whole.seeds < seeds_to_decide(FAIR, FAIR_TOO, alpha=0.1).seeds


CHEAP, DEAR = (CertaintyPrice(seeds, None, None, "", ("a",)) for seeds in (3, 30))
IMAGES_ONLY = CertaintyPrice(None, None, 40_000, MORE_IMAGES, ("a",))
HOPELESS = CertaintyPrice(None, None, None, NO_DIFFERENCE, ("a",))


@pytest.mark.parametrize(
    ("needed", "contrary", "price"),
    [
        ([CHEAP, DEAR], [], DEAR),
        ([DEAR, IMAGES_ONLY], [], IMAGES_ONLY),
        ([IMAGES_ONLY, HOPELESS, CHEAP], [], HOPELESS),
        ([CHEAP, None], [], None),
        ([], [], None),
        ([HOPELESS], [DEAR, IMAGES_ONLY, CHEAP], CHEAP),
        ([CHEAP], [HOPELESS, IMAGES_ONLY], IMAGES_ONLY),
        ([CHEAP], [None, DEAR], DEAR),
        ([CHEAP], [None], None),
    ],
)
def test_the_price_of_a_claim_of_several_parts(needed, contrary, price):
    """All needed parts must be proved, so the dearest counts; one contrary part refutes, so the cheapest does."""
    assert price_of_parts(needed, contrary) == price


def test_ranks_have_no_price():
    """Where seeds failed, nobody can say how many more would decide."""
    study = _study("a > b")
    (result,) = _judge(study, [_evidence(study, "a", GOOD[:2]), _evidence(study, "b", GOOD[:1], failed=["collapsed"])])
    assert (result.verdict, result.price) == ("undetermined", None)


def test_classes_that_are_alike_need_images():
    """Runs that miss the same images, but for one each: `p (1 - p) / n` of both classes, and 2.4865 standard errors."""
    scores = np.repeat(_scores(0.1, seed=7, runs=1), 5, axis=0)
    for run, own in enumerate(scores):
        own[run] = ~own[run]
    result = _judge_scores("'hardest(a): bag'", {"a": scores})
    assert result.verdict == "undetermined"
    assert (result.price.seeds, result.price.models) == (None, ("a",))
    recalls = [float(scores[:, label == LABELS].mean()) for label in range(3)]
    needed = [
        IMAGES
        * sum(p * (1 - p) / 300 for p in (recalls[2], other))
        * (1.6449 + 0.8416) ** 2
        / (recalls[2] - other) ** 2
        for other in recalls[:2]
    ]
    assert result.price.images == pytest.approx(max(needed), rel=0.05)


@pytest.mark.parametrize(("failed", "seeds"), [(4, 1), (3, 2)])
def test_more_seeds_settle_a_rate(failed, seeds):
    """Of all seeds, 5 failures put Clopper and Pearson's bound above one half: 0.05 ** (1/5) = 0.549."""
    study = _study("fails(a)")
    (result,) = _judge(study, [_evidence(study, "a", failed=["collapsed"] * failed)])
    assert (result.price.seeds, result.price.models) == (seeds, ("a",))


@pytest.mark.parametrize(("finished", "failed"), [(1, 3), (3, 1)])
def test_the_seeds_of_a_rate_by_hand(finished, failed):
    """Three of four on one side: the first number of seeds of which three quarters, rounded down, are significant."""
    study = _study("fails(a)")
    (result,) = _judge(study, [_evidence(study, "a", GOOD[:finished], failed=["collapsed"] * failed)])
    needed = next(n for n in range(4, 100) if stats.binomtest(3 * n // 4, n, alternative="greater").pvalue <= 0.05)
    assert result.price.seeds == needed - 4


def test_a_rate_of_one_half_has_no_price():
    """It lies on the edge, however many seeds there are."""
    study = _study("fails(a)")
    (result,) = _judge(study, [_evidence(study, "a", GOOD[:2], failed=["collapsed"] * 2)])
    assert (result.price.seeds, result.price.reason) == (None, "about half of the seeds fail")


@pytest.mark.parametrize(
    ("gains", "distance"),
    [
        ([0.03, -0.01, 0.04], 0.02),  # from 0
        ([0.0015, -0.0005, 0.001], 0.002 - 0.002 / 3),  # from the margin, which is farther off than 0
    ],
)
def test_more_seeds_settle_a_gain(gains, distance):
    """Told from 0 it is a gain, told from the margin it does not matter: what comes first."""
    result = _judge_curves([(0.5, 0.5 + gain) for gain in gains])
    assert result.verdict == "undetermined"
    assert result.price.seeds == _seeds_by_hand(distance, [np.var(gains, ddof=1)], alpha=0.05) - 3


# Learning


@pytest.mark.parametrize(
    ("finished", "failed", "verdict"),
    [
        (0, 5, "reproduced"),  # 0.05 ** (1/5) = 0.549
        (0, 4, "undetermined"),  # 0.05 ** (1/4) = 0.473
        (5, 0, "not reproduced"),
        (4, 0, "undetermined"),
        (5, 5, "undetermined"),
        (1, 9, "reproduced"),
    ],
)
def test_fails(finished, failed, verdict):
    """Most seeds fail, with Clopper and Pearson's bounds against one half."""
    study = _study("fails(a)")
    scores = _scores(0.1, runs=finished) if finished else None
    (result,) = _judge(study, [_evidence(study, "a", scores, failed=["collapsed"] * failed)])
    assert result.verdict == verdict


def test_fails_in_words():
    """Counts and the interval of the rate; crashes are no failures of the model."""
    study = _study("fails(a)")
    (result,) = _judge(study, [_evidence(study, "a", failed=["collapsed"] * 5)])
    assert result.evidence == (
        "5 of 5 seeds of a failed: a failure rate of 55 to 100 % (90 % interval), where more than 50 % is claimed."
    )
    (crashed,) = _judge(study, [_evidence(study, "a", failed=["crashed"] * 5)])
    assert (crashed.verdict, crashed.evidence) == (
        "undetermined",
        "5 of 5 seeds of a crashed and left no result.",
    )


def _judge_curves(curves):
    return _judge_runs("improving(a)", {"a": [{"curve": tuple(curve)} for curve in curves]})


def test_improving():
    """The last quarter of eight epochs against the quarter before: SciPy's t-test of the gains."""
    steps = np.array([0.02, 0.03, 0.025])
    curves = [0.5 + step * np.arange(8) for step in steps]
    result = _judge_curves(curves)
    assert result.verdict == "reproduced"
    interval = stats.ttest_1samp(2 * steps, 0).confidence_interval(0.9)
    assert result.evidence == (
        "In the last quarter of the epochs of a, the validation accuracy is 5.00 points above that of the quarter "
        f"before (90 % interval {100 * interval.low:.2f} to {100 * interval.high:.2f}); a gain of up to 0.20 points "
        "does not matter."
    )


@pytest.mark.parametrize(
    ("gains", "verdict"),
    [
        ([0.0004, -0.0003, 0.0001], "not reproduced"),
        ([-0.03, -0.04, -0.035], "not reproduced"),
        ([0.03, -0.04, 0.035], "undetermined"),
        ([0.01, 0.01, 0.01], "undetermined"),
        ([0.01], "undetermined"),
    ],
)
def test_not_improving(gains, verdict):
    """A plateau within the margin or a decline refutes it; scattered gains, equal ones or one run decide nothing."""
    assert _judge_curves([(0.5, 0.5 + gain) for gain in gains]).verdict == verdict


def test_a_single_epoch_has_no_curve():
    """One epoch has no quarter before."""
    result = _judge_curves([(0.5,), (0.6,), (0.4,)])
    assert result.verdict == "undetermined"
    assert result.evidence == "a was trained for one epoch, in which nothing can be compared."


def test_improving_without_validation_looks_at_training():
    """Where no images were kept, the training curve stands in, and is named."""
    study = _study("improving(a)", overrides=["models.a.protocol.validation=none"])
    runs = [{"train": 0.8}, {"train": 0.9}, {"train": 0.85}]
    (result,) = _judge(study, [_evidence(study, "a", _scores(0.1, runs=3), runs=runs)])
    assert result.verdict == "reproduced"
    assert "the training accuracy is 75.00 points above" in result.evidence


# Figures


def test_a_published_number_of_weights_is_counted():
    """It is right or wrong; without a run that came far enough it stays open."""
    study = _study(published="{a: {parameters: 100}, b: {parameters: 101}, c: {parameters: 100}}")
    evidence = [_evidence(study, "a", GOOD), _evidence(study, "b", FAIR), _evidence(study, "c", failed=["crashed"])]
    results = _judge(study, evidence)
    assert [(result.claim, result.verdict, result.evidence) for result in results] == [
        ("parameters(a) = 100", "reproduced", "Parameters, counted: a 100."),
        ("parameters(b) = 101", "not reproduced", "Parameters, counted: b 100."),
        ("parameters(c) = 100", "undetermined", "No run of c came far enough to count its parameters."),
    ]
    (missing, *_) = _judge(study, evidence[1:])
    assert (missing.verdict, missing.evidence) == ("undetermined", "There is no run of a yet.")


@pytest.mark.parametrize(
    ("override", "verdict"),
    [
        ("data=digits", "not comparable"),
        ("models.a.mlp.hidden=[8]", "not comparable"),
        ("protocol.epochs=2", "reproduced"),
        ("models.a.protocol.epochs=2", "reproduced"),
        ("models.b.mlp.hidden=[8]", "reproduced"),
    ],
)
def test_only_what_changes_a_network_keeps_its_number_of_weights_from_being_compared(override, verdict):
    """Other data and other layers do; a shorter training, or another model, does not."""
    study = _study(published="{a: {parameters: 100}}", overrides=[override])
    (result,) = _judge(study, [_evidence(study, "a", GOOD)])
    assert (result.verdict, result.figure) == (verdict, PrintedFigure("a", "parameters"))


def test_what_would_settle_a_figure():
    """Runs that scatter by 2.1 points around 90 %: a figure 0.1 points off is settled by more of them, or by none."""
    settled = _judge_figure("{accuracy: 0.901, within: 0.05}", _around(0.9, spread=12))
    whole = reproduce_figure(0.901, _around(0.9, spread=12).mean(axis=1), margin=0.05, rounding=0.0005)
    assert (settled.verdict, whole.seeds is not None) == ("undetermined", True)
    assert (settled.price.seeds, settled.price.models) == (whole.seeds - 5, ("a",))
    hopeless = _judge_figure("{accuracy: 0.901, within: 0.002}", _around(0.9, spread=12))
    assert (
        hopeless.price.reason
        == "no number of seeds can settle it, because one published result may lie that far off by chance"
    )


def _judge_figure(figures, scores=None, *, overrides=(), **options):
    study = _study(published=f"{{a: {figures}}}", overrides=overrides)
    (result,) = _judge(study, [_evidence(study, "a", scores, **options)])
    return result


def _around(mean, *, spread):
    """Five runs whose accuracies are the mean and up to so many images beside it."""
    rows = np.zeros((5, IMAGES), dtype=bool)
    for row, offset in zip(rows, (-2, -1, 0, 1, 2), strict=True):
        row[: round(mean * IMAGES) + offset * spread] = True
    return rows


@pytest.mark.parametrize(
    ("published", "spread", "verdict"),
    [
        ("0.9", 1, "reproduced"),
        ("0.92", 1, "not reproduced"),
        ("0.88", 1, "not reproduced"),
        ("0.91", 1, "undetermined"),
        ("0.9", 4, "undetermined"),
    ],
)
def test_figures(published, spread, verdict):
    """Runs around 90 %, within a point: inside, wholly outside, across."""
    figures = f"{{accuracy: {published}, within: 0.01, rounding: 0.00005}}"
    result = _judge_figure(figures, _around(0.9, spread=spread))
    assert result.verdict == verdict
    assert result.claim == f"accuracy(a) = {100 * float(published):.2f} %"
    assert result.source == "The source"


def test_figures_in_words():
    """Mean, distance, prediction interval (t with 4 degrees of freedom) and margin."""
    scores = _around(0.9, spread=1)
    spread = scores.mean(axis=1).std(ddof=1)
    half = stats.t.ppf(0.975, 4) * spread * math.sqrt(1 + 1 / 5) + 0.00005
    result = _judge_figure("{accuracy: 0.9002, within: 0.01}", scores)
    assert result.evidence == (
        "5 runs average 90.00 %; the published 90.02 % is 0.02 points above (95 % prediction interval of the gap "
        f"{100 * (0.0002 - half):.2f} to {100 * (0.0002 + half):.2f}; within 1.00 points counts as reproduced)."
    )


def test_the_luck_of_a_published_figure_is_mentioned_where_it_matters():
    """A figure somewhat too high is explained if it was the best of several runs, and then the runs agree."""
    result = _judge_figure("{accuracy: 0.9060, rounding: 0.00005, within: 0.01}", _around(0.9, spread=1))
    assert result.verdict == "undetermined"
    assert result.evidence.endswith("). Were it the best of 3 or 10 runs: reproduced.")
    stated = _judge_figure("{accuracy: 0.9060, rounding: 0.00005, within: 0.01, best_of: 3}", _around(0.9, spread=1))
    assert stated.verdict == "reproduced"
    assert "above, its being the best of 3 allowed for (95 % prediction interval" in stated.evidence
    assert "Were it" not in stated.evidence


def test_other_test_images_widen_the_gap():
    """What came back on the same images is less sure on others."""
    figures = "{accuracy: 0.9, rounding: 0.00005, within: 0.01%s}"
    assert _judge_figure(figures % "", _around(0.9, spread=1)).verdict == "reproduced"
    assert _judge_figure(figures % ", same_test: false", _around(0.9, spread=1)).verdict == "undetermined"


def test_figures_and_failures():
    """Mixed fates give no interval; where all collapsed, their predictions are what the figure is held against."""
    mixed = _judge_figure("{accuracy: 0.9}", _around(0.9, spread=1), failed=["collapsed"])
    assert mixed.verdict == "undetermined"
    assert mixed.evidence == "1 of 6 seeds of a failed, and a mean would hide that."
    shares = [0.1, 0.1004, 0.0997, 0.1002]
    collapsed = _judge_figure(
        "{accuracy: 0.1, rounding: 0.00005, within: 0.01}", failed=["collapsed"] * 4, accuracies=shares
    )
    assert collapsed.verdict == "reproduced"
    assert collapsed.evidence.startswith(
        "4 runs all collapsed and average 10.01 %; the published 10.00 % is 0.01 points"
    )
    lost = _judge_figure("{accuracy: 0.1}", failed=["diverged"] * 4)
    assert (lost.verdict, lost.evidence) == (
        "undetermined",
        "All 4 seeds of a failed, and there is no accuracy to compare.",
    )


def test_one_run_gives_a_figure_no_interval():
    """Nothing is known of other seeds."""
    result = _judge_figure("{accuracy: 0.91}", _around(0.9, spread=1)[2:3])
    assert (result.verdict, result.evidence) == (
        "undetermined",
        "One run gets 90.00 %; the published 91.00 % is 1.00 points above. There is no interval: one run: nothing is "
        "known about other seeds.",
    )


def test_a_figure_needs_an_accuracy():
    """Asking for the judgement of a loss is a mistake of the caller."""
    found = _evidence(_study(), "a", GOOD)
    with pytest.raises(ValueError, match=r"^published must have an accuracy to be judged, received none$"):
        judge_figure(Published(loss=0.5), Subject(found, take_sample(found)), alpha=0.05)


def test_only_accuracies_are_figures_to_come_back():
    """A published loss or label alone makes no claim; a model without runs is named."""
    study = _study(published="{a: {loss: 0.5, label: Superior}, b: {accuracy: 0.9}}")
    (result,) = _judge(study, [_evidence(study, "a", GOOD)])
    assert (result.claim, result.evidence) == ("accuracy(b) = 90.00 %", "There is no run of b yet.")


# Overrides, sources, prose


def test_overrides_end_the_comparison_with_figures_but_not_with_relations():
    """Runs under another protocol cannot bring a figure back, and say what they say under it."""
    overrides = ["protocol.epochs=2", "protocol.seeds=3"]
    study = _study("a > b", published="{a: {accuracy: 0.9}}", overrides=overrides)
    figure, claim = _judge(study, [_evidence(study, "a", GOOD), _evidence(study, "b", FAIR)])
    assert (figure.verdict, figure.evidence) == (
        "not comparable",
        "Trained with protocol.epochs=2, which the source did not.",
    )
    assert claim.verdict == "reproduced"
    assert claim.evidence.startswith("Under protocol.epochs=2: a is ")


def test_an_override_of_one_model_leaves_the_figures_of_others():
    """Only what the override changes is not comparable."""
    published = "{a: {accuracy: 0.9}, b: {accuracy: 0.9}}"
    study = _study(published=published, overrides=["models.a.protocol.epochs=2"])
    first, second = _judge(study, [_evidence(study, "a", GOOD), _evidence(study, "b", FAIR)])
    assert (first.verdict, second.verdict) == ("not comparable", "undetermined")


def test_prose_is_not_comparable():
    """What names no quantity gets an answer too."""
    study = _study("{says: The a is appropriate for images.}")
    (result,) = _judge(study, [_evidence(study, "a", GOOD)])
    assert (result.verdict, result.evidence) == ("not comparable", PROSE)
    assert result.claim == result.source == "The a is appropriate for images."


def test_a_claim_carries_the_words_of_its_source():
    """`says` where there is one, else the study's source."""
    study = _study("{claim: a > b, says: A is the best.}", "a > b")
    spoken, plain = _judge(study, [_evidence(study, "a", GOOD), _evidence(study, "b", FAIR)])
    assert (spoken.claim, spoken.source) == ("a > b", "A is the best.")
    assert plain.source == "The source"


def test_alpha_is_the_error_rate_of_a_verdict():
    """What is proved at 5 % is not at a level that its p-value does not reach; the intervals follow."""
    scores = {"a": _scores(0.09, seed=21), "b": _scores(0.12, seed=22)}
    p = _judge_scores("a > b", scores).pairs[0].p
    assert p < 0.05
    strict = _judge_scores("a > b", scores, alpha=p / 2)
    assert strict.verdict == "undetermined"
    assert strict.pairs[0].estimate.level == pytest.approx(1 - p)

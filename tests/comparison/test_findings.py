"""What a reader is told beside the verdicts; `_cautions` starts from a comparison of which nothing is to be said."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bakeoff.comparison import weigh
from bakeoff.comparison.budget import Budget
from bakeoff.comparison.curse import WinnersCurse
from bakeoff.comparison.factors import Attribution
from bakeoff.comparison.findings import find_cautions
from bakeoff.comparison.values import CertaintyPrice, PairResult
from bakeoff.spec import parse_study
from bakeoff.spec.record import DataEntry
from bakeoff.spec.study import Published
from bakeoff.spec.values import Finding
from bakeoff.stats import Factor, FactorContrast

STUDY = """
name: hand
data: digits
protocol: {seeds: 3, epochs: 10, margin: 0.0, validation: {holdout: 0.2}}
models:
  good: {mlp: {hidden: [1]}}
  bad: {mlp: {hidden: [2]}}
"""
IMAGES = 400
DATA = DataEntry(
    reference="digits", fingerprint="f" * 64, class_names=("no", "yes"), image_shape=(8, 8, 1), train=100, test=IMAGES
)


def _runs(share, *, seed, runs=3):
    return (np.random.default_rng(seed).random((runs, IMAGES)) < share).astype(int).tolist()


@pytest.fixture
def judge(make_evidence):
    """The comparison of a clear winner with a clear loser, or with these runs or this study."""

    def judge(hits=None, *, text=STUDY, overrides=(), **options):
        study = parse_study(text, overrides=overrides).study
        made_up = {"good": _runs(0.95, seed=1), "bad": _runs(0.5, seed=2)}
        return weigh(study, DATA, make_evidence(study, made_up | (hits or {})), **options)

    return judge


def _cautions(**parts):
    nothing = {
        "models": (),
        "pairs": (),
        "budget": Budget((), ()),
        "curse": None,
        "attribution": Attribution((), (), 0.95),
        "test_looks": 1,
        "published": {},
    }
    return find_cautions(**(nothing | parts))


def _codes(findings):
    return [finding.code for finding in findings]


def _only(findings) -> Finding:
    (finding,) = findings
    return finding


def test_a_sound_comparison_needs_no_caution(judge):
    """Validation images apart, equal budgets, a first look, several seeds, one clear winner."""
    assert judge().findings == ()
    assert _cautions() == ()


@pytest.mark.parametrize("leaky", [["good"], ["bad"], ["good", "bad"]])
def test_choosing_on_the_test_set_is_a_warning(judge, leaky):
    """BKO401, once for each model whose validation images are the test images."""
    text = STUDY
    for name in leaky:
        text = text.replace(f"{name}: {{", f"{name}: {{protocol: {{validation: test}}, ")
    findings = [finding for finding in judge(text=text).findings if finding.code == "BKO401"]
    assert [finding.model for finding in findings] == leaky
    assert {(finding.severity, finding.published) for finding in findings} == {("warning", False)}
    assert {(finding.title, finding.evidence) for finding in findings} == {
        ("The test images serve as validation images", "protocol.validation is test")
    }


def test_the_advice_against_a_leak_works(judge):
    """What BKO401 advises is an override that a study takes, and after it the finding is gone."""
    text = STUDY.replace("validation: {holdout: 0.2}", "validation: test")
    findings = judge(text=text).findings
    assert _codes(findings) == ["BKO401", "BKO401"]
    flag, override = findings[0].advice.split()
    assert flag == "--set"
    assert judge(text=text, overrides=[override]).findings == ()


@pytest.mark.parametrize("validation", ["none", "{holdout: 0.1}", "{kfold: 2}"])
def test_other_validation_is_no_leak(judge, validation):
    """No validation images, some of the training images, or folds of them: all keep the test images apart."""
    assert "BKO401" not in _codes(judge(text=STUDY.replace("{holdout: 0.2}", validation)).findings)


def test_a_source_that_chose_on_the_test_set():
    """BKO401 of published figures is one finding, told apart from those about models trained here."""
    figures = Published(accuracy=0.9, chosen_on_test=True)
    alone = _only(_cautions(published={"a": figures, "b": Published(accuracy=0.8)}))
    assert (alone.code, alone.model, alone.published) == ("BKO401", "a", True)
    both = _only(_cautions(published={"a": figures, "b": figures}))
    assert (both.model, both.evidence) == ("", "published figures of a, b: chosen_on_test")


def test_unequal_budgets_are_listed():
    """BKO402 repeats what the ledger says, in its order."""
    finding = _only(_cautions(budget=Budget((), ("epochs: 5 (a) to 15 (b)", "seeds: 3 (a) to 5 (b)"))))
    assert (finding.code, finding.severity, finding.model) == ("BKO402", "note", "")
    assert finding.title == "The models had unequal budgets"
    assert finding.evidence == "epochs: 5 (a) to 15 (b); seeds: 3 (a) to 5 (b)"
    assert finding.advice.startswith("give all models the same epochs and data, or read the result as one of")


def test_unequal_seeds_are_an_unequal_budget(judge):
    """From the runs to the words: three seeds against five."""
    finding = _only(judge({"bad": _runs(0.5, seed=2, runs=5)}).findings)
    assert (finding.code, finding.evidence) == ("BKO402", "seeds: 3 (good) to 5 (bad)")


@pytest.mark.parametrize(("looks", "codes"), [(0, []), (1, []), (2, ["BKO403"]), (17, ["BKO403"])])
def test_looks_at_the_test_set(judge, looks, codes):
    """The first look is what a test set is for; from the second on BKO403 counts them."""
    findings = judge(test_looks=looks).findings
    assert _codes(findings) == codes
    for finding in findings:
        assert (finding.severity, finding.title) == ("note", "The test set was looked at before")
        assert finding.evidence == f"{looks} different sets of runs were judged on it from this store"
        assert finding.advice.startswith("choose models and settings on validation images; fix the number of seeds")


def _contrast(high, low, *, estimate=None, reason=""):
    return FactorContrast(high, low, estimate, math.nan, math.nan, 0, 0, "undecided", reason, (), math.nan)


def _factor(name, *contrasts):
    return Factor(name, ("x", "y"), contrasts, math.nan, True, None, "no grid")


def test_what_cannot_be_attributed_is_counted(judge):
    """BKO404, one for each factor with refused contrasts; how many of how many, and the first one's reason."""
    estimate = judge().model("good").accuracy
    factors = (
        _factor(
            "width",
            _contrast("1", "2", estimate=estimate, reason="seen in 2 settings"),
            _contrast("1", "3", reason="1 and 3 never differ in width alone: epochs changes along"),
            _contrast("2", "3", reason="another"),
        ),
        _factor("activation", _contrast("relu", "tanh", estimate=estimate)),
        _factor("epochs", _contrast("5", "9", reason="5 and 9 never differ in epochs alone: width changes along")),
    )
    width, epochs = _cautions(attribution=Attribution(factors, (), 0.95))
    assert (width.code, width.severity, width.model) == ("BKO404", "note", "")
    assert width.title == "Not every level of width can be judged"
    assert width.evidence == (
        "2 of 3 contrasts: no two models differ in width alone; "
        "for instance, 1 and 3 never differ in width alone: epochs changes along"
    )
    assert width.advice == "use a grid, or add models that differ in one factor only"
    assert (epochs.code, epochs.title) == ("BKO404", "Not every level of epochs can be judged")
    assert epochs.evidence.startswith("1 of 1 contrasts: ")


def test_confounded_labels_make_a_finding_and_a_grid_none(judge):
    """From the runs to the words: an activation that changes along with the epochs, and one that changes alone."""
    text = STUDY.replace("good: {", "good: {factors: {activation: relu}, ").replace(
        "bad: {", "bad: {factors: {activation: tanh}, PROTOCOL"
    )
    assert judge(text=text.replace("PROTOCOL", "")).findings == ()
    findings = judge(text=text.replace("PROTOCOL", "protocol: {epochs: 20}, ")).findings
    assert [(finding.code, finding.title) for finding in findings] == [
        ("BKO404", "Not every level of activation can be judged"),
        ("BKO404", "Not every level of epochs can be judged"),
    ]


def _pair(a, b, *, seeds=None, images=None, price=True, reason=""):
    return PairResult(
        a=a,
        b=b,
        basis="seeds and images",
        difference=None,
        difference_this_test_set=None,
        p=0.3,
        p_adjusted=0.3,
        verdict="undecided",
        reason="",
        probability_a_better=None,
        price=CertaintyPrice(seeds, None, images, reason, ("a", "b")) if price else None,
    )


def test_too_few_seeds():
    """BKO501 counts the pairs that seeds would decide and names the cheapest, whatever pairs stand around it."""
    pairs = [
        _pair("a", "b", seeds=12, images=400),
        _pair("a", "c", price=False),
        _pair("b", "c", seeds=4, images=400),
        _pair("a", "d", seeds=90),
    ]
    finding = _only(_cautions(pairs=pairs))
    assert (finding.code, finding.severity, finding.model) == ("BKO501", "note", "")
    assert finding.title == "Too few seeds to decide"
    assert finding.evidence == "3 undecided pairs; the nearest is b against c, about 4 more seeds of each"
    assert finding.advice.startswith("add seeds once, or let a race decide")


def test_one_seed_more_is_singular():
    """One pair, one seed."""
    finding = _only(_cautions(pairs=[_pair("a", "b", seeds=1)]))
    assert finding.evidence == "1 undecided pair; the nearest is a against b, about 1 more seed of each"


def test_too_few_images():
    """BKO502 is about the pairs that no number of seeds decides, and names the one that needs the fewest images."""
    pairs = [
        _pair("a", "b", images=1_234_567),
        _pair("a", "c", images=31_396),
        _pair("b", "c", price=False),
        _pair("b", "d"),
    ]
    finding = _only(_cautions(pairs=pairs))
    assert (finding.code, finding.severity, finding.model) == ("BKO502", "note", "")
    assert finding.title == "Too few test images to decide"
    assert finding.evidence == (
        "2 undecided pairs that no number of seeds can decide; the nearest is a against c, about 31,396 test images"
    )
    assert finding.advice == "a larger test set, or accept that such a difference cannot be seen with this one"
    finding = _only(_cautions(pairs=pairs[:1]))
    assert finding.evidence.startswith("1 undecided pair that no number of seeds can decide; ")


def test_seeds_and_images_are_short_of_different_pairs():
    """A pair that seeds would decide is not counted among those that need images, though images stand in its price."""
    seeds, images = _cautions(pairs=[_pair("a", "b", seeds=7, images=400), _pair("a", "c", images=900)])
    assert (seeds.code, images.code) == ("BKO501", "BKO502")
    assert seeds.evidence == "1 undecided pair; the nearest is a against b, about 7 more seeds of each"
    assert images.evidence.endswith("the nearest is a against c, about 900 test images")


def test_a_pair_that_nothing_can_decide_is_not_short_of_anything():
    """Equal means without a margin, or ranks without a tendency: neither BKO501 nor BKO502."""
    assert _cautions(pairs=[_pair("a", "b"), _pair("a", "c", price=False)]) == ()


def test_few_seeds_from_the_runs_to_the_words(judge):
    """Failed seeds are ranked, and ranks of 3 seeds cannot decide at 5 % (2/20), those of 4 may (2/70)."""
    findings = judge({"bad": ["collapsed"] * 3}).findings
    assert _codes(findings) == ["BKO501"]
    assert findings[0].evidence == "1 undecided pair; the nearest is good against bad, about 1 more seed of each"


def test_the_highest_of_several_means_flatters():
    """BKO503 stands at the leader, with the number of rivals and the optimism in points."""
    finding = _only(_cautions(curse=WinnersCurse("cnn", 3, 0.00423)))
    assert (finding.code, finding.severity, finding.model) == ("BKO503", "note", "cnn")
    assert finding.title == "The highest of several means flatters"
    assert finding.evidence == (
        "if the 3 models that may be the best are equally good, the highest mean lies 0.42 points above the truth on "
        "average"
    )
    assert finding.advice == "quote the interval, or train the winner again with fresh seeds before quoting its mean"


def test_near_equals_flatter_and_a_clear_winner_does_not(judge):
    """From the runs to the words: two models of the same accuracy, and the standard error over the root of pi."""
    hits = {"good": _runs(0.9, seed=1), "bad": _runs(0.9, seed=2)}
    comparison = judge(hits)
    finding = _only(finding for finding in comparison.findings if finding.code == "BKO503")
    assert finding.model == comparison.models[0].name
    points = 100 * np.std(np.mean(hits[finding.model], axis=1), ddof=1) / math.sqrt(3) / math.sqrt(math.pi)
    assert f"lies {points:.2f} points above" in finding.evidence


@pytest.mark.parametrize("only", ["finished", "diverged", "crashed"])
def test_a_single_run_is_a_warning(judge, only):
    """BKO504 stands at every model of which one seed was run, whatever came of it."""
    findings = judge({"bad": _runs(0.5, seed=2, runs=1) if only == "finished" else [only]}).findings
    finding = _only(finding for finding in findings if finding.code == "BKO504")
    assert (finding.severity, finding.model, finding.title) == ("warning", "bad", "One run only")
    assert finding.evidence == "with one seed nothing is known about other seeds"
    assert finding.advice == "bakeoff run with --seeds 5"


def test_two_seeds_are_no_single_run(judge):
    """One finished and one failed seed are two, and two folds of one seed are one."""
    two = judge({"good": _runs(0.95, seed=1, runs=2), "bad": [*_runs(0.5, seed=2, runs=1), "collapsed"]})
    assert "BKO504" not in _codes(two.findings)
    folds = judge({"good": _runs(0.95, seed=1, runs=1)}, text=STUDY.replace("{holdout: 0.2}", "{kfold: 2}"))
    assert [finding.model for finding in folds.findings if finding.code == "BKO504"] == ["good"]


def test_findings_stand_in_the_order_of_their_codes(judge):
    """Fairness first, then evidence; everything that can be said at once."""
    text = STUDY.replace("{holdout: 0.2}", "test")
    models = [replace(model, seeds=1, failed_seeds=0) for model in judge(text=text).models]
    codes = _codes(
        _cautions(
            models=models,
            pairs=[_pair("a", "b", images=900), _pair("a", "c", seeds=3)],
            budget=Budget((), ("epochs: 5 (a) to 15 (b)",)),
            curse=WinnersCurse("a", 2, 0.01),
            attribution=Attribution((_factor("width", _contrast("1", "2", reason="because")),), (), 0.95),
            test_looks=2,
        )
    )
    assert codes == [
        *("BKO401", "BKO401", "BKO402", "BKO403", "BKO404"),
        *("BKO501", "BKO502", "BKO503", "BKO504", "BKO504"),
    ]

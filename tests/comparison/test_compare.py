import numpy as np
import pytest

from bakeoff.comparison import compare_study, comparison_to_dict
from bakeoff.errors import StoreError
from bakeoff.spec import parse_study
from bakeoff.stats import adjust_holm, compare_two, estimate_mean

STUDY = """
name: hand
data: digits
protocol: {seeds: 3, margin: 0.02, validation: {holdout: 0.2}}
models:
  weak: {mlp: {hidden: [1]}}
  strong: {mlp: {hidden: [2]}}
  alike: {mlp: {hidden: [3]}}
"""
LABELS = np.arange(400) % 2


@pytest.fixture
def study():
    """Three models whose runs the tests make up."""
    return parse_study(STUDY).study


def _hits(share, *, seed, runs=3):
    rng = np.random.default_rng(seed)
    return (rng.random((runs, len(LABELS))) < share).astype(int).tolist()


@pytest.fixture
def hits():
    """`strong` and `alike` are right on about 95 % of the images, `weak` on 70 %."""
    return {"weak": _hits(0.7, seed=1), "strong": _hits(0.95, seed=2), "alike": _hits(0.95, seed=3)}


def test_estimates_and_pairs_come_from_stats(study, fill_store, hits):
    """Every number equals what `stats` says of the same matrices of hits."""
    comparison = compare_study(study, fill_store(study, hits, labels=LABELS))
    for name, rows in hits.items():
        assert comparison.model(name).accuracy == estimate_mean(np.array(rows))
        here = estimate_mean(np.array(rows), target="this_test_set")
        assert comparison.model(name).accuracy_this_test_set == here
    for pair in comparison.pairs:
        direct = compare_two(np.array(hits[pair.a]), np.array(hits[pair.b]), margin=0.02)
        assert (pair.difference, pair.p) == (direct.difference, direct.p)
    assert [pair.p_adjusted for pair in comparison.pairs] == pytest.approx(
        adjust_holm(np.array([pair.p for pair in comparison.pairs]))
    )


def test_order_ranks_and_verdicts(study, fill_store, hits):
    """The best mean comes first; the clear difference is found, the near tie is not called a difference."""
    comparison = compare_study(study, fill_store(study, hits, labels=LABELS))
    assert comparison.models[-1].name == "weak"
    assert comparison.pair("weak", "strong").verdict == "a better"
    assert comparison.pair("strong", "alike").verdict in ("undecided", "equivalent")
    assert [model.rank for model in comparison.models] == [(1, 2), (1, 2), (3, 3)]
    assert [model.letters for model in comparison.models] == ["a", "a", "b"]
    assert [model.tier for model in comparison.models] == [1, 1, 2]


def test_holm_can_undo_a_difference(fill_store):
    """A p-value below 0.05 that does not survive the correction makes no verdict."""
    study = parse_study(STUDY, overrides=["protocol.margin=0.0"]).study
    base = np.arange(len(LABELS)) % 10 != 0

    def lose(images, *, first):
        """Three runs, each wrong on all but one of the same images in addition."""
        rows = np.tile(base, (3, 1))
        for seed, row in enumerate(rows):
            wrong = first + 10 * np.arange(images)
            row[np.delete(wrong, seed)] = False
        return rows.astype(int).tolist()

    strong = np.tile(base, (3, 1))
    strong[1, 3] = False  # seeds that are all the same would make no verdict
    hits = {"strong": strong.astype(int).tolist(), "alike": lose(5, first=1), "weak": lose(8, first=2)}
    comparison = compare_study(study, fill_store(study, hits, labels=LABELS))
    undone, kept = comparison.pair("strong", "alike"), comparison.pair("strong", "weak")
    assert undone.p < 0.05 <= undone.p_adjusted
    assert (undone.verdict, kept.verdict) == ("undecided", "a better")


def test_equivalent_within_the_margin(fill_store):
    """Two models that agree on nearly every image are equivalent at a wide margin, undecided at none."""
    base = np.array(_hits(0.9, seed=5, runs=1))[0]
    other = base.copy()
    other[0] = 1 - other[0]
    for margin, verdict in ((0.05, "equivalent"), (0.0, "undecided")):
        study = parse_study(STUDY.replace("margin: 0.02", f"margin: {margin}")).study
        hits = {"strong": [base, other, base], "alike": [base, base, other]}
        comparison = compare_study(study, fill_store(study, hits, labels=LABELS))
        assert comparison.pair("strong", "alike").verdict == verdict


def test_failed_seeds_are_judged_by_ranks(study, fill_store, hits):
    """A model with a failed seed keeps its row and its reason, its mean loses its interval, and ranks judge it."""
    hits["strong"][1] = "collapsed"
    comparison = compare_study(study, fill_store(study, hits, labels=LABELS))
    strong = comparison.model("strong")
    assert (strong.seeds, strong.failed_seeds, len(strong.runs)) == (2, 1, 3)
    assert [run.reason for run in strong.runs if run.failed] == ["it was made to fail"]
    assert np.isnan(strong.accuracy.low)
    assert strong.failure_rate.low == pytest.approx(0.0084, abs=1e-4)  # Clopper and Pearson, 1 of 3
    pair = comparison.pair("weak", "strong")
    assert (pair.basis, pair.verdict) == ("ranks", "undecided")  # 3 against 3 runs: p is at least 0.1
    assert pair.p_adjusted >= 0.1
    assert comparison.pair("weak", "alike").verdict == "a better"


def test_a_loss_has_no_interval_where_seeds_failed(study, fill_store, hits):
    """As an accuracy: by hand the mean of 0.5 and 0.7, while the model that finished thrice keeps its interval."""
    hits["strong"][1] = "collapsed"
    comparison = compare_study(study, fill_store(study, hits, labels=LABELS))
    strong, weak = comparison.model("strong").loss, comparison.model("weak").loss
    assert strong.value == pytest.approx(0.6)
    assert np.isnan([strong.low, strong.high]).all()
    assert (weak.low, weak.high) == pytest.approx((0.6 - 4.302653 * 0.1 / 3**0.5, 0.6 + 4.302653 * 0.1 / 3**0.5))


def test_a_bound_of_a_loss_is_not_negative(study, fill_store, hits):
    """By hand: of 0.5 and 0.6 the t interval reaches from -0.085 to 1.185; one seed has none, which stays so."""
    few = {"weak": hits["weak"][:2], "strong": hits["strong"][:1]}
    comparison = compare_study(study, fill_store(study, few, labels=LABELS))
    two, one = comparison.model("weak").loss, comparison.model("strong").loss
    assert two.low == 0.0
    assert two.high == pytest.approx(0.55 + 12.706205 * 0.05)
    assert np.isnan(one.low)


def test_all_seeds_failed(study, fill_store, hits):
    """A model that never trained comes last, without an accuracy, and is still a row."""
    hits["strong"] = ["diverged"] * 3
    comparison = compare_study(study, fill_store(study, hits, labels=LABELS))
    last = comparison.models[-1]
    assert (last.name, last.accuracy, last.loss, last.failed_seeds) == ("strong", None, None, 3)
    assert comparison.pair("weak", "strong").difference is None
    rows = {row["name"]: row for row in comparison_to_dict(comparison)["models"]}
    assert rows["strong"]["accuracy"] is None
    assert rows["strong"]["failures"][0] == {
        "seed": 0,
        "fold": 0,
        "status": "diverged",
        "reason": "it was made to fail",
    }


def test_one_run_each_decides_nothing(study, fill_store, hits):
    """One run per model has an interval for its images but no verdict about its recipe."""
    single = {name: rows[:1] for name, rows in hits.items()}
    comparison = compare_study(study, fill_store(study, single, labels=LABELS))
    assert {pair.verdict for pair in comparison.pairs} == {"undecided"}
    assert "1 finished seed, too few" in comparison.pairs[0].reason


def test_missing_models_are_named(study, fill_store, hits):
    """A model without any run is reported as missing, not dropped."""
    del hits["alike"]
    assert compare_study(study, fill_store(study, hits, labels=LABELS)).missing == ("alike",)


def test_seeds_in_the_store_count_whatever_the_study_asks(study, fill_store, hits):
    """More seeds than the study file asks for are used, so that nobody can choose among them."""
    hits["weak"] = _hits(0.7, seed=1, runs=7)
    assert compare_study(study, fill_store(study, hits, labels=LABELS)).model("weak").seeds == 7


def test_confusion_adds_up(study, fill_store, hits):
    """Rows of the confusion matrix count each class once per run; the diagonal is the accuracy."""
    model = compare_study(study, fill_store(study, hits, labels=LABELS)).model("weak")
    assert model.confusion.sum(axis=1).tolist() == [600, 600]
    assert np.trace(model.confusion) == np.sum(hits["weak"])


def test_looks_are_counted(study, fill_store, hits):
    """The second comparison of the same runs is the same look."""
    store = fill_store(study, hits, labels=LABELS)
    assert compare_study(study, store).test_looks == 1
    assert compare_study(study, store).test_looks == 1


def test_other_protocol_is_another_study(study, fill_store, hits):
    """Runs under another protocol are not mixed in, and the message says what the store holds."""
    store = fill_store(study, hits, labels=LABELS)
    other = parse_study(STUDY, overrides=["protocol.epochs=3"]).study
    with pytest.raises(
        StoreError, match=r"holds no run of hand as it is written; it holds other runs on digits: alike, s"
    ):
        compare_study(other, store)


def test_unknown_data(study, store):
    """A store without any run on these data says so."""
    with pytest.raises(StoreError, match="holds no run on digits: run the study first"):
        compare_study(study, store)


def test_tables(study, fill_store, hits):
    """The pandas tables have one row per model and per pair, in the comparison's order, with the same numbers."""
    comparison = compare_study(study, fill_store(study, hits, labels=LABELS))
    board, pairs = comparison.table, comparison.pair_table
    assert board.index.tolist() == [model.name for model in comparison.models]
    assert board.loc["weak", "accuracy_low"] == comparison.model("weak").accuracy.low
    assert pairs["verdict"].tolist() == [pair.verdict for pair in comparison.pairs]


def test_notebook(study, fill_store, hits):
    """A notebook shows the leaderboard, in per cent."""
    html = compare_study(study, fill_store(study, hits, labels=LABELS))._repr_html_()
    assert "<td>" in html
    assert f"{np.mean(hits['weak']):.2%}" in html

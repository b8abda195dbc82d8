"""Planning: what a study costs and can decide, before anything is trained."""

import os
import signal

import pytest

import bakeoff
from bakeoff.data import load_dataset
from bakeoff.errors import WorkerError
from bakeoff.runner import pool as pools
from bakeoff.spec import only_models, parse_study, with_seeds
from bakeoff.spec.record import RaceRecord
from bakeoff.stats import spending_levels
from bakeoff.store import cells_of

RACE = """
name: race
data: digits
protocol: {epochs: 2, seeds: {min: 3, max: 12, until: settled}}
models:
  small: {mlp: {hidden: [8]}}
  wide: {mlp: {hidden: [16]}}
  twin: {mlp: {hidden: [16]}}
"""
GONE = """
name: gone
data: npz:gone.npz
protocol: {seeds: 3}
models:
  a: {mlp: {hidden: [8]}}
  b: {mlp: {hidden: [9]}}
"""
TEST_IMAGES = 359  # a fifth of scikit-learn's 1,797 digits


def test_nothing_is_written_and_nothing_made_up(tiny, tmp_path):
    """Without records and trials no store appears, and times are None; the detectable difference is assumed."""
    folder = tmp_path / "none"
    plan = bakeoff.plan(tiny, store=folder, workers=2, trial=False)
    assert not folder.exists()
    assert (plan.cost.left, plan.cost.seconds, plan.cost.unknown) == ((4, 4), None, ("small", "wide"))
    assert [resolution.spread.basis for resolution in plan.resolutions] == ["converged", "short"]
    assert plan.resolutions[0].spread.run_sd == pytest.approx((0.02 / (2 * TEST_IMAGES)) ** 0.5)


def test_a_given_error_rate_is_assumed(tiny, tmp_path):
    """Ten per cent wrong make sqrt(5) times the run-to-run spread of two per cent."""
    assumed, given = (bakeoff.plan(tiny, store=tmp_path, trial=False, error=error) for error in (None, 0.1))
    ratio = given.resolutions[0].spread.run_sd / assumed.resolutions[0].spread.run_sd
    assert ratio == pytest.approx(5**0.5)


def test_records_are_learnt_from_where_the_data_are_not(fill_store):
    """What the store remembers of the data is enough for a plan: time, disk and the spread between runs."""
    study = parse_study(GONE).study
    hits = {"a": [[1, 1, 0, 0], [1, 0, 0, 0]], "b": [[1, 1, 1, 1], [1, 1, 1, 1]]}
    store = fill_store(study, hits, labels=[0, 1, 0, 1])
    plan = bakeoff.plan(study, store=store.folder, workers=1)
    assert "gone.npz" in plan.obstacle
    assert (plan.cost.done, plan.cost.left, plan.images) == (4, (2, 2), 4)
    assert plan.cost.seconds[0] > 2 * 2.0  # two runs of 2 s
    assert [resolution.spread.basis for resolution in plan.resolutions] == ["records"]
    assumed = bakeoff.plan(study, store=store.folder, error=0.1)
    assert [resolution.spread.basis for resolution in assumed.resolutions] == ["converged", "short"]


def test_without_data_and_records(tmp_path):
    """Runs can be counted; nothing else is claimed."""
    study = parse_study("name: t\ndata: npz:gone.npz\nmodels: {a: {mlp: {hidden: [8]}}}").study
    plan = bakeoff.plan(study, store=tmp_path)
    assert (plan.cost.left, plan.images, plan.resolutions) == ((5, 5), None, ())
    assert "gone.npz" in plan.to_dict()["obstacle"]


def test_one_model_has_no_pair(tiny, tmp_path):
    """There is nothing to detect."""
    plan = bakeoff.plan(only_models(tiny, ["small"]), store=tmp_path, trial=False)
    assert (plan.pairs, plan.resolutions, plan.levels) == (0, (), ())


def test_one_seed_detects_nothing(tiny, tmp_path):
    """No difference is promised."""
    plan = bakeoff.plan(with_seeds(tiny, 1), store=tmp_path, trial=False)
    assert plan.resolutions == ()
    assert plan.limits.detectable_sds is None


def test_alpha_is_shared_among_pairs(tmp_path):
    """Three networks are three pairs, each tested at 0.05/3; a twin is no network of its own."""
    text = RACE.replace("{min: 3, max: 12, until: settled}", "5")
    study = parse_study(text.replace("twin: {mlp: {hidden: [16]}}", "third: {mlp: {hidden: [4]}}")).study
    assert bakeoff.plan(study, store=tmp_path, trial=False).levels == pytest.approx((0.05 / 3,))
    twins = bakeoff.plan(parse_study(text).study, store=tmp_path, trial=False)
    assert (twins.pairs, twins.levels) == (1, pytest.approx((0.05,)))


def test_a_race_has_looks_and_ranges(tmp_path):
    """From three to twelve seeds of two networks, with the spending levels of its looks."""
    plan = bakeoff.plan(parse_study(RACE).study, store=tmp_path, trial=False)
    assert plan.looks == (3, 5, 8, 12)
    assert plan.levels == pytest.approx(tuple(spending_levels([3, 5, 8, 12], alpha=0.05)))
    assert plan.cost.left == (6, 24)
    assert plan.limits.seeds == 12


def test_a_race_that_is_over_needs_nothing(fill_store):
    """Its record says that no model is open: no run is left, whatever the most would have been."""
    study = parse_study(GONE.replace("seeds: 3", "seeds: {min: 2, max: 12, until: settled}")).study
    hits = {"a": [[1, 1, 0, 0], [1, 0, 0, 0]], "b": [[1, 1, 1, 1], [1, 1, 1, 1]]}
    store = fill_store(study, hits, labels=[0, 1, 0, 1])
    race = RaceRecord(
        study="gone",
        data=study.data,
        fingerprint="f" * 64,
        models={cell.model.name: cell.key for cell in cells_of(study, fingerprint="f" * 64)},
        looks=(2, 3, 5, 8, 12),
        levels=(0.01,) * 5,
        alpha=0.05,
        margin=0.001,
    )
    store.write_race(race)
    assert bakeoff.plan(study, store=store.folder, workers=1).cost.left == (0, 0)
    store.write_race(race.model_copy(update={"open": tuple(race.models.values())}))
    assert bakeoff.plan(study, store=store.folder, workers=1).cost.left == (0, 20)


def test_folds_promise_no_difference(tmp_path):
    """The test over folds has no power formula here, so nothing is promised."""
    study = parse_study(RACE.replace("{min: 3, max: 12, until: settled}", "3, validation: {kfold: 5}")).study
    plan = bakeoff.plan(study, store=tmp_path, trial=False)
    assert (plan.cross_validated, plan.resolutions) == (True, ())


def test_arguments_that_do_not_fit(tiny, tmp_path):
    """Workers are at least one, and an error rate is a share."""
    with pytest.raises(WorkerError, match="workers must be at least 1, got 0"):
        bakeoff.plan(tiny, store=tmp_path, workers=0)
    with pytest.raises(ValueError, match=r"error must be a share of the test images between 0 and 1.*got 2"):
        bakeoff.plan(tiny, store=tmp_path, error=2)


@pytest.mark.slow
def test_trials_fill_the_gaps(tiny, tmp_path):
    """Models without earlier runs are tried in workers; then everything is known, and still nothing is written."""
    plan = bakeoff.plan(tiny, store=tmp_path / "none", workers=2)
    assert [model.cost.basis for model in plan.cost.models] == ["trial", "trial"]
    assert plan.cost.seconds[0] > max(model.cost.setup_seconds for model in plan.cost.models)
    assert not (tmp_path / "none").exists()


def _call_that_dies(task, arguments):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_trial_that_kills_its_worker(tiny, tmp_path, monkeypatch):
    """It ends with a sentence and a way on."""
    monkeypatch.setattr(pools, "_call", _call_that_dies)
    with pytest.raises(WorkerError, match=r"a trial killed its worker .*plan without trials \(--no-trial\)"):
        bakeoff.plan(tiny, store=tmp_path, workers=1)


def test_the_digits_are_as_these_tests_say():
    """The number of test images that this file computes with."""
    assert len(load_dataset("digits").test_labels) == TEST_IMAGES

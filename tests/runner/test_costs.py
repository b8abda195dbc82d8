import pytest

from bakeoff.runner.costs import BUILD_SECONDS, KEEP_SECONDS, RunCost, cost_study, recorded_cost
from bakeoff.runner.jobs import plan_jobs
from bakeoff.spec import parse_study
from bakeoff.store import cells_of

STUDY = """
name: s
data: digits
protocol: {seeds: 3}
models:
  a: {mlp: {hidden: [4]}}
  b: {mlp: {hidden: [5]}, protocol: {seeds: 1}}
  twin: {mlp: {hidden: [4]}}
"""


@pytest.fixture
def jobs():
    """Three runs of a, one of b, and three more of a's twin."""
    return plan_jobs(parse_study(STUDY).study, fingerprint="f")


@pytest.fixture
def costs(jobs):
    """What one run of each cell costs."""
    a, b = (next(job.cell.key for job in jobs if job.cell.model.name == name) for name in "ab")
    return {a: RunCost("trial", 2.0, 3.0, 100), b: RunCost("trial", 1.0, 4.0, 1000)}


def test_time_by_hand(jobs, costs):
    """Start 1 s; one worker sets up a (2 s) and trains it three times (3 s); the other trains b and does not help."""
    cost = cost_study(jobs, fewest=3, done=(), costs=costs, workers=2, start_seconds=1.0)
    assert cost.seconds == (12.0, 12.0)
    assert cost.bytes == (1300, 1300)


def test_one_worker_sets_up_each_model_once(jobs, costs):
    """1 + 2 + 3 x 3 + 1 + 4."""
    assert cost_study(jobs, fewest=3, done=(), costs=costs, workers=1, start_seconds=1.0).seconds == (17.0, 17.0)


def test_runs_are_counted_once(jobs, costs):
    """Twins share runs: they are counted with the first, and finished ones are not to be done."""
    cost = cost_study(jobs, fewest=3, done={jobs[0].key}, costs=costs, workers=2)
    assert [(model.name, model.twin, model.done, model.left) for model in cost.models] == [
        ("a", "", 1, (2, 2)),
        ("b", "", 0, (1, 1)),
        ("twin", "a", 0, (0, 0)),
    ]
    assert (cost.done, cost.left) == (1, (3, 3))


def test_a_race_costs_from_its_fewest_to_its_most_runs(jobs, costs):
    """With a race from 1 to 3 seeds, at least one seed of each model is trained."""
    cost = cost_study(jobs, fewest=1, done=(), costs=costs, workers=1, start_seconds=1.0)
    assert cost.left == (2, 4)
    assert cost.seconds == (1.0 + 2 + 3 + 1 + 4, 17.0)
    assert cost.bytes == (1100, 1300)


def test_nothing_to_do_takes_no_time(jobs):
    """Workers are not even started, and no cost needs to be known."""
    cost = cost_study(jobs, fewest=3, done={job.key for job in jobs}, costs={}, workers=2)
    assert (cost.seconds, cost.bytes, cost.unknown) == ((0.0, 0.0), (0, 0), ())


def test_an_unknown_cost_leaves_the_sum_unknown(jobs, costs):
    """No sum is made up: the models that are not known are named."""
    cost = cost_study(jobs, fewest=3, done=(), costs=dict([costs.popitem()]), workers=2)
    assert cost.seconds is None
    assert cost.bytes is None
    assert cost.unknown == ("a",)


def test_what_earlier_runs_cost(tiny, fill_store):
    """Medians over the finished runs; a failed one does not count; bytes are those of the files."""
    store = fill_store(tiny, {"small": [[1, 0], [1, 1], "diverged"], "wide": ["crashed"]}, labels=[0, 1])
    small, wide = cells_of(tiny, fingerprint="f" * 64)
    cost = recorded_cost(small, store)
    folder = store.folder / "runs" / small.run_key(seed=0, fold=0)
    sizes = [file.stat().st_size for file in folder.iterdir()]
    assert (cost.basis, cost.runs) == ("records", 2)
    assert cost.run_seconds == pytest.approx(2.0 + KEEP_SECONDS)
    assert cost.setup_seconds == BUILD_SECONDS
    assert cost.run_bytes == pytest.approx(sum(sizes), abs=3)
    assert recorded_cost(wide, store) is None
    assert store.run_bytes("nothing-seed0-fold0") == 0

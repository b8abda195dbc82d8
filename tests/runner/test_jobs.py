from bakeoff.runner.jobs import open_jobs, plan_jobs
from bakeoff.spec import parse_study

STUDY = """
name: s
data: digits
protocol: {seeds: 2, epochs: 1}
models:
  plain: {mlp: {hidden: [4]}}
  folded: {mlp: {hidden: [5]}, protocol: {validation: {kfold: 3}}}
  twin: {mlp: {hidden: [4]}}
"""


def test_every_seed_and_fold_is_planned_model_by_model():
    """Runs that share a compiled program follow each other; a cross-validated model has one run per fold."""
    jobs = plan_jobs(parse_study(STUDY).study, fingerprint="f")
    assert [(job.cell.model.name, job.seed, job.fold) for job in jobs] == [
        *[("plain", seed, 0) for seed in range(2)],
        *[("folded", seed, fold) for seed in range(2) for fold in range(3)],
        *[("twin", seed, 0) for seed in range(2)],
    ]


def test_twins_are_trained_once(store):
    """Two names for the same network share their runs."""
    jobs = plan_jobs(parse_study(STUDY).study, fingerprint="f")
    assert len(open_jobs(jobs, store)) == 8


def test_finished_runs_are_not_open(fill_store, tiny):
    """What the store holds is left alone."""
    store = fill_store(tiny, {"small": [[1, 0]]}, labels=[0, 1])
    jobs = plan_jobs(tiny, fingerprint="f" * 64)
    assert [(job.cell.model.name, job.seed) for job in open_jobs(jobs, store)] == [
        ("small", 1),
        ("wide", 0),
        ("wide", 1),
    ]


def test_a_race_starts_with_the_seeds_of_its_first_look():
    """What comes after depends on what these show."""
    text = STUDY.replace("seeds: 2", "seeds: {min: 3, max: 9}").replace(", protocol: {validation: {kfold: 3}}", "")
    jobs = plan_jobs(parse_study(text).study, fingerprint="f")
    assert [job.seed for job in jobs] == [0, 1, 2] * 3

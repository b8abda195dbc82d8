"""`stop: plateau`: the epoch is chosen over seeds, written down, and kept; only runs up to it are judged."""

import math

import pytest

import bakeoff
from bakeoff.comparison import comparison_to_dict
from bakeoff.comparison.plateaus import find_searches, judged_cells
from bakeoff.errors import StudyError
from bakeoff.runner.jobs import plan_jobs
from bakeoff.runner.plateaus import NO_CURVE, choose_epoch, plan_stages
from bakeoff.spec import parse_study, with_seeds
from bakeoff.spec.record import Counts, History, PlateauRecord, Record
from bakeoff.store import cells_of, open_store

STUDY = """
name: plateau
data: digits
protocol: {epochs: 5, batch_size: 64, seeds: 3, validation: {holdout: 0.2}, stop: plateau}
models:
  dense: {mlp: {hidden: [8]}}
  plain: {mlp: {hidden: [4]}, protocol: {stop: last, epochs: 2}}
"""
FINGERPRINT = "f" * 64


def _jobs(*overrides):
    study = parse_study(STUDY, overrides=overrides).study
    return [job for job in plan_jobs(study, fingerprint=FINGERPRINT) if job.cell.model.name == "dense"]


def _record(job, losses, status="finished"):
    return Record(
        key=job.key,
        cell=job.cell.key,
        model="dense",
        recipe="mlp",
        layers=job.cell.layers,
        data=job.data,
        fingerprint=job.fingerprint,
        images=Counts(train=8, validation=1, test=1),
        protocol={},
        seed=job.seed,
        fold=job.fold,
        status=status,
        history=History(validation_loss=tuple(losses)),
    )


def _plateau(study, epoch):
    (long, _) = cells_of(study, fingerprint=FINGERPRINT)
    return PlateauRecord(
        model="dense",
        cell=long.key,
        fingerprint=FINGERPRINT,
        epoch=epoch,
        best_epoch=epoch,
        epochs=5,
        seeds=(0, 1, 2),
        why="it was made up",
    )


def test_the_epoch_is_chosen_over_seeds():
    """All seeds agree that the loss is lowest in epoch 3, by far more than they differ."""
    jobs = _jobs()
    curves = [(2.0, 1.0, 0.5, 0.9, 1.0), (2.1, 1.2, 0.6, 0.9, 1.1), (2.0, 1.1, 0.5, 1.0, 1.0)]
    plateau = choose_epoch(jobs, [_record(job, curve) for job, curve in zip(jobs, curves, strict=True)])
    assert (plateau.epoch, plateau.best_epoch, plateau.epochs, plateau.seeds) == (3, 3, 5, (0, 1, 2))
    assert plateau.cell == jobs[0].cell.key
    assert "3 seeds" in plateau.why


def test_a_seed_without_a_whole_curve_has_no_part():
    """One that diverged, or stopped early, is left out; if none is left, all epochs are kept, and that is said."""
    jobs = _jobs()
    whole = _record(jobs[0], (2.0, 0.5, 0.6, 0.7, 0.8))
    broken = [_record(jobs[1], (2.0, 1.0), "diverged"), _record(jobs[2], (1.0, math.inf, 0.1, 0.1, 0.1))]
    plateau = choose_epoch(jobs, [whole, *broken])
    assert (plateau.epoch, plateau.seeds) == (2, (0,))
    plateau = choose_epoch(jobs, broken)
    assert (plateau.epoch, plateau.best_epoch, plateau.seeds, plateau.why) == (5, 5, (), NO_CURVE)


def test_folds_count_as_one_seed():
    """The mean over the folds of each seed is its curve; a seed with a missing fold has no part."""
    jobs = _jobs("protocol.validation={kfold: 2}", "protocol.seeds=2")
    curves = [(3.0, 0.0, 1.0, 9.0, 9.0), (1.0, 2.0, 0.4, 9.0, 9.0)]  # their mean is lowest in epoch 3
    records = [_record(job, curve) for job, curve in zip(jobs, curves, strict=False)]
    plateau = choose_epoch(jobs, [*records, _record(jobs[2], curves[0])])
    assert (plateau.epoch, plateau.seeds) == (3, (0,))


def test_what_falls_to_the_end_says_so():
    """The last epoch is the best and the loss still falls: longer training may find another."""
    jobs = _jobs("protocol.epochs=10")
    curves = [[10.0 - epoch + seed / 100 for epoch in range(10)] for seed in range(3)]
    plateau = choose_epoch(jobs, [_record(job, curve) for job, curve in zip(jobs, curves, strict=True)])
    assert plateau.epoch == 10
    assert "longer training may find a later epoch" in plateau.why


def test_judged_are_the_runs_up_to_the_plateau():
    """A model with a plateau is judged by the cell that the same epochs with `stop: last` have; without, by none."""
    study = parse_study(STUDY).study
    overrides = ["models.dense.protocol.epochs=3", "models.dense.protocol.stop=last"]
    (plain,) = judged_cells(study, [], fingerprint=FINGERPRINT)
    assert plain.model.name == "plain"
    plateaus = [_plateau(study, 3)]
    second = cells_of(parse_study(STUDY, overrides=overrides).study, fingerprint=FINGERPRINT)
    judged = judged_cells(study, plateaus, fingerprint=FINGERPRINT)
    assert [cell.key for cell in judged] == [cell.key for cell in second]


def test_a_search_goes_by_the_name_that_the_study_gives(store):
    """The same long runs serve a model under another name; a model whose epochs are given has no search."""
    study = parse_study(STUDY).study
    store.write_plateau(_plateau(study, 4))
    renamed = parse_study(STUDY.replace("  dense:", "  wide:")).study
    (search,) = find_searches(renamed, store, fingerprint=FINGERPRINT)
    assert (search.found.model, search.found.epoch, search.runs) == ("wide", 4, ())
    assert (
        find_searches(parse_study(STUDY, overrides=["protocol.stop=last"]).study, store, fingerprint=FINGERPRINT) == ()
    )


def test_a_plan_counts_both_stages(store):
    """Before the plateau is found at full length, afterwards as it is: what was found is what is left to train."""
    study = parse_study(STUDY).study
    assert len(plan_stages(study, store, fingerprint=FINGERPRINT)) == 3 + 3 + 3
    plan = bakeoff.plan(study, store=store.folder, trial=False)
    assert [(model.name, model.left) for model in plan.cost.models] == [("dense", (6, 6)), ("plain", (3, 3))]
    store.write_plateau(_plateau(study, 2))
    jobs = plan_stages(study, store, fingerprint=FINGERPRINT)
    assert [job.cell.model.protocol.epochs for job in jobs] == [2, 2, 2, 2, 2, 2]


def test_the_store_keeps_plateaus_by_data(store):
    """What is written is read again, for the same data only."""
    plateau = _plateau(parse_study(STUDY).study, 4)
    store.write_plateau(plateau)
    assert store.plateaus(FINGERPRINT) == [plateau]
    assert store.plateaus("other") == []


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("protocol.validation=none", "stop must be 'last' where validation is 'none'"),
        ("protocol.seeds={min: 3, max: 9}", "stop must not be plateau in a race"),
    ],
)
def test_what_cannot_have_a_plateau(override, message):
    """No validation images, or a number of seeds that verdicts decide."""
    with pytest.raises(StudyError, match=message):
        parse_study(STUDY.replace(", protocol: {stop: last, epochs: 2}", ""), overrides=[override])


@pytest.mark.slow
def test_found_kept_and_judged(tmp_path):
    """Long runs, the record, second runs of that many epochs; a later seed changes nothing and runs once."""
    study, seen = parse_study(STUDY).study, []
    comparison = bakeoff.run(study, store=tmp_path, workers=2).compare()
    (search,) = comparison.plateaus
    plateau = search.found
    runs = comparison.model("dense").runs
    assert plateau.seeds == (0, 1, 2)
    assert [len(run.history.loss) for run in runs] == [plateau.epoch] * 3
    assert comparison.model("dense").spec.protocol.epochs == plateau.epoch
    assert len(open_store(tmp_path).all_records()) == 3 * 2 + 3
    assert [(len(run.history.loss), run.seed) for run in search.runs] == [(5, 0), (5, 1), (5, 2)]
    rows = {row.model: row for row in comparison.budget.rows}
    assert (rows["dense"].search_epochs, rows["plain"].search_epochs) == (3 * 5, 0)
    (plain,) = comparison_to_dict(comparison)["plateaus"]
    assert (plain["model"], plain["epoch"], plain["epochs_tried"]) == ("dense", plateau.epoch, 5)
    assert plain["seconds"] == pytest.approx(sum(run.train_seconds for run in search.runs))
    more = bakeoff.run(with_seeds(study, 4), store=tmp_path, workers=1, watch=seen.append).compare()
    assert (seen[-1].old, len(seen[-1].jobs)) == (6, 8)
    assert more.plateaus == (search,)
    assert more.model("dense").seeds == 4


@pytest.mark.slow
def test_interrupted_between_the_stages(tmp_path):
    """Stopped after the long runs, and gone on with: the same plateau as without, found from the same runs."""
    study = parse_study(STUDY).study

    def stop(progress):
        if len(progress.jobs) > 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bakeoff.run(study, store=tmp_path, workers=1, watch=stop)
    (before,) = open_store(tmp_path).plateaus(open_store(tmp_path).all_records()[0].fingerprint)
    assert bakeoff.run(study, store=tmp_path, workers=1).compare().plateaus[0].found == before

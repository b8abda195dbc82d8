"""Races with real networks and real worker processes."""

import shutil

import pytest

import bakeoff
from bakeoff.errors import StudyError
from bakeoff.spec import Study, only_models, parse_study
from bakeoff.spec.record import RaceRecord
from bakeoff.store import open_store

pytestmark = pytest.mark.slow

STUDY = """
name: race
data: digits
protocol:
  seeds: {min: 3, max: 4, until: settled}
  epochs: 10
  optimizer: {adam: {learning_rate: 0.01}}
  validation: {holdout: 0.2}
  margin: 0.001
models:
  wide: {mlp: {hidden: [64]}}
  coarse: {layers: [AveragePooling2D: {pool_size: 4}, Flatten, Dense: {units: classes, activation: softmax}]}
  broad: {mlp: {hidden: [60]}}
"""


def _study(*overrides: str) -> Study:
    return parse_study(STUDY, overrides=overrides).study


def _race(folder) -> RaceRecord:
    (entry,) = {record.fingerprint for record in open_store(folder).all_records()}
    (race,) = open_store(folder).races(entry)
    return race


def _hashes(folder) -> dict[str, str]:
    return {record.key: record.results_hash for record in open_store(folder).all_records()}


@pytest.fixture(scope="module")
def raced(tmp_path_factory):
    """A store with a race that ran without interruption."""
    folder = tmp_path_factory.mktemp("race")
    bakeoff.run(_study(), store=folder, workers=1)
    return folder


def test_a_race_trains_only_what_is_open(raced):
    """The clear loser stops at the first look, and the record says which look settled which pair, and why."""
    race = _race(raced)
    runs = {race.models[model.name]: model.seeds for model in bakeoff.compare(_study(), store=raced).models}
    coarse = race.models["coarse"]
    assert runs[coarse] == race.looks[0]
    assert race.open == ()
    assert {(pair.seeds, pair.why) for pair in race.settled if coarse in (pair.a, pair.b)} == {
        (race.looks[0], "they differ")
    }
    for cell, seeds in runs.items():
        assert seeds == max(pair.seeds for pair in race.settled if cell in (pair.a, pair.b))


def test_an_interrupted_race_comes_to_the_same_end(raced, tmp_path):
    """Stopped between two looks, and gone on with: the same runs, looks and verdicts."""

    def stop(progress):
        if len(progress.done) > 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bakeoff.run(_study(), store=tmp_path, workers=1, watch=stop)
    assert len(_hashes(tmp_path)) < len(_hashes(raced))
    bakeoff.run(_study(), store=tmp_path, workers=2)
    assert _hashes(tmp_path) == _hashes(raced)
    assert _race(tmp_path) == _race(raced)


def test_a_finished_race_trains_nothing_more(raced):
    """Run again: every run is an old one."""
    seen = []
    bakeoff.run(_study(), store=raced, workers=1, watch=seen.append)
    assert len(seen[-1].jobs) == seen[-1].old


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("protocol.seeds={min: 3, max: 20, until: settled}", "began with looks at 3, 4 seeds, and cannot go on"),
        ("protocol.margin=0.02", "began with the margin 0.001, and cannot go on with 0.02"),
    ],
)
def test_the_rules_of_a_race_do_not_change(raced, change, message):
    """Looks that are added later, or another margin, would undo the promised error rate."""
    before = _hashes(raced)
    with pytest.raises(StudyError, match=message):
        bakeoff.run(_study(change), store=raced, workers=1)
    assert _hashes(raced) == before


def test_a_crashed_run_is_tried_again(raced, tmp_path):
    """Even in a race that is over, and even of a model that is out of it: the same result, and the same verdicts."""
    shutil.copytree(raced, tmp_path / "store")
    (key,) = [record.key for record in open_store(raced).records(_race(raced).models["coarse"]) if record.seed == 1]
    file = tmp_path / "store" / "runs" / key / "record.json"
    file.write_text(file.read_text().replace('"status": "finished"', '"status": "crashed"'))
    assert open_store(tmp_path / "store").record(key).status == "crashed"
    bakeoff.run(_study(), store=tmp_path / "store", workers=1)
    assert _hashes(tmp_path / "store") == _hashes(raced)
    assert _race(tmp_path / "store") == _race(raced)


def test_raced_models_join_no_second_race(raced):
    """Two of three models in a race of their own would be a second chance on the same runs."""
    before = _hashes(raced)
    with pytest.raises(StudyError, match=r"wide and broad have been in a race with other models in this store"):
        bakeoff.run(only_models(_study(), ["wide", "broad"]), store=raced, workers=1)
    assert _hashes(raced) == before


def test_a_fixed_number_of_seeds_tops_up(raced, tmp_path):
    """A race's store asked for four seeds of everybody: only the seed that the loser did not get is trained."""
    shutil.copytree(raced, tmp_path / "store")
    before, seen = _hashes(raced), []
    bakeoff.run(_study("protocol.seeds=4"), store=tmp_path / "store", workers=1, watch=seen.append)
    assert (seen[-1].old, len(seen[-1].jobs)) == (11, 12)
    after = _hashes(tmp_path / "store")
    assert len(after) == 12
    assert {key: after[key] for key in before} == before

"""A snapshot says of every run where it is."""

import asyncio
import json
import os
import time

import numpy as np
import pytest

from bakeoff.server import watching
from bakeoff.server.watching import Watch
from bakeoff.spec import parse_study
from bakeoff.store import cells_of, open_store

STUDY = """
name: hand
data: digits
protocol: {seeds: 2, epochs: 2, margin: 0.02, validation: {holdout: 0.2}}
models:
  weak: {mlp: {hidden: [1]}}
  strong: {mlp: {hidden: [2]}}
"""
RACE = STUDY.replace("seeds: 2", "seeds: {min: 2, max: 5, until: settled}")


@pytest.fixture
def filled(fill_store):
    """`weak` has a finished and a failed run, `strong` one finished run."""
    study = parse_study(STUDY).study
    return study, fill_store(study, {"weak": [[1, 0], "diverged"], "strong": [[1, 1]]}, labels=[0, 1])


def _key(study, name, seed):
    cells = {cell.model.name: cell for cell in cells_of(study, fingerprint="f" * 64)}
    return cells[name].run_key(seed=seed, fold=0)


def test_every_state(filled):
    """Finished with its validation accuracy, failed with its reason, open, and how many there are of each."""
    study, store = filled
    told = Watch(study, store.folder).look().to_dict()
    weak, strong = told["models"]["weak"], told["models"]["strong"]
    assert [run["state"] for run in weak + strong] == ["finished", "failed", "finished", "open"]
    assert (weak[0]["validation_accuracy"], weak[0]["epoch"]) == (0.7, 2)
    assert weak[1]["reason"] == "diverged: it was made to fail"
    counts = [told[name] for name in ("finished", "failed", "running", "open", "total")]
    assert counts == [2, 1, 0, 1, 4]
    assert told["sentence"].startswith("3 of 4 runs have ended, 1 of them failed; ")


def test_a_run_that_goes_on(filled):
    """What its holder reports; nothing once it lets go."""
    study, store = filled
    watch, key = Watch(study, store.folder), _key(study, "strong", 1)
    report = {"epoch": 1, "epochs": 2, "validation_accuracy": None}
    with store.claim(key) as claim:
        claim.report(report)
        snapshot = watch.look()
        assert snapshot.sentence.endswith("; 1 is going on.")
        assert [run.epoch for run in snapshot.runs if run.state == "running"] == [1]
        assert key not in dict(snapshot.judged)
    assert watch.look().sentence.endswith("; none is going on at this moment.")


def _grow_old(store):
    """As if nobody had trained for long."""
    then = time.time() - watching.QUIET_SECONDS - 1
    os.utime(store.folder / "working", (then, then))


def test_between_two_runs_it_is_not_settled(filled):
    """With a run to come, not before it has long been quiet; a run that goes on ends the quiet."""
    study, store = filled
    watch = Watch(study, store.folder)
    assert not watch.look().is_settled
    _grow_old(store)
    assert watch.look().is_settled
    assert watch.look().sentence.endswith("; nothing is being trained now.")
    with store.claim(_key(study, "strong", 1)) as claim:
        claim.report({"epoch": 1, "epochs": 2, "validation_accuracy": None})
        _grow_old(store)
        assert not watch.look().is_settled
    assert not watch.look().is_settled


@pytest.mark.parametrize(
    ("text", "last", "settled"), [(STUDY, [0, 1], True), (STUDY, "crashed", False), (RACE, [0, 1], False)]
)
def test_with_all_results_it_is_settled_at_once(fill_store, text, last, settled):
    """What crashed will be repeated, and a race may add seeds: these are waited for."""
    study = parse_study(text).study
    store = fill_store(study, {"weak": [[1, 0], "diverged"], "strong": [[1, 1], last]}, labels=[0, 1])
    snapshot = Watch(study, store.folder).look()
    assert {run.state for run in snapshot.runs} == {"finished", "failed"}
    assert snapshot.is_settled == settled


def test_a_repeated_run_is_news(fill_store):
    """What crashed and then finished under the same address is not what was judged before."""
    study = parse_study(STUDY).study
    store = fill_store(study, {"weak": ["crashed"], "strong": [[1, 1]]}, labels=[0, 1])
    watch = Watch(study, store.folder)
    before = watch.look().judged
    fill_store(study, {"weak": [[1, 0]]}, labels=[0, 1])
    after = watch.look().judged
    assert dict(before).keys() == dict(after).keys()
    assert (before - after, after - before) == (
        {(_key(study, "weak", 0), "crashed: it was made to fail")},
        {(_key(study, "weak", 0), "")},
    )


def test_a_killed_run_is_forgotten(filled, monkeypatch):
    """What nobody holds any more is not going on, once it has been silent for long; what somebody holds is."""
    study, store = filled
    monkeypatch.setattr(watching, "SILENT_SECONDS", 0)
    dead, alive = _key(study, "strong", 1), _key(study, "strong", 0)
    text = json.dumps({"epoch": 1, "epochs": 2, "validation_accuracy": 0.5})
    (store.folder / "working").mkdir(exist_ok=True)
    (store.folder / "working" / f"{dead}.json").write_text(text)
    with store.claim(alive) as claim:
        claim.report(json.loads(text))
        watch = Watch(study, store.folder)
        for _ in range(2):
            watch.look()
        assert [run.seed for run in watch.look().runs if run.state == "running"] == [0]


def test_new_runs_are_seen(filled):
    """What finishes between two looks is told by the second, and what was ended stays known without being read."""
    study, store = filled
    watch = Watch(study, store.folder)
    before = watch.look().judged
    for key, _ in before:
        (store.folder / "runs" / key / "record.json").rename(store.folder / "runs" / key / "kept.json")
    assert watch.look().judged == before
    assert len(before) == 3


def test_a_race_shows_what_it_has_added(fill_store):
    """The seeds before its first look, and those that came later; not all that it may need."""
    study = parse_study(RACE).study
    store = fill_store(study, {"weak": [[1, 0]] * 4, "strong": [[1, 1]]}, labels=[0, 1])
    runs = Watch(study, store.folder).look().runs
    assert [(run.model, run.seed) for run in runs] == [
        *(("weak", seed) for seed in range(4)), ("strong", 0), ("strong", 1)
    ]  # fmt: skip


def test_before_the_first_run(tmp_path):
    """No store, and then a store without these data: a sentence each, and no run."""
    study = parse_study(STUDY).study
    watch = Watch(study, tmp_path / "store")
    assert watch.look().note.startswith("There is no store in")
    open_store(tmp_path / "store", create=True)
    assert watch.look().note == "There is no run on digits yet: bakeoff run hand."
    assert watch.look().runs == ()


def test_a_stream_tells_news_and_shows_that_it_lives(filled, monkeypatch):
    """The state at once, comments while nothing happens, the next state when it comes, and the end when it is time."""
    study, store = filled
    monkeypatch.setattr(watching, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(watching, "HEARTBEAT_SECONDS", 0.0)
    key = _key(study, "strong", 1)

    async def listen():
        said, ending = [], []
        async for event in Watch(study, store.folder).stream(lambda: bool(ending)):
            said.append(event)
            if len(said) == 4:
                record = store.record(_key(study, "strong", 0))
                store.write(
                    record.model_copy(update={"key": key, "seed": 1}), probabilities=np.eye(2, dtype=np.float32)
                )
            if event.startswith("event") and json.loads(event.split("data: ")[1])["finished"] == 3:
                ending.append(True)
        return said

    said = asyncio.run(asyncio.wait_for(listen(), 30))
    assert said[0] == "retry: 2000\n\n"
    assert said[1].startswith("event: progress\ndata: {")
    assert said[2] == said[3] == ": nothing new\n\n"
    assert all(event.endswith("\n\n") for event in said)

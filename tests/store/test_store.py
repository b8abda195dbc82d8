import dataclasses
import errno
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import time

import numpy as np
import pytest

from bakeoff.errors import StoreError
from bakeoff.spec.probes import Probes
from bakeoff.spec.record import Counts, DataEntry, History, Record
from bakeoff.store import open_store
from bakeoff.store.store import compact_probabilities

SPAWN = multiprocessing.get_context("spawn")


def _record(key="cell-seed0-fold0", **changes):
    fields = {
        "key": key,
        "cell": "cell",
        "model": "m",
        "recipe": "mlp",
        "layers": ("Flatten",),
        "data": "digits",
        "fingerprint": "f",
        "images": Counts(train=2, validation=1, test=3),
        "protocol": {"epochs": 2},
        "seed": 0,
        "fold": 0,
        "status": "finished",
        "history": History(loss=(float("nan"), 0.1)),
        **changes,
    }
    return Record.model_validate(fields)


def test_keys(store):
    """The address of every run, whatever its record says, and nothing else."""
    assert store.keys() == frozenset()
    store.write(_record())
    store.write(_record(key="cell-seed1-fold0", status="crashed"))
    assert store.keys() == {"cell-seed0-fold0", "cell-seed1-fold0"}


def test_round_trip(store):
    """A record and its probabilities come back as they were, NaN in the curves included."""
    probabilities = np.array([[0.25, 0.75], [0.5, 0.5]], dtype=np.float32)
    store.write(
        _record(), probabilities=probabilities, save_networks=lambda folder: (folder / "last.keras").write_text("x")
    )
    again = open_store(store.folder)
    record = again.record("cell-seed0-fold0")
    assert record.model_dump_json() == _record().model_dump_json()
    assert np.isnan(record.history.loss[0])
    np.testing.assert_array_equal(again.probabilities("cell-seed0-fold0"), probabilities)
    assert (store.folder / "runs/cell-seed0-fold0/last.keras").read_text() == "x"


def test_predicted_classes(store):
    """They are the likeliest classes, read from the run's file, and found again where only probabilities were kept."""
    probabilities = np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.3, 0.4, 0.3]], dtype=np.float32)
    for key in ("cell-seed0-fold0", "cell-seed1-fold0"):
        store.write(_record(key), probabilities=probabilities, save_networks=lambda _: None)
    older = store.folder / "runs/cell-seed1-fold0/predictions.npz"
    np.savez_compressed(older, probabilities=probabilities)
    for key in ("cell-seed0-fold0", "cell-seed1-fold0"):
        assert store.predictions(key).tolist() == [2, 0, 1]
    older.write_bytes(b"PK")
    with pytest.raises(StoreError, match=r"predictions\.npz cannot be read"):
        store.predictions("cell-seed1-fold0")


def test_records_of_a_cell_come_by_seed(store):
    """Seeds are ordered as numbers, so that seed 10 follows seed 9, and another cell's runs stay out."""
    for seed in (10, 9, 2):
        store.write(_record(f"cell-seed{seed}-fold0", seed=seed))
    store.write(_record("cellar-seed0-fold0", cell="cellar"))
    assert [record.seed for record in store.records("cell")] == [2, 9, 10]


@pytest.mark.parametrize(
    ("status", "done"),
    [
        ("finished", True),
        ("diverged", True),
        ("collapsed", True),
        ("crashed", False),
        ("out of memory", False),
        ("error", False),
    ],
)
def test_only_repeatable_outcomes_are_results(store, status, done):
    """A crash is tried again by the next call; a divergence would only diverge again."""
    store.write(_record(status=status))
    assert store.has_result("cell-seed0-fold0") is done


def test_the_network_that_counts(store):
    """The one of the chosen epoch, if the protocol chose one; a run may have kept none."""
    folder = store.folder / "runs" / "somekey"
    folder.mkdir(parents=True)
    assert store.network("somekey") is None
    (folder / "last.keras").touch()
    assert store.network("somekey") == folder / "last.keras"
    (folder / "best.keras").touch()
    assert store.network("somekey") == folder / "best.keras"


def test_a_retry_replaces_a_crash(store):
    """The record of a crash makes room for the result of a later try."""
    store.write(_record(status="crashed"))
    store.write(_record(status="finished"))
    assert store.record("cell-seed0-fold0").status == "finished"


def test_a_failed_write_leaves_nothing(store):
    """When the disk is full, the message says so, the store is unchanged, and a later write succeeds."""

    def fill_the_disk(folder):
        (folder / "last.keras").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreError, match=r"the disk of .* is full\. Nothing finished is lost"):
        store.write(_record(), save_networks=fill_the_disk)
    assert store.record("cell-seed0-fold0") is None
    assert not list((store.folder / "working").glob("cell-seed0-fold0"))
    store.write(_record())
    assert store.has_result("cell-seed0-fold0")


@pytest.fixture
def tiny_disk(tmp_path):
    """A real file system of 256 KiB; needs root and Linux."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if not mount or subprocess.run([mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], check=False).returncode:
        pytest.skip("this system does not let the test mount a small file system")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_really_full_disk(tiny_disk):
    """On a disk without room the error says so, and once there is room the same write succeeds."""
    store = open_store(tiny_disk / "store", create=True)
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(bytes(200_000))
    noise = np.random.default_rng(0).random((20_000, 10), dtype=np.float32)
    with pytest.raises(StoreError, match=r"the disk of .* is full\. Nothing finished is lost"):
        store.write(_record(), probabilities=noise)
    assert store.record("cell-seed0-fold0") is None
    ballast.unlink()
    store.write(_record(), probabilities=noise[:100])
    assert store.has_result("cell-seed0-fold0")


def test_leftovers_of_a_killed_writer_do_not_matter(store):
    """Half a run left by a killed process is no run, and the next writer clears it away."""
    half = store.folder / "working" / "cell-seed0-fold0"
    half.mkdir(parents=True)
    (half / "record.json").write_text("{")
    assert store.record("cell-seed0-fold0") is None
    store.write(_record())
    assert store.record("cell-seed0-fold0").status == "finished"
    assert not half.exists()


def test_newer_store_is_refused(tmp_path):
    """A store of a later format is left alone, with advice."""
    (tmp_path / "bakeoff-store.json").write_text(json.dumps({"format": 2}))
    with pytest.raises(StoreError, match="has format 2, written by a newer Bakeoff; this one reads formats up to 1"):
        open_store(tmp_path)


def test_no_store_is_an_error(tmp_path):
    """Comparing what was never run says how to run it."""
    with pytest.raises(StoreError, match=r"there is no store in .*nowhere: run a study first"):
        open_store(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "x"}'])
def test_damaged_mark(tmp_path, text):
    """A damaged mark is named."""
    (tmp_path / "bakeoff-store.json").write_text(text)
    with pytest.raises(StoreError, match=r"bakeoff-store.json is damaged: it should read \{\"format\": 1\}"):
        open_store(tmp_path)


def test_damaged_record_and_predictions(store):
    """Damaged files are named, with what to do."""
    store.write(_record(), probabilities=np.ones((2, 2), dtype=np.float32))
    folder = store.folder / "runs" / "cell-seed0-fold0"
    (folder / "predictions.npz").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(
        StoreError, match=r"predictions.npz cannot be read .* delete its folder and run the study again"
    ):
        store.probabilities("cell-seed0-fold0")
    (folder / "record.json").write_text('{"key": 1}')
    with pytest.raises(StoreError, match=r"record.json is damaged or from another version"):
        store.record("cell-seed0-fold0")


def test_unwritable_store(tmp_path):
    """A folder that cannot be made is an error in one sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"the store .* cannot be written"):
        open_store(tmp_path / "file" / "store", create=True)


def test_data_is_remembered(store):
    """What is needed to judge without the data comes back, and the newest entry of a reference counts."""
    labels = np.array([0, 1, 1], dtype=np.int32)
    for fingerprint in ("old", "new"):
        entry = DataEntry(
            reference="npz:a/b.npz",
            fingerprint=fingerprint,
            class_names=("x", "y"),
            image_shape=(8, 8, 1),
            train=5,
            test=3,
        )
        store.write_data(entry, labels)
    found, found_labels = store.data("npz:a/b.npz")
    assert found.fingerprint == "new"
    np.testing.assert_array_equal(found_labels, labels)
    assert store.data("npz:a/c.npz") is None


def test_looks_count_distinct_sets_of_runs(store):
    """Looking at the same runs again is no new look; other runs are; each data set's test images are counted apart."""
    assert [store.count_look("mnist", runs) for runs in (["a", "b"], ["b", "a"], ["a"], ["a"])] == [1, 1, 2, 2]
    assert store.count_look("fashion", ["a"]) == 1


def test_float16_where_it_changes_no_prediction():
    """Rounding is accepted only if every image keeps its predicted class."""
    safe = np.array([[0.3, 0.7], [0.9, 0.1]], dtype=np.float32)
    tie = np.array([[0.5, np.nextafter(np.float32(0.5), np.float32(1))]], dtype=np.float32)
    assert compact_probabilities(safe).dtype == np.float16
    assert compact_probabilities(tie).dtype == np.float32


def _hold(folder, key, ready):
    with open_store(folder).claim(key) as claim:
        claim.report({"epoch": 1})
        ready.set()
        time.sleep(60)


def test_a_claim_ends_with_its_holder(store):
    """Nobody else gets a run that a living process holds; once it is killed, the run is free."""
    ready = SPAWN.Event()
    holder = SPAWN.Process(target=_hold, args=(store.folder, "k", ready))
    holder.start()
    try:
        assert ready.wait(30)
        with store.claim("k") as claim:
            assert claim is None
        assert store.progress(["k", "other"]) == {"k": {"epoch": 1}}
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.join()
    with store.claim("k") as claim:
        assert claim is not None


def _probes() -> Probes:
    """Two probes of two layers and three classes, one of the layers without weights."""
    table = np.array([[0.25, 0.5], [0.125, 1e-30]])
    return Probes(
        epochs=np.array([0, 1]),
        layers=("dense_1", "relu_1"),
        kinds=("Dense", "ReLU"),
        activations=("linear", "relu"),
        dead=table,
        scale=table * 2,
        gradient=np.array([[1.0, np.nan], [2.0, np.nan]]),
        weight=table * 4,
        update=table * 5,
        saturated=np.array([0.0, np.nan]),
        clipped=np.array([0.5, np.nan]),
        predicted=np.array([[4, 0, 0], [1, 2, 1]]),
        loss=np.array([1.5, np.inf]),
        accuracy=np.array([0.25, 0.5]),
        pixels=np.array([0.0, 255.0, 33.0, 78.5]),
        images=4,
    )


def test_probes_come_back(store):
    """Every array and text is what was written, NaN and infinity included."""
    store.write(_record(status="diverged"), probes=_probes())
    again, expected = open_store(store.folder).probes("cell-seed0-fold0"), _probes()
    for field in dataclasses.fields(Probes):
        read, written = getattr(again, field.name), getattr(expected, field.name)
        np.testing.assert_array_equal(read, written, err_msg=field.name)
        assert type(read) is type(written)
    assert all(type(name) is str for name in (*again.layers, *again.kinds, *again.activations))


def test_a_run_may_have_no_probes(store):
    """None for a run kept before there were any, and for one that is not here."""
    store.write(_record())
    assert store.probes("cell-seed0-fold0") is None
    assert store.probes("cell-seed1-fold0") is None


def test_damaged_probes(store):
    """A file that is cut short, or lacks an array, is named with what to do."""
    store.write(_record(), probes=_probes())
    path = store.folder / "runs/cell-seed0-fold0/probes.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(StoreError, match=r"probes\.npz cannot be read .*: delete its folder and run the study again"):
        store.probes("cell-seed0-fold0")
    np.savez_compressed(path, epochs=np.array([0]))
    with pytest.raises(StoreError, match=r"probes\.npz cannot be read \(it has no layers\): delete its folder"):
        store.probes("cell-seed0-fold0")

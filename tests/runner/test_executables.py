import os
from pathlib import Path

import pytest

import bakeoff
from bakeoff.runner import executables
from bakeoff.runner.executables import keep_executables

VARIABLES = (
    "JAX_COMPILATION_CACHE_DIR",
    "JAX_COMPILATION_CACHE_MAX_SIZE",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS",
)


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A user's cache folder that is empty, and no settings of JAX's cache; whatever is set is forgotten at the end."""
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.slow
def test_a_second_process_reads_what_the_first_has_compiled(tiny, own_cache):
    """Fresh workers compile no training of their own, and get the same bits."""
    hashes, kept = [], []
    for name in ("first", "second"):
        records = bakeoff.run(tiny, store=own_cache / name).store.all_records()
        hashes.append({record.key: record.results_hash for record in records})
        kept.append({path.name for path in own_cache.rglob("*traced_epoch*-cache")})
    assert hashes[0] == hashes[1]
    assert len(kept[0]) == len(tiny.models)
    assert kept[0] == kept[1]


def test_the_users_own_cache_stands(own_cache, monkeypatch):
    """Whoever has told JAX where to keep executables keeps them there, as many and as long as they like."""
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "elsewhere")
    keep_executables()
    assert {name: os.environ.get(name) for name in VARIABLES} == dict.fromkeys(VARIABLES) | {VARIABLES[0]: "elsewhere"}
    assert not any(own_cache.iterdir())


@pytest.mark.parametrize("other", ["flags : sse avx512_bf16", "model name : another"])
def test_code_for_one_processor_is_not_offered_to_another(own_cache, tmp_path, monkeypatch, other):
    """The folder's name follows what the processor can do, so that a home shared by different machines is safe."""
    folders = []
    for described in (
        "model name : one\nflags : sse\ncpu MHz : 1\n",
        "model name : one\nflags : sse\ncpu MHz : 2\n",
        other,
    ):
        (tmp_path / "cpuinfo").write_text(described)
        monkeypatch.setattr(executables, "CPU_INFO", tmp_path / "cpuinfo")
        keep_executables()
        folders.append(os.environ.pop("JAX_COMPILATION_CACHE_DIR"))
    assert folders[0] == folders[1] != folders[2]


def test_what_a_killed_process_left_unfinished_is_removed(own_cache):
    """JAX would neither use nor replace an executable without its time of use."""
    keep_executables()
    folder = Path(os.environ.pop("JAX_COMPILATION_CACHE_DIR"))
    for name in ("whole-cache", "whole-atime", "half-cache"):
        (folder / name).write_text("")
    keep_executables()
    assert {path.name for path in folder.iterdir()} == {".lockfile", "whole-cache", "whole-atime"}


def test_without_a_folder_to_write_to_nothing_is_kept(own_cache):
    """A file in the place of the folder, as good as a read-only home: JAX is left as it is."""
    (own_cache / "bakeoff").write_text("no folder")
    keep_executables()
    assert not any(variable in os.environ for variable in VARIABLES)

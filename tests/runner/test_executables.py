import os

import pytest

import bakeoff
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
    """The second study of fresh workers compiles almost nothing, and gets the same bits."""
    first, second = (bakeoff.run(tiny, store=own_cache / name) for name in ("first", "second"))
    records, again = ({record.key: record for record in results.store.all_records()} for results in (first, second))
    assert {key: record.results_hash for key, record in records.items()} == {
        key: record.results_hash for key, record in again.items()
    }
    compiling, reading = (sum(record.compile_seconds for record in runs.values()) for runs in (records, again))
    assert reading < compiling / 2
    assert any((own_cache / "bakeoff" / "compiled").rglob("*-cache"))


def test_the_users_own_settings_stand(own_cache, monkeypatch):
    """Whoever has told JAX where to keep executables keeps them there."""
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "elsewhere")
    keep_executables()
    assert os.environ["JAX_COMPILATION_CACHE_DIR"] == "elsewhere"


def test_code_for_one_processor_is_not_offered_to_another(own_cache, monkeypatch):
    """The folder's name follows the machine, so that a home shared by different ones is safe."""
    keep_executables()
    here = os.environ.pop("JAX_COMPILATION_CACHE_DIR")
    monkeypatch.setattr("platform.machine", lambda: "other")
    keep_executables()
    assert os.environ["JAX_COMPILATION_CACHE_DIR"] != here


def test_without_a_folder_to_write_to_nothing_is_kept(own_cache):
    """A file in the place of the folder, as good as a read-only home: JAX is left as it is."""
    (own_cache / "bakeoff").write_text("no folder")
    keep_executables()
    assert not any(variable in os.environ for variable in VARIABLES)

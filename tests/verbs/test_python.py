"""The Python interface says the same words as the command line."""

import importlib

import pytest

import bakeoff


@pytest.mark.parametrize("name", bakeoff.__all__)
def test_public_names_exist(name):
    """Every exported name can be imported and explains itself."""
    assert getattr(bakeoff, name).__doc__
    assert name in dir(bakeoff)


def test_verbs_stay_callable_when_packages_are_loaded():
    """No subpackage shares a public name, so importing it hides no verb."""
    for package in ("report", "comparison", "runner", "store", "cli", "models", "data"):
        importlib.import_module(f"bakeoff.{package}")
    assert all(callable(getattr(bakeoff, name)) for name in bakeoff.__all__)


def test_unknown_name():
    """A name that does not exist is refused with those that do."""
    with pytest.raises(AttributeError, match="module 'bakeoff' has no attribute 'compair'; it has Comparison"):
        bakeoff.compair  # noqa: B018


@pytest.mark.slow
def test_load_run_compare_write(tiny, tmp_path):
    """Study, results, comparison, tables, notebook view and report, from Python."""
    results = bakeoff.run(tiny, store=tmp_path / "store", workers=2)
    comparison = results.compare()
    assert isinstance(comparison, bakeoff.Comparison)
    assert sorted(comparison.table.index) == ["small", "wide"]
    assert "wide" in results._repr_html_()
    assert bakeoff.compare(tiny, store=tmp_path / "store").table.equals(comparison.table)
    page = bakeoff.write_report(comparison, tmp_path / "pages" / "tiny.html")
    assert page.read_text().startswith("<!doctype html>")


def test_choosing_models_and_seeds():
    """`only` and `seeds` shrink a study."""
    study = bakeoff.load_study("quickstart", only=["lstm", "cnn"], seeds=2)
    assert [(model.name, model.protocol.seeds) for model in study.models] == [("cnn", 2), ("lstm", 2)]

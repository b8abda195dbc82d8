import numpy as np
import pytest

from bakeoff.calibration.real import RUNS, measure_real, real_study, resplit
from bakeoff.errors import StoreError


@pytest.fixture
def trainings():
    """Hits of 60 networks that are alike."""
    rng = np.random.default_rng(1)
    rates = 1 / (1 + np.exp(-rng.normal(3, 2, 360)))
    return (rng.random((60, 360)) < rates).astype(int)


def test_store_without_the_trainings(store):
    """A store that lacks the trainings is refused by name."""
    with pytest.raises(StoreError, match=r"lacks the 60 trainings that the A/A arm deals out"):
        measure_real(store, seed=1)


def test_too_few_trainings(fill_store, trainings):
    """Fewer runs than the largest two models need are refused too."""
    store = fill_store(real_study(), {"one": trainings[:19]}, labels=np.arange(360) % 2)
    with pytest.raises(StoreError, match="lacks the 60 trainings"):
        measure_real(store, seed=1)


@pytest.mark.slow
def test_networks_that_are_alike_are_not_told_apart(fill_store, trainings):
    """All targets are met for made-up networks that differ by chance only; every number of runs is there."""
    report = measure_real(fill_store(real_study(), {"one": trainings}, labels=np.arange(360) % 2), seed=1, short=True)
    assert [row for row in report.rows if not row.passed] == []
    assert {row.cell for row in report.rows} == {f"R {runs}" for runs in RUNS}


def test_a_resplit_compares_disjoint_runs(trainings):
    """Each run says its own number of hits: no run may be on both sides, and mended errors are found."""
    outcomes = resplit(trainings.astype(bool), 10, np.random.default_rng(2))
    assert outcomes["half of one model's errors mended: found"] is True
    assert outcomes["winner named, new images"] is False

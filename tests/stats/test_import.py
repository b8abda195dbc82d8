import subprocess
import sys

import pytest

import bakeoff.stats


def test_comparing_two_models_does_not_load_scipy_stats() -> None:
    """The slow half of SciPy is imported only for data sets and for Boschloo's test; their names are there."""
    loaded = "print('scipy.stats' in sys.modules)"
    code = f"import sys, bakeoff.stats; {loaded}; bakeoff.stats.friedman; {loaded}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("name", sorted(bakeoff.stats._HOMES))
def test_late_names_are_those_of_their_modules(name: str) -> None:
    """Every name that is imported late exists."""
    assert getattr(bakeoff.stats, name).__name__ == name


def test_unknown_name() -> None:
    """A misspelt name is an attribute error that repeats it."""
    with pytest.raises(AttributeError, match=r"module 'bakeoff.stats' has no attribute 'compare_three'"):
        bakeoff.stats.compare_three  # noqa: B018 - looking it up is the test

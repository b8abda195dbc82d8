"""What `bakeoff plan` prints."""

import json
import subprocess
import sys

import pytest

from bakeoff.spec import parse_study

STUDY = """
name: hand
data: npz:gone.npz
protocol: {seeds: 3}
models:
  weak-but-with-a-name-that-is-far-too-long-for-a-table: {mlp: {hidden: [1]}}
  strong: {mlp: {hidden: [2]}}
"""
LABELS = [0, 1] * 100
WEAK = "weak-but-with-a-name-that-is-far-too-long-for-a-table"


def _words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def study(tmp_path):
    """Writes a study file, with these replacements, and returns its name."""

    def write(*changes: tuple[str, str]) -> str:
        text = STUDY
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "s.yaml").write_text(text)
        return "s.yaml"

    return write


@pytest.fixture
def store(fill_store):
    """Two finished seeds of each model."""
    hits = {WEAK: [[1, 0] * 100, [0, 1] * 99 + [0, 0]], "strong": [[1] * 199 + [0], [1] * 200]}
    return str(fill_store(parse_study(STUDY).study, hits, labels=LABELS).folder)


def test_a_plan_for_people(bakeoff, study, store):
    """Counts, times, the detectable difference and what three seeds cannot show, in 80 columns."""
    code, out, _ = bakeoff("plan", study(), "--store", store, "--workers", "1")
    text = _words(out)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    assert "4 runs are in the store already. 2 more runs to do: about" in text
    assert "with 1 worker, and about" in text
    assert "With 3 seeds of each model, a true difference" in text
    assert "the only pair being tested at the level 0.05." in text
    assert "where 2 of the 2 models have at least two finished seeds" in text
    assert "it may still fail in up to 63 % of its runs (one-sided 95 % bound)" in text
    assert "ranks of 3 seeds cannot be significant: p is at least 0.1," in text
    assert "differ by 3.07 times the run-to-run standard deviation" in text
    assert "With fewer than 29 seeds it cannot be denied" in text


def test_a_plan_for_programs(bakeoff, study, store):
    """Every promised field is there, and nothing is NaN."""
    code, out, _ = bakeoff("plan", study(), "--store", store, "--json", "--workers", "2")
    plan = json.loads(out)
    assert code == 0
    assert plan["runs"] == {"done": 4, "left": [2, 2]}
    assert plan["workers"] == 2
    assert set(plan["models"][0]) == {"name", "seeds", "twin", "done", "left", "cost"}
    assert set(plan["detectable"][0]) == {"spread", "this_test_set", "new_images", "floor"}
    assert plan["limits"]["superiority_seeds"] == 29


def test_nothing_left_to_do(bakeoff, study, store):
    """A finished study says so, in the plural."""
    out = _words(bakeoff("plan", study(), "--store", store, "--seeds", "2")[1])
    assert "All 4 runs are in the store already: nothing is left to train." in out


def test_one_run_in_the_singular(bakeoff, study, store):
    """One run, one seed, one model: every sentence agrees with that."""
    out = _words(bakeoff("plan", study(), "--store", store, "--seeds", "1", "--only", "strong")[1])
    assert "The only run is in the store already: nothing is left to train." in out
    assert "With one model there is no pair to compare, and so no difference to detect." in out
    assert "One seed decides nothing: how much a result changes from seed to seed stays unknown. Plan" in out
    assert "beats" not in out
    one_more = _words(bakeoff("plan", study(), "--store", store, "--only", "strong")[1])
    assert "2 runs are in the store already. 1 more run to do: about" in one_more


def test_one_seed_of_two_models(bakeoff, study, store):
    """A single seed is refused in words, and no difference is promised."""
    out = _words(bakeoff("plan", study(), "--store", store, "--seeds", "1")[1])
    assert "so every pair will remain undecided" in out
    assert "detectable" not in out


def test_without_the_data(bakeoff, study):
    """What cannot be known is named, with the reason."""
    out = _words(bakeoff("plan", study())[1])
    assert "6 runs to do, in a time that is not known." in out
    assert f"no finished run of {WEAK} and strong, and the data are not at hand for a trial." in out
    assert "gone.npz" in out
    assert "Without the data, the number of test images and the smallest detectable difference are not known." in out


def test_without_a_trial(bakeoff, study):
    """Assumptions are printed with their numbers; --error changes them."""
    file = study(("npz:gone.npz", "digits"))
    out = _words(bakeoff("plan", file, "--no-trial")[1])
    assert "and no trial was made: leave out --no-trial to have one." in out
    assert "Assumed, not measured: models get 2 % of the images wrong" in out
    assert "models get 12.5 % of the images wrong" in _words(bakeoff("plan", file, "--no-trial", "--error", "0.125")[1])


def test_a_race(bakeoff, study, store):
    """The looks with their levels, and how much a race may need at most."""
    file = study(("seeds: 3", "seeds: {min: 2, max: 5, until: settled}"))
    out = _words(bakeoff("plan", file, "--store", store)[1])
    assert "0 to 6 more runs to do: up to" in out
    assert "The race looks at its verdicts after 2 (p < 0.0" in out
    assert "and 5 (p < 0.0" in out
    assert "at the last look" in out


def test_twins_and_early_stopping(bakeoff, study, store):
    """Models that share runs are named."""
    file = study(("  strong: {mlp: {hidden: [2]}}", "  strong: {mlp: {hidden: [2]}}\n  twin: {mlp: {hidden: [2]}}"))
    out = _words(bakeoff("plan", file, "--store", store)[1])
    assert "twin is the same network as strong under the same protocol and shares its runs." in out


@pytest.mark.slow
def test_early_stopping_is_told(bakeoff, study):
    """A trial knows the time of all epochs only."""
    file = study(("npz:gone.npz", "digits"), ("seeds: 3", "seeds: 3, stop: {patience: 2}"))
    code, out, _ = bakeoff("plan", file, "--only", "strong")
    assert code == 0
    assert "Early stopping may end runs sooner" in _words(out)
    assert "a trial" in out


@pytest.mark.parametrize("share", ["0", "1", "2"])
def test_a_share_is_a_share(bakeoff, share):
    """An error rate outside (0, 1) is a usage error."""
    code, _, err = bakeoff("plan", "quickstart", "--error", share)
    assert code == 2
    assert "lies between 0 and 1" in _words(err.replace("│", " "))


@pytest.mark.parametrize("command", ["plan --help", "plan quickstart --no-trial"])
def test_planning_loads_no_framework(tmp_path, command):
    """Neither Keras nor JAX enters the planning process."""
    code = (
        f"import sys; from bakeoff.cli.app import main; sys.argv = {['bakeoff', *command.split()]}\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('loaded', sorted({'keras', 'jax', 'jaxlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.splitlines()[-1] == "loaded []", done.stdout + done.stderr

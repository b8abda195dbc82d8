"""What each command prints, for people and for programs."""

import json
from pathlib import Path

import pytest
from PIL import Image

from bakeoff.spec import parse_study

STUDY = """
name: hand
data: digits
protocol: {seeds: 3, margin: 0.02, validation: {holdout: 0.2}}
models:
  weak: {mlp: {hidden: [1]}}
  strong: {mlp: {hidden: [2]}}
"""
LABELS = [0, 1] * 100


@pytest.fixture
def judged(fill_store, tmp_path):
    """A study file and a store with made-up runs of it: `strong` is nearly always right, `weak` half the time."""
    hits = {
        "weak": [[1, 0] * 100, [0, 1] * 100, [1, 0] * 100],
        "strong": [[1] * 199 + [0], [1] * 200, [1] * 198 + [0, 0]],
    }
    store = fill_store(parse_study(STUDY).study, hits, labels=LABELS)
    file = tmp_path / "hand.yaml"
    file.write_text(STUDY)
    return str(file), str(store.folder)


def test_studies(bakeoff):
    """All built-in studies are listed, with their aliases."""
    code, out, _ = bakeoff("studies", "--json")
    assert code == 0
    assert {study["alias"] for study in json.loads(out)} >= {
        "study-a",
        "study-b",
        "study-b-pixels",
        "study-c",
        "study-d",
    }
    assert "mnist-first-project" in bakeoff("studies")[1]


def test_data_list_and_unknown(bakeoff):
    """Without a name all data sets are listed; an unknown one is corrected."""
    assert "mnist-5k" in json.loads(bakeoff("data", "--json")[1])
    code, _, err = bakeoff("data", "minst")
    assert code == 1
    assert "did you mean 'mnist'?" in err


def test_data_explores(bakeoff, tmp_path):
    """Shapes, counts and a picture with one row per class."""
    code, out, _ = bakeoff("data", "digits", "--json")
    summary = json.loads(out)
    assert code == 0
    assert sum(summary["train_counts"]) + sum(summary["test_counts"]) == 1797
    with Image.open(tmp_path / summary["picture"]) as picture:
        assert picture.size == (89, 89)  # ten 8-pixel samples and nine gaps each way
    people = bakeoff("data", "digits", "-o", "look.png")[1]
    assert "8 x 8, grey" in people
    assert (tmp_path / "look.png").exists()


def test_show_counts_parameters(bakeoff, tmp_path):
    """The expanded study and each network's parameters; the same as a list for programs."""
    (tmp_path / "hand.yaml").write_text(STUDY)
    code, out, _ = bakeoff("show", "hand.yaml", "--json")
    shown = json.loads(out)
    assert code == 0
    assert [(model["name"], model["parameters"]) for model in shown["models"]] == [
        ("weak", 64 + 1 + 20),
        ("strong", 130 + 30),
    ]
    assert shown["protocol"]["optimizer"] == "adam"
    people = bakeoff("show", "hand.yaml", "--model", "strong")[1]
    assert "160 parameters, 160 of them trainable" in people


def test_show_without_the_data(bakeoff, tmp_path):
    """A study on data that are not here is shown all the same, and says why parameters are missing."""
    (tmp_path / "s.yaml").write_text(STUDY.replace("digits", "npz:nowhere.npz"))
    code, out, _ = bakeoff("show", "s.yaml")
    assert code == 0
    assert "Parameters are not counted, because the data are not at hand" in out
    assert json.loads(bakeoff("show", "s.yaml", "--json")[1])["models"][0]["parameters"] is None


def test_errors_name_file_and_line(bakeoff, tmp_path):
    """A layer that does not fit is reported with the line it stands on."""
    (tmp_path / "s.yaml").write_text(STUDY.replace("mlp: {hidden: [2]}", "cnn: {filters: [4], kernel: 99}"))
    code, _, err = bakeoff("show", "s.yaml")
    assert code == 1
    assert err.startswith("bakeoff: s.yaml:7: layer Conv2D does not fit an input of shape")


def test_compare_for_programs(bakeoff, judged):
    """The JSON contract: every promised field is there."""
    file, store = judged
    code, out, _ = bakeoff("compare", file, "--store", store, "--json")
    result = json.loads(out)
    assert code == 0
    assert set(result) >= {
        *("study", "data", "protocol", "test_looks", "models", "pairs", "factors", "claims", "findings"),
        *("budget", "winners_curse", "race", "missing", "not_attributed"),
    }
    assert set(result["data"]) == {"name", "train", "validation", "test", "fingerprint"}
    assert set(result["models"][0]) >= {
        "name",
        "recipe",
        "parameters",
        "runs",
        "failed_runs",
        "accuracy",
        "accuracy_this_test_set",
        "loss",
        "rank",
        "letters",
        "tier",
        "train_seconds",
        "epochs",
        "findings",
        "failure_rate",
    }
    assert set(result["models"][0]["accuracy"]) == {"value", "low", "high", "level", "method", "runs", "images"}
    pair = result["pairs"][0]
    assert (pair["a"], pair["b"], pair["verdict"]) == ("strong", "weak", "a better")
    assert set(pair) >= {
        *("difference", "difference_this_test_set", "p", "p_adjusted", "probability_a_better", "seeds_to_decide"),
        *("basis", "reason", "seconds_to_decide", "images_to_decide", "obstacle", "settled_at"),
    }


def test_claims_for_programs(bakeoff, judged, tmp_path):
    """What would settle a claim has the fields that a pair has."""
    file, store = judged
    claimed = tmp_path / "claimed.yaml"
    claimed.write_text(Path(file).read_text() + "claims: [weak - strong >= 0.5]\n")
    code, out, _ = bakeoff("compare", str(claimed), "--store", store, "--json")
    (claim,) = json.loads(out)["claims"]
    assert (code, claim["claim"], claim["verdict"]) == (0, "weak - strong >= 0.5", "not reproduced")
    assert set(claim) == {
        *("claim", "source", "verdict", "evidence"),
        *("seeds_to_decide", "seconds_to_decide", "images_to_decide", "obstacle"),
    }


def test_compare_on_several_data_sets(bakeoff, fill_store, tmp_path):
    """A verdict on each, none in general from two; one data set twice is refused."""
    file, hits = tmp_path / "hand.yaml", {"weak": [[1, 0] * 100] * 3, "strong": [[1] * 199 + [0]] * 3}
    file.write_text(STUDY)
    for name in ("digits", "mnist-5k"):
        store = fill_store(parse_study(STUDY, overrides=[f"data={name}"]).study, hits, labels=LABELS)
    arguments = ("compare", str(file), "--store", str(store.folder), "--data", "digits", "--data")
    code, out, _ = bakeoff(*arguments, "mnist-5k", "--json")
    assert code == 0
    result = json.loads(out)
    assert result["datasets"] == ["digits", "mnist-5k"]
    assert [here["data"] for here in result["pairs"][0]["on"]] == ["digits", "mnist-5k"]
    assert result["general"]["possible"] is False
    assert "no general claim from fewer than 6" in bakeoff(*arguments, "mnist-5k")[1]
    code, _, err = bakeoff(*arguments, "digits")
    assert (code, err) == (1, "bakeoff: name at least two different data sets, got digits, digits\n")


def test_compare_for_people(bakeoff, judged):
    """The verdict names the winner, in 80 columns."""
    file, store = judged
    code, out, _ = bakeoff("compare", file, "--store", store)
    assert code == 0
    assert "strong" in out
    assert max(map(len, out.splitlines())) <= 80


def test_report_is_written(bakeoff, judged, tmp_path):
    """The page is where the command says."""
    file, store = judged
    code, out, _ = bakeoff("report", file, "--store", store, "--json")
    assert code == 0
    written = json.loads(out)
    assert (tmp_path / written["page"]).stat().st_size == written["bytes"]
    assert written["page"] == "report/hand.html"


@pytest.mark.parametrize("command", ["compare", "report"])
def test_nothing_to_judge(bakeoff, command):
    """Without a store the message says what to do."""
    code, _, err = bakeoff(command, "quickstart")
    assert code == 1
    assert "there is no store in bakeoff-store: run a study first" in err


@pytest.mark.slow
def test_run_then_compare(bakeoff, tmp_path):
    """A real small study: trained, judged, found again without training, topped up with a seed."""
    (tmp_path / "s.yaml").write_text(STUDY.replace("seeds: 3", "seeds: 2, epochs: 2"))
    code, out, _ = bakeoff("run", "s.yaml")
    assert code == 0
    assert "4 runs to do" in out
    assert "Results are in bakeoff-store" in out
    code, out, _ = bakeoff("run", "s.yaml", "--json", "--seeds", "3", "--workers", "1")
    assert code == 0
    assert [model["runs"] for model in json.loads(out)["models"]] == [3, 3]
    assert "6 runs to do, 6 of them done already" in bakeoff("run", "s.yaml", "--seeds", "3")[1]

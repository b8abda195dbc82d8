import json

import numpy as np
import pytest

from bakeoff.comparison import compare_study, comparison_to_dict, gather_study
from bakeoff.comparison.diagnose import all_codes, check_ignored, gather_runs, merge_findings
from bakeoff.diagnosis import known_codes
from bakeoff.errors import StudyError
from bakeoff.spec import parse_study
from bakeoff.spec.values import Finding
from bakeoff.store import Store, cells_of

STUDY = """
name: hand
data: digits
models:
  strong: {mlp: {hidden: [1]}}
  weak: {mlp: {hidden: [2]}}
  absent: {mlp: {hidden: [3]}}
published:
  strong: {accuracy: 0.9}
  absent: {accuracy: 0.8, chosen_on_test: true}
"""
LABELS = np.arange(200) % 2


@pytest.fixture
def study():
    """Three models, of which one is never run."""
    return parse_study(STUDY).study


@pytest.fixture
def hits():
    """Four seeds of `strong`, one of `weak`."""
    rng = np.random.default_rng(1)
    right = rng.random((5, len(LABELS))) < np.array([[0.95]] * 4 + [[0.7]])
    return {"strong": right[:4].astype(int).tolist(), "weak": right[4:].astype(int).tolist()}


@pytest.fixture
def read(monkeypatch):
    """Keys of the runs whose predictions were read."""
    keys, predictions = [], Store.predictions
    monkeypatch.setattr(Store, "predictions", lambda store, key: keys.append(key) or predictions(store, key))
    return keys


def _codes(comparison):
    return [finding.code for finding in comparison.findings]


def _gather(study, store, *, classes=2):
    data, labels = store.data(study.data)
    evidence = gather_study(study, store, fingerprint=data.fingerprint, labels=labels, classes=classes)
    return gather_runs(study, evidence, store, data=data)


def test_every_code_is_known_once():
    """The codes of the diagnosis and those of the comparison, in order, each with its meaning."""
    codes = all_codes()
    assert list(codes) == sorted(codes)
    assert set(known_codes()) < set(codes)
    assert {"BKO401", "BKO402", "BKO403", "BKO404", "BKO501", "BKO502", "BKO503", "BKO504"} == {
        code for code in codes if code[3] in "45"
    }
    assert all(codes.values())


def test_ignored_codes_are_left_out(study, fill_store, hits):
    """A study that ignores a finding does not hear of it, and hears of everything else."""
    store = fill_store(study, hits, labels=LABELS)
    before = _codes(compare_study(study, store))
    assert {"BKO401", "BKO504"} <= set(before)
    deaf = study.model_copy(update={"ignore": ("BKO504",)})
    assert _codes(compare_study(deaf, store)) == [code for code in before if code != "BKO504"]


def test_ignoring_what_does_not_exist(study):
    """A code that nobody reports is a mistake in the study, and its place is known."""
    wrong = study.model_copy(update={"ignore": ("BKO402", "BKO499")})
    with pytest.raises(StudyError, match="ignore names the finding 'BKO499', which does not exist; did you mean") as no:
        check_ignored(wrong)
    assert no.value.path == ("ignore", 1)


def test_a_wrong_code_is_no_look(study, fill_store, hits):
    """The mistake is found before anything is judged."""
    store = fill_store(study, hits, labels=LABELS)
    with pytest.raises(StudyError, match="BKO599"):
        compare_study(study.model_copy(update={"ignore": ("BKO599",)}), store)
    assert not (store.folder / "looks.txt").exists()


def test_the_gravest_come_first():
    """Errors, warnings, notes; of these by code; of one code as they came."""

    def find(code, severity, model=""):
        return Finding(code, severity, "", "", "", model)

    first = [
        find("BKO101", "note"),
        find("BKO307", "error"),
        find("BKO102", "error", "b"),
        find("BKO102", "error", "a"),
    ]
    second = [find("BKO401", "warning"), find("BKO402", "note")]
    merged = merge_findings(first, second, ignore=["BKO402"])
    assert [(found.code, found.model) for found in merged] == [
        ("BKO102", "b"),
        ("BKO102", "a"),
        ("BKO307", ""),
        ("BKO401", ""),
        ("BKO101", ""),
    ]


def test_the_diagnosis_sees_every_run(study, fill_store, hits):
    """In the study's order, each with its predictions; published figures stay with their model, or by themselves."""
    hits["weak"].append("diverged")
    runs = _gather(study, fill_store(study, hits, labels=LABELS))
    assert [(model.name, len(model.runs)) for model in runs.models] == [("strong", 4), ("weak", 2)]
    right = [run.predictions == LABELS for run in runs.models[0].runs]
    assert np.array_equal(right, np.array(hits["strong"], dtype=bool))
    assert runs.models[1].runs[1].predictions is None
    assert runs.models[0].published.accuracy == 0.9
    assert [(stranger.name, stranger.published.accuracy) for stranger in runs.published] == [("absent", 0.8)]


def test_predictions_are_read_once(study, fill_store, hits, read):
    """Unpacking them takes most of the time of a comparison."""
    compare_study(study, fill_store(study, hits, labels=LABELS))
    assert len(read) == len(set(read)) == 5


def test_a_collapsed_run_keeps_its_predictions(study, fill_store, hits):
    """What it said of the test images is what shows the collapse, though no score rests on it."""
    store = fill_store(study, hits, labels=LABELS)
    cell = cells_of(study, fingerprint="f" * 64)[0]
    finished = store.record(cell.run_key(seed=3, fold=0))
    collapsed = finished.model_copy(update={"status": "collapsed", "reason": "one class"})
    store.write(collapsed, probabilities=np.tile(np.array([[0.9, 0.1]], dtype=np.float32), (len(LABELS), 1)))
    run = _gather(study, store).models[0].runs[3]
    assert run.record.status == "collapsed"
    assert not run.predictions.any()


def test_published_figures_that_were_chosen_on_the_test_set(study, fill_store, hits):
    """What a source declares of itself is a warning that names the model."""
    comparison = compare_study(study, fill_store(study, hits, labels=LABELS))
    (found,) = [finding for finding in comparison.findings if finding.code == "BKO401"]
    assert (found.model, found.severity) == ("absent", "warning")
    assert "chosen_on_test" in found.evidence


def test_json_has_findings_with_pages_and_classes(study, fill_store, hits):
    """Other programs read both, and no NaN among them."""
    comparison = compare_study(study, fill_store(study, hits, labels=LABELS))
    told = json.loads(json.dumps(comparison_to_dict(comparison), allow_nan=False))
    assert all(found["page"] == f"docs/findings.md#{found['code'].lower()}" for found in told["findings"])
    classes = told["classes"]
    assert [model["name"] for model in classes["models"]] == ["strong", "weak"]
    one = np.array(hits["strong"])[:, LABELS == 1]
    recall = classes["models"][0]["classes"][1]["recall"]
    assert recall["value"] == pytest.approx(one.mean())
    wrong = classes["models"][0]["confusions"][0]
    assert wrong["images"] == max((1 - one).sum(), (1 - np.array(hits["strong"])[:, LABELS == 0]).sum())
    assert classes["models"][1]["obstacle"] == "one seed tells nothing about other seeds"
    assert (classes["tests"], classes["train_images"]) == (0, None)

"""What is found in a study's runs, model by model, and what a code means."""

from dataclasses import replace

import pytest

from bakeoff.errors import StoreError, StudyError, WorkerError
from bakeoff.spec import parse_study
from bakeoff.spec.values import Finding
from bakeoff.verbs import explain as verb
from bakeoff.verbs.compare import compare
from bakeoff.verbs.explain import explain, explain_code, try_out

STUDY = """
name: hand
data: digits
protocol: {seeds: 3, margin: 0.02, validation: {holdout: 0.2}}
models:
  weak: {mlp: {hidden: [1]}}
  strong: {mlp: {hidden: [2]}}
  absent: {mlp: {hidden: [3]}}
"""
HITS = {"weak": [[1, 0] * 100] * 3, "strong": [[1] * 199 + [0], [1] * 200, [1] * 198 + [0, 0]]}


@pytest.fixture
def found(fill_store, monkeypatch):
    """A store with runs of two models, and findings of one of them and of the study."""
    study = parse_study(STUDY).study
    store = fill_store(study, HITS, labels=[0, 1] * 100)
    findings = (
        Finding("BKO102", "error", "Collapsed", "one class", "mend it", "weak"),
        Finding("BKO302", "warning", "Leak", "two images", "remove them"),
    )

    def compare_with(study, *, store):
        return replace(compare(study, store=store), findings=findings)

    monkeypatch.setattr(verb, "compare", compare_with)
    return study, store.folder


def test_findings_go_to_their_models(found):
    """Each model has its own; what concerns the study stands apart; a model without a run is named."""
    study, folder = found
    explanation = explain(study, store=folder)
    codes = {name: [finding.code for finding in findings] for name, findings in explanation.models.items()}
    assert codes == {"weak": ["BKO102"], "strong": []}
    assert [finding.code for finding in explanation.study] == ["BKO302"]
    assert explanation.missing == ("absent",)


def test_one_model(found):
    """Only that one is explained; the data's findings remain."""
    study, folder = found
    explanation = explain(study, "strong", store=folder)
    assert explanation.models == {"strong": ()}
    assert len(explanation.study) == 1


def test_a_model_that_was_not_run(found):
    """The message says how to run it, and that --try needs no run."""
    study, folder = found
    with pytest.raises(
        StoreError, match=r"no run of absent as it is written: run it first \(bakeoff run hand.yaml --only"
    ):
        explain(study, "absent", store=folder)


def test_a_model_that_does_not_exist(found):
    """The nearest is named."""
    study, folder = found
    with pytest.raises(StudyError, match="no model 'week' in study 'hand'; did you mean 'weak'"):
        explain(study, "week", store=folder)
    with pytest.raises(StudyError, match="no model 'week'"):
        try_out(study, "week", store=folder)


@pytest.mark.parametrize("code", ["BKO401", "bko504"])
def test_codes_are_explained(code):
    """Those of the comparison too, in either case, with their page."""
    known = explain_code(code)
    assert known.code == code.upper()
    assert known.meaning
    assert known.page == f"docs/findings.md#{code.lower()}"


def test_unknown_codes_are_refused():
    """With the nearest ones."""
    with pytest.raises(StudyError, match=r"no finding has the code BKO599; did you mean 'BKO5\d\d'"):
        explain_code("BKO599")


def test_no_workers(found):
    """At least one must train."""
    study, folder = found
    with pytest.raises(WorkerError, match="workers must be at least 1, got 0"):
        try_out(study, "weak", store=folder, workers=0)

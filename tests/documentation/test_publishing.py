"""The pages on the published comparisons: written from a store that has all of their runs, and trained by nobody."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from docs.publishing import __main__ as publishing
from docs.publishing import counterfactuals, times
from docs.publishing.finished_runs import FinishedRuns, lacking_models, refuse_lacking
from docs.publishing.runs import COMMANDS, LONG_SEEDS, Runs, failing, mostly_failing, train
from docs.publishing.sources import SOURCES, Results
from docs.publishing.stored_commands import name_store

import bakeoff
from bakeoff.errors import StoreError
from bakeoff.report.document.blocks import Code, Column, Heading, Paragraph, Sentences, Span, TableBlock, text
from bakeoff.runner.jobs import plan_jobs
from bakeoff.store import open_store

MODELS = {"study-a": 3, "study-b": 17, "study-c": 1, "study-d": 3}


@pytest.fixture
def stored(tmp_path, record, data):
    """A store with made-up runs of study A, but for one seed of its CNN."""
    study = bakeoff.load_study("study-a")
    store = open_store(tmp_path / "store", create=True)
    store.write_data(data.model_copy(update={"reference": study.data}), np.arange(10))
    for job in plan_jobs(study, fingerprint=data.fingerprint):
        if (job.cell.model.name, job.seed) != ("cnn", 4):
            status = "crashed" if job.seed == 3 else "finished"
            with store.claim(job.key):
                store.write(record(job.cell, seed=job.seed, status=status))
    return store


def test_a_store_that_lacks_runs_is_refused(stored):
    """With the study and the models; a run that crashed is there."""
    study = bakeoff.load_study("study-a")
    assert lacking_models(study, stored) == ["cnn"]
    wanted = {"study-a": study, "study-c": bakeoff.load_study("study-c")}
    said = r"lacks runs of study-a \(cnn\); study-c \(dense\): run `make published-run` first"
    with pytest.raises(StoreError, match=said):
        refuse_lacking(wanted, stored.folder)


def test_a_complete_store_is_not_refused(stored):
    """Of models that are all there."""
    refuse_lacking({"study-a": bakeoff.load_study("study-a", only=["dnn", "lstm"])}, stored.folder)


def test_a_store_without_the_data_lacks_every_model(tmp_path):
    """Nothing was ever run on them."""
    store = open_store(tmp_path / "store", create=True)
    assert lacking_models(bakeoff.load_study("study-d"), store) == ["dense", "dropout", "cnn"]


def test_no_store_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    """In one sentence, and without a traceback."""
    monkeypatch.setattr(sys, "argv", ["publishing", "--store", str(tmp_path / "none"), "--to", str(tmp_path / "pages")])
    with pytest.raises(SystemExit, match=r"there is no store in .*none: run `make published-run` first"):
        publishing.main()
    assert not (tmp_path / "pages").exists()


def test_only_the_four_studies_can_be_asked_for(monkeypatch, capsys):
    """Another name is a usage error that lists them."""
    monkeypatch.setattr(sys, "argv", ["publishing", "--study", "study-e"])
    with pytest.raises(SystemExit, match="2"):
        publishing.main()
    assert "study-a" in capsys.readouterr().err


def test_pages_of_b_and_d_need_more_than_their_study():
    """Scaled pixels, and the long runs with the seeds that are trained."""
    runs = Runs(publishing.ROOT)
    assert list(publishing.needed_studies(runs, ["study-a", "study-c"])) == ["study-a", "study-c"]
    needed = publishing.needed_studies(runs, MODELS)
    assert list(needed)[4:] == ["study-b-pixels", "study-d --set protocol.epochs=100"]
    assert len(needed["study-b-pixels"].models) == 17
    long = needed["study-d --set protocol.epochs=100"]
    assert {model.protocol.seeds for model in long.models} == {LONG_SEEDS}
    assert {model.protocol.epochs for model in long.models} == {100}
    assert COMMANDS[-1][-1] == str(LONG_SEEDS)


def test_a_short_try_shortens_the_long_runs_too():
    """What is changed in all studies is changed last, as in the commands."""
    (epochs,) = {model.protocol.epochs for model in Runs(publishing.ROOT, ("protocol.epochs=1",)).load_long().models}
    assert epochs == 1


def test_only_networks_that_learn_nothing_are_tried(judge):
    """A crash is no failure of the network."""
    study = bakeoff.load_study("study-a")
    statuses = {"dnn": "crashed", "lstm": "diverged", "cnn": "collapsed"}
    assert failing(judge(study, {"dnn": 0.5, "lstm": 0.5, "cnn": 0.5}, statuses=statuses)) == ["lstm", "cnn"]


def test_rare_failures_are_not_tried(raw):
    """Two of three seeds are most of them, one is not."""
    model = raw.model("1_1")
    for sick, tried in ((1, ["1_5"]), (2, ["1_1", "1_5"])):
        runs = tuple(replace(run, status="collapsed") if run.seed < sick else run for run in model.runs)
        others = [other for other in raw.models if other.name != "1_1"]
        comparison = replace(raw, models=(replace(model, runs=runs), *others))
        assert failing(comparison) == ["1_1", "1_5"]
        assert mostly_failing(comparison) == tried


def test_trials_that_were_never_run_are_refused(tmp_path):
    """Nothing is trained: neither where there are no trials at all, nor where single runs are missing."""
    study = bakeoff.load_study("study-b", overrides=["data=digits"])
    with pytest.raises(StoreError, match="lacks the trials of 1_5 and 1_6: run `make published-run` first"):
        counterfactuals.find_trials(study, ["1_5", "1_6"], tmp_path)
    trials = open_store(tmp_path / "remedies", create=True)
    with pytest.raises(StoreError, match=r"lacks the run .*-seed0-fold0: run `make published-run` first"):
        counterfactuals.find_trials(study, ["1_5"], tmp_path)
    assert not trials.keys()
    assert counterfactuals.find_trials(study, [], tmp_path) == []


def test_runs_that_are_done_may_be_asked_for(stored):
    """A crash is not done: it would be trained again."""
    keys = {made.status: made.key for made in stored.all_records()}
    assert FinishedRuns(stored.folder).has_result(keys["finished"])
    with pytest.raises(StoreError, match="lacks the run"):
        FinishedRuns(stored.folder).has_result(keys["crashed"])


def test_a_store_s_time_includes_trials_and_compiling(stored, record):
    """14 runs of 100 to 104 s are 0.4 hours, two trials of 101 and 103 s are 0.1; compiling 16 x 5 s is 0.0."""
    cell = plan_jobs(bakeoff.load_study("study-c"), fingerprint="f" * 64)[0].cell
    trials = open_store(stored.folder / "remedies", create=True)
    for seed in (1, 3):
        made = record(cell, seed=seed)
        with trials.claim(made.key):
            trials.write(made)
    assert times.stored_time(stored.folder) == [
        "The studies: 14 runs, 0.4 hours of training.",
        "The trials of failing networks: 2 runs, 0.1 hours of training.",
        "Compiling: 0.0 hours.",
        "Together 0.5 hours, each run on one core; evaluation is not counted.",
    ]


def test_commands_name_the_store():
    """Wherever they stand; those about other studies, and `show`, which needs no store, stay."""
    said = text("Next: bakeoff explain mine 1_4 --try finds out; bakeoff show mine; bakeoff run mine-too; ")
    document = (
        Heading("bakeoff run mine"),
        Paragraph(said),
        Sentences((text(Span("bakeoff run mine", "code")),)),
        TableBlock("", (Column("Command"),), ((text("bakeoff report mine"),),)),
        Code("bakeoff run mine\nbakeoff report mine"),
    )
    heading, paragraph, sentences, table, code = name_store(document, "mine")
    assert heading == document[0]
    assert paragraph.content[0].words == (
        "Next: bakeoff explain mine --store bakeoff-published 1_4 --try finds out; bakeoff show mine; "
        "bakeoff run mine-too; "
    )
    assert sentences.items[0] == text(Span("bakeoff run mine --store bakeoff-published", "code"))
    assert table.rows[0][0] == text("bakeoff report mine --store bakeoff-published")
    assert code.lines == "bakeoff run mine --store bakeoff-published\nbakeoff report mine --store bakeoff-published"


def test_nothing_is_put_behind_a_section_that_is_not_there():
    """The report changed: the generator must be told."""
    with pytest.raises(ValueError, match="must have the section 'Claims'"):
        publishing.insert_behind([Heading("Verdict"), Heading("Claims", 3)], "Claims", [])


@pytest.mark.slow
def test_a_page_is_written_from_a_store(tmp_path):
    """Study C on few images: trained by the same commands, all sections, and every figure that the page shows."""
    runs = Runs(tmp_path / "store", ("data=mnist-5k", "protocol.epochs=1"))
    train(runs, ["run", "study-c", "--seeds", "2"])
    source = next(source for source in SOURCES if source.study == "study-c")
    results = Results(runs, {"study-c": runs.compare(runs.load("study-c"))})
    page = publishing.write_page(source, results, tmp_path / "pages").read_text("utf-8")
    for heading in ("Published and measured", "The source's summary and score", "Sample predictions", "Training time"):
        assert f"\n## {heading}\n" in page
    assert "669,706" in page
    shown = [line.split("](")[1].rstrip(")") for line in page.splitlines() if line.startswith("![")]
    assert shown
    assert all((tmp_path / "pages" / figure).exists() for figure in shown)


@pytest.mark.parametrize("study", MODELS)
def test_the_published_pages_are_there(study):
    """Every model of every source has its place on its page, and every claim in the overview."""
    page, overview = ((publishing.FOLDER / f"{name}.md").read_text("utf-8") for name in (study, "README"))
    loaded = bakeoff.load_study(study)
    assert len(loaded.models) == MODELS[study]
    assert all(f"**{model.name}**" in page for model in loaded.models)
    assert all(claim.says.split("`")[0] in overview for claim in loaded.claims)
    assert "\n## What remains open\n" in page

"""The pages on the published comparisons: their tables on made-up runs of the real studies, and a page by training."""

import numpy as np
import pytest
from docs.publishing import headline, open_questions, source_tables, times
from docs.publishing.__main__ import FOLDER, SOURCES, write_page
from docs.publishing.runs import SCALED_SUFFIX, Runs, train

import bakeoff
from bakeoff.comparison import Evidence, weigh
from bakeoff.report.document.blocks import Heading, TableBlock
from bakeoff.runner.effects import Outcome
from bakeoff.runner.remedies import Trial
from bakeoff.spec import only_models
from bakeoff.spec.record import Counts, DataEntry, History, Record
from bakeoff.store import cells_of

IMAGES, SEEDS = 400, 3
LABELS = np.arange(IMAGES) % 10
DATA = DataEntry(
    reference="fashion-mnist",
    fingerprint="f" * 64,
    class_names=tuple("0123456789"),
    image_shape=(28, 28, 1),
    train=60_000,
    test=IMAGES,
)
FAILED = "1_5"
MODELS = {"study-a": 3, "study-b": 17, "study-c": 1, "study-d": 3}


CURVES = History(loss=(1.0, 0.5), accuracy=(0.5, 0.6), validation_loss=(0.4, 0.6), validation_accuracy=(0.5, 0.6))


def _record(cell, seed, fold, accuracy, *, failed):
    return Record(
        key=f"{cell.key}-{seed}-{fold}",
        cell=cell.key,
        model=cell.model.name,
        recipe="mlp",
        layers=(),
        parameters=100,
        data=DATA.reference,
        fingerprint=DATA.fingerprint,
        images=Counts(train=48_000, validation=12_000, test=IMAGES),
        protocol={},
        seed=seed,
        fold=fold,
        status="collapsed" if failed else "finished",
        history=History(
            loss=(1.0, 0.5), accuracy=(0.5, 0.6), validation_loss=(0.4, 0.6), validation_accuracy=(0.5, 0.6)
        ),
        epoch=2,
        test_loss=0.5,
        test_accuracy=accuracy,
        train_seconds=2.0 + seed,
    )


def _evidence(cell, accuracy, rng):
    failed = cell.model.name == FAILED
    scores = (rng.random((SEEDS, IMAGES)) < accuracy).astype(float)
    records = tuple(
        _record(cell, seed, fold, float(row.mean()), failed=failed)
        for seed, row in enumerate(scores)
        for fold in range(cell.folds)
    )
    return Evidence(
        cell=cell,
        records=records,
        seeds=() if failed else tuple(range(SEEDS)),
        failed=tuple(range(SEEDS)) if failed else (),
        broken=(),
        scores=scores[:0] if failed else scores,
        losses=np.full(0 if failed else SEEDS, 0.5),
        labels=LABELS,
        confusion=np.zeros((10, 10), dtype=np.int64),
    )


def _weigh(study, accuracies):
    """A study judged on made-up runs of these accuracies, by model."""
    rng = np.random.default_rng(0)
    cells = cells_of(study, fingerprint=DATA.fingerprint)
    return weigh(study, DATA, [_evidence(cell, accuracies[cell.model.name], rng) for cell in cells])


@pytest.fixture(scope="module")
def raw():
    """Study B with the accuracies that its source printed; one network failed with every seed."""
    study = bakeoff.load_study("study-b")
    return _weigh(study, {name: printed.accuracy for name, printed in study.published.items()})


@pytest.fixture(scope="module")
def scaled():
    """Its networks with scaled pixels, all alike."""
    study = bakeoff.load_study("study-b-pixels")
    names = [model.name for model in study.models if model.name.endswith(SCALED_SUFFIX)]
    return _weigh(only_models(study, names), dict.fromkeys(names, 0.88))


def _rows(table):
    return [["".join(span.words for span in cell) for cell in row] for row in table.rows]


def _tables(blocks):
    return [block for block in blocks if isinstance(block, TableBlock)]


def test_every_printed_figure_has_a_row(raw):
    """In the source's order, with what was printed, what was measured and a verdict."""
    (table,) = _tables(source_tables.published_and_measured(raw))
    rows = _rows(table)
    assert [row[0] for row in rows] == [model.name for model in raw.study.models]
    by_name = {row[0]: row for row in rows}
    assert by_name["4_1"][1].startswith("88.17")
    assert by_name[FAILED][2].endswith(f", {SEEDS} of {SEEDS} seeds failed")
    assert {row[3] for row in rows} <= {"reproduced", "not reproduced", "undetermined"}


def test_groups_by_activation_have_every_model_once(raw):
    """Four tables, as the source has them."""
    blocks = source_tables.by_activation(raw)
    assert [block.words for block in blocks if isinstance(block, Heading)][1:] == [
        "relu",
        "sigmoid",
        "tanh",
        "leaky_relu",
    ]
    names = [row[0] for table in _tables(blocks) for row in _rows(table)]
    assert sorted(names) == sorted(model.name for model in raw.study.models)


def test_the_last_table_grades_by_the_source_s_thresholds(raw, scaled):
    """Published class and ours beside each other; layers are counted with the last one."""
    (table,) = _tables(source_tables.final_inference(raw, scaled))
    by_name = {row[0]: row for row in _rows(table)}
    assert by_name["2_1"][1:5] == ["relu", "10", "18.74\u00a0%", "Inferior"]
    assert by_name["2_1"][6] == "Inferior"
    assert {row[9] for row in by_name.values()} == {"Superior"}


@pytest.mark.parametrize(
    ("accuracy", "label"), [(0.83, "Superior"), (0.8299, "Medium"), (0.2801, "Medium"), (0.28, "Inferior")]
)
def test_grades(accuracy, label):
    """The thresholds belong to the outer classes."""
    assert source_tables.grade(accuracy) == label


def test_the_source_s_own_labels_follow_its_thresholds():
    """All seventeen printed accuracies get the class that is printed beside them."""
    published = bakeoff.load_study("study-b").published
    assert {name: source_tables.grade(printed.accuracy) for name, printed in published.items()} == {
        name: printed.label for name, printed in published.items()
    }


def test_the_headline_counts_what_is_there(raw, scaled):
    """Ranges of printed, raw and scaled accuracies, failed seeds, and whom scaling cures."""
    healed = Outcome("scaling the pixels", "protocol.pixels=unit", 5, 0, (0.8,) * 5, effect="cures")
    useless = Outcome("half the width", "", 5, 5, (0.1,) * 5)
    sick = Outcome("", "", 5, 5, (0.1,) * 5)
    trials = [Trial(FAILED, 3, 0.7, sick, (healed, useless), 15), Trial("4_5", 3, 0.7, sick, (useless,), 20)]
    told = headline.tell_headline(raw, scaled, trials).replace("\u00a0", " ")
    assert "has 17 networks on Fashion-MNIST, each trained once, with accuracies between 18.7 % and 88.2 %" in told
    assert f"{SEEDS} seeds of 1 networks learn nothing" in told
    assert f"({FAILED} and 4_5), scaling the pixels alone cures {FAILED}." in told
    assert "cures all of them" in headline.tell_headline(raw, scaled, trials[:1])
    picture = headline.draw_headline(raw, scaled)
    assert all(f">{headline.describe_network(model)}<" in picture.svg for model in raw.study.models)


def test_a_network_in_a_few_words(raw):
    """Sizes, activation, loss, and what is not in every network."""
    described = {model.name: headline.describe_network(model) for model in raw.study.models}
    assert described["4_1"] == "4_1: 128-64-32-16, leaky relu, cce"
    assert described["2_3"] == "2_3: 512-…-20, relu, cce, batch norm."


def test_long_runs_tell_the_epoch_with_the_lowest_loss(raw):
    """The first of two epochs, in every run."""
    assert source_tables.lowest_epochs(raw.model("4_1")) == [1] * SEEDS


def test_training_times_are_sorted_and_added_up(raw):
    """Made-up seconds: 2, 3 and 4 for each of 17 networks, of which one has five folds: 189 in all."""
    blocks = times.training_times(raw)
    assert _rows(_tables(blocks)[0])[0][2:5] == ["3.0\u00a0s", "2.0\u00a0s", "4.0\u00a0s"]
    assert times.total_time([raw]).startswith("63 runs, 0.1 hours of one core")


def test_open_questions_are_those_without_an_answer(raw):
    """One row for each claim that is undetermined or not comparable; a settled study has none."""
    (table,) = _tables(open_questions.open_questions(raw, ("Try `bakeoff run`.",)))
    answered = ("reproduced", "not reproduced")
    assert len(table.rows) == sum(claim.verdict not in answered for claim in raw.claims)
    assert {row[1] for row in _rows(table)} == {"undetermined", "not comparable"}


@pytest.mark.slow
def test_a_page_is_written_from_a_store(tmp_path):
    """Study C on few images: trained by the same commands, all sections, and every figure that the page shows."""
    runs = Runs(tmp_path / "store", ("data=mnist-5k", "protocol.epochs=1"))
    train(runs, ["run", "study-c", "--seeds", "2"])
    source = next(source for source in SOURCES if source.study == "study-c")
    page = write_page(source, runs.compare("study-c"), runs, tmp_path / "pages").read_text("utf-8")
    for heading in ("Published and measured", "The source's summary and score", "Sample predictions", "Training time"):
        assert f"\n## {heading}\n" in page
    assert "669,706" in page
    shown = [line.split("](")[1].rstrip(")") for line in page.splitlines() if line.startswith("![")]
    assert shown
    assert all((tmp_path / "pages" / figure).exists() for figure in shown)


@pytest.mark.parametrize("study", MODELS)
def test_the_published_pages_are_there(study):
    """Every model of every source has its place on its page, and every claim its verdict in the overview."""
    page, overview = ((FOLDER / f"{name}.md").read_text("utf-8") for name in (study, "README"))
    loaded = bakeoff.load_study(study)
    assert len(loaded.models) == MODELS[study]
    assert all(f"**{model.name}**" in page for model in loaded.models)
    assert all(claim.says.split("`")[0] in overview for claim in loaded.claims)
    assert "\n## What remains open\n" in page

"""The published pages' tables: the sources' own, filled from made-up runs of the real studies."""

import re
from dataclasses import replace

import pytest
from docs.publishing import figures_in_words, source_tables, study_b_tables, study_d_tables, times

import bakeoff
from bakeoff.report import numbers
from bakeoff.report.document.blocks import FigureBlock, Heading, TableBlock

ACCURACIES_OF_A = {"dnn": 0.99, "lstm": 0.7, "cnn": 0.85}


def _rows(table):
    return [["".join(span.words for span in cell).replace("\u00a0", " ") for cell in row] for row in table.rows]


def _tables(blocks):
    return [block for block in blocks if isinstance(block, TableBlock)]


def test_every_printed_figure_has_a_row(raw):
    """In the source's order, with what was printed, what was measured and the verdict on this very figure."""
    (table,) = _tables(source_tables.published_and_measured(raw))
    rows = _rows(table)
    assert [row[0] for row in rows] == [model.name for model in raw.study.models]
    by_name = {row[0]: row for row in rows}
    assert by_name["4_1"][1] == "88.17 %"
    assert by_name["1_5"][2].endswith(", 3 of 3 seeds failed")
    written = {claim.claim: claim.verdict for claim in raw.claims}
    found = {re.match(r"accuracy\((.*)\) =", claim): verdict for claim, verdict in written.items()}
    assert {name: row[3] for name, row in by_name.items()} == {match[1]: found[match] for match in found if match}
    assert len({row[3] for row in rows}) > 1


def test_distance_and_level_are_the_study_s(judge):
    """What counts as reproduced, and how sure intervals are, is read from the study and its comparison."""
    study = bakeoff.load_study("study-a", overrides=["published.dnn.within=0.01"])
    (table,) = _tables(source_tables.published_and_measured(judge(study, ACCURACIES_OF_A, level=0.9)))
    assert "agree within 0.5 points or 1 points;" in table.caption
    assert [column.detail.replace("\u00a0", " ") for column in table.columns][2] == "measured on the same images, 90 %"


def test_what_is_not_printed_is_no_zero(judge):
    """A model without a printed accuracy has a dash, and no verdict; it does not stand in a table of printed ones."""
    study = bakeoff.load_study("study-a")
    published = {name: printed for name, printed in study.published.items() if name != "dnn"}
    comparison = judge(study.model_copy(update={"published": published}), ACCURACIES_OF_A)
    (table,) = _tables(source_tables.published_and_measured(comparison))
    assert _rows(table)[0][:4] == ["dnn", numbers.UNKNOWN, _rows(table)[0][2], numbers.UNKNOWN]
    assert [row[1] for row in _rows(_tables(source_tables.sorted_by_accuracy(comparison))[0])] == ["lstm", "cnn"]


def test_study_a_s_table_is_sorted_as_published(judge):
    """By the printed accuracies, with our ranks, which here are the other way round."""
    (table,) = _tables(source_tables.sorted_by_accuracy(judge(bakeoff.load_study("study-a"), ACCURACIES_OF_A)))
    rows = _rows(table)
    assert [row[:4] for row in rows] == [
        ["1", "lstm", "98.54 %", "3"],
        ["2", "cnn", "98.08 %", "2"],
        ["3", "dnn", "97.21 %", "1"],
    ]
    assert [row[5] for row in rows] == ["c", "b", "a"]


def test_study_c_s_summary_and_score(judge):
    """Printed and counted weights, printed and measured accuracy."""
    (table,) = _tables(
        source_tables.summary_and_score(judge(bakeoff.load_study("study-c"), {"dense": 0.98}, statuses={}))
    )
    assert _rows(table)[0] == ["parameters", "669,706", "100"]
    assert _rows(table)[1][:2] == ["score", "98.40 %"]


def test_groups_by_activation_have_every_model_once(raw):
    """Four tables, as the source has them."""
    blocks = study_b_tables.by_activation(raw)
    names = [block.words for block in blocks if isinstance(block, Heading)]
    assert names == ["The source's tables", "relu", "sigmoid", "tanh", "leaky_relu"]
    listed = [row[0] for table in _tables(blocks) for row in _rows(table)]
    assert sorted(listed) == sorted(model.name for model in raw.study.models)


def test_the_last_table_grades_by_the_source_s_thresholds(raw, scaled):
    """Published class and ours beside each other; layers are counted with the last one."""
    (table,) = _tables(study_b_tables.final_inference(raw, scaled))
    by_name = {row[0]: row for row in _rows(table)}
    assert by_name["2_1"][1:5] == ["relu", "10", "18.74 %", "Inferior"]
    assert by_name["2_1"][6] == "Inferior"
    assert {row[9] for row in by_name.values()} == {"Superior"}


@pytest.mark.parametrize(
    ("accuracy", "label"), [(0.83, "Superior"), (0.8299, "Medium"), (0.2801, "Medium"), (0.28, "Inferior")]
)
def test_grades(accuracy, label):
    """The thresholds belong to the outer classes."""
    assert study_b_tables.grade(accuracy) == label


def test_the_source_s_own_labels_follow_its_thresholds():
    """All seventeen printed accuracies get the class that is printed beside them."""
    published = bakeoff.load_study("study-b").published
    assert {name: study_b_tables.grade(printed.accuracy) for name, printed in published.items()} == {
        name: printed.label for name, printed in published.items()
    }


def test_losses_of_saturated_networks_are_recognized():
    """By hand: 0.8059 x 16.11810 = 12.9896, as printed twice; 0.72 x 16.1181 = 11.6050, 0.0007 off, within rounding."""
    (table,) = _tables(study_b_tables.saturated_losses(bakeoff.load_study("study-b")))
    assert [[row[0], *row[3:]] for row in _rows(table)] == [
        ["1_5", "12.9896", "12.9896", "yes"],
        ["1_6", "12.9896", "12.9896", "yes"],
        ["2_1", "2.1345", "13.0976", "no"],
        ["4_5", "11.6043", "11.6050", "yes"],
    ]


def test_long_runs_tell_where_they_flatten(study_d, long):
    """Lowest in epoch 20; from there to the end 80 epochs of 0.1 points, from 15, 44 and 5 on 85, 56 and 95."""
    (table,) = _tables(study_d_tables.findings_on_epochs(study_d, long))
    rows = _rows(table)
    assert [[row[0], *row[2:6]] for row in rows] == [
        ["dense", "20, 20", "+8.00", "+8.50", "98.11 %"],
        ["dropout", "20, 20", "+8.00", "+5.60", "98.39 %"],
        ["cnn", "20, 20", "+8.00", "+9.50", "99.17 %"],
    ]
    assert all(row[7].endswith(", 2 seeds)") and not row[6].endswith("seeds)") for row in rows)
    assert table.columns[7].detail == "after 100 epochs"
    assert "have 2 seeds of each" in table.caption


def test_runs_that_end_sooner_gain_nothing(study_d, long):
    """A run without the source's epoch, or without validation images, is left out."""
    (table,) = _tables(study_d_tables.findings_on_epochs(long, study_d))
    assert {row[4] for row in _rows(table)} == {numbers.UNKNOWN}


def test_long_runs_have_pictures_of_their_own(long):
    """Their files and titles do not clash with those of the study's own curves."""
    pictures = [block.picture for block in study_d_tables.long_runs(long) if isinstance(block, FigureBlock)]
    assert pictures
    assert all(picture.name.startswith("long_learning_curves") for picture in pictures)
    assert all(picture.title.startswith("Long runs: ") for picture in pictures)


def test_printed_class_counts_are_counted_again(study_d, judge, data):
    """In the source's order; a wrong one would show."""
    (table,) = _tables(study_d_tables.class_counts(study_d))
    assert _rows(table)[0] == ["1", "6,742", "6,742"]
    assert "10 of 10 printed counts" in table.caption
    assert sum(study_d_tables.PRINTED_COUNTS.values()) == data.train


def test_epochs_have_the_printed_seconds_beside_them(study_d):
    """Dense: 101 s in the median for 2 epochs."""
    (table,) = _tables(study_d_tables.epoch_times(study_d))
    assert _rows(table)[0] == ["dense", "9 to 18 s", "50 s"]


def test_training_times_are_sorted(raw):
    """Later models are quicker: the last one takes 52 to 54 s, the first one 100 to 102."""
    table, *_ = _tables(times.training_times(raw))
    rows = _rows(table)
    assert [row[0] for row in rows] == [model.name for model in reversed(raw.study.models)]
    assert rows[0][:5] == ["4_7", "45 s", "53 s", "52 s", "54 s"]
    assert rows[-1][2:5] == ["1 min 41 s", "1 min 40 s", "1 min 42 s"]
    assert "each run on one core;" in table.caption


def test_training_times_are_added_up(raw):
    """Three runs of 17 models: 3 x 1,292 + 3 x 17 = 3,927 s; four more folds of the third: 4 x 285 s; 1.4 hours."""
    assert times.total_time(raw) == "63 runs, 1.4 hours of training, each run on one core, compiling not counted"


def test_failed_runs_count_in_a_mean(judge):
    """One that collapsed with what it got right, one that diverged with nothing."""
    study = bakeoff.load_study("study-a")
    accuracies = {"dnn": 0.5, "lstm": 0.5, "cnn": 0.5}
    comparison = judge(study, accuracies, statuses={"dnn": "collapsed", "lstm": "diverged"})
    assert figures_in_words.mean_accuracy(comparison.model("dnn")) == pytest.approx(0.5, abs=0.1)
    assert figures_in_words.mean_accuracy(comparison.model("lstm")) == 0
    assert figures_in_words.measured_accuracy(comparison.model("lstm")).endswith("3 of 3 seeds failed")


def test_a_crash_counts_in_no_mean(study_d):
    """Of two runs, with 90 % and nothing: 45 % if that one diverged, 90 % if its machine failed; of none at all, 0."""
    model = study_d.model("dense")
    right, lost = replace(model.runs[0], accuracy=0.9), replace(model.runs[1], accuracy=None)

    def mean(*runs):
        return figures_in_words.mean_accuracy(replace(model, runs=runs))

    assert mean(right, replace(lost, status="diverged")) == pytest.approx(0.45)
    assert mean(right, replace(lost, status="crashed")) == mean(right, replace(lost, status="out of memory")) == 0.9
    assert mean(replace(lost, status="crashed")) == 0

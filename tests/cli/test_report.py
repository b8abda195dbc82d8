"""`bakeoff report`: in every format, with figures as files, from the command line."""

import json
import re

import pytest

from bakeoff.spec import parse_study

STUDY = """
name: hand
data: digits
protocol: {seeds: 3, margin: 0.02, validation: {holdout: 0.2}}
models:
  weak: {mlp: {hidden: [1]}}
  strong: {mlp: {hidden: [2]}}
"""


@pytest.fixture
def judged(fill_store, tmp_path):
    """A study file and a store with made-up runs of it: `strong` is nearly always right, `weak` half the time."""
    hits = {"weak": [[1, 0] * 100, [0, 1] * 100, [1, 0] * 100], "strong": [[1] * 199 + [0]] * 3}
    store = fill_store(parse_study(STUDY).study, hits, labels=[0, 1] * 100)
    (tmp_path / "hand.yaml").write_text(STUDY)
    return (str(tmp_path / "hand.yaml"), "--store", str(store.folder))


@pytest.mark.parametrize(
    ("report_format", "opening", "shown"),
    [("html", "<!doctype html>", ""), ("md", "# hand", "svg"), ("tex", "\\documentclass", "pdf"), ("json", "{", "")],
)
def test_every_format(bakeoff, judged, tmp_path, report_format, opening, shown):
    """The report is named after its study and format; its figures lie beside it in the kind that it refers to."""
    code, out, _ = bakeoff("report", *judged, "--format", report_format, "--json")
    written = json.loads(out)
    assert code == 0
    assert written["page"] == f"report/hand.{report_format}"
    content = (tmp_path / written["page"]).read_text("utf-8")
    assert content.startswith(opening)
    assert {path.rsplit(".", 1)[1] for path in written["figures"]} == ({shown} if shown else set())
    for path in written["figures"]:
        assert path.removeprefix("report/") in content
        assert (tmp_path / path).exists()


def test_json_holds_what_compare_prints_and_what_the_page_says(bakeoff, judged, tmp_path):
    """One contract for programs; beside it the verdict's sentences, the curves and the confusions."""
    bakeoff("report", *judged, "-o", "r.json")
    written = json.loads((tmp_path / "r.json").read_text())
    verdict, runs = written.pop("verdict"), written.pop("runs")
    assert written == json.loads(bakeoff("compare", *judged, "--json")[1])
    bakeoff("report", *judged, "-o", "r.md", "--figures", "none")
    said = re.sub(r"\\|\*\*|\[|\]\([^)]*\)", "", (tmp_path / "r.md").read_text("utf-8"))
    assert verdict
    assert all(sentence["text"] in said for sentence in verdict)
    strong = next(model for model in runs if model["model"] == "strong")
    assert strong["confusion"] == [[300, 0], [3, 297]]  # each of 3 seeds takes the last of 200 images, a 1, for a 0
    assert [curve["seed"] for curve in strong["curves"]] == [0, 1, 2]


def test_the_ending_chooses_the_format(bakeoff, judged, tmp_path):
    """`-o` alone is enough; an unknown ending is a page; what is said outright wins."""
    for name, opening in (("a.tex", "\\documentclass"), ("b.MD", "# hand"), ("c.txt", "<!doctype")):
        assert bakeoff("report", *judged, "-o", name)[0] == 0
        assert (tmp_path / name).read_text("utf-8").startswith(opening)
    assert bakeoff("report", *judged, "-o", "d.md", "--format", "tex")[0] == 0
    assert (tmp_path / "d.md").read_text("utf-8").startswith("\\documentclass")


def test_figures_as_files(bakeoff, judged, tmp_path):
    """All kinds beside a page; the folder's name holds nothing that a format would have to escape."""
    code, out, _ = bakeoff("report", *judged, "-o", "my report_#1.html", "--figures", "svg, PNG,pdf")
    assert code == 0
    assert "files of figures are in my-report-1-figures" in out
    files = {path.name for path in (tmp_path / "my-report-1-figures").iterdir()}
    assert {"leaderboard.svg", "leaderboard.png", "leaderboard.pdf"} <= files


def test_a_report_refers_to_figures_that_it_can_show(bakeoff, judged, tmp_path):
    """Markdown takes PNG where it is asked for; LaTeX gets PDF where only SVG is; and none where none is wanted."""
    bakeoff("report", *judged, "--format", "md", "--figures", "png")
    markdown = (tmp_path / "report" / "hand.md").read_text("utf-8")
    assert "(hand-figures/leaderboard.png)" in markdown
    assert ".svg" not in markdown
    bakeoff("report", *judged, "--format", "tex", "--figures", "svg")
    assert "{hand-figures/leaderboard.pdf}" in (tmp_path / "report" / "hand.tex").read_text("utf-8")
    bakeoff("report", *judged, "-o", "plain/hand.md", "--figures", "none")
    assert [path.name for path in (tmp_path / "plain").iterdir()] == ["hand.md"]
    assert "![" not in (tmp_path / "plain" / "hand.md").read_text("utf-8")


def test_unknown_formats_are_corrected(bakeoff, judged):
    """The message says what there is."""
    code, _, err = bakeoff("report", *judged, "--format", "htm")
    assert code == 1
    assert "a report cannot be written as 'htm': did you mean 'html'? Available: html, json, md, tex" in err
    code, _, err = bakeoff("report", *judged, "--figures", "svgg")
    assert code == 1
    assert "a figure cannot be written as 'svgg': did you mean 'svg'? Available: pdf, png, svg" in err


def test_what_cannot_be_written_is_said(bakeoff, judged, tmp_path):
    """A file where a folder should be."""
    (tmp_path / "report").write_text("in the way")
    code, _, err = bakeoff("report", *judged)
    assert code == 1
    assert "the report cannot be written to report/hand.html" in err


@pytest.mark.parametrize("name", ["o[red].html", "[/b]x.json", "a [bold]b.md"])
def test_a_path_is_printed_as_it_is(bakeoff, judged, tmp_path, name):
    """Brackets in it are no markup of the terminal."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    code, out, _ = bakeoff("report", *judged, "-o", name, "--figures", "none")
    assert code == 0
    assert f"The report is in {name}" in out
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("ending", ["pdf", "PNG", "svg"])
def test_a_report_is_no_figure(bakeoff, judged, tmp_path, ending):
    """Nothing is written under an ending that says what it is not."""
    code, _, err = bakeoff("report", *judged, "-o", f"x.{ending}")
    assert code == 1
    assert f"x.{ending} ends as a figure does" in err
    assert f"--figures {ending.lower()}" in " ".join(err.split())
    assert not (tmp_path / f"x.{ending}").exists()

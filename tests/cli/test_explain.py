"""`bakeoff explain`: findings and trials in words and as JSON."""

import json
import math
from dataclasses import replace

import pytest

from bakeoff.cli import explain as command
from bakeoff.cli.explain_sentences import describe_trial
from bakeoff.errors import StoreError
from bakeoff.runner.effects import Outcome
from bakeoff.runner.remedies import Trial
from bakeoff.spec.values import Finding
from bakeoff.verbs.explain import Explanation

STUDY = "name: hand\ndata: digits\nmodels: {a: {mlp: {hidden: [1]}}, b: {mlp: {hidden: [2]}}}"
SICK = Outcome("", "", 12, 9, (0.1, 0.84))


def _trial(*changes: Outcome, unchanged: Outcome = SICK, own_epochs: int = 3) -> Trial:
    return Trial("a", 3, 0.68, unchanged, changes, own_epochs)


def _words(trial: Trial) -> str:
    return " ".join(describe_trial(trial)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def file(tmp_path):
    """A study file."""
    (tmp_path / "hand.yaml").write_text(STUDY)
    return "hand.yaml"


@pytest.fixture
def found(monkeypatch):
    """One finding of model a, of what was printed about it, and of the study; nothing of b; nothing tried."""
    finding = Finding("BKO301", "warning", "Pixels [0..255]", "up to 255", "--set protocol.pixels=unit", "a", "raw")
    printed = replace(finding, code="BKO104", published=True)
    explanation = Explanation({"a": (finding,), "b": ()}, ("c",), (printed,), (finding,))
    monkeypatch.setattr(command, "explain", lambda study, model, store: explanation)


def test_findings_for_people(bakeoff, file, found):
    """Code, severity, title, evidence, cause, advice and page; and who is well."""
    code, out, _ = bakeoff("explain", file)
    assert code == 0
    for text in (
        "BKO301 warning: Pixels [0..255]",
        "found: up to 255",
        "cause: raw",
        "to do: --set protocol.pixels=unit",
        "page:  docs/findings.md#bko301",
        "Nothing was found in b.",
        "No run yet: c.",
        "The study and its data",
    ):
        assert text in out
    assert out.index("Published figures") < out.index("BKO104 warning") < out.index("The study and its data")


def test_long_lines_hang(bakeoff, file, monkeypatch):
    """What does not fit into 80 columns goes on below its beginning, not below its label."""
    finding = Finding("BKO301", "warning", "Pixels", "word " * 40, "--set protocol.pixels=unit", "a")
    monkeypatch.setattr(command, "explain", lambda study, model, store: Explanation({"a": (finding,)}, (), (), ()))
    lines = [line for line in bakeoff("explain", file)[1].splitlines() if "word" in line]
    assert len(lines) > 1
    assert {line.index("word") for line in lines} == {lines[0].index("word")}


def test_findings_for_programs(bakeoff, file, found):
    """The same as JSON."""
    shown = json.loads(bakeoff("explain", file, "--json")[1])
    assert [(model["name"], len(model["findings"])) for model in shown["models"]] == [("a", 1), ("b", 0)]
    assert shown["models"][0]["findings"][0]["page"] == "docs/findings.md#bko301"
    assert (shown["missing"], len(shown["findings"]), shown["trial"]) == (["c"], 1, None)
    assert [finding["code"] for finding in shown["published"]] == ["BKO104"]


def test_a_code_instead_of_a_study(bakeoff):
    """Its meaning and its page; an unknown one is refused."""
    code, out, _ = bakeoff("explain", "bko504")
    assert code == 0
    assert out.startswith("BKO504: ")
    assert json.loads(bakeoff("explain", "BKO504", "--json")[1])["page"] == "docs/findings.md#bko504"
    code, _, err = bakeoff("explain", "BKO999")
    assert (code, "no finding has the code BKO999" in err) == (1, True)


def test_a_trial_needs_one_model(bakeoff, file):
    """Without its name that is wrong usage."""
    code, _, err = bakeoff("explain", file, "--try")
    assert code == 2
    assert "--try is for one model" in err


def test_a_trial_needs_no_runs(bakeoff, file, monkeypatch):
    """Without a store `explain` alone says what to do; with --try it trains, and prints table, sentences and cure."""

    def nothing_there(*_, **__):
        raise StoreError("run it first")

    trial = _trial(Outcome("scaling the pixels", "models.a.protocol.pixels=unit", 12, 0, (0.8, 0.9), 0.001, "cures"))
    monkeypatch.setattr(command, "explain", nothing_there)
    monkeypatch.setattr(command, "try_out", lambda study, model, **_: trial)
    assert bakeoff("explain", file, "a")[2] == "bakeoff: run it first\n"
    code, out, _ = bakeoff("explain", file, "a", "--try")
    assert code == 0
    assert "Scaling the pixels cures it" in out
    assert "--set models.a.protocol.pixels=unit" in out
    shown = json.loads(bakeoff("explain", file, "a", "--try", "--json")[1])["trial"]
    assert (shown["changes"][0]["effect"], shown["unchanged"]["p"]) == ("cures", None)
    assert (shown["unchanged"]["p_learns_more"], shown["floor"], shown["own_epochs"]) == (None, 0.68, 3)


def test_the_table_has_the_chance_of_what_it_says(bakeoff, file, monkeypatch):
    """Beside "learns more" stands the p-value of the accuracies, beside other effects that of the counts."""
    more = Outcome("a", "", 5, 5, (0.3,) * 5, 1.0, "learns more", 0.016)
    monkeypatch.setattr(command, "explain", lambda study, model, store: Explanation({}, (), (), ()))
    monkeypatch.setattr(command, "try_out", lambda study, model, **_: _trial(more, replace(more, effect="does not")))
    lines = bakeoff("explain", file, "a", "--try")[1].splitlines()
    assert any(line.split()[-3:] == ["0.016", "learns", "more"] for line in lines)
    assert any(line.split()[-3:] == ["1", "does", "not"] for line in lines)


def test_what_cures_and_what_is_cleared():
    """Every change is named under what is known of it, with its numbers."""
    words = _words(
        _trial(
            Outcome("scaling the pixels", "", 12, 0, (0.81, 0.83), 0.001, "cures"),
            Outcome("batch normalisation", "", 12, 0, (0.85, 0.87), 0.001, "cures"),
            Outcome("the loss from logits", "", 12, 3, (0.1, 0.83), 0.03, "helps"),
            Outcome("half the width", "", 12, 6, (0.1, 0.83), 0.3, "perhaps"),
            Outcome("half the depth", "", 12, 10, (0.1, 0.83), 1.0, "does not"),
        )
    )
    assert words == (
        "a fails with 9 of 12 seeds within 3 epochs (accuracy 10 to 84 %). "
        "A seed fails that names the class of fewer than 68 % of the validation images: so many are right if each is "
        "given the class whose mean image is nearest. "
        "Scaling the pixels cures it: no seed fails (accuracy 81 to 83 %); so does batch normalisation (accuracy 85 to "
        "87 %). The loss from logits (3 of 12 fail) helps: surely fewer seeds fail, but some still do. Half the width "
        "(6 of 12 fail) may help: fewer seeds fail, which may be chance. More --seeds can tell. Half the depth does "
        "not cure it."
    )


def test_nothing_cures():
    """That is said, and diverged runs have no accuracy."""
    diverged = Outcome("", "", 2, 2, (math.nan, math.nan))
    words = _words(_trial(Outcome("half the depth", "", 2, 2, (0.5,), 1.0), unchanged=diverged))
    assert "(no run has an accuracy)." in words
    assert "No single change that was tried is known to cure it." in words


def test_what_learns_more_is_not_cleared():
    """A change with which as many seeds fail, but at higher accuracies, is never said not to cure."""
    words = _words(_trial(Outcome("scaling the pixels", "", 12, 9, (0.37, 0.62), 1.0, "learns more", 0.02)))
    assert words.endswith(
        "It learns more with scaling the pixels (accuracy 37 to 62 %), though seeds still fail, and may need more "
        "epochs: --epochs 6 can tell."
    )
    assert "not cure" not in words


def test_a_trial_longer_than_the_protocol():
    """That it is longer is said, of a model that fails and of one that does not."""
    assert "within 3 epochs, where its own protocol has 2 (accuracy" in _words(_trial(own_epochs=2))
    words = _words(_trial(unchanged=Outcome("", "", 5, 0, (0.9, 0.9)), own_epochs=1))
    assert words.endswith("stops after 1 epoch: if it fails there, that may be too few (--epochs 1 can tell).")
    assert "own protocol" not in _words(_trial(own_epochs=9))
    cured = _trial(Outcome("scaling the pixels", "", 12, 0, (0.8,), 0.001, "cures"), own_epochs=2)
    assert "Its own protocol stops after 2 epochs, which may be too few even then." in _words(cured)


def test_a_healthy_model():
    """Nothing to cure."""
    words = _words(_trial(unchanged=Outcome("", "", 5, 0, (0.9, 0.9))))
    assert words.startswith("a does not fail: all 5 seeds learn within 3 epochs (accuracy 90 %). There is nothing")

from dataclasses import replace

import pytest

from bakeoff.report import verdict_sentences
from bakeoff.report.sentences.findings import group_findings, split_code
from bakeoff.spec.values import Finding


def _find(code, severity="error", model="cnn", **changes):
    found = Finding(code, severity, "The network collapsed", "5 of 5 seeds (seed 0)", "advice", model)
    return replace(found, **changes)


@pytest.fixture
def said(by_hand):
    """Findings to the sentences about them."""

    def tell(*findings):
        comparison = replace(by_hand.make_comparison(by_hand.FOUR), findings=findings)
        return [sentence for sentence in verdict_sentences(comparison) if sentence.kind == "finding"]

    return tell


def test_errors_of_a_model_make_one_sentence(said):
    """What is wrong, in how many seeds, under which codes, and why."""
    (sentence,) = said(
        _find("BKO102", cause="The first layer sees unscaled pixels."),
        _find("BKO104", title="Softmax saturated", evidence="loss 14.5", cause="other"),
    )
    assert sentence.text == (
        "cnn: the network collapsed in 5 of 5 seeds (BKO102), softmax saturated (BKO104). "
        "Probable cause: the first layer sees unscaled pixels."
    )
    assert [phrase.anchor for phrase in sentence.phrases if phrase.role == "number"] == [
        "finding:BKO102",
        "finding:BKO104",
    ]


def test_models_with_the_same_errors_share_a_sentence(said):
    """How many of whose seeds is left to the findings; another cause makes another sentence."""
    sentences = said(
        *(_find("BKO102", model=name, evidence=f"{name} of 5 seeds") for name in ("1", "2", "3")),
        *(_find("BKO104", model=name, title="Softmax saturated") for name in ("1", "2")),
    )
    assert [sentence.text for sentence in sentences] == [
        "1 and 2: the network collapsed (BKO102), softmax saturated (BKO104).",
        "3: the network collapsed in 3 of 5 seeds (BKO102).",
    ]


def test_an_error_of_the_data_comes_with_its_evidence(said):
    """It is about no model, and stands first."""
    first, second = said(_find("BKO102"), _find("BKO302", model="", title="A leak", evidence="12 of 1,000 images"))
    assert first.text == "A leak (BKO302): 12 of 1,000 images."
    assert second.text.startswith("cnn: ")


def test_warnings_and_notes_make_no_sentence(said):
    """They stand among the findings."""
    assert said(_find("BKO201", "warning"), _find("BKO202", "note")) == []


def test_the_same_of_several_models_is_one_group():
    """Model and evidence may differ, nothing else; the first group of a code can be linked to."""
    groups = group_findings(
        [
            _find("BKO203"),
            _find("BKO203", model="lstm", evidence="other"),
            _find("BKO203", model="dense", advice="other"),
            _find("BKO204"),
        ]
    )
    assert [group.cases for group in groups] == [
        (("cnn", "5 of 5 seeds (seed 0)"), ("lstm", "other")),
        (("dense", "5 of 5 seeds (seed 0)"),),
        (("cnn", "5 of 5 seeds (seed 0)"),),
    ]
    assert [group.anchor for group in groups] == ["finding:BKO203", "", "finding:BKO204"]
    assert groups[0].names == ("cnn", "lstm")


def test_advice_that_names_its_model_does_not_keep_models_apart():
    """In the place of each name stands NAME; where it is one model alone, its own."""
    advice = "--set models.{}.protocol.pixels=unit"
    findings = [_find("BKO301", model=name, advice=advice.format(name)) for name in ("cnn", "lstm")]
    (group,) = group_findings(findings)
    assert (group.names, group.first.advice) == (("cnn", "lstm"), advice.format("NAME"))
    (alone,) = group_findings(findings[:1])
    assert alone.first.advice == advice.format("cnn")


@pytest.mark.parametrize(
    ("advice", "code"),
    [
        ("bakeoff run with a larger --seeds; nothing is trained twice", ["bakeoff run", "--seeds"]),
        ("bakeoff run with --seeds 5", ["bakeoff run", "--seeds 5"]),
        ("--set models.a.layers=[1, 2], or none", ["--set models.a.layers=[1, 2]"]),
        (
            "--set protocol.optimizer.adam.learning_rate=0.0001 (once)",
            ["--set protocol.optimizer.adam.learning_rate=0.0001"],
        ),
        ("at random (--set protocol.validation=0.1 does)", ["--set protocol.validation=0.1"]),
        ("use `a grid` here", ["a grid"]),
        ("look at the images: bakeoff data NAME; crop", ["bakeoff data NAME"]),
        ("correct the labels", []),
    ],
)
def test_what_is_to_be_typed(advice, code):
    """Overrides, options and commands are told from words; together they are the advice."""
    parts = split_code(advice)
    assert [part for part, is_code in parts if is_code] == code
    assert "".join(part for part, _ in parts) == advice.replace("`", "")

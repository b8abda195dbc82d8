"""The published pages' sentences: headline, causes, open questions, overview. Each follows from made-up results."""

from dataclasses import replace

import numpy as np
import pytest
from docs.publishing import counterfactuals, headline, headline_words, open_questions, overview, samples

import bakeoff
from bakeoff.comparison import CertaintyPrice
from bakeoff.report.document.blocks import Heading, Paragraph, Sentences, TableBlock
from bakeoff.report.document.markdown import to_markdown
from bakeoff.report.document.tables import published_words
from bakeoff.runner.effects import Outcome
from bakeoff.runner.remedies import Trial
from bakeoff.spec.prediction import Prediction, Vote

SICK = Outcome("", "", 5, 5, (0.1,) * 5)
WELL = Outcome("", "", 5, 0, (0.8,) * 5)
HEALED = Outcome("scaling the pixels", "protocol.pixels=unit", 5, 0, (0.8,) * 5, effect="cures")
USELESS = Outcome("half the width", "", 5, 5, (0.1,) * 5)
CURED = Trial("1_5", 3, 0.7, SICK, (HEALED, USELESS), 15)
UNCURED = Trial("4_5", 3, 0.7, SICK, (USELESS,), 20)
HEALTHY = Trial("1_6", 3, 0.7, WELL, (), 20)


def _plain(text):
    return text.replace("\u00a0", " ")


def _words(blocks):
    return _plain(to_markdown(tuple(blocks), str))


def _rows(table):
    return [["".join(span.words for span in cell) for cell in row] for row in table.rows]


def _tables(blocks):
    return [block for block in blocks if isinstance(block, TableBlock)]


@pytest.fixture(scope="module")
def flat(judge):
    """Study B where every network does equally well, whatever was printed."""
    study = bakeoff.load_study("study-b")
    return judge(study, dict.fromkeys([model.name for model in study.models], 0.8))


def test_the_headline_tells_the_table(raw, scaled):
    """What was printed, and how often each network was trained for it."""
    told = _plain(headline_words.tell_headline(raw, scaled, [CURED]))
    assert "has 17 networks on Fashion-MNIST, each trained once (but 1_3 on each of 5 folds and 1_4 twice)" in told
    assert "with accuracies between 18.7 % and 88.2 %" in told


def test_the_headline_gives_both_ranges(raw, scaled):
    """Smallest and largest mean, with raw and with scaled pixels, in words and in the picture's description."""
    told = _plain(headline_words.tell_headline(raw, scaled, [CURED]))
    described = _plain(headline.describe_headline(raw, scaled))
    for comparison in (raw, scaled):
        means = [np.mean([run.accuracy for run in model.runs]) for model in comparison.models]
        between = f"between {100 * min(means):.1f} % and {100 * max(means):.1f} %"
        assert between in told
        assert between in described


def test_the_headline_judges_the_order_by_its_correlation(raw, scaled, flat):
    """The printed order comes back where our runs have it, and not where they have none."""
    assert "and the printed order comes back (rank correlation 0." in headline_words.tell_headline(raw, scaled, [])
    assert "the rank correlation with the printed figures is" in headline_words.tell_order(flat)
    assert "comes back" not in headline_words.tell_order(flat)


def test_an_order_of_nothing_is_not_told(judge):
    """One printed figure cannot be ordered."""
    assert headline_words.tell_order(judge(bakeoff.load_study("study-c"), {"dense": 0.9})) == ""


def test_the_headline_tells_failures_from_crashes(judge, scaled):
    """Networks that collapse or diverge learn nothing; one that crashed has no result."""
    study = bakeoff.load_study("study-b")
    accuracies = dict.fromkeys([model.name for model in study.models], 0.8)
    statuses = {"1_5": "collapsed", "1_6": "diverged", "4_5": "crashed"}
    told = headline_words.tell_headline(judge(study, accuracies, statuses=statuses), scaled, [])
    assert "; 6 seeds of 2 networks learn nothing, 3 more have no result." in told


def test_the_headline_counts_cures(raw, scaled):
    """All, some or none of those that fail in their trial too."""

    def tell(*trials):
        return headline_words.tell_headline(raw, scaled, trials)

    assert "scaling the pixels alone cures every one of the 1 network that fails there too (1_5)." in tell(CURED)
    both = "scaling the pixels alone cures 1 (1_5) of the 2 networks that fail there too (1_5 and 4_5)."
    assert both in tell(CURED, UNCURED)
    assert "alone cures none of the 1 network" in tell(UNCURED)


def test_a_network_that_learns_in_its_trial_is_not_called_failing(raw, scaled):
    """Nothing was changed there, so nothing is said of causes."""
    told = headline_words.tell_headline(raw, scaled, [CURED, HEALTHY])
    assert "(1_5). 1_6 does not fail within the 3 epochs of a trial, so no change was tried on it" in told


def test_a_headline_without_failures(flat, scaled):
    """Where every seed learns, nothing is said of cures."""
    told = headline_words.tell_headline(flat, scaled, [])
    assert "; every seed learns something." in told
    assert "cure" not in told


def test_the_headline_concludes_only_what_the_spreads_bear(raw, scaled, flat):
    """With equally wide spreads both are given, and no conclusion is drawn."""
    assert "how well each network bears raw pixels" in headline_words.tell_headline(raw, scaled, [])
    told = headline_words.tell_headline(flat, scaled, [])
    assert "how well each network bears raw pixels" not in told
    assert "The means spread over" in told


def test_the_picture_names_every_network(raw, scaled):
    """One row each."""
    picture = headline.draw_headline(raw, scaled)
    assert all(f">{headline.describe_network(model)}<" in picture.svg for model in raw.study.models)


def test_a_network_in_a_few_words(raw):
    """Sizes, activation, loss, and what is not in every network."""
    described = {model.name: headline.describe_network(model) for model in raw.study.models}
    assert described["4_1"] == "4_1: 128-64-32-16, leaky relu, cce"
    assert described["2_3"] == "2_3: 512-…-20, relu, cce, batch norm."


def test_causes_are_told_network_by_network():
    """A part for each trial; those without a failure are said to have none."""
    blocks = counterfactuals.why_they_fail([CURED, HEALTHY])
    assert [block.words for block in blocks if isinstance(block, Heading)] == ["Why networks fail", "1_5", "1_6"]
    told = _words(blocks)
    assert "where it failed again, with one thing changed at a time" in told
    assert "`bakeoff explain study-b MODEL --try --store bakeoff-published`" in told
    assert "1_6 does not fail within the 3 epochs of a trial, so no change was tried on it" in told
    assert "Scaling the pixels cures it" in told


def test_rare_failures_are_told_without_a_trial():
    """They are named, with the reason, before the trials and without any."""
    blocks = counterfactuals.why_they_fail([CURED], rare=["2_1"])
    assert [block.words for block in blocks if isinstance(block, Heading)] == ["Why networks fail", "1_5"]
    assert "2_1 fails with few seeds, so that no trial was made" in _words(blocks)
    assert "2_1 and 2_2 fail with few seeds" in _words(counterfactuals.why_they_fail([], rare=["2_1", "2_2"]))


def test_causes_where_nothing_was_changed():
    """No trial failed: nothing was changed in any of them. No trial at all: nobody failed."""
    assert "one thing changed" not in _words(counterfactuals.why_they_fail([HEALTHY]))
    assert _words(counterfactuals.why_they_fail([])).endswith("None did.\n")


def test_open_questions_are_those_without_an_answer(raw, scaled):
    """One row for each claim that is undetermined or not comparable, of each comparison under its own heading."""
    blocks = open_questions.open_questions({"Raw": raw, "Scaled": scaled}, ("Try `bakeoff run`.",))
    headings = [block.words for block in blocks if isinstance(block, Heading)]
    assert headings == ["What remains open", "Raw", "Scaled", "Next experiments"]
    for comparison, table in zip((raw, scaled), _tables(blocks), strict=True):
        wanted = [claim for claim in comparison.claims if claim.verdict in ("undetermined", "not comparable")]
        words = ["".join(span.words for span in published_words(claim, comparison.study.source)) for claim in wanted]
        assert [row[:2] for row in _rows(table)] == [
            [said, claim.verdict] for said, claim in zip(words, wanted, strict=True)
        ]


def test_a_settled_study_has_no_open_questions(raw):
    """It says so, and the next experiments stand all the same."""
    settled = replace(raw, claims=tuple(claim for claim in raw.claims if claim.verdict == "reproduced"))
    blocks = open_questions.open_questions({"": settled}, ("Try `bakeoff run`.",))
    assert not _tables(blocks)
    assert "Nothing: every figure and every claim is settled." in _words(blocks)
    assert [block for block in blocks if isinstance(block, Sentences)]


def test_open_questions_lead_below_only_where_something_is(raw):
    """Without experiments a claim that is not comparable is said to name nothing that could be measured."""
    prose = replace(raw, claims=raw.claims[-1:])
    assert prose.claims[0].verdict == "not comparable"
    assert _rows(_tables(open_questions.open_questions({"": prose}, ()))[0])[0][2] == open_questions.NOTHING_MEASURED
    below = open_questions.open_questions({"": prose}, ("Try it.",))
    assert _rows(_tables(below)[0])[0][2] == open_questions.ELSEWHERE


def test_open_questions_have_their_price(raw):
    """What would settle a claim is what its price says; where there is none, that is said."""
    first, second = raw.claims[:2]
    priced = CertaintyPrice(7, None, None, "", ("a",))
    claims = (replace(first, verdict="undetermined", price=priced), replace(second, verdict="undetermined", price=None))
    (table,) = _tables(open_questions.open_questions({"": replace(raw, claims=claims)}, ()))
    assert [row[2] for row in _rows(table)] == ["About 7 more seeds of a would decide.", open_questions.UNKNOWN]


def test_the_overview_has_every_claim_with_its_own_verdict(raw, scaled, long):
    """A row for each, and under the contradictions those that were not reproduced, figures of scaled runs counted."""
    page = _plain(overview.write_overview({"study-b": raw}, scaled, long, ["All of it: 3 hours."]))
    for comparison, heading in ((raw, "study-b"), (scaled, overview.SCALED)):
        section = page.split(f"\n### {heading}\n")[1].split("\n#")[0]
        _, _, *rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
        assert [row[1].strip() for row in rows] == [claim.verdict for claim in comparison.claims]
        assert all(_plain(claim.claim) in row[0] for claim, row in zip(comparison.claims, rows, strict=True))
        assert len({claim.verdict for claim in comparison.claims}) > 1
    contradictions = page.split("## Where these runs contradict")[1].split("\n## ")[0]
    lines = [line for line in contradictions.splitlines() if line.startswith("- ")]
    refuted = [claim for claim in raw.claims if claim.verdict == "not reproduced"]
    assert sum(line.startswith("- [study-b](study-b.md#claims): ") for line in lines) == len(refuted) > 0
    assert all(any(_plain(f"`{claim.claim}`") in line for line in lines) for claim in refuted)
    gone = sum(claim.figure is not None and claim.verdict == "not reproduced" for claim in scaled.claims)
    assert lines[-1].endswith(f"of its 17 printed figures {gone} do not come back.")
    assert gone


def test_the_overview_names_every_environment(raw, scaled, long):
    """Each once, and what all of it took."""
    other = replace(long, environments=({"system": "Windows", "device": "gpu", "threads": "accelerator"},))
    page = overview.write_overview({"study-b": raw}, scaled, other, ["All of it: 3 hours."])
    told = page.split("## What it took")[1]
    assert told.count("Linux, cpu, JAX 0.10, each run on one core.") == 1
    assert "Windows, gpu, each run on an accelerator." in told
    assert "- All of it: 3 hours." in told


def test_an_overview_without_contradictions(study_d, scaled, long):
    """It says so."""
    agreed = [replace(each, claims=()) for each in (study_d, scaled)]
    page = overview.write_overview({"study-d": agreed[0]}, agreed[1], long, [])
    assert f"## {overview.CONTRADICTIONS}\n\nNowhere.\n" in page


def test_samples_show_every_model_that_can_be_asked(monkeypatch):
    """A column for each image, its answers by model, wrong ones standing out; models without a seed are named."""
    sure, unsure = np.array([[0.1, 0.9], [0.2, 0.8]]), np.array([[0.6, 0.4], [0.4, 0.6]])
    votes = (Vote("deep", (0, 1), sure), Vote("wide", (0, 1), unsure))

    def answer(study, *, index, store):
        return Prediction(study.name, "digits", ("cat", "dog"), votes, {"1_5": "all collapsed"}, index, true_class=1)

    monkeypatch.setattr(bakeoff, "predict", answer)
    heading, table, other = samples.sample_predictions(bakeoff.load_study("study-b"), "anywhere")
    assert heading == Heading("Sample predictions")
    assert [column.heading for column in table.columns[1:]] == [f"Image {index}" for index in samples.SAMPLES]
    assert _plain(_rows(table)[0][1]) == "dog (85 %, 2 of 2)"
    assert _plain(_rows(table)[1][1]) == "cat (50 %, 1 of 2)"
    assert [row[1][0].style for row in table.rows] == ["plain", "strong"]
    assert "No seed of 1_5 finished" in table.caption
    assert isinstance(other, Paragraph)

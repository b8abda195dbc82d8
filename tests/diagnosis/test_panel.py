"""The doctor before its panel: every sick network gets its code, no healthy one an error."""

from __future__ import annotations

import pytest
from tests.diagnosis.doctor_page import write_page
from tests.diagnosis.examination import Member, Observation, PanelStudy, count_code, examine_panel, read_panel_study
from tests.diagnosis.panel import STUDIES
from tests.diagnosis.sick_data import MAKERS, write_sick_data

from bakeoff.comparison.diagnose import all_codes
from bakeoff.data import load_dataset
from bakeoff.spec.values import Finding

MEMBERS = {member.name: member for study in STUDIES for member in study.members}

KNOWN_MISSES: dict[str, str] = {}
"""Networks that the doctor does not get right yet, and why; docs/doctor.md counts them like the others."""


def observe(name, *codes, expected=(), severity="warning", study="one", wide=False):
    """One made-up observation."""
    member = Member(name, "{mlp: {hidden: [8]}}", expected=tuple(map(frozenset, expected)))
    findings = tuple(Finding(code, severity, "t", "e", "a", model="" if wide else name) for code in codes)
    return Observation(member, PanelStudy(study, "digits", (member,)), findings)


def test_panel_is_large_enough():
    """At least 44 networks stand before the doctor, 15 of them healthy, under names of their own."""
    assert len(MEMBERS) == sum(len(study.members) for study in STUDIES) >= 44
    assert sum(member.healthy for member in MEMBERS.values()) >= 15


def test_panel_expects_codes_that_exist():
    """Every code in the panel is one that a comparison can report."""
    for member in MEMBERS.values():
        assert member.excused | member.never <= set(all_codes()), member.name
        assert not member.required & member.never, member.name


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_panel_studies_can_be_read(study, tmp_path):
    """Each part of the panel is a study file like a user's."""
    assert [model.name for model in read_panel_study(study, tmp_path).models] == [m.name for m in study.members]


@pytest.mark.parametrize("name", MAKERS)
def test_sick_data_are_the_same_at_every_call(name, tmp_path):
    """A data set that is made sick loads, and is made alike each time."""
    prints = [load_dataset(write_sick_data(name, tmp_path)).fingerprint for _ in range(2)]
    assert prints[0] == prints[1]


def test_one_complete_set_of_codes_is_a_diagnosis():
    """Of alternative sets one must be reported completely; a healthy network must be free of errors only."""
    sets = [{"BKO101"}, {"BKO205", "BKO105"}]
    assert observe("a", "BKO101", expected=sets).diagnosed
    assert not observe("a", "BKO205", expected=sets).diagnosed
    assert observe("a", "BKO203").diagnosed
    assert not observe("a", "BKO203", severity="error").diagnosed


def test_codes_are_counted_by_network():
    """A network that may get a code counts neither as one that had to get it nor as one that should not."""
    seen = [
        observe("found", "BKO105", expected=[{"BKO105"}]),
        observe("missed", expected=[{"BKO105"}]),
        observe("may", "BKO105", expected=[{"BKO105"}, {"BKO106"}]),
        observe("healthy"),
        observe("accused", "BKO105", severity="error"),
    ]
    count = count_code("BKO105", seen)
    assert (count.due, count.hits, count.undue, count.false, count.false_errors) == (2, 1, 2, 1, 1)


def test_codes_about_data_are_counted_by_study():
    """Two networks on the same leaking data are one leak."""
    seen = [
        observe("a", "BKO302", expected=[{"BKO302"}], study="leak", wide=True),
        observe("b", "BKO302", study="leak", wide=True),
        observe("c", study="clean"),
    ]
    count = count_code("BKO302", seen)
    assert (count.unit, count.due, count.hits, count.undue, count.false) == ("study", 1, 1, 1, 0)


def test_page_names_what_was_missed():
    """The page says of a missed network what it should have got, and of a healthy one which error it got."""
    page = write_page([observe("sleeper", expected=[{"BKO206"}]), observe("fit", "BKO101", severity="error")])
    assert "`sleeper`: should get BKO206, got -." in page
    assert "`fit`: healthy, and got the error BKO101." in page
    assert "| sick networks that got the code they had to | 0 of 1 (0 %, 0 to 98 %) |" in page


def test_page_says_what_the_panel_does_not_have():
    """Codes that no network had to get are named: the page has no rate of them. Others are not."""
    absent = write_page([observe("sleeper", expected=[{"BKO206"}])]).split("## ")[2]
    assert absent.startswith("What the panel does not have")
    assert "BKO101" in absent
    assert "BKO206" not in absent


@pytest.fixture(scope="module")
def observations(tmp_path_factory):
    """What the doctor says of the whole panel, by network."""
    seen = examine_panel(STUDIES, tmp_path_factory.mktemp("panel"))
    return {observation.member.name: observation for observation in seen}


@pytest.mark.slow
@pytest.mark.panel
@pytest.mark.parametrize("name", MEMBERS)
def test_doctor_diagnoses(name, observations):
    """A sick network gets its code, a healthy one no error, and nobody a code that contradicts what is known."""
    seen = observations[name]
    if name in KNOWN_MISSES:
        assert not seen.diagnosed or seen.contradicted, f"{name} is right now: take it out of KNOWN_MISSES"
        return
    assert seen.diagnosed, [(finding.code, finding.severity, finding.evidence) for finding in seen.findings]
    assert not seen.contradicted

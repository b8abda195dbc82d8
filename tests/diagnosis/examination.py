"""Runs a panel of networks by the way that a user takes, and holds what the doctor says against what is known."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.diagnosis.sick_data import MAKERS, write_sick_data

import bakeoff
from bakeoff.spec import parse_study
from bakeoff.spec.study import Study
from bakeoff.spec.values import Finding

STUDY_WIDE = frozenset({"BKO302", "BKO303", "BKO304", "BKO305", "BKO306", "BKO307", "BKO402"})
"""Codes that speak of data or of a comparison as a whole: counted once for each study."""

BY_LAYOUT = frozenset({"BKO403", "BKO404", "BKO501", "BKO502", "BKO503"})
"""What a panel of many studies with two seeds brings with it, sick or healthy: not counted."""


LANES = 2
"""Studies at a time, each with one worker: the two seeds of a network then share a compilation, which is what a small
network mostly costs."""


@dataclass(frozen=True)
class Member:
    """One network of the panel.

    Attributes:
        name: Its name in its study.
        entry: Its entry in the study file, as YAML.
        expected: Sets of codes, one of which must be reported completely; none for a healthy network.
        also: Codes that are true of it as well, or may be: consequences of what makes it sick.
        never: Codes that must not be reported, whatever else is.
    """

    name: str
    entry: str
    expected: tuple[frozenset[str], ...] = ()
    also: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.expected

    @property
    def required(self) -> frozenset[str]:
        """The codes in each of the expected sets: without them the network is not diagnosed."""
        return frozenset.intersection(*self.expected) if self.expected else frozenset()

    @property
    def excused(self) -> frozenset[str]:
        """The codes that may be reported without being wrong."""
        return self.also.union(*self.expected) - self.never


@dataclass(frozen=True)
class PanelStudy:
    """Networks that share data and are run by one call.

    Attributes:
        name: The study's name.
        data: A data set's name, or one of `sick_data.MAKERS`.
        members: Its networks.
        protocol: As YAML.
        more: Further lines of the study file, such as published figures.
        also: Study-wide codes that are true of it, or may be.
    """

    name: str
    data: str
    members: tuple[Member, ...]
    protocol: str = "{seeds: 2, epochs: 12, validation: 0.1}"
    more: str = ""
    also: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Observation:
    """What the doctor said of one network.

    Attributes:
        member: The network.
        study: The panel's study that it is in.
        findings: Those that name it and those that name no network of its study; none about the panel's layout.
    """

    member: Member
    study: PanelStudy
    findings: tuple[Finding, ...]

    @property
    def codes(self) -> frozenset[str]:
        """All codes."""
        return frozenset(finding.code for finding in self.findings)

    @property
    def errors(self) -> frozenset[str]:
        """The codes of severity error."""
        return frozenset(finding.code for finding in self.findings if finding.severity == "error")

    @property
    def diagnosed(self) -> bool:
        """Whether one of the expected sets was reported; of a healthy network, whether there was no error."""
        if self.member.healthy:
            return not self.errors
        return any(expected <= self.codes for expected in self.member.expected)

    @property
    def contradicted(self) -> frozenset[str]:
        """The codes that were reported and must not be."""
        return self.codes & self.member.never


def examine_panel(studies: Sequence[PanelStudy], folder: Path) -> tuple[Observation, ...]:
    """Train every network of a panel and ask the doctor.

    Args:
        studies: The panel.
        folder: For sick data and the one store; runs that it holds already are not trained again.

    Returns:
        One observation per network, in the panel's order.
    """
    with ThreadPoolExecutor(LANES) as lanes:
        examined = lanes.map(lambda study: _examine(study, folder), studies)
    return tuple(observation for observations in examined for observation in observations)


def _examine(panel: PanelStudy, folder: Path) -> list[Observation]:
    study = read_panel_study(panel, folder)
    findings = bakeoff.run(study, store=folder / "store", workers=1).compare().findings
    return [
        Observation(member, panel, tuple(found for found in findings if _concerns(found, member)))
        for member in panel.members
    ]


def read_panel_study(panel: PanelStudy, folder: Path) -> Study:
    """The study of a part of the panel; its data are written into the folder if they are made."""
    data = write_sick_data(panel.data, folder) if panel.data in MAKERS else panel.data
    models = "".join(f"  {member.name}: {member.entry}\n" for member in panel.members)
    text = f"name: {panel.name}\ndata: '{data}'\nprotocol: {panel.protocol}\nmodels:\n{models}{panel.more}"
    return parse_study(text).study


def _concerns(finding: Finding, member: Member) -> bool:
    return finding.model in ("", member.name) and finding.code not in BY_LAYOUT


@dataclass(frozen=True)
class CodeCount:
    """How often one code was reported, over networks, or over studies for a study-wide code.

    Attributes:
        code: The code.
        unit: "network" or "study".
        due: Where it had to be reported.
        hits: Where it had to be and was.
        undue: Where it should not be reported.
        false: Where it should not be and was.
        false_errors: The same, with severity error.
    """

    code: str
    unit: str
    due: int
    hits: int
    undue: int
    false: int
    false_errors: int


def count_code(code: str, observations: Sequence[Observation]) -> CodeCount:
    """Count one code.

    A network that may have the code counts neither as one that had to nor as one that should not. A study must have a
    study-wide code if one of its networks must, and may if one of them may.
    """
    groups = _by_study(observations) if code in STUDY_WIDE else [[seen] for seen in observations]
    due = [group for group in groups if any(code in seen.member.required for seen in group)]
    undue = [group for group in groups if not any(_may_have(code, seen) for seen in group)]
    return CodeCount(
        code=code,
        unit="study" if code in STUDY_WIDE else "network",
        due=len(due),
        hits=sum(any(code in seen.codes for seen in group) for group in due),
        undue=len(undue),
        false=sum(any(code in seen.codes for seen in group) for group in undue),
        false_errors=sum(any(code in seen.errors for seen in group) for group in undue),
    )


def _may_have(code: str, seen: Observation) -> bool:
    return code in seen.member.excused | seen.study.also


def _by_study(observations: Sequence[Observation]) -> list[list[Observation]]:
    groups: dict[str, list[Observation]] = {}
    for seen in observations:
        groups.setdefault(seen.study.name, []).append(seen)
    return list(groups.values())

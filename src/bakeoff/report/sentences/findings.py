"""How findings are read: errors as sentences of the verdict, all of them grouped where many models share one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from bakeoff.comparison import Comparison
from bakeoff.report.sentences.phrases import Phrase, Sentence, compose_sentence, finding_anchor, name_model
from bakeoff.spec.values import Finding

MOST_EVIDENCE = 140

_RUNS = re.compile(r"\d+ of \d+ (?:seed|run)s?")
"""How the evidence of a finding about runs begins."""

_VALUE = r"(?:\[[^\]]*\]|\{[^}]*\}|[^\s,;]*[^\s,;.)])"
_OPTION = rf"--set [^\s=]+={_VALUE}|--[a-z][a-z-]*(?: \d+\b)?"
_COMMAND = rf"bakeoff [a-z]+(?: (?:{_OPTION}|[A-Z][A-Z_0-9]+\b))*"
_CODE = re.compile(rf"`([^`]+)`|({_COMMAND}|{_OPTION})")
"""What of an advice is to be typed: text between backticks, an override, an option, a command."""


@dataclass(frozen=True)
class FindingGroup:
    """Findings that differ in model and evidence only.

    Attributes:
        first: One of them, for all that they share.
        cases: Model and evidence of each.
        anchor: Id of the group; empty where an earlier group has the same code.
    """

    first: Finding
    cases: tuple[tuple[str, str], ...]
    anchor: str

    @property
    def names(self) -> tuple[str, ...]:
        """The models that it is about."""
        return tuple(model for model, _ in self.cases if model)


def error_sentences(comparison: Comparison) -> list[Sentence]:
    """What makes the runs of a model, or the data, unusable.

    Args:
        comparison: Of any number of models.

    Returns:
        A sentence for each model with an error, one for each error of the whole study.
    """
    errors = [finding for finding in comparison.findings if finding.severity == "error"]
    names = dict.fromkeys(finding.model for finding in errors if finding.model)
    of_models = [[finding for finding in errors if finding.model == name] for name in names]
    of_study = [[finding] for finding in errors if not finding.model]
    return [_error_sentence(found) for found in [*of_study, *of_models]]


def group_findings(findings: Sequence[Finding]) -> tuple[FindingGroup, ...]:
    """Put together what is the same of several models.

    Args:
        findings: In the order in which they are to be read.

    Returns:
        The groups, in the order of their first findings.
    """
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        shared = (finding.code, finding.severity, finding.title, finding.cause, finding.advice)
        groups.setdefault(shared, []).append(finding)
    seen: set[str] = set()
    grouped = []
    for found in groups.values():
        code = found[0].code
        cases = tuple((finding.model, finding.evidence) for finding in found)
        grouped.append(FindingGroup(found[0], cases, "" if code in seen else finding_anchor(code)))
        seen.add(code)
    return tuple(grouped)


def split_code(text: str) -> list[tuple[str, bool]]:
    """The parts of an advice, and whether each is to be typed.

    >>> split_code("--set protocol.pixels=unit, or bakeoff run --workers 1")
    [('--set protocol.pixels=unit', True), (', or ', False), ('bakeoff run --workers 1', True)]
    """
    parts: list[tuple[str, bool]] = []
    end = 0
    for match in _CODE.finditer(text):
        parts += [(text[end : match.start()], False), (match[1] or match[2], True)]
        end = match.end()
    return [(part, is_code) for part, is_code in [*parts, (text[end:], False)] if part]


def end_clause(text: str) -> str:
    """A clause as a sentence: a capital in front, a full stop behind.

    >>> end_clause("the first layer sees unscaled pixels")
    'The first layer sees unscaled pixels.'
    """
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


def _error_sentence(found: Sequence[Finding]) -> Sentence:
    phrases: list[Phrase | str] = [name_model(found[0].model), ": "] if found[0].model else []
    titled = groupby(found, key=lambda finding: (finding.code, finding.title))
    for place, (code, title) in enumerate(key for key, _ in titled):
        evidence = next(finding.evidence for finding in found if finding.code == code)
        runs = _RUNS.match(evidence)
        words = f"{title[:1].lower() if phrases else title[:1]}{title[1:]}{f' in {runs[0]}' if runs else ''} ("
        phrases += [", " * (place > 0) + words, Phrase(code, "number", finding_anchor(code)), ")"]
    if not found[0].model:
        phrases.append(f": {textwrap.shorten(found[0].evidence, MOST_EVIDENCE, placeholder=' ...')}")
    cause = next((finding.cause for finding in found if finding.cause), "")
    end = f". Probable cause: {cause[:1].lower()}{cause[1:].rstrip('.')}." if cause else "."
    return compose_sentence("finding", *phrases, end)

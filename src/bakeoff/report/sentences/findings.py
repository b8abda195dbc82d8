"""How findings are read: errors as sentences of the verdict, all of them grouped where many models share one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bakeoff.comparison import Comparison
from bakeoff.report.sentences.phrases import Phrase, Sentence, compose_sentence, finding_anchor, list_models_or_count
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
        One for each error of the whole study; then one for each model with errors, or for all models with the same.
    """
    errors = [finding for finding in comparison.findings if finding.severity == "error"]
    alike: dict[tuple[tuple[str, ...], str], list[list[Finding]]] = {}
    for name in dict.fromkeys(finding.model for finding in errors if finding.model):
        found = [finding for finding in errors if finding.model == name]
        alike.setdefault((tuple(finding.title for finding in found), _first_cause(found)), []).append(found)
    of_study = [_study_sentence(finding) for finding in errors if not finding.model]
    return [*of_study, *map(_models_sentence, alike.values())]


def group_findings(findings: Sequence[Finding]) -> tuple[FindingGroup, ...]:
    """Put together what is the same of several models.

    Args:
        findings: In the order in which they are to be read.

    Returns:
        The groups, in the order of their first findings.
    """
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        shared = (finding.code, finding.severity, finding.title, finding.cause, _advise_any(finding))
        groups.setdefault(shared, []).append(finding)
    seen: set[str] = set()
    grouped = []
    for found in groups.values():
        code = found[0].code
        cases = tuple((finding.model, finding.evidence) for finding in found)
        first = replace(found[0], advice=_advise_any(found[0])) if len(found) > 1 else found[0]
        grouped.append(FindingGroup(first, cases, "" if code in seen else finding_anchor(code)))
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


def _advise_any(finding: Finding) -> str:
    """The advice with NAME in the place of the model's own."""
    return finding.advice.replace(f"models.{finding.model}.", "models.NAME.")


def _study_sentence(finding: Finding) -> Sentence:
    evidence = textwrap.shorten(finding.evidence, MOST_EVIDENCE, placeholder=" ...")
    code = Phrase(finding.code, "number", finding_anchor(finding.code))
    end = f"): {evidence}{_tell_cause([finding])}"
    return compose_sentence("finding", f"{finding.title} (", code, end)


def _models_sentence(alike: Sequence[Sequence[Finding]]) -> Sentence:
    """Models with the same errors; how many runs have them is told of a single model only."""
    phrases: list[Phrase | str] = [*list_models_or_count([found[0].model for found in alike]), ": "]
    for place, (code, title) in enumerate(dict.fromkeys((finding.code, finding.title) for finding in alike[0])):
        evidence = next(finding.evidence for finding in alike[0] if finding.code == code)
        runs = _RUNS.match(evidence) if len(alike) == 1 else None
        words = f"{title[:1].lower()}{title[1:]}{f' in {runs[0]}' if runs else ''} ("
        phrases += [", " * (place > 0) + words, Phrase(code, "number", finding_anchor(code)), ")"]
    return compose_sentence("finding", *phrases, _tell_cause(alike[0]))


def _tell_cause(found: Sequence[Finding]) -> str:
    cause = _first_cause(found)
    return f". Probable cause: {cause[:1].lower()}{cause[1:].rstrip('.')}." if cause else "."


def _first_cause(found: Sequence[Finding]) -> str:
    return next((finding.cause for finding in found if finding.cause), "")

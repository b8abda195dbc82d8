"""From a study's labels to what each factor does, and to what this set of models cannot tell.

The factors are those that the author labelled or the grid made, and every setting of the protocol that differs between
models: epochs that change along with an activation confound it just as a second label would.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.samples import Sample
from bakeoff.spec.grid import value_as_text
from bakeoff.spec.protocol import Protocol
from bakeoff.stats import Factor, FactorCell, factor_contrasts

_NO_CAUSE = {"seeds", "margin"}


@dataclass(frozen=True, eq=False)
class Attribution:
    """What the factors of a study do.

    Attributes:
        factors: Those with at least two levels among the models that can be used.
        left_out: In words, which models could not be used, and why.
        level: Of the intervals; 1 - level is the error rate of all that is said of factors together.
    """

    factors: tuple[Factor, ...]
    left_out: tuple[str, ...]
    level: float


def attribute(evidence: Sequence[Evidence], samples: Mapping[str, Sample], *, level: float) -> Attribution:
    """Analyse the factors of a study.

    Args:
        evidence: The models.
        samples: Their seeds, by name.
        level: Confidence level; 1 - level is the family-wise error rate over all contrasts.

    Returns:
        Nothing at all if the study labels no model.
    """
    if not any(found.cell.model.factors for found in evidence):
        return Attribution((), (), level)
    labelled = list(dict.fromkeys(factor for found in evidence for factor in found.cell.model.factors))
    unusable = {**_twins(evidence), **_unlabelled(evidence, labelled)}
    levels = _levels([found for found in evidence if found.name not in unusable], labelled)
    obstacles = {name: _obstacle(samples[name]) for name in levels}
    alike = _labelled_alike({name: labels for name, labels in levels.items() if not obstacles[name]})
    left_out = [*filter(None, (*unusable.values(), *obstacles.values())), *(_ambiguous(names) for names in alike)]
    ambiguous = {name for names in alike for name in names}
    cells = [
        FactorCell(labels, summary, name)
        for name, labels in levels.items()
        if not obstacles[name] and name not in ambiguous and (summary := samples[name].summary)
    ]
    return Attribution(factor_contrasts(cells, level=level), tuple(left_out), level)


def _unlabelled(evidence: Sequence[Evidence], labelled: Sequence[str]) -> dict[str, str]:
    """The models that cannot stand beside the labelled ones, since what they differ in is not said, each with why."""
    lacking = {
        found.name: [factor for factor in labelled if factor not in found.cell.model.factors] for found in evidence
    }
    return {
        name: f"{name} is left out, because it has no label for {' and '.join(factors)}"
        for name, factors in lacking.items()
        if factors
    }


def _twins(evidence: Sequence[Evidence]) -> dict[str, str]:
    """The second names of networks that are there already, each with why it is left out."""
    first: dict[str, str] = {}
    for found in evidence:
        first.setdefault(found.cell.key, found.name)
    return {
        found.name: f"{found.name} is left out, because it is the network of {first[found.cell.key]} by another name"
        for found in evidence
        if first[found.cell.key] != found.name
    }


def _levels(evidence: Sequence[Evidence], labelled: Sequence[str]) -> dict[str, dict[str, str]]:
    """By model, in the order of the study file: its level of every factor."""
    settings = {found.name: _settings(found) for found in evidence}
    labels = {found.name: {factor: found.cell.model.factors[factor] for factor in labelled} for found in evidence}
    varied = [key for key in Protocol.model_fields if len({own.get(key) for own in settings.values()}) > 1]
    added = {key: _name_of(key, labelled) for key in varied if not _is_said(key, settings, labels)}
    return {
        name: {**own, **{factor: settings[name][key] for key, factor in added.items()}} for name, own in labels.items()
    }


def _is_said(key: str, settings: Mapping[str, Mapping[str, str]], labels: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether the author's labels of the same name tell all that differs in a setting."""
    for name in (key, key.replace("_", " ")):
        pairs = {(own[name], settings[model][key]) for model, own in labels.items() if name in own}
        if pairs and len(pairs) == len({label for label, _ in pairs}):
            return True
    return False


def _name_of(key: str, labelled: Sequence[str]) -> str:
    """The factor that a setting becomes, apart from a label of the same name."""
    name = key.replace("_", " ")
    return f"protocol {name}" if name in labelled or key in labelled else name


def _settings(found: Evidence) -> dict[str, str]:
    written: dict[str, Any] = found.cell.model.protocol.model_dump(mode="json", exclude=_NO_CAUSE)
    return {key: _setting_as_text(value) for key, value in written.items()}


def _setting_as_text(value: object) -> str:
    """A protocol's value as the level of a factor.

    >>> _setting_as_text({"holdout": 0.2}), _setting_as_text({"adam": {"learning_rate": 0.001}}), _setting_as_text(15)
    ('holdout 0.2', 'adam learning_rate 0.001', '15')
    """
    if isinstance(value, dict):
        return " ".join(f"{key} {_setting_as_text(inner)}" for key, inner in value.items())
    return value_as_text(value)


def _obstacle(sample: Sample) -> str:
    if sample.failed or sample.broken:
        return f"{sample.name} is left out, because seeds of it failed and a mean would hide that"
    return f"{sample.name} is left out, because it has fewer than two seeds" if sample.finished < 2 else ""


def _labelled_alike(levels: Mapping[str, Mapping[str, str]]) -> list[list[str]]:
    groups: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, labels in levels.items():
        groups[tuple(labels.values())].append(name)
    return [names for names in groups.values() if len(names) > 1]


def _ambiguous(names: Sequence[str]) -> str:
    return f"{' and '.join(names)} are left out, because their labels are the same though the networks are not"

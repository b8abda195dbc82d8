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
from bakeoff.stats import Factor, FactorCell, factor_contrasts

UNLABELLED = "not labelled"
_NO_CAUSE = {"seeds", "margin"}


@dataclass(frozen=True, eq=False)
class Attribution:
    """What the factors of a study do.

    Attributes:
        factors: Those with at least two levels among the models that can be used.
        left_out: In words, which models could not be used, and why.
    """

    factors: tuple[Factor, ...]
    left_out: tuple[str, ...]


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
        return Attribution((), ())
    levels = _levels(evidence)
    obstacles = {name: _obstacle(samples[name]) for name in levels}
    alike = _labelled_alike({name: labels for name, labels in levels.items() if not obstacles[name]})
    left_out = [*filter(None, obstacles.values()), *(_ambiguous(names) for names in alike)]
    ambiguous = {name for names in alike for name in names}
    cells = [
        FactorCell(labels, summary, name)
        for name, labels in levels.items()
        if not obstacles[name] and name not in ambiguous and (summary := samples[name].summary)
    ]
    return Attribution(factor_contrasts(cells, level=level), tuple(left_out))


def _levels(evidence: Sequence[Evidence]) -> dict[str, dict[str, str]]:
    """By model, in the order of the study file: its level of every factor."""
    labelled = list(dict.fromkeys(factor for found in evidence for factor in found.cell.model.factors))
    settings = {found.name: _settings(found) for found in evidence}
    varied = [key for key in next(iter(settings.values())) if len({str(own[key]) for own in settings.values()}) > 1]
    added = [key for key in varied if key not in labelled]
    return {
        found.name: {
            **{factor: found.cell.model.factors.get(factor, UNLABELLED) for factor in labelled},
            **{key.replace("_", " "): settings[found.name][key] for key in added},
        }
        for found in evidence
    }


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

"""Content addresses: what decides a run's numbers decides its name.

A cell is one model under one protocol on one data set; its runs differ in seed and fold only. Two models of different
names with the same layers and protocol share a cell; margin and number of seeds change no run and are left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bakeoff.models.recipes import expand_layers
from bakeoff.spec.named import Named
from bakeoff.spec.protocol import KFold
from bakeoff.spec.study import ModelSpec, Study

RESULTS_VERSION = 2  # raised when the engine would give other numbers for the same study


@dataclass(frozen=True)
class Cell:
    """One model under its protocol on one data set.

    Attributes:
        model: The study's entry.
        layers: What the entry expands to.
        key: Address shared by all runs of the cell.
        program: Shared with the cells that differ from this one in nothing but a fixed learning rate: what is compiled
            for one of them trains all of them.
    """

    model: ModelSpec
    layers: tuple[Named, ...]
    key: str
    program: str

    @property
    def folds(self) -> int:
        """Runs needed for one seed: the folds of a cross-validation, otherwise 1."""
        validation = self.model.protocol.validation
        return validation.kfold if isinstance(validation, KFold) else 1

    def run_key(self, *, seed: int, fold: int) -> str:
        """Address of one run."""
        return f"{self.key}-seed{seed}-fold{fold}"


def cells_of(study: Study, *, fingerprint: str) -> tuple[Cell, ...]:
    """The cells of a study on data with this fingerprint, in the study's order.

    Raises:
        StudyError: A recipe is unknown or its arguments do not fit.
    """
    return tuple(_cell(model, fingerprint) for model in study.models)


def _cell(model: ModelSpec, fingerprint: str) -> Cell:
    layers = expand_layers(model)
    content: dict[str, Any] = {
        "layers": [layer.model_dump() for layer in layers],
        "protocol": model.protocol.model_dump(exclude={"seeds", "margin"}),
        "data": fingerprint,
        "version": RESULTS_VERSION,
    }
    optimizer = _without_rate(model.protocol.optimizer).model_dump()
    without_rate = {**content, "protocol": {**content["protocol"], "optimizer": optimizer}}
    return Cell(model=model, layers=layers, key=_digest(content), program=_digest(without_rate))


def _without_rate(optimizer: Named) -> Named:
    """The optimiser without its learning rate, unless that is more than a number."""
    if not isinstance(optimizer.arguments.get("learning_rate", 0.0), int | float):
        return optimizer
    others = {name: value for name, value in optimizer.arguments.items() if name != "learning_rate"}
    return Named(name=optimizer.name, arguments=others)


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]

"""What a protocol asks for, and how to ask for something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bakeoff.diagnosis.values import ModelRuns
from bakeoff.spec.named import Named
from bakeoff.spec.values import Finding

SCALED = ("pixels", "unit")
"""The entry of a protocol that scales pixels, and its value."""

_DEFAULT_RATES = {"sgd": 0.01, "schedulefreeadamw": 0.0025}  # of Keras 3.15; all others have 0.001
_DEFAULT_RATE = 0.001
_FROM_LOGITS = ("categoricalcrossentropy", "sparsecategoricalcrossentropy")
_DIVERGENCES = ("kldivergence", "kld")
# Those of keras/src/losses/losses.py, 3.15, that take a logarithm of probabilities and cut them off at
# `backend.epsilon()`, or add it to them (poisson). Focal losses weigh it, binary ones take the mean over classes.
_CLIPPING = (
    *_DIVERGENCES,
    "binarycrossentropy",
    "bce",
    "binaryfocalcrossentropy",
    "categoricalfocalcrossentropy",
    "poisson",
)


def plain_name(name: str) -> str:
    """A Keras name in the one spelling that all its spellings share.

    >>> plain_name("KLDivergence"), plain_name("kl_divergence")
    ('kldivergence', 'kldivergence')
    """
    return name.replace("_", "").lower()


def learning_rate(optimizer: Named) -> float | None:
    """The optimiser's learning rate, Keras's own where none is given; None where it follows a schedule.

    >>> learning_rate(Named(name="sgd")), learning_rate(Named(name="Adam", arguments={"learning_rate": 0.1}))
    (0.01, 0.1)
    """
    rate = optimizer.arguments.get("learning_rate", _DEFAULT_RATES.get(plain_name(optimizer.name), _DEFAULT_RATE))
    return float(rate) if isinstance(rate, int | float) else None


def set_entry(model: ModelRuns, entry: str, value: object) -> str:
    """The override that changes one entry of one model's protocol: no other model, and no other argument.

    Args:
        model: Any.
        entry: Below `protocol`, with dots.
        value: What it becomes.
    """
    return f"--set {_place(model.name)}protocol.{entry}={value}"


def set_optimizer(model: ModelRuns, argument: str, value: str) -> str | None:
    """The overrides that change one argument of a model's optimiser.

    Its other arguments are said again: a model that has them from the study would lose them, since an override below
    `models.NAME.protocol.optimizer` gives it an optimiser of its own.

    Args:
        model: Any.
        argument: A Keras argument.
        value: What it becomes, in YAML.

    Returns:
        None where another argument cannot be typed, such as a learning rate's schedule.
    """
    optimizer = model.model.protocol.optimizer
    others = {name: told for name, told in optimizer.arguments.items() if name != argument}
    if not all(isinstance(told, bool | int | float | str) for told in others.values()):
        return None
    arguments = {argument: value} | {name: _as_yaml(told) for name, told in others.items()}
    return " ".join(set_entry(model, f"optimizer.{optimizer.name}.{name}", told) for name, told in arguments.items())


def scale_learning_rate(model: ModelRuns, factor: float) -> str:
    """The overrides that multiply a model's learning rate, or what to do where they cannot be typed.

    Args:
        model: Any.
        factor: Above 0.
    """
    rate = learning_rate(model.model.protocol.optimizer)
    typed = None if rate is None else set_optimizer(model, "learning_rate", f"{rate * factor:g}")
    rates = "learning rate" if rate is not None else "learning rates of the schedule"
    return typed or f"{factor:g} times the {rates} in protocol.optimizer of {model.name}"


def shorten_overrides(findings: Sequence[Finding], names: Sequence[str]) -> Iterator[Finding]:
    """Write an override that all models of a study are to be given as one for the whole study, where that is the same.

    It is the same for an entry of the protocol as a whole, such as `protocol.pixels`. Below an entry it is not:
    `protocol.optimizer.sgd.learning_rate` takes other optimisers, and other arguments, from models that have their own.

    Args:
        findings: About models, each with overrides of its own; of any code.
        names: All models of the study, with runs or without.

    Returns:
        The findings, in their order.
    """
    given: dict[tuple[str, str], set[str]] = {}
    for finding in findings:
        for entry in _whole_entries(finding):
            given.setdefault((finding.code, entry), set()).add(finding.model)
    for finding in findings:
        advice = finding.advice
        for entry in _whole_entries(finding):
            if given[finding.code, entry] == set(names):
                advice = advice.replace(f"--set {_place(finding.model)}{entry}", f"--set {entry}")
        yield replace(finding, advice=advice)


def _whole_entries(finding: Finding) -> list[str]:
    """Such as `protocol.pixels=unit`: what a finding's overrides give its model in place of a whole entry."""
    own = re.escape(_place(finding.model))
    return re.findall(rf"--set {own}(protocol\.\w+=[^\s,;]+)(?=[,;]|\s|$)", finding.advice) if finding.model else []


def _as_yaml(value: bool | float | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _place(name: str) -> str:
    return f"models.{name}."


def takes_probabilities(loss: Named) -> bool:
    """Whether a loss is taken from probabilities: the engine takes the two cross-entropies from the logits.

    Its gradient by the logits then has the probabilities as factors, and vanishes where the softmax saturates.

    >>> takes_probabilities(Named(name="mse")), takes_probabilities(Named(name="CategoricalCrossentropy"))
    (True, False)
    """
    return plain_name(loss.name) not in _FROM_LOGITS


def clips(loss: Named) -> bool:
    """Whether a loss is the logarithm of probabilities that are cut off at 1e-7.

    >>> clips(Named(name="kl_divergence")), clips(Named(name="mse")), clips(Named(name="CategoricalCrossentropy"))
    (True, False, False)
    """
    return plain_name(loss.name) in _CLIPPING


def costs_a_ceiling(loss: Named) -> bool:
    """Whether each image that is certainly wrong costs just -ln(1e-7), and each that is certainly right nothing.

    >>> costs_a_ceiling(Named(name="KLD")), costs_a_ceiling(Named(name="categorical_focal_crossentropy"))
    (True, False)
    """
    return plain_name(loss.name) in _DIVERGENCES

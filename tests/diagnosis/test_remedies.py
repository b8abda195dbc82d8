"""Advice that can be typed: it changes what it is about and nothing else."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from bakeoff.diagnosis import ModelRuns, diagnose
from bakeoff.diagnosis.remedies import learning_rate, scale_learning_rate, set_entry, shorten_overrides
from bakeoff.spec import parse_study
from bakeoff.spec.named import Named
from bakeoff.spec.values import Finding

STUDY = """
name: typed
data: digits
protocol: {pixels: raw, loss: kl_divergence, epochs: 10, batch_size: 32, optimizer: {adam: {beta_1: 0.8}}}
models:
  net-0.5: {mlp: {hidden: [8]}, protocol: {optimizer: {SGD: {learning_rate: 0.5, momentum: 0.9, nesterov: true}}}}
  heir: {mlp: {hidden: [4]}}
  scaled: {mlp: {hidden: [6]}, protocol: {pixels: unit, loss: categorical_crossentropy, optimizer: rmsprop}}
"""
RAW = np.array([0.0, 255.0, 33.3, 78.6])
ONE_CLASS = np.full(1000, 3)
SICK = {
    "diverged": {"status": "diverged", "test_accuracy": None, "test_loss": None},
    "collapsed": {"status": "collapsed", "predictions": ONE_CLASS, "test_accuracy": 0.1, "test_loss": 14.5062},
    "out of memory": {"status": "out of memory", "test_accuracy": None, "test_loss": None, "predictions": None},
    "dead": {"probes": {"dead": np.tile([0.9, 0.1, 0.0], (3, 1))}},
    "explodes": {"probes": {"gradient": np.full((3, 3), 400.0)}},
    "too fast": {"probes": {"update": np.full((3, 3), 8.0)}},
    "too slow": {"probes": {"update": np.full((3, 3), 1e-7)}, "history": {"loss": np.full(10, 2.3)}},
    "still improving": {"history": {"validation_loss": np.linspace(2, 1, 10)}},
    "plateau": {"history": {"validation_loss": np.array([2.0] + [1.0] * 9)}},
    "overfits": {"history": {"validation_loss": np.array([0.3] + [2.0] * 9)}},
}


@pytest.fixture
def make_typed(make_run, make_probes, make_history, make_study):
    """Findings about the study above, of which these models have runs that went as `SICK` says."""

    def make(sickness, *, names=("net-0.5", "heir"), pixels=RAW, overrides=()):
        made = dict(SICK[sickness])
        made["probes"] = make_probes(**{"pixels": pixels, **made.get("probes", {})})
        if "history" in made:
            made["history"] = make_history(**made["history"])
        study = parse_study(STUDY, overrides=list(overrides)).study
        models = tuple(
            ModelRuns(study.model(name), tuple(make_run(seed, **made) for seed in range(3))) for name in names
        )
        missing = tuple(model.name for model in study.models if model.name not in names)
        return diagnose(replace(make_study(), models=models, missing=missing))

    return make


def _typed(finding):
    """The overrides of each alternative that has any."""
    alternatives = [re.findall(r"--set (\S+)", part) for part in finding.advice.split(", or ")]
    return [overrides for overrides in alternatives if overrides]


@pytest.mark.parametrize("overrides", [(), ("protocol.pixels=unit",)])
@pytest.mark.parametrize("sickness", SICK)
def test_typed_advice_changes_one_entry_of_one_model(make_typed, sickness, overrides):
    """Whatever is advised for a model leaves the other models and the other arguments of its optimiser as they are."""
    before = parse_study(STUDY).study
    findings = [
        finding
        for finding in make_typed(
            sickness, pixels=np.array([0, 1, 0.3, 0.3]) if overrides else RAW, overrides=overrides
        )
        if finding.model
    ]
    typed = [(finding.model, alternative) for finding in findings for alternative in _typed(finding)]
    assert {model for model, _ in typed} == {"net-0.5", "heir"}
    for name, alternative in typed:
        after = parse_study(STUDY, overrides=alternative).study
        assert [m for m in after.models if m.name != name] == [m for m in before.models if m.name != name]
        old, new = (dict(study.model(name).protocol) for study in (before, after))
        (entry,) = {key for key in old if old[key] != new[key]}
        assert all(f"models.{name}.protocol.{entry}" in override for override in alternative)
        if entry == "optimizer":
            assert (new[entry].name, new[entry].arguments) == (
                old[entry].name,
                {**old[entry].arguments, "learning_rate": new[entry].arguments["learning_rate"]},
            )


def test_what_all_models_need_is_typed_once(make_typed):
    """Where every model of the study sees raw pixels, one override scales them all; the learning rates stay apart."""
    found = make_typed("diverged", names=("net-0.5", "heir", "scaled"))
    advice = {finding.model: finding.advice for finding in found if finding.code == "BKO101"}
    own = "--set models.net-0.5.protocol.optimizer.SGD."
    assert advice["net-0.5"] == (
        f"--set protocol.pixels=unit, or {own}learning_rate=0.05 {own}momentum=0.9 {own}nesterov=true"
    )
    typed, _ = _typed(next(finding for finding in found if finding.code == "BKO101"))
    assert {model.protocol.pixels for model in parse_study(STUDY, overrides=typed).study.models} == {"unit"}


def test_overrides_are_shortened_only_where_all_models_have_them():
    """A model without the finding, with another value, or without a run, keeps the override of the others apart."""
    one, two = (
        Finding("BKO1", "note", "t", "e", f"--set models.{name}.protocol.epochs={epochs}, or wait", name)
        for name, epochs in (("a", 20), ("b", 20))
    )
    assert [found.advice for found in shorten_overrides([one, two], ["a", "b"])] == [
        "--set protocol.epochs=20, or wait"
    ] * 2
    assert list(shorten_overrides([one, two], ["a", "b", "c"])) == [one, two]
    other = replace(two, advice="--set models.b.protocol.epochs=40")
    assert list(shorten_overrides([one, other], ["a", "b"])) == [one, other]
    assert list(shorten_overrides([one, replace(two, code="BKO2")], ["a", "b"])) == [one, replace(two, code="BKO2")]


@pytest.mark.parametrize(
    ("argument", "what"),
    [("learning_rate", "learning rates of the schedule"), ("wd_schedule", "learning rate")],
)
def test_a_schedule_is_changed_by_hand(argument, what):
    """An argument that cannot be typed on a line is none to repeat: the advice says what to change, and of whom."""
    schedule = f"{{adam: {{{argument}: {{class_name: ExponentialDecay, config: {{}}}}}}}}"
    study = parse_study(STUDY, overrides=[f"models.heir.protocol.optimizer={schedule}"]).study
    model = ModelRuns(study.model("heir"), ())
    assert scale_learning_rate(model, 0.1) == f"0.1 times the {what} in protocol.optimizer of heir"
    assert set_entry(model, "epochs", 3) == "--set models.heir.protocol.epochs=3"
    assert learning_rate(Named(name="adam", arguments={"learning_rate": math.pi})) == math.pi

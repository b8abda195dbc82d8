import math

import numpy as np
import pytest

from bakeoff.comparison.factors import attribute
from bakeoff.comparison.samples import take_sample
from bakeoff.spec import parse_study

IMAGES = 400
STUDY = """
name: hand
data: digits
protocol: {epochs: 10, validation: {holdout: 0.2}}
models:
"""
GRID = """
name: hand
data: digits
protocol: {epochs: 10, validation: {holdout: 0.2}}
models: {}
grid: {mlp: {hidden: [[8], [16, 4]], activation: [relu, tanh]}}
"""


def _runs(share, *, seed, runs=4):
    return (np.random.default_rng(seed).random((runs, IMAGES)) < share).astype(int).tolist()


def _study(*entries, text=STUDY):
    """A study of these models; every one gets its own network."""
    lines = [f"  {name}: {{mlp: {{hidden: [{place + 1}]}}, {rest}}}" for place, (name, rest) in enumerate(entries)]
    return parse_study(text + "\n".join(lines)).study


@pytest.fixture
def attribution(make_evidence):
    """What the factors of a study do, given the runs of its models; made up where none are given."""

    def attribution(study, hits=None, *, level=0.95):
        made_up = {model.name: _runs(0.8, seed=place) for place, model in enumerate(study.models)}
        evidence = make_evidence(study, made_up | (hits or {}))
        return attribute(evidence, {found.name: take_sample(found) for found in evidence}, level=level)

    return attribution


def _levels(attribution):
    return {factor.factor: factor.levels for factor in attribution.factors}


def test_a_study_without_labels_has_no_factors(attribution):
    """However much the protocols differ, nobody asked."""
    found = attribution(_study(("a", "protocol: {epochs: 5}"), ("b", "protocol: {epochs: 9}")))
    assert (found.factors, found.left_out) == ((), ())


def test_a_grid_makes_the_factors(attribution):
    """Each argument with its values as text, and each contrast the average over the two settings of the other."""
    study = parse_study(GRID).study
    hits = {model.name: _runs(share, seed=7) for model, share in zip(study.models, (0.9, 0.8, 0.7, 0.4), strict=True)}
    found = attribution(study, hits)
    assert _levels(found) == {"hidden": ("8", "16-4"), "activation": ("relu", "tanh")}
    (contrast,) = found.factors[1].contrasts
    means = {
        model.arguments["activation"] + str(model.arguments["hidden"]): np.mean(hits[model.name])
        for model in study.models
    }
    by_hand = (means["relu[8]"] - means["tanh[8]"] + means["relu[16, 4]"] - means["tanh[16, 4]"]) / 2
    assert contrast.estimate.value == pytest.approx(by_hand)
    assert (contrast.strata, found.left_out) == (2, ())


@pytest.mark.parametrize(
    ("setting", "factor", "levels"),
    [
        ("epochs: 44", "epochs", ("10", "44")),
        ("batch_size: 128", "batch size", ("32", "128")),
        ("pixels: {l2: 1}", "pixels", ("unit", "l2 1")),
        ("optimizer: {adam: {learning_rate: 0.01}}", "optimizer", ("adam", "adam learning_rate 0.01")),
        ("validation: none", "validation", ("holdout 0.2", "none")),
        ("stop: {patience: 3}", "stop", ("last", "patience 3")),
    ],
)
def test_a_setting_that_changes_is_a_factor(attribution, setting, factor, levels):
    """Whatever of the protocol differs between models stands beside the labels, in words that a reader knows."""
    study = _study(
        ("a", "factors: {activation: relu}"),
        ("b", "factors: {activation: tanh}"),
        ("c", f"factors: {{activation: relu}}, protocol: {{{setting}}}"),
    )
    assert _levels(attribution(study)) == {"activation": ("relu", "tanh"), factor: levels}


def test_the_number_of_seeds_is_no_cause(attribution):
    """More seeds make an estimate better, not a model."""
    study = _study(
        ("a", "factors: {activation: relu}, protocol: {seeds: 4}"),
        ("b", "factors: {activation: tanh}, protocol: {seeds: 7}"),
    )
    found = attribution(study, {"b": _runs(0.8, seed=2, runs=7)})
    assert _levels(found) == {"activation": ("relu", "tanh")}
    assert found.factors[0].contrasts[0].strata == 1


def test_models_that_differ_in_two_things_are_not_compared(attribution):
    """Epochs that change along with the activation confound it: no contrast of either, and the other one is named."""
    study = _study(
        ("a", "factors: {activation: relu}"),
        ("b", "factors: {activation: tanh}, protocol: {epochs: 44}"),
    )
    hits = {"a": _runs(0.95, seed=1), "b": _runs(0.5, seed=2)}
    activation, epochs = attribution(study, hits).factors
    assert [contrast.estimate for factor in (activation, epochs) for contrast in factor.contrasts] == [None, None]
    assert activation.contrasts[0].reason == "relu and tanh never differ in activation alone: epochs changes along"
    assert epochs.contrasts[0].reason == "10 and 44 never differ in epochs alone: activation changes along"
    assert not activation.main_effect_reported


def test_only_controlled_pairs_count(attribution):
    """tanh was tried in two widths, relu in one: the contrast is that of the pair of one width, whatever the third."""
    study = _study(
        ("a", 'factors: {activation: relu, width: "1"}'),
        ("b", 'factors: {activation: tanh, width: "1"}'),
        ("c", 'factors: {activation: tanh, width: "2"}'),
    )
    hits = {"a": _runs(0.95, seed=1), "b": _runs(0.8, seed=2), "c": _runs(0.1, seed=3)}
    (contrast,) = attribution(study, hits).factors[0].contrasts
    assert contrast.estimate.value == pytest.approx(np.mean(hits["a"]) - np.mean(hits["b"]))
    assert (contrast.high, contrast.low, contrast.strata, contrast.verdict) == ("relu", "tanh", 1, "better")
    assert contrast.reason == "seen in one setting only: width 1"


def test_a_model_without_a_label_is_left_out(attribution):
    """Nothing is guessed for a model that the author did not label; its own settings make no factor either."""
    study = _study(
        ("a", 'factors: {activation: relu, width: "1"}'),
        ("b", 'factors: {activation: tanh, width: "1"}'),
        ("c", "factors: {activation: gelu}"),
        ("d", "protocol: {epochs: 44}"),
    )
    found = attribution(study)
    assert found.left_out == (
        "c is left out, because it has no label for width",
        "d is left out, because it has no label for activation and width",
    )
    assert _levels(found) == {"activation": ("relu", "tanh")}


def test_a_setting_that_is_labelled_stands_once(attribution):
    """The author's words for the epochs are used in place of the protocol's number."""
    study = _study(
        ("a", "factors: {epochs: few}"),
        ("b", "factors: {epochs: many}, protocol: {epochs: 44}"),
    )
    found = attribution(study)
    assert _levels(found) == {"epochs": ("few", "many")}
    assert found.factors[0].contrasts[0].strata == 1


@pytest.mark.parametrize("status", ["collapsed", "diverged", "crashed", "error"])
def test_a_model_with_a_failed_seed_is_left_out(attribution, status):
    """One failed seed of four is enough: its mean is one of the others only, and no contrast may rest on it."""
    study = _study(
        ("a", "factors: {activation: relu}"),
        ("b", "factors: {activation: tanh}"),
        ("c", "factors: {activation: gelu}"),
    )
    found = attribution(study, {"b": [*_runs(0.8, seed=2, runs=3), status]})
    assert found.left_out == ("b is left out, because seeds of it failed and a mean would hide that",)
    assert _levels(found) == {"activation": ("relu", "gelu")}


def test_a_model_that_always_fails_is_left_out(attribution):
    """If only it had another level, nothing is left to compare."""
    study = _study(("a", "factors: {activation: relu}"), ("b", "factors: {activation: tanh}"))
    found = attribution(study, {"b": ["diverged"] * 4})
    assert found.left_out == ("b is left out, because seeds of it failed and a mean would hide that",)
    assert found.factors == ()


def test_a_model_with_one_seed_is_left_out(attribution):
    """One run shows no spread; two do."""
    study = _study(("a", "factors: {activation: relu}"), ("b", "factors: {activation: tanh}"))
    found = attribution(study, {"b": _runs(0.8, seed=2, runs=1)})
    assert (found.left_out, found.factors) == (("b is left out, because it has fewer than two seeds",), ())
    assert attribution(study, {"b": _runs(0.8, seed=2, runs=2)}).left_out == ()


def test_models_that_labels_do_not_tell_apart_are_left_out(attribution):
    """Two networks with the same labels leave open which of them stands for these; the others are judged."""
    study = _study(
        ("a", "factors: {activation: relu}"),
        ("b", "factors: {activation: tanh}"),
        ("c", "factors: {activation: relu}"),
        ("d", "factors: {activation: gelu}"),
    )
    found = attribution(study)
    assert found.left_out == ("a and c are left out, because their labels are the same though the networks are not",)
    assert _levels(found) == {"activation": ("tanh", "gelu")}


def test_a_setting_can_tell_models_of_one_label_apart(attribution):
    """The same label under other epochs is another cell, not an ambiguity."""
    study = _study(
        ("a", "factors: {activation: relu}"),
        ("b", "factors: {activation: relu}, protocol: {epochs: 44}"),
    )
    found = attribution(study)
    assert (_levels(found), found.left_out) == ({"epochs": ("10", "44")}, ())


def test_a_failed_model_makes_no_other_ambiguous(attribution):
    """Of two models with the same labels one failed: the other one stands for them."""
    study = _study(
        ("a", "factors: {activation: relu}"),
        ("b", "factors: {activation: tanh}"),
        ("c", "factors: {activation: relu}"),
    )
    found = attribution(study, {"c": ["collapsed"] * 4})
    assert found.left_out == ("c is left out, because seeds of it failed and a mean would hide that",)
    assert found.factors[0].contrasts[0].estimate is not None


def test_the_level_is_that_of_the_comparison(attribution):
    """What shows at 95 % does not at an absurdly strict level, and the intervals say at which level they are."""
    study = _study(("a", "factors: {activation: relu}"), ("b", "factors: {activation: tanh}"))
    hits = {"a": _runs(0.9, seed=1), "b": _runs(0.83, seed=2)}
    for level, verdict in ((0.95, "better"), (0.9999999, "undecided")):
        (contrast,) = attribution(study, hits, level=level).factors[0].contrasts
        assert (contrast.estimate.level, contrast.verdict) == (level, verdict)
        assert not math.isnan(contrast.p_adjusted)


def test_a_label_hides_no_setting(attribution):
    """Both models are labelled adam, but one of them with a learning rate of 0.5: the activation is not to blame."""
    study = _study(
        ("a", "factors: {activation: relu, optimizer: adam}"),
        (
            "b",
            "factors: {activation: tanh, optimizer: adam}, protocol: {optimizer: {adam: {learning_rate: 0.5}}}",
        ),
    )
    found = attribution(study, {"a": _runs(0.95, seed=1), "b": _runs(0.6, seed=2)})
    assert _levels(found)["protocol optimizer"] == ("adam", "adam learning_rate 0.5")
    assert all(contrast.estimate is None for factor in found.factors for contrast in factor.contrasts)


def test_a_label_stands_beside_the_setting_of_its_name(attribution):
    """Three labels for two batch sizes: what the author means by them is no batch size alone."""
    study = _study(
        ("a", "factors: {batch size: small}, protocol: {batch_size: 16}"),
        ("b", "factors: {batch size: medium}, protocol: {batch_size: 32}"),
        ("c", "factors: {batch size: large}, protocol: {batch_size: 32}"),
    )
    found = attribution(study)
    assert _levels(found) == {"batch size": ("small", "medium", "large")}
    assert found.left_out == ()


def test_another_name_for_the_same_network_is_left_out(make_evidence):
    """Twins share their runs: one of them speaks for both."""
    text = STUDY + (
        "  a: {mlp: {hidden: [1]}, factors: {size: small}}\n"
        "  again: {mlp: {hidden: [1]}, factors: {size: tiny}}\n"
        "  b: {mlp: {hidden: [2]}, factors: {size: large}}\n"
    )
    runs = {"a": _runs(0.8, seed=1), "again": _runs(0.8, seed=1), "b": _runs(0.9, seed=2)}
    evidence = make_evidence(parse_study(text).study, runs)
    found = attribute(evidence, {each.name: take_sample(each) for each in evidence}, level=0.95)
    assert found.left_out == ("again is left out, because it is the network of a by another name",)
    assert _levels(found) == {"size": ("small", "large")}

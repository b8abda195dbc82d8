"""Failed training, and what inside the network shows why."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bakeoff.diagnosis.clipping import is_clipped_loss
from bakeoff.diagnosis.families.bko1_failures import CODES, diagnose
from bakeoff.spec import read_study
from bakeoff.spec.study import Published

ONE_CLASS = np.full(1000, 3)


def _by_code(study):
    found = list(diagnose(study))
    assert len({(finding.code, finding.model) for finding in found}) == len(found), "one finding per model and code"
    assert all(finding.code in CODES and finding.cause and finding.advice for finding in found)
    return {finding.code: finding for finding in found}


def _collapsed(make_run, seed=0, **changes):
    reason = "100.0% of the test images got class 3"
    settings = {"status": "collapsed", "reason": reason, "test_accuracy": 0.1, "predictions": ONE_CLASS}
    return make_run(seed, **{**settings, **changes})


@pytest.mark.parametrize("pixels", ["unit", "standardize"])
@pytest.mark.parametrize("loss", ["categorical_crossentropy", "kl_divergence", "mean_squared_error"])
def test_healthy_runs_have_no_finding(make_study, make_run, loss, pixels):
    """A network that learned gets nothing of this family, under any loss."""
    assert not _by_code(make_study(*map(make_run, range(5)), loss=loss, pixels=pixels))


def test_runs_without_probes_are_examined(make_study, make_run):
    """Runs that were never probed are judged by their records."""
    bare = replace(_collapsed(make_run), probes=None, predictions=None)
    assert list(_by_code(make_study(bare, replace(make_run(1), probes=None)))) == ["BKO102"]


def test_divergence_has_its_epoch_and_step(make_study, make_run, make_history):
    """BKO101 counts the seeds, and says in which epoch and step the loss was lost."""
    history = make_history(loss=(2.0, 9.0, math.nan))
    diverged = make_run(3, status="diverged", history=history, diverged_step=17, test_accuracy=None, test_loss=None)
    finding = _by_code(make_study(make_run(0), diverged))["BKO101"]
    assert finding.severity == "error"
    assert (
        finding.evidence
        == "1 of 2 seeds (seed 3: the training loss became nan in epoch 3, step 17, after 9 in the epoch before)"
    )
    assert finding.advice == "--set protocol.optimizer.adam.learning_rate=0.0001"


def test_divergence_of_the_test_loss(make_study, make_run):
    """A run that overflowed in its very last step has the record's own reason."""
    reason = "the test loss was inf after epoch 10"
    diverged = make_run(status="diverged", reason=reason, test_accuracy=None, test_loss=None)
    assert reason in _by_code(make_study(diverged))["BKO101"].evidence


def test_divergence_on_raw_pixels_is_theirs(make_study, make_run, make_probes, make_history):
    """Where the first layer saw unscaled pixels, scaling them is tried first."""
    probes = make_probes(pixels=np.array([0.0, 255.0, 33.0, 78.0]))
    diverged = make_run(status="diverged", history=make_history(loss=(math.inf,)), probes=probes)
    finding = _by_code(make_study(diverged))["BKO101"]
    assert finding.advice.startswith("--set protocol.pixels=unit, or ")
    assert "unscaled pixels" in finding.cause


def test_collapse_names_the_class(make_study, make_run, make_probes):
    """BKO102 has the share of images, the class, and what the last probe predicted."""
    predicted = np.tile(np.eye(10, dtype=int)[3] * 250, (3, 1))
    finding = _by_code(make_study(_collapsed(make_run, probes=make_probes(predicted=predicted)), make_run(1)))["BKO102"]
    assert finding.severity == "error"
    assert finding.evidence == (
        "1 of 2 seeds (seed 0: 100.0% of 1,000 test images got class class 3, "
        "after epoch 10 100.0% of a sample of 250 training images got class class 3)"
    )


def test_collapse_names_pixels_and_loss(make_study, make_run, make_probes):
    """On raw pixels under KL divergence, both are named as causes, pixels first."""
    raw = make_probes(pixels=np.array([0.0, 255.0, 33.0, 78.0]))
    study = make_study(_collapsed(make_run, probes=raw), loss="kl_divergence")
    advice = _by_code(study)["BKO102"].advice
    assert advice == "--set protocol.pixels=unit, or --set protocol.loss=categorical_crossentropy"


def test_chance_is_three_deviations(make_study, make_run):
    """BKO103: of 1,000 images in ten equal classes, up to 10 % + 3 x 0.95 points is chance, and more is not."""
    chance = 0.1 + 3 * math.sqrt(0.1 * 0.9 / 1000)
    mixed = {"predictions": np.roll(np.arange(1000) % 10, 1), "status": "collapsed"}
    finding = _by_code(make_study(make_run(test_accuracy=chance - 0.001, **mixed)))["BKO103"]
    assert finding.severity == "error"
    assert "12.75% right" in finding.evidence
    assert "up to 12.85% is within three standard deviations" in finding.evidence
    assert "BKO103" not in _by_code(make_study(make_run(test_accuracy=chance + 0.001)))


def test_chance_without_a_sign_points_at_the_labels(make_study, make_run):
    """Where nothing inside the network is wrong, the labels are suspected."""
    guesser = make_run(status="collapsed", test_accuracy=0.1, predictions=np.roll(np.arange(1000) % 10, 1))
    assert "labels do not belong to the images" in _by_code(make_study(guesser))["BKO103"].cause


def test_clipped_softmax_of_own_runs(make_study, make_run, make_probes):
    """BKO104 is an error where the run collapsed, and is not looked for under cross-entropy."""
    probes = make_probes(clipped=np.array([0.8, 0.9, 0.9]), saturated=np.array([0.5, 1.0, 1.0]))
    clipped = _collapsed(make_run, probes=probes, test_loss=14.5062)
    finding = _by_code(make_study(clipped, make_run(1), loss="KLDivergence"))["BKO104"]
    assert finding.severity == "error"
    assert "90.0% give their true class at most 1e-7" in finding.evidence
    assert "test loss 14.5062, where (1 - 0.1000) x 16.118 = 14.5063" in finding.evidence
    assert "BKO104" not in _by_code(make_study(clipped, make_run(1)))


def test_clipping_that_healed_is_no_finding(make_study, make_run, make_probes):
    """Only the last probe counts: raw pixels clip nearly all images at first, and may be learned all the same."""
    healed = make_run(probes=make_probes(clipped=np.array([0.86, 0.1, 0.04])))
    assert "BKO104" not in _by_code(make_study(healed, loss="kl_divergence"))


def test_clipped_loss_of_published_figures():
    """Of the 17 published networks of study B, the three that collapsed under KL divergence are found."""
    study = read_study("study-b")
    assert len(study.published) == 17
    found = [
        name
        for name, figures in study.published.items()
        if is_clipped_loss(figures.accuracy, figures.loss, accuracy_slack=figures.half_digit, loss_slack=0.00005)
    ]
    assert found == ["1_5", "1_6", "4_5"]


def test_published_figures_are_a_warning(make_study, make_run):
    """Published figures are recognised for a model with runs and for one without, as a warning."""
    figures = Published(accuracy=0.1941, loss=12.9896)
    found = list(diagnose(make_study(make_run(), published=figures, strangers={"other": figures})))
    assert [(finding.code, finding.model, finding.severity) for finding in found] == [
        ("BKO104", "net", "warning"),
        ("BKO104", "other", "warning"),
    ]
    assert "12.9896 is (1 - 0.1941) x 16.118 = 12.9896" in found[0].evidence


def test_coarse_figures_prove_nothing():
    """An accuracy of two digits fits a clipped loss of 0.32 by its rounding alone, and is not taken for one."""
    assert is_clipped_loss(0.98, 0.32236, accuracy_slack=0.00005, loss_slack=0.000005)
    assert not is_clipped_loss(0.98, 0.32236, accuracy_slack=0.005, loss_slack=0.005)


def test_incomplete_published_figures_are_passed_over(make_study, make_run):
    """Without a loss or an accuracy there is nothing to recognise."""
    assert not _by_code(make_study(make_run(), published=Published(accuracy=0.1941)))


def test_dead_units_of_relu_layers(make_study, make_run, make_probes):
    """BKO105 names the layer, the share and the first probe at which more than half were dead."""
    dead = np.array([[0.1, 0.1, 0.0], [0.6, 0.1, 0.0], [0.9, 0.2, 0.0]])
    finding = _by_code(make_study(make_run(probes=make_probes(dead=dead)), make_run(1)))["BKO105"]
    assert finding.severity == "warning"
    assert finding.evidence == (
        "1 of 2 seeds; seed 0, on 250 training images: 90% of dense (more than half since the probe after epoch 1)"
    )


def test_a_dead_layer_of_a_collapsed_run_is_an_error(make_study, make_run, make_probes):
    """Nothing passes a layer whose units are all constant, whatever its activation."""
    dead = np.array([[0.1, 0.1, 0.0], [0.6, 1.0, 0.0], [0.9, 1.0, 0.0]])
    probes = make_probes(dead=dead, activations=("relu", "sigmoid", "softmax"))
    finding = _by_code(make_study(_collapsed(make_run, probes=probes)))["BKO105"]
    assert finding.severity == "error"
    assert "100% of dense_1" in finding.evidence
    assert "nothing of the image reaches the output" in finding.cause


def test_constant_units_elsewhere_are_not_dead(make_study, make_run, make_probes):
    """Half-constant layers of another activation, and a constant output layer, are no dead units."""
    dead = np.array([[0.0, 0.0, 0.0], [0.7, 0.0, 1.0], [0.7, 0.0, 1.0]])
    probes = make_probes(dead=dead, activations=("tanh", "tanh", "softmax"))
    assert "BKO105" not in _by_code(make_study(make_run(probes=probes)))


def test_constant_images_do_not_make_units_dead(make_study, make_run, make_probes):
    """Where every image is the same no unit can tell them apart, dead or alive."""
    dead, pixels = np.ones((3, 3)), np.array([0.5, 0.5, 0.5, 0.0])
    assert "BKO105" not in _by_code(make_study(make_run(probes=make_probes(dead=dead, pixels=pixels))))


@pytest.mark.parametrize(("last", "severity"), [(1e-5, "warning"), (0.1, "note")])
def test_vanishing_gradients(make_study, make_run, make_probes, last, severity):
    """BKO106 compares the first layer's relative gradient with the last one's; once it has recovered it is a note."""
    gradient = np.array([[1e-4, 1e-2, 1.0], [1e-4, 1e-2, 1.0], [last, 1.0, 1.0]])
    weight = np.tile([4.0, 4.0, 2.0], (3, 1))  # ratios: half of those of the gradients
    finding = _by_code(make_study(make_run(probes=make_probes(gradient=gradient, weight=weight))))["BKO106"]
    assert (finding.title, finding.severity) == ("Gradients vanish", severity)
    assert f"5e-05 before training, {last / 2:.2g} at the last probe" in finding.evidence


def test_a_dead_layer_explains_a_vanished_gradient(make_study, make_run, make_probes):
    """No gradient passes a dead layer: that is BKO105 alone."""
    dead = np.tile([0.2, 1.0, 0.0], (3, 1))
    gradient = np.tile([0.0, 0.0, 1.0], (3, 1))
    assert list(_by_code(make_study(make_run(probes=make_probes(dead=dead, gradient=gradient))))) == ["BKO105"]


def test_normalisation_layers_are_left_out(make_study, make_run, make_probes):
    """The gradient of a normalisation layer, small against its weights of 1, is no sign."""
    probes = make_probes(kinds=("BatchNormalization", "Dense", "Dense"), gradient=np.tile([1e-6, 0.5, 0.5], (3, 1)))
    assert not _by_code(make_study(make_run(probes=probes)))


def test_layers_without_weights_are_left_out(make_study, make_run, make_probes):
    """NaN where a layer has no weights, or no weights but zeros, is no sign and no warning."""
    probes = make_probes(
        gradient=np.tile([0.5, np.nan, 0.5], (3, 1)), weight=np.array([[8.0, np.nan, 0.0]] + [[8.0, np.nan, 8.0]] * 2)
    )
    assert not _by_code(make_study(make_run(probes=probes)))


@pytest.mark.parametrize("gradient", [400.0, math.inf])
def test_exploding_gradients(make_study, make_run, make_probes, gradient):
    """A gradient fifty times its weights, or beyond all numbers, explodes."""
    rows = np.array([[gradient, 0.3, 0.2], [0.3, 0.3, 0.2], [0.1, 0.1, 0.1]])
    finding = _by_code(make_study(make_run(probes=make_probes(gradient=rows))))["BKO106"]
    assert (finding.title, finding.severity) == ("Gradients explode", "warning")
    assert f"up to {gradient / 8:.2g} times its weights" in finding.evidence


def test_runs_that_were_not_completed(make_study, make_run):
    """BKO107 has one line for all of a model's broken runs, each with its reason; of a traceback the last line."""
    traceback = "Traceback (most recent call last):\n  File x\nValueError: no good\n"
    runs = [
        make_run(0, status="out of memory", reason="RESOURCE_EXHAUSTED: 3 GB", test_accuracy=None, predictions=None),
        make_run(1, status="error", reason=traceback, test_accuracy=None, predictions=None),
        make_run(2, status="crashed", reason="", test_accuracy=None, predictions=None),
    ]
    finding = _by_code(make_study(*runs, make_run(3)))["BKO107"]
    assert finding.severity == "error"
    assert finding.evidence == (
        "3 of 4 seeds (seed 0: out of memory: RESOURCE_EXHAUSTED: 3 GB; seed 1: error: ValueError: no good; "
        "seed 2: crashed: no reason was recorded)"
    )
    assert "--set protocol.batch_size=16" in finding.advice


def test_many_runs_are_counted_not_listed(make_study, make_run):
    """Of many runs only the first three are told, and folds are named."""
    runs = [_collapsed(make_run, seed, fold=fold) for seed in range(2) for fold in range(3)]
    evidence = _by_code(make_study(*runs))["BKO102"].evidence
    assert evidence.startswith("6 of 6 runs (seed 0, fold 0: ")
    assert evidence.endswith("; and 3 more)")

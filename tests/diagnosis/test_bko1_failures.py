"""Failed training, and what inside the network shows why."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bakeoff.diagnosis import ModelRuns
from bakeoff.diagnosis.clipping import is_clipped_loss
from bakeoff.diagnosis.families.bko1_failures import CODES, diagnose
from bakeoff.spec import read_study
from bakeoff.spec.named import Named
from bakeoff.spec.study import Published

ONE_CLASS = np.full(1000, 3)


def _by_code(study):
    found = list(diagnose(study))
    kinds = {(finding.code, finding.model, finding.published) for finding in found}
    assert len(kinds) == len(found), "one finding per model and code, and one of what was published"
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
    found = _by_code(make_study(make_run(0), diverged))
    assert list(found) == ["BKO101"]  # and no BKO103: what a diverged run says of the images is nothing
    finding = found["BKO101"]
    assert finding.severity == "error"
    assert (
        finding.evidence
        == "1 of 2 seeds (seed 3): the training loss became nan in epoch 3, step 17, after 9 in the epoch before"
    )
    assert finding.advice == "--set models.net.protocol.optimizer.adam.learning_rate=0.0001"


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
    assert finding.advice.startswith("--set models.net.protocol.pixels=unit, or ")
    assert "unscaled pixels" in finding.cause


def test_collapse_names_the_class(make_study, make_run, make_probes):
    """BKO102 has the share of images, the class, and what the last probe predicted."""
    predicted = np.tile(np.eye(10, dtype=int)[3] * 250, (3, 1))
    finding = _by_code(make_study(_collapsed(make_run, probes=make_probes(predicted=predicted)), make_run(1)))["BKO102"]
    assert finding.severity == "error"
    assert finding.evidence == (
        "1 of 2 seeds (seed 0): 100.0% of 1,000 test images got class class 3, "
        "after epoch 10 100.0% of a sample of 250 training images got class class 3"
    )


RAW = np.array([0.0, 255.0, 33.0, 78.0])


def test_collapse_names_pixels_and_loss(make_study, make_run, make_probes):
    """On raw pixels under KL divergence, both are named as causes, pixels first, if the softmax is saturated."""
    raw = make_probes(pixels=RAW, saturated=np.array([0.5, 1.0, 1.0]))
    study = make_study(_collapsed(make_run, probes=raw), loss="kl_divergence")
    advice = _by_code(study)["BKO102"].advice
    assert advice == "--set models.net.protocol.pixels=unit, or --set models.net.protocol.loss=categorical_crossentropy"


LABELS = np.arange(1000) % 10
GUESSES = np.roll(LABELS, 1)  # every class equally often, and never right


def _right(images):
    """Predictions of every class in which as many images are right, to within ten."""
    return np.where(np.arange(1000) < images, LABELS, GUESSES)


def test_chance_is_what_random_labels_reach(make_study, make_run):
    """BKO103, also of a finished run: of 1,000 images in ten equal classes, up to 130 right are chance at 99.9 %."""
    # The 99.9 % quantile of the binomial distribution of 1,000 draws at 0.1, by scipy.stats.binom.ppf: 130
    finding = _by_code(make_study(make_run(predictions=_right(130))))["BKO103"]
    assert finding.severity == "error"
    assert finding.evidence == (
        "1 of 1 seed (seed 0): 13.00% right, and with labels dealt out at random it would be up to 13.00%; always "
        "naming the commonest class gets 10.00% of the 1,000 test images"
    )
    assert "BKO103" not in _by_code(make_study(make_run(predictions=_right(140))))


def test_the_engines_verdict_counts(make_study, make_run):
    """BKO103: a run that the engine called collapsed guesses if it names several classes; a crashed run does not."""
    reason = "14.0% of the test images are right"
    collapsed = make_run(status="collapsed", predictions=_right(140), reason=reason)
    assert "BKO103" in _by_code(make_study(collapsed))
    assert "BKO103" not in _by_code(make_study(make_run(status="crashed", predictions=None, test_accuracy=None)))


def test_too_few_images_have_the_engines_reason(make_study, make_run):
    """Where twenty test images cannot tell guesses, what the engine said of a collapsed run is told."""
    run = make_run(status="collapsed", predictions=GUESSES[:20], reason="5.0% right, and chance is 10.0%")
    study = replace(make_study(run), labels=LABELS[:20])
    assert "1 of 1 seed (seed 0): 5.0% right, and chance is 10.0%; always" in _by_code(study)["BKO103"].evidence


def _guesser(make_run, seed=0, **changes):
    return make_run(seed, **{"status": "collapsed", "test_accuracy": 0.1, "predictions": GUESSES, **changes})


def test_chance_without_a_sign_points_at_the_labels(make_study, make_run):
    """Where nothing inside the network is wrong, and no network of the study learned, the labels are suspected."""
    found = _by_code(make_study(_guesser(make_run)))["BKO103"]
    assert "labels do not belong to the images" in found.cause
    assert "bakeoff data" in found.advice


def test_labels_that_others_learned_are_not_blamed(make_study, make_run):
    """One network of the study that learned from the same labels, or one seed of this one, acquits them."""
    study = make_study(_guesser(make_run))
    model = study.models[0]
    learned = ModelRuns(model.model.model_copy(update={"name": "good"}), (make_run(),))
    cause = _by_code(replace(study, models=(model, learned)))["BKO103"].cause
    assert "good learned from the same labels" in cause
    assert "do not belong" not in cause
    found = _by_code(make_study(_guesser(make_run), make_run(1)))["BKO103"]
    assert "other seeds learned from the same labels" in found.cause
    assert found.advice == "--set models.net.protocol.optimizer.adam.learning_rate=0.0001"


L2 = {"class_name": "L2", "config": {"l2": 10.0}}


@pytest.mark.parametrize(
    ("layer", "optimizer", "cause", "advice"),
    [
        (("Dropout", {"rate": 0.95}), "adam", "dropout leaves 5% of", "dropout of 0.5 or less"),
        (("LSTM", {"units": 8, "recurrent_dropout": 0.8}), "adam", "dropout leaves 20% of", "dropout of 0.5 or less"),
        (("Dense", {"kernel_regularizer": L2}), "adam", "a regulariser of strength 10", "a tenth of the regulariser"),
        (("Dense", {"bias_regularizer": "l1"}), "adam", "a regulariser of strength 0.01", "a tenth of the regulariser"),
        (("Dense", {}), {"sgd": {"clipnorm": 1e-4}}, "clipnorm cuts every gradient to 0.0001", "sgd.clipnorm=1.0"),
        (("Dense", {}), {"SGD": {"clipvalue": 0.01}}, "clipvalue cuts every gradient to 0.01", "SGD.clipvalue=1.0"),
    ],
)
def test_what_the_description_says_is_named_first(make_study, make_run, make_probes, layer, optimizer, cause, advice):
    """Heavy dropout, strong penalties and cut gradients of a network that does not learn come before all signs."""
    layers = (Named(name=layer[0], arguments=layer[1]),)
    run = _guesser(make_run, layers=layers, probes=make_probes(pixels=RAW))
    finding = _by_code(make_study(run, optimizer=optimizer))["BKO103"]
    assert finding.cause.startswith(cause)
    assert finding.cause.endswith("the first layer sees unscaled pixels")
    assert advice in finding.advice.split(", or ")[0]


@pytest.mark.parametrize(
    ("layer", "optimizer"),
    [
        (("Dropout", {"rate": 0.5}), "adam"),
        (("Dense", {"kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.001}}}), "adam"),
        (("Dense", {"kernel_regularizer": None}), "adam"),
        (("Dense", {}), {"sgd": {"clipnorm": 1.0}}),
        (("Dense", {}), {"adam": {"clipnorm": 1e-4}}),
    ],
)
def test_what_is_usual_is_not_blamed(make_study, make_run, layer, optimizer):
    """Ordinary dropout, penalties and clipping, and clipping that Adam divides out again, are no causes."""
    layers = (Named(name=layer[0], arguments=layer[1]),)
    finding = _by_code(make_study(_guesser(make_run, layers=layers), optimizer=optimizer))["BKO103"]
    assert finding.cause.startswith("nothing inside the network shows why")


def test_clipped_softmax_of_own_runs(make_study, make_run, make_probes):
    """BKO104 is an error where the run collapsed, and is not looked for under cross-entropy."""
    probes = make_probes(clipped=np.array([0.8, 0.9, 0.9]), saturated=np.array([0.5, 1.0, 1.0]))
    clipped = _collapsed(make_run, probes=probes, test_loss=14.5062)
    finding = _by_code(make_study(clipped, make_run(1), loss="KLDivergence"))["BKO104"]
    assert finding.severity == "error"
    assert "90.0% give their true class at most 1e-7" in finding.evidence
    assert "test loss 14.5062, where (1 - 0.1000) x 16.118 = 14.5063" in finding.evidence
    assert "BKO104" not in _by_code(make_study(clipped, make_run(1)))


@pytest.mark.parametrize("loss", ["mean_squared_error", "MSE", "mean_absolute_error", "huber"])
def test_losses_without_a_logarithm_are_not_clipped(make_study, make_run, make_probes, loss):
    """BKO104 is not said of them; a saturated softmax leaves them no gradient, and is named as the cause."""
    probes = make_probes(clipped=np.full(3, 0.9), saturated=np.ones(3))
    found = _by_code(make_study(_collapsed(make_run, probes=probes, test_loss=14.5062), loss=loss))
    assert "BKO104" not in found
    assert found["BKO102"].cause == f"{loss} has no gradient where the softmax saturates"
    assert found["BKO102"].advice == "--set models.net.protocol.loss=categorical_crossentropy"


def test_a_loss_is_not_blamed_for_a_softmax_that_is_not_saturated(make_study, make_run):
    """Under KL divergence too, something else keeps a network from learning where the probes show no saturation."""
    assert "kl_divergence" not in _by_code(make_study(_guesser(make_run), loss="kl_divergence"))["BKO103"].cause


@pytest.mark.parametrize("loss", ["categorical_focal_crossentropy", "binary_crossentropy", "poisson"])
def test_weighted_clipping_has_no_formula(make_study, make_run, make_probes, loss):
    """Losses that clip and then weigh or average show it by the probes alone: 16.118 is not what an image costs."""
    clipped = make_probes(clipped=np.full(3, 0.9))
    found = _by_code(make_study(_collapsed(make_run, probes=clipped, test_loss=14.5062), loss=loss))
    assert "16.118" not in found["BKO104"].evidence
    assert "BKO104" not in _by_code(make_study(_collapsed(make_run, test_loss=14.5062), loss=loss))


@pytest.mark.parametrize(
    ("classes", "images", "found"), [(100, 1, False), (100, 3, False), (100, 4, True), (10, 16, True)]
)
def test_a_lost_class_is_more_than_chance(make_study, make_run, make_probes, classes, images, found):
    """Of 128 images, clipped ones count if the lower end of their exact interval is above half a class's share.

    By scipy.stats.beta.ppf(0.025, k, 129 - k): 0.0049 for 3 and 0.0086 for 4, where half of one in 100 is 0.005; 0.073
    for 16, where half of one in ten is 0.05.
    """
    probes = make_probes(
        clipped=np.full(3, images / 128), images=128, predicted=np.full((3, classes), 1), saturated=np.zeros(3)
    )
    codes = _by_code(make_study(make_run(probes=probes), loss="kl_divergence"))
    assert ("BKO104" in codes) is found


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
    assert [(finding.code, finding.model, finding.severity, finding.published) for finding in found] == [
        ("BKO104", "net", "warning", True),
        ("BKO104", "other", "warning", True),
    ]
    assert "12.9896 is (1 - 0.1941) x 16.118 = 12.9896" in found[0].evidence
    assert found[0].title.startswith("The published loss is that of a saturated softmax")
    assert "--set" not in found[0].advice


def test_own_runs_and_published_figures_are_told_apart(make_study, make_run, make_probes):
    """BKO104 of a run and of printed figures are two findings, of which only one is marked as published."""
    probes = make_probes(clipped=np.array([0.8, 0.9, 0.9]))
    study = make_study(make_run(probes=probes), published=Published(accuracy=0.1941, loss=12.9896), loss="kld")
    found = [finding for finding in diagnose(study) if finding.code == "BKO104"]
    assert [finding.published for finding in found] == [False, True]
    assert "published" not in found[0].evidence
    assert "seed" not in found[1].evidence


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
    assert finding.evidence == ("3 of 4 seeds; seed 0, for instance: out of memory: RESOURCE_EXHAUSTED: 3 GB")
    assert "--set models.net.protocol.batch_size=16" in finding.advice
    assert _by_code(make_study(runs[1]))["BKO107"].evidence == "1 of 1 seed (seed 1): error: ValueError: no good"
    assert _by_code(make_study(runs[2]))["BKO107"].evidence == "1 of 1 seed (seed 2): crashed: no reason was recorded"


def test_the_line_that_names_the_error(make_study, make_run):
    """BKO107 passes over what JAX writes below a traceback."""
    reason = (
        "Traceback:\n  File x\n    raise ValueError\nkeras.src.NoError: shapes (3,)\n-----\nFor simplicity, JAX has\n"
    )
    run = make_run(status="error", reason=reason, test_accuracy=None, predictions=None)
    assert _by_code(make_study(run))["BKO107"].evidence.endswith("error: keras.src.NoError: shapes (3,)")


def test_many_runs_are_counted_not_listed(make_study, make_run):
    """Of many runs one is told, and folds are named."""
    runs = [_collapsed(make_run, seed, fold=fold) for seed in range(2) for fold in range(3)]
    evidence = _by_code(make_study(*runs))["BKO102"].evidence
    assert evidence.startswith("6 of 6 runs; seed 0, fold 0, for instance: 100.0% of 1,000 test images got class")
    assert "seed 1" not in evidence


CONSTANT = {"class_name": "Constant", "config": {"value": 0.05}}


def _layers(*initializers, between=(), **arguments):
    """Dense layers of four units with these initial kernels, and something behind the first of them."""
    dense = [
        Named(name="Dense", arguments={"units": 4, "kernel_initializer": each} | arguments) for each in initializers
    ]
    return (Named(name="Flatten"), dense[0], *between, *dense[1:])


@pytest.mark.parametrize(
    ("layers", "equal"),
    [
        (_layers(CONSTANT, "zeros", "ones"), 2),
        (_layers("glorot_uniform", "Zeros", CONSTANT), 1),
        (_layers("zeros", "glorot_uniform"), 0),
        (_layers("glorot_uniform", "zeros"), 0),
        (_layers("zeros", "zeros", between=[Named(name="Dropout", arguments={"rate": 0.5})]), 0),
        (_layers("zeros", "zeros", between=[Named(name="BatchNormalization")]), 1),
        (_layers("zeros", "zeros", bias_initializer="random_normal"), 0),
        (_layers("zeros", "zeros", units=1), 0),
        ((Named(name="LSTM", arguments={"units": 4, "kernel_initializer": "zeros"}), *_layers("zeros")), 0),
    ],
)
def test_units_that_are_all_alike(make_study, make_run, layers, equal):
    """BKO108: a layer's units never differ if weights into and out of it start as one number and nothing is random."""
    found = _by_code(make_study(make_run(layers=layers)))
    assert ("BKO108" in found) == bool(equal)
    if equal:
        assert found["BKO108"].severity == "warning"
        assert found["BKO108"].evidence.count("Dense with 4 units") == equal
        assert found["BKO108"].evidence.endswith("0 of 1 runs learned nothing")


def test_equal_units_of_failed_runs_are_an_error_and_the_cause(make_study, make_run):
    """BKO108 is an error where runs learned nothing, and what BKO102 names first."""
    found = _by_code(make_study(_collapsed(make_run, layers=_layers("zeros", "zeros"))))
    assert found["BKO108"].severity == "error"
    assert found["BKO102"].cause.startswith("the units of a layer are all alike (BKO108)")


def test_equal_units_explain_a_lost_gradient(make_study, make_run, make_probes):
    """BKO106 is not said of a gradient that cancels since all weights behind it are one number."""
    probes = make_probes(gradient=np.tile([1e-8, 1e-8, 1.0], (3, 1)))
    assert "BKO106" in _by_code(make_study(make_run(probes=probes)))
    assert list(_by_code(make_study(make_run(probes=probes, layers=_layers("zeros", "zeros"))))) == ["BKO108"]


def test_gradients_of_tiny_weights_do_not_explode(make_study, make_run, make_probes):
    """BKO106: a gradient fifty times weights that hand on a thousandth of their input is small beside those due."""
    gradient, scale = np.full((3, 3), 400.0), np.tile(0.3 * 0.001 ** np.arange(1, 4), (3, 1))
    assert "BKO106" in _by_code(make_study(make_run(probes=make_probes(gradient=gradient))))
    assert "BKO106" not in _by_code(make_study(make_run(probes=make_probes(gradient=gradient, scale=scale))))

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jax.numpy as jnp
import keras
import numpy as np
import pytest

from bakeoff.engine.fit import fit_network, save_networks
from bakeoff.engine.program import EpochScores, Program, Scores, State
from bakeoff.engine.values import Fit, Split
from bakeoff.spec import Patience, Protocol

SOFTMAX = {"Dense": {"units": "classes", "activation": "softmax"}}
MLP = (
    "Flatten",
    {"Dense": {"units": 8, "activation": "relu"}},
    "BatchNormalization",
    {"Dropout": {"rate": 0.2}},
    SOFTMAX,
)


def _protocol(**changes) -> Protocol:
    return Protocol.model_validate({"batch_size": 16, "epochs": 3, **changes})


def _fit(make_program, split, *, seed=0, fold=0, layers=MLP, on_epoch=lambda report: None, **changes) -> Fit:
    program = make_program(*layers, **changes)
    return fit_network(program, split, protocol=_protocol(**changes), seed=seed, fold=fold, on_epoch=on_epoch)


class _Scripted(Program):
    """Stands for a trained network: its state is the number of epochs, its scores are given."""

    def __init__(self, *, losses=(1.0,), validation=(1.0,), probabilities=None, test_loss=0.5) -> None:
        self.compile_seconds = 0.0
        self._losses, self._validation = losses, validation
        self._probabilities, self._test_loss = probabilities, test_loss

    def initial_state(self, *, seed, optimizer=None):
        return State([jnp.zeros(1)], [], [])

    def train_epoch(self, state, images, labels, *, order):
        epoch = int(state.trainable[0][0])
        return State([state.trainable[0] + 1], [], []), EpochScores(self._losses[epoch % len(self._losses)], 0.5)

    def evaluate(self, state, images, labels):
        epoch = int(state.trainable[0][0])
        if len(labels) == 10:  # the validation images of `split`
            return Scores(self._validation[epoch - 1], 0.5), np.full((10, 3), 1 / 3, dtype=np.float32)
        probabilities = np.eye(3, dtype=np.float32)[labels] if self._probabilities is None else self._probabilities
        return Scores(self._test_loss + epoch, 0.5), probabilities


def _mislabelled(split) -> Split:
    """The better a network gets, the higher its loss on these validation images: an early epoch is the best."""
    return replace(split, validation_labels=(split.validation_labels + 1) % 3)


def test_it_learns(make_program, split):
    """A bright row is found by a small network: better than guessing, with one value per epoch in every column."""
    reports = []
    fit = _fit(make_program, split, epochs=12, on_epoch=reports.append, optimizer={"adam": {"learning_rate": 0.02}})
    assert (fit.status, fit.reason, fit.epoch, fit.epochs) == ("finished", "", 12, 12)
    assert fit.test.accuracy > 0.8
    assert {len(values) for values in fit.columns.values()} == {12}
    assert [report.epoch for report in reports] == list(range(1, 13))
    assert [report.training.loss for report in reports] == fit.columns["loss"]
    assert [report.validation.accuracy for report in reports] == fit.columns["validation_accuracy"]
    assert all(seconds >= 0 for seconds in fit.columns["seconds"])


def test_test_scores_are_those_of_the_probabilities(make_program, split):
    """Accuracy is exactly hits / images, and the loss minus the mean log probability of the true class."""
    fit = _fit(make_program, split)
    labels = np.asarray(split.test_labels)
    assert fit.probabilities.shape == (30, 3)
    assert fit.test.accuracy == int((fit.probabilities.argmax(axis=1) == labels).sum()) / 30
    assert fit.test.loss == pytest.approx(-np.log(fit.probabilities[np.arange(30), labels]).mean(), rel=1e-4)


def test_without_validation_images_there_are_no_validation_columns(make_program, split):
    """A protocol without validation leaves its columns empty, and reports None."""
    bare = Split(split.images, split.labels, split.train, None, None, split.test_images, split.test_labels)
    reports = []
    fit = _fit(make_program, bare, on_epoch=reports.append)
    assert (fit.columns["validation_loss"], fit.columns["validation_accuracy"]) == ([], [])
    assert len(fit.columns["loss"]) == len(fit.columns["accuracy"]) == len(fit.columns["seconds"]) == 3
    assert [report.validation for report in reports] == [None] * 3


def test_weights_and_dropout_differ_between_seeds_and_folds(split):
    """The network of each seed and each fold is drawn from a seed of its own, the same in every repetition."""
    drawn = []

    class Recording(_Scripted):
        def initial_state(self, *, seed, optimizer=None):
            drawn.append(seed)
            return super().initial_state(seed=seed)

    for seed, fold in ((0, 0), (1, 0), (0, 1), (1, 1), (0, 0)):
        fit_network(Recording(), split, protocol=_protocol(epochs=1), seed=seed, fold=fold)
    assert len(set(drawn)) == 4
    assert drawn[0] == drawn[4]


def test_every_epoch_has_an_order_of_its_own(split):
    """Each epoch sees each training image once, in an order that differs between epochs, seeds and folds."""
    orders = []

    class Recording(_Scripted):
        def train_epoch(self, state, images, labels, *, order):
            orders.append(np.array(order))
            return super().train_epoch(state, images, labels, order=order)

    for seed, fold in ((0, 0), (1, 0), (0, 1)):
        program = Recording(validation=(1.0, 1.0))
        fit_network(program, split, protocol=_protocol(epochs=2), seed=seed, fold=fold)
    assert all(np.array_equal(np.sort(order), split.train) for order in orders)
    assert len({order.tobytes() for order in orders}) == 6


@pytest.mark.parametrize(
    ("stop", "epochs", "chosen"),
    [
        ("last", 6, 6),
        ("best", 6, 3),  # 0.4 in epoch 3, again in epoch 5: the first counts
        (Patience(patience=1), 2, 1),
        (Patience(patience=2), 5, 3),
        (Patience(patience=9), 6, 3),
    ],
)
def test_the_epoch_of_lowest_validation_loss_counts(split, stop, epochs, chosen):
    """`last` takes the last epoch, `best` the best, and patience stops after so many epochs without a better one."""
    program = _Scripted(validation=(0.6, 0.7, 0.4, 0.5, 0.4, 0.9))
    fit = fit_network(program, split, protocol=_protocol(epochs=6, stop=stop), seed=0)
    assert (fit.epochs, fit.epoch) == (epochs, chosen)
    assert float(fit.last.trainable[0][0]) == epochs
    assert float(fit.chosen.trainable[0][0]) == chosen
    assert fit.test.loss == 0.5 + chosen  # the chosen weights are those judged on the test images
    assert (fit.best is None) == (stop == "last")


def test_without_a_finite_validation_loss_the_last_epoch_counts(split):
    """A validation loss that is never a number chooses nothing, and patience runs out."""
    nan = float("nan")
    fit = fit_network(_Scripted(validation=(nan,) * 4), split, protocol=_protocol(epochs=4, stop="best"), seed=0)
    assert (fit.epoch, fit.best, fit.test.loss) == (4, None, 4.5)
    stop = Patience(patience=2)
    fit = fit_network(_Scripted(validation=(nan,) * 4), split, protocol=_protocol(epochs=4, stop=stop), seed=0)
    assert fit.epochs == 2


def test_the_best_weights_survive_later_epochs(make_program, split):
    """The state kept for `best` is a copy: evaluated afterwards it gives the same test scores."""
    changes = {"stop": "best", "epochs": 4, "optimizer": {"adam": {"learning_rate": 0.02}}}
    split = _mislabelled(split)
    fit = _fit(make_program, split, **changes)
    losses = fit.columns["validation_loss"]
    assert fit.epoch == 1 + losses.index(min(losses))
    assert fit.epoch < 4
    program = make_program(*MLP, **changes)
    assert program.evaluate(fit.best, split.validation_images, split.validation_labels)[0].loss == min(losses)
    assert program.evaluate(fit.best, split.test_images, split.test_labels)[0] == fit.test
    assert not np.array_equal(fit.best.trainable[0], fit.last.trainable[0])


def test_there_is_no_chosen_state_before_the_first_epoch():
    """Asking an empty fit for its weights is a mistake of ours."""
    with pytest.raises(ValueError, match="this fit has trained no epoch yet"):
        _ = Fit().chosen


@pytest.mark.parametrize("stop", ["last", "best"])
def test_a_diverged_run_says_so(make_program, split, stop):
    """A learning rate of 1e30 ends in a run with its reason and its curve, without probabilities or test scores."""
    reports = []
    optimizer = {"sgd": {"learning_rate": 1e30}}
    layers = ("Flatten", {"Dense": {"units": 8}}, SOFTMAX)
    fit = _fit(make_program, split, layers=layers, optimizer=optimizer, stop=stop, on_epoch=reports.append)
    assert fit.status == "diverged"
    assert fit.reason in {f"the training loss was {loss} in epoch 1" for loss in ("nan", "inf")}
    assert (fit.probabilities, fit.test, reports) == (None, None, [])
    assert fit.epochs == 1
    assert not np.isfinite(fit.columns["loss"]).all()


def test_a_run_that_diverges_in_a_later_epoch_keeps_its_curve(split):
    """Epochs before the break are reported, the break itself is in the curve."""
    reports = []
    program = _Scripted(losses=(1.0, 0.5, float("inf")), validation=(1.0,) * 3)
    fit = fit_network(program, split, protocol=_protocol(epochs=9), seed=0, on_epoch=reports.append)
    assert (fit.status, fit.reason) == ("diverged", "the training loss was inf in epoch 3")
    assert fit.columns["loss"] == [1.0, 0.5, float("inf")]
    assert [report.epoch for report in reports] == [1, 2]


def test_a_run_whose_very_last_update_overflows_has_diverged(make_program, split):
    """Each batch is measured before its update; the test loss shows what the last one did."""
    one_batch = Split(split.images, split.labels, split.train[:16], None, None, split.test_images, split.test_labels)
    layers = ("Flatten", {"Dense": {"units": 8}}, SOFTMAX)
    fit = _fit(make_program, one_batch, layers=layers, optimizer={"sgd": {"learning_rate": 1e30}}, epochs=1)
    assert np.isfinite(fit.columns["loss"]).all()
    assert fit.status == "diverged"
    assert fit.reason in {f"the test loss was {loss} after epoch 1" for loss in ("nan", "inf")}
    assert (fit.probabilities, fit.test) == (None, None)


def _judged(split, predicted, labels) -> Fit:
    """The fit of a network that predicts these classes for test images of these labels."""
    labels, images = jnp.asarray(labels, dtype=jnp.int32), jnp.zeros((len(labels), 8, 8, 1), dtype=jnp.uint8)
    judged = Split(split.images, split.labels, split.train, None, None, images, labels)
    program = _Scripted(probabilities=np.eye(4, dtype=np.float32)[np.asarray(predicted)])
    return fit_network(program, judged, protocol=_protocol(epochs=1), seed=0)


@pytest.mark.parametrize(
    ("of_one_class", "status"), [(98_999, "finished"), (99_000, "collapsed"), (100_000, "collapsed")]
)
def test_one_class_for_99_per_cent_of_the_images_is_a_collapse(split, of_one_class, status):
    """Of two equal classes the border is at exactly 99 %, though the other images are named rightly."""
    labels = np.where(np.arange(100_000) < 50_000, 2, 3)
    predicted = np.where(np.arange(100_000) < of_one_class, 2, 3)
    fit = _judged(split, predicted, labels)
    assert fit.status == status
    expected = "" if status == "finished" else f"{of_one_class / 100_000:.1%} of the test images got class 2"
    assert fit.reason == expected


@pytest.mark.parametrize(("named", "status"), [(3, "finished"), (0, "collapsed")])
def test_a_rare_class_that_is_known_is_no_collapse(split, named, status):
    """Where 419 of 422 images are of one class, a network that is right has learned; one that only names it has not."""
    labels = np.where(np.arange(422) < 3, 1, 0)
    predicted = np.where(np.arange(422) < named, 1, 0)
    assert _judged(split, predicted, labels).status == status


@pytest.mark.parametrize(("hits", "status"), [(127, "collapsed"), (128, "finished")])
def test_guessing_is_a_collapse(split, hits, status):
    """Four classes of 100 images, each named 100 times or so: scipy.stats.binom.ppf(0.999, 400, 0.25) is 127."""
    labels = np.arange(400) % 4
    predicted = np.where(np.arange(400) < hits, labels, (labels + 1) % 4)
    fit = _judged(split, predicted, labels)
    assert fit.status == status
    assert fit.reason == ("" if status == "finished" else "a test accuracy of 31.75% is no better than guessing")
    assert fit.probabilities is not None


def test_few_images_of_a_rare_class_are_no_guesses(split):
    """57 of 60 images of one class, all right but one: above chance or not, so few images cannot tell it."""
    labels = np.where(np.arange(60) < 57, 0, 1)
    assert _judged(split, np.where(np.arange(60) < 56, 0, 1), labels).status == "finished"


def test_a_repetition_has_the_same_hash(make_program, split):
    """Same seed, same fold: the same to the bit; another seed or fold: another result."""
    first, again, other_seed, other_fold = (
        _fit(make_program, split, seed=seed, fold=fold).results_hash()
        for seed, fold in ((1, 0), (1, 0), (2, 0), (1, 1))
    )
    assert first == again
    assert len({first, other_seed, other_fold}) == 3


def test_the_hash_ignores_time_and_nothing_else():
    """Seconds differ between repetitions; any other change shows."""

    def fit(**changes) -> Fit:
        fitted = Fit(epoch=1, test=Scores(0.5, 0.75), probabilities=np.ones((2, 3), dtype=np.float32))
        fitted.last = State([np.zeros(2, dtype=np.float32)], [], [])
        fitted.columns = {**fitted.columns, "loss": [0.5], "seconds": [1.0]}
        for name, value in changes.items():
            setattr(fitted, name, value)
        return fitted

    base, slower = fit(), fit()
    slower.columns["seconds"] = [2.0]
    assert slower.results_hash() == base.results_hash()
    changed = [
        fit(status="collapsed"),
        fit(epoch=2),
        fit(test=Scores(0.5, 0.5)),
        fit(columns={**base.columns, "loss": [0.5000001]}),
        fit(last=State([np.ones(2, dtype=np.float32)], [], [])),
        fit(best=State([np.ones(2, dtype=np.float32)], [], [])),
        fit(probabilities=np.zeros((2, 3), dtype=np.float32)),
    ]
    assert len({base.results_hash(), *(other.results_hash() for other in changed)}) == 1 + len(changed)


FRESH = """
from bakeoff.data.pixels import PixelScaling
from bakeoff.engine.fit import fit_network
from bakeoff.engine.values import Split
from bakeoff.engine.program import Architecture, Program
from bakeoff.spec import Named, Protocol
import jax.numpy as jnp
import numpy as np

rng = np.random.default_rng(0)
images = jnp.asarray(rng.integers(0, 256, (40, 8, 8, 1), dtype=np.uint8))
labels = jnp.asarray(np.arange(40) % 3, dtype=jnp.int32)
layers = [
    {"Conv2D": {"filters": 3, "kernel_size": 3}}, "BatchNormalization", {"MaxPooling2D": {"pool_size": 2}},
    {"Dropout": {"rate": 0.3}}, "Flatten", {"Dense": {"units": "classes", "activation": "softmax"}},
]
stack = tuple(Named.model_validate(layer) for layer in layers)
protocol = Protocol(batch_size=10, epochs=2, stop="best")
program = Program(Architecture(stack, (8, 8, 1), 3, PixelScaling("unit")), protocol)
split = Split(images, labels, np.arange(20), images[20:30], labels[20:30], images[30:], labels[30:])
digest = fit_network(program, split, protocol=protocol, seed=4, fold=1).results_hash()
"""


def test_a_fresh_process_repeats_the_run_to_the_bit():
    """Nothing that happened before in a process has an influence: names of layers, global generators, compiled code."""
    here: dict[str, str] = {}
    exec(FRESH, here)
    fresh = subprocess.run([sys.executable, "-c", FRESH + "print(digest)"], capture_output=True, text=True, check=True)
    assert fresh.stdout.strip() == here["digest"]


# Keras 3.15 copies its variables by an interface that NumPy 2 deprecates.
def _predictions(file: Path, split) -> np.ndarray:
    network = keras.models.load_model(file, safe_mode=True)
    return np.asarray(network(np.asarray(split.test_images, dtype=np.float32) / 255, training=False))


def test_saved_networks_are_ordinary_keras_files(make_program, split, tmp_path):
    """Both files load in Keras's safe mode and give, on scaled pixels, the probabilities of their epoch."""
    changes = {"stop": "best", "epochs": 4, "optimizer": {"adam": {"learning_rate": 0.02}}}
    split = _mislabelled(split)
    fit = _fit(make_program, split, **changes)
    program = make_program(*MLP, **changes)
    save_networks(fit, program, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["best.keras", "last.keras"]
    _, last = program.evaluate(fit.last, split.test_images, split.test_labels)
    np.testing.assert_allclose(_predictions(tmp_path / "best.keras", split), fit.probabilities, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(_predictions(tmp_path / "last.keras", split), last, rtol=1e-4, atol=1e-6)
    assert not np.allclose(last, fit.probabilities)


def test_where_the_last_epoch_counts_there_is_one_file(make_program, split, tmp_path):
    """`stop: last` chooses no other epoch."""
    save_networks(_fit(make_program, split), make_program(*MLP), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["last.keras"]

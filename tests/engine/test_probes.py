import importlib
import re
import time

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
import yaml

from bakeoff.data.pixels import PixelScaling
from bakeoff.engine.fit import fit_network
from bakeoff.engine.probes import Probe, Probing, Reading, choose_sample
from bakeoff.engine.program import Architecture, Program, State
from bakeoff.models.recipes import expand_layers, recipe_names
from bakeoff.spec import ModelSpec, Protocol

SOFTMAX = {"Dense": {"units": "classes", "activation": "softmax"}}
ZERO_SOFTMAX = {"Dense": {"units": "classes", "activation": "softmax", "kernel_initializer": "zeros"}}
SGD = {"sgd": {"learning_rate": 0.1}}
LSTM = ({"Reshape": {"target_shape": [8, 8]}}, {"LSTM": {"units": 4, "return_sequences": True}}, {"GRU": {"units": 3}})
CONVOLUTION = {"Conv2D": {"filters": 3, "kernel_size": 3, "activation": "relu"}}
NETWORKS = {
    "mlp": ("Flatten", {"Dense": {"units": 8, "activation": "relu"}}, {"Dense": {"units": 6, "activation": "tanh"}}),
    "cnn": (CONVOLUTION, {"MaxPooling2D": {"pool_size": 2}}, "Flatten"),
    "lstm": LSTM,
    "batch normalisation": ("Flatten", {"Dense": {"units": 8, "use_bias": False}}, "BatchNormalization", "LeakyReLU"),
    "many": (
        CONVOLUTION,
        "BatchNormalization",
        {"Activation": {"activation": "elu"}},
        {"Dropout": {"rate": 0.3}},
        "Flatten",
        {"Dense": {"units": 5, "kernel_regularizer": "l2", "activity_regularizer": "l1"}},
        "PReLU",
        {"Dropout": {"rate": 0.3}},
    ),
}
SAMPLE = np.arange(5, 37)  # two batches of 16 among the fifty images


def _measure(program, images_and_labels, *, state=None, sample=SAMPLE) -> Reading:
    state = state or program.initial_state(seed=0)
    return Probe(program).measure(state, *images_and_labels, sample=sample)[0]


def _class_shares(images_and_labels) -> np.ndarray:
    return np.bincount(np.asarray(images_and_labels[1])[SAMPLE], minlength=3) / len(SAMPLE)


def test_a_network_without_weights_is_dead(make_program, images_and_labels):
    """By hand: everything put out is 0, the loss is ln 3, and only the last bias has a gradient, 1/3 - class share."""
    zeros = {"units": 8, "activation": "relu", "kernel_initializer": "zeros"}
    reading = _measure(make_program("Flatten", {"Dense": zeros}, ZERO_SOFTMAX, optimizer=SGD), images_and_labels)
    shares = _class_shares(images_and_labels)
    gradient = np.linalg.norm(1 / 3 - shares)
    assert reading.dead.tolist() == [1, 1]
    assert reading.scale.tolist() == reading.weight.tolist() == [0, 0]
    assert reading.gradient == pytest.approx([0, gradient], rel=1e-5)
    assert reading.update == pytest.approx([0, 0.1 * gradient], rel=1e-5)
    assert reading.loss == pytest.approx(np.log(3), rel=1e-6)
    assert reading.predicted.tolist() == [32, 0, 0]
    assert reading.accuracy == shares[0]
    assert (reading.saturated, reading.clipped) == (0, 0)


def test_below_a_last_layer_of_zeros_there_is_no_gradient(make_program, images_and_labels):
    """The gradient passes through the last layer's weights; the loss is that of guessing, ln 3."""
    program = make_program("Flatten", {"Dense": {"units": 8, "activation": "relu"}}, ZERO_SOFTMAX, optimizer=SGD)
    reading = _measure(program, images_and_labels)
    assert reading.loss == pytest.approx(np.log(3), rel=1e-6)
    assert reading.gradient[0] == reading.update[0] == 0
    assert reading.gradient[1] > 0
    assert reading.dead[0] < reading.dead[1] == 1


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_step_of_plain_gradient_descent_is_the_gradient_times_the_learning_rate(
    make_program, images_and_labels, kind
):
    """Without penalties the update is 0.1 times the gradient, in every layer that has weights, up to float32."""
    if kind == "many":
        pytest.skip("has penalties")
    reading = _measure(make_program(*NETWORKS[kind], SOFTMAX, optimizer=SGD), images_and_labels)
    np.testing.assert_allclose(reading.update, 0.1 * reading.gradient, rtol=1e-4)
    assert np.nanmin(reading.gradient) > 0


def _keras_reading(program, optimizer, state: State, images, labels) -> dict[str, np.ndarray]:
    """The same measurements of layers with weights by Keras, layer by layer, outside of any compiled program."""
    network = program.new_network(seed=0)
    outputs: dict[str, list[np.ndarray]] = {}
    losses, gradients = [], []
    for start in (0, 16):
        values = np.asarray(images[start : start + 16], dtype=np.float32) / 255
        truth = np.asarray(labels[start : start + 16])
        batch = values
        for layer in network.layers[1:]:
            last = layer is network.layers[-1]
            values = (
                values @ np.asarray(layer.kernel) + np.asarray(layer.bias) if last else layer(values, training=True)
            )
            outputs.setdefault(layer.name, []).append(np.asarray(values, dtype=float))

        def objective(trainable, batch=batch, truth=truth):
            probabilities, _ = network.stateless_call(trainable, state.non_trainable, batch, training=True)
            return -jnp.log(probabilities[np.arange(16), truth]).mean()

        loss, gradient = jax.value_and_grad(objective)(state.trainable)
        losses.append(float(loss))
        gradients.append(gradient)
    mean = jax.tree.map(lambda first, second: (first + second) / 2, *gradients)
    moved, _ = optimizer.stateless_apply(state.optimizer, mean, state.trainable)
    probed = [layer for layer in network.layers if layer.weights or isinstance(layer, keras.layers.LeakyReLU)]
    places = {id(variable): index for index, variable in enumerate(network.trainable_variables)}

    def norms(arrays) -> list[float]:
        own = [[places[id(variable)] for variable in layer.trainable_variables] for layer in probed]
        flat = [[np.asarray(arrays[place], dtype=float).ravel() for place in places] for places in own]
        return [np.linalg.norm(np.concatenate(arrays)) if arrays else np.nan for arrays in flat]

    put_out = [np.concatenate(outputs[layer.name]).reshape(-1, layer.output.shape[-1]) for layer in probed]
    update = [np.asarray(new, dtype=float) - np.asarray(old) for new, old in zip(moved, state.trainable, strict=True)]
    return {
        "dead": np.array([(values.min(axis=0) == values.max(axis=0)).mean() for values in put_out]),
        "scale": np.array([np.sqrt((values**2).mean()) for values in put_out]),
        "gradient": np.array(norms(mean)),
        "weight": np.array(norms(state.trainable)),
        "update": np.array(norms(update)),
        "predicted": np.bincount(put_out[-1].argmax(axis=1), minlength=3),
        "accuracy": np.mean(put_out[-1].argmax(axis=1) == np.asarray(labels)),
        "loss": np.mean(losses),
    }


@pytest.mark.parametrize("kind", ["mlp", "cnn", "lstm", "batch normalisation"])
def test_it_measures_what_keras_does(make_program, images_and_labels, kind):
    """Outputs, gradients and the next step of Adam agree with Keras, layer by layer, in batches of 16."""
    program = make_program(*NETWORKS[kind], SOFTMAX, optimizer="adam")
    optimizer = keras.optimizers.Adam()
    optimizer.build(program.new_network(seed=0).trainable_variables)
    images, labels = images_and_labels
    state = program.initial_state(seed=0)
    reading = _measure(program, images_and_labels, state=state)
    expected = _keras_reading(program, optimizer, state, images[SAMPLE], labels[SAMPLE])
    for name, values in expected.items():
        tolerance = 1e-2 if name == "update" else 1e-4  # the first step of Adam is the sign of the gradient
        np.testing.assert_allclose(getattr(reading, name), values, rtol=tolerance, atol=1e-9, err_msg=name)


def test_layers_have_names_of_their_own(make_program):
    """Layers with weights or an activation are probed, and named by class and number whatever was built before."""
    probes = [Probe(make_program(*NETWORKS["many"], SOFTMAX, optimizer=optimizer)) for optimizer in ("sgd", "adam")]
    kinds = ("Conv2D", "BatchNormalization", "Activation", "Dense", "PReLU", "Dense")
    assert [probe.kinds for probe in probes] == [kinds, kinds]
    names = ("conv2d_1", "batch_normalization_1", "activation_1", "dense_1", "prelu_1", "dense_2")
    assert [probe.layers for probe in probes] == [names, names]
    assert probes[0].activations == ("relu", "linear", "elu", "linear", "prelu", "softmax")


def test_a_layer_of_activation_has_outputs_only(make_program, images_and_labels):
    """It has no weights: NaN stands for their norms, while its outputs are measured like any other's."""
    reading = _measure(make_program(*NETWORKS["many"], SOFTMAX), images_and_labels)
    for norms in (reading.gradient, reading.weight, reading.update):
        assert np.isnan(norms).tolist() == [False, False, True, False, False, False]
    assert np.isfinite([reading.dead, reading.scale]).all()


def test_a_layer_with_several_outputs_is_measured_by_its_first(make_program, images_and_labels):
    """A recurrent layer that hands on its states as well puts out the last step first."""
    layers = (LSTM[0], {"LSTM": {"units": 4, "return_state": True}}, "Concatenate", SOFTMAX)
    alone = (LSTM[0], {"LSTM": {"units": 4}}, SOFTMAX)
    several, one = (_measure(make_program(*stack), images_and_labels) for stack in (layers, alone))
    assert several.scale[0] == pytest.approx(one.scale[0], rel=1e-5)


def test_pixels_are_those_that_reach_the_first_layer_with_weights(make_program, images_and_labels):
    """A layer that rescales belongs to the preparation of the images."""
    layers = ({"Rescaling": {"scale": 0.5, "offset": 1}}, "Flatten", SOFTMAX)
    reading = _measure(make_program(*layers, scaling=PixelScaling("raw")), images_and_labels)
    seen = 0.5 * np.asarray(images_and_labels[0][SAMPLE], dtype=float) + 1
    assert reading.pixels == pytest.approx([seen.min(), seen.max(), seen.mean(), seen.std()], rel=1e-6)


@pytest.mark.parametrize(("bias", "dead"), [(-20, 0), (-30, 1), (10, 0), (16, 1)])
def test_a_unit_that_varies_by_rounding_only_is_dead(make_program, images_and_labels, bias, dead):
    """By hand: sigmoid(-20) is 2e-9 and sigmoid(-30) 9e-14; sigmoid(10) is 1 - 4.5e-5 and sigmoid(16) 1 - 1.1e-7."""
    initializer = {"class_name": "Constant", "config": {"value": bias}}
    layer = {"Dense": {"units": 4, "activation": "sigmoid", "bias_initializer": initializer}}
    assert _measure(make_program("Flatten", layer, SOFTMAX), images_and_labels).dead[0] == dead


@pytest.mark.parametrize(("margin", "saturated"), [(16, False), (17, True)])
def test_a_saturated_softmax(make_program, images_and_labels, margin, saturated):
    """By hand: two other classes at exp(-16) = 1.13e-7 are above what Keras clips, at exp(-17) = 4.1e-8 below."""
    program = make_program("Flatten", ZERO_SOFTMAX)
    start = program.initial_state(seed=0)
    state = start._replace(trainable=[start.trainable[0], jnp.array([0.0, margin, 0.0])])
    reading = _measure(program, images_and_labels, state=state)
    share = _class_shares(images_and_labels)[1]
    assert (reading.saturated, reading.clipped) == (saturated, saturated * (1 - share))
    assert (reading.accuracy, reading.predicted.tolist()) == (share, [0, 32, 0])
    assert reading.loss == pytest.approx(margin * (1 - share), rel=1e-5)


def test_a_penalty_is_part_of_the_update_and_not_of_the_gradient(make_program, images_and_labels):
    """By hand: below a last layer of zeros the loss has no gradient, and L2 of 0.5 takes 0.1 * 2 * 0.5 * weight off."""
    penalty = {"class_name": "L2", "config": {"l2": 0.5}}
    layers = ("Flatten", {"Dense": {"units": 8, "kernel_regularizer": penalty}}, ZERO_SOFTMAX)
    reading = _measure(make_program(*layers, optimizer=SGD), images_and_labels)
    assert reading.gradient[0] == 0
    assert reading.update[0] == pytest.approx(0.1 * reading.weight[0], rel=1e-5)
    assert reading.loss == pytest.approx(np.log(3), rel=1e-6)


def test_a_diverged_network_is_measured_as_well(make_program, images_and_labels):
    """What is not a number is said to be none, without a warning."""
    program = make_program(*NETWORKS["mlp"], SOFTMAX)
    start = program.initial_state(seed=0)
    reading = _measure(
        program, images_and_labels, state=start._replace(trainable=[w * np.nan for w in start.trainable])
    )
    assert np.isnan([reading.dead, reading.scale, reading.weight, reading.update]).all()
    assert np.isnan(reading.gradient[-1])
    assert np.isnan([reading.loss, reading.saturated, reading.clipped]).all()
    assert reading.predicted.sum() == 32


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_vanishing_and_exploding_norms_stay_numbers(make_program, images_and_labels, scale):
    """The squares of such weights do not fit into a float32."""
    program = make_program("Flatten", {"Dense": {"units": 4}}, SOFTMAX)
    start = program.initial_state(seed=0)
    kernel = start.trainable[0]
    state = start._replace(trainable=[kernel * scale, *start.trainable[1:]])
    reading = _measure(program, images_and_labels, state=state)
    assert reading.weight[0] == pytest.approx(np.linalg.norm(np.asarray(kernel, dtype=float)) * scale, rel=1e-5)
    assert 0 < reading.scale[0] < np.inf


def test_a_probe_changes_nothing(make_program, images_and_labels):
    """State, moving statistics and random generators are the same before and after, and compiled once."""
    program = make_program(*NETWORKS["many"], SOFTMAX, optimizer="adam")
    probe, state = Probe(program), program.initial_state(seed=0)
    before = [np.array(leaf) for leaf in jax.tree.leaves(state)]
    first, _ = probe.measure(state, *images_and_labels, sample=SAMPLE)
    compiled = program.compile_seconds
    again, seconds = probe.measure(state, *images_and_labels, sample=SAMPLE)
    for old, new in zip(before, jax.tree.leaves(state), strict=True):
        np.testing.assert_array_equal(old, new)
    jax.tree.map(np.testing.assert_array_equal, first, again)
    assert program.compile_seconds == compiled
    assert seconds > 0


def _fit(program, split, *, probe, **protocol):
    settings = Protocol.model_validate({"batch_size": 16, "epochs": 6, **protocol})
    return fit_network(program, split, protocol=settings, seed=1, probe=probe)


def test_a_run_with_probes_is_that_without(make_program, split):
    """Same hash of all results, and one row before training, after epochs 1, 2, 4 and after the last one."""
    program = make_program(*NETWORKS["many"], SOFTMAX, optimizer="adam")
    bare, probed = (_fit(program, split, probe=probe) for probe in (None, Probe(program)))
    assert bare.results_hash() == probed.results_hash()
    assert (bare.probes, bare.probe_seconds) == (None, 0)
    assert probed.probe_seconds > 0
    probes = probed.probes
    assert probes.epochs.tolist() == [0, 1, 2, 4, 6]
    assert probes.images == 32
    assert probes.predicted.sum(axis=1).tolist() == [32] * 5
    assert probes.scale.shape == (5, len(probes.layers)) == (5, 6)
    assert len({row.tobytes() for row in probes.weight}) == 5  # the network moved between any two


def test_time_of_probes_is_not_that_of_epochs(make_program, split, monkeypatch):
    """A probe that takes a hundred seconds is in no epoch's seconds."""
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    class Slow(Probe):
        def measure(self, *arguments, **named):
            now[0] += 100
            return super().measure(*arguments, **named)[0], 100.0

    program = make_program(*NETWORKS["mlp"], SOFTMAX, optimizer="adam")
    fit = _fit(program, split, probe=Slow(program), epochs=2)
    assert fit.columns["seconds"] == [0, 0]
    assert fit.probe_seconds == 300


def test_a_diverged_run_is_probed_after_its_last_epoch(make_program, split):
    """By hand: the first batch has a finite loss and sets huge weights, the second of the two steps has not."""
    layers = ("Flatten", {"Dense": {"units": 8}}, SOFTMAX)
    program = make_program(*layers, optimizer={"sgd": {"learning_rate": 1e30}})
    fit = _fit(program, split, probe=Probe(program))
    assert (fit.status, fit.epochs, fit.diverged_step) == ("diverged", 1, 2)
    assert fit.probes.epochs.tolist() == [0, 1]
    assert np.isfinite(fit.probes.loss).tolist() == [True, False]


@pytest.mark.parametrize(("place", "step"), [(0, 1), (15, 1), (16, 2), (47, 3), (49, 4)])
def test_the_first_step_without_a_finite_loss(make_program, images_and_labels, place, step):
    """All images are black but one, and 255 * 1e38 is no float32: its batch is the one, the short last one included."""
    layers = ({"Rescaling": {"scale": 1e38}}, "Flatten", SOFTMAX)
    program = make_program(*layers, scaling=PixelScaling("raw"), optimizer=SGD)
    images = np.zeros((50, 8, 8, 1), dtype=np.uint8)
    images[place] = 255
    state = program.initial_state(seed=0)
    _, scores = program.train_epoch(state, jnp.asarray(images), images_and_labels[1], order=np.arange(50))
    assert not np.isfinite(scores.loss)
    assert scores.diverged_step == step


def test_a_finite_epoch_has_no_diverged_step(make_program, images_and_labels):
    """The step is 0 where all batches had a loss."""
    program = make_program("Flatten", SOFTMAX)
    _, scores = program.train_epoch(program.initial_state(seed=0), *images_and_labels, order=np.arange(50))
    assert scores.diverged_step == 0


def test_the_sample_is_one_for_all_seeds():
    """It is drawn from the training images, each at most once, by the fold alone."""
    train = np.arange(100, 1100, 2)
    first, again, other = (choose_sample(train, batch_size=32, fold=fold) for fold in (0, 0, 1))
    assert first.tolist() == again.tolist() != other.tolist()
    assert len(set(first.tolist()) & set(train.tolist())) == 128


def test_nothing_is_measured_without_a_probe(images_and_labels):
    """A run without a probe has none."""
    probing = Probing(None, *images_and_labels, SAMPLE)
    probing.take(State([], [], []), epoch=0)
    assert (probing.probes, probing.seconds) == (None, 0)


OWN = [name for name in recipe_names() if importlib.util.find_spec(f"bakeoff.models.{name}")]


@pytest.mark.parametrize("name", OWN)
def test_every_recipe_can_be_probed(name, images_and_labels):
    """The network that a recipe's docstring shows gives a full row, with the softmax last."""
    example = re.search(rf"`(\w+: \{{{name}: .*\}})`", importlib.import_module(f"bakeoff.models.{name}").__doc__)
    ((entry,),) = [tuple(yaml.safe_load(example[1]).values())]
    layers = expand_layers(ModelSpec(name="mine", recipe=name, arguments=entry[name], protocol=Protocol()))
    program = Program(Architecture(layers, (28, 28, 1), 3, PixelScaling("unit")), Protocol())
    images = jnp.asarray(np.random.default_rng(0).integers(0, 256, (40, 28, 28, 1), dtype=np.uint8))
    probe = Probe(program)
    sample = np.arange(32)
    reading, _ = probe.measure(program.initial_state(seed=0), images, images_and_labels[1][:40], sample=sample)
    assert probe.activations[-1] == "softmax"
    assert len(set(probe.layers)) == len(probe.layers) == len(probe.kinds) == len(reading.scale) > 1
    assert np.isfinite([reading.dead, reading.scale]).all()
    has_weights = np.isfinite(reading.weight)
    assert has_weights[-1]
    assert (reading.gradient[has_weights] > 0).all()
    assert (reading.update[has_weights] > 0).all()

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from bakeoff.data.pixels import PixelScaling
from bakeoff.engine import program as programs
from bakeoff.engine.program import BATCH_ON_CPU, BLOCK, Architecture, Program, State
from bakeoff.errors import StudyError
from bakeoff.spec import Named, Protocol

SOFTMAX = {"Dense": {"units": "classes", "activation": "softmax"}}
ADAM = {"adam": {"weight_decay": 0.1}}
CNN = (
    {"Conv2D": {"filters": 3, "kernel_size": 3, "use_bias": False}},  # a bias would have no gradient but rounding
    "BatchNormalization",
    {"Activation": {"activation": "relu"}},
    {"MaxPooling2D": {"pool_size": 2}},
    {"Dropout": {"rate": 0.3}},
    "Flatten",
    SOFTMAX,
)


def _keras_epoch(network, optimizer, state: State, images, labels, order, *, batch_size) -> tuple[State, float, float]:
    """The same epoch as a plain loop: Keras's own layers and convolutions, cross-entropy of its probabilities."""
    losses, hits = 0.0, 0
    trainable, non_trainable, variables = state

    @jax.jit
    def step(trainable, non_trainable, variables, batch, classes):
        def objective(trainable):
            scaled = batch.astype("float32") / 255
            probabilities, moved = network.stateless_call(trainable, non_trainable, scaled, training=True)
            chosen = jnp.take_along_axis(probabilities, classes[:, None], axis=1)
            return -jnp.log(chosen).mean(), (probabilities, moved)

        (loss, (probabilities, moved)), gradients = jax.value_and_grad(objective, has_aux=True)(trainable)
        trainable, variables = optimizer.stateless_apply(variables, gradients, trainable)
        return trainable, moved, variables, loss, probabilities

    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        trainable, non_trainable, variables, loss, probabilities = step(
            trainable, non_trainable, variables, images[chosen], labels[chosen]
        )
        losses += float(loss) * len(chosen)
        hits += int((np.asarray(probabilities).argmax(axis=1) == np.asarray(labels[chosen])).sum())
    return State(trainable, non_trainable, variables), losses / len(order), hits / len(order)


def test_an_epoch_is_that_of_a_plain_loop(make_program, images_and_labels):
    """One compiled epoch leaves what Keras leaves step by step: weights, statistics, dropout, optimiser, loss, hits."""
    images, labels = images_and_labels
    program = make_program(*CNN, optimizer=ADAM)
    network = program.new_network(seed=3)
    reference = keras.optimizers.Adam(weight_decay=0.1)
    reference.build(network.trainable_variables)
    order = np.random.default_rng(5).permutation(50)  # three whole batches and one of two images

    state, scores = program.train_epoch(program.initial_state(seed=3), images, labels, order=order)
    start = State(
        [jnp.array(variable) for variable in network.trainable_variables],
        [jnp.array(variable) for variable in network.non_trainable_variables],
        [jnp.array(variable) for variable in reference.variables],
    )
    expected, loss, accuracy = _keras_epoch(network, reference, start, images, labels, order, batch_size=16)

    assert scores.loss == pytest.approx(loss, rel=1e-5)
    assert scores.accuracy == accuracy
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5), state, expected)


def test_a_training_set_smaller_than_a_batch_is_one_short_batch(make_program, images_and_labels):
    """Five images in batches of sixteen make one step of the optimiser."""
    images, labels = images_and_labels
    program = make_program("Flatten", SOFTMAX, optimizer="sgd")
    state, scores = program.train_epoch(program.initial_state(seed=0), images, labels, order=np.arange(5))
    assert int(state.optimizer[0]) == 1
    assert scores.loss == pytest.approx(
        program.evaluate(program.initial_state(seed=0), images[:5], labels[:5])[0].loss, rel=1e-5
    )


def test_an_epoch_sees_only_the_images_of_its_order(make_program, images_and_labels):
    """What stands outside `order` has no influence: validation images may share the array."""
    images, labels = images_and_labels
    program = make_program("Flatten", SOFTMAX, optimizer="sgd")
    order = np.arange(40)
    blackened = images.at[40:].set(0)
    first, _ = program.train_epoch(program.initial_state(seed=0), images, labels, order=order)
    second, _ = program.train_epoch(program.initial_state(seed=0), blackened, labels, order=order)
    jax.tree.map(np.testing.assert_array_equal, first, second)


def test_moving_statistics_follow_the_training_images(make_program):
    """After one batch the moving mean is 0.01 times its mean, and the variance 0.99 plus 0.01 times its variance."""
    program = make_program("BatchNormalization", "Flatten", SOFTMAX, scaling=PixelScaling("raw"), optimizer="sgd")
    images = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 1), dtype=np.uint8)
    start = program.initial_state(seed=0)
    state, _ = program.train_epoch(start, jnp.asarray(images), jnp.zeros(16, dtype=jnp.int32), order=np.arange(16))
    mean, variance = map(float, (state.non_trainable[0][0], state.non_trainable[1][0]))
    assert mean == pytest.approx(0.01 * images.mean(), rel=1e-5)
    assert variance == pytest.approx(0.99 + 0.01 * images.var(), rel=1e-5)


def test_evaluation_uses_moving_statistics_and_drops_nothing(make_program, images_and_labels):
    """Probabilities are those of Keras in inference, for a state that training has moved; judging leaves it unmoved."""
    images, labels = images_and_labels
    program = make_program(*CNN, optimizer=ADAM)
    state, _ = program.train_epoch(program.initial_state(seed=0), images, labels, order=np.arange(50))
    before = [np.array(leaf) for leaf in jax.tree.leaves(state)]
    scores, probabilities = program.evaluate(state, images, labels)
    network = program.new_network(seed=9)
    program.load_state(state, network=network)
    expected = np.asarray(network(np.asarray(images, dtype=np.float32) / 255, training=False))
    np.testing.assert_allclose(probabilities, expected, rtol=1e-4, atol=1e-6)
    assert scores.loss == pytest.approx(-np.log(expected[np.arange(50), np.asarray(labels)]).mean(), rel=1e-4)
    for after, leaf in zip(before, jax.tree.leaves(state), strict=True):
        np.testing.assert_array_equal(after, leaf)


@pytest.mark.parametrize("count", [1, BATCH_ON_CPU - 1, BATCH_ON_CPU, BATCH_ON_CPU + 1, 50])
def test_filling_up_the_last_batch_changes_nothing(make_program, images_and_labels, count):
    """However many images there are, each gets the probabilities that it gets among all, and only they are counted."""
    images, labels = images_and_labels
    program = make_program("Flatten", SOFTMAX, optimizer="sgd")
    state = program.initial_state(seed=0)
    _, everything = program.evaluate(state, images, labels)
    scores, probabilities = program.evaluate(state, images[:count], labels[:count])
    np.testing.assert_allclose(probabilities, everything[:count], rtol=1e-5)
    chosen = everything[np.arange(count), np.asarray(labels[:count])]
    assert scores.loss == pytest.approx(-np.log(chosen).mean(), rel=1e-5)


@pytest.mark.parametrize("count", [BLOCK, BLOCK + 1, 2 * BLOCK + 7])
def test_several_blocks_are_judged_like_one(make_program, images_and_labels, count):
    """Images beyond the first block get the probabilities that they get in it, and the loss is that of all of them."""
    images, labels = images_and_labels
    program = make_program("Flatten", SOFTMAX, optimizer="sgd")
    state = program.initial_state(seed=0)
    _, once = program.evaluate(state, images, labels)
    places = np.arange(count) % len(images)
    scores, probabilities = program.evaluate(state, images[places], labels[places])
    np.testing.assert_allclose(probabilities, once[places], rtol=1e-5)
    assert scores.loss == pytest.approx(-np.log(once[places, np.asarray(labels)[places]]).mean(), rel=1e-5)


def test_sets_of_images_of_all_sizes_share_one_executable(images_and_labels):
    """What is compiled for one set judges another of any size, and its scores are compiled for all networks at once."""
    images, labels = images_and_labels
    layers = tuple(Named.model_validate(layer) for layer in ("Flatten", SOFTMAX))
    architecture = Architecture(layers, (8, 8, 1), 3, PixelScaling("unit"))
    program, other = (Program(architecture, Protocol()) for _ in range(2))
    state = program.initial_state(seed=0)
    for count in (9, 33, 34):
        program.evaluate(state, images[:count], labels[:count])
    alone = program.compile_seconds
    other.evaluate(state, images[:33], labels[:33])
    assert len(program._executables) == len(other._executables) == 1
    assert 0 < other.compile_seconds < alone


@pytest.mark.parametrize("count", [7, 49])
def test_accuracy_is_hits_divided_by_images(make_program, images_and_labels, count):
    """The fraction is exact, in training and in evaluation: no rounding of float32 gets in."""
    images, labels = images_and_labels
    program = make_program("Flatten", SOFTMAX, optimizer="sgd")
    state = program.initial_state(seed=1)
    scores, probabilities = program.evaluate(state, images[:count], labels[:count])
    hits = int((probabilities.argmax(axis=1) == np.asarray(labels[:count])).sum())
    assert 0 < hits < count
    assert scores.accuracy == hits / count
    _, trained = program.train_epoch(state, images, labels, order=np.arange(count))
    assert trained.accuracy == round(trained.accuracy * count) / count


def test_a_penalty_enters_the_gradient_and_not_the_loss(make_program, images_and_labels):
    """One step with L2 of 0.5 takes 2 * 0.5 * learning rate more off each weight; the reported loss is without it."""
    images, labels = images_and_labels
    penalty = {"class_name": "L2", "config": {"l2": 0.5}}
    free = {"Dense": {"units": "classes", "activation": "softmax", "name": "free"}}
    held = {"Dense": {"units": "classes", "activation": "softmax", "kernel_regularizer": penalty}}
    outcomes = []
    for layer in (free, held):
        program = make_program("Flatten", layer, optimizer={"sgd": {"learning_rate": 0.1}})
        start = program.initial_state(seed=0)
        kernel = np.array(start.trainable[0])
        state, scores = program.train_epoch(start, images, labels, order=np.arange(16))
        outcomes.append((np.array(state.trainable[0]), scores.loss))
    (without, loss), (with_penalty, penalised_loss) = outcomes
    np.testing.assert_allclose(without - with_penalty, 0.1 * kernel, atol=1e-6)
    assert penalised_loss == loss


def test_the_seed_decides_the_initial_state(make_program):
    """Same seed, same state; other seed, other weights and other dropout; the optimiser starts alike."""
    program = make_program(*CNN, optimizer=ADAM)
    one, again, other = (program.initial_state(seed=seed) for seed in (1, 1, 2))
    jax.tree.map(np.testing.assert_array_equal, one, again)
    assert not np.array_equal(one.trainable[0], other.trainable[0])
    assert not np.array_equal(one.non_trainable[-1], other.non_trainable[-1])
    jax.tree.map(np.testing.assert_array_equal, one.optimizer, other.optimizer)


def test_parameters_are_counted_with_moving_statistics(make_program):
    """By hand: 3 kernels of 3 x 3, 4 numbers for each of 3 channels, 27 x 3 weights and 3 biases."""
    program = make_program(*CNN, optimizer=ADAM)
    assert program.parameters == 3 * 9 + 4 * 3 + (27 * 3 + 3)


def test_compiling_is_timed_once_for_each_shape(images_and_labels):
    """Runs of one shape share one executable; its seconds are kept apart."""
    images, labels = images_and_labels
    layers = tuple(Named.model_validate(layer) for layer in ("Flatten", SOFTMAX))
    program = Program(Architecture(layers, (8, 8, 1), 3, PixelScaling("unit")), Protocol())
    assert program.compile_seconds == 0
    program.train_epoch(program.initial_state(seed=0), images, labels, order=np.arange(50))
    first = program.compile_seconds
    program.train_epoch(program.initial_state(seed=1), images, labels, order=np.arange(50)[::-1])
    assert program.compile_seconds == first > 0
    program.train_epoch(program.initial_state(seed=1), images, labels, order=np.arange(9))
    assert program.compile_seconds > first


@pytest.mark.parametrize(("device", "lowered"), [("cpu", True), ("gpu", False)])
def test_convolutions_are_lowered_on_cpus_only(make_program, images_and_labels, monkeypatch, device, lowered):
    """XLA's own convolution is slow on a CPU and the right one on an accelerator."""
    calls = []
    monkeypatch.setattr(programs, "lower_to_matmul", lambda function: calls.append(function) or function)
    monkeypatch.setattr(jax, "default_backend", lambda: device)
    layers = tuple(Named.model_validate(layer) for layer in ("Flatten", SOFTMAX))
    program = Program(Architecture(layers, (8, 8, 1), 3, PixelScaling("unit")), Protocol())
    program.evaluate(program.initial_state(seed=0), *images_and_labels)
    assert bool(calls) == lowered


def test_mistakes_are_found_before_anything_is_compiled():
    """Layers, optimiser and loss are checked when the program is made."""
    layers = tuple(Named.model_validate(layer) for layer in ("Flatten", SOFTMAX))
    architecture = Architecture(layers, (8, 8, 1), 3, PixelScaling("unit"))
    with pytest.raises(StudyError, match="Keras has no optimizer 'adm'"):
        Program(architecture, Protocol(optimizer=Named(name="adm")))
    with pytest.raises(StudyError, match="Keras has no loss 'x'"):
        Program(architecture, Protocol(loss=Named(name="x")))
    with pytest.raises(StudyError, match="this model ends in Flatten"):
        Program(Architecture(layers[:1], (8, 8, 1), 3, PixelScaling("unit")), Protocol())

"""Networks trained together, against the same networks trained one by one, on scikit-learn's digits."""

from dataclasses import replace
from types import SimpleNamespace

from bakeoff.models import backend as backend  # isort: skip  # before jax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bakeoff.data import load_dataset
from bakeoff.data.pixels import PixelScaling
from bakeoff.engine import replicas as engine
from bakeoff.engine.fit import fit_network, fit_replicas
from bakeoff.engine.probes import Probe
from bakeoff.engine.program import Architecture, Program
from bakeoff.engine.replicas import count_fitting, measure_replicas
from bakeoff.engine.values import Fit, Replica, Split
from bakeoff.spec import Named, Patience, Protocol

SOFTMAX = {"Dense": {"units": "classes", "activation": "softmax"}}
NETWORKS = {
    "dropout": ("Flatten", {"Dense": {"units": 16, "activation": "relu"}}, {"Dropout": {"rate": 0.3}}, SOFTMAX),
    "batch normalisation": (
        "Flatten",
        {"Dense": {"units": 16}},
        "BatchNormalization",
        {"Activation": {"activation": "relu"}},
        SOFTMAX,
    ),
    "convolution": (
        {"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu"}},
        {"MaxPooling2D": {"pool_size": 2}},
        "Flatten",
        SOFTMAX,
    ),
    "recurrent": ({"Reshape": {"target_shape": ["height", "width"]}}, {"LSTM": {"units": 8}}, SOFTMAX),
}
PLAIN = ("Flatten", {"Dense": {"units": 8, "activation": "relu"}}, SOFTMAX)
TOLERANCE = 1e-5
"""What docs/engine.md states: of losses relative, of probabilities and weights absolute."""


@pytest.fixture(scope="module")
def digits() -> Split:
    """150 images to train on (four batches of 32 and one of 22), 50 for validation, 100 for the test."""
    dataset = load_dataset("digits")
    images, labels = jnp.asarray(dataset.train_images[:200]), jnp.asarray(dataset.train_labels[:200])
    test_images, test_labels = jnp.asarray(dataset.test_images[:100]), jnp.asarray(dataset.test_labels[:100])
    return Split(images, labels, np.arange(150), images[150:], labels[150:], test_images, test_labels)


def _protocol(**changes) -> Protocol:
    return Protocol.model_validate({"batch_size": 32, "epochs": 3, **changes})


def _program(layers, **changes) -> Program:
    stack = tuple(Named.model_validate(layer) for layer in layers)
    return Program(Architecture(stack, (8, 8, 1), 10, PixelScaling("unit")), _protocol(**changes))


def _whole_batches(split: Split) -> Split:
    """Without the short batch, whose code takes as long to compile as that of all others."""
    return replace(split, train=split.train[:128])


@pytest.fixture(scope="module", params=NETWORKS)
def three(request, digits) -> tuple[Program, list[Fit]]:
    """A program, and three of its networks trained one by one."""
    program, split = _program(NETWORKS[request.param]), _whole_batches(digits)
    return program, [fit_network(program, split, protocol=_protocol(), seed=seed, fold=1) for seed in range(3)]


def _assert_same(fit: Fit, plain: Fit) -> None:
    """Everything that a run leaves, within the stated tolerance; accuracies to the image."""
    assert (fit.status, fit.epoch, fit.epochs) == (plain.status, plain.epoch, plain.epochs)
    for name in ("loss", "validation_loss"):
        np.testing.assert_allclose(fit.columns[name], plain.columns[name], rtol=TOLERANCE)
    for name in ("accuracy", "validation_accuracy"):
        assert fit.columns[name] == plain.columns[name]
    assert fit.test.accuracy == plain.test.accuracy
    assert fit.test.loss == pytest.approx(plain.test.loss, rel=TOLERANCE)
    np.testing.assert_allclose(fit.probabilities, plain.probabilities, rtol=0, atol=TOLERANCE)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCE), fit.last, plain.last)
    assert jax.tree.structure(fit.best) == jax.tree.structure(plain.best)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCE), fit.best, plain.best)


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 3])
def test_replicas_are_plain_runs(three, digits, count, monkeypatch):
    """Two and three networks trained as one program are those trained one by one, dropout and statistics included."""
    program, plain = three
    monkeypatch.setattr(program, "train_epoch", None)  # it trains one by one
    replicas = [Replica(seed) for seed in range(count)]
    fits = fit_replicas(program, _whole_batches(digits), replicas, protocol=_protocol(), fold=1)
    for fit, alone in zip(fits, plain, strict=False):
        _assert_same(fit, alone)
    assert len({fit.results_hash() for fit in fits}) == count


def _at_rate(rate: float) -> Named:
    return Named(name="sgd", arguments={"learning_rate": rate})


@pytest.fixture(scope="module")
def simple() -> Program:
    """A dense network under gradient descent, with a learning rate of 0.1."""
    return _program(PLAIN, optimizer=_at_rate(0.1))


def _alone(program: Program, split: Split, replica: Replica, **changes) -> Fit:
    """One network by the plain program."""
    (fit,) = fit_replicas(program, split, [replica], protocol=_protocol(**changes))
    return fit


def test_a_program_trains_other_learning_rates(simple, digits):
    """By itself, a network of another learning rate is the run of a program of that rate, to the bit."""
    fit = _alone(simple, digits, Replica(4, _at_rate(0.5)))
    other = fit_network(_program(PLAIN, optimizer=_at_rate(0.5)), digits, protocol=_protocol(), seed=4)
    own = fit_network(simple, digits, protocol=_protocol(), seed=4)
    assert fit.results_hash() == other.results_hash() != own.results_hash()
    assert _alone(simple, digits, Replica(4)).results_hash() == own.results_hash()


def test_each_has_its_own_learning_rate(simple, digits):
    """Networks of three learning rates, one of them the program's own, trained together; the last batch is short."""
    replicas = [Replica(4, _at_rate(0.5)), Replica(4), Replica(4, _at_rate(0.02))]
    fits = fit_replicas(simple, digits, replicas, protocol=_protocol())
    assert len({fit.columns["loss"][-1] for fit in fits}) == 3
    for fit, replica in zip(fits, replicas, strict=True):
        _assert_same(fit, _alone(simple, digits, replica))


def test_one_diverges_and_the_others_go_on(simple, digits):
    """A learning rate of 1e30 ends one run with its reason, curve and step; its neighbours are as without it."""
    told: list[tuple[int, int]] = []
    replicas = [
        Replica(seed, _at_rate(rate), on_epoch=lambda report, seed=seed: told.append((seed, report.epoch)))
        for seed, rate in enumerate([0.1, 1e30, 0.1])
    ]
    fits = fit_replicas(simple, digits, replicas, protocol=_protocol())
    assert told == [(seed, epoch) for epoch in (1, 2, 3) for seed in (0, 2)]
    plain = [_alone(simple, digits, replica) for replica in replicas]
    _assert_same(fits[0], plain[0])
    _assert_same(fits[2], plain[2])
    assert fits[1].status == plain[1].status == "diverged"
    assert "in epoch 1" in fits[1].reason
    assert (fits[1].epochs, fits[1].diverged_step) == (plain[1].epochs, plain[1].diverged_step)
    assert (fits[1].test, fits[1].probabilities) == (None, None)


def test_each_is_probed_by_itself(simple, digits):
    """What is measured inside a network, and when, is what is measured inside it by itself."""
    probe, replicas = Probe(simple), [Replica(0), Replica(1)]
    fits = fit_replicas(simple, digits, replicas, protocol=_protocol(), probe=probe)
    for fit, replica in zip(fits, replicas, strict=True):
        (alone,) = fit_replicas(simple, digits, [replica], protocol=_protocol(), probe=probe)
        assert fit.probes.epochs.tolist() == alone.probes.epochs.tolist() == [0, 1, 2, 3]
        np.testing.assert_allclose(fit.probes.loss, alone.probes.loss, rtol=TOLERANCE)
        np.testing.assert_allclose(fit.probes.gradient, alone.probes.gradient, rtol=1e-3)
    assert not np.allclose(fits[0].probes.loss, fits[1].probes.loss)


def test_patience_ends_each_run_by_itself(simple, digits):
    """Runs end in epochs of their own, with the weights of those epochs, however long the others go on."""
    stop = Patience(patience=1)
    confused = replace(digits, validation_labels=jnp.roll(digits.validation_labels, 1))
    replicas = [Replica(seed, _at_rate(rate)) for seed, rate in enumerate([0.1, 0.5, 0.02])]
    fits = fit_replicas(simple, confused, replicas, protocol=_protocol(epochs=8, stop=stop))
    assert len({fit.epochs for fit in fits}) > 1
    for fit, replica in zip(fits, replicas, strict=True):
        _assert_same(fit, _alone(simple, confused, replica, epochs=8, stop=stop))


def test_seconds_are_shared_among_those_that_go_on(simple, digits, monkeypatch):
    """Epochs of 6 s: 2 s for each of three runs, and 3 s once one of them has diverged."""
    replicas = [Replica(0), Replica(1, _at_rate(1e30)), Replica(2)]
    fit_replicas(simple, digits, replicas, protocol=_protocol(epochs=1))  # so that nothing is compiled from here on
    ticks = iter(range(0, 10_000, 6))
    monkeypatch.setattr("bakeoff.engine.fit.time", SimpleNamespace(perf_counter=lambda: float(next(ticks))))
    fits = fit_replicas(simple, digits, replicas, protocol=_protocol())
    assert [fit.columns["seconds"] for fit in fits] == [[2.0, 3.0, 3.0], [2.0], [2.0, 3.0, 3.0]]


@pytest.mark.parametrize(
    ("free", "one", "two", "count"),
    [
        (1000, 150, 250, 7),  # 750 usable: 150 and six more of 100
        (1000, 750, 850, 1),  # exactly one
        (1000, 650, 750, 2),  # exactly two
        (1000, 651, 751, 1),
        (1000, 900, 1800, 1),  # not even one: it is tried all the same
        (0, 1, 2, 1),
        (1000, 100, 100, 651),  # the second costs nothing that the compiler knows of
    ],
)
def test_how_many_fit(free, one, two, count):
    """Three quarters of the free memory hold the first replica and as many more as the second one's bytes allow."""
    assert count_fitting(free_bytes=free, one_bytes=one, two_bytes=two) == count


class _Device:
    """An accelerator with so many bytes left."""

    def __init__(self, free: int) -> None:
        self._free = free

    def memory_stats(self) -> dict[str, int]:
        return {"bytes_limit": self._free + 5000, "bytes_in_use": 5000}


def _measure(program, split, monkeypatch, *, free: int, most: int) -> int:
    monkeypatch.setattr("jax.local_devices", lambda: [_Device(free)])
    return measure_replicas(program, split.images, split.labels, examples=150, most=most)


def test_memory_decides_how_many(simple, digits, monkeypatch):
    """A device with little memory takes one, one with much takes all that are wanted, and more memory never fewer."""
    assert _measure(simple, digits, monkeypatch, free=1000, most=50) == 1
    assert _measure(simple, digits, monkeypatch, free=10**12, most=50) == 50
    counts = [_measure(simple, digits, monkeypatch, free=kibibytes << 10, most=50) for kibibytes in (64, 256, 1024)]
    assert counts == sorted(counts)
    assert 1 < counts[1] < 50


def test_each_replica_needs_its_weights_and_its_order(simple, digits):
    """What a second replica adds holds at least 610 float32 weights and the indices of 150 images; not the images."""
    one, two = (
        engine._replica_bytes(simple, digits.images, digits.labels, examples=150, count=count) for count in (1, 2)
    )
    assert two - one >= 4 * (8 * 65 + 9 * 10) + 4 * 150
    blown_up = jnp.tile(digits.images, (50, 1, 1, 1))
    labels = jnp.tile(digits.labels, 50)
    more = engine._replica_bytes(simple, blown_up, labels, examples=150, count=1)
    assert more - one < blown_up.nbytes - digits.images.nbytes


def test_a_cpu_trains_one_at_a_time(simple, digits):
    """A device that does not tell its memory gets no replicas, and nothing is compiled to find that out."""
    before = simple.compile_seconds
    assert measure_replicas(simple, digits.images, digits.labels, examples=150, most=5) == 1
    assert simple.compile_seconds == before


def test_a_start_differs_in_its_learning_rate_only(simple):
    """Of a state's variables the optimiser's learning rate is another, and nothing else."""
    own, other = simple.initial_state(seed=3), simple.initial_state(seed=3, optimizer=_at_rate(0.25))
    differing = [
        (float(a), float(b))
        for a, b in zip(jax.tree.leaves(own), jax.tree.leaves(other), strict=True)
        if not np.array_equal(a, b)
    ]
    assert differing == [(pytest.approx(0.1), 0.25)]

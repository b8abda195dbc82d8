"""Kept networks answer as they did when they were trained."""

from bakeoff.models import backend as backend  # isort: skip  # before jax
import jax.numpy as jnp
import numpy as np
import pytest

from bakeoff.data.pixels import PixelScaling
from bakeoff.engine.fit import save_networks
from bakeoff.engine.program import Architecture, Program
from bakeoff.engine.values import Fit
from bakeoff.errors import StoreError
from bakeoff.runner.predicting import predict
from bakeoff.spec import parse_study
from bakeoff.store import cells_of

STUDY = """
name: kept
data: digits
models:
  net: {layers: [Flatten, {Dense: {units: 4}}, BatchNormalization, {Dense: {units: classes, activation: softmax}}]}
  wider: {layers: [Flatten, {Dense: {units: 5}}, BatchNormalization, {Dense: {units: classes, activation: softmax}}]}
  deeper:
    layers:
      [Flatten, {Dense: {units: 4}}, BatchNormalization, LayerNormalization, {Dense: {units: 3, activation: softmax}}]
"""
SCALING = PixelScaling("standardize", mean=(100.0,), deviation=(50.0,))
NET, WIDER, DEEPER = cells_of(parse_study(STUDY).study, fingerprint="f")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Three images."""
    return np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), dtype=np.uint8)


@pytest.fixture(scope="module")
def kept(tmp_path_factory, images):
    """Files of two networks after an epoch, which moves the statistics of the batch normalisation too; and answers."""
    program = Program(Architecture(NET.layers, (8, 8, 1), 3, SCALING), NET.model.protocol)
    labels, order = jnp.array([0, 1, 2]), np.arange(3)
    files, answers = [], []
    for seed in (0, 1):
        state, _ = program.train_epoch(program.initial_state(seed=seed), jnp.asarray(images), labels, order=order)
        folder = tmp_path_factory.mktemp("run")
        save_networks(Fit(last=state), program, folder)
        files.append(folder / "last.keras")
        answers.append(program.evaluate(state, jnp.asarray(images), labels)[1])
    return files, np.stack(answers)


def test_the_same_answers_to_the_bit(kept, images):
    """Each network's file gives the very probabilities that its state gave, in the order of the files."""
    files, answers = kept
    again = predict(NET, files, images, 3, SCALING)
    assert again.tobytes() == answers.tobytes()
    assert (predict(NET, files[::-1], images, 3, SCALING)[0] == answers[1]).all()
    assert (answers[0] != answers[1]).any()


@pytest.mark.parametrize("cell", [WIDER, DEEPER])
def test_weights_of_other_layers_are_refused(kept, images, cell):
    """A file that does not fit, or lacks a layer, names itself and says what to do: no weight is left to chance."""
    with pytest.raises(StoreError, match=r"last\.keras does not hold the weights of this model \(.+\): delete its"):
        predict(cell, kept[0][:1], images, 3, SCALING)


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_damaged_files_are_refused(kept, images, tmp_path, content):
    """A file that is no archive, or half of one, is the store's fault and not a crash."""
    file = tmp_path / "last.keras"
    file.write_bytes(kept[0][0].read_bytes()[:3000] if content is None else content)
    with pytest.raises(StoreError, match=r"last\.keras does not hold the weights of this model"):
        predict(NET, [file], images, 3, SCALING)

"""A tiny problem that a network learns in a few epochs: where the bright patch is."""

from bakeoff.models import backend as backend  # isort: skip  # before jax
import jax.numpy as jnp
import numpy as np
import pytest

from bakeoff.data.pixels import PixelScaling
from bakeoff.engine.program import Architecture, Program
from bakeoff.engine.values import Split
from bakeoff.spec import Named, Protocol


def make_images(count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noisy 8 x 8 images with one bright row in three classes of rows, and their classes."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % 3).astype(np.int32)
    images = rng.integers(0, 100, (count, 8, 8, 1), dtype=np.uint8)
    images[np.arange(count), 1 + 2 * labels] += 150
    return images, labels


@pytest.fixture(scope="session")
def make_program():
    """Makes programs; one for each stack of layers and protocol, so that nothing is compiled twice."""
    programs: dict[str, Program] = {}

    def make(*layers, scaling=None, **protocol) -> Program:
        stack = tuple(Named.model_validate(layer) for layer in layers)
        architecture = Architecture(stack, (8, 8, 1), 3, scaling or PixelScaling("unit"))
        settings = Protocol.model_validate({"batch_size": 16, **protocol})
        key = f"{architecture} {settings.batch_size} {settings.optimizer} {settings.loss}"
        if key not in programs:
            programs[key] = Program(architecture, settings)
        return programs[key]

    return make


@pytest.fixture(scope="session")
def images_and_labels():
    """Fifty training images on the device, and their classes: three batches of 16 and one of 2."""
    return tuple(map(jnp.asarray, make_images(50, seed=0)))


@pytest.fixture(scope="session")
def split(images_and_labels) -> Split:
    """Two whole batches of the fifty to train on, ten for validation, thirty others for the test."""
    images, labels = images_and_labels
    test_images, test_labels = map(jnp.asarray, make_images(30, seed=1))
    return Split(images, labels, np.arange(32), images[40:], labels[40:], test_images, test_labels)

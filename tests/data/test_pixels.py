import math

import jax
import numpy as np
import pytest

from bakeoff.data import PixelScaling, fit_pixels
from bakeoff.spec.protocol import L2Pixels

IMAGES = np.array([[[[0, 7]], [[30, 7]]], [[[60, 7]], [[90, 7]]]], dtype=np.uint8)  # two images, 2x1, two channels
SCALINGS = ["raw", "unit", "standardize", L2Pixels(l2=1), L2Pixels(l2=2), L2Pixels(l2=3)]


def test_raw_keeps_the_bytes():
    """raw is 0..255 in float32."""
    assert np.array_equal(fit_pixels("raw", IMAGES)(IMAGES), IMAGES.astype(np.float32))


def test_unit_divides_by_255():
    """unit maps 0..255 to 0..1."""
    pixels = np.array([[[[0], [51], [255]]]], dtype=np.uint8)
    assert np.allclose(fit_pixels("unit", pixels)(pixels).ravel(), [0, 0.2, 1], rtol=1e-7)


def test_standardize_uses_each_channels_mean_and_deviation():
    """Channel one, 0 30 60 90, has mean 45 and deviation sqrt(1125); the constant channel is only centred."""
    scaling = fit_pixels("standardize", IMAGES)
    assert scaling.mean == (45.0, 7.0)
    assert scaling.deviation == (pytest.approx(math.sqrt(1125), rel=1e-15), 1.0)
    scaled = scaling(IMAGES)
    assert np.allclose(scaled[..., 0].ravel(), np.array([-45, -15, 15, 45]) / math.sqrt(1125))
    assert np.array_equal(scaled[..., 1].ravel(), [0, 0, 0, 0])


def test_standardize_agrees_with_numpy_in_double_precision():
    """The sums of whole numbers give numpy's own mean and standard deviation."""
    images = np.random.default_rng(0).integers(0, 256, (50, 9, 7, 3)).astype(np.uint8)
    scaling = fit_pixels("standardize", images)
    assert np.allclose(scaling.mean, images.mean(axis=(0, 1, 2), dtype=np.float64), rtol=1e-12)
    assert np.allclose(scaling.deviation, images.std(axis=(0, 1, 2), dtype=np.float64), rtol=1e-12)


def test_standardize_learns_from_training_images_only():
    """Other images are scaled by the statistics of the images it was fitted on."""
    assert fit_pixels("standardize", IMAGES)(np.full((1, 1, 1, 2), 45, np.uint8)).ravel().tolist() == [0, 38]


def test_l2_divides_by_the_norm_along_the_axis():
    """3 and 4 along the height have norm 5; a column of zeros stays zero."""
    images = np.array([[[[3], [0]], [[4], [0]]]], dtype=np.uint8)  # (1, 2, 2, 1)
    assert np.allclose(fit_pixels(L2Pixels(l2=1), images)(images)[0, :, :, 0], [[0.6, 0], [0.8, 0]])
    assert np.allclose(fit_pixels(L2Pixels(l2=2), images)(images)[0, :, :, 0], [[1, 0], [1, 0]])


@pytest.mark.parametrize("axis", [1, 2, 3])
def test_l2_agrees_with_a_norm_in_double_precision(axis):
    """{l2: axis} is x / norm(x, axis) with norms of 0 taken as 1, which is tf.keras.utils.normalize."""
    images = np.random.default_rng(1).integers(0, 256, (5, 6, 7, 3)).astype(np.uint8)
    images[2] = 0
    norm = np.linalg.norm(images.astype(np.float64), axis=axis, keepdims=True)
    expected = images / np.where(norm == 0, 1, norm)
    assert np.allclose(fit_pixels(L2Pixels(l2=axis), images)(images), expected, atol=1e-6)


@pytest.mark.parametrize("pixels", SCALINGS, ids=str)
def test_numpy_and_compiled_jax_agree(pixels):
    """The same scaling works on NumPy arrays and inside a compiled JAX program, in float32 and shape for shape."""
    images = np.random.default_rng(2).integers(0, 256, (4, 5, 6, 3)).astype(np.uint8)
    scaling = fit_pixels(pixels, images)
    plain, compiled = scaling(images), jax.jit(scaling)(images)
    assert plain.dtype == compiled.dtype == np.float32
    assert plain.shape == compiled.shape == images.shape
    assert np.allclose(plain, compiled, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("pixels", SCALINGS, ids=str)
def test_a_scaling_is_a_value(pixels):
    """Fitted twice on the same images, a scaling is equal and hashes alike, and its record is plain values."""
    first, second = fit_pixels(pixels, IMAGES), fit_pixels(pixels, IMAGES)
    assert first == second
    assert hash(first) == hash(second)
    assert first.to_json()["kind"] == first.kind


def test_the_record_holds_what_was_learnt():
    """Mean and deviation are written for standardize, the axis for l2, nothing for the others."""
    assert PixelScaling("standardize", mean=(1.0,), deviation=(2.0,)).to_json() == {
        "kind": "standardize",
        "mean": [1.0],
        "deviation": [2.0],
    }
    assert PixelScaling("l2", axis=3).to_json() == {"kind": "l2", "axis": 3}
    assert PixelScaling("unit").to_json() == {"kind": "unit"}

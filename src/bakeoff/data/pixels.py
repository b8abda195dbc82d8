"""How bytes become the numbers a network sees; what has to be learnt for that, is learnt from training images only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, Shaped, UInt8

from bakeoff.spec.protocol import L2Pixels, Pixels


@dataclass(frozen=True)
class PixelScaling:
    """A function from images to float32 of the same shape; comparable, hashable, and plain values for the record.

    Attributes:
        kind: raw (0..255), unit (0..1), standardize, or l2.
        mean: For standardize, of each channel over the training images, in 0..255.
        deviation: For standardize, the standard deviation of each channel; 1 for a constant channel.
        axis: For l2, the axis of (examples, height, width, channels) along which the norm is taken.
    """

    kind: Literal["raw", "unit", "standardize", "l2"]
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()
    axis: int | None = None

    def __call__(
        self, images: Shaped[Any, "examples height width channels"]
    ) -> Float32[Any, "examples height width channels"]:
        """Scale images.

        Works in the arrays' own library (`__array_namespace__`): NumPy, or JAX inside a compiled program.

        >>> PixelScaling("unit")(np.array([[[[0], [255]]]], dtype=np.uint8)).ravel()
        array([0., 1.], dtype=float32)
        """
        library = images.__array_namespace__()
        values = images.astype(library.float32)
        if self.kind == "unit":
            return values / 255
        if self.kind == "standardize":
            mean = library.asarray(self.mean, dtype=library.float32)
            deviation = library.asarray(self.deviation, dtype=library.float32)
            return (values - mean) / deviation
        if self.kind == "l2":
            norm = library.sqrt(library.sum(values * values, axis=self.axis, keepdims=True))
            return values / library.where(norm == 0, library.ones_like(norm), norm)
        return values

    def to_json(self) -> dict[str, Any]:
        """Plain values for the record: the kind, and what was learnt or asked for.

        >>> PixelScaling("l2", axis=1).to_json()
        {'kind': 'l2', 'axis': 1}
        """
        learnt = {"mean": list(self.mean), "deviation": list(self.deviation)} if self.kind == "standardize" else {}
        asked = {"axis": self.axis} if self.kind == "l2" else {}
        return {"kind": self.kind, **learnt, **asked}


def fit_pixels(pixels: Pixels, train_images: UInt8[np.ndarray, "examples height width channels"]) -> PixelScaling:
    """Make the scaling that a protocol asks for.

    Args:
        pixels: From the protocol. `{l2: axis}` is `tf.keras.utils.normalize(x, axis)`, a norm of 0 taken as 1.
        train_images: The images trained on: the training part of the fold, without its validation part.

    >>> fit_pixels("standardize", np.array([[[[0], [10]]]], dtype=np.uint8)).to_json()
    {'kind': 'standardize', 'mean': [5.0], 'deviation': [5.0]}
    """
    if isinstance(pixels, L2Pixels):
        return PixelScaling("l2", axis=pixels.l2)
    if pixels == "standardize":
        mean, deviation = _channel_statistics(train_images)
        return PixelScaling("standardize", mean=mean, deviation=deviation)
    return PixelScaling(pixels)


def _channel_statistics(
    images: UInt8[np.ndarray, "examples height width channels"],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Exact, from whole-number sums: no floating-point copy of the images."""
    number = math.prod(images.shape[:3])
    sums = [int(total) for total in np.asarray(np.sum(images, axis=(0, 1, 2), dtype=np.uint64))]
    squares = [int(total) for total in np.asarray(np.einsum("nhwc,nhwc->c", images, images, dtype=np.uint64))]
    scaled = [number * square - total * total for square, total in zip(squares, sums, strict=True)]  # variance * n**2
    deviations = tuple(math.sqrt(value) / number if value else 1.0 for value in scaled)
    return tuple(total / number for total in sums), deviations

"""Many small pictures as one, which a page can carry inside itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from bakeoff.data.picture import png_uri

LARGEST_SIDE = 64
"""Pixels; larger pictures are made smaller, since a page shows them as stamps."""

SHOWN_SIDE = 56
"""Small pictures are enlarged to about this size on the page, in whole steps."""


@dataclass(frozen=True)
class Sprite:
    """One picture with a grid of others in it.

    Attributes:
        uri: The picture, as PNG in a `data:` address.
        width: Of one of them.
        height: Of one of them.
        columns: In the grid.
        rows: In the grid.
        scale: By which they are enlarged on the page.
    """

    uri: str
    width: int
    height: int
    columns: int
    rows: int
    scale: int


def make_sprite(images: UInt8[np.ndarray, "examples height width channels"]) -> Sprite:
    """Put pictures side by side.

    Args:
        images: At least one, grey (1 channel) or colour (3).

    Returns:
        The grid, filled row by row; about as wide as it is high.
    """
    small = shrink(images)
    examples, height, width, channels = small.shape
    columns = math.ceil(math.sqrt(examples))
    rows = math.ceil(examples / columns)
    filled = np.zeros((rows * columns, height, width, channels), dtype=np.uint8)
    filled[:examples] = small
    grid = filled.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    picture = grid.reshape(rows * height, columns * width, channels)
    scale = max(1, round(SHOWN_SIDE / max(width, height)))
    return Sprite(png_uri(picture), width, height, columns, rows, scale)


def shrink(
    images: UInt8[np.ndarray, "examples height width channels"],
) -> UInt8[np.ndarray, "examples rows columns channels"]:
    """Fit pictures into the largest side, by the mean of whole blocks of pixels.

    Args:
        images: Of any size; an oblong one may be narrower than a block.

    Returns:
        The same pictures, no side longer than `LARGEST_SIDE`.
    """
    step = math.ceil(max(images.shape[1:3]) / LARGEST_SIDE)
    if step == 1:
        return images
    down, across = (min(step, side) for side in images.shape[1:3])
    height, width = images.shape[1] // down, images.shape[2] // across
    cut = images[:, : height * down, : width * across]
    blocks = cut.reshape(len(images), height, down, width, across, -1)
    means: UInt8[np.ndarray, "examples rows columns channels"] = blocks.mean(axis=(2, 4)).round().astype(np.uint8)
    return means

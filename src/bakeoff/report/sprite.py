"""Many small pictures as one, which a page can carry inside itself."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image

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
    small = _shrink(images)
    examples, height, width, channels = small.shape
    columns = math.ceil(math.sqrt(examples))
    rows = math.ceil(examples / columns)
    filled = np.zeros((rows * columns, height, width, channels), dtype=np.uint8)
    filled[:examples] = small
    grid = filled.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    picture = grid.reshape(rows * height, columns * width, channels)
    scale = max(1, round(SHOWN_SIDE / max(width, height)))
    return Sprite(_to_uri(picture), width, height, columns, rows, scale)


def _shrink(
    images: UInt8[np.ndarray, "examples height width channels"],
) -> UInt8[np.ndarray, "examples rows columns channels"]:
    """Fit into the largest side, by the mean of whole blocks of pixels."""
    step = math.ceil(max(images.shape[1:3]) / LARGEST_SIDE)
    if step == 1:
        return images
    height, width = (side // step * step for side in images.shape[1:3])
    blocks = images[:, :height, :width].reshape(len(images), height // step, step, width // step, step, -1)
    means: UInt8[np.ndarray, "examples rows columns channels"] = blocks.mean(axis=(2, 4)).round().astype(np.uint8)
    return means


def _to_uri(picture: UInt8[np.ndarray, "height width channels"]) -> str:
    file = io.BytesIO()
    Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"

"""From strokes on a canvas to an image like those that the networks were trained on.

MNIST's digits were scaled into a box of 20 x 20 pixels and moved so that their centre of mass lies in the middle of
28 x 28 (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998, section
III.A). A drawing that is not treated alike is another kind of picture: without it the networks of the quickstart get 43
to 56 % of test digits right that are drawn anywhere on a canvas in any size, with it 92 to 96 %, which is their test
accuracy. Box, place and thickness of strokes are measured on the training images, so that other drawings get theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from bakeoff.data.picture import EVEN_GROUND, SIZE_SAMPLE, measure_sizes
from bakeoff.errors import DataError

Anchor = Literal["centre of mass", "centre of the box"]

INK = 16
"""By so much, of 255, must a pixel of a canvas differ from its ground to be drawn on."""


@dataclass(frozen=True)
class Frame:
    """How drawings lie in a data set's images.

    Attributes:
        image_shape: Height, width and channels of the images.
        size: Height or width of what is drawn, whichever is larger, in pixels.
        anchor: Which point of a drawing lies nearly in the same place in every image.
        row: Where that point is, in pixels from the upper edge.
        column: From the left edge.
        stroke: Thickness of the strokes, in pixels.
        bright_ground: Whether dark strokes lie on bright ground.
        even: Whether the ground is even; if not, nothing of the above says much, and a drawing is only made smaller.
    """

    image_shape: tuple[int, int, int]
    size: float
    anchor: Anchor
    row: float
    column: float
    stroke: float
    bright_ground: bool
    even: bool


def measure_frame(train_images: UInt8[np.ndarray, "examples height width channels"]) -> Frame:
    """Measure how drawings lie in training images.

    Args:
        train_images: The first thousand are looked at.

    Returns:
        Medians over the images; the anchor is the point that moves less from image to image.
    """
    some = train_images[:SIZE_SAMPLE]
    height, width, channels = some.shape[1:]
    ground = _median_border(some)
    bright = ground > 127
    ink = _to_ink(some, bright_ground=bright)
    centres: dict[Anchor, np.ndarray] = {"centre of mass": _mass_centres(ink), "centre of the box": _box_centres(ink)}
    places = {name: found[np.isfinite(found).all(axis=1)] for name, found in centres.items()}
    if not len(places["centre of the box"]):
        return Frame((height, width, channels), 1, "centre of the box", 0, 0, 1, bright_ground=bright, even=False)
    anchor = min(places, key=lambda name: float(places[name].var(axis=0).sum()))
    row, column = np.median(places[anchor], axis=0)
    sizes = measure_sizes(some)
    return Frame(
        image_shape=(height, width, channels),
        size=float(max(1, np.median(sizes))),
        anchor=anchor,
        row=float(row),
        column=float(column),
        stroke=_stroke_width(ink),
        bright_ground=bright,
        even=bool(min(ground, 255 - ground) <= EVEN_GROUND),
    )


def fit_drawing(canvas: UInt8[np.ndarray, "rows columns"], frame: Frame) -> UInt8[np.ndarray, "height width channels"]:
    """Bring a drawing to the form of training images.

    Args:
        canvas: 0 where nothing is drawn, 255 where the pen was; of any size.
        frame: From `measure_frame`.

    Returns:
        The image that the networks are shown.

    Raises:
        DataError: Nothing is drawn.

    >>> frame = Frame((4, 4, 1), 2, "centre of mass", 1.5, 1.5, 1, bright_ground=False, even=True)
    >>> fit_drawing(np.pad(np.full((8, 8), 255, np.uint8), ((0, 9), (5, 0))), frame)[..., 0].tolist()
    [[0, 0, 0, 0], [0, 255, 255, 0], [0, 255, 255, 0], [0, 0, 0, 0]]
    """
    rows, columns = np.flatnonzero((canvas > INK).any(axis=1)), np.flatnonzero((canvas > INK).any(axis=0))
    if not rows.size:
        raise DataError("there is nothing on the canvas: draw something first")
    height, width, channels = frame.image_shape
    if frame.even:
        strokes = canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        ink = _place(_scale_to(strokes, frame.size), frame)
    else:
        ink = _resize(canvas, (height, width))
    grey = 255 - ink if frame.bright_ground else ink
    image = np.repeat(grey[..., np.newaxis], channels, axis=2)
    if channels == 4:
        image[..., 3] = 255
    return image


def _median_border(images: UInt8[np.ndarray, "examples height width channels"]) -> float:
    """Of the outermost pixels: unlike the mean, it does not mind drawings that touch the border."""
    colours = images[..., :3]
    edges = (colours[:, 0], colours[:, -1], colours[:, :, 0], colours[:, :, -1])
    return float(np.median(np.concatenate([edge.ravel() for edge in edges])))


def _scale_to(strokes: UInt8[np.ndarray, "rows columns"], size: float) -> UInt8[np.ndarray, "_ _"]:
    """So that the longer side has `size` pixels; grey where strokes cover a pixel in part."""
    scale = size / max(strokes.shape)
    return _resize(strokes, (max(1, round(strokes.shape[0] * scale)), max(1, round(strokes.shape[1] * scale))))


def _resize(canvas: UInt8[np.ndarray, "rows columns"], shape: tuple[int, int]) -> UInt8[np.ndarray, "_ _"]:
    return np.asarray(Image.fromarray(canvas).resize(shape[::-1], Image.Resampling.BICUBIC), dtype=np.uint8)


def _place(strokes: UInt8[np.ndarray, "rows columns"], frame: Frame) -> UInt8[np.ndarray, "height width"]:
    """On empty ground, moved by whole pixels; kept inside as far as they fit."""
    height, width, _ = frame.image_shape
    centres = _mass_centres if frame.anchor == "centre of mass" else _box_centres
    centre = centres(strokes[np.newaxis].astype(np.float32))[0]
    ground = np.zeros((height, width), dtype=np.uint8)
    top = _clip(frame.row - centre[0], strokes.shape[0], height)
    left = _clip(frame.column - centre[1], strokes.shape[1], width)
    inside = strokes[:height, :width]
    ground[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return ground


def _clip(start: float, length: int, available: int) -> int:
    return int(np.clip(round(float(start)), 0, max(0, available - length)))


def _to_ink(
    images: UInt8[np.ndarray, "examples height width channels"], *, bright_ground: bool
) -> Float[np.ndarray, "examples height width"]:
    """How much of each pixel is drawn on, 0..255."""
    grey = images[..., :3].mean(axis=3, dtype=np.float32)  # (examples, height, width)
    return np.asarray(255 - grey if bright_ground else grey)


def _mass_centres(ink: Float[np.ndarray, "examples height width"]) -> Float[np.ndarray, "examples 2"]:
    """Row and column of each image's centre of mass; NaN for an empty one."""
    mass = ink.sum(axis=(1, 2), dtype=np.float64)
    mass[mass == 0] = np.nan
    rows = ink.sum(axis=2, dtype=np.float64) @ np.arange(ink.shape[1]) / mass
    columns = ink.sum(axis=1, dtype=np.float64) @ np.arange(ink.shape[2]) / mass
    return np.stack([rows, columns], axis=1)


def _box_centres(ink: Float[np.ndarray, "examples height width"]) -> Float[np.ndarray, "examples 2"]:
    """Row and column of the middle of what each image's ink spans; NaN for an empty one."""
    middles = []
    for axis in (2, 1):
        marked = np.asarray((ink > INK).any(axis=axis))  # (examples, places)
        first, last = marked.argmax(axis=1), marked.shape[1] - 1 - marked[:, ::-1].argmax(axis=1)
        middles.append(np.where(marked.any(axis=1), (first + last) / 2, np.nan))
    return np.stack(middles, axis=1)


def _stroke_width(ink: Float[np.ndarray, "examples height width"]) -> float:
    """Median thickness: a long stroke's area is its length times its thickness, and it has two edges of its length.

    The edges' length is the total variation: half the sum of the differences between neighbours is the length seen from
    one axis, and for strokes in all directions both axes together see 4 / pi of it.
    """
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    variation = sum(np.abs(np.diff(padded, axis=axis)).sum(axis=(1, 2)) for axis in (1, 2)) * (np.pi / 4)
    drawn = variation > 0
    return float(np.median(2 * ink.sum(axis=(1, 2))[drawn] / variation[drawn])) if drawn.any() else 1.0

"""What a browser sends to be judged: strokes on a canvas as JSON, or the bytes of an image file.

An image is the whole body of its request, without a form around it: so no file name is ever sent, and no parser puts
parts of a form into temporary files.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8

from bakeoff.server.guards import Refusal

IMAGE_TYPES = frozenset(
    f"image/{name}"
    for name in ("png", "jpeg", "gif", "bmp", "x-ms-bmp", "tiff", "webp", "x-portable-graymap", "x-portable-pixmap")
)

MOST_SIDE = 2048
"""Pixels of a canvas."""

LONGEST_NAME = 64
"""Letters by which a page tells its drawing from those of other pages."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """A drawing.

    Attributes:
        ink: 0 where nothing is drawn, 255 where the pen was.
        invert: Whether the networks are to see it with bright and dark exchanged.
        drawing: Which drawing it is; of several states of one drawing only the latest counts. May be empty.
    """

    ink: UInt8[np.ndarray, "rows columns"]
    invert: bool
    drawing: str


@dataclass(frozen=True)
class ImageFile:
    """An image as it stands in its file."""

    content: bytes
    invert: bool


def read_question(content_type: str, query: Mapping[str, str], body: bytes) -> Canvas | ImageFile:
    """What is asked about.

    Args:
        content_type: The header, parameters included.
        query: Of an image, `invert=1` exchanges bright and dark.
        body: Of the request.

    Returns:
        A drawing or an image file; the latter not looked into.

    Raises:
        Refusal: It is neither, or not what it should be.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return _read_canvas(_parse(body))
    if kind in IMAGE_TYPES:
        if not body:
            raise Refusal(422, "the body must be an image, got nothing")
        return ImageFile(body, invert=query.get("invert") == "1")
    raise Refusal(415, "the Content-Type must be application/json or that of an image, such as image/png")


def _parse(body: bytes) -> dict[str, Any]:
    try:
        question = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(422, "the body is not JSON: send {pixels, width, height}") from None
    known = {"pixels", "width", "height", "invert", "drawing"}
    if not isinstance(question, dict) or not set(question) <= known or "pixels" not in question:
        raise Refusal(422, f"the body must be an object with pixels and nothing but {', '.join(sorted(known))}")
    return question


def _read_canvas(question: dict[str, Any]) -> Canvas:
    invert, drawing = question.get("invert", False), question.get("drawing", "")
    if not isinstance(invert, bool):
        raise Refusal(422, "invert must be true or false")
    if not isinstance(drawing, str) or len(drawing) > LONGEST_NAME:
        raise Refusal(422, f"drawing must be a text of at most {LONGEST_NAME} letters")
    pixels = question["pixels"]
    ink = _from_base64(pixels, question) if isinstance(pixels, str) else _from_rows(pixels)
    return Canvas(ink, invert, drawing)


def _from_base64(pixels: str, question: dict[str, Any]) -> UInt8[np.ndarray, "rows columns"]:
    width, height = (_check_side(question.get(name), name) for name in ("width", "height"))
    try:
        values = base64.b64decode(pixels, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(422, "pixels must be base64, or a list of rows") from None
    if len(values) != width * height:
        raise Refusal(422, f"pixels must hold width x height = {width * height} bytes, got {len(values)}")
    return np.frombuffer(values, dtype=np.uint8).reshape(height, width)  # (rows, columns)


def _check_side(value: object, name: str) -> int:
    if type(value) is not int or not 1 <= value <= MOST_SIDE:
        raise Refusal(422, f"{name} must be a whole number from 1 to {MOST_SIDE}")
    return value


def _from_rows(rows: object) -> UInt8[np.ndarray, "rows columns"]:
    wrong = Refusal(422, f"pixels must be base64, or at most {MOST_SIDE} rows of as many whole numbers from 0 to 255")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_SIDE or not all(isinstance(row, list) for row in rows):
        raise wrong
    lengths = {len(row) for row in rows}
    if len(lengths) > 1 or not 1 <= min(lengths) <= MOST_SIDE:
        raise wrong
    if not all(type(value) is int and 0 <= value <= 255 for row in rows for value in row):
        raise wrong
    return np.array(rows, dtype=np.uint8)

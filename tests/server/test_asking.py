"""What a browser sends is a drawing or an image, or is refused in one sentence."""

import base64
import json

import numpy as np
import pytest

from bakeoff.server.asking import Canvas, ImageFile, read_question
from bakeoff.server.guards import Refusal


def _ask(content, kind="application/json", query=None):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_question(kind, query or {}, body)


def test_a_canvas_in_base64():
    """Row by row, as many bytes as width and height say."""
    canvas = _ask({"pixels": base64.b64encode(bytes(range(6))).decode(), "width": 3, "height": 2, "drawing": "a"})
    assert isinstance(canvas, Canvas)
    assert canvas.ink.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (canvas.invert, canvas.drawing) == (False, "a")


def test_a_canvas_as_rows():
    """The same by hand, for programs."""
    canvas = _ask({"pixels": [[0, 255]], "invert": True}, kind="application/json; charset=utf-8")
    assert isinstance(canvas, Canvas)
    assert (canvas.ink.tolist(), canvas.ink.dtype, canvas.invert) == ([[0, 255]], np.uint8, True)


def test_an_image():
    """Its bytes as they are; nothing is opened here."""
    assert _ask(b"abc", "image/png", {"invert": "1"}) == ImageFile(b"abc", invert=True)
    assert _ask(b"abc", "IMAGE/JPEG") == ImageFile(b"abc", invert=False)


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data; boundary=x", "image/svg+xml", "image/eps"])
def test_other_types(kind):
    """Everything else is refused before it is read."""
    with pytest.raises(Refusal, match="Content-Type must be application/json or that of an image") as told:
        _ask(b"abc", kind)
    assert told.value.status == 415


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b"\xff", "the body is not JSON"),
        ([], "the body must be an object with pixels and nothing but"),
        ({}, "the body must be an object with pixels and nothing but"),
        ({"pixels": [[1]], "path": "/etc/passwd"}, "the body must be an object with pixels and nothing but"),
        ({"pixels": [[1]], "invert": 1}, "invert must be true or false"),
        ({"pixels": [[1]], "drawing": "x" * 65}, "drawing must be a text of at most 64 letters"),
        ({"pixels": [[1]], "drawing": 1}, "drawing must be a text of at most 64 letters"),
        ({"pixels": "AAAA"}, "width must be a whole number from 1 to 2048"),
        ({"pixels": "AAAA", "width": True, "height": 3}, "width must be a whole number from 1 to 2048"),
        ({"pixels": "AAAA", "width": 1, "height": 2049}, "height must be a whole number from 1 to 2048"),
        ({"pixels": "?", "width": 1, "height": 1}, "pixels must be base64"),
        ({"pixels": "AAAA", "width": 2, "height": 2}, "pixels must hold width x height = 4 bytes, got 3"),
        ({"pixels": 7}, "pixels must be base64, or at most 2048 rows"),
        ({"pixels": []}, "pixels must be base64, or at most 2048 rows"),
        ({"pixels": [[]]}, "pixels must be base64, or at most 2048 rows"),
        ({"pixels": [[1], [1, 2]]}, "pixels must be base64, or at most 2048 rows"),
        ({"pixels": [[256]]}, "pixels must be base64, or at most 2048 rows"),
        ({"pixels": [[1.5]]}, "pixels must be base64, or at most 2048 rows"),
        ({"pixels": [[True]]}, "pixels must be base64, or at most 2048 rows"),
        ({"pixels": [1]}, "pixels must be base64, or at most 2048 rows"),
    ],
)
def test_what_is_no_drawing(content, words):
    """Each mistake is named, with status 422."""
    with pytest.raises(Refusal, match=words) as told:
        _ask(content)
    assert told.value.status == 422


def test_an_empty_image():
    """An image without a byte is no image."""
    with pytest.raises(Refusal, match="the body must be an image, got nothing"):
        _ask(b"", "image/png")

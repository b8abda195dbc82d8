"""One image file in the form of a data set's images: any size, colour or grey, brought to bytes of the same shape.

Every step that changes the picture says so in words, because a prediction is about what the networks saw, not about
what the user sees.
"""

from __future__ import annotations

import base64
import contextlib
import io
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int, UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

from bakeoff.errors import DataError

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
"""Pillow reads more, but some of these run other programs (EPS), and nobody photographs digits with them."""

MOST_PIXELS = 64_000_000
"""What a telephone's camera makes, and what a small machine's memory holds several times."""

CLEARLY_NEARER = 32
"""So much nearer to the data's ground, of 255, must an inverted picture's border be before anything is said."""

STANDS_OUT = 64
"""By so much, of 255, must a pixel differ from its image's border to be part of what is drawn."""

EVEN_GROUND = 16
"""Training images whose borders have a mean this near to black or white are drawn on even ground."""

SIZE_SAMPLE = 1000
"""So many training images are measured."""

RARE = 0.01
"""This share of the training images may be smaller than what counts as usual."""

_OPAQUE = 255
_REDUCING_GAP = 3.0  # Pillow's manual on Image.resize: from there on hardly to be told from an image resized at once
_ORIENTATION = 0x0112  # EXIF tag
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, struct.error)
"""What Pillow has been seen to raise on damaged files."""

_Step = Callable[[Image.Image], tuple[Image.Image, str]]


@dataclass(frozen=True, eq=False)
class Picture:
    """An image that a data set's networks can be shown.

    Attributes:
        pixels: Of the data set's height, width and channels.
        steps: What was done to make it so, in words; empty where nothing was.
    """

    pixels: UInt8[np.ndarray, "height width channels"]
    steps: tuple[str, ...]


def read_picture(file: Path, image_shape: tuple[int, int, int], *, invert: bool = False) -> Picture:
    """Read an image file.

    Args:
        file: PNG, JPEG, GIF, BMP, TIFF, WebP or PPM; of several frames the first is taken.
        image_shape: Height, width and channels (1, 3 or 4) to bring it to.
        invert: Whether to exchange bright and dark.

    Returns:
        The picture, its proportions kept: what is missing at the edges is filled with the median of its border.

    Raises:
        DataError: There is no such file, it is no image, is damaged, or has too many pixels.
    """
    if not file.is_file():
        raise DataError(f"there is no image file {file}")
    return _read(file, image_shape, name=str(file), invert=invert)


def decode_picture(
    content: bytes, image_shape: tuple[int, int, int], *, invert: bool = False, most_pixels: int = MOST_PIXELS
) -> Picture:
    """Read an image that never was a file here; see `read_picture`."""
    return _read(io.BytesIO(content), image_shape, name="the image", invert=invert, most_pixels=most_pixels)


def fit_picture(image: Image.Image, image_shape: tuple[int, int, int], *, invert: bool = False) -> Picture:
    """Bring an image to a data set's form; see `read_picture`.

    >>> fit_picture(Image.new("L", (8, 4), 7), (2, 2, 1), invert=True).pixels[..., 0].tolist()
    [[248, 248], [248, 248]]
    """
    height, width, channels = image_shape
    image, said = _apply(image, _take_first_frame, _turn, _reduce_depth)
    original = image.size
    image, more = _apply(
        _shrink(image, (width, height)),
        partial(_paint_transparent, channels=channels),
        partial(_convert_colours, channels=channels),
        partial(_resize, size=(width, height), original=original),
        partial(_invert, wanted=invert),
    )
    pixels = np.array(image, dtype=np.uint8).reshape(image_shape)  # (height, width, channels)
    return Picture(pixels, said + more)


def doubt_picture(
    pixels: UInt8[np.ndarray, "height width channels"],
    train_images: UInt8[np.ndarray, "examples height width channels"],
    *,
    inverted: bool,
) -> tuple[str, ...]:
    """Why the networks may never have seen such a picture.

    Args:
        pixels: As it would be shown to them.
        train_images: What they were trained on.
        inverted: Whether the user asked for that.

    Returns:
        A sentence if all its pixels are the same; if its border would be clearly nearer to the training images' borders
        the other way round (bright strokes on dark ground are not dark strokes on bright ground); and if what is drawn
        on it is smaller than in nearly all training images on even ground.
    """
    if (pixels == pixels[0, 0]).all():
        return ("All pixels of the picture are the same: there is nothing to recognise.",)
    doubts = (_doubt_ground(pixels, train_images, inverted=inverted), _doubt_size(pixels, train_images))
    return tuple(filter(None, doubts))


def mean_border(images: UInt8[np.ndarray, "examples height width channels"]) -> float:
    """Mean value of the outermost pixels, 0..255, without an alpha channel.

    >>> mean_border(np.pad(np.zeros((1, 2, 2, 1), np.uint8), ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=9))
    9.0
    """
    colours = images[..., :3]
    edges = (colours[:, 0], colours[:, -1], colours[:, 1:-1, 0], colours[:, 1:-1, -1])
    return float(sum(edge.sum(dtype=np.int64) for edge in edges)) / sum(edge.size for edge in edges)


def png_uri(pixels: UInt8[np.ndarray, "height width channels"]) -> str:
    """An image as an address that contains it: for pages and figures that load nothing.

    >>> png_uri(np.zeros((1, 1, 1), np.uint8))[:30]
    'data:image/png;base64,iVBORw0K'
    """
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _read(
    source: Path | io.BytesIO,
    image_shape: tuple[int, int, int],
    *,
    name: str,
    invert: bool,
    most_pixels: int = MOST_PIXELS,
) -> Picture:
    with _explain_damage(name, most_pixels), Image.open(source, formats=FORMATS) as image:
        if image.width * image.height > most_pixels:
            raise DataError(
                f"{name} has {image.width} x {image.height} pixels, more than the {most_pixels // 10**6} million that "
                "are read: make it smaller first"
            )
        return fit_picture(image, image_shape, invert=invert)


def _doubt_ground(
    pixels: UInt8[np.ndarray, "height width channels"],
    train_images: UInt8[np.ndarray, "examples height width channels"],
    *,
    inverted: bool,
) -> str:
    ground, border = mean_border(train_images), mean_border(pixels[np.newaxis])
    if abs(255 - border - ground) + CLEARLY_NEARER >= abs(border - ground):
        return ""
    advice = "leave --invert out" if inverted else "try --invert"
    return (
        f"The picture has a {_brightness(border)} border (mean {border:.0f} of 255), the training images a "
        f"{_brightness(ground)} one (mean {ground:.0f}): if bright and dark are the wrong way round, {advice}."
    )


def _doubt_size(
    pixels: UInt8[np.ndarray, "height width channels"],
    train_images: UInt8[np.ndarray, "examples height width channels"],
) -> str:
    some = train_images[:SIZE_SAMPLE]
    ground = mean_border(some)
    if min(ground, 255 - ground) > EVEN_GROUND:
        return ""
    size, usual = measure_sizes(pixels[np.newaxis])[0], np.quantile(measure_sizes(some), RARE, method="lower")
    if size >= usual:
        return ""
    return (
        f"What stands out from the picture's border is {size} pixels long, in nearly all training images {usual} or "
        "more: crop the picture closer."
    )


def measure_sizes(images: UInt8[np.ndarray, "examples height width channels"]) -> Int[np.ndarray, " examples"]:
    """Of what stands out from each image's border, the height or the width, whichever is larger; in pixels."""
    grey = images[..., :3].mean(axis=3, dtype=np.float32)  # (examples, height, width)
    edges = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1)
    stands_out = np.abs(grey - np.median(edges, axis=1)[:, np.newaxis, np.newaxis]) > STANDS_OUT
    spans = [_spans(stands_out.any(axis=axis)) for axis in (1, 2)]
    return np.asarray(np.max(spans, axis=0), dtype=np.int64)


def _spans(marked: Bool[np.ndarray, "examples places"]) -> Int[np.ndarray, " examples"]:
    """From the first marked place to the last, both included; 0 where none is."""
    spans = marked.shape[1] - marked.argmax(axis=1) - marked[:, ::-1].argmax(axis=1)
    return np.where(marked.any(axis=1), spans, 0)


@contextlib.contextmanager
def _explain_damage(name: str, most_pixels: int) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow, about metadata and sizes
            yield
    except Image.DecompressionBombError:
        raise DataError(
            f"{name} has far more than the {most_pixels // 10**6} million pixels that are read: make it smaller first"
        ) from None
    except UnidentifiedImageError:
        raise DataError(f"{name} is no image that can be read: give one of {', '.join(FORMATS)}") from None
    except _BROKEN as error:
        reason = str(error).split("\n")[0] or type(error).__name__
        raise DataError(f"{name} cannot be read as an image ({reason}): save it anew, as PNG for instance") from None


def _apply(image: Image.Image, *steps: _Step) -> tuple[Image.Image, tuple[str, ...]]:
    """One step after the other, and what was done in words."""
    said = []
    for step in steps:
        image, words = step(image)
        said.append(words)
    return image, tuple(filter(None, said))


def _take_first_frame(image: Image.Image) -> tuple[Image.Image, str]:
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        image.seek(0)
    return image, f"first of {frames} frames" if frames > 1 else ""


def _turn(image: Image.Image) -> tuple[Image.Image, str]:
    turned = image.getexif().get(_ORIENTATION, 1) in range(2, 9)
    return (ImageOps.exif_transpose(image), "turned upright as its EXIF data say") if turned else (image, "")


def _reduce_depth(image: Image.Image) -> tuple[Image.Image, str]:
    """Grey values of 16 or 32 bits to bytes; Pillow itself cuts them off at 255."""
    if not image.mode.startswith(("I", "F")):
        return image, ""
    values = np.asarray(image, dtype=np.float32)
    top = 65535 if image.mode.startswith("I") else 255 if values.max() > 1 else 1
    if not (values.min() >= 0 and values.max() <= top):
        raise DataError(
            f"the image's grey values must lie between 0 and {top}, got {values.min():g} to {values.max():g}: save it "
            "with 8 bits"
        )
    return Image.fromarray(np.rint(values * (255 / top)).astype(np.uint8)), "reduced to 8 bits"


def _shrink(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """By means of blocks, down to three times the size or more: every further step makes several copies."""
    factor = _block_side(image.size, size)
    if factor == 1:
        return image
    if image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode in ("1", "P"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    return image.reduce(factor)


def _block_side(original: tuple[int, int], size: tuple[int, int]) -> int:
    return max(1, int(max(original[0] / size[0], original[1] / size[1]) / _REDUCING_GAP))


def _paint_transparent(image: Image.Image, *, channels: int) -> tuple[Image.Image, str]:
    """Under transparent parts goes the ground that the opaque ones stand out from."""
    if channels == 4 or not image.has_transparency_data:
        return image, ""
    image = image.convert("RGBA")
    alpha = image.getchannel("A")
    if alpha.getextrema()[0] == _OPAQUE:
        return image.convert("RGB"), ""
    opaque = alpha.point(lambda value: _OPAQUE if value > 127 else 0)
    counts = image.convert("RGB").convert("L").histogram(opaque)
    ground = "black" if sum(counts[128:]) > sum(counts[:128]) else "white"
    painted = Image.alpha_composite(Image.new("RGBA", image.size, ground), image)
    return painted.convert("RGB"), f"transparent parts painted {ground}"


def _convert_colours(image: Image.Image, *, channels: int) -> tuple[Image.Image, str]:
    if channels == 4:
        return image.convert("RGBA"), ""
    if image.mode in ("1", "L"):
        return image.convert("L" if channels == 1 else "RGB"), "" if channels == 1 else "grey to colour channels"
    coloured = image.convert("RGB")
    if channels == 3:
        return coloured, ""
    values = np.asarray(coloured)
    is_grey = bool((values == values[..., :1]).all())
    return coloured.convert("L"), "" if is_grey else "colour to grey"


def _resize(image: Image.Image, *, size: tuple[int, int], original: tuple[int, int]) -> tuple[Image.Image, str]:
    """From what `_shrink` has made of an image of the original size."""
    if original == size:
        return image, ""
    scale, block = min(size[0] / original[0], size[1] / original[1]), _block_side(original, size)
    inner = (max(1, round(original[0] * scale)), max(1, round(original[1] * scale)))
    box = (0, 0, original[0] / block, original[1] / block)  # the blocks at the far edges may be smaller
    whole = image.resize(inner, Image.Resampling.BICUBIC, box, _REDUCING_GAP)
    words = f"resized from {original[0]} x {original[1]} pixels"
    if inner == size:
        return whole, words
    median = np.median(_border_pixels(image), axis=0)
    canvas = Image.new(image.mode, size, tuple(int(value) for value in median))
    canvas.paste(whole, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return canvas, f"{words} and filled up to {size[0]} x {size[1]} with the median of its border"


def _border_pixels(image: Image.Image) -> UInt8[np.ndarray, "pixels channels"]:
    values = np.asarray(image).reshape(image.height, image.width, -1)  # (height, width, channels)
    return np.concatenate([values[0], values[-1], values[1:-1, 0], values[1:-1, -1]])


def _invert(image: Image.Image, *, wanted: bool) -> tuple[Image.Image, str]:
    if not wanted:
        return image, ""
    if image.mode != "RGBA":
        return ImageOps.invert(image), "inverted"
    red, green, blue, alpha = image.split()
    return Image.merge("RGBA", (*map(ImageOps.invert, (red, green, blue)), alpha)), "inverted"


def _brightness(value: float) -> str:
    return "bright" if value > 127.5 else "dark"

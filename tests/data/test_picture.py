"""Any image file becomes what a data set's images are, and says what was done to it."""

import base64
import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from bakeoff.data.picture import (
    CLEARLY_NEARER,
    decode_picture,
    doubt_picture,
    fit_picture,
    mean_border,
    measure_sizes,
    png_uri,
    read_picture,
)
from bakeoff.errors import DataError

SHAPE = (6, 4, 1)


@pytest.fixture
def grey() -> np.ndarray:
    """A picture of the right size, dark ground, distinct values."""
    return np.arange(24, dtype=np.uint8).reshape(6, 4) * 10


@pytest.fixture
def save(tmp_path):
    """Writes an image and returns its path."""

    def write(image, name="image.png", **settings):
        path = tmp_path / name
        (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(path, **settings)
        return path

    return write


def png(width: int, height: int) -> bytes:
    """A PNG whose head promises so many pixels, and hardly any of them."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_bytes_are_read_like_files(save):
    """The same pixels and the same steps; only there is no file to name in an error."""
    file = save(np.arange(240, dtype=np.uint8).reshape(12, 20))
    from_bytes, from_file = (
        decode_picture(file.read_bytes(), SHAPE, invert=True),
        read_picture(file, SHAPE, invert=True),
    )
    assert from_bytes.pixels.tobytes() == from_file.pixels.tobytes()
    assert from_bytes.steps == from_file.steps
    for content, words in (
        (b"nothing", "the image is no image"),
        (png(9000, 8000), "the image has 9000 x 8000 pixels"),
    ):
        with pytest.raises(DataError, match=words):
            decode_picture(content, SHAPE)


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
def test_a_picture_of_the_right_form_is_left_alone(grey, save, mode):
    """However a grey picture of the right size is stored, not one value changes."""
    picture = read_picture(save(Image.fromarray(grey).convert(mode)), SHAPE)
    assert picture.pixels.tolist() == grey[..., np.newaxis].tolist()
    assert picture.steps == ()


def test_sixteen_bits(grey, save):
    """White of 65535 becomes white of 255; Pillow alone would make everything white."""
    picture = read_picture(save(grey.astype(np.uint16) * 257), SHAPE)
    assert picture.pixels[..., 0].tolist() == grey.tolist()
    assert picture.steps == ("reduced to 8 bits",)


@pytest.mark.parametrize("top", [1.0, 255.0])
def test_floats(grey, save, top):
    """Floats up to 1 and up to 255 are both understood."""
    values = grey.astype(np.float32) * np.float32(top / 230)
    picture = read_picture(save(values, "image.tiff"), SHAPE)
    assert picture.pixels[..., 0].tolist() == np.rint(grey * (255 / 230)).tolist()


def test_values_beyond_bytes_are_refused(grey, save):
    """Nobody guesses what a float of 300, or NaN, was meant to be."""
    for value in (300.0, -1.0, np.nan):
        wrong = grey.astype(np.float32)
        wrong[0, 0] = value
        with pytest.raises(DataError, match=r"grey values must lie between 0 and (1|255), got .*save it with 8 bits"):
            read_picture(save(wrong, "image.tiff"), SHAPE)


def test_colour_to_grey(save):
    """By the weights of ITU-R 601-2, as Pillow documents: 0.299 red, 0.587 green, 0.114 blue."""
    colours = np.zeros((6, 4, 3), dtype=np.uint8)
    colours[..., 0], colours[..., 1], colours[..., 2] = 200, 100, 50
    picture = read_picture(save(colours), SHAPE)
    assert abs(int(picture.pixels[0, 0, 0]) - (0.299 * 200 + 0.587 * 100 + 0.114 * 50)) <= 1
    assert picture.steps == ("colour to grey",)


def test_grey_to_colour(grey, save):
    """A data set in colour gets the same grey in each channel."""
    picture = read_picture(save(grey), (6, 4, 3))
    assert picture.pixels.tolist() == np.repeat(grey[..., np.newaxis], 3, axis=2).tolist()
    assert picture.steps == ("grey to colour channels",)


def test_a_data_set_with_alpha_keeps_it(save):
    """Four channels stay four, and inverting leaves the fourth alone."""
    colours = np.full((6, 4, 4), (10, 20, 30, 40), dtype=np.uint8)
    assert read_picture(save(colours), (6, 4, 4)).pixels.tolist() == colours.tolist()
    inverted = read_picture(save(colours), (6, 4, 4), invert=True)
    assert inverted.pixels[0, 0].tolist() == [245, 235, 225, 40]


@pytest.mark.parametrize(("stroke", "ground", "word"), [(0, 255, "white"), (255, 0, "black")])
def test_transparent_parts_contrast_with_the_strokes(save, stroke, ground, word):
    """Black strokes on nothing are seen on white, white ones on black."""
    image = np.full((6, 4, 4), (stroke, stroke, stroke, 0), dtype=np.uint8)
    image[2:4, 1:3, 3] = 255
    picture = read_picture(save(image), SHAPE)
    assert picture.pixels[0, 0, 0] == ground
    assert picture.pixels[2, 1, 0] == stroke
    assert picture.steps == (f"transparent parts painted {word}",)


def test_inverted(grey, save):
    """Bright and dark change places."""
    picture = read_picture(save(grey), SHAPE, invert=True)
    assert picture.pixels[..., 0].tolist() == (255 - grey).tolist()
    assert picture.steps == ("inverted",)


def test_another_size_keeps_its_proportions(save):
    """A wide picture fills the width; above and below goes the median of its border, and it says so."""
    wide = np.full((10, 40), 90, dtype=np.uint8)
    wide[3:7, 10:30] = wide[0, :4] = 255
    picture = read_picture(save(wide), (8, 8, 1))
    assert picture.pixels.shape == (8, 8, 1)
    assert (picture.pixels[[0, 1, 2, 5, 6, 7]] == 90).all()
    assert picture.pixels[3:5, 3:5].min() > 150
    assert picture.steps == ("resized from 40 x 10 pixels and filled up to 8 x 8 with the median of its border",)


def test_the_same_proportions_need_no_filling(save):
    """Only the size changes; a picture of one value keeps it."""
    picture = read_picture(save(np.full((60, 40), 77, dtype=np.uint8)), SHAPE)
    assert (picture.pixels == 77).all()
    assert picture.steps == ("resized from 40 x 60 pixels",)


def test_one_row_of_many_pixels(save):
    """The most extreme proportions still give a picture."""
    assert read_picture(save(np.full((1, 3000), 9, dtype=np.uint8)), SHAPE).pixels.shape == SHAPE


def test_the_first_frame_counts(grey, save):
    """Of an animation the first frame is taken."""
    first = Image.fromarray(grey)
    picture = read_picture(save(first, "a.gif", save_all=True, append_images=[Image.new("L", (4, 6), 255)]), SHAPE)
    assert picture.pixels[..., 0].tolist() == grey.tolist()
    assert picture.steps == ("first of 2 frames",)


def test_photographs_are_turned_upright(grey, save):
    """A telephone's EXIF entry is heeded: orientation 6 is a quarter turn clockwise (EXIF 2.32, tag 0x0112)."""
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = read_picture(save(Image.fromarray(np.rot90(grey)), exif=exif), SHAPE)
    assert picture.pixels[..., 0].tolist() == grey.tolist()
    assert picture.steps == ("turned upright as its EXIF data say",)


def test_no_such_file(tmp_path):
    """A missing file, and a folder, are no images."""
    for path in (tmp_path / "nothing.png", tmp_path):
        with pytest.raises(DataError, match=rf"there is no image file {path}"):
            read_picture(path, SHAPE)


def test_no_image(tmp_path):
    """A text is refused with the formats that are read; so is PostScript, which would be executed."""
    for content in ("hello", "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"):
        (tmp_path / "text.png").write_text(content)
        with pytest.raises(DataError, match=r"text\.png is no image that can be read: give one of PNG, JPEG"):
            read_picture(tmp_path / "text.png", SHAPE)


def test_damaged_image(save):
    """Half an image is an error, not half a picture."""
    path = save(np.random.default_rng(0).integers(0, 255, (50, 50), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match=r"image\.png cannot be read as an image \(.+\): save it anew"):
        read_picture(path, SHAPE)


@pytest.mark.parametrize(
    ("side", "words"), [(8_100, "has 8100 x 8100 pixels, more than the 64 million"), (60_000, "far more than the 64")]
)
def test_decompression_bombs(tmp_path, side, words):
    """A small file that promises a huge picture is refused before anything is unpacked."""
    (tmp_path / "bomb.png").write_bytes(png(side, side))
    with pytest.raises(DataError, match=words):
        read_picture(tmp_path / "bomb.png", SHAPE)


def bordered(border: int, inside: int) -> np.ndarray:
    """An image with such a border, as a batch of one."""
    image = np.full((1, 6, 6, 1), border, dtype=np.uint8)
    image[:, 1:-1, 1:-1] = inside
    return image


def test_the_border_is_every_outermost_pixel_once():
    """Of 3 x 3 pixels, all but the middle."""
    image = np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1)
    assert mean_border(image) == pytest.approx((0 + 1 + 2 + 3 + 5 + 6 + 7 + 8) / 8)


def test_alpha_is_no_part_of_the_border():
    """Opaque black is dark."""
    assert mean_border(np.full((1, 3, 3, 4), (0, 0, 0, 255), dtype=np.uint8)) == 0


def test_dark_on_bright_is_doubted():
    """A drawing with a pen, shown to networks that know chalk, is doubted; inverted it is not, and the reverse is."""
    chalk, pen = bordered(0, 200), bordered(240, 20)
    assert doubt_picture(pen[0], chalk, inverted=False) == (
        "The picture has a bright border (mean 240 of 255), the training images a dark one (mean 0): if bright and "
        "dark are the wrong way round, try --invert.",
    )
    assert doubt_picture(chalk[0], chalk, inverted=False) == ()
    assert doubt_picture(pen[0], chalk, inverted=True)[0].endswith("leave --invert out.")


def test_doubt_needs_a_clear_case():
    """Where the data's ground is mid-grey, or the border's distance hardly changes, nothing is said."""
    assert doubt_picture(bordered(255, 0)[0], bordered(128, 0), inverted=False) == ()
    undecided = (255 + CLEARLY_NEARER) // 2  # then the two distances differ by just that
    assert doubt_picture(bordered(undecided, 0)[0], bordered(0, 9), inverted=False) == ()
    assert doubt_picture(bordered(undecided + 1, 0)[0], bordered(0, 9), inverted=False) != ()


def test_a_blank_picture_is_doubted():
    """There is nothing on it, whatever the networks say."""
    blank = np.full((4, 4, 3), (9, 99, 0), dtype=np.uint8)
    assert "nothing to recognise" in doubt_picture(blank, np.zeros((1, 4, 4, 3), np.uint8), inverted=False)[0]


def test_the_size_of_what_is_drawn():
    """The longer side of its box, by hand: a stroke of 3 x 5 pixels, a faint one, none; and dark on bright alike."""
    images = np.zeros((3, 9, 9, 1), dtype=np.uint8)
    images[0, 2:5, 1:6], images[1, 2:5, 1:6] = 200, 60
    assert measure_sizes(images).tolist() == [5, 0, 0]
    assert measure_sizes(255 - images).tolist() == [5, 0, 0]
    assert measure_sizes(images.swapaxes(1, 2)).tolist() == [5, 0, 0]


def test_a_small_drawing_is_doubted():
    """Smaller than 99 of 100 training images on even ground: the user is told to crop; on other ground nothing is."""
    train = np.repeat(bordered(0, 200), 100, axis=0)
    small = bordered(0, 0)[0]
    small[2:4, 2:5] = 200
    assert doubt_picture(small, train, inverted=False) == (
        "What stands out from the picture's border is 3 pixels long, in nearly all training images 4 or more: crop the "
        "picture closer.",
    )
    assert doubt_picture(train[0], train, inverted=False) == ()
    assert doubt_picture(small, np.repeat(bordered(40, 200), 100, axis=0), inverted=False) == ()


def test_large_pictures_are_shrunk_before_anything_else(monkeypatch):
    """Transparent parts are painted on what is three to six times the size; not even one copy in numbers is made."""
    painted, compose = [], Image.alpha_composite
    monkeypatch.setattr(Image, "alpha_composite", lambda *both: painted.append(both[1].size) or compose(*both))
    file = io.BytesIO()
    Image.new("RGBA", (2000, 1000), (200, 10, 20, 90)).save(file, "PNG")
    tracemalloc.start()
    picture = decode_picture(file.getvalue(), (20, 20, 3))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert painted == [(61, 31)]  # blocks of 33 x 33
    assert peak < 2000 * 1000
    assert picture.steps[1].startswith("resized from 2000 x 1000 pixels and filled up")


@pytest.mark.parametrize("size", [(640, 320), (333, 1000), (1, 5000)])
def test_shrinking_first_changes_nothing(size):
    """Nearly as Pillow itself resizes the whole image, which may take blocks of another size."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (9, 9), dtype=np.uint8))
    image = coarse.resize(size, Image.Resampling.BICUBIC)
    inner = tuple(max(1, round(side * 16 / max(size))) for side in size)
    expected = np.asarray(image.resize(inner, Image.Resampling.BICUBIC, reducing_gap=3.0), dtype=int)
    top, left = (16 - inner[1]) // 2, (16 - inner[0]) // 2
    pixels = fit_picture(image, (16, 16, 1)).pixels[top : top + inner[1], left : left + inner[0], 0]
    assert np.abs(pixels - expected).max() <= 8


@pytest.mark.parametrize("mode", ["1", "P", "L", "RGB", "RGBA", "LA", "CMYK"])
def test_large_pictures_of_every_kind(mode):
    """A large even picture keeps its value, however it is stored."""
    value = 255 if mode == "1" else 102
    image = Image.new("L", (900, 600), value).convert(mode)
    assert set(fit_picture(image, (6, 4, 1)).pixels.ravel().tolist()) == {value}


def test_a_limit_of_ones_own():
    """Whoever reads strangers' images allows fewer pixels, and the error names that limit."""
    with pytest.raises(DataError, match="has 3000 x 2000 pixels, more than the 5 million that are read"):
        decode_picture(png(3000, 2000), SHAPE, most_pixels=5_000_000)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_an_address_that_contains_its_image(channels):
    """What is read from it is what was put in."""
    pixels = np.arange(6 * channels, dtype=np.uint8).reshape(2, 3, channels)
    head, content = png_uri(pixels).split(",")
    assert head == "data:image/png;base64"
    read = np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))).reshape(pixels.shape)
    assert read.tolist() == pixels.tolist()

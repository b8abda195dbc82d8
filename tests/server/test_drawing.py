"""Drawings come to lie where the training images' drawings lie."""

import numpy as np
import pytest
from PIL import Image

from bakeoff.data import load_dataset
from bakeoff.errors import DataError
from bakeoff.server.drawing import Frame, fit_drawing, measure_frame

MNIST = Frame((28, 28, 1), 20, "centre of mass", 14, 14, 2.7, bright_ground=False, even=True)


def _centre_of_mass(image):
    grid = np.indices(image.shape[:2])
    return (grid * image[..., 0]).sum(axis=(1, 2)) / image.sum()


def _canvas(image, *, side, top, left):
    """A training image, enlarged, somewhere on a canvas."""
    canvas = np.zeros((300, 300), dtype=np.uint8)
    canvas[top : top + side, left : left + side] = np.asarray(Image.fromarray(image[..., 0]).resize((side, side)))
    return canvas


def test_mnist_is_framed_as_its_makers_say():
    """LeCun et al. 1998: a box of 20 pixels, the centre of mass in the middle of 28 x 28, white on black."""
    frame = measure_frame(load_dataset("mnist-5k").train_images)
    assert (frame.anchor, frame.size, frame.even, frame.bright_ground) == ("centre of mass", 20, True, False)
    assert (frame.row, frame.column) == pytest.approx((14, 14), abs=0.3)
    assert 2 < frame.stroke < 3.5


def test_strokes_are_as_thick_as_they_are():
    """The thickness of lines in two directions is found from their areas and edges, up to their ends."""
    images = np.zeros((2, 40, 40, 1), dtype=np.uint8)
    images[0, 18:22, 4:36] = 255
    images[1, 4:36, 18:22] = 255
    assert measure_frame(images).stroke == pytest.approx(4 * 4 / np.pi, rel=0.15)


def test_the_anchor_is_what_moves_less():
    """Drawings of changing weight in boxes that stay put lie by their boxes."""
    images = np.zeros((2, 9, 9, 1), dtype=np.uint8)
    images[:, 2, 2] = images[:, 6, 6] = 255
    images[0, 2:4, 2:4] = 255
    images[1, 5:7, 5:7] = 255
    frame = measure_frame(images)
    assert (frame.anchor, frame.row, frame.column, frame.size) == ("centre of the box", 4, 4, 5)


@pytest.mark.parametrize(("side", "top", "left"), [(280, 10, 10), (140, 0, 160), (90, 200, 100)])
def test_place_and_size_on_the_canvas_do_not_matter(side, top, left):
    """A digit drawn anywhere in any size becomes the test image that it was drawn from, nearly."""
    image = load_dataset("mnist-5k").test_images[3]
    again = fit_drawing(_canvas(image, side=side, top=top, left=left), MNIST)
    assert _centre_of_mass(again) == pytest.approx((14, 14), abs=0.6)
    assert np.corrcoef(image.ravel(), again.ravel())[0, 1] > 0.9


def test_the_longer_side_fills_the_box():
    """A long line becomes 20 pixels long and keeps its proportions."""
    canvas = np.zeros((280, 280), dtype=np.uint8)
    canvas[40:50, 10:210] = 255
    rows, columns = np.nonzero(fit_drawing(canvas, MNIST)[..., 0])
    assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == (20, 1)


@pytest.mark.parametrize("turned", [False, True])
def test_what_is_heavy_at_one_end_stays_inside(turned):
    """Centring by mass never cuts off a drawing."""
    canvas = np.zeros((200, 200), dtype=np.uint8)
    canvas[:40, :] = 255
    canvas[:, 95:105] = 255
    rows = np.flatnonzero(fit_drawing(canvas[::-1] if turned else canvas, MNIST)[..., 0].any(axis=1))
    assert len(rows) == 20


def test_bright_ground_and_colours():
    """Dark strokes where the training images have them, in all channels, and opaque."""
    frame = Frame((8, 8, 4), 6, "centre of the box", 4, 4, 1, bright_ground=True, even=True)
    image = fit_drawing(np.full((10, 10), 255, dtype=np.uint8), frame)
    assert image[4, 4].tolist() == [0, 0, 0, 255]
    assert image[0, 0].tolist() == [255, 255, 255, 255]


def test_uneven_ground_takes_the_whole_canvas():
    """Where training images are no drawings, nothing is cut out."""
    images = np.random.default_rng(0).integers(90, 160, (20, 8, 8, 3), dtype=np.uint8)
    frame = measure_frame(images)
    canvas = np.zeros((16, 16), dtype=np.uint8)
    canvas[:8, :8] = 255
    assert not frame.even
    ink = fit_drawing(canvas, frame)[..., 0] < 128 if frame.bright_ground else fit_drawing(canvas, frame)[..., 0] > 128
    assert ink[:3, :3].all()
    assert not ink[5:, 5:].any()


def test_empty_images_frame_nothing():
    """Training images without anything on them do not break the page."""
    assert not measure_frame(np.zeros((3, 5, 5, 1), dtype=np.uint8)).even


def test_an_empty_canvas_is_refused():
    """Nothing is drawn: nobody votes."""
    with pytest.raises(DataError, match="there is nothing on the canvas: draw something first"):
        fit_drawing(np.full((10, 10), 10, dtype=np.uint8), MNIST)

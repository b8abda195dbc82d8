"""The page shows single images only if the data are at hand, and are those that were trained on."""

from dataclasses import replace

import pytest

from bakeoff.data import load_dataset
from bakeoff.verbs.report import write_report


@pytest.mark.parametrize(
    ("data", "there"),
    [
        ({"fingerprint": load_dataset("mnist-5k").fingerprint}, True),
        ({"fingerprint": "0" * 64}, False),
        ({"reference": "npz:gone.npz"}, False),
    ],
)
def test_pictures_are_those_that_were_trained_on(by_hand, tmp_path, data, there):
    """Other data under the same name, or none, give no pictures, and the page says so."""
    made = by_hand.make_comparison(by_hand.FOUR[:2])
    made = replace(made, images=by_hand.make_images(made), data=made.data.model_copy(update=data))
    page = write_report(made, tmp_path / "page.html").read_text("utf-8")
    assert ("data:image/png;base64," in page) is there
    assert ("not at hand" in page) is not there

"""A study in a notebook."""

from bakeoff.spec import parse_study, read_study

STUDY = """
name: hand
title: "<b>Digits</b>"
data: digits
protocol: {epochs: 3, batch_size: 64}
models:
  first: {mlp: {hidden: [8]}}
  second: {layers: [Flatten, {Dense: {units: classes, activation: softmax}}], protocol: {optimizer: sgd, pixels: raw}}
"""


def test_every_model_has_a_row():
    """With what it is trained by, its own changes included, and all text escaped."""
    html = parse_study(STUDY).study._repr_html_()
    assert "&lt;b&gt;Digits&lt;/b&gt;" in html
    assert "<tr><td>first</td><td>mlp</td><td>3</td><td>64</td><td>adam</td><td>unit</td><td>5</td></tr>" in html
    assert "<tr><td>second</td><td>layers</td><td>3</td><td>64</td><td>sgd</td><td>raw</td><td>5</td></tr>" in html


def test_a_race_has_a_range_of_seeds():
    """From the fewest to the most."""
    study = parse_study(STUDY, overrides=["protocol.seeds={min: 3, max: 30, until: settled}"]).study
    assert "<td>3 to 30</td>" in study._repr_html_()


def test_builtin_studies_show_themselves():
    """Each of the four."""
    for name in ("study-a", "study-b", "study-c", "study-d"):
        study = read_study(name)
        assert study._repr_html_().count("<tr>") == len(study.models) + 1

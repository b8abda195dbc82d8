"""Reading YAML with places."""

import math

import pytest
import yaml

from bakeoff.errors import StudyError
from bakeoff.spec.yaml_lines import read_yaml

NESTED = """\
models:
  dense:
    layers:
      - Flatten
      - Dense: {units: 10}
note: "1_1"
"""


def _read(text):
    return read_yaml(text, file="a.yaml")


def test_content_is_what_safe_load_gives():
    """Plain YAML reads as PyYAML's own safe loader reads it."""
    assert _read(NESTED).content == yaml.safe_load(NESTED)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("models",), 1),
        (("models", "dense"), 2),
        (("models", "dense", "layers", 0), 4),
        (("models", "dense", "layers", 1, "Dense", "units"), 5),
        (("note",), 6),
    ],
)
def test_every_key_and_item_has_its_line(path, line):
    """A path of keys and indices leads to the line on which it is written, counted from 1."""
    assert _read(NESTED).places[path] == f"a.yaml:{line}"


@pytest.mark.parametrize(("text", "number"), [("1e-3", 1e-3), ("2E4", 2e4), ("-1.5e2", -150.0), ("1.e1", 10.0)])
def test_exponents_are_numbers(text, number):
    """`1e-3` is a number, as YAML 1.2 and every user has it, and not text."""
    assert _read(f"rate: {text}").content == {"rate": number}


def test_usual_scalars_keep_their_kinds():
    """Numbers, truth values, nothing and text are told apart; a date stays text."""
    content = _read("[1, 0.5, .inf, true, null, relu, 2020-01-01]").content
    assert content == [1, 0.5, math.inf, True, None, "relu", "2020-01-01"]


def test_empty_text_is_nothing():
    """A file without content reads as None."""
    assert _read("# only a comment\n").content is None


def test_merge_keys_give_way_to_own_keys_and_keep_lines():
    """`<<` fills in what a mapping lacks; a merged key is placed where it is written."""
    document = _read("base: &base\n  epochs: 3\n  pixels: raw\nown:\n  <<: *base\n  epochs: 5\n")
    assert document.content["own"] == {"epochs": 5, "pixels": "raw"}
    assert document.places["own", "epochs"] == "a.yaml:6"
    assert document.places["own", "pixels"] == "a.yaml:3"


def test_first_of_several_merged_mappings_wins():
    """A list behind `<<` reads as PyYAML reads it: the first mapping that has a key gives it."""
    text = "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n"
    assert _read(text).content == yaml.safe_load(text)
    assert _read(text).content["c"] == {"x": 1, "y": 2}


def test_aliases_share_nothing():
    """Two uses of one anchor are two values: changing one leaves the other."""
    content = _read("a: &a [1]\nb: *a\n").content
    content["a"].append(2)
    assert content["b"] == [1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "name: a\nmodels:\n  dense: 1\n  cnn: 2\n  dense: 3\n",
            "a.yaml:5: model 'dense' is defined twice (lines 3 and 5)",
        ),
        ("protocol:\n  epochs: 1\n  epochs: 2\n", "a.yaml:3: key 'epochs' is defined twice (lines 2 and 3)"),
        ("a: {b: [{c: 1, c: 2}]}", "a.yaml:1: key 'c' is defined twice (lines 1 and 1)"),
        ("a: 1\nb: c: d\n", "a.yaml:2: this is not valid YAML: mapping values are not allowed here"),
        ("a: 1\nb: [1, 2\n", "a.yaml:3: this is not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("a: *b\n", "a.yaml:1: this is not valid YAML: found undefined alias 'b'"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2: this is not valid YAML: but found another document"),
        (
            "models:\n  1_1: 5\n",
            'a.yaml:2: the key 1_1 is read by YAML as the number 11; put it in quotes: "1_1"',
        ),
        ("yes: 5\n", 'a.yaml:1: the key yes is read by YAML as the truth value True; put it in quotes: "yes"'),
        ("null: 5\n", 'a.yaml:1: the key null is read by YAML as the empty value None; put it in quotes: "null"'),
        ("? [a, b]\n: 5\n", "a.yaml:1: a key must be text, and this one is a list or a mapping"),
        (
            "a: 1\nb: !!python/object/apply:os.getcwd []\n",
            "a.yaml:2: a study holds plain values only, and !!python/object/apply:os.getcwd asks for something else; "
            "remove the tag",
        ),
        (
            "a: !!set {b}\n",
            "a.yaml:1: a study holds plain values only, and !!set asks for something else; remove the tag",
        ),
        ("a: !!int x\n", "a.yaml:1: 'x' is marked as !!int and cannot be read as one"),
        ("a: !!bool x\n", "a.yaml:1: 'x' is marked as !!bool and cannot be read as one"),
        ("a:\n  <<: 5\n", "a.yaml:2: '<<' merges a mapping or a list of mappings into this one, and this is neither"),
        ("a: &a\n  - *a\n", "a.yaml:1: an alias (*) refers to the very value that contains it"),
        ("a: &a {<<: *a}\n", "a.yaml:1: an alias (*) refers to the very value that contains it"),
    ],
)
def test_errors_name_the_line(text, message):
    """What cannot be read says why, and on which line."""
    with pytest.raises(StudyError) as caught:
        _read(text)
    assert str(caught.value) == message


def test_control_characters_are_an_error_of_the_file():
    """Characters that YAML forbids are reported with the file's name."""
    with pytest.raises(StudyError, match=r"^a.yaml: this is not valid YAML: unacceptable character"):
        _read("a: \x00")


def test_alias_bombs_end_quickly():
    """A small file that aliases blow up to billions of values is refused before it is expanded."""
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    with pytest.raises(StudyError, match=r"aliases \(\*\) of this file expand to more than 100,000 values"):
        _read("\n".join(["a0: &a0 [1]", *levels]))

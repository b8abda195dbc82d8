"""Every recipe that is found by its file name keeps the same promises."""

import importlib
import re

import numpy as np
import pytest
import yaml

from bakeoff.errors import StudyError
from bakeoff.models.network import build_network
from bakeoff.models.recipes import expand_layers, recipe_names
from bakeoff.spec import ModelSpec, Named, Protocol

OWN = [name for name in recipe_names() if importlib.util.find_spec(f"bakeoff.models.{name}")]


def _documented_entry(name: str) -> dict:
    """The study entry in a recipe's docstring, between backticks: `entry: {recipe: {...}}`."""
    example = re.search(rf"`(\w+: \{{{name}: .*\}})`", importlib.import_module(f"bakeoff.models.{name}").__doc__)
    assert example, f"the docstring of bakeoff/models/{name}.py shows no entry of a study"
    ((entry,),) = [tuple(yaml.safe_load(example[1]).values())]
    return entry[name]


@pytest.fixture(params=OWN)
def name(request) -> str:
    """Each recipe in turn."""
    return request.param


@pytest.fixture
def arguments(name) -> dict:
    """The arguments that its docstring shows."""
    return _documented_entry(name)


def _model(name, arguments) -> ModelSpec:
    return ModelSpec(name="mine", recipe=name, arguments=arguments, protocol=Protocol())


def test_the_three_published_kinds_are_found():
    """The recipes that the published studies need are discovered, and helper modules are not."""
    assert {"mlp", "cnn", "lstm"} <= set(recipe_names())
    assert not {"backend", "blocks", "network", "recipes"} & set(recipe_names())


def test_it_expands_to_named_layers_that_end_in_a_softmax(name, arguments):
    """A recipe is plain data: Keras layers by name, the last with one probability for each class."""
    layers = expand_layers(_model(name, arguments))
    assert all(isinstance(layer, Named) for layer in layers)
    assert layers[-1] == Named(name="Dense", arguments={"units": "classes", "activation": "softmax"})


def test_expanding_twice_gives_the_same_layers(name, arguments):
    """A recipe is a pure function of its arguments."""
    assert expand_layers(_model(name, arguments)) == expand_layers(_model(name, arguments))


@pytest.mark.parametrize("image_shape", [(28, 28, 1), (32, 32, 3)])
def test_it_builds_for_grey_and_coloured_images(name, arguments, image_shape):
    """Keras builds it for either shape, and probabilities come out for each of the classes."""
    network = build_network(expand_layers(_model(name, arguments)), image_shape, classes=7, seed=0)
    assert network.output_shape == (None, 7)
    probabilities = np.asarray(network(np.zeros((2, *image_shape), dtype=np.float32)))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_every_argument_is_documented(name):
    """No argument of a recipe is without a sentence."""
    fields = importlib.import_module(f"bakeoff.models.{name}").Arguments.model_fields
    assert fields
    assert [key for key, field in fields.items() if not (field.description or "").endswith(".")] == []


def test_a_misspelt_argument_names_the_nearest(name, arguments):
    """An unknown argument is refused with the nearest valid one, and the error leads to the key."""
    key = next(iter(arguments))
    with pytest.raises(StudyError, match=f"unknown key '{key}x' in {name}; did you mean '{key}'") as caught:
        expand_layers(_model(name, {**arguments, f"{key}x": 1}))
    assert caught.value.path == ("models", "mine", name, f"{key}x")


def test_numbers_must_be_numbers(name, arguments):
    """Neither text nor `true` passes for a width."""
    key = next(iter(arguments))
    for wrong in ("8", True, 8.5, 0):
        with pytest.raises(StudyError, match=rf"{key}\[0\] must be") as caught:
            expand_layers(_model(name, {**arguments, key: [wrong]}))
        assert caught.value.path == ("models", "mine", name, key, 0)

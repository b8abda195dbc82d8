import pytest

from bakeoff.spec import parse_study
from bakeoff.store import cells_of

STUDY = """
name: s
data: digits
protocol: {{epochs: {epochs}, seeds: {seeds}, margin: {margin}}}
models:
  {name}: {model}
"""


def _key(fingerprint="a", *, name="m", model="{mlp: {hidden: [8]}}", epochs=2, seeds=2, margin=0.01):
    text = STUDY.format(name=name, model=model, epochs=epochs, seeds=seeds, margin=margin)
    return cells_of(parse_study(text).study, fingerprint=fingerprint)[0].key


def test_same_content_same_address():
    """Name, number of seeds and margin change no run, and so no address."""
    assert _key() == _key(name="other", seeds=7, margin=0.2)


def test_recipe_and_its_layers_share_an_address():
    """What a recipe builds and the same layers spelt out are the same network."""
    layers = (
        "{layers: [Flatten, {Dense: {units: 8, activation: relu}}, {Dense: {units: classes, activation: softmax}}]}"
    )
    assert _key() == _key(model=layers)


@pytest.mark.parametrize("change", [{"epochs": 3}, {"model": "{mlp: {hidden: [9]}}"}, {"fingerprint": "b"}])
def test_other_content_other_address(change):
    """What changes a run's numbers changes its address."""
    assert _key(**change) != _key()


def test_folds_and_run_keys():
    """A cross-validated model has one run per fold and seed, each with its own address."""
    cell = cells_of(
        parse_study(
            "{name: s, data: digits, protocol: {validation: {kfold: 3}}, models: {m: {mlp: {hidden: [8]}}}}"
        ).study,
        fingerprint="a",
    )[0]
    assert cell.folds == 3
    assert len({cell.run_key(seed=seed, fold=fold) for seed in range(2) for fold in range(3)}) == 6

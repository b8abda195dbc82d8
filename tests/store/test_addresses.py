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


def _cell(fingerprint="a", *, name="m", model="{mlp: {hidden: [8]}}", epochs=2, seeds=2, margin=0.01):
    text = STUDY.format(name=name, model=model, epochs=epochs, seeds=seeds, margin=margin)
    return cells_of(parse_study(text).study, fingerprint=fingerprint)[0]


def _key(fingerprint="a", **changes):
    return _cell(fingerprint, **changes).key


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


def _cell_with(optimizer, **changes):
    return _cell(model=f"{{mlp: {{hidden: [8]}}, protocol: {{optimizer: {optimizer}}}}}", **changes)


def test_learning_rates_share_a_program():
    """Cells that differ in the learning rate have addresses of their own and one program; so has Keras's own rate."""
    cells = [_cell_with(rate) for rate in ("adam", "{adam: {learning_rate: 0.1}}", "{adam: {learning_rate: 0.2}}")]
    assert len({cell.key for cell in cells}) == 3
    assert len({cell.program for cell in cells}) == 1


@pytest.mark.parametrize(
    "other",
    [
        _cell_with("{adam: {learning_rate: 0.1, beta_1: 0.8}}"),
        _cell_with("{sgd: {learning_rate: 0.1}}"),
        _cell_with("{adam: {learning_rate: [0.1]}}"),  # no number: whatever Keras says to it, it says it by itself
        _cell_with("adam", epochs=3),
        _cell_with("adam", fingerprint="b"),
        _cell(model="{mlp: {hidden: [9]}}"),
    ],
)
def test_all_else_makes_another_program(other):
    """Any other difference needs another compiled program, or another loop of epochs."""
    assert other.program != _cell_with("{adam: {learning_rate: 0.1}}").program


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

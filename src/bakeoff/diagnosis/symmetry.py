"""Units that are all alike: drawn the same, they stay the same, and a layer of any width is worth one unit.

No measurement is needed. Where all weights into a layer are one number and all weights out of it are one number, its
units put out the same and get the same gradient, in this step and so in every one after it (Goodfellow, Bengio and
Courville 2016, "Deep Learning", section 8.4, "Parameter Initialization Strategies": units with the same inputs must
have different initial parameters). Weights out of it that are drawn at random tell its units apart at the first step,
and so does dropout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Int

from bakeoff.diagnosis.chance import learned_nothing
from bakeoff.diagnosis.remedies import plain_name
from bakeoff.diagnosis.signs import Sign
from bakeoff.diagnosis.values import ModelRuns
from bakeoff.spec.named import Named

_CONSTANT = ("zeros", "ones", "constant")
_BREAKERS = ("dropout", "noise")


def find_equal_units(model: ModelRuns, labels: Int[np.ndarray, " examples"]) -> Iterator[Sign]:
    """BKO108: layers of several units whose weights, and those of the layer behind, are one number each.

    Args:
        model: With its runs; their layers are asked.
        labels: Class of each test image.
    """
    layers = find_equal_layers(model.runs[0].record.layers)
    if layers:
        failed = sum(learned_nothing(run, labels) is True for run in model.runs)
        yield Sign(
            code="BKO108",
            severity="error" if failed else "warning",
            model=model.name,
            title="The units of a layer are all alike",
            evidence=f"all units of {'a layer' if len(layers) == 1 else f'{len(layers)} layers'} start with the same "
            f"weights ({', '.join(map(_describe, layers))}), and so do those of the layer behind; {failed} of "
            f"{len(model.runs)} runs learned nothing",
            cause="units that start with the same weights get the same gradient and never differ: the layer is worth "
            "one unit",
            advice=("kernel_initializer: glorot_uniform in the model, which Keras takes where none is given",),
        )


def find_equal_layers(layers: Iterable[Named]) -> list[Named]:
    """The layers with a kernel, of several units, that start alike like the next one, with no randomness between.

    >>> equal = {"units": 8, "kernel_initializer": "zeros"}
    >>> len(find_equal_layers([Named(name="Dense", arguments=equal)] * 2))
    1
    """
    found: list[Named] = []
    before: Named | None = None
    for layer in layers:
        if any(word in plain_name(layer.name) for word in _BREAKERS):
            before = None
        elif _has_kernel(layer):
            if before is not None and _starts_equal(layer):
                found.append(before)
            before = layer if _starts_equal(layer) and _width(layer) != 1 else None
    return found


def _has_kernel(layer: Named) -> bool:
    return bool({"units", "filters", "kernel_size"} & set(layer.arguments))


def _starts_equal(layer: Named) -> bool:
    """Whether all weights of a dense or convolutional layer are one number; recurrent ones have more kernels."""
    is_plain = layer.name == "Dense" or layer.name.startswith("Conv")
    is_equal = _is_constant(layer.arguments.get("kernel_initializer", "glorot_uniform"))
    return is_plain and is_equal and _is_constant(layer.arguments.get("bias_initializer", "zeros"))


def _is_constant(initializer: object) -> bool:
    if isinstance(initializer, dict):
        initializer = initializer.get("class_name", "")
    return isinstance(initializer, str) and plain_name(initializer) in _CONSTANT


def _width(layer: Named) -> object:
    return layer.arguments.get("units", layer.arguments.get("filters"))


def _describe(layer: Named) -> str:
    return f"{layer.name} with {_width(layer)} {'units' if 'units' in layer.arguments else 'filters'}"

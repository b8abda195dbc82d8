"""One model, changed in one thing at a time: what a cause is found by.

Each change is plain data on a study's entry, so that variants are trained like any other model. A change that would
change nothing (pixels that are scaled already) or that cannot be made (half the depth of one layer) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bakeoff.diagnosis.remedies import learning_rate, plain_name, takes_probabilities
from bakeoff.models.recipes import expand_layers
from bakeoff.spec.named import Named
from bakeoff.spec.protocol import Holdout, KFold, Protocol
from bakeoff.spec.study import ModelSpec

_RATES = {
    0.1: "a tenth of the learning rate",
    0.01: "a hundredth of the learning rate",
    10: "ten times the learning rate",
    100: "a hundred times the learning rate",
}
"""A rate that is wrong is often wrong by more than one order of magnitude."""

_RECURRENT = ("lstm", "gru", "simplernn")
_SHAPES_ONLY = ("flatten", "reshape", "permute")  # stay when the layer before them goes


@dataclass(frozen=True)
class Variant:
    """A model with one change.

    Attributes:
        change: What was changed, as the subject of a sentence.
        setting: The same as `--set` would say it, with further `--set` in between; empty where it cannot.
        model: The changed model, under a name of its own.
    """

    change: str
    setting: str
    model: ModelSpec


def shorten(model: ModelSpec, *, epochs: int, seeds: int) -> ModelSpec:
    """The unchanged model as a trial trains it: briefly, to its last epoch, and judged by validation images.

    Args:
        model: A study's entry.
        epochs: Length of a training, whatever the model's own protocol says.
        seeds: Number of trainings.

    Returns:
        The model; where it has no validation images of its own (none, test, or folds), some are kept from training.
    """
    protocol = model.protocol
    validation = protocol.validation
    if isinstance(validation, KFold):
        validation = Holdout(holdout=1 / validation.kfold)
    changes = {
        "epochs": epochs,
        "seeds": seeds,
        "stop": "last",
        "validation": validation if isinstance(validation, Holdout) else Protocol().validation,
    }
    return model.model_copy(update={"protocol": protocol.model_copy(update=changes)})


def make_variants(model: ModelSpec) -> tuple[Variant, ...]:
    """Every change that applies to a model.

    Args:
        model: A study's entry.

    Returns:
        Pixels, loss, lower and higher learning rates, batch normalisation, dropout, depth, width, as far as they
        apply, in this order.

    Raises:
        StudyError: The recipe is unknown or its arguments do not fit.

    >>> from bakeoff.spec import read_study
    >>> [variant.change for variant in make_variants(read_study("study-b-pixels").model("1_5-raw"))][:3]
    ['scaling the pixels', 'the loss from logits', 'a tenth of the learning rate']
    """
    layers = expand_layers(model)
    found = (
        _scaled(model),
        _from_logits(model),
        *(_at_rate(model, factor, change) for factor, change in _RATES.items()),
        _rebuilt(model, "batch normalisation", "batch-normalisation", layers, normalize),
        _rebuilt(model, "leaving out dropout", "no-dropout", layers, leave_out_dropout),
        _rebuilt(model, "half the depth", "half-depth", layers, halve_depth),
        _rebuilt(model, "half the width", "half-width", layers, halve_width),
    )
    return tuple(variant for variant in found if variant)


def normalize(layers: Sequence[Named]) -> list[Named]:
    """Batch normalisation between each hidden layer and its activation, where there is none; not in recurrent layers.

    >>> dense = Named(name="Dense", arguments={"units": 8, "activation": "relu"})
    >>> [layer.name for layer in normalize([dense, Named(name="Dense", arguments={"units": "classes"})])]
    ['Dense', 'BatchNormalization', 'Activation', 'Dense']
    """
    hidden, stack = set(_hidden(layers)), []
    for index, layer in enumerate(layers):
        following = plain_name(layers[index + 1].name) if index + 1 < len(layers) else ""
        if index not in hidden or plain_name(layer.name) in _RECURRENT or "normalization" in following:
            stack.append(layer)
            continue
        arguments = {key: value for key, value in layer.arguments.items() if key != "activation"}
        stack += [Named(name=layer.name, arguments=arguments), Named(name="BatchNormalization")]
        if activation := layer.arguments.get("activation"):
            stack.append(Named(name="Activation", arguments={"activation": activation}))
    return stack


def leave_out_dropout(layers: Sequence[Named]) -> list[Named]:
    """The same layers without any dropout, which recurrent layers have as arguments.

    >>> [layer.name for layer in leave_out_dropout([Named(name="Flatten"), Named(name="SpatialDropout2D")])]
    ['Flatten']
    """
    return [
        Named(name=layer.name, arguments={key: layer.arguments[key] for key in layer.arguments if "dropout" not in key})
        for layer in layers
        if not _is_dropout(layer)
    ]


def halve_depth(layers: Sequence[Named]) -> list[Named]:
    """The first half of the hidden layers; what belongs to the others (activation, pooling) goes with them.

    Dropout stays: if it went as well, it could not be told which of the two was the cause.

    >>> dense = [Named(name="Dense", arguments={"units": units}) for units in (64, 32, 16, "classes")]
    >>> [layer.arguments["units"] for layer in halve_depth(dense)]
    [64, 'classes']
    """
    hidden = _hidden(layers)
    gone = set(hidden[max(1, len(hidden) // 2) :])
    kept: list[Named] = []
    going = False
    for index, layer in enumerate(layers):
        if _size_key(layer):
            going = index in gone
        stays = plain_name(layer.name) in _SHAPES_ONLY or _is_dropout(layer) or layer.name.startswith("Global")
        if stays or not going:
            kept.append(layer)
    return _with_last_sequence(kept, layers)


def halve_width(layers: Sequence[Named]) -> list[Named]:
    """Half the units or filters of each hidden layer, at least one.

    >>> dense = [Named(name="Dense", arguments={"units": units}) for units in (64, 1, "classes")]
    >>> [layer.arguments["units"] for layer in halve_width(dense)]
    [32, 1, 'classes']
    """
    hidden = set(_hidden(layers))
    return [_narrowed(layer) if index in hidden else layer for index, layer in enumerate(layers)]


def _scaled(model: ModelSpec) -> Variant | None:
    if model.protocol.pixels != "raw":
        return None
    return _under(model, "scaling the pixels", "pixels", {"pixels": "unit"}, "pixels=unit")


def _from_logits(model: ModelSpec) -> Variant | None:
    if not takes_probabilities(model.protocol.loss):
        return None
    loss = Named(name="categorical_crossentropy")
    return _under(model, "the loss from logits", "loss", {"loss": loss}, f"loss={loss.name}")


def _at_rate(model: ModelSpec, factor: float, change: str) -> Variant | None:
    optimizer = model.protocol.optimizer
    rate = learning_rate(optimizer)
    if rate is None:
        return None
    scaled = float(f"{rate * factor:.6g}")  # 0.0001, not 0.00010000000000000002
    changed = Named(name=optimizer.name, arguments={**optimizer.arguments, "learning_rate": scaled})
    return _under(model, change, f"learning-rate-x{factor:g}", {"optimizer": changed}, *_optimizer_entries(changed))


def _optimizer_entries(optimizer: Named) -> list[str]:
    """The rate, and all else that a model would lose that has it from the study; none where that cannot be typed."""
    arguments = {"learning_rate": f"{optimizer.arguments['learning_rate']:g}"}
    for name, value in optimizer.arguments.items():
        if not isinstance(value, bool | int | float | str):
            return []
        arguments.setdefault(name, str(value).lower() if isinstance(value, bool) else str(value))
    return [f"optimizer.{optimizer.name}.{name}={value}" for name, value in arguments.items()]


def _under(model: ModelSpec, change: str, mark: str, update: dict[str, Any], *entries: str) -> Variant:
    """The model under a changed protocol."""
    protocol = model.protocol.model_copy(update=update)
    changed = model.model_copy(update={"name": f"{model.name}+{mark}", "protocol": protocol})
    return Variant(change, " --set ".join(f"models.{model.name}.protocol.{entry}" for entry in entries), changed)


def _rebuilt(
    model: ModelSpec,
    change: str,
    mark: str,
    layers: tuple[Named, ...],
    rebuild: Callable[[Sequence[Named]], list[Named]],
) -> Variant | None:
    """The model with other layers; None where they stay the same."""
    changed = rebuild(layers)
    if tuple(changed) == layers:
        return None
    arguments = [layer.model_dump() for layer in changed]
    update = {"name": f"{model.name}+{mark}", "recipe": "layers", "arguments": arguments}
    return Variant(change, "", model.model_copy(update=update))


def _hidden(layers: Sequence[Named]) -> list[int]:
    """Places of the layers with a number of units or filters, without the output, which is the last of them."""
    sized = [index for index, layer in enumerate(layers) if _size_key(layer)]
    return [index for index in sized[:-1] if isinstance(layers[index].arguments[_size_key(layers[index])], int)]


def _size_key(layer: Named) -> str:
    return next((key for key in ("units", "filters") if key in layer.arguments), "")


def _is_dropout(layer: Named) -> bool:
    return "dropout" in plain_name(layer.name)


def _narrowed(layer: Named) -> Named:
    key = _size_key(layer)
    return Named(name=layer.name, arguments={**layer.arguments, key: max(1, layer.arguments[key] // 2)})


def _with_last_sequence(kept: list[Named], layers: Sequence[Named]) -> list[Named]:
    """The last recurrent layer hands on what the last one did before: its last state, or its whole sequence."""
    recurrent = [index for index, layer in enumerate(kept) if plain_name(layer.name) in _RECURRENT]
    if not recurrent:
        return kept
    last = [layer for layer in layers if plain_name(layer.name) in _RECURRENT][-1]
    place = recurrent[-1]
    arguments = {key: value for key, value in kept[place].arguments.items() if key != "return_sequences"}
    if "return_sequences" in last.arguments:
        arguments["return_sequences"] = last.arguments["return_sequences"]
    return [*kept[:place], Named(name=kept[place].name, arguments=arguments), *kept[place + 1 :]]

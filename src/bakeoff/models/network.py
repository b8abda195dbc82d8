"""From layers to a Keras network, checked, so that a study's mistakes are found before anything is trained."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from bakeoff.models import backend  # isort: skip  # before keras
import keras
import numpy as np

from bakeoff.errors import StudyError, suggest
from bakeoff.spec.named import Named

__all__ = ["backend", "build_loss", "build_network", "build_optimizer", "pre_softmax", "without_cudnn"]

Built = TypeVar("Built")

# What Keras has been seen to raise when arguments or shapes do not fit.
_COMPLAINTS = (TypeError, ValueError, LookupError, AttributeError, ImportError)
_ENDS_IN_ACTIVATION = (keras.layers.Dense, keras.layers.EinsumDense, keras.layers.Activation)
_NOT_FOR_CLASSES = (keras.losses.CTC, keras.losses.Circle)  # for sequences of symbols, and for embeddings
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")


def build_network(
    layers: Sequence[Named],
    image_shape: tuple[int, int, int],
    *,
    classes: int,
    seed: int,
    path: tuple[str | int, ...] = (),
) -> keras.Model:
    """Build a network with freshly drawn weights.

    Args:
        layers: Keras layer names with their arguments, the last one ending in a softmax. In arguments, the words
            `classes`, `height`, `width` and `channels` stand for the data's numbers.
        image_shape: (height, width, channels), in pixels.
        classes: Number of classes the last layer must have.
        seed: Of every initialiser and dropout layer, at least 0. Keras draws from the process's global generators,
            which are reset for each layer, so that nobody else's draws can change a network.
        path: Keys that lead to the layers in the study file, for error messages.

    Returns:
        A built network from (examples, height, width, channels) to (examples, classes).

    Raises:
        StudyError: A layer is unknown, does not fit what comes before, or the last one is no softmax over the classes.
    """
    seeds = np.random.SeedSequence(seed).generate_state(len(layers))
    words = dict(zip(("height", "width", "channels"), image_shape, strict=True)) | {"classes": classes}
    images = output = keras.Input(image_shape)
    for index, (layer, layer_seed) in enumerate(zip(layers, seeds, strict=True)):
        place = (*path, index) if path and path[-1] == "layers" else path
        output = _apply_layer(layer, output, words, place, seed=int(layer_seed))
    try:
        network = keras.Model(images, output)
    except ValueError as error:  # two layers of one name
        raise StudyError(f"these layers do not make a network: {_reason(error)}", path=path) from None
    _check_output(network, classes, path)
    return network


def build_optimizer(optimizer: Named, *, path: tuple[str | int, ...] = ()) -> keras.optimizers.Optimizer:
    """A Keras optimiser by its name.

    Args:
        optimizer: `rmsprop`, `RMSprop` and `rms_prop` are the same; arguments as in Keras.
        path: Keys that lead to it in the study file, for error messages.

    Returns:
        A fresh optimiser.

    Raises:
        StudyError: There is none of this name, or its arguments do not fit.
    """
    return _construct(optimizer, _classes(keras.optimizers, keras.optimizers.Optimizer), "optimizer", path)


def build_loss(loss: Named, *, path: tuple[str | int, ...] = ()) -> keras.losses.Loss:
    """A Keras loss by its name.

    Args:
        loss: `kl_divergence` and `KLDivergence` are the same; arguments as in Keras.
        path: Keys that lead to it in the study file, for error messages.

    Returns:
        A fresh loss.

    Raises:
        StudyError: There is none of this name, its arguments do not fit, or it is no mean over classified images.
    """
    built = _construct(loss, _classes(keras.losses, keras.losses.Loss), "loss", path)
    if isinstance(built, _NOT_FOR_CLASSES):
        raise StudyError(
            f"loss {loss.name} does not compare class probabilities with classes; take categorical_crossentropy or "
            "another loss for classification",
            path=path,
        )
    if built.reduction not in _MEANS:
        raise StudyError(
            f"loss {loss.name}: the reduction must be the mean over the images of a batch, got {built.reduction!r}; "
            "leave reduction out",
            path=path,
        )
    return built


@contextlib.contextmanager
def pre_softmax(network: keras.Model) -> Iterator[None]:
    """Within this context the network returns logits: what its last layer computes before the softmax.

    Cross-entropy from logits keeps its gradient where clipped probabilities lose it (Keras on JAX clips at 1e-7).

    Args:
        network: From `build_network`, so its last layer ends in a softmax; it gets it back at the end.
    """
    last = network.layers[-1]
    softmax, last.activation = last.activation, keras.activations.linear
    try:
        yield
    finally:
        last.activation = softmax


@contextlib.contextmanager
def without_cudnn(network: keras.Model) -> Iterator[None]:
    """Within this context recurrent layers run step by step on a GPU too: JAX cannot vectorise cuDNN's.

    Args:
        network: Its layers get their settings back at the end.
    """
    wrapped = (getattr(layer, name, None) for layer in network.layers for name in ("forward_layer", "backward_layer"))
    layers = [layer for layer in (*network.layers, *wrapped) if hasattr(layer, "use_cudnn")]
    settings = [layer.use_cudnn for layer in layers]
    for layer in layers:
        layer.use_cudnn = False
    try:
        yield
    finally:
        for layer, setting in zip(layers, settings, strict=True):
            layer.use_cudnn = setting


def _apply_layer(
    layer: Named, incoming: Any, words: Mapping[str, int], path: tuple[str | int, ...], *, seed: int
) -> Any:
    available = _classes(keras.layers, keras.layers.Layer)
    built = _construct(_with_numbers(layer, words), available, "layer", path, seed=seed)
    try:
        return built(incoming)
    except _COMPLAINTS as error:
        raise StudyError(
            f"layer {layer.name} does not fit an input of shape {incoming.shape}: {_reason(error)}", path=path
        ) from None


def _check_output(network: keras.Model, classes: int, path: tuple[str | int, ...]) -> None:
    last = network.layers[-1]
    if not isinstance(last, _ENDS_IN_ACTIVATION) or last.activation is not keras.activations.softmax:
        ending = "has no layers" if isinstance(last, keras.layers.InputLayer) else f"ends in {_describe(last)}"
        raise StudyError(
            "the last layer must have a softmax activation, such as Dense: {units: classes, activation: softmax}; "
            f"this model {ending}",
            path=path,
        )
    if network.output_shape != (None, classes):
        advice = "Write units: classes" if len(network.output_shape) == 2 else "Put Flatten before it"
        raise StudyError(
            f"the last layer must put out one probability for each of the {classes} classes, "
            f"shape (None, {classes}); this one puts out {network.output_shape}. {advice}",
            path=path,
        )


def _describe(layer: keras.layers.Layer) -> str:
    activation = getattr(layer, "activation", None)
    name = type(layer).__name__
    return name if activation is None else f"{name} with activation {getattr(activation, '__name__', activation)}"


def _construct(
    named: Named,
    available: Mapping[str, Callable[..., Built]],
    kind: str,
    path: tuple[str | int, ...],
    *,
    seed: int | None = None,
) -> Built:
    chosen = available.get(_normalized(named.name))
    if chosen is None:
        names = {getattr(value, "__name__", key) for key, value in available.items()}
        names = set(map(_snake_case, names)) if named.name.islower() else names  # as the study spells them
        raise StudyError(f"Keras has no {kind} {named.name!r}: {suggest(named.name, names)}", path=path)
    try:
        if seed is not None:
            keras.utils.set_random_seed(seed)
        return chosen(**named.arguments)
    except _COMPLAINTS as error:
        raise StudyError(f"{kind} {named.name}{_complaint(error, chosen, named.arguments)}", path=path) from None


def _complaint(error: Exception, chosen: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """What is wrong with the arguments: a misspelt one with the nearest that exists, else Keras's own reason."""
    known = _argument_names(chosen)
    unknown = next((name for name in arguments if name not in known), None)
    return f": {_reason(error)}" if unknown is None else f" has no argument {unknown!r}: {suggest(unknown, known)}"


def _argument_names(chosen: Any) -> set[str]:
    """Named arguments of a Keras class, those that it hands on to its parents included."""
    signatures = [inspect.signature(cls.__init__) for cls in chosen.__mro__ if "__init__" in vars(cls)]
    named = (parameter for signature in signatures for parameter in signature.parameters.values())
    return {parameter.name for parameter in named if parameter.kind in _BY_NAME} - {"self"}


def _classes(module: Any, base: type) -> dict[str, Any]:
    """Public subclasses of `base`, so that `rmsprop`, `RMSprop` and `rms_prop` all find the same class."""
    found = {name: value for name, value in vars(module).items() if isinstance(value, type)}
    return {_normalized(name): cls for name, cls in found.items() if issubclass(cls, base) and cls is not base}


def _normalized(name: str) -> str:
    return name.replace("_", "").lower()


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _with_numbers(layer: Named, words: Mapping[str, int]) -> Named:
    return Named(name=layer.name, arguments=_replace_words(layer.arguments, words))


def _replace_words(value: Any, words: Mapping[str, int]) -> Any:
    if isinstance(value, dict):
        return {key: _replace_words(item, words) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replace_words(item, words) for item in value]
    return words.get(value, value) if isinstance(value, str) else value


def _reason(error: Exception) -> str:
    """Keras's own sentence: the first line, out of the frame that it puts around errors inside a layer's call."""
    text = re.sub(r"\x1b\[\d+m", "", str(error)).strip()
    return re.sub(r"^Exception encountered when calling .*\s+", "", text).split("\n")[0]

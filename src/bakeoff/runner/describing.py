"""Inside a worker: what the planning process must know before anything is trained.

Every model of a study is built once, so that mistakes are found; and only JAX can tell what it will train on.
"""

from __future__ import annotations

import math
from typing import Any

from bakeoff.models import network as networks  # isort: skip  # chooses the backend
import jax
import keras

from bakeoff.models.recipes import expand_layers
from bakeoff.spec.study import ModelSpec
from bakeoff.spec.values import LayerSummary, ModelSummary


def describe(models: tuple[ModelSpec, ...], image_shape: tuple[int, int, int], classes: int) -> list[ModelSummary]:
    """Build and count each model.

    Args:
        models: Entries of a study.
        image_shape: (height, width, channels) of its images.
        classes: Number of its classes.

    Returns:
        One summary per model, in their order.

    Raises:
        StudyError: A layer, optimiser or loss is unknown or does not fit; the error's path leads to the entry.
    """
    summaries: list[ModelSummary] = []

    def build() -> None:
        summaries.extend(_describe_model(model, image_shape, classes) for model in models)

    jax.eval_shape(build)  # weights get shapes, but no values: drawing those costs seconds of compiling
    return summaries


def accelerators() -> int:
    """How many accelerators JAX would use; 0 on a CPU. Of those that cannot be dealt out to workers, 1."""
    devices = jax.local_devices()
    return {"cpu": 0, "gpu": len(devices)}.get(devices[0].platform, 1)


def _describe_model(model: ModelSpec, image_shape: tuple[int, int, int], classes: int) -> ModelSummary:
    path = ("models", model.name)
    network = networks.build_network(
        expand_layers(model), image_shape, classes=classes, seed=0, path=(*path, model.recipe)
    )
    networks.build_optimizer(model.protocol.optimizer, path=(*path, "protocol", "optimizer"))
    networks.build_loss(model.protocol.loss, path=(*path, "protocol", "loss"))
    trainable = sum(math.prod(variable.shape) for variable in network.trainable_variables)
    return ModelSummary(
        name=model.name,
        parameters=int(network.count_params()),
        trainable_parameters=trainable,
        layers=tuple(
            _describe_layer(layer) for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)
        ),
    )


def _describe_layer(layer: Any) -> LayerSummary:
    return LayerSummary(
        layer=type(layer).__name__,
        output_shape=tuple(layer.output.shape[1:]),
        parameters=int(layer.count_params()),
    )

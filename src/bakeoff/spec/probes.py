"""What is measured inside a network while it is trained, readable without any framework."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

CLIPPED = 1e-7
"""Keras's epsilon (`keras.config.epsilon()`): it clips probabilities to 1e-7 .. 1 - 1e-7."""


@dataclass(frozen=True, eq=False)
class Probes:
    """Measurements of one run on a fixed sample of its training images, before training and after a few epochs.

    Layers are those with weights or with an activation of their own, from the first to the softmax. NaN stands where a
    measurement does not apply to a layer.

    Attributes:
        epochs: After which epochs; 0 is before training. Ascending.
        layers: Name of each layer, distinct, such as `dense_1`.
        kinds: Keras class of each layer, such as `Dense`.
        activations: Name of each layer's activation, such as `relu`; `linear` where it has none.
        dead: Share of a layer's units (last axis) whose output is the same for every image and place of the sample.
        scale: Root mean square of a layer's output; of the last layer, of its logits.
        gradient: Euclidean norm of the gradient of the sample's loss by a layer's weights.
        weight: Euclidean norm of a layer's weights.
        update: Euclidean norm of what the optimiser's next step on the sample would change.
        saturated: Share of images whose largest probability is 1 - 1e-7 or more.
        clipped: Share of images whose true class has a probability of 1e-7 or less, where Keras clips.
        predicted: Images of the sample by predicted class.
        loss: The study's loss on the sample, without regularisation.
        accuracy: On the sample, in [0, 1].
        pixels: Lowest, highest, mean and standard deviation of what the first layer sees.
        images: Size of the sample.
    """

    epochs: Int[np.ndarray, " probes"]
    layers: tuple[str, ...]
    kinds: tuple[str, ...]
    activations: tuple[str, ...]
    dead: Float[np.ndarray, "probes layers"]
    scale: Float[np.ndarray, "probes layers"]
    gradient: Float[np.ndarray, "probes layers"]
    weight: Float[np.ndarray, "probes layers"]
    update: Float[np.ndarray, "probes layers"]
    saturated: Float[np.ndarray, " probes"]
    clipped: Float[np.ndarray, " probes"]
    predicted: Int[np.ndarray, "probes classes"]
    loss: Float[np.ndarray, " probes"]
    accuracy: Float[np.ndarray, " probes"]
    pixels: Float[np.ndarray, " 4"]
    images: int

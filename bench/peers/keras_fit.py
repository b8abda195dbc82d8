"""Keras's own `fit` on NumPy arrays, as the published notebooks use it; `KERAS_BACKEND` chooses TensorFlow or JAX."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from peer import Clock, Images, Task, main


class KerasFit:
    """A `Sequential` network, compiled and fitted."""

    def __init__(self, task: Task, images: Images) -> None:
        self.task = task
        self.model = keras.Sequential([keras.Input((28, 28, 1))])
        for name, arguments in task.layers:
            self.model.add(getattr(keras.layers, name)(**arguments))
        self.model.compile(optimizer=task.optimizer, loss=task.loss, metrics=["accuracy"])
        self.train_images = _scaled(images.train[: task.train + task.validation], task)
        self.train_labels = self._targets(images.train_labels[: task.train + task.validation])
        self.test = _scaled(images.test, task), self._targets(images.test_labels)

    def train(self, clock: Clock) -> None:
        """One call of `fit`."""
        first, held_out = slice(0, self.task.train), slice(self.task.train, None)
        validation = (self.train_images[held_out], self.train_labels[held_out]) if self.task.validation else None
        self.model.fit(
            self.train_images[first],
            self.train_labels[first],
            batch_size=self.task.batch_size,
            epochs=self.task.epochs,
            validation_data=validation,
            verbose=0,
            callbacks=[_Turns(clock)],
        )

    def accuracy(self) -> float:
        """By `evaluate`."""
        return float(self.model.evaluate(*self.test, verbose=0)[1])

    def _targets(self, labels: np.ndarray) -> np.ndarray:
        return labels if self.task.loss.startswith("sparse") else keras.utils.to_categorical(labels, 10)


class _Turns(keras.callbacks.Callback):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.clock.begin()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.clock.end()


def _scaled(images: np.ndarray, task: Task) -> np.ndarray:
    return images.astype("float32") / task.scale


if __name__ == "__main__":
    main(KerasFit)

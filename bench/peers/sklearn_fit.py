"""scikit-learn's `MLPClassifier`, epoch by epoch; it knows dense layers with one activation and nothing else."""

from __future__ import annotations

import numpy as np
from peer import Clock, Images, Task, main
from sklearn.neural_network import MLPClassifier


class SklearnFit:
    """A classifier whose `partial_fit` is one pass over the training images."""

    def __init__(self, task: Task, images: Images) -> None:
        self.task = task
        hidden = [arguments["units"] for name, arguments in task.layers if name == "Dense"][:-1]
        self.classifier = MLPClassifier(hidden, solver="adam", batch_size=task.batch_size, alpha=0.0)
        self.images = _flat(images.train[: task.train], task)
        self.labels = images.train_labels[: task.train]
        self.test, self.test_labels = _flat(images.test, task), images.test_labels

    def train(self, clock: Clock) -> None:
        """One `partial_fit` per epoch."""
        for _ in range(self.task.epochs):
            clock.begin()
            self.classifier.partial_fit(self.images, self.labels, classes=np.arange(10))
            clock.end()

    def accuracy(self) -> float:
        """By `score`."""
        return float(self.classifier.score(self.test, self.test_labels))


def _flat(images: np.ndarray, task: Task) -> np.ndarray:
    return images.reshape(len(images), -1).astype("float32") / task.scale


if __name__ == "__main__":
    main(SklearnFit)

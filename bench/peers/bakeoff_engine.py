"""Bakeoff's own engine behind the same interface; the only script here that runs in Bakeoff's environment."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from peer import Clock, Images, Task, main

from bakeoff.data.pixels import PixelScaling
from bakeoff.engine.program import Architecture, Program
from bakeoff.spec.named import Named
from bakeoff.spec.protocol import Protocol


class Engine:
    """A program and its state."""

    def __init__(self, task: Task, images: Images) -> None:
        self.task = task
        layers = tuple(Named(name=name, arguments=arguments) for name, arguments in task.layers)
        protocol = Protocol(
            batch_size=task.batch_size, optimizer=Named(name=task.optimizer), loss=Named(name=task.loss)
        )
        self.program = Program(Architecture(layers, (28, 28, 1), 10, PixelScaling("unit")), protocol)
        self.state = self.program.initial_state(seed=0)
        self.train_images, self.train_labels = jnp.asarray(images.train), jnp.asarray(images.train_labels)
        self.test_images, self.test_labels = jnp.asarray(images.test), jnp.asarray(images.test_labels)

    def train(self, clock: Clock) -> None:
        """One compiled call per epoch."""
        rng = np.random.default_rng(0)
        for _ in range(self.task.epochs):
            clock.begin()
            order = rng.permutation(self.task.train)
            self.state, _ = self.program.train_epoch(self.state, self.train_images, self.train_labels, order=order)
            clock.end()

    def accuracy(self) -> float:
        """As every run is judged."""
        return self.program.evaluate(self.state, self.test_images, self.test_labels)[0].accuracy


if __name__ == "__main__":
    main(Engine)

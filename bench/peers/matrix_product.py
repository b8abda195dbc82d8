"""The yardstick: NumPy's float32 matrix product of 4096 x 4096 matrices, one product per `epoch`."""

from __future__ import annotations

import numpy as np
from peer import Clock, Images, Task, main

SIZE = 4096


class MatrixProduct:
    """Nothing is trained."""

    def __init__(self, task: Task, images: Images) -> None:
        self.task = task
        self.matrix = np.random.default_rng(0).random((SIZE, SIZE), dtype=np.float32)

    def train(self, clock: Clock) -> None:
        """One product after the other."""
        for _ in range(self.task.epochs):
            clock.begin()
            self.matrix @ self.matrix
            clock.end()

    def accuracy(self) -> float:
        """None to speak of."""
        return float("nan")


if __name__ == "__main__":
    main(MatrixProduct)

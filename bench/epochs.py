"""Times steady epochs of the engine against the machine's peak, in one process on one core."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from workload import Workload, measure_seconds

from bakeoff.data.pixels import PixelScaling
from bakeoff.engine.program import Architecture, Program
from bakeoff.models.recipes import expand_layers
from bakeoff.spec import parse_study

PEAK_SIZE = 4096


def measure_epochs(workload: Workload, repeats: int) -> tuple[list[float], list[float]]:
    """Peak speed in GFLOP/s and epoch time in seconds, in alternation."""
    train = _make_epoch(workload)
    train()  # compiles
    matrix = np.random.default_rng(0).random((PEAK_SIZE, PEAK_SIZE), dtype=np.float32)
    peaks, epochs = [], []
    for _ in range(repeats):
        peaks.append(2 * PEAK_SIZE**3 / measure_seconds(lambda: matrix @ matrix) / 1e9)
        epochs.append(measure_seconds(train))
    return peaks, epochs


def _make_epoch(workload: Workload) -> Callable[[], None]:
    protocol = f"{{batch_size: {workload.batch_size}}}"
    study = parse_study(f"{{name: bench, data: mnist, protocol: {protocol}, models: {{m: {workload.entry}}}}}").study
    model = study.models[0]
    program = Program(Architecture(expand_layers(model), (28, 28, 1), 10, PixelScaling("unit")), model.protocol)
    rng = np.random.default_rng(0)
    images = jnp.asarray(rng.integers(0, 256, (workload.images, 28, 28, 1), dtype=np.uint8))
    labels = jnp.asarray(rng.integers(0, 10, workload.images, dtype=np.int32))
    states = [program.initial_state(seed=0)]

    def train() -> None:
        states[0], _ = program.train_epoch(states[0], images, labels, order=rng.permutation(workload.images))

    return train

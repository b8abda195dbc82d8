"""What probes cost: their share of a run on 60,000 and on 5,000 images, and seconds of compiling, on one thread.

    BAKEOFF_DATA=FOLDER OMP_NUM_THREADS=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false python bench/probes.py

Times are CPU seconds of this process, so that other work on the machine matters little. The target is at most 3 % of a
run without its compiling; with 60,000 images it is about 1 %, with 5,000 it is 5 to 6 %. There, 64 images instead of
128 were tried: 3 to 4.5 %, since half of it is paid per probe, not per image.
"""

from __future__ import annotations

import time

import jax.numpy as jnp
import numpy as np
from workloads import STUDY_D_CNN

from bakeoff.data import Dataset
from bakeoff.data.pixels import PixelScaling
from bakeoff.data.registry import load_dataset
from bakeoff.engine.fit import fit_network
from bakeoff.engine.probes import Probe
from bakeoff.engine.program import Architecture, Program
from bakeoff.engine.values import Split
from bakeoff.models.recipes import expand_layers
from bakeoff.spec import ModelSpec, parse_study

MLP = "{mlp: {hidden: [128, 64, 32, 16]}}"
WORKLOADS = (
    ("mnist", "MLP 128-64-32-16", MLP, 32, 5),
    ("mnist", "CNN of study D", STUDY_D_CNN, 128, 3),
    ("mnist-5k", "MLP 128-64-32-16", MLP, 32, 20),
    ("mnist-5k", "CNN of study D", STUDY_D_CNN, 128, 10),
)


def main() -> None:
    """Train each network twice: the second run shares what the first one compiled."""
    time.perf_counter = time.process_time  # the engine's clock as well
    for data, name, entry, batch_size, epochs in WORKLOADS:
        protocol = f"{{validation: none, batch_size: {batch_size}, epochs: {epochs}}}"
        study = parse_study(f"{{name: bench, data: {data}, protocol: {protocol}, models: {{m: {entry}}}}}").study
        _print_shares(f"{data}, {name}", study.models[0], _split(load_dataset(data)))


def _split(dataset: Dataset) -> Split:
    """All training images, none for validation."""
    images, labels, test_images, test_labels = map(
        jnp.asarray, (dataset.train_images, dataset.train_labels, dataset.test_images, dataset.test_labels)
    )
    return Split(images, labels, np.arange(len(labels)), None, None, test_images, test_labels)


def _print_shares(name: str, model: ModelSpec, split: Split) -> None:
    program = Program(Architecture(expand_layers(model), (28, 28, 1), 10, PixelScaling("unit")), model.protocol)
    probe = Probe(program)
    probe.measure(program.initial_state(seed=0), split.images, split.labels, sample=split.train[:128])
    compile_seconds = program.compile_seconds
    for seed in (0, 1):
        fit = fit_network(program, split, protocol=model.protocol, seed=seed, probe=probe)
        training, probes = sum(fit.columns["seconds"]), fit.probe_seconds
        print(
            f"{name}, seed {seed}, {fit.epochs} epochs: training {training:.2f} s, probes {probes:.3f} s, "
            f"{probes / (training + probes):.2%} of the run; compiling {compile_seconds:.1f} s "
            f"of {program.compile_seconds:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""S0: the same studies by way of real files come to the same verdicts as in memory, which the other scenarios use."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from bakeoff.calibration.pipeline import bench_of, fresh_store, judge, judge_files
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, world_with
from bakeoff.comparison import Comparison, comparison_to_dict

NAME = "S0"
TITLE = "Files in, verdict out: the same as in memory"

SAME = "models and pairs are the same to the last digit"
POOLED: tuple[Measure, ...] = ()


def cells(short: bool) -> list[Cell]:
    """The settings."""
    return [
        Cell(
            label=f"3 models, R 3, N 500, {failures} failed seeds",
            measures=(Measure(SAME, at_least=1.0, slack=0.0),),
            simulate=partial(_simulate, failures),
            repetitions=3 if short else 100,
        )
        for failures in (0, 1)
    ]


def _simulate(failures: int, rng: np.random.Generator) -> Mapping[str, Outcome]:
    world, training, bench = world_with(0.1, images=500), Training(0.25), bench_of(3, margin=0.01)
    hits = [training.train(logits + 0.5 * i, 3, rng) for i, logits in enumerate(world.draw(3, rng))]
    failed = (0, failures, 0)
    in_memory = _judged(judge(bench, hits, failed=failed))
    with tempfile.TemporaryDirectory() as folder:
        from_files = _judged(judge_files(bench, hits, fresh_store(Path(folder)), failed=failed))
    return {SAME: in_memory == from_files}


def _judged(comparison: Comparison) -> str:
    """Models and pairs to the last digit; without the findings about single runs, which only files can give."""
    plain = comparison_to_dict(comparison)
    models = [{key: value for key, value in model.items() if key != "findings"} for model in plain["models"]]
    return repr((models, plain["pairs"]))

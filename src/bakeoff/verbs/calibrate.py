"""Measure the error rates of the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bakeoff.calibration import CalibrationReport, Progress, run_calibration
from bakeoff.calibration.harness import SEED
from bakeoff.calibration.real import NAME, measure_real, real_study
from bakeoff.errors import StudyError
from bakeoff.runner.run import Watcher
from bakeoff.verbs.run import run


def calibrate(
    scenarios: Sequence[str] = (),
    *,
    short: bool = False,
    seed: int = SEED,
    workers: int | None = None,
    store: Path | str | None = None,
    watch: Callable[[Progress], None] = lambda progress: None,
    watch_training: Watcher = lambda progress: None,
) -> CalibrationReport:
    """Simulate studies whose truth is known, judge them, and count the wrong verdicts.

    Args:
        scenarios: Names such as S1, or AA for real networks; all if empty.
        short: The version of about a minute.
        seed: Of all random numbers.
        workers: Processes, one core each; by default one per physical core. Results do not depend on it.
        store: Where the networks of the A/A arm are, or shall be: it is left out if this is None.
        watch: Called with the progress of the simulations.
        watch_training: Called with the progress of the training for the A/A arm.

    Returns:
        What was measured, and which targets are missed.

    Raises:
        StudyError: There is no such scenario, or AA was asked for without a store.
        DataError: The digits cannot be found.
        StoreError: The store cannot be written.
        WorkerError: Workers cannot be started.
    """
    if NAME in scenarios and store is None:
        raise StudyError(f"scenario {NAME} deals out real trainings and needs a folder for them: add --store DIR")
    simulated = [name for name in scenarios if name != NAME]
    report = CalibrationReport(scenarios=(), seed=seed, short=short)
    if simulated or not scenarios:
        report = run_calibration(simulated, short=short, seed=seed, workers=workers, watch=watch)
    if store is None or (scenarios and NAME not in scenarios):
        return report
    results = run(real_study(), store=store, workers=workers, watch=watch_training)
    return replace(report, scenarios=(*report.scenarios, measure_real(results.store, seed=seed, short=short)))

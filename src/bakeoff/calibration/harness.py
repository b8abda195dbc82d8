"""Runs scenarios: finds them by file name, deals their repetitions out to workers, and judges what was measured.

Every repetition has a random stream of its own, from the seed, the cell's label and its number. So the result depends
neither on the number of workers nor on which other scenarios run.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import pkgutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from loky import ProcessPoolExecutor, cpu_count

from bakeoff.calibration import scenarios
from bakeoff.calibration.judging import judge
from bakeoff.calibration.values import CalibrationReport, Cell, Measure, Row, ScenarioReport, Tally
from bakeoff.errors import StudyError, suggest

SEED = 20_240_607
REPETITIONS = 4000
SHORT_REPETITIONS = 400
CHUNK = 200
"""Repetitions that a worker does at a time."""

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@runtime_checkable
class Scenario(Protocol):
    """What a file `sNN_name.py` in the folder `scenarios` defines."""

    NAME: str
    TITLE: str
    POOLED: tuple[Measure, ...]
    """Measures with a target for all cells of the scenario together; may be empty."""

    def cells(self, short: bool) -> list[Cell]:
        """The settings."""
        ...


@dataclass(frozen=True)
class Progress:
    """How far a calibration is.

    Attributes:
        scenario: The scenario of which repetitions finished last.
        done: Repetitions that are done, of all scenarios together.
        total: Repetitions in all.
    """

    scenario: str
    done: int
    total: int


@dataclass(frozen=True)
class _Task:
    """Some repetitions of one cell; plain values, so that any process can do it."""

    scenario: str
    cell: int
    short: bool
    seed: int
    start: int
    stop: int


@dataclass(frozen=True)
class _Done:
    """What came of a task: a tally for each measure, and the seconds it took."""

    tallies: dict[str, Tally]
    seconds: float


def find_scenarios() -> dict[str, Scenario]:
    """All scenarios by name, in the order of their files."""
    modules = sorted(module.name for module in pkgutil.iter_modules(scenarios.__path__))
    loaded = [importlib.import_module(f"{scenarios.__name__}.{name}") for name in modules]
    return {module.NAME: module for module in loaded}


def run_calibration(
    names: Sequence[str] = (),
    *,
    short: bool = False,
    seed: int = SEED,
    workers: int | None = None,
    repetitions: int | None = None,
    watch: Callable[[Progress], None] = lambda progress: None,
) -> CalibrationReport:
    """Simulate scenarios and compare the measured error rates with what is promised.

    Args:
        names: Of the scenarios, such as S1; all if empty.
        short: Fewer cells and repetitions: about a minute on one core.
        seed: Of all random numbers.
        workers: Processes; by default one per physical core. The result does not depend on it.
        repetitions: Of every cell, in place of the cell's own number.
        watch: Called with the progress.

    Returns:
        The measured rates, each with its standard error and whether it passes.

    Raises:
        StudyError: There is no scenario of this name.
    """
    chosen = _choose(names)
    tasks = [task for name in chosen for task in _plan(name, short=short, seed=seed, repetitions=repetitions)]
    done = _work(tasks, workers or int(cpu_count(only_physical_cores=True)), watch)
    reports = tuple(
        _report(scenario, short, {t: done[t] for t in tasks if t.scenario == name}) for name, scenario in chosen.items()
    )
    return CalibrationReport(scenarios=reports, seed=seed, short=short)


def _choose(names: Sequence[str]) -> dict[str, Scenario]:
    available = find_scenarios()
    for name in names:
        if name not in available:
            raise StudyError(f"there is no scenario {name!r}; {suggest(name, available)}")
    return {name: scenario for name, scenario in available.items() if not names or name in names}


@functools.cache
def _cells(scenario: str, short: bool) -> tuple[Cell, ...]:
    cells = tuple(find_scenarios()[scenario].cells(short))
    repeated = [label for label, count in Counter(cell.label for cell in cells).items() if count > 1]
    if repeated:
        raise ValueError(f"scenario {scenario} has two cells of the label {repeated[0]!r}")
    return cells


def _plan(scenario: str, *, short: bool, seed: int, repetitions: int | None) -> list[_Task]:
    usual = SHORT_REPETITIONS if short else REPETITIONS
    return [
        _Task(scenario, index, short, seed, start, min(start + CHUNK, number))
        for index, cell in enumerate(_cells(scenario, short))
        for number in (repetitions or cell.repetitions or usual,)
        for start in range(0, number, CHUNK)
    ]


def _work(tasks: Sequence[_Task], workers: int, watch: Callable[[Progress], None]) -> dict[_Task, _Done]:
    total = sum(task.stop - task.start for task in tasks)
    results: dict[_Task, _Done] = {}
    finished = 0
    for task, result in _results(tasks, workers):
        results[task] = result
        finished += task.stop - task.start
        watch(Progress(task.scenario, finished, total))
    return results


def _results(tasks: Sequence[_Task], workers: int) -> Iterable[tuple[_Task, _Done]]:
    if workers == 1:
        yield from ((task, _simulate(task)) for task in tasks)
        return
    executor = ProcessPoolExecutor(max_workers=workers, env=ONE_THREAD)
    try:
        futures: dict[Future[_Done], _Task] = {executor.submit(_simulate, task): task for task in tasks}
        yield from ((futures[future], future.result()) for future in as_completed(futures))
    finally:
        executor.shutdown(wait=True, kill_workers=True)


def _simulate(task: _Task) -> _Done:
    started = time.perf_counter()
    cell = _cells(task.scenario, task.short)[task.cell]
    tallies = {measure.name: Tally() for measure in cell.measures}
    for number in range(task.start, task.stop):
        outcomes = cell.simulate(np.random.default_rng(_stream(task.seed, task.scenario, cell.label, number)))
        for name in tallies:
            tallies[name] += Tally.of(outcomes[name])
    return _Done(tallies, time.perf_counter() - started)


def _stream(seed: int, scenario: str, label: str, number: int) -> np.random.SeedSequence:
    digest = hashlib.sha256(f"{scenario}: {label}".encode()).digest()
    return np.random.SeedSequence([seed, int.from_bytes(digest[:8], "big")], spawn_key=(number,))


def _report(scenario: Scenario, short: bool, done: dict[_Task, _Done]) -> ScenarioReport:
    tallies: dict[tuple[int, str], Tally] = {}
    for task in sorted(done, key=lambda task: (task.cell, task.start)):
        for name, tally in done[task].tallies.items():
            tallies[task.cell, name] = tallies.get((task.cell, name), Tally()) + tally
    rows = [
        judge(cell.label, measure, tallies[index, measure.name])
        for index, cell in enumerate(_cells(scenario.NAME, short))
        for measure in cell.measures
    ]
    return ScenarioReport(
        name=scenario.NAME,
        title=scenario.TITLE,
        rows=(*rows, *_pooled(scenario, tallies)),
        seconds=sum(result.seconds for result in done.values()),
    )


def _pooled(scenario: Scenario, tallies: dict[tuple[int, str], Tally]) -> list[Row]:
    """The measures that have a target for all cells together."""
    return [
        judge("all cells", measure, sum((t for (_, name), t in tallies.items() if name == measure.name), Tally()))
        for measure in scenario.POOLED
    ]

"""Speed and memory of the engine against this machine's own peak, all from one run: `make bench-smoke`.

Prints, for one pinned core and one thread, how many times longer a steady epoch takes than its floating-point work
would at the speed of a 4096 x 4096 x 4096 matrix product, measured in turn with the epochs; then the time of the
quickstart, of `bakeoff --help` and of `bakeoff compare`, and the peak memory of a run on 60,000 images. Nothing here
passes or fails.
"""

from __future__ import annotations

import importlib
import os
import resource
import statistics
import subprocess
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from workload import COMMAND, Workload, measure_seconds, run_cold
from workloads import CNN, MLP_32

from bakeoff.runner.cores import prepare_worker
from bakeoff.runner.executables import cache_settings

REPEATS = 5


def main() -> None:
    """Measure one thing after the other; nothing else heavy should run meanwhile."""
    for workload in (MLP_32, CNN):
        _print_epochs(workload)
    _print_commands()
    _print_memory()


def _print_epochs(workload: Workload) -> None:
    """In a fresh process of its own, prepared as the runner prepares its workers."""
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=prepare_worker, initargs=(os.getpid(),)
    ) as pool:
        peaks, epochs = pool.submit(_measure, workload).result()
    gflops = statistics.median(peaks)
    ratios = [epoch / (workload.gflop / peak) for peak, epoch in zip(peaks, epochs, strict=True)]
    print(
        f"{workload.name}: epoch {statistics.median(epochs):.2f} s for {workload.gflop:.0f} GFLOP, "
        f"peak {gflops:.0f} GFLOP/s, {statistics.median(ratios):.2f} times the peak's time "
        f"({min(ratios):.2f} to {max(ratios):.2f}; target at most {workload.limit})",
        flush=True,
    )


def _measure(workload: Workload) -> tuple[list[float], list[float]]:
    """In the child: `epochs` imports JAX, so it is imported only after the process has been given its core."""
    measured: tuple[list[float], list[float]] = importlib.import_module("epochs").measure_epochs(workload, REPEATS)
    return measured


def _print_commands() -> None:
    with tempfile.TemporaryDirectory() as folder:
        quickstart = ["run", "quickstart", "--json", "--store", folder]
        print(
            f"quickstart, 20 runs, compile time included: {run_cold(quickstart):.0f} s (target under 90 s)", flush=True
        )
        compare = ["compare", "quickstart", "--store", folder]
        print(f"bakeoff compare, 20 runs: {_median_command(compare):.2f} s (target under 3 s)", flush=True)
    print(f"bakeoff --help: {_median_command(['--help']):.2f} s (target under 0.4 s)", flush=True)


def _print_memory() -> None:
    """Needs MNIST or Fashion-MNIST on this machine."""
    for study, model in (("study-d", "cnn"), ("study-b", "4_2")):
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["run", study, "--only", model, "--seeds", "1", "--workers", "1", "--set", "protocol.epochs=1"]
            done = subprocess.run(
                [*COMMAND, *arguments, "--store", f"{folder}/store"],
                capture_output=True,
                text=True,
                check=False,
                env=os.environ | cache_settings(f"{folder}/compiled"),
            )
        if done.returncode:
            print(f"peak memory of {study} {model}: not measured, {done.stderr.strip()}")
            continue
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        print(f"largest process so far, after {study} {model} on 60,000 images: {peak:.2f} GiB (target under 1.5 GiB)")


def _median_command(arguments: list[str]) -> float:
    return statistics.median(_command(arguments) for _ in range(REPEATS))


def _command(arguments: list[str]) -> float:
    return measure_seconds(lambda: subprocess.run([*COMMAND, *arguments], stdout=subprocess.DEVNULL, check=True))


if __name__ == "__main__":
    main()

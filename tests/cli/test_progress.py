"""The live display, as text."""

import io

from rich.console import Console

from bakeoff.cli.progress import _picture, show_progress
from bakeoff.runner.jobs import plan_jobs
from bakeoff.runner.run import Progress


def _progress(tiny, done=1):
    jobs = plan_jobs(tiny, fingerprint="f")
    report = {
        "model": "wide",
        "seed": 1,
        "fold": 0,
        "epoch": 2,
        "epochs": 4,
        "validation_accuracy": 0.875,
        "seconds": 10,
    }
    return Progress(jobs, frozenset(job.key for job in jobs[:done]), {jobs[3].key: report}, old=0, seconds=30.0)


def test_a_terminal_sees_every_running_run(tiny):
    """Model, seed, epoch, validation accuracy and time left of each run, and of the study."""
    console = Console(width=80, file=io.StringIO())
    console.print(_picture(_progress(tiny)))
    lines = console.file.getvalue().splitlines()
    assert lines[0].startswith("1 of 4 runs")
    assert "about 50 s left" in lines[0]
    assert lines[2].split() == ["wide", "1", "2/4", "87.50%", "20", "s"]


def test_elsewhere_one_line_per_run(tiny, capsys):
    """Output that is no terminal gets a line for each finished run, once."""
    with show_progress() as watch:
        watch(_progress(tiny, done=1))
        watch(_progress(tiny, done=3))
        watch(_progress(tiny, done=3))
    out = capsys.readouterr().out.splitlines()
    assert out == [
        "4 runs to do, 1 of them done already",
        "   2 of 4  small, seed 1  30 s",
        "   3 of 4  wide, seed 0  30 s",
    ]


def test_quiet(tiny, capsys):
    """Programs that ask for JSON get nothing else."""
    with show_progress(quiet=True) as watch:
        watch(_progress(tiny))
    assert capsys.readouterr().out == ""

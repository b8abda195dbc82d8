"""Calling the command line inside the test's own process."""

import sys
from collections.abc import Callable

import pytest

from bakeoff.cli.app import main


@pytest.fixture
def bakeoff(monkeypatch, capsys, tmp_path) -> Callable[..., tuple[int, str, str]]:
    """A function that runs a command in an empty folder and returns exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bakeoff", *arguments])
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
        else:
            code = 0
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call

"""Every command is found, helps at once, and keeps its promises about exit codes and imports."""

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from bakeoff import cli

MODULES = [module.name for module in pkgutil.iter_modules(cli.__path__)]
COMMANDS = [name for name in MODULES if hasattr(importlib.import_module(f"bakeoff.cli.{name}"), "command")]


def test_the_main_commands_are_there():
    """What the documentation is built on has not been renamed away."""
    assert {"compare", "data", "report", "run", "show", "studies"} <= set(COMMANDS)


def test_help_lists_every_command(bakeoff):
    """`bakeoff --help` names every command with its summary."""
    code, out, _ = bakeoff("--help")
    assert code == 0
    assert [
        line.split()[1] for line in out.splitlines() if line.startswith("│ ") and line[2] != " " and line[2] != "-"
    ] == COMMANDS
    assert "Train what is missing of a study" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(bakeoff, command):
    """Every command explains itself and offers JSON."""
    code, out, _ = bakeoff(command, "--help")
    assert code == 0
    assert f"Usage: bakeoff {command}" in out
    assert "--json" in out


@pytest.mark.parametrize(
    "arguments", [["compre"], ["show"], ["show", "quickstart", "--nope"], ["run", "quickstart", "--workers", "0"]]
)
def test_usage_errors_exit_2(bakeoff, arguments):
    """A wrong call exits with 2 and says what is wrong."""
    code, _, err = bakeoff(*arguments)
    assert code == 2
    assert "Error" in err


def test_a_mistyped_command_is_corrected(bakeoff):
    """The nearest command is offered."""
    assert "Did you mean 'compare'?" in bakeoff("compre")[2]


@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "show study-b --help",
        "compare quickstart",
        "report quickstart",
        "studies",
        "show quickstart",
        "data digits",
    ],
)
def test_reading_commands_load_no_framework(tmp_path, command):
    """Help, show, compare, report and data load neither Keras nor JAX into their process."""
    code = (
        f"import sys; from bakeoff.cli.app import main; sys.argv = {['bakeoff', *command.split()]}\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('loaded', sorted({'keras', 'jax', 'jaxlib', 'tensorflow', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.splitlines()[-1] == "loaded []", done.stdout + done.stderr


def test_importing_bakeoff_is_light():
    """`import bakeoff` loads neither a framework nor pandas."""
    code = "import sys, bakeoff; print(sorted({'keras', 'jax', 'pandas', 'scipy', 'altair'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_bugs_keep_their_traceback(bakeoff, monkeypatch):
    """What is not the user's fault is not dressed up as if it were."""
    monkeypatch.setattr("bakeoff.verbs.studies.builtin_studies", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bakeoff("studies")


def test_module_and_script_agree():
    """The installed script starts the same command line."""
    script = Path(sys.executable).parent / ("bakeoff.exe" if os.name == "nt" else "bakeoff")
    done = subprocess.run([script, "studies", "--json"], capture_output=True, text=True, check=True)
    assert '"alias": "study-d"' in done.stdout

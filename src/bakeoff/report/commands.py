"""Commands that a reader can type: about the study that was asked for, with the overrides that its runs had."""

from __future__ import annotations

import shlex

from bakeoff.errors import StudyError
from bakeoff.spec import Study, builtin_studies, read_study
from bakeoff.store import cells_of


def write_command(verb: str, study: Study, *arguments: str) -> str:
    """A command about a study's runs, quoted for a shell.

    Args:
        verb: Such as `run`.
        study: As it was run. Of Bakeoff's own it is called by its name, any other by a file of its name, and what was
            changed by `--set` is changed again.
        arguments: What follows the study.

    Returns:
        The command, without an end of its own.

    >>> write_command("run", read_study("quickstart", overrides=["protocol.epochs=1"]), "--only", "cnn")
    'bakeoff run quickstart --only cnn --set protocol.epochs=1'
    """
    source = study.name if _is_builtin(study) else f"{study.name}.yaml"
    overrides = [word for override in study.overrides for word in ("--set", override)]
    return shlex.join(["bakeoff", verb, source, *arguments, *overrides])


def _is_builtin(study: Study) -> bool:
    """Whether one of Bakeoff's studies, with the same overrides, trains all that this one does."""
    if study.name not in {builtin.name for builtin in builtin_studies()}:
        return False
    try:
        own = read_study(study.name, overrides=study.overrides)
    except StudyError:  # the overrides are about a file that has only the name
        return False
    return study.data == own.data and _trainings(study) <= _trainings(own)


def _trainings(study: Study) -> set[tuple[str, str]]:
    """Name and way of training of each model, whatever the data."""
    return {(cell.model.name, cell.key) for cell in cells_of(study, fingerprint="")}

"""Read a study and choose from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bakeoff.models.recipes import expand_layers
from bakeoff.spec import Study, StudyFile, only_models, read_study_file, with_seeds


def load_study(
    source: str | Path, *, overrides: Sequence[str] = (), only: Sequence[str] = (), seeds: int | None = None
) -> Study:
    """Read a study.

    Args:
        source: A built-in study's name, or a path to a YAML file.
        overrides: As for `--set`, such as `"protocol.epochs=2"`.
        only: Names of the models to keep; all if empty.
        seeds: How often each model is trained, instead of what the file says.

    Returns:
        The study, checked as far as that needs neither data nor Keras.

    Raises:
        StudyError: With file and line, what was required and what was received.

    >>> load_study("quickstart", only=["cnn"], seeds=2).models[0].protocol.seeds
    2
    """
    return load_study_file(source, overrides=overrides, only=only, seeds=seeds).study


def load_study_file(
    source: str | Path, *, overrides: Sequence[str] = (), only: Sequence[str] = (), seeds: int | None = None
) -> StudyFile:
    """The same, with the places of everything, so that later errors can name file and line."""
    file = read_study_file(source, overrides=overrides)
    study = only_models(file.study, only) if only else file.study
    study = study if seeds is None else with_seeds(study, seeds)
    with file.placing_errors():
        for model in study.models:
            expand_layers(model)
    return replace(file, study=study)

"""From a study file to a `Study`: read, override, expand, check; every error says file and line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakeoff.errors import StudyError, suggest
from bakeoff.spec.builtin import builtin_studies, find_builtin
from bakeoff.spec.checking import check, check_mapping, refuse_unknown_keys, show_value
from bakeoff.spec.claims import Claim, check_names, expand_claim
from bakeoff.spec.entries import build_models, inherited_places, require_model
from bakeoff.spec.grid import expand_grid
from bakeoff.spec.overrides import apply_overrides, select_training, split_overrides
from bakeoff.spec.protocol import Protocol
from bakeoff.spec.study import ModelSpec, Published, Study
from bakeoff.spec.yaml_lines import Document, KeyPath, Places, read_yaml

PLAIN_KEYS = ("name", "title", "source", "choices", "data", "ignore")
TOP_KEYS = (*PLAIN_KEYS, "claims", "alias", "protocol", "defaults", "models", "grid", "factors", "published")


@dataclass(frozen=True)
class StudyFile:
    """A study together with where each part of it is written.

    Attributes:
        study: The study.
        file: The file's name as the user gave it, or a built-in study's file name.
        places: For each path of keys, `file:line` or the `--set` that put the value there. An argument of a model has
            the path `("models", NAME, RECIPE, ARGUMENT)`, whether the entry, the defaults or the grid gave it.
    """

    study: Study
    file: str
    places: Places

    def place(self, error: StudyError) -> StudyError:
        """The same error with file and line, for whoever finds a fault later: building a layer, loading the data."""
        return locate_error(error, self.places)

    def placing_errors(self) -> AbstractContextManager[None]:
        """Within this context, study errors leave with file and line."""
        return _errors_placed_by(self.places)


def read_study(source: str | Path, *, overrides: Sequence[str] = ()) -> Study:
    """Read a study.

    Args:
        source: The name or alias of a built-in study, or a path to a YAML file. A `Path` is always a file; so is a text
            that is no built-in study's name, hence `./quickstart`.
        overrides: As for `--set`: `"protocol.epochs=2"`, `"models.dense.protocol.epochs=3"`. `protocol.X` is for the
            whole study: models that have an X of their own in the file lose it, so that a quick try is quick
            for all; `models.NAME.protocol.X` beats it in turn.

    Returns:
        The study, checked, with defaults, grid and protocol filled in.

    Raises:
        StudyError: With file and line (or the `--set`), what was required and what was received.

    >>> [model.name for model in read_study("study-a").models]
    ['dnn', 'lstm', 'cnn']
    """
    return read_study_file(source, overrides=overrides).study


def read_study_file(source: str | Path, *, overrides: Sequence[str] = ()) -> StudyFile:
    """Read a study and remember where its parts are written; see `read_study`."""
    builtin = find_builtin(source) if isinstance(source, str) else None
    if builtin:
        return parse_study(builtin.text, file=f"{builtin.name}.yaml", overrides=overrides)
    return parse_study(_read_text(Path(source), str(source)), file=str(source), overrides=overrides)


def parse_study(text: str, *, file: str = "study.yaml", overrides: Sequence[str] = ()) -> StudyFile:
    """Make a study of the text of a study file.

    Args:
        text: YAML.
        file: The name that error messages give the file.
        overrides: See `read_study`.

    Returns:
        The study and its places.

    Raises:
        StudyError: See `read_study`.
    """
    document = read_yaml(text, file=file)
    if not isinstance(document.content, dict):
        content = show_value(document.content)
        raise StudyError(f"a study file is a mapping with name, data and models, got {content}", where=f"{file}:1")
    document = _expand(document, overrides)
    with _errors_placed_by(document.places):
        study = _build_study(document.content, overrides)
    inherited = inherited_places(document.content, study.models, document.places)
    return StudyFile(study, file, {**document.places, **inherited})


def locate_error(error: StudyError, places: Places) -> StudyError:
    """Fill in `where`: the place of the longest part of the error's path that has one.

    Args:
        error: An error with a path of keys; one that has its place already is returned as it is.
        places: The places of a study file.

    Returns:
        The error with `where`, or the same error if no part of its path has a place.

    >>> str(locate_error(StudyError("no.", path=("models", "dense", "layers", 2)), {("models", "dense"): "a.yaml:9"}))
    'a.yaml:9: no.'
    """
    if error.where:
        return error
    prefixes = (error.path[:length] for length in range(len(error.path), -1, -1))
    where = next((places[prefix] for prefix in prefixes if prefix in places), "")
    return StudyError(error.message, path=error.path, where=where)


@contextmanager
def _errors_placed_by(places: Places) -> Iterator[None]:
    try:
        yield
    except StudyError as error:
        raise locate_error(error, places) from None


def _read_text(path: Path, source: str) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        names = [name for study in builtin_studies() for name in (study.name, study.alias) if name]
        raise StudyError(
            f"there is no such file, and no built-in study of this name; {suggest(source, names)}", where=source
        ) from None
    except UnicodeDecodeError:
        raise StudyError("a study file must be text in UTF-8, and this one is not", where=source) from None
    except OSError as error:
        raise StudyError(f"this file cannot be read: {error.strerror}", where=source) from None


def _expand(document: Document, overrides: Sequence[str]) -> Document:
    everywhere, single = split_overrides(overrides)
    document = apply_overrides(document, everywhere)
    with _errors_placed_by(document.places):
        document = expand_grid(document)
    return apply_overrides(document, single)


def _build_study(content: Mapping[str, Any], overrides: Sequence[str]) -> Study:
    refuse_unknown_keys(content, TOP_KEYS, path=(), owner="the study")
    written = check_mapping(content.get("protocol"), path=("protocol",), holds="fields to values")
    protocol = check(Protocol, written, path=("protocol",), owner="protocol")
    models = build_models(content, written)
    published = _read_published(content.get("published"), [model.name for model in models])
    plain = {key: content[key] for key in PLAIN_KEYS if content.get(key) is not None}
    values = {
        **plain,
        "protocol": protocol,
        "models": models,
        "published": published,
        "claims": _read_claims(content.get("claims"), models),
        "overrides": select_training(overrides),
    }
    return check(Study, values, path=(), owner="the study")


def _read_published(value: object, models: Collection[str]) -> dict[str, Published]:
    section = check_mapping(value, path=("published",), holds="models to figures")
    for name in section:
        require_model(name, models, section="published")
    return {
        name: check(Published, figures, path=("published", name), owner=f"published figures of {name!r}")
        for name, figures in section.items()
    }


def _read_claims(value: object, models: Sequence[ModelSpec]) -> tuple[Claim, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise StudyError(f"claims must be a list, got {show_value(value)}", path=("claims",))
    return tuple(_read_claim(item, models, path=("claims", index)) for index, item in enumerate(value))


def _read_claim(value: object, models: Sequence[ModelSpec], *, path: KeyPath) -> Claim:
    claim = check(Claim, expand_claim(value), path=path, owner="a claim")
    if statement := claim.statement:
        factors = [pair for model in models for pair in model.factors.items()]
        try:
            check_names(statement, models=[model.name for model in models], factors=factors)
        except StudyError as error:
            raise StudyError(error.message, path=path) from None
    return claim

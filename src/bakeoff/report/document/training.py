"""How the models were trained, on what, with what, and how to do it again: the end of a written report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from bakeoff.comparison import Comparison
from bakeoff.report import numbers
from bakeoff.report.citation import cite
from bakeoff.report.document.blocks import (
    Block,
    Code,
    Column,
    Heading,
    Paragraph,
    Sentences,
    Span,
    TableBlock,
    text,
    text_with_code,
)
from bakeoff.spec import Study, builtin_studies, read_study, study_to_dict

MOST_CLASSES = 20
"""So many classes are named."""


def training_blocks(comparison: Comparison) -> list[Block]:
    """Protocol, changes for single models, choices, data, software and machine, commands, study file and citation."""
    study = study_to_dict(comparison.study)
    changes = {name: entry["protocol"] for name, entry in study["models"].items() if "protocol" in entry}
    choices = comparison.study.choices
    source = find_source(comparison.study)
    is_builtin = source == comparison.study.name
    opening = text("The study:") if is_builtin else text("Save the study as ", Span(source, "code"), ":")
    return [
        Heading("How it was trained"),
        _table("Protocol", describe_settings(study["protocol"])),
        *([_changes(changes)] if changes else []),
        *([Heading("Choices", 3)] if choices else []),
        *([Sentences(tuple(map(text_with_code, choices)))] if choices else []),
        _table("Data", _data(comparison)),
        *(_table("Software and machine", environment) for environment in comparison.environments),
        Heading("Again", 3),
        Paragraph(opening),
        Code(yaml.safe_dump(study, sort_keys=False, allow_unicode=True, width=100).rstrip("\n")),
        Paragraph(text("Then:")),
        Code(f"bakeoff run {source}\nbakeoff report {source}"),
        Heading("Cite", 3),
        Paragraph(text(cite(comparison))),
    ]


def describe_settings(written: Mapping[str, Any]) -> dict[str, str]:
    """Each setting as it is written in a study file, on one line."""
    return {key.replace("_", " "): _on_one_line(value) for key, value in written.items()}


def find_source(study: Study) -> str:
    """What `bakeoff run` needs for these runs: the name of one of Bakeoff's studies, unchanged, or else a file."""
    is_builtin = study.name in {builtin.name for builtin in builtin_studies()}
    return study.name if is_builtin and read_study(study.name) == study else f"{study.name}.yaml"


def _on_one_line(value: object) -> str:
    written = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True)
    return written.removesuffix("\n...\n").strip()


def _table(title: str, entries: Mapping[str, str]) -> TableBlock:
    rows = tuple((text(key), text(value)) for key, value in entries.items())
    return TableBlock("", (Column(title), Column("", align="prose")), rows)


def _changes(changes: Mapping[str, Mapping[str, Any]]) -> TableBlock:
    rows = tuple(
        (
            text(Span(name, "strong")),
            text(", ".join(f"{key} {value}" for key, value in describe_settings(entries).items())),
        )
        for name, entries in changes.items()
    )
    return TableBlock("", (Column("Model"), Column("Instead of the protocol", align="prose")), rows)


def _data(comparison: Comparison) -> dict[str, str]:
    data, first = comparison.data, comparison.models[0]
    validation = numbers.format_count(first.images.validation)
    names = ", ".join(data.class_names[:MOST_CLASSES])
    more = ", ..." if len(data.class_names) > MOST_CLASSES else ""
    described = {
        "data set": data.reference,
        "training images": f"{numbers.format_count(data.train)}, of which {validation} for validation "
        f"in a run of {first.name}",
        "test images": numbers.format_count(data.test),
        "size": " \u00d7 ".join(map(str, data.image_shape)),
        "classes": f"{len(data.class_names)}: {names}{more}",
        "from": data.source or "",
        "licence": data.licence or "not known",
        "fingerprint": data.fingerprint,
        "looks at the test set": f"{comparison.test_looks}, from this store",
    }
    return {key: value for key, value in described.items() if value}

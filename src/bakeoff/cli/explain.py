"""Say what is wrong with a model and why; with --try, find the cause by changing one thing at a time."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bakeoff.cli.explain_sentences import describe_trial, format_accuracies
from bakeoff.cli.options import JsonOption, OnlyOption, SetOption, StoreOption, WorkersOption
from bakeoff.cli.printing import console, print_json
from bakeoff.cli.progress import show_progress
from bakeoff.errors import StoreError
from bakeoff.report import numbers
from bakeoff.runner.effects import Outcome
from bakeoff.runner.remedies import MOST_SEEDS, Trial
from bakeoff.spec.values import Finding
from bakeoff.verbs.explain import Explanation, explain, explain_code, try_out
from bakeoff.verbs.load_study import load_study_file

_STYLES = {"error": "red", "warning": "yellow", "note": ""}
_CODE = re.compile(r"bko\d+", re.IGNORECASE)


def command(
    study: Annotated[str, typer.Argument(help="A built-in study's name, a YAML file, or a code such as BKO104.")],
    model: Annotated[str | None, typer.Argument(help="One of its models.  [default: all]")] = None,
    try_it: Annotated[
        bool, typer.Option("--try", help="Train the model briefly with one thing changed at a time: what cures it?")
    ] = False,
    epochs: Annotated[
        int | None, typer.Option("--epochs", metavar="N", min=1, help="Of each try.  [default: 3, more on few images]")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", metavar="N", min=2, help="Tries at most of each.")] = MOST_SEEDS,
    workers: WorkersOption = None,
    overrides: SetOption = None,
    only: OnlyOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print findings, and what a trial found."""
    if _CODE.fullmatch(study):
        _print_code(study, as_json=as_json)
        return
    file = load_study_file(study, overrides=overrides or (), only=only or ())
    names = [each.name for each in file.study.models]
    tried = model or (names[0] if len(names) == 1 else None)
    if try_it and tried is None:
        raise typer.BadParameter(f"--try is for one model: name it, such as {names[0]}", param_hint="MODEL")
    found: Explanation | None = None
    try:
        found = explain(file.study, model, store=store)
    except StoreError:
        if not try_it:
            raise
    trial = None
    if try_it and tried:
        with file.placing_errors(), show_progress(quiet=as_json) as watch:
            trial = try_out(file.study, tried, store=store, epochs=epochs, seeds=seeds, workers=workers, watch=watch)
    if as_json:
        print_json(_to_dict(file.study.name, found, trial))
    else:
        _print(console(), found, trial)


def _print_code(code: str, *, as_json: bool) -> None:
    known = explain_code(code)
    if as_json:
        print_json(asdict(known))
    else:
        console().print(f"{known.code}: {known.meaning}. See {known.page}", markup=False)


def _to_dict(study: str, found: Explanation | None, trial: Trial | None) -> dict[str, Any]:
    models = found.models if found else {}
    return {
        "study": study,
        "models": [{"name": name, "findings": _plain(findings)} for name, findings in models.items()],
        "missing": list(found.missing) if found else [],
        "published": _plain(found.published) if found else [],
        "findings": _plain(found.study) if found else [],
        "trial": _trial_to_dict(trial) if trial else None,
    }


def _plain(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [{**asdict(finding), "page": finding.page} for finding in findings]


def _trial_to_dict(trial: Trial) -> dict[str, Any]:
    return {
        **asdict(trial),
        "unchanged": _outcome_to_dict(trial.unchanged),
        "changes": [_outcome_to_dict(change) for change in trial.changes],
        "sentences": list(describe_trial(trial)),
    }


def _outcome_to_dict(outcome: Outcome) -> dict[str, Any]:
    accuracies = [None if math.isnan(value) else value for value in outcome.accuracies]
    chances = {name: None if math.isnan(p) else p for name, p in _chances(outcome).items()}
    return {**asdict(outcome), "accuracies": accuracies, **chances}


def _chances(outcome: Outcome) -> dict[str, float]:
    return {"p": outcome.p, "p_learns_more": outcome.p_learns_more}


def _print(out: Console, found: Explanation | None, trial: Trial | None) -> None:
    if found:
        for name, findings in found.models.items():
            if findings:
                _print_findings(out, name, findings)
            else:
                out.print(f"Nothing was found in {name}.\n", markup=False)
        if found.missing:
            out.print(f"No run yet: {numbers.join_names(found.missing)}.\n", markup=False)
        _print_findings(out, "Published figures", found.published)
        _print_findings(out, "The study and its data", found.study)
    if trial:
        _print_trial(out, trial)


def _print_findings(out: Console, heading: str, findings: Iterable[Finding]) -> None:
    """A heading, and each finding below it, its lines indented; nothing where nothing was found."""
    for place, finding in enumerate(findings):
        if place == 0:
            out.print(Text(heading, style="bold"))
        title = Text(f"{finding.code} {finding.severity}: {finding.title}", style=_STYLES[finding.severity])
        out.print(Padding(title, (0, 0, 0, 2)))
        out.print(Padding(_lines(finding), (0, 0, 1, 4)))


def _lines(finding: Finding) -> Table:
    lines = Table.grid(padding=(0, 1, 0, 0))
    told = {"found": finding.evidence, "cause": finding.cause, "to do": finding.advice, "page": finding.page}
    for label, text in told.items():
        if text:
            lines.add_row(Text(f"{label}:", style="dim"), Text(text))
    return lines


def _print_trial(out: Console, trial: Trial) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("change", "failed", "validation", "p", "effect"):
        table.add_column(heading, justify="left" if heading in ("change", "effect") else "right")
    table.add_row("none", *_counts(trial.unchanged), "", "")
    for change in trial.changes:
        p = change.p_learns_more if change.effect == "learns more" else change.p
        table.add_row(change.change, *_counts(change), f"{p:.2g}", change.effect)
    out.print(table)
    for sentence in describe_trial(trial):
        out.print(f"\n{sentence}", markup=False)
    settings = [change.setting for change in trial.changes if change.effect == "cures" and change.setting]
    if settings:
        out.print("\nTo take a cure over: " + " or ".join(f"--set {setting}" for setting in settings), markup=False)


def _counts(outcome: Outcome) -> tuple[str, str]:
    return f"{outcome.failed} of {outcome.seeds}", format_accuracies(outcome).removeprefix("accuracy ")

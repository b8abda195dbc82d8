"""The pages: templates filled with what a study, its store and its comparison say, in the look of the report."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment

from bakeoff.comparison import Comparison
from bakeoff.report import numbers
from bakeoff.report.sentences.verdict import verdict_sentences
from bakeoff.report.standing import placed_models
from bakeoff.report.templating import make_environment
from bakeoff.server.browsing import StoredData
from bakeoff.server.voting import Electorate
from bakeoff.server.watching import Ended, Snapshot
from bakeoff.spec import Study

_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')


def study_page(
    study: Study,
    snapshot: Snapshot,
    comparison: Comparison | None,
    *,
    judged: Ended,
    problem: str,
    run_command: str,
) -> str:
    """The first page of a study.

    Args:
        study: Whose it is.
        snapshot: How far it is.
        comparison: As it stands; None before there is any.
        judged: The runs that it was made from.
        problem: Why there is none; empty if there is nothing wrong.
        run_command: What trains it.
    """
    models = comparison.models if comparison else ()
    return _render(
        "study.html.jinja",
        study=study,
        title=study.title or study.name,
        progress=snapshot.to_dict(),
        comparison=comparison,
        sentences=verdict_sentences(comparison) if comparison else (),
        decimals=numbers.choose_decimals(model.accuracy for model in models),
        placed=placed_models(comparison) if comparison else set(),
        run_command=run_command,
        behind=len(snapshot.judged - judged) if comparison else 0,
        problem=problem,
    )


def draw_page(study: Study | None, electorate: Electorate | None, problem: str) -> str:
    """The page with the canvas; without networks, the reason."""
    setup = json.dumps(_setup(electorate)) if electorate else ""
    return _render("draw.html.jinja", study=study, electorate=electorate, setup=setup, problem=problem)


def store_page(study: Study | None, folder: str, found: tuple[StoredData, ...], problem: str) -> str:
    """What a store holds."""
    return _render("store.html.jinja", study=study, folder=folder, found=found, problem=problem)


def read_asset(name: str) -> str:
    """One of this package's own files."""
    return (resources.files("bakeoff.server") / "templates" / name).read_text("utf-8")


def read_style() -> str:
    """The report's style, and what these pages add to it."""
    report = (resources.files("bakeoff.report") / "templates" / "page.css").read_text("utf-8")
    return f"{report}\n{read_asset('serve.css')}"


def report_policy(page: str) -> str:
    """The content security policy that a report's page asks for itself, to be sent as a header too."""
    found = _POLICY.search(page)
    asked = found[1] if found else "default-src 'none'"
    return f"{asked}; frame-ancestors 'none'"


def _setup(electorate: Electorate) -> dict[str, Any]:
    """What the canvas's script must know."""
    frame, data = electorate.frame, electorate.trained.data
    framed = frame is not None and frame.even
    return {
        "classes": list(data.class_names),
        "height": data.image_shape[0],
        "width": data.image_shape[1],
        "stroke": frame.stroke / data.image_shape[1] if frame and framed else 0.08,
        "bright": frame.bright_ground if frame and framed else False,
        "models": [{"name": runs.name, "seeds": list(runs.keys)} for runs in electorate.able],
    }


def _render(name: str, **values: Any) -> str:
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    return make_environment(read_asset)

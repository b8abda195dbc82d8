"""The page: everything a reader needs to believe or doubt the verdict, in one file that opens without a network."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from importlib import resources

import yaml
from jinja2 import Environment
from markupsafe import Markup

from bakeoff.comparison import Comparison
from bakeoff.report import numbers
from bakeoff.report.browser_data import Pictures, browser_data
from bakeoff.report.citation import cite
from bakeoff.report.document.training import describe_settings, find_source
from bakeoff.report.figure_numbers import confusion_rows, curve_rows
from bakeoff.report.gallery import Picture, draw_pictures
from bakeoff.report.sentences import classes, factors, phrases
from bakeoff.report.sentences.claims import evidence_text
from bakeoff.report.sentences.findings import group_findings, split_code
from bakeoff.report.sentences.pairs import pair_remarks
from bakeoff.report.sentences.phrases import end_clause
from bakeoff.report.sentences.prices import price_clause
from bakeoff.report.sentences.verdict import verdict_sentences
from bakeoff.report.standing import placed_models
from bakeoff.report.templating import make_environment
from bakeoff.spec import study_to_dict

MANY_PAIRS = 15
"""Beyond so many rows the table of pairs is folded away."""

MANY_CASES = 4
"""Beyond so many models the evidence of a finding is folded away."""

MANY_NOTES = 6
"""Beyond so many notes they are folded away, where there is something graver to read."""

MANY_CLASSES = 20
"""Beyond so many rows the table of classes is folded away."""

MANY_CONTRASTS = 15
"""Beyond so many rows the table of a factor is folded away."""


def make_page(
    comparison: Comparison, pictures: Pictures | None = None, *, figures: Sequence[Picture] | None = None
) -> str:
    """The whole report.

    Args:
        comparison: All that the page is drawn from.
        pictures: The test images, to be looked at where the comparison has the votes on them.
        figures: From `draw_pictures` of the same comparison; drawn here by default.

    Returns:
        HTML without references to anything outside of it; its one script stands in it and is named by its hash.
    """
    study, script = study_to_dict(comparison.study), _read_template("page.js")
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            comparison=comparison,
            study=comparison.study,
            title=comparison.study.title or comparison.study.name,
            sentences=verdict_sentences(comparison),
            accuracy_decimals=numbers.choose_decimals(model.accuracy for model in comparison.models),
            pair_decimals=numbers.choose_decimals(pair.difference for pair in comparison.pairs),
            alpha=1 - comparison.level,
            figures=draw_pictures(comparison) if figures is None else figures,
            citation=cite(comparison),
            curve_rows=curve_rows(comparison),
            confusion_rows=confusion_rows(comparison),
            finished_runs=sum(not run.failed for model in comparison.models for run in model.runs),
            protocol=describe_settings(study["protocol"]),
            changes={
                name: describe_settings(entry["protocol"])
                for name, entry in study["models"].items()
                if "protocol" in entry
            },
            study_file=yaml.safe_dump(study, sort_keys=False, allow_unicode=True, width=100),
            source=find_source(comparison.study),
            placed=placed_models(comparison),
            images=browser_data(comparison, pictures),
            script=Markup(script),
            script_hash=_hash(script),
            finding_groups=group_findings(comparison.findings),
            many_cases=MANY_CASES,
            many_classes=MANY_CLASSES,
            many_contrasts=MANY_CONTRASTS,
            many_notes=MANY_NOTES,
            many_pairs=len(comparison.pairs) > MANY_PAIRS,
        )
    )


def _environment() -> Environment:
    environment = make_environment(_read_template)
    environment.filters["sortable"] = _sortable
    environment.globals |= {
        "model_anchor": phrases.model_anchor,
        "pair_anchor": phrases.pair_anchor,
        "choose_decimals": numbers.choose_decimals,
        "price_clause": price_clause,
        "evidence_text": evidence_text,
        "pair_remarks": pair_remarks,
        "interaction_text": factors.interaction_text,
        "share_text": factors.share_text,
        "classes": classes,
        "end_clause": end_clause,
        "split_code": split_code,
        "estimable_contrasts": factors.estimable_contrasts,
        "refused_contrasts": factors.refused_contrasts,
    }
    return environment


def _read_template(name: str) -> str:
    return (resources.files("bakeoff.report") / "templates" / name).read_text("utf-8")


def _sortable(value: float) -> str:
    """A number as the page's script sorts it; nothing where it is not known."""
    return repr(float(value)) if math.isfinite(value) else ""


def _hash(script: str) -> str:
    """As a content security policy names a script that may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"

"""Why networks of study B fail: each trained again with one thing changed at a time."""

from __future__ import annotations

from collections.abc import Sequence

from docs.publishing.runs import Runs

from bakeoff.cli.explain_sentences import describe_trial
from bakeoff.report.document.blocks import Block, Heading, Paragraph, Sentences, text, text_with_code
from bakeoff.runner.remedies import Trial
from bakeoff.verbs.explain import try_out


def find_trials(runs: Runs) -> list[Trial]:
    """What came of trying each failing network of study B; what the store lacks is trained."""
    return [try_out(runs.load("study-b"), name, store=runs.store) for name in runs.failing()]


def why_they_fail(trials: Sequence[Trial]) -> list[Block]:
    """The trials in sentences, and how to repeat them."""
    opening = (
        "Each network that failed was trained again, briefly, with one thing changed at a time "
        "(`bakeoff explain study-b MODEL --try`)."
    )
    blocks: list[Block] = [Heading("Why networks fail"), Paragraph(text_with_code(opening))]
    for trial in trials:
        blocks += [Heading(trial.model, 3), Sentences(tuple(text(sentence) for sentence in describe_trial(trial)))]
    return blocks

"""What the networks say of single test images, by index, as the sources print it."""

from __future__ import annotations

from pathlib import Path

import bakeoff
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Block, Column, Heading, Span, TableBlock, text
from bakeoff.spec import Study

SAMPLES = (0, 1, 2, 8, 18)
"""Places in the test set; the sources show the first ones. 8 and 18 are hard ones of both data sets."""


def sample_predictions(study: Study, store: Path) -> list[Block]:
    """One row per model, one column per image: its answer, and how many of its seeds say the same."""
    asked = [bakeoff.predict(study, index=index, store=store) for index in SAMPLES]
    columns = (
        Column("Model"),
        *(
            Column(f"Image {prediction.index}", f"a {prediction.class_names[prediction.true_class or 0]}")
            for prediction in asked
        ),
    )
    rows = []
    for place, vote in enumerate(asked[0].votes):
        row = [text(Span(vote.model, "strong"))]
        for prediction in asked:
            said = prediction.votes[place]
            share = numbers.format_percent(float(said.mean[said.answer]))
            row.append(
                text(f"{prediction.class_names[said.answer]}, {share}, {said.agreeing} of {len(said.seeds)} seeds")
            )
        rows.append(tuple(row))
    caption = "The answer with the highest mean probability, that probability, and the seeds that say so by themselves."
    return [Heading("Sample predictions"), TableBlock(caption, columns, tuple(rows))]

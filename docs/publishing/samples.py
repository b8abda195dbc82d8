"""What the networks say of single test images, by index, as the sources print it."""

from __future__ import annotations

from pathlib import Path

import bakeoff
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Block, Column, Heading, Paragraph, Span, TableBlock, Text, text
from bakeoff.spec import Study
from bakeoff.spec.prediction import Prediction, Vote

SAMPLES = (0, 1, 2, 3, 4)
"""Places in the test set: the first ones, which nobody chose."""


def sample_predictions(study: Study, store: Path) -> list[Block]:
    """One row per model, one column per image: its answer, and how many of its seeds say the same."""
    asked = [bakeoff.predict(study, index=index, store=store) for index in SAMPLES]
    columns = (
        Column("Model"),
        *(Column(f"Image {prediction.index}", f"labelled {_true_name(prediction)}") for prediction in asked),
    )
    rows = tuple(
        (
            text(Span(vote.model, "strong")),
            *(_answer(prediction, prediction.votes[place]) for prediction in asked),
        )
        for place, vote in enumerate(asked[0].votes)
    )
    caption = (
        "The answer with the highest mean probability, that probability, and how many seeds say so by themselves; "
        "wrong answers stand out."
    )
    if asked[0].left_out:
        caption += f" No seed of {numbers.join_names(asked[0].left_out)} finished, so there is nobody to ask."
    command = f"bakeoff predict {study.name} --index N"
    other = Paragraph(text("Any other image: ", Span(command, "code"), "."))
    return [Heading("Sample predictions"), TableBlock(caption, columns, rows), other]


def _answer(prediction: Prediction, vote: Vote) -> Text:
    share = numbers.format_percent(float(vote.mean[vote.answer]), decimals=0)
    words = f"{prediction.class_names[vote.answer]} ({share}, {vote.agreeing} of {len(vote.seeds)})"
    return text(Span(words, "plain" if vote.answer == prediction.true_class else "strong"))


def _true_name(prediction: Prediction) -> str:
    return prediction.class_names[prediction.true_class or 0]

"""What the page's script is given: the votes on every test image, and pictures of those that somebody gets wrong."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Int, UInt8
from markupsafe import Markup

from bakeoff.comparison import Comparison
from bakeoff.comparison.images import ImageStory, top_losses
from bakeoff.report.sprite import make_sprite

MOST_BYTES = 2_000_000
"""Of all pictures together, before they are packed: so that a page stays below 6 MB."""

MOST_LOSSES = 36

TestImages = UInt8[np.ndarray, "examples height width channels"]


@dataclass(frozen=True)
class BrowserData:
    """What the section on images is made from.

    Attributes:
        data: JSON that is safe inside a script element.
        told: How many pictures there are, in a sentence.
    """

    data: Markup
    told: str


def browser_data(comparison: Comparison, pictures: TestImages | None) -> BrowserData | None:
    """Pack votes and pictures.

    Args:
        comparison: With or without the story of its images.
        pictures: The test images; None where they are not at hand.

    Returns:
        The data; None without a story.
    """
    story = comparison.images
    if story is None:
        return None
    shown = _choose(story, pictures) if pictures is not None else np.empty(0, dtype=np.int64)
    packed = {
        "classes": list(comparison.data.class_names),
        "labels": story.labels.tolist(),
        "models": [
            {"name": name, "runs": runs, "wrong": _pack_wrong(story, model)}
            for model, (name, runs) in enumerate(zip(story.models, story.runs, strict=True))
        ],
        "top": _top(story),
        "sprite": _pack_pictures(pictures, shown) if pictures is not None else None,
    }
    text = json.dumps(packed, separators=(",", ":"), ensure_ascii=False)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return BrowserData(Markup(safe), _tell(story, len(shown), there=pictures is not None))


def _top(story: ImageStory) -> list[tuple[int, float]]:
    losses = story.losses.mean(axis=0)
    return [(int(image), round(float(losses[image]), 4)) for image in top_losses(story, MOST_LOSSES)]


def _pack_wrong(story: ImageStory, model: int) -> list[int]:
    """Image, class and number of runs of every wrong vote, one after the other."""
    votes = story.votes[model].astype(np.int64)
    votes[np.arange(len(story.labels)), story.labels] = 0
    images, said = np.nonzero(votes)
    return np.stack([images, said, votes[images, said]], axis=1).ravel().tolist()


def _choose(story: ImageStory, pictures: TestImages) -> Int[np.ndarray, " shown"]:
    """The images that most runs get wrong, the highest loss first among equals, as many as fit."""
    wrong = story.wrong.sum(axis=0)
    order = np.lexsort((-story.losses.mean(axis=0), -wrong))
    fitting = max(1, MOST_BYTES // max(1, pictures[0].size))
    chosen: Int[np.ndarray, " shown"] = order[: max(MOST_LOSSES, int((wrong > 0).sum()))][:fitting]
    return chosen


def _pack_pictures(pictures: TestImages, shown: Int[np.ndarray, " shown"]) -> dict[str, Any]:
    return asdict(make_sprite(pictures[shown])) | {"images": shown.tolist()}


def _tell(story: ImageStory, shown: int, *, there: bool) -> str:
    missed = int((story.wrong.sum(axis=0) > 0).sum())
    said = f"Of {len(story.labels):,} test images, {missed:,} are got wrong by at least one run."
    if not there:
        return f"{said} Their pictures are not here, since the data set was not at hand when this page was written."
    return (
        said
        if shown >= missed
        else f"{said} The {shown:,} that most runs miss are shown; of the others only the number."
    )

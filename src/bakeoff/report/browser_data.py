"""What the page's script is given: the votes on every test image, and pictures of those that somebody gets wrong."""

from __future__ import annotations

import base64
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

Pictures = UInt8[np.ndarray, "examples height width channels"]


@dataclass(frozen=True)
class BrowserData:
    """What the section on images is made from.

    Attributes:
        data: JSON that is safe inside a script element.
        told: How many pictures there are, in a sentence.
    """

    data: Markup
    told: str


def browser_data(comparison: Comparison, pictures: Pictures | None) -> BrowserData | None:
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


def _pack_wrong(story: ImageStory, model: int) -> str:
    """Of every wrong vote how far its image lies behind the one before, the class, and the number of runs."""
    votes = story.votes[model].astype(np.int64)
    votes[np.arange(len(story.labels)), story.labels] = 0
    images, said = np.nonzero(votes)
    steps = np.diff(images, prepend=0)
    return pack_numbers(np.stack([steps, said, votes[images, said]], axis=1).ravel())


def pack_numbers(numbers: Int[np.ndarray, " numbers"]) -> str:
    """Whole numbers in as few characters as they need: seven bits to a byte, the eighth says that more follow; base64.

    Args:
        numbers: From 0 to 2,097,151.

    >>> base64.b64decode(pack_numbers(np.array([5, 127, 128, 300]))).hex(" ")
    '05 7f 80 01 ac 02'
    """
    sevens = numbers[:, np.newaxis] >> np.array([0, 7, 14])  # (numbers, 3)
    needed = sevens > 0
    needed[:, 0] = True
    follows = np.concatenate([needed[:, 1:], np.zeros((len(numbers), 1), dtype=bool)], axis=1)
    packed = (sevens & 127) | np.where(follows, 128, 0)
    return base64.b64encode(packed[needed].astype(np.uint8).tobytes()).decode()


def _choose(story: ImageStory, pictures: Pictures) -> Int[np.ndarray, " shown"]:
    """The images that most runs get wrong, the highest loss first among equals, as many as fit."""
    wrong = story.wrong.sum(axis=0)
    order = np.lexsort((-story.losses.mean(axis=0), -wrong))
    fitting = max(1, MOST_BYTES // max(1, pictures[0].size))
    chosen: Int[np.ndarray, " shown"] = order[: max(MOST_LOSSES, int((wrong > 0).sum()))][:fitting]
    return chosen


def _pack_pictures(pictures: Pictures, shown: Int[np.ndarray, " shown"]) -> dict[str, Any]:
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

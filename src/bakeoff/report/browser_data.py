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
from bakeoff.report.sprite import make_sprite, shrink

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
            {"name": name, "runs": runs, "wrong": _pack_wrong(story, model), "answers": _pack_answers(story, model)}
            for model, (name, runs) in enumerate(zip(story.models, story.runs, strict=True))
        ],
        "top": _top(story),
        "sprite": _pack_pictures(pictures, shown) if pictures is not None else None,
    }
    text = json.dumps(packed, separators=(",", ":"), ensure_ascii=False)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return BrowserData(Markup(safe), _tell(story, shown, there=pictures is not None))


def _top(story: ImageStory) -> list[tuple[int, float]]:
    losses = story.losses.mean(axis=0)
    return [(int(image), round(float(losses[image]), 4)) for image in top_losses(story, MOST_LOSSES)]


def _pack_wrong(story: ImageStory, model: int) -> str:
    """Of every wrong vote how far its image lies behind the one before, the class, and the number of runs."""
    votes = story.votes[model].astype(np.int64)
    votes[np.arange(len(story.labels)), story.labels] = 0
    images, said = np.nonzero(votes)
    return _pack_images(images, said, votes[images, said])


def _pack_answers(story: ImageStory, model: int) -> str:
    """Of every wrong answer how far its image lies behind the one before, and the class."""
    images = np.flatnonzero(story.answers[model] != story.labels)
    return _pack_images(images, story.answers[model][images])


def _pack_images(images: Int[np.ndarray, " rows"], *columns: Int[np.ndarray, " rows"]) -> str:
    return pack_numbers(np.stack([np.diff(images, prepend=0), *columns], axis=1).ravel())


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
    """The highest losses, then the other images that a run gets wrong: those of most runs first, as many as fit."""
    wrong, first = story.wrong.sum(axis=0), top_losses(story, MOST_LOSSES)
    rest = np.lexsort((-story.losses.mean(axis=0), -wrong))
    rest = rest[(wrong[rest] > 0) & ~np.isin(rest, first)]
    fitting = MOST_BYTES // shrink(pictures[:1]).size
    return np.concatenate([first, rest])[:fitting]


def _pack_pictures(pictures: Pictures, shown: Int[np.ndarray, " shown"]) -> dict[str, Any]:
    return asdict(make_sprite(pictures[shown])) | {"images": shown.tolist()}


def _tell(story: ImageStory, shown: Int[np.ndarray, " shown"], *, there: bool) -> str:
    missed = story.wrong.sum(axis=0) > 0
    said = f"Of {len(missed):,} test images, {missed.sum():,} are got wrong by at least one run."
    if not there:
        return f"{said} Their pictures are not here, since the data set was not at hand when this page was written."
    if missed[shown].sum() == missed.sum():
        return said
    return f"{said} The page has room for {len(shown):,} pictures: the highest losses, then what most runs miss."

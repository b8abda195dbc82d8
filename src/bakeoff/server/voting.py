"""The networks of a study, kept loaded in a process of their own and asked about one picture after another.

While one picture is judged, of each drawing only the latest state waits: what a faster hand drew in between is dropped,
so an answer is never older than one vote.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from bakeoff.data.picture import decode_picture, doubt_picture, png_uri
from bakeoff.errors import StoreError, WorkerError
from bakeoff.runner.pool import BrokenProcessPool, Pool, worker_pool
from bakeoff.runner.voters import Voter
from bakeoff.server.asking import Canvas, ImageFile
from bakeoff.server.drawing import Frame, fit_drawing, measure_frame
from bakeoff.server.guards import Refusal
from bakeoff.spec import Study
from bakeoff.spec.prediction import Vote
from bakeoff.store import open_store
from bakeoff.verbs.trained import ModelRuns, Trained, find_trained

MOST_WAITING = 8
"""Pictures; whoever comes then is sent away."""

MOST_PIXELS = 16_000_000
"""Of an image file: anybody may send one, and unpacked it takes several times so many bytes."""


@dataclass(frozen=True, eq=False)
class Electorate:
    """Who is asked.

    Attributes:
        trained: What the store holds of the study.
        able: The models that can be shown a picture.
        voters: The same, as the worker needs them.
        left_out: Why the others cannot, by name.
        frame: How drawings lie in the training images; None where these are not at hand.
    """

    trained: Trained
    able: tuple[ModelRuns, ...]
    voters: tuple[Voter, ...]
    left_out: dict[str, str]
    frame: Frame | None


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture in the form of the training images, how it became so, and what to know before believing the answers."""

    pixels: UInt8[np.ndarray, "height width channels"]
    steps: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def gather_electorate(study: Study, folder: Path) -> Electorate:
    """Look up who can vote.

    Raises:
        StoreError: There is no store, or no finished run of this study in it.
    """
    trained = find_trained(study, open_store(folder))
    obstacles = {runs.name: trained.find_obstacle(runs) for runs in trained.runs}
    able = tuple(runs for runs in trained.runs if not obstacles[runs.name])
    return Electorate(
        trained,
        able,
        tuple(_voter(runs, trained) for runs in able),
        {name: why for name, why in obstacles.items() if why} | trained.left_out,
        measure_frame(trained.dataset.train_images) if trained.dataset else None,
    )


def list_runs(folder: Path) -> frozenset[tuple[str, int]]:
    """Address of every run, and when it was put there: one that crashed is repeated under the same address.

    Raises:
        StoreError: There is no store.
    """
    found = set()
    for key in open_store(folder).keys():  # noqa: SIM118
        with contextlib.suppress(FileNotFoundError):  # it is being replaced
            found.add((key, (folder / "runs" / key).stat().st_mtime_ns))
    return frozenset(found)


def show(question: Canvas | ImageFile, electorate: Electorate) -> Shown:
    """Bring what is asked about to the form of the training images.

    Raises:
        DataError: Nothing is drawn, or the file is no image that can be read.
        Refusal: A drawing cannot be framed, because the training images are not at hand.
    """
    trained = electorate.trained
    if isinstance(question, ImageFile):
        picture = decode_picture(
            question.content, trained.data.image_shape, invert=question.invert, most_pixels=MOST_PIXELS
        )
        images = trained.dataset.train_images if trained.dataset else None
        doubts = () if images is None else doubt_picture(picture.pixels, images, inverted=question.invert)
        return Shown(picture.pixels, picture.steps, tuple(doubt.replace("--invert", "Invert") for doubt in doubts))
    if electorate.frame is None:
        raise Refusal(409, " ".join(trained.warnings))
    pixels = fit_drawing(question.ink, electorate.frame)
    if question.invert:
        pixels[..., :3] = 255 - pixels[..., :3]
    return Shown(pixels)


def count_votes(
    electorate: Electorate, answers: Sequence[Float[np.ndarray, "networks examples classes"] | str]
) -> tuple[list[Vote], dict[str, str]]:
    """From what the worker says of one picture to the votes, and to why some models have none."""
    votes, left_out = [], dict(electorate.left_out)
    for runs, answer in zip(electorate.able, answers, strict=True):
        if isinstance(answer, str):
            left_out[runs.name] = answer
        elif np.isfinite(answer).all():
            votes.append(runs.vote(answer[:, 0]))
        else:
            left_out[runs.name] = "it puts out no finite probabilities for this image"
    return votes, left_out


def result_to_dict(shown: Shown, votes: Sequence[Vote], left_out: dict[str, str]) -> dict[str, Any]:
    """What the page draws."""
    return {
        "seen": png_uri(shown.pixels),
        "steps": list(shown.steps),
        "warnings": list(shown.doubts),
        "models": [
            {
                "name": vote.model,
                "says": vote.answer,
                "agreeing": vote.agreeing,
                "seeds": list(vote.seeds),
                "mean": vote.mean.round(4).tolist(),
                "by_seed": vote.probabilities.round(4).tolist(),
            }
            for vote in votes
        ],
        "left_out": [{"name": name, "reason": reason} for name, reason in left_out.items()],
    }


class Booth:
    """Where the networks of a study wait to be asked. Open it before use, close it after."""

    def __init__(self, study: Study, folder: Path) -> None:
        self.study = study
        self.folder = folder
        self._stack = contextlib.ExitStack()
        self._pool: Pool | None = None
        self._electorate: Electorate | None = None
        self._runs: frozenset[tuple[str, int]] = frozenset()
        self._lock = asyncio.Lock()
        self._gathering = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._waiting = 0
        self._latest: dict[str, object] = {}

    async def electorate(self, *, fresh: bool = False) -> Electorate:
        """Who is asked; looked up anew if that is wanted and runs have come or gone.

        Raises:
            StoreError: There is no store, or no finished run of this study in it.
        """
        async with self._gathering:
            if self._electorate is None or fresh:
                runs = await asyncio.to_thread(list_runs, self.folder)
                if self._electorate is None or runs != self._runs:
                    self._electorate = await asyncio.to_thread(gather_electorate, self.study, self.folder)
                    self._runs = runs
            return self._electorate

    async def warm_up(self) -> None:
        """Load and compile all networks by asking them about nothing; without any, do nothing."""
        with contextlib.suppress(StoreError, WorkerError):
            electorate = await self.electorate()
            await self._ask(electorate, np.zeros(electorate.trained.data.image_shape, dtype=np.uint8))

    async def judge(self, question: Canvas | ImageFile) -> dict[str, Any]:
        """What every network says.

        Raises:
            BakeoffError: The picture cannot be shown to the networks, or there are none.
            Refusal: Too many wait, or the drawing has gone on in the meantime.
        """
        if self._waiting >= MOST_WAITING:
            raise Refusal(503, f"{MOST_WAITING} pictures are waiting already: ask again in a moment")
        ticket, drawing = object(), question.drawing if isinstance(question, Canvas) else ""
        if drawing:
            self._latest[drawing] = ticket
        self._waiting += 1
        try:
            electorate = await self.electorate()
            opened = await self._open(question, electorate) if isinstance(question, ImageFile) else None
            async with self._lock:
                if drawing and self._latest[drawing] is not ticket:
                    raise Refusal(409, "the drawing has gone on since: its latest state is judged instead")
                shown = opened if opened is not None else await asyncio.to_thread(show, question, electorate)
                votes, left_out = count_votes(electorate, await self._ask(electorate, shown.pixels))
                return result_to_dict(shown, votes, left_out)
        finally:
            self._waiting -= 1
            if drawing and self._latest.get(drawing) is ticket:
                del self._latest[drawing]

    async def close(self) -> None:
        """End the worker, whatever it is doing."""
        self._pool = None
        await asyncio.to_thread(self._stack.close)

    async def _open(self, file: ImageFile, electorate: Electorate) -> Shown:
        """One large image at a time, while drawings go on being judged."""
        async with self._opening:
            return await asyncio.to_thread(show, file, electorate)

    async def _ask(
        self, electorate: Electorate, pixels: UInt8[np.ndarray, "height width channels"]
    ) -> list[Float[np.ndarray, "networks examples classes"] | str]:
        if self._pool is None:
            self._pool = self._stack.enter_context(worker_pool(1, waiting=True))
        try:
            future = self._pool.submit("vote", electorate.voters, pixels[np.newaxis])
            answers: list[Any] = await asyncio.wrap_future(future)
        except BrokenProcessPool as error:
            await self.close()
            raise WorkerError("the process that asked the networks died: ask again, which starts a new one") from error
        return answers


def _voter(runs: ModelRuns, trained: Trained) -> Voter:
    networks = [trained.store.network(key) for key in runs.all_keys]
    files = tuple(file for file in networks if file is not None)
    return Voter(runs.cell, tuple(runs.all_keys), files, trained.scaling(runs), len(trained.data.class_names))

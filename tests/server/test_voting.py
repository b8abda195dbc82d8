"""Who waits for whom, and what becomes of answers; the networks themselves are played by tests."""

import asyncio
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bakeoff.errors import DataError, WorkerError
from bakeoff.runner.pool import BrokenProcessPool
from bakeoff.server import voting
from bakeoff.server.asking import Canvas, ImageFile
from bakeoff.server.drawing import Frame
from bakeoff.server.guards import Refusal
from bakeoff.server.voting import MOST_WAITING, Booth, Electorate, count_votes, show
from bakeoff.spec import parse_study
from bakeoff.verbs.trained import find_trained

NAMES = ("good", "damaged", "strange")
STUDY = """
name: hand
data: digits
models:
  good: {mlp: {hidden: [1]}}
  damaged: {mlp: {hidden: [2]}}
  strange: {mlp: {hidden: [3]}}
"""
FRAME = Frame((4, 4, 1), 2, "centre of mass", 1.5, 1.5, 1, bright_ground=False, even=True)


def _canvas(drawing):
    return Canvas(np.full((8, 8), 255, dtype=np.uint8), invert=False, drawing=drawing)


@pytest.fixture
def electorate(fill_store):
    """Three models with two seeds each, on data that have changed since."""
    study = parse_study(STUDY).study
    trained = find_trained(study, fill_store(study, {name: [[1, 0], [1, 1]] for name in NAMES}, labels=[0, 1]))
    return Electorate(trained, trained.runs, (), {"absent": "no run"}, FRAME)


@pytest.fixture
def booth(electorate):
    """Where they are asked."""
    return Booth(electorate.trained.study, electorate.trained.store.folder)


@pytest.fixture
def played(monkeypatch, booth, electorate):
    """The booth with networks that answer when they are let, and what they were shown."""
    seen, let = [], asyncio.Event()

    async def look_up(**_):
        return electorate

    async def ask(_, pixels):
        seen.append(pixels)
        await let.wait()
        return [np.full((2, 1, 2), 0.5)] * len(NAMES)

    monkeypatch.setattr(booth, "electorate", look_up)
    monkeypatch.setattr(booth, "_ask", ask)
    return booth, seen, let


async def _judge_all(booth, let, drawings):
    tasks = [asyncio.create_task(booth.judge(_canvas(drawing))) for drawing in drawings]
    for _ in range(50):
        await asyncio.sleep(0)
    let.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def _statuses(answers):
    return [answer.status if isinstance(answer, Refusal) else 200 for answer in answers]


def test_only_the_latest_state_of_a_drawing_waits(played):
    """The one that is being judged and the last get answers; another hand's drawing is not touched."""

    async def draw():
        return await _judge_all(booth, let, ["a", "a", "a", "b", "a"])

    booth, seen, let = played
    answers = asyncio.run(draw())
    assert _statuses(answers)[1:] == [409, 409, 200, 200]
    assert answers[1].sentence == "the drawing has gone on since: its latest state is judged instead"
    assert len(seen) == _statuses(answers).count(200)


def test_without_a_name_every_picture_counts(played):
    """Programs that name no drawing get all their answers, up to so many at a time; afterwards there is room again."""

    async def draw():
        answers = await _judge_all(booth, let, [""] * (MOST_WAITING + 1))
        return [*answers, await booth.judge(_canvas(""))]

    booth, _, let = played
    answers = asyncio.run(draw())
    assert _statuses(answers) == [*[200] * MOST_WAITING, 503, 200]
    assert "8 pictures are waiting already: ask again in a moment" in answers[MOST_WAITING].sentence


def test_a_dead_worker_is_replaced(monkeypatch, booth, electorate):
    """Whoever asked is told; the next one gets a new process."""
    made = []

    class Pool:
        def __init__(self, workers, *, waiting):
            made.append((workers, waiting))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            made.append("closed")

        def submit(self, *_):
            raise BrokenProcessPool("gone")

    monkeypatch.setattr(voting, "worker_pool", Pool)

    async def ask():
        for _ in range(2):
            with pytest.raises(WorkerError, match="the process that asked the networks died: ask again"):
                await booth._ask(electorate, np.zeros((4, 4, 1), dtype=np.uint8))

    asyncio.run(ask())
    assert made == [(1, True), "closed"] * 2


def test_who_has_no_answer_says_why(electorate):
    """A damaged file, and probabilities that are no numbers, beside those that had none before."""
    answers = [np.array([[[0.9, 0.1]], [[0.7, 0.3]]]), "it is damaged", np.full((2, 1, 2), np.nan)]
    votes, left_out = count_votes(electorate, answers)
    assert [(vote.model, vote.seeds, vote.mean) for vote in votes] == [("good", (0, 1), pytest.approx([0.8, 0.2]))]
    assert left_out == {
        "absent": "no run",
        "damaged": "it is damaged",
        "strange": "it puts out no finite probabilities for this image",
    }


def test_inverted_drawings(electorate):
    """Bright and dark are exchanged after the drawing has been placed."""
    ink = _canvas("").ink
    plain, inverted = (show(Canvas(ink, invert, ""), electorate).pixels for invert in (False, True))
    assert (plain == 255 - inverted).all()
    assert plain.max() == 255


def test_a_repeated_run_joins(fill_store):
    """A run that crashed and then finished under the same address votes at the next visit, without a restart."""
    study = parse_study(STUDY).study
    store = fill_store(study, {"good": [[1, 0], "crashed"]}, labels=[0, 1])
    booth = Booth(study, store.folder)

    async def visit():
        return [list(runs.keys) for runs in (await booth.electorate(fresh=True)).trained.runs]

    before = asyncio.run(visit())
    fill_store(study, {"good": [[1, 0], [1, 1]]}, labels=[0, 1])
    assert (before, asyncio.run(visit())) == ([[0]], [[0, 1]])


def test_uploads_have_a_limit_of_their_own(electorate):
    """Fewer pixels than from one's own disk, because anybody may send them."""
    file = io.BytesIO()
    Image.new("1", (5000, 4000)).save(file, "PNG")
    with pytest.raises(DataError, match="5000 x 4000 pixels, more than the 16 million that are read"):
        show(ImageFile(file.getvalue(), invert=False), electorate)


def test_without_training_images_no_drawing_fits(electorate):
    """Nobody knows how drawings lie in them."""
    with pytest.raises(Refusal, match="digits has changed since the study was run") as told:
        show(_canvas(""), replace(electorate, frame=None))
    assert told.value.status == 409

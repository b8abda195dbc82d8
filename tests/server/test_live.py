"""A study that is trained while it is watched, and its networks' votes."""

import base64
import io
import json
import subprocess
import threading

import numpy as np
import pytest
from PIL import Image

from bakeoff.data import load_dataset
from bakeoff.spec import parse_study
from bakeoff.verbs.load_study import load_study
from bakeoff.verbs.predict import predict
from server.conftest import COMMAND, STUDY, started

pytestmark = pytest.mark.pages

JSON = {"Content-Type": "application/json"}
RUN = [*COMMAND, "run", "tiny.yaml", "--workers", "1"]


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A server that is there before the first run, and everything that it told while a study was trained."""
    folder = tmp_path_factory.mktemp("live")
    (folder / "tiny.yaml").write_text(STUDY)
    with started(folder, "tiny.yaml") as site:
        told = []

        def listen():
            for news in site.events():
                told.append(news)
                if news["total"] and news["finished"] == news["total"]:
                    return

        listener = threading.Thread(target=listen)
        listener.start()
        subprocess.run(RUN, cwd=folder, check=True, capture_output=True)
        listener.join(60)
        yield site, told


def _as_png(image):
    file = io.BytesIO()
    Image.fromarray(image[..., 0]).save(file, "PNG")
    return file.getvalue()


def _vote(site, body, headers):
    status, _, text = site.ask("POST", "/predict", body, headers)
    assert status == 200, text
    return json.loads(text)


def test_everything_is_told(watched):
    """From "no store" over runs that go on to the last that finished, in order."""
    _, told = watched
    assert told[0]["sentence"].startswith("There is no store in")
    ended = [news["finished"] for news in told]
    assert ended == sorted(ended)
    assert ended[-1] == told[-1]["total"] == 4
    running = [run for news in told for runs in news["models"].values() for run in runs if run["state"] == "running"]
    assert {run["epochs"] for run in running} == {3}
    assert any(news["running"] for news in told)


def test_the_standing_and_the_report(watched):
    """What `compare` and `report` say of the runs, with links from one to the other."""
    site, _ = watched
    page = site.ask("GET", "/")[2].decode()
    assert "4 of 4 runs have ended; nothing is being trained now." in page
    assert 'href="/report#' in page
    status, headers, report = site.ask("GET", "/report")
    assert status == 200
    assert b'id="leaderboard"' in report
    assert "script-src 'sha256-" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_store_page(watched):
    """Every model with its runs, and the study that they belong to."""
    site, _ = watched
    page = site.ask("GET", "/store")[2].decode()
    assert all(word in page for word in ("digits", "small", "wide", "tiny", "seed 1"))


def test_looking_twice_is_one_look(watched):
    """Pages and report together have looked at one set of runs."""
    site, _ = watched
    for page in ("/", "/report", "/"):
        assert site.ask("GET", page)[0] == 200
    assert len((site.folder / "bakeoff-store" / "looks.txt").read_text().splitlines()) == 1


LOOKED_AT = """
name: hand
data: digits
protocol: {seeds: 3, epochs: 2, margin: 0.02, validation: {holdout: 0.2}}
models:
  weak: {mlp: {hidden: [1]}}
  strong: {mlp: {hidden: [2]}}
"""


def test_while_runs_go_on_looks_are_asked_for(fill_store, tmp_path):
    """No page looks at the test set unasked before the study is settled; the report shows the last look."""
    rng, study = np.random.default_rng(0), parse_study(LOOKED_AT).study
    hits = {"weak": (rng.random((3, 60)) < 0.6).tolist(), "strong": (rng.random((2, 60)) < 0.9).tolist()}
    store = fill_store(study, hits, labels=np.arange(60) % 2)
    (tmp_path / "hand.yaml").write_text(LOOKED_AT)

    def looks():
        file = store.folder / "looks.txt"
        return len(file.read_text().splitlines()) if file.exists() else 0

    with started(tmp_path, "hand.yaml", "--store", "store") as site:
        status, headers, _ = site.ask("GET", "/report")
        assert (status, headers["location"]) == (303, "/#standing")
        assert b"Nothing has been judged since this server started." in site.ask("GET", "/")[2]
        assert looks() == 0
        assert site.ask("POST", "/judge")[0] == 303
        first = site.ask("GET", "/report")[2]
        assert (b'id="leaderboard"' in first, looks()) == (True, 1)
        assert (site.ask("GET", "/report")[2] == first, looks()) == (True, 1)
        hits["strong"] = (rng.random((3, 60)) < 0.9).tolist()
        fill_store(study, hits, labels=np.arange(60) % 2)
        _wait_for(site, lambda news: news["is_settled"])
        assert (site.ask("GET", "/report")[2] == first, looks()) == (False, 2)


def _wait_for(site, happened):
    assert any(happened(news) for news in site.events())


def test_an_image_file_gets_the_votes_of_predict(watched, tmp_path):
    """The same networks, the same picture, the same probabilities up to rounding."""
    site, _ = watched
    picture = _as_png(load_dataset("digits").test_images[5])
    (tmp_path / "five.png").write_bytes(picture)
    known = predict(
        load_study(site.folder / "tiny.yaml"), image=tmp_path / "five.png", store=site.folder / "bakeoff-store"
    )
    said = _vote(site, picture, {"Content-Type": "image/png"})
    assert [model["name"] for model in said["models"]] == ["small", "wide"]
    for model, vote in zip(said["models"], known.votes, strict=True):
        assert np.array(model["by_seed"]) == pytest.approx(vote.probabilities, abs=1e-4)
        assert (model["says"], model["agreeing"], model["seeds"]) == (vote.answer, vote.agreeing, [0, 1])


def test_a_drawing(watched):
    """What is drawn comes to the networks in the form of the training images, inverted on request."""
    site, _ = watched
    canvas = np.zeros((120, 120), dtype=np.uint8)
    canvas[20:100, 50:70] = 255
    question = {"pixels": base64.b64encode(canvas.tobytes()).decode(), "width": 120, "height": 120}
    seen = []
    for invert in (False, True):
        said = _vote(site, json.dumps({**question, "invert": invert}), JSON)
        picture = base64.b64decode(said["seen"].removeprefix("data:image/png;base64,"))
        seen.append(np.asarray(Image.open(io.BytesIO(picture))))
        assert all(np.sum(model["mean"]) == pytest.approx(1, abs=1e-3) for model in said["models"])
    assert seen[0].shape == (8, 8)
    assert (seen[0] == 255 - seen[1]).all()
    assert seen[0].max() == 255


def test_of_many_states_only_the_latest_counts(watched):
    """A hand that draws faster than the networks answer waits for one picture, not for all of them."""
    site, _ = watched
    body = json.dumps({"pixels": [[255] * 50] * 50, "drawing": "one hand"})
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(site.ask("POST", "/predict", body, JSON))) for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _, _ in answers} <= {200, 409, 503}
    assert any(status == 200 for status, _, _ in answers)
    dropped = [json.loads(text)["error"] for status, _, text in answers if status == 409]
    assert set(dropped) <= {"the drawing has gone on since: its latest state is judged instead"}


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"no image", "image/png", "the image is no image that can be read"),
        (json.dumps({"pixels": [[0]]}).encode(), "application/json", "there is nothing on the canvas"),
    ],
)
def test_what_cannot_be_shown(watched, body, kind, words):
    """One sentence, status 422."""
    status, sentence = watched[0].error("POST", "/predict", body, {"Content-Type": kind})
    assert (status, words in sentence) == (422, True)


def test_image_bombs(watched):
    """A small file of very many pixels is refused before it is unpacked."""
    file = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(file, "PNG")
    assert len(file.getvalue()) < 1_000_000
    status, sentence = watched[0].error("POST", "/predict", file.getvalue(), {"Content-Type": "image/png"})
    assert (status, "million pixels that are read: make it smaller first" in sentence) == (422, True)

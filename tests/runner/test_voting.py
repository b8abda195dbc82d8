"""Networks that stay loaded answer as those that are read anew for every picture."""

import numpy as np
import pytest

from bakeoff.data.pixels import PixelScaling
from bakeoff.engine.fit import save_networks
from bakeoff.engine.program import Architecture, Program
from bakeoff.engine.values import Fit
from bakeoff.runner import voting
from bakeoff.runner.predicting import predict
from bakeoff.runner.voters import Voter
from bakeoff.spec import parse_study
from bakeoff.store import cells_of

STUDY = """
name: kept
data: digits
models:
  dense: {layers: [Flatten, {Dense: {units: 4}}, BatchNormalization, {Dense: {units: classes, activation: softmax}}]}
  cnn: {cnn: {filters: [2], kernel: 3, pool: 2, dense: [4], dropout: 0.5}}
  lstm: {lstm: {units: [3], dense: []}}
"""
SCALING = PixelScaling("standardize", mean=(100.0,), deviation=(50.0,))
CELLS = cells_of(parse_study(STUDY).study, fingerprint="f")


def _keep(cell, folder, seeds):
    """Files of networks with random weights."""
    program = Program(Architecture(cell.layers, (8, 8, 1), 3, SCALING), cell.model.protocol)
    files = []
    for seed in seeds:
        place = folder / f"{cell.key}-{seed}"
        place.mkdir()
        save_networks(Fit(last=program.initial_state(seed=seed)), program, place)
        files.append(place / "last.keras")
    return Voter(cell, tuple(map(str, files)), tuple(files), SCALING, 3)


@pytest.fixture
def images():
    """Two images."""
    return np.random.default_rng(0).integers(0, 256, (2, 8, 8, 1), dtype=np.uint8)


def test_the_answers_of_predict(tmp_path, images):
    """Voter by voter, network by network, image by image, up to rounding; and again from what is loaded by then."""
    voters = [_keep(cell, tmp_path, seeds=(0, 1)) for cell in CELLS]
    for _ in range(2):
        for voter, answer in zip(voters, voting.vote(voters, images), strict=True):
            known = predict(voter.cell, voter.files, images, 3, SCALING)
            assert answer == pytest.approx(known, abs=1e-6)
            assert np.abs(known[0] - known[1]).max() > 1e-3


def test_a_damaged_file_costs_one_voter(tmp_path, images):
    """The others still vote, and the sentence names the file."""
    damaged, whole = (_keep(cell, tmp_path, seeds=(0,)) for cell in CELLS[:2])
    damaged.files[0].write_bytes(b"no archive")
    said, answer = voting.vote([damaged, whole], images)
    assert "last.keras does not hold the weights of this model" in said
    assert answer.shape == (1, 2, 3)


def test_not_everything_stays_loaded(tmp_path, images, monkeypatch):
    """The oldest goes when there are too many networks, and is read again when it is asked."""
    monkeypatch.setattr(voting, "MOST_NETWORKS", 1)
    monkeypatch.setattr(voting, "_loaded", {})
    first, second = (_keep(cell, tmp_path, seeds=(0,)) for cell in CELLS[:2])
    before = voting.vote([first], images)[0]
    voting.vote([second], images)
    assert list(voting._loaded) == [second.runs]
    assert voting.vote([first], images)[0] == pytest.approx(before)

"""Stored probabilities for test images, kept networks for files."""

import numpy as np
import pytest
from PIL import Image

import bakeoff
from bakeoff.data import load_dataset
from bakeoff.errors import DataError, OutputError, StoreError, StudyError
from bakeoff.spec import parse_study
from bakeoff.store import cells_of, open_store
from bakeoff.verbs.predict import predict, write_picture

STUDY = """
name: hand
data: digits
protocol: {seeds: 3, margin: 0.02, validation: {holdout: 0.2}}
models:
  weak: {mlp: {hidden: [1]}}
  strong: {mlp: {hidden: [2]}}
  absent: {mlp: {hidden: [3]}}
"""

REAL = """
name: real
data: digits
protocol: {seeds: 2, epochs: 6, pixels: standardize, stop: best, optimizer: {adam: {learning_rate: 0.1}}}
models:
  small: {mlp: {hidden: [16]}}
  wide: {mlp: {hidden: [32]}}
"""


@pytest.fixture
def filled(fill_store):
    """Made-up runs: the right class gets 0.9; `weak` is wrong on image 1 by two of three seeds; one seed failed."""
    study = parse_study(STUDY).study
    hits = {"weak": [[1, 0, 1], [1, 0, 1], [1, 1, 1]], "strong": [[1, 1, 1], "diverged", [1, 1, 1]]}
    return study, fill_store(study, hits, labels=[0, 1, 1])


def test_a_test_image(filled):
    """Each model's seeds say what the store holds of that image, and what failed or was not run has no vote."""
    study, store = filled
    prediction = predict(study, index=1, store=store.folder)
    weak, strong = prediction.votes
    assert (weak.model, weak.seeds, weak.answer, weak.agreeing) == ("weak", (0, 1, 2), 0, 2)
    assert weak.mean == pytest.approx([(0.9 + 0.9 + 0.1) / 3, (0.1 + 0.1 + 0.9) / 3], abs=1e-3)
    assert (strong.model, strong.seeds, strong.answer) == ("strong", (0, 2), 1)
    assert (prediction.index, prediction.true_class, prediction.file) == (1, 1, "")
    assert prediction.left_out == {
        "absent": "no finished run of it as it is written (bakeoff run hand.yaml --only absent)"
    }


def test_a_model_whose_seeds_all_failed(fill_store):
    """It was run, and would fail again: the reason is asked for, not another run; a crash is run again."""
    study = parse_study(STUDY, overrides=["data=npz:a"]).study
    store = fill_store(study, {"weak": ["collapsed", "diverged"], "strong": [[1]], "absent": ["crashed"]}, labels=[0])
    assert predict(study, index=0, store=store.folder).left_out == {
        "weak": "all its seeds collapsed or diverged; bakeoff explain hand.yaml weak --set data=npz:a says why",
        "absent": "no finished run of it as it is written (bakeoff run hand.yaml --only absent --set data=npz:a)",
    }
    with pytest.raises(
        StoreError, match=r"no seed of weak has finished: bakeoff explain hand\.yaml --set \S+ says why"
    ):
        predict(study, index=0, models=["weak"], store=store.folder)


def test_other_data_show_no_picture(filled):
    """Data that changed since the run are not shown beside its answers."""
    study, store = filled
    prediction = predict(study, index=0, store=store.folder)
    assert prediction.pixels is None
    assert prediction.warnings == ("digits has changed since the study was run, so its images are not used here.",)


def test_data_that_are_gone(fill_store):
    """The stored answers need no data."""
    study = parse_study(STUDY.replace("data: digits", "data: npz:nowhere.npz")).study
    store = fill_store(study, {"weak": [[1, 1]]}, labels=[0, 1])
    prediction = predict(study, index=0, store=store.folder)
    assert prediction.pixels is None
    assert prediction.warnings[0].startswith("The data are not at hand")
    assert prediction.votes[0].answer == 0


def test_folds_of_a_seed_are_averaged(fill_store):
    """With cross-validation a seed's vote is the mean over its folds, and a seed without all folds has none."""
    study = parse_study(STUDY.replace("{holdout: 0.2}", "{kfold: 2}")).study
    store = fill_store(study, {"weak": [[1], [1]]}, labels=[0])
    cell = cells_of(study, fingerprint="f" * 64)[0]
    first = store.record(cell.run_key(seed=0, fold=0))
    second = first.model_copy(update={"key": cell.run_key(seed=0, fold=1), "fold": 1})
    store.write(second, probabilities=np.array([[0.5, 0.5]], dtype=np.float32))
    (vote,) = predict(study, index=0, store=store.folder).votes
    assert vote.seeds == (0,)
    assert vote.probabilities == pytest.approx(np.array([[(0.9 + 0.5) / 2, (0.1 + 0.5) / 2]]), abs=1e-3)


def test_chosen_models(filled):
    """Only those are asked; one that does not exist is refused with the nearest."""
    study, store = filled
    prediction = predict(study, index=0, models=["strong"], store=store.folder)
    assert [vote.model for vote in prediction.votes] == ["strong"]
    assert prediction.left_out == {}
    with pytest.raises(StudyError, match="no model 'wek' in study 'hand'; did you mean 'weak'"):
        predict(study, index=0, models=["wek"], store=store.folder)


@pytest.mark.parametrize("index", [-1, 3])
def test_no_such_test_image(filled, index):
    """The message says which there are."""
    study, store = filled
    with pytest.raises(DataError, match=rf"test image of digits must lie between 0 and 2, got {index}"):
        predict(study, index=index, store=store.folder)


def test_either_index_or_image(filled):
    """One question at a time; a test image is never inverted."""
    study, store = filled
    with pytest.raises(ValueError, match="either the index of a test image or an image file, got neither"):
        predict(study, store=store.folder)
    with pytest.raises(ValueError, match="either the index of a test image or an image file, got both"):
        predict(study, index=0, image="a.png", store=store.folder)
    with pytest.raises(ValueError, match="inverts image files only, got invert=True"):
        predict(study, index=0, invert=True, store=store.folder)


def test_nothing_was_run(filled, tmp_path):
    """No store, no run on these data, no run of these models: each says what to do."""
    study, store = filled
    with pytest.raises(StoreError, match="there is no store in"):
        predict(study, index=0, store=tmp_path / "nowhere")
    with pytest.raises(StoreError, match="holds no run on digits: run the study first"):
        predict(study, index=0, store=open_store(tmp_path / "new", create=True).folder)
    with pytest.raises(StoreError, match=r"no finished run of absent as written here.*give the same --set as in that"):
        predict(study, index=0, models=["absent"], store=store.folder)


def test_results_without_networks(filled, tmp_path):
    """A store with results only answers for test images, and says so when it is shown a file."""
    study, store = filled
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    with pytest.raises(StoreError, match=r"no model can be shown the image: weak: the store holds its results but not"):
        predict(study, image=tmp_path / "a.png", store=store.folder)


def test_pictures_are_files(filled, tmp_path):
    """Folders are made; another ending, or a path that cannot be, is refused."""
    study, store = filled
    prediction = predict(study, index=0, store=store.folder)
    path = write_picture(prediction, tmp_path / "new" / "a.PNG")
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OutputError, match=r"must end in one of \.svg, \.png, \.pdf, got .*a\.gif"):
        write_picture(prediction, tmp_path / "a.gif")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"the picture cannot be written to .*a\.svg: "):
        write_picture(prediction, tmp_path / "file" / "a.svg")


@pytest.mark.slow
def test_a_file_of_a_test_image_gets_the_same_answer(tmp_path):
    """Read from a PNG, inverted twice, a test image gets the probabilities that it got when the networks were judged.

    With pixels standardised by the training images, and of some runs the weights of an epoch before the last.
    """
    study = parse_study(REAL).study
    results = bakeoff.run(study, store=tmp_path / "store", workers=2)
    assert any(record.epoch < 6 for record in results.store.all_records())
    image = load_dataset("digits").test_images[5, ..., 0]
    Image.fromarray(255 - image).save(tmp_path / "a.png")
    prediction = predict(study, image=tmp_path / "a.png", invert=True, store=tmp_path / "store")
    stored = predict(study, index=5, store=tmp_path / "store")
    assert prediction.steps == ("inverted",)
    assert (prediction.pixels == stored.pixels).all()
    assert [vote.model for vote in prediction.votes] == ["small", "wide"]
    for shown, kept in zip(prediction.votes, stored.votes, strict=True):
        assert shown.probabilities == pytest.approx(kept.probabilities, abs=1e-3)  # float16 in the store
    (network,) = (tmp_path / "store" / "runs").glob(f"{_cell(study, tmp_path)}-seed1-fold0/best.keras")
    network.write_bytes(b"damaged")
    with pytest.raises(StoreError, match=r"best\.keras does not hold the weights of this model"):
        predict(study, image=tmp_path / "a.png", store=tmp_path / "store")


def _cell(study, folder):
    data, _ = open_store(folder / "store").data(study.data)
    return cells_of(study, fingerprint=data.fingerprint)[0].key

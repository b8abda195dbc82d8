from dataclasses import replace

import numpy as np
import pytest

import bakeoff
from bakeoff.data import load_dataset
from bakeoff.data.guard import inspect_dataset
from bakeoff.diagnosis import ModelRuns, Run, StudyRuns
from bakeoff.diagnosis import diagnose as examine
from bakeoff.diagnosis.chance import beats_chance
from bakeoff.diagnosis.families.bko3_data import CODES, diagnose
from bakeoff.diagnosis.suspects import find_suspects
from bakeoff.errors import DataError
from bakeoff.spec import parse_study
from bakeoff.spec.named import Named
from bakeoff.spec.probes import Probes
from bakeoff.spec.record import Counts, DataEntry, DataFacts, Record, SamePair
from bakeoff.store import cells_of, open_store
from bakeoff.verbs import run as run_module

STUDY = """
name: made-up
data: digits
protocol: {seeds: 3, epochs: 12, batch_size: 32, validation: 0.1}
models:
  one: {mlp: {hidden: [32]}}
"""
TWO = STUDY + "  two: {mlp: {hidden: [48]}}\n"
NAMES = tuple("0123456789")
LABELS = np.arange(1000) % 10
FACTS = DataFacts(
    train_counts=(400,) * 10,
    test_counts=(100,) * 10,
    pixels=784,
    neighbour_accuracy=0.9,
    neighbour_chance=0.12,
    test_neighbour_accuracy=0.9,
    test_neighbour_chance=0.13,
)


def _run(status="finished", predictions=LABELS, *, pixels=None, layers=("Flatten", "Dense")):
    """A made-up run; `pixels` are lowest, highest, mean and deviation of what its first layer saw."""
    record = Record(
        key="k",
        cell="c",
        model="one",
        recipe="mlp",
        layers=tuple(Named(name=name, arguments={"units": 3} if name == "Dense" else {}) for name in layers),
        data="digits",
        fingerprint="f" * 64,
        images=Counts(train=1, validation=1, test=1),
        protocol={},
        seed=0,
        fold=0,
        status=status,
    )
    nothing = np.zeros((1, 1))
    probes = pixels and Probes(
        epochs=np.zeros(1, dtype=int),
        layers=("dense",),
        kinds=("Dense",),
        activations=("softmax",),
        dead=nothing,
        scale=nothing,
        gradient=nothing,
        weight=nothing,
        update=nothing,
        saturated=nothing[0],
        clipped=nothing[0],
        predicted=np.ones((1, 10), dtype=int),
        loss=nothing[0],
        accuracy=nothing[0],
        pixels=np.array(pixels, dtype=float),
        images=10,
    )
    return Run(record=record, probes=probes, predictions=predictions)


def _study(*runs, facts=FACTS, labels=LABELS, overrides=()):
    """A study of one model with these runs."""
    study = parse_study(STUDY, overrides=list(overrides)).study
    entry = DataEntry(
        reference="digits",
        fingerprint="f" * 64,
        class_names=NAMES,
        image_shape=(28, 28, 1),
        train=4000,
        test=1000,
        facts=facts,
    )
    models = tuple(ModelRuns(model, runs or (_run(),)) for model in study.models)
    return StudyRuns(models=models, data=entry, labels=labels)


def _changed(**changes):
    return FACTS.model_copy(update=changes)


def _only(study):
    """The one finding of a study."""
    (finding,) = diagnose(study)
    assert finding.code in CODES
    return finding


def test_nothing_is_found_in_a_healthy_study():
    """Good facts and a good run give no finding; nor do facts that were never gathered."""
    assert list(diagnose(_study())) == []
    assert list(diagnose(_study(facts=None))) == []


RAW = ["protocol.pixels=raw"]
BYTES = (0.0, 255.0, 33.3, 78.6)  # MNIST's published mean 0.1307 and deviation 0.3081, times 255


@pytest.mark.parametrize(
    ("runs", "severity"),
    [
        ((_run(pixels=BYTES),), "warning"),
        ((_run(pixels=BYTES), _run("collapsed", LABELS * 0, pixels=BYTES)), "error"),
        ((_run("diverged", None, pixels=BYTES),), "error"),
        ((_run("finished", np.roll(LABELS, 1), pixels=BYTES),), "error"),
        ((_run("crashed", None, pixels=BYTES),), "warning"),
    ],
)
def test_raw_pixels(runs, severity):
    """A warning while nothing failed by learning wrongly, an error if something did; the input's scale is told."""
    finding = _only(_study(*runs, overrides=RAW))
    assert (finding.code, finding.severity, finding.model) == ("BKO301", severity, "one")
    assert "from 0 to 255 with a root mean square of 85.4" in finding.evidence  # hypot(33.3, 78.6)
    assert finding.advice == "--set models.one.protocol.pixels=unit"


def test_scale_is_judged_by_what_the_first_layer_saw():
    """Unit pixels are fine; without probes the protocol decides; raw images that are dark enough are fine."""
    assert list(diagnose(_study(_run(pixels=(0, 1, 0.13, 0.31))))) == []
    assert list(diagnose(_study(_run(pixels=(0, 20, 2, 4)), overrides=RAW))) == []
    assert "raw, 0 to 255; 0 of 1 runs learned nothing" in _only(_study(overrides=RAW)).evidence


def test_networks_that_scale_their_own_input_are_left_alone():
    """A normalising layer before the first kernel excuses raw pixels; after it, it does not."""
    first = _run(pixels=BYTES, layers=("Rescaling", "Flatten", "Dense"))
    later = _run(pixels=BYTES, layers=("Flatten", "Dense", "BatchNormalization"))
    assert list(diagnose(_study(first, overrides=RAW))) == []
    assert _only(_study(later, overrides=RAW)).code == "BKO301"


def test_one_rule_says_what_unscaled_pixels_are():
    """Raw pixels that the network itself normalises are no cause: BKO301 and BKO102 say the same of them."""
    first = _run("collapsed", LABELS * 0, pixels=BYTES, layers=("BatchNormalization", "Flatten", "Dense"))
    later = _run("collapsed", LABELS * 0, pixels=BYTES, layers=("Flatten", "Dense"))
    for run, unscaled in ((first, False), (later, True)):
        found = {finding.code: finding for finding in examine(_study(run, overrides=RAW))}
        assert ("BKO301" in found) is unscaled
        assert ("unscaled pixels" in found["BKO102"].cause) is unscaled
        assert ("protocol.pixels=unit" in found["BKO102"].advice) is unscaled


def test_only_the_raw_model_is_advised():
    """Where other models are scaled, the override names the model."""
    raw, scaled = (_study(overrides=[f"protocol.pixels={pixels}"]) for pixels in ("raw", "unit"))
    finding = _only(replace(raw, models=raw.models + scaled.models))
    assert (finding.model, finding.advice) == ("one", "--set models.one.protocol.pixels=unit")


PAIR = SamePair(split="test", index=17, other_split="train", other_index=403, label=3, other_label=3)


@pytest.mark.parametrize(("leaked", "severity"), [(1, "warning"), (30, "warning"), (32, "error")])
def test_leaks(leaked, severity):
    """Pairs are named; an error from where it outweighs chance: 0.98 sqrt(1000) = 31 images."""
    finding = _only(_study(facts=_changed(leaked=leaked, leaked_pairs=(PAIR,) * min(leaked, 20))))
    assert (finding.code, finding.severity) == ("BKO302", severity)
    assert "test 17 and training 403" in finding.evidence
    assert ("more" in finding.evidence) == (leaked > 10)


def test_near_duplicates():
    """Copies that differ a little are named, too."""
    finding = _only(_study(facts=_changed(near_duplicates=1, near_pairs=(PAIR,))))
    assert (finding.code, finding.severity) == ("BKO302", "warning")
    assert "1 of 1000 (0.1%) test images are nearer" in finding.evidence


def test_contradictions():
    """The same image with two labels is named with both."""
    pair = PAIR.model_copy(update={"label": 5})
    finding = _only(_study(facts=_changed(contradicting=1, contradicting_pairs=(pair,))))
    assert (finding.code, finding.severity) == ("BKO303", "warning")
    assert finding.evidence == "1 image: test 17 (label 5) and training 403 (label 3)"


def _counts(**changes):
    return tuple(changes.get(f"class{label}", 400) for label in range(10))


@pytest.mark.parametrize(
    ("facts", "overrides", "severity", "words"),
    [
        ({"train_counts": _counts(class4=0)}, ["protocol.validation=none"], "error", "0 training images: class 4"),
        ({"test_counts": _counts(class4=0)}, [], "warning", "0 test images: class 4"),
        ({"test_counts": _counts(class4=9)}, [], "note", "fewer than 10 test images: class 4 has 9"),
        ({"test_counts": _counts(class4=10)}, [], None, ""),
        ({"train_counts": _counts(class4=60)}, [], "note", "fewer than 10 validation images: class 4 has 6"),
        (
            {"train_counts": _counts(class4=60)},
            ["protocol.validation={kfold: 8}"],
            "note",
            "the smallest fold's validation images: class 4 has 7",
        ),
        (
            {"train_counts": _counts(class4=2)},
            ["protocol.validation={holdout: 100}"],
            "error",
            "class 4 would be missing",
        ),
    ],
)
def test_missing_and_rare_classes(facts, overrides, severity, words):
    """Every split is looked at, the validation slice of the protocol as well; the class is named."""
    found = [
        (finding.severity, finding.evidence)
        for finding in diagnose(_study(facts=_changed(**facts), overrides=overrides))
        if finding.code == "BKO304" and "fewer than 10 training" not in finding.evidence
    ]
    assert [each for each, _ in found] == ([severity] if severity else [])
    assert all(words in evidence for _, evidence in found)


def test_a_class_that_cannot_be_validated_is_advised_for_its_models():
    """Models that keep no validation images, and models without a run, are left as they are."""
    facts = _changed(train_counts=_counts(class4=2))
    kept, none = (_study(facts=facts, overrides=[f"protocol.validation={v}"]) for v in ("{holdout: 100}", "none"))
    short, long = "--set protocol.validation=none", "--set models.one.protocol.validation=none"
    for study, typed in (
        (kept, short),
        (replace(kept, models=kept.models + none.models), long),
        (replace(kept, missing=("two",)), long),
    ):
        (found,) = [finding for finding in diagnose(study) if finding.severity == "error"]
        assert found.advice == f"{typed}, or more images of that class"


def test_validation_on_test_images_without_a_class():
    """Where the test images validate, a class that they lack is missing there, too."""
    facts = _changed(test_counts=_counts(class7=0))
    found = [finding.title for finding in diagnose(_study(facts=facts, overrides=["protocol.validation=test"]))]
    assert found == ["A class has no test images", "A class has no validation images (the test images)"]


RANDOM = _changed(neighbour_accuracy=0.11, test_neighbour_accuracy=0.11)
TEST_RANDOM = _changed(test_neighbour_accuracy=0.11)
MOVED = _changed(test_mapping=(0, 1, 2, 5, 4, 3, 6, 7, 8, 9), test_neighbour_accuracy=0.72)
CHANCE = np.roll(LABELS, 1)
SWAPPED = np.select([LABELS == 3, LABELS == 5], [5, 3], LABELS)


@pytest.mark.parametrize(
    ("facts", "run", "severity", "words"),
    [
        (RANDOM, _run(predictions=CHANCE), "error", "11.0% of a sample of the training images"),
        (RANDOM, _run("diverged", None), "warning", "no run can tell"),
        (RANDOM, _run(), None, ""),
        (TEST_RANDOM, _run(predictions=CHANCE), "error", "11.0% of a sample of the test images"),
        (TEST_RANDOM, _run(), None, ""),
        (MOVED, _run(predictions=SWAPPED), "error", "test class 3 looks like training class 5"),
        (MOVED, _run(), None, ""),
    ],
)
def test_random_and_moved_labels(facts, run, severity, words):
    """Neighbours accuse the labels, and a network that gets them right acquits them."""
    found = [finding for finding in diagnose(_study(run, facts=facts)) if finding.code == "BKO305"]
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    assert all(words in finding.evidence for finding in found)


def test_constant_images_say_nothing_of_labels():
    """Where all training images are the same, BKO306 is the cause, and neighbours cannot accuse the labels."""
    facts = _changed(neighbour_accuracy=0.1, constant_pixels=784, nearly_constant_pixels=784)
    assert [finding.code for finding in diagnose(_study(_run(predictions=CHANCE), facts=facts))] == ["BKO306"]


def test_hard_test_images_are_not_called_random():
    """A test agreement at chance that is no lower than that of the training images could be says nothing."""
    facts = _changed(neighbour_accuracy=0.14, test_neighbour_accuracy=0.12)
    assert list(diagnose(_study(_run(predictions=CHANCE), facts=facts))) == []


@pytest.mark.parametrize(
    ("constant", "nearly", "severity"), [(67, 392, None), (67, 393, "note"), (500, 784, "note"), (784, 784, "error")]
)
def test_constant_pixels(constant, nearly, severity):
    """MNIST's margins are nothing; a majority is a note; all of them are broken images."""
    facts = _changed(constant_pixels=constant, nearly_constant_pixels=nearly)
    found = [(finding.code, finding.severity) for finding in diagnose(_study(facts=facts))]
    assert found == ([("BKO306", severity)] if severity else [])


def _with(index, classes, *, widths=(1, 2)):
    """Runs that are right everywhere but at one image, of networks with these many layers in turn."""
    runs = []
    for place, predicted in enumerate(classes):
        predictions = LABELS.copy()
        predictions[index] = predicted
        runs.append(_run(predictions=predictions, layers=("Flatten",) + ("Dense",) * widths[place % len(widths)]))
    return runs


def test_label_suspects_are_named():
    """An image with label 3 that ten runs call 5, 5, 5, 5, 5, 5, 5, 5, 6 and 3; a failed and a lost run have no say."""
    silent = [_run("collapsed", LABELS * 0), _run("finished", CHANCE)]
    finding = _only(_study(*_with(13, [5] * 8 + [6, 3]), *silent))
    assert (finding.code, finding.severity) == ("BKO307", "note")
    assert finding.evidence == "1 test image: test 13, labelled 3, is 5 for 8 of 10 runs"


@pytest.mark.parametrize("classes", [[5, 5], [5] * 8 + [3, 3], [5] * 7 + [6, 6, 6], [5, 5, 6]])
def test_no_suspects_without_agreement(classes):
    """Two runs are too few; so is one run in five that is right, or three in ten that see something else."""
    assert list(diagnose(_study(*_with(13, classes)))) == []


def test_weak_networks_accuse_no_labels():
    """Where unanimous runs miss 7 of 100 images, the networks are wrong; 6 of 100 may be labels."""
    labels = np.zeros(100, dtype=int)
    six, seven = (np.array([(np.arange(100) < missed).astype(int)] * 3) for missed in (6, 7))
    assert len(find_suspects([six, six], labels)) == 6
    assert find_suspects([seven, seven], labels) == ()


def test_seeds_of_one_network_are_one_witness():
    """However many seeds agree, it takes a second network, and most of its own runs."""
    assert list(diagnose(_study(*_with(13, [5] * 20, widths=(1,))))) == []
    other = _with(13, [5, 3], widths=(2,))
    assert _only(_study(*_with(13, [5] * 20, widths=(1,)), other[0])).code == "BKO307"
    assert list(diagnose(_study(*_with(13, [5] * 20, widths=(1,)), *other))) == []  # 21 of 22, and one of two


def test_networks_with_twice_the_errors_have_no_say():
    """Beside a network with 2 errors in 100, one with 4 is heard and one with 5 is not."""
    labels = np.zeros(100, dtype=int)
    best, good, weak = (np.array([(np.arange(100) < missed).astype(int)] * 3) for missed in (2, 4, 5))
    assert [suspect.index for suspect in find_suspects([best, good], labels)] == [0, 1]
    assert find_suspects([best, weak], labels) == ()


def test_beating_chance():
    """Right is better than chance, one class for all is not, and four images or none cannot tell."""
    assert beats_chance(_run(), LABELS) is True
    assert beats_chance(_run(predictions=LABELS * 0), LABELS) is False
    assert beats_chance(_run(predictions=LABELS[:4]), LABELS[:4]) is None
    assert beats_chance(_run(predictions=None), LABELS) is None


# The real pipeline: data with planted faults are loaded from a file, trained on, stored, read again and examined.


def _plant(name):
    """Real digits and their parts, to be spoiled."""
    dataset = load_dataset(name)
    return {
        "x_train": dataset.train_images.copy(),
        "y_train": dataset.train_labels.copy(),
        "x_test": dataset.test_images.copy(),
        "y_test": dataset.test_labels.copy(),
    }


def _train(tmp_path, arrays, text=STUDY, **protocol):
    """Run a study on these arrays and read its store, as a later process would."""
    path = tmp_path / "spoiled.npz"
    np.savez(path, **arrays)
    settings = [
        f"data=npz:{path}",
        "protocol.epochs=4",
        *(f"protocol.{key}={value}" for key, value in protocol.items()),
    ]
    study = parse_study(text, overrides=settings).study
    bakeoff.run(study, store=tmp_path / "store", workers=1)
    store = open_store(tmp_path / "store")
    entry, labels = store.data(study.data)
    models = tuple(
        ModelRuns(
            cell.model,
            tuple(
                Run(record, predictions=store.predictions(record.key) if record.status == "finished" else None)
                for record in store.records(cell.key)
            ),
        )
        for cell in cells_of(study, fingerprint=entry.fingerprint)
    )
    return StudyRuns(models=models, data=entry, labels=labels.astype(np.int64))


def _codes(study):
    return {finding.code: finding for finding in diagnose(study)}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digits", "mnist-5k"])
def test_planted_duplicate_and_wrong_label_are_found(tmp_path, name):
    """A leaked image whose label was changed: the leak, the contradiction, and the label that all runs contradict."""
    arrays = _plant(name)
    arrays["x_test"][7] = arrays["x_train"][123]
    true = int(arrays["y_train"][123])
    arrays["y_test"][7] = (true + 1) % 10
    found = _codes(_train(tmp_path, arrays, TWO))
    assert {"BKO302", "BKO303", "BKO307"} == set(found)
    assert f"test 7 (label {(true + 1) % 10}) and training 123 (label {true})" in found["BKO302"].evidence
    assert "training 123" in found["BKO303"].evidence
    assert f"test 7, labelled {(true + 1) % 10}, is {true} for 6 of 6 runs" in found["BKO307"].evidence
    assert not any(finding.severity == "error" for finding in found.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digits", "mnist-5k"])
def test_planted_label_swap_is_found(tmp_path, name):
    """Classes 3 and 5 swapped in the test labels only: named, as an error, and nothing else is."""
    arrays = _plant(name)
    labels = arrays["y_test"]
    arrays["y_test"] = np.select([labels == 3, labels == 5], [5, 3], labels)
    found = _codes(_train(tmp_path, arrays))
    assert [(code, finding.severity) for code, finding in found.items()] == [("BKO305", "error")]
    assert (
        "test class 3 looks like training class 5; test class 5 looks like training class 3" in found["BKO305"].evidence
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digits", "mnist-5k"])
def test_class_less_validation_slice_is_found(tmp_path, name):
    """Test images that serve for validation lack class 8: named in both roles."""
    arrays = _plant(name)
    kept = arrays["y_test"] != 8
    arrays["x_test"], arrays["y_test"] = arrays["x_test"][kept], arrays["y_test"][kept]
    study = _train(tmp_path, arrays, validation="test")
    found = [(finding.code, finding.evidence) for finding in diagnose(study) if finding.severity == "warning"]
    assert found == [
        ("BKO304", "0 test images: class 8"),
        ("BKO304", "0 validation images (the test images): class 8"),
    ]


@pytest.mark.parametrize("name", ["digits", "mnist-5k"])
def test_a_hold_out_without_a_class_is_refused_before_training(tmp_path, name):
    """Too few images of class 8 for a hold-out of that size: the class is named and nothing is trained."""
    arrays = _plant(name)
    kept = np.flatnonzero(arrays["y_train"] != 8)
    kept = np.append(kept, np.flatnonzero(arrays["y_train"] == 8)[:2])
    arrays["x_train"], arrays["y_train"] = arrays["x_train"][kept], arrays["y_train"][kept]
    with pytest.raises(DataError, match="class 8 would be missing in the held-out part"):
        _train(tmp_path, arrays, validation="{holdout: 100}")


@pytest.mark.slow
def test_healthy_digits_have_no_finding(tmp_path):
    """Real digits, scaled, a small network: nothing to say."""
    assert [finding.code for finding in diagnose(_train(tmp_path, _plant("digits"))) if finding.code != "BKO307"] == []


def test_facts_are_gathered_once(store, monkeypatch):
    """A run on data that the store knows takes its facts from there; data of another fingerprint are inspected."""
    study = parse_study(STUDY).study
    monkeypatch.setattr(run_module, "run_with_plateaus", lambda *arguments, **named: None)
    bakeoff.run(study, store=store.folder)
    entry, labels = store.data("digits")
    assert entry.facts == inspect_dataset(load_dataset("digits"))
    monkeypatch.setattr(run_module, "inspect_dataset", lambda dataset: FACTS)
    bakeoff.run(study, store=store.folder)
    assert store.data("digits")[0].facts == entry.facts
    store.write_data(entry.model_copy(update={"fingerprint": "0" * 64}), labels)
    bakeoff.run(study, store=store.folder)
    assert store.data("digits")[0].facts == FACTS


def test_a_damaged_entry_is_written_anew(store, monkeypatch):
    """A run repairs what a store remembers of its data."""
    monkeypatch.setattr(run_module, "run_with_plateaus", lambda *arguments, **named: None)
    study = parse_study(STUDY).study
    bakeoff.run(study, store=store.folder)
    (path,) = (store.folder / "data").glob("*.json")
    path.write_text("{}")
    bakeoff.run(study, store=store.folder)
    assert store.data("digits")[0].facts.leaked == 0

"""What is wrong with the data: their scale, their labels, and what training and test share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Int
from scipy import special

from bakeoff.data.duplicates import describe_pair
from bakeoff.data.neighbours import LEVEL, SAMPLE
from bakeoff.data.splits import split_folds
from bakeoff.diagnosis.chance import beats_chance, learned_nothing
from bakeoff.diagnosis.pixels import find_unscaled_pixels
from bakeoff.diagnosis.remedies import set_entry
from bakeoff.diagnosis.signs import join_advice
from bakeoff.diagnosis.suspects import Suspect, find_suspects
from bakeoff.diagnosis.values import ModelRuns, Run, StudyRuns
from bakeoff.errors import DataError
from bakeoff.spec.protocol import KFold
from bakeoff.spec.record import DataFacts, SamePair
from bakeoff.spec.values import Finding

CODES = {
    "BKO301": "pixels not scaled",
    "BKO302": "the same image in training and test",
    "BKO303": "the same image with different labels",
    "BKO304": "a class missing or rare in a split",
    "BKO305": "labels look random or shifted",
    "BKO306": "constant or nearly constant pixels",
    "BKO307": "images that nearly every run gets wrong",
}

RARE = 10
"""Images of a class below which it is called rare: with all of 9 right, an accuracy of 72 % cannot be excluded at 95 %
(0.05^(1/9) = 0.717)."""
SHOWN = 10
"""Pairs or images that are named in a finding."""


def diagnose(study: StudyRuns) -> Iterator[Finding]:
    """Examine what was found in the data, and what the runs say about them."""
    yield from find_unscaled_pixels(study)
    if study.data.facts is not None:
        yield from _leaks(study.data.facts)
        yield from _contradictions(study.data.facts)
        yield from _uneven_splits(study, study.data.facts)
        yield from _random_labels(study, study.data.facts)
        yield from _moved_labels(study, study.data.facts)
        yield from _constant_pixels(study.data.facts)
    yield from _label_suspects(study)


def _leaks(facts: DataFacts) -> Iterator[Finding]:
    """An error where the leak can move the accuracy by more than chance does: by half a 95 % interval, 0.98/sqrt(n)."""
    images = sum(facts.test_counts)
    if facts.leaked:
        yield Finding(
            code="BKO302",
            severity="error" if facts.leaked / images > 0.98 / math.sqrt(images) else "warning",
            title="Test images are also training images",
            evidence=f"{_count(facts.leaked, images)} test images, byte for byte: "
            f"{_name_pairs(facts.leaked_pairs, facts.leaked)}",
            cause="The splits were drawn from files that contain copies, or overlap.",
            advice="remove these images from the training files; accuracies on them measure memory",
        )
    if facts.near_duplicates:
        yield Finding(
            code="BKO302",
            severity="warning",
            title="Test images are nearly training images",
            evidence=f"{_count(facts.near_duplicates, images)} test images are nearer to a training image than images "
            f"of one class are by nature: {_name_pairs(facts.near_pairs, facts.near_duplicates)}",
            cause="Copies that were saved again, or frames of one film, on both sides of the split.",
            advice="look at the pairs; keep such images on one side of the split",
        )


def _contradictions(facts: DataFacts) -> Iterator[Finding]:
    if facts.contradicting:
        yield Finding(
            code="BKO303",
            severity="warning",
            title="The same image has different labels",
            evidence=f"{facts.contradicting} image{'s' * (facts.contradicting != 1)}: "
            f"{_name_pairs(facts.contradicting_pairs, facts.contradicting)}",
            cause="At least one label of each pair is wrong, or an image shows more than one class.",
            advice="correct or remove one of each pair",
        )


def _uneven_splits(study: StudyRuns, facts: DataFacts) -> Iterator[Finding]:
    yield from _missing_and_rare(study, facts.train_counts, "training images")
    yield from _missing_and_rare(study, facts.test_counts, "test images")
    users: dict[str, list[ModelRuns]] = {}
    for model in study.models:
        users.setdefault(repr(model.model.protocol.validation), []).append(model)
    for models in users.values():
        if models[0].model.protocol.validation != "none":
            yield from _uneven_validation(study, facts, models)


def _uneven_validation(study: StudyRuns, facts: DataFacts, models: list[ModelRuns]) -> Iterator[Finding]:
    whose = "" if len(models) == len(study.models) else f" of {', '.join(model.name for model in models)}"
    validation = models[0].model.protocol.validation
    if validation == "test":
        yield from _missing_and_rare(study, facts.test_counts, f"validation images{whose} (the test images)")
        return
    labels = np.repeat(np.arange(len(facts.train_counts)), facts.train_counts)
    try:
        folds = split_folds(labels, validation, classes=len(facts.train_counts))
    except DataError as error:
        yield Finding(
            code="BKO304",
            severity="error",
            title="A class cannot be validated",
            evidence=f"validation images{whose}: {error}",
            advice=join_advice((_validate_none(study, models), "more images of that class")),
        )
        return
    counts = np.min([np.bincount(labels[f.validation], minlength=len(facts.train_counts)) for f in folds], axis=0)
    fold = "the smallest fold's " if isinstance(validation, KFold) else ""
    yield from _missing_and_rare(study, counts.tolist(), f"{fold}validation images{whose}")


def _validate_none(study: StudyRuns, models: list[ModelRuns]) -> str:
    if len(models) == len(study.models) and not study.missing:
        return "--set protocol.validation=none"
    return " ".join(set_entry(model, "validation", "none") for model in models)


def _missing_and_rare(study: StudyRuns, counts: Iterable[int], split: str) -> Iterator[Finding]:
    counted = list(enumerate(counts))
    missing = [label for label, count in counted if count == 0]
    rare = [(label, count) for label, count in counted if 0 < count < RARE]
    if missing:
        yield Finding(
            code="BKO304",
            severity="error" if split == "training images" else "warning",
            title=f"A class has no {split}",
            evidence=f"0 {split}: {_shorten([_class(study, label) for label in missing])}",
            cause="Images sorted by class were cut by position, or files of the class are missing.",
            advice="draw the split at random within each class (--set protocol.validation=0.1 does), or add images",
        )
    if rare:
        yield Finding(
            code="BKO304",
            severity="note",
            title=f"A class has few {split}",
            evidence=f"fewer than {RARE} {split}: "
            f"{_shorten([f'{_class(study, label)} has {count}' for label, count in rare])}",
            advice="do not read anything into the accuracy of these classes, or add images",
        )


def _random_labels(study: StudyRuns, facts: DataFacts) -> Iterator[Finding]:
    """An error only if runs have finished and none is better than chance: a network that learned refutes it."""
    verdicts = [beats_chance(run, study.labels) for run in _all_runs(study)]
    split = _split_with_random_labels(facts)
    if split is None or any(verdicts):
        return
    accuracy, chance = (
        (facts.neighbour_accuracy, facts.neighbour_chance)
        if split == "training"
        else (facts.test_neighbour_accuracy, facts.test_neighbour_chance)
    )
    yield Finding(
        code="BKO305",
        severity="error" if False in verdicts else "warning",
        title=f"The {split} labels look random",
        evidence=f"the nearest training image has the same label for {accuracy:.1%} of a sample of the {split} images; "
        f"with random labels it would for up to {chance:.1%}; "
        + ("no run is better than chance" if False in verdicts else "no run can tell"),
        cause="Labels and images are not in the same order, or labels are shifted or shuffled; or images of one class "
        "have little in common pixel by pixel.",
        advice="bakeoff data NAME draws the first images of each class: compare them with their labels",
    )


def _split_with_random_labels(facts: DataFacts) -> str | None:
    """`training` or `test`; test labels are judged where training labels agree, and must agree less than these do.

    Images that are all the same say nothing of their labels.
    """
    if 0 < facts.pixels == facts.constant_pixels:
        return None
    if facts.neighbour_accuracy is None or facts.neighbour_chance is None:
        return None
    if facts.neighbour_accuracy <= facts.neighbour_chance:
        return "training"
    if facts.test_neighbour_accuracy is None or facts.test_neighbour_chance is None or facts.test_mapping:
        return None
    sample = min(SAMPLE, sum(facts.test_counts))
    hits = round(facts.test_neighbour_accuracy * sample)
    disagrees = special.bdtr(hits, sample, facts.neighbour_accuracy) <= LEVEL
    return "test" if disagrees and facts.test_neighbour_accuracy <= facts.test_neighbour_chance else None


def _moved_labels(study: StudyRuns, facts: DataFacts) -> Iterator[Finding]:
    moved = [(label, seen) for label, seen in enumerate(facts.test_mapping) if label != seen]
    if not moved or any(_gets_most(run, study.labels, [label for label, _ in moved]) for run in _all_runs(study)):
        return
    names = [f"test {_class(study, label)} looks like training {_class(study, seen)}" for label, seen in moved]
    accuracy = f"{facts.test_neighbour_accuracy:.1%}" if facts.test_neighbour_accuracy is not None else "few"
    yield Finding(
        code="BKO305",
        severity="error",
        title="Test labels are shifted or swapped against training labels",
        evidence=f"{_shorten(names)}; by nearest neighbours, which agree with the labels of "
        f"{facts.neighbour_accuracy or 0:.1%} of a sample of the training images and of {accuracy} of the test images",
        cause="The two label files number the classes differently.",
        advice="renumber the classes of the test labels, or of the training labels",
    )


def _constant_pixels(facts: DataFacts) -> Iterator[Finding]:
    if facts.nearly_constant_pixels <= facts.pixels / 2:
        return  # empty margins, as MNIST has them, are nothing to speak of
    constant = facts.constant_pixels == facts.pixels
    yield Finding(
        code="BKO306",
        severity="error" if constant else "note",
        title="All training images are the same" if constant else "Most pixels hardly ever change",
        evidence=f"{facts.constant_pixels} of {facts.pixels} pixel values are the same in every training image, "
        f"{facts.nearly_constant_pixels} in all but fewer than one in a thousand",
        cause="The images were not read, or were scaled to 0." if constant else "Wide empty margins, or empty images.",
        advice="look at the images: bakeoff data NAME" + ("" if constant else "; crop the margins"),
    )


def _label_suspects(study: StudyRuns) -> Iterator[Finding]:
    suspects = find_suspects(_voices(study), study.labels)
    if suspects:
        yield Finding(
            code="BKO307",
            severity="note",
            title="Images that nearly every run gets wrong, in the same way",
            evidence=f"{len(suspects)} test image{'s' * (len(suspects) != 1)}: "
            f"{_shorten([_describe_suspect(study, suspect) for suspect in suspects])}",
            cause="Their labels may be wrong, or the images are ambiguous, or too hard for networks like these.",
            advice="look at these images, and correct the labels that are wrong",
        )


def _describe_suspect(study: StudyRuns, suspect: Suspect) -> str:
    return (
        f"test {suspect.index}, labelled {study.data.class_names[suspect.label]}, is "
        f"{study.data.class_names[suspect.agreed]} for {suspect.agreeing} of {suspect.runs} runs"
    )


def _voices(study: StudyRuns) -> list[Int[np.ndarray, "runs examples"]]:
    """For each network, however often the study trains it, the predictions of its runs that learned something."""
    voices: dict[str, list[Int[np.ndarray, " examples"]]] = {}
    for run in _all_runs(study):
        if run.predictions is not None and not learned_nothing(run, study.labels):
            voices.setdefault(repr(run.record.layers), []).append(run.predictions)
    return [np.stack(predictions) for predictions in voices.values()]


def _gets_most(run: Run, labels: Int[np.ndarray, " examples"], classes: list[int]) -> bool:
    """Whether a run is right for most of the images of these classes."""
    concerned = np.isin(labels, classes)
    return run.predictions is not None and bool((run.predictions == labels)[concerned].mean() > 0.5)


def _all_runs(study: StudyRuns) -> Iterator[Run]:
    return (run for model in study.models for run in model.runs)


def _class(study: StudyRuns, label: int) -> str:
    name = study.data.class_names[label]
    return f"class {label}" if name == str(label) else f"class {label} ({name})"


def _count(number: int, of: int) -> str:
    return f"{number} of {of} ({number / of:.1%})"


def _name_pairs(pairs: tuple[SamePair, ...], number: int) -> str:
    return _shorten([describe_pair(pair) for pair in pairs], number=number)


def _shorten(texts: list[str], *, number: int | None = None) -> str:
    """The first few, and how many more there are."""
    more = (number or len(texts)) - min(len(texts), SHOWN)
    return "; ".join(texts[:SHOWN]) + (f"; and {more} more" if more else "")

"""What is said of single classes: which are hard, what they are taken for, and whether their frequency explains it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from bakeoff.comparison import Comparison
from bakeoff.comparison.classes import ClassDifference, ClassStory, Confusion, ModelClasses
from bakeoff.report import numbers
from bakeoff.report.sentences.phrases import CLASSES, Phrase, Sentence, compose_sentence, name_model
from bakeoff.spec.values import Estimate

MOST_MODELS = 6
"""So many columns of recalls a page has room for."""

MOST_HARD = 3
MOST_CONFUSIONS = 3


def class_sentences(comparison: Comparison) -> list[Sentence]:
    """The classes that are proved to be harder than the others.

    Args:
        comparison: Of any number of models.

    Returns:
        At most one sentence.
    """
    story = comparison.classes
    tested = [model for model in story.models if not model.obstacle] if story else []
    struggling = [model for model in tested if model.hardest]
    if story is None or not struggling:
        return []
    if len(tested) == 1:
        return [_hardest_of_one(struggling[0], story)]
    counts = Counter(found.label for model in struggling for found in model.hardest).most_common(MOST_HARD)
    label, count = counts[0]
    model = next(model for model in struggling if any(found.label == label for found in model.hardest))
    others = "".join(f", class {story.names[other]} for {number}" for other, number in counts[1:])
    value, interval = _recall(model, label)
    return [
        compose_sentence(
            "classes",
            f"Class {story.names[label]} is harder than the others for ",
            Phrase(f"{count} of {len(tested)} models", "number", CLASSES),
            f"{others}{'; ' if others or count > 1 else ': '}",
            name_model(model.model),
            f" gets {value} ({interval}) of class {story.names[label]} right.",
        )
    ]


def shown_models(story: ClassStory) -> tuple[ModelClasses, ...]:
    """Those that a table has room for, the best."""
    return story.models[:MOST_MODELS]


def recall_decimals(model: ModelClasses) -> int:
    """Decimals that a column of recalls deserves."""
    return numbers.choose_decimals(found.recall for found in model.classes)


def hardest_text(model: ModelClasses, names: Sequence[str]) -> str:
    """Which classes are proved to be harder than the mean of the others, as a sentence."""
    if model.obstacle:
        return f"Its classes are not tested: {model.obstacle}."
    if not model.hardest:
        return "No class is shown to be harder than the others."
    listed = [f"{names[found.label]} ({_share(found.recall)})" for found in model.hardest if found.recall]
    return f"Harder than the others: {_join_some(listed, MOST_HARD)}."


def confusions_text(confusions: Sequence[Confusion], names: Sequence[str]) -> str:
    """What is taken for what most often, as a sentence; empty where nothing is known."""
    listed = [f"{names[found.true]} for {names[found.said]} ({_share(found.share)})" for found in confusions]
    if not listed:
        return ""
    then = f", then {numbers.join_names(listed[1:MOST_CONFUSIONS])}" if len(listed) > 1 else ""
    return f"It takes most often {listed[0]}{then}."


def frequency_text(model: ModelClasses, story: ClassStory) -> str:
    """Whether classes with more training images are recognised better, as a sentence; empty where it is not known."""
    found = model.frequency
    if found is None:
        return ""
    test = (
        f"(rank correlation {numbers.format_correlation(found.value)}, {numbers.format_p(found.p, alpha=story.alpha)})"
    )
    if found.p >= story.alpha:
        return f"Class frequency is not shown to matter {test}."
    return f"Classes with more training images are recognised {'better' if found.value > 0 else 'worse'} {test}."


def equal_frequency_text(story: ClassStory) -> str:
    """What holds for all models where every class has as many training images as the others; else empty."""
    counts = set(story.train_images or ())
    if len(counts) != 1:
        return ""
    each = numbers.format_count(counts.pop())
    return f"Every class has {each} training images, so class frequency explains nothing here."


def difference_texts(story: ClassStory) -> list[str]:
    """The classes in which one model is proved to be better than another, a sentence for each pair."""
    in_pairs = sorted(story.differences, key=lambda found: (found.better, found.worse))
    return [
        f"{better} is better than {worse} at {numbers.join_names(_name_difference(each, story) for each in found)}."
        for (better, worse), found in groupby(in_pairs, key=lambda found: (found.better, found.worse))
    ]


def _hardest_of_one(model: ModelClasses, story: ClassStory) -> Sentence:
    hard = model.hardest[:MOST_HARD]
    recalls = [(story.names[found.label], *_recall(model, found.label)) for found in hard]
    listed = numbers.join_names(f"class {name} ({value} right, {interval})" for name, value, interval in recalls)
    number = Phrase(listed, "number", CLASSES)
    verb = "is" if len(hard) == 1 else "are"
    return compose_sentence(
        "classes", "For ", name_model(model.model), ", ", number, f" {verb} harder than the others."
    )


def _recall(model: ModelClasses, label: int) -> tuple[str, str]:
    """Value and interval of a class that was tested, and so has both."""
    estimate = model.classes[label].recall
    if estimate is None:
        return numbers.UNKNOWN, numbers.UNKNOWN
    value, interval = _in_digits(estimate)
    return value, f"{numbers.format_level(estimate.level)} interval {interval}"


def _share(estimate: Estimate) -> str:
    value, interval = _in_digits(estimate)
    return value if interval == numbers.UNKNOWN else f"{value}, {interval}"


def _in_digits(estimate: Estimate) -> tuple[str, str]:
    decimals = numbers.choose_decimals([estimate])
    value = numbers.format_percent(estimate.value, decimals=decimals)
    return value, numbers.format_percent_interval(estimate, decimals=decimals)


def _name_difference(found: ClassDifference, story: ClassStory) -> str:
    decimals = numbers.choose_decimals([found.difference])
    points = numbers.format_points(found.difference.value, decimals=decimals)
    interval = numbers.format_points_interval(found.difference, decimals=decimals)
    return f"{story.names[found.label]} (by {points}, {interval})"


def _join_some(listed: Sequence[str], most: int) -> str:
    """Names as a person lists them, the last of very many as a number."""
    more = len(listed) - most
    return numbers.join_names([*listed[:most], f"{more} more"] if more > 0 else listed)

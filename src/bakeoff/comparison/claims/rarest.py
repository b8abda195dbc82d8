"""The claim that some classes have fewer training images than all others: the data answer it, no run is asked."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.comparison.claims.class_names import split_classes
from bakeoff.comparison.claims.judgements import Judgement, join_words
from bakeoff.spec.statements import Rarest


def judge_rarest(claim: Rarest, *, class_names: Sequence[str], train_images: Sequence[int] | None) -> Judgement:
    """Judge which classes have the fewest training images.

    Args:
        claim: What is claimed.
        class_names: Names of the classes, by label.
        train_images: Training images of each class; None where that is not known.

    Returns:
        The judgement; it rests on counts, not on a sample.

    Raises:
        StudyError: A claimed class is none of the data's, or all are claimed.
    """
    claimed, others = split_classes("rarest", claim.classes, class_names)
    if train_images is None:
        return Judgement("undetermined", "The store does not remember how many training images each class has.")
    counts = {label: f"{class_names[label]} ({train_images[label]:,})" for label in (*claimed, *others)}
    most = max(claimed, key=train_images.__getitem__)
    fewest = min(others, key=train_images.__getitem__)
    evidence = f"Training images of {join_words([counts[label] for label in claimed])}; of the other classes "
    evidence += f"{counts[fewest]} has the fewest."
    holds = train_images[most] < train_images[fewest]
    return Judgement("reproduced" if holds else "not reproduced", evidence)

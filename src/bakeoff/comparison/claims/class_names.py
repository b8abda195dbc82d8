"""Classes as claims name them: only the data know whether they exist."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.errors import StudyError, suggest


def split_classes(claim: str, names: Sequence[str], class_names: Sequence[str]) -> tuple[list[int], list[int]]:
    """The labels that a claim names, and all others.

    Args:
        claim: What an error message calls it.
        names: The classes that it names.
        class_names: Those of the data, by label.

    Raises:
        StudyError: A claimed class is none of the data's, or all are claimed.

    >>> split_classes("rarest", ["boot"], ["shirt", "boot", "bag"])
    ([1], [0, 2])
    """
    claimed = [_label(name, class_names) for name in names]
    others = [label for label in range(len(class_names)) if label not in claimed]
    if not others:
        raise StudyError(f"{claim} names all {len(claimed)} classes; at least one must be left out")
    return claimed, others


def _label(name: str, class_names: Sequence[str]) -> int:
    if name not in class_names:
        raise StudyError(f"a claim names the class {name!r}, which the data do not have; {suggest(name, class_names)}")
    return list(class_names).index(name)

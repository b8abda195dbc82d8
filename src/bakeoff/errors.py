"""The exception tree: every error that a user can mend.

A message says who complains, what was required, what was received, and what is available or what to do next.
The command line prints such an error in one paragraph and exits 1; anything else is our bug and keeps its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BakeoffError(Exception):
    """Something the user can mend. Never raised itself: raise one of its children."""


class StudyError(BakeoffError):
    """The study file asks for something that does not exist or does not fit.

    Args:
        message: What was required and what was received, in one or two sentences.
        path: The keys that lead to the offending entry, e.g. `("models", "dense", "layers", 2)`. Whoever holds the
            study file turns it into file and line.
        where: `file:line`, once it is known.
    """

    def __init__(self, message: str, *, path: tuple[str | int, ...] = (), where: str = "") -> None:
        super().__init__(message, path, where)
        self.message = message
        self.path = path
        self.where = where

    def __str__(self) -> str:
        """`file:line: message`, or the keys in place of file and line while these are not known."""
        place = self.where or ".".join(map(str, self.path))
        return f"{place}: {self.message}" if place else self.message

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the keyword arguments when a worker process sends this error home."""
        return _rebuild_study_error, (self.message, self.path, self.where)


class DataError(BakeoffError):
    """A data set is unknown, missing, damaged, or holds values that are not images and labels."""


class StoreError(BakeoffError):
    """A store cannot be read or written: newer format, full disk, nothing there."""


class OutputError(BakeoffError):
    """A file that the user asked for cannot be written."""


class WorkerError(BakeoffError):
    """The processes that train cannot be started or keep dying."""


MANY = 60  # more names than this are not listed in full
NEAREST = 6


def suggest(word: str, available: Iterable[str]) -> str:
    """End an error message: the nearest valid name, then all of them, or the nearest few where there are very many.

    >>> suggest("epoch", ["epochs", "loss"])
    "did you mean 'epochs'? Available: epochs, loss"
    """
    names = sorted(map(str, available))
    near = difflib.get_close_matches(str(word), names, n=NEAREST, cutoff=0.5)
    listing = f"Available: {', '.join(names)}" if names else "Nothing is available here"
    if len(names) > MANY:
        listing = (
            f"Nearest of {len(names)}: {', '.join(near)}" if near else f"There are {len(names)}, none of them near"
        )
    return f"did you mean {near[0]!r}? {listing}" if near else listing


def _rebuild_study_error(message: str, path: tuple[str | int, ...], where: str) -> StudyError:
    return StudyError(message, path=path, where=where)

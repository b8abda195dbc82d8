"""A sentence of the report: words, names and numbers, each of which knows where it came from.

The terminal prints `text`; the page makes a link of every phrase that has an anchor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "leader",
    "better",
    "equivalent",
    "undecided",
    "tier",
    "disagreement",
    "failed",
    "single run",
    "incomplete",
    "missing",
    "leak",
    "looks",
    "race",
    "luck",
    "budget",
    "claims",
    "factors",
    "finding",
    "classes",
    "plateau",
    "next",
]
LEADERBOARD = "leaderboard"
PAIRS = "pairs"
CLAIMS = "claims"
FACTORS = "factors"
BUDGET = "budget"
CLASSES = "classes"
TRAINING = "training"
PLATEAUS = "figure:plateaus"
MOST_NAMES = 6
"""Longer lists of models become their number."""


@dataclass(frozen=True)
class Phrase:
    """Some words of a sentence.

    Attributes:
        text: The words, as they are to be read.
        role: What they are.
        anchor: Id of the place in the report that they came from; empty for plain words.
    """

    text: str
    role: Literal["words", "model", "number"] = "words"
    anchor: str = ""


@dataclass(frozen=True)
class Sentence:
    """One statement, with the place of the number it rests on.

    Attributes:
        kind: What is being said; the page chooses its mark by it.
        phrases: In reading order; at least one is a number.
    """

    kind: Kind
    phrases: tuple[Phrase, ...]

    @property
    def text(self) -> str:
        """The sentence without any marks."""
        return "".join(phrase.text for phrase in self.phrases)

    @property
    def anchor(self) -> str:
        """Where the number that it rests on is found in the report."""
        return next(phrase.anchor for phrase in self.phrases if phrase.role == "number")


def compose_sentence(kind: Kind, *phrases: Phrase | str) -> Sentence:
    """Put words and phrases together.

    >>> compose_sentence("better", name_model("cnn"), " is ahead by ", Phrase("3 points", "number")).text
    'cnn is ahead by 3 points'
    """
    return Sentence(kind, tuple(Phrase(part) if isinstance(part, str) else part for part in phrases))


def name_model(name: str) -> Phrase:
    """A model's name, which leads to its row of the leaderboard."""
    return Phrase(name, "model", model_anchor(name))


def list_models(names: Sequence[str]) -> list[Phrase | str]:
    """Names as a person lists them: "cnn, lstm and dense"."""
    listed: list[Phrase | str] = []
    for place, name in enumerate(names):
        separator = "" if place == 0 else (" and " if place == len(names) - 1 else ", ")
        listed += [separator, name_model(name)] if separator else [name_model(name)]
    return listed


def list_models_or_count(names: Sequence[str]) -> list[Phrase | str]:
    """Names where there are few, else how many: "24 models"."""
    return list_models(names) if len(names) <= MOST_NAMES else [f"{len(names)} models"]


def model_anchor(name: str) -> str:
    """Id of a model's row. Names hold no colon, so ids never collide."""
    return f"model:{name}"


def finding_anchor(code: str) -> str:
    """Id of the first finding of a code."""
    return f"finding:{code}"


def pair_anchor(a: str, b: str) -> str:
    """Id of a pair's row."""
    return f"pair:{a}:{b}"


def end_clause(text: str) -> str:
    """A clause as a sentence: a capital in front, a full stop behind.

    >>> end_clause("the first layer sees unscaled pixels")
    'The first layer sees unscaled pixels.'
    """
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"

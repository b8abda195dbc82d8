"""Images that are the same, byte for byte: within a split, between training and test, and with different labels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int, UInt8

from bakeoff.data.dataset import Dataset
from bakeoff.spec.record import SamePair

Place = tuple[Literal["train", "test"], int]
"""A split, and the index of an image in it."""


@dataclass(frozen=True, eq=False)
class Identities:
    """Numbers that two images share if and only if they are equal.

    Attributes:
        train: Of each training image.
        test: Of each test image.
    """

    train: Int[np.ndarray, " train_examples"]
    test: Int[np.ndarray, " test_examples"]


def identify_images(dataset: Dataset) -> Identities:
    """Compare all images of both splits with each other.

    By hash: two different images share a number with a probability of 2^-128.
    """
    known: dict[bytes, int] = {}
    train, test = (
        np.array([known.setdefault(digest, len(known)) for digest in _digests(images)], dtype=np.int64)
        for images in (dataset.train_images, dataset.test_images)
    )
    return Identities(train=train, test=test)


def count_repeats(identities: Int[np.ndarray, " examples"]) -> int:
    """Images that are equal to an earlier one of the same split.

    >>> count_repeats(np.array([0, 1, 0, 0]))
    2
    """
    return identities.size - np.unique(identities).size


def find_leaks(dataset: Dataset, identities: Identities) -> list[SamePair]:
    """Each test image that is also a training image, with the first training image that it equals; by test index."""
    numbers, first = np.unique(identities.train, return_index=True)
    leaked = np.flatnonzero(np.isin(identities.test, numbers))
    partners = first[np.searchsorted(numbers, identities.test[leaked])]
    return [
        pair_images(dataset, ("test", test), ("train", train))
        for test, train in zip(leaked.tolist(), partners.tolist(), strict=True)
    ]


def find_contradictions(dataset: Dataset, identities: Identities) -> list[SamePair]:
    """Each image that occurs with different labels, once: its first place, and the first where the label differs.

    Training images come before test images.
    """
    numbers = np.concatenate([identities.train, identities.test])
    labels = np.concatenate([dataset.train_labels, dataset.test_labels])
    firsts = np.unique(numbers, return_index=True)[1]  # by number, and numbers are dealt out from 0 without gaps
    differing = np.flatnonzero(labels != labels[firsts[numbers]])
    _, first_differing = np.unique(numbers[differing], return_index=True)
    others = np.sort(differing[first_differing])
    train = len(identities.train)
    return [
        pair_images(dataset, _place(first, train), _place(other, train))
        for first, other in zip(firsts[numbers[others]].tolist(), others.tolist(), strict=True)
    ]


def pair_images(dataset: Dataset, one: Place, other: Place) -> SamePair:
    """Two images with their labels."""
    labels = {"train": dataset.train_labels, "test": dataset.test_labels}
    return SamePair(
        split=one[0],
        index=one[1],
        other_split=other[0],
        other_index=other[1],
        label=int(labels[one[0]][one[1]]),
        other_label=int(labels[other[0]][other[1]]),
    )


def describe_pair(pair: SamePair) -> str:
    """One pair in words, with labels where they differ.

    >>> describe_pair(SamePair(split="test", index=7, other_split="train", other_index=3, label=1, other_label=2))
    'test 7 (label 1) and training 3 (label 2)'
    """
    sides = ((pair.split, pair.index, pair.label), (pair.other_split, pair.other_index, pair.other_label))
    names = [f"{'training' if split == 'train' else split} {index}" for split, index, _ in sides]
    if pair.label != pair.other_label:
        names = [f"{name} (label {label})" for name, (_, _, label) in zip(names, sides, strict=True)]
    return " and ".join(names)


def _place(position: int, train: int) -> Place:
    """Where the image at this position is, if training and test images are laid end to end."""
    return ("train", position) if position < train else ("test", position - train)


def _digests(images: UInt8[np.ndarray, "examples height width channels"]) -> list[bytes]:
    return [hashlib.blake2b(image, digest_size=16).digest() for image in images]

import numpy as np
import pytest

from bakeoff.data import split_folds
from bakeoff.data.splits import hold_out
from bakeoff.errors import DataError
from bakeoff.spec.protocol import Holdout, KFold

LABELS = np.repeat([0, 1, 2], [50, 30, 20])


def _counts(indices, labels=LABELS):
    return np.bincount(labels[indices], minlength=3).tolist()


@pytest.mark.parametrize("holdout", [0.1, 10])
def test_a_holdout_takes_its_share_of_each_class(holdout):
    """A tenth of 50, 30 and 20 is 5, 3 and 2, whether asked for as a fraction or as a number."""
    (fold,) = split_folds(LABELS, Holdout(holdout=holdout), classes=3)
    assert _counts(fold.validation) == [5, 3, 2]
    assert _counts(fold.train) == [45, 27, 18]


def test_rounding_goes_to_the_largest_remainders():
    """Seven of 50, 30, 20 are 3.5, 2.1, 1.4 in proportion: 3, 2, 1, and the one left to the first class."""
    (fold,) = split_folds(LABELS, Holdout(holdout=7), classes=3)
    assert _counts(fold.validation) == [4, 2, 1]


def test_folds_are_stratified_and_cover_everything():
    """Each class is dealt evenly to four folds, and every image is validated on exactly once."""
    folds = split_folds(LABELS, KFold(kfold=4), classes=3)
    assert len(folds) == 4
    assert np.array_equal(np.sort(np.concatenate([fold.validation for fold in folds])), np.arange(100))
    assert [fold.validation.size for fold in folds] == [25] * 4
    for fold in folds:
        assert np.all(np.abs(np.array(_counts(fold.validation)) - [12.5, 7.5, 5]) < 1)


@pytest.mark.parametrize("validation", [Holdout(holdout=0.3), KFold(kfold=3), "none", "test"])
def test_the_two_parts_are_sorted_disjoint_and_complete(validation):
    """Whatever the scheme, training and validation part the images exactly."""
    for fold in split_folds(LABELS, validation, classes=3):
        assert np.array_equal(np.sort(np.concatenate([fold.train, fold.validation])), np.arange(100))
        assert np.all(np.diff(fold.train) > 0)
        assert np.all(np.diff(fold.validation) > 0)
        assert fold.train.dtype == fold.validation.dtype == np.int64


@pytest.mark.parametrize("validation", ["none", "test"])
def test_none_and_test_leave_validation_empty(validation):
    """With `none` and `test` all training images are trained on."""
    (fold,) = split_folds(LABELS, validation, classes=3)
    assert fold.train.size == 100
    assert fold.validation.size == 0


@pytest.mark.parametrize("validation", [Holdout(holdout=0.3), KFold(kfold=3)])
def test_splits_are_the_same_on_every_call(validation):
    """All models and seeds see the same folds."""
    first = split_folds(LABELS, validation, classes=3)
    second = split_folds(LABELS, validation, classes=3)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.validation, other.validation)


def test_a_holdout_is_drawn_at_random_within_a_class():
    """Files sorted by class or by writer do not give their first or last images to validation."""
    (fold,) = split_folds(np.zeros(1000, dtype=int), Holdout(holdout=100), classes=1)
    assert 350 < fold.validation.mean() < 650  # uniform: mean 500, standard error 27
    assert not np.array_equal(np.diff(fold.validation), np.full(99, fold.validation[1] - fold.validation[0]))


@pytest.mark.parametrize(
    ("labels", "validation", "words"),
    [
        (LABELS, Holdout(holdout=100), "100 of 100 training images held out leaves none to train on"),
        (LABELS, Holdout(holdout=0.999), "100 of 100 training images held out"),
        (LABELS, Holdout(holdout=2), "holding out 2 of 100 images: class 2 would be missing in the held-out part"),
        (LABELS, Holdout(holdout=0.001), "class 0 would be missing in the held-out part"),
        (
            LABELS,
            Holdout(holdout=99),
            r"class 1 would be missing in the training part \(it has 30 images; finding BKO304\)",
        ),
        (np.repeat([0, 1], [9, 1]), Holdout(holdout=8), r"class 1 would be missing in the training part \(it has 1"),
        (LABELS, KFold(kfold=21), r"kfold: 21}: class 2 has 20 training images, fewer than folds"),
    ],
)
def test_a_split_that_would_lose_a_class_is_refused(labels, validation, words):
    """The message names the class that would be missing, or the number that does not fit."""
    with pytest.raises(DataError, match=words):
        split_folds(labels, validation, classes=int(labels.max()) + 1)


def test_hold_out_needs_every_class():
    """A class of which there is no image at all is named."""
    with pytest.raises(DataError, match=r"class 1 would be missing.*it has 0 images"):
        hold_out(np.array([0, 0, 2, 2]), 2, classes=3)

"""When predictions count as a collapse to one class."""

import numpy as np
import pytest

from bakeoff.stats.collapse import MOST_KAPPA, ONE_CLASS, is_one_class


@pytest.mark.parametrize(
    ("confusion", "collapsed"),
    [
        ([[419, 0], [0, 3]], False),  # all right, though 99.3 % of the images are of one class: kappa 1
        ([[419, 0], [3, 0]], True),  # the same images, and the rare class is never named: kappa 0
        ([[418, 1], [3, 0]], True),  # named once, and wrongly: kappa below 0
        ([[500, 0], [490, 10]], True),  # 99 % named one of two equal classes, the others right: kappa 0.02
        ([[500, 0], [489, 11]], False),  # 98.9 %
        ([[0, 100], [0, 0]], True),  # never right
        ([[100, 0], [0, 0]], False),  # one class is all there is: nothing can be told
    ],
)
def test_collapse_is_one_class_without_agreement(confusion, collapsed):
    """Nearly all predictions are of one class, and they say next to nothing of the labels; kappas worked by hand."""
    assert is_one_class(np.array(confusion)) is collapsed


def test_the_border_lies_at_a_kappa_of_5_per_cent():
    """By hand, of 10,000 images 9,900 are of class 0 and as many are named so, of the other 100 k rightly.

    The chance to agree is 0.99 ** 2 + 0.01 ** 2 = 0.9802, kappa (0.98 + 2 k / 10,000 - 0.9802) / 0.0198: 0.0404 for
    k = 5 and 0.0505 for k = 6.
    """
    for right, collapsed in ((5, True), (6, False)):
        wrong = 100 - right
        assert is_one_class(np.array([[9_900 - wrong, wrong], [wrong, right]])) is collapsed


@pytest.mark.parametrize("classes", range(2, 11))
def test_balanced_classes_are_judged_by_the_share_alone(classes):
    """The best that predictions with 99 % of one class can do among equal classes is below the border of kappa."""
    each = 900
    confusion = np.zeros((classes, classes), dtype=int)
    confusion[:, 0] = each
    others = int((1 - ONE_CLASS) * classes * each + 1e-9)  # images that get another class, all of them rightly
    confusion[1, 0], confusion[1, 1] = each - others, others
    assert is_one_class(confusion)
    assert 0.01 / (1 - 1 / classes) <= 0.02 < MOST_KAPPA

"""From which epoch on training brought nothing more, by the validation loss of all seeds together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from bakeoff.stats.interval import t_quantile

WINDOW_SHARE = 5  # the last fifth of the epochs is weighed against the fifth before it
WINDOW_OF_ONE_SEED = 3  # so many epochs all below as many before them: 3! 3! / 6! = 5 % by chance
LEAST_FALL = 0.01  # of the loss; a smaller fall, however certain, is called none: a convention of this project


@dataclass(frozen=True)
class Plateau:
    """What the curves say about how long to train.

    Attributes:
        epoch: The first one, from 1, that is as good as the best.
        best_epoch: The one whose mean loss over seeds is lowest, the first of equals.
        still_improving: Whether the loss was falling when training stopped.
        why: In a sentence.
    """

    epoch: int
    best_epoch: int
    still_improving: bool
    why: str


def stack_curves(curves: Sequence[Sequence[float]]) -> Float[np.ndarray, "seeds epochs"]:
    """Curves of several seeds as one array, cut to the shortest: patience stops seeds at different epochs.

    >>> stack_curves([(3.0, 2.0, 1.0), (3.0, 1.0)]).tolist()
    [[3.0, 2.0], [3.0, 1.0]]
    """
    epochs = min(map(len, curves), default=0)
    return np.array([curve[:epochs] for curve in curves], dtype=np.float64).reshape(len(curves), epochs)


def average_folds(
    curves: Sequence[tuple[int, Sequence[float]]], *, folds: int
) -> dict[int, Float[np.ndarray, " epochs"]]:
    """The curve of each seed: the mean over its folds, which share their images and are no independent runs.

    Args:
        curves: Of each run, with its seed, by seed.
        folds: Runs that a seed must have; one that lacks any is left out, for its mean would be of other images.

    Returns:
        Curves by seed, each cut to the shortest of its folds.

    >>> average_folds([(0, (3.0, 1.0)), (0, (1.0, 2.0)), (1, (5.0, 5.0))], folds=2)
    {0: array([2. , 1.5])}
    """
    by_seed: dict[int, list[Sequence[float]]] = {}
    for seed, curve in curves:
        by_seed.setdefault(seed, []).append(curve)
    return {seed: stack_curves(some).mean(axis=0) for seed, some in by_seed.items() if len(some) == folds}


def is_above_zero(values: Float[np.ndarray, " seeds"]) -> bool:
    """A one-sided t test of the mean at 5 %; False with one seed, of which nothing is known.

    >>> is_above_zero(np.array([0.3, 0.4, 0.5])), is_above_zero(np.array([-0.3, 0.4, 0.5]))
    (True, False)
    """
    seeds = len(values)
    if seeds < 2:
        return False
    return bool(values.mean() > t_quantile(0.9, seeds - 1.0) * values.std(ddof=1) / np.sqrt(seeds))


def find_plateau(losses: Float[np.ndarray, "seeds epochs"]) -> Plateau:
    """The one-standard-error rule: the first epoch that cannot be told from the best.

    Of each epoch, the differences from the best epoch are taken seed by seed, since seeds differ more in level than
    in shape; the first epoch whose mean difference is at most one standard error of these differences is the plateau's.
    With one seed nothing is known about the error, and the epoch of the lowest loss is taken.

    The loss was still falling at the end if the best epoch lies in the last fifth of the epochs and the mean of that
    fifth lies below the mean of the fifth before: over seeds, by a one-sided t test at 5 %, and by at least 1 % of the
    loss. With one seed, every one of the last three epochs (or of the last fifth, if that is more) must lie below every
    one of as many before; with fewer than six epochs, the loss must fall in each of at least three.

    Args:
        losses: Validation loss of each seed after each epoch. Epochs from the first on in which a seed's loss is not
            finite are left out.

    Returns:
        The plateau. One epoch is its own plateau, and of it nothing else is known.

    Raises:
        ValueError: There is no seed, or no epoch in which all losses are finite.

    >>> find_plateau(np.array([[2.0, 1.0, 0.52, 0.5, 0.51], [2.2, 1.1, 0.60, 0.6, 0.61]])).epoch
    3

    Reference: Breiman, Friedman, Olshen and Stone (1984), "Classification and Regression Trees", section 3.4.3.
    """
    finite = _finite_epochs(losses)
    best = int(finite.mean(axis=0).argmin())
    epoch = _first_as_good(finite, best) + 1
    return Plateau(epoch, best + 1, _is_falling(finite, best), _explain(finite, best, epoch))


def _finite_epochs(losses: Float[np.ndarray, "seeds epochs"]) -> Float[np.ndarray, "seeds finite_epochs"]:
    finite = np.isfinite(losses).all(axis=0)
    epochs = losses.shape[1] if finite.all() else int(finite.argmin())
    if not losses.shape[0] or not epochs:
        raise ValueError(
            "a plateau needs the validation losses of at least one seed, finite for at least one epoch, "
            f"received {losses.shape[0]} seeds, finite for {epochs} of {losses.shape[1]} epochs"
        )
    return losses[:, :epochs]


def _first_as_good(losses: Float[np.ndarray, "seeds epochs"], best: int) -> int:
    """Index of the first epoch within one standard error of the best."""
    if len(losses) == 1:
        return best
    differences = losses - losses[:, [best]]
    return int((differences.mean(axis=0) <= _standard_error(differences)).argmax())


def _standard_error(values: Float[np.ndarray, "seeds epochs"]) -> Float[np.ndarray, " epochs"]:
    error: Float[np.ndarray, " epochs"] = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return error


def _is_falling(losses: Float[np.ndarray, "seeds epochs"], best: int) -> bool:
    seeds, epochs = losses.shape
    window = max(epochs // WINDOW_SHARE, 1 if seeds > 1 else WINDOW_OF_ONE_SEED)
    if epochs < 2 * window:
        return seeds == 1 and epochs >= WINDOW_OF_ONE_SEED and bool((np.diff(losses[0]) < 0).all())
    before, last = losses[:, -2 * window : -window], losses[:, -window:]
    falls = before.mean(axis=1) - last.mean(axis=1)
    if best < epochs - window or falls.mean() < LEAST_FALL * before.mean():
        return False
    return bool(before.min() > last.max()) if seeds == 1 else is_above_zero(falls)


def _explain(losses: Float[np.ndarray, "seeds epochs"], best: int, epoch: int) -> str:
    seeds, epochs = losses.shape
    lowest = f"{losses[:, best].mean():.4g} in epoch {best + 1} of {epochs}"
    if seeds == 1:
        return f"the validation loss of the only seed is lowest, {lowest}"
    if epoch == best + 1:
        return (
            f"the mean validation loss of {seeds} seeds is lowest, {lowest}; none before is within one standard error"
        )
    return (
        f"the mean validation loss of {seeds} seeds is lowest, {lowest}, and first within one standard error of that "
        f"in epoch {epoch}"
    )

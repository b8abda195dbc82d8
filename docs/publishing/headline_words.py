"""The headline in words: what study B's table looks like with raw and with scaled pixels, and what was the cause.

Every clause follows from the results: one that they do not bear is not said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from docs.publishing.counterfactuals import split_trials, tell_well
from docs.publishing.figures_in_words import mean_accuracy, printed_accuracies, span_of
from docs.publishing.runs import LEARNS_NOTHING, failing, seeds_with

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.runner.remedies import Trial
from bakeoff.spec import Study
from bakeoff.spec.protocol import KFold
from bakeoff.stats import correlate_ranks

COMES_BACK = 0.7
"""From this rank correlation on, the printed order is said to come back."""

NARROWER = 0.25
"""If scaled means spread over less than this share of what raw ones do, the table ranked how pixels are borne."""

LINK = "[All four comparisons, rebuilt and judged](docs/published/README.md)."


def tell_headline(raw: Comparison, scaled: Comparison, trials: Sequence[Trial]) -> str:
    """The paragraph that a reader should leave with.

    Args:
        raw: Of `study-b`.
        scaled: Of the same networks with scaled pixels.
        trials: Of the networks that learn nothing with raw pixels.
    """
    sentences = (_tell_table(raw), _tell_raw(raw), _tell_scaled(scaled), *_tell_causes(trials), _conclude(raw, scaled))
    return " ".join([*sentences, LINK])


def tell_order(comparison: Comparison) -> str:
    """Whether the printed order comes back, as a clause; empty where nothing can be ordered."""
    printed = printed_accuracies(comparison.study)
    measured = {model.name: mean_accuracy(model) for model in comparison.models}
    names = [name for name in printed if name in measured]
    found = correlate_ranks(np.array([printed[name] for name in names]), np.array([measured[name] for name in names]))
    if found is None:
        return ""
    value = numbers.format_correlation(found.value)
    if found.value > COMES_BACK:
        return f"the printed order comes back (rank correlation {value})"
    return f"the rank correlation with the printed figures is {value} (1 is the same order, 0 none)"


def _tell_table(raw: Comparison) -> str:
    printed = printed_accuracies(raw.study)
    apart = _trained_otherwise(raw.study)
    but = f" (but {numbers.join_names(apart)})" if apart else ""
    return (
        f"A published table has {len(raw.models)} networks on Fashion-MNIST, each trained once{but}, with accuracies "
        f"{span_of(list(printed.values()))}, and conclusions about depth, width and activation."
    )


def _trained_otherwise(study: Study) -> list[str]:
    """The models whose printed figure is not of one training: folds, the best or the mean of several."""
    told = []
    for model in study.models:
        printed = study.published.get(model.name)
        times = max(printed.best_of, printed.runs) if printed else 1
        validation = model.protocol.validation
        if isinstance(validation, KFold):
            told.append(f"{model.name} on each of {validation.kfold} folds")
        elif times > 1:
            told.append(f"{model.name} {'twice' if times == 2 else f'{times} times'}")
    return told


def _tell_raw(raw: Comparison) -> str:
    order = tell_order(raw)
    means = f"means over {_seeds(raw)} lie {span_of(_means(raw))}"
    return f"With pixels left at 0 to 255, {means}{order and f', and {order}'}; {_tell_failures(raw)}."


def _tell_failures(raw: Comparison) -> str:
    """How many seeds learn nothing, and how many have no result for a reason that is not the network's."""
    sick = failing(raw)
    nothing = sum(seeds_with(raw.model(name), LEARNS_NOTHING) for name in sick)
    networks = f"{len(sick)} network{'s' * (len(sick) != 1)}"
    told = f"{nothing} seed{'s' * (nothing != 1)} of {networks} learn{'s' * (nothing == 1)} nothing"
    told = told if sick else "every seed learns something"
    broken = sum(model.failed_seeds - seeds_with(model, LEARNS_NOTHING) for model in raw.models)
    return told + (f", {broken} more ha{'s' if broken == 1 else 've'} no result" if broken else "")


def _tell_scaled(scaled: Comparison) -> str:
    order = tell_order(scaled)
    return (
        "The same networks with pixels divided by 255, and nothing else changed, have means "
        f"{span_of(_means(scaled))}{order and f'; {order}'}."
    )


def _tell_causes(trials: Sequence[Trial]) -> Iterator[str]:
    sick, well = split_trials(trials)
    if sick:
        cured = [trial.model for trial in sick if _scaling_cures(trial)]
        some = f"{len(cured)} ({numbers.join_names(cured)})" if cured else "none"
        which = "every one" if len(cured) == len(sick) else some
        names = numbers.join_names(trial.model for trial in sick)
        network = "networks that fail" if len(sick) > 1 else "network that fails"
        yield (
            f"In brief trials of one change at a time, scaling the pixels alone cures {which} of the {len(sick)} "
            f"{network} there too ({names})."
        )
    if well:
        yield tell_well(well)


def _conclude(raw: Comparison, scaled: Comparison) -> str:
    spreads = [max(means) - min(means) for means in (_means(raw), _means(scaled))]
    if spreads[1] < NARROWER * spreads[0]:
        return "What the table ranked was, for the most part, how well each network bears raw pixels."
    of_raw, of_scaled = map(numbers.format_points, spreads)
    return f"The means spread over {of_raw} with raw pixels and over {of_scaled} with scaled ones."


def _means(comparison: Comparison) -> list[float]:
    return [mean_accuracy(model) for model in comparison.models]


def _seeds(comparison: Comparison) -> str:
    counts = sorted({_seeds_run(model) for model in comparison.models})
    return f"{counts[0]}{f' to {counts[-1]}' * (len(counts) > 1)} seed{'s' * (counts[-1] > 1)}"


def _seeds_run(model: ModelResult) -> int:
    return model.seeds + model.failed_seeds


def _scaling_cures(trial: Trial) -> bool:
    return any(change.effect == "cures" and change.setting.endswith("pixels=unit") for change in trial.changes)

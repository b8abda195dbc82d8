"""A plan in sentences: what it costs, what it can decide, and what it cannot."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.comparison.resolution import SHORT_TRAINING
from bakeoff.report import numbers
from bakeoff.spec.protocol import Patience
from bakeoff.verbs.plan import Plan

FEW_SEEDS = 3


def describe_cost(plan: Plan) -> Iterator[str]:
    """Runs, time and disk, and what is not known of them.

    Args:
        plan: Of any study.

    Yields:
        Sentences, the most important first.
    """
    cost = plan.cost
    if cost.left[1]:
        yield f"{_in_store(plan)}{_bill(plan)}"
    else:
        yield f"{_all_runs(cost.done)} in the store already: nothing is left to train."
    yield from _explain_unknown(plan)
    tried = {model.name for model in cost.models if model.cost and model.cost.basis == "trial" and model.left[1]}
    if any(isinstance(model.protocol.stop, Patience) and model.name in tried for model in plan.study.models):
        yield "Early stopping may end runs sooner: a trial can only tell the time of all epochs."
    if any(model.protocol.stop == "plateau" for model in plan.study.models) and cost.left[1]:
        yield (
            "A model that stops at its plateau is trained twice: to find it, and to it. Until it is found, the second "
            "training is counted at full length, the most that it can take."
        )
    for model in cost.models:
        if model.twin:
            yield f"{model.name} is the same network as {model.twin} under the same protocol and shares its runs."


def describe_resolution(plan: Plan) -> Iterator[str]:
    """What the table of detectable differences means, and what it rests on; or why there is none.

    Args:
        plan: Of any study.

    Yields:
        Sentences.
    """
    if plan.resolutions and plan.images:
        of_pairs = "the only pair" if plan.pairs == 1 else f"each of the {plan.pairs:,} pairs"
        when = " at the last look" if plan.looks else ""
        yield (
            f"With {_seeds(plan.limits.seeds)} of each model, a true difference in accuracy of this size is found with "
            f"80 % probability, {of_pairs} being tested at the level {plan.levels[-1]:.2g}{when}. No number of seeds "
            "brings the half width of its interval on new images below the floor, which is set by the "
            f"{plan.images:,} test images."
        )
        yield _basis(plan)
    elif plan.cross_validated:
        yield (
            "How small a difference the folds can detect is not known before they are there: their test is "
            "approximate, and more seeds add no folds."
        )
    elif plan.models < 2:
        yield "With one model there is no pair to compare, and so no difference to detect."
    elif plan.images is None and plan.limits.seeds > 1:
        yield "Without the data, the number of test images and the smallest detectable difference are not known."


def describe_race(plan: Plan) -> Iterator[str]:
    """When a race looks at its verdicts; nothing for a study without one.

    Args:
        plan: Of any study.

    Yields:
        At most one sentence.
    """
    if plan.looks:
        looks = [f"{seeds} (p < {level:.2g})" for seeds, level in zip(plan.looks, plan.levels, strict=False)]
        after = numbers.join_names(looks or map(str, plan.looks))
        yield (
            f"The race looks at its verdicts after {after} seeds; a model gets more seeds while one of its verdicts is "
            "open."
        )


def describe_limits(plan: Plan) -> Iterator[str]:
    """What so few seeds cannot give, whatever comes out.

    Args:
        plan: Of any study.

    Yields:
        Sentences; none from 29 seeds on.
    """
    limits = plan.limits
    if limits.detectable_sds is None:
        pairs = ", so every pair will remain undecided" if plan.pairs else ""
        yield (
            f"One seed decides nothing: how much a result changes from seed to seed stays unknown{pairs}. Plan at "
            "least 2 seeds of each model, better 5."
        )
        return
    if limits.seeds <= FEW_SEEDS:
        yield (
            f"{_seeds(limits.seeds)} cannot show that a model never fails: after {limits.seeds} runs without a failure "
            f"it may still fail in up to {numbers.format_chance(limits.unseen_failure_rate)} of its runs (one-sided "
            "95 % bound)."
        )
    if plan.pairs and limits.smallest_rank_p >= plan.levels[-1]:
        yield (
            f"Where runs fail, pairs are judged by ranks, and ranks of {_seeds(limits.seeds)} cannot be significant: "
            f"p is at least {limits.smallest_rank_p:.2g}, and must stay below {plan.levels[-1]:.2g}."
        )
    if limits.seeds <= FEW_SEEDS and plan.pairs:
        yield (
            f"Two models must differ by {limits.detectable_sds:.3g} times the run-to-run standard deviation to be told "
            "apart, even if they are the only pair."
        )
    if limits.seeds < limits.superiority_seeds and plan.pairs:
        yield (
            f"With fewer than {limits.superiority_seeds} seeds it cannot be denied that one run of A beats one run of "
            "B in more than 75 % of cases."
        )


def format_range(ends: tuple[int, int]) -> str:
    """One number, or two with a dash.

    >>> format_range((5, 5)), format_range((12, 1200)).replace(numbers.UNKNOWN, "-")
    ('5', '12-1,200')
    """
    low, high = ends
    return f"{low:,}" if low == high else f"{low:,}{numbers.UNKNOWN}{high:,}"


def format_duration(seconds: float) -> str:
    """A duration as roughly as it is known.

    >>> [format_duration(s).replace(numbers.NO_BREAK_SPACE, " ") for s in (4.4, 89, 1830, 9000)]
    ['4 s', '89 s', '30 min', '2.5 h']
    """
    if seconds < 120:
        return f"{seconds:.0f}{numbers.NO_BREAK_SPACE}s"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f}{numbers.NO_BREAK_SPACE}min"
    return f"{seconds / 3600:,.1f}{numbers.NO_BREAK_SPACE}h"


def format_bytes(size: float) -> str:
    """A size on disk.

    >>> [format_bytes(size).replace(numbers.NO_BREAK_SPACE, " ") for size in (41_000, 446_713, 1_234_567_890)]
    ['41 kB', '0.4 MB', '1,235 MB']
    """
    megabytes = size / 1e6
    if megabytes < 0.1:
        return f"{size / 1e3:.0f}{numbers.NO_BREAK_SPACE}kB"
    return f"{megabytes:,.{1 if megabytes < 99.95 else 0}f}{numbers.NO_BREAK_SPACE}MB"


def _in_store(plan: Plan) -> str:
    done = plan.cost.done
    return f"{done:,} run{'s are' if done > 1 else ' is'} in the store already. " if done else ""


def _bill(plan: Plan) -> str:
    cost = plan.cost
    low, high = cost.left
    more = " more" if cost.done else ""
    to_do = f"{high:,}{more} run{'s' * (high > 1)}" if low == high else f"{low:,} to {high:,}{more} runs"
    if cost.seconds is None or cost.bytes is None:
        return f"{to_do} to do, in a time that is not known."
    times, sizes = map(format_duration, cost.seconds), map(format_bytes, cost.bytes)
    workers = f"{cost.workers} worker{'s' * (cost.workers > 1)}"
    return f"{to_do} to do: {_about(low, *times)} with {workers}, and {_about(low, *sizes)} in the store."


def _about(runs: int, low: str, high: str) -> str:
    """One amount or two; only the larger one where it may be that no run is needed."""
    if not runs:
        return f"up to {high}"
    return f"about {low}" if low == high else f"about {low} to {high}"


def _all_runs(done: int) -> str:
    return "The only run is" if done == 1 else f"All {done:,} runs are"


def _explain_unknown(plan: Plan) -> Iterator[str]:
    unknown = plan.cost.unknown
    if not unknown:
        return
    lacking = f"The store has no finished run of {numbers.join_names(unknown)}"
    if plan.obstacle:
        yield f"{lacking}, and the data are not at hand for a trial. {plan.obstacle}"
    else:
        yield f"{lacking}, and no trial was made: leave out --no-trial to have one."


def _basis(plan: Plan) -> str:
    """Where the spread of results comes from."""
    first = plan.resolutions[0].spread
    if first.basis == "records":
        return (
            f"Results are taken to vary as they do in the store, where {first.models} of the {plan.models} models have "
            "at least two finished seeds; --error SHARE assumes a spread instead."
        )
    share = f"{100 * (first.error or 0):.3g}{numbers.NO_BREAK_SPACE}%"
    return (
        f"Assumed, not measured: models get {share} of the images wrong (change it with --error SHARE); a converged "
        "one then varies by sqrt(error / 2N) from run to run, one that is trained too briefly by "
        f"{SHORT_TRAINING:.0f} times as much; and two models differ for good on {share} of the images."
    )


def _seeds(number: int) -> str:
    return f"{number} seed{'s' * (number > 1)}"

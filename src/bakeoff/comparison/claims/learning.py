"""Claims about how one model learns: that it does not, or that it was not done when it was stopped."""

from __future__ import annotations

import numpy as np
from scipy import special

from bakeoff.comparison.claims.judgements import Judgement, decide, end_sentence, write_difference, write_interval
from bakeoff.comparison.claims.settling import price_from_here
from bakeoff.comparison.claims.subjects import Subject
from bakeoff.comparison.values import CertaintyPrice
from bakeoff.stats import Price, estimate_run_mean, failure_rate, price_of_runs
from bakeoff.stats.price import fewest_seeds

HALF = "about half of the seeds fail"


def judge_fails(subject: Subject, *, alpha: float) -> Judgement:
    """Judge the claim that a model does not learn: that more than half of its seeds diverge or collapse.

    Args:
        subject: The model.
        alpha: Error rate of each verdict.

    Returns:
        The judgement.
    """
    if not subject.sample.seeds:
        return Judgement("undetermined", end_sentence(subject.obstacle()))
    rate = failure_rate(subject.sample.failed, subject.sample.seeds, level=1 - 2 * alpha)
    evidence = (
        f"{subject.sample.failed} of {subject.sample.seeds} seeds of {subject.name} failed: a failure rate of "
        f"{100 * rate.low:.0f} to {100 * rate.high:.0f} % ({100 * rate.level:.4g} % interval), where more than 50 % is "
        "claimed."
    )
    if rate.low > 0.5:
        return Judgement("reproduced", evidence)
    if rate.high < 0.5:
        return Judgement("not reproduced", evidence)
    return Judgement("undetermined", evidence, price=_price_rate(subject, level=rate.level))


def judge_improving(subject: Subject, *, margin: float, alpha: float) -> Judgement:
    """Judge the claim that a model was still getting better when its training stopped.

    - reproduced: over seeds, the last quarter of the epochs has a higher mean accuracy than the quarter before.
    - not reproduced: the gain is surely smaller than the margin, or a loss.

    Args:
        subject: The model.
        margin: Gains in accuracy up to this fraction do not matter.
        alpha: Error rate of each verdict.

    Returns:
        The judgement.
    """
    if obstacle := subject.obstacle():
        return Judgement("undetermined", end_sentence(obstacle))
    gains = subject.gains()
    if np.isnan(gains).any():
        return Judgement("undetermined", f"{subject.name} was trained for one epoch, in which nothing can be compared.")
    kept = "validation" if subject.by_seed[0][0].history.validation_accuracy else "training"
    gain = estimate_run_mean(gains, images=subject.sample.images, level=1 - 2 * alpha)
    if not gain.standard_error > 0:
        few = f"Each of {gains.size} seeds has a gain of {write_difference(gain.value, 'accuracy')}"
        return Judgement("undetermined", f"{few}: there is no spread to judge by.")
    above = float(special.stdtr(gain.degrees_of_freedom, -gain.value / gain.standard_error))
    below = float(special.stdtr(gain.degrees_of_freedom, (gain.value - margin) / gain.standard_error))
    size = write_difference(abs(gain.value), "accuracy")
    side = "above" if gain.value > 0 else "below"
    ends = write_interval(gain, "accuracy")
    evidence = (
        f"In the last quarter of the epochs of {subject.name}, the {kept} accuracy is {size} {side} that of the "
        f"quarter before{ends}; a gain of up to {write_difference(margin, 'accuracy')} does not matter."
    )
    verdict = decide(above, below, alpha=alpha)
    if verdict != "undetermined":
        return Judgement(verdict, evidence)
    bound = 0.0 if gain.value > 0 else margin
    price = price_from_here(price_of_runs([gains], [1.0], offset=-bound, alpha=2 * alpha), [subject])
    return Judgement(verdict, evidence, price=price)


def _price_rate(subject: Subject, *, level: float) -> CertaintyPrice:
    """Seeds with which a share of failures like this one would lie on one side of one half."""
    share = subject.sample.failed / subject.sample.seeds

    def decides(seeds: int) -> bool:
        rate = failure_rate(round(share * seeds), seeds, level=level)
        return not rate.low <= 0.5 <= rate.high

    return price_from_here(Price(fewest_seeds(decides, start=subject.sample.seeds), None, HALF), [subject])

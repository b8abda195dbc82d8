"""Claims about how one model learns: that it does not, or that it was not done when it was stopped."""

from __future__ import annotations

import numpy as np
from scipy import special

from bakeoff.comparison.claims.judgements import Judgement, decide, end_sentence, write_difference, write_interval
from bakeoff.comparison.claims.settling import price_gain, price_of_one
from bakeoff.comparison.claims.subjects import Subject
from bakeoff.comparison.values import CertaintyPrice
from bakeoff.stats import Price, estimate_run_mean, failure_rate
from bakeoff.stats.price import MOST_SEEDS

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
    return Judgement(verdict, evidence, price=price_gain(gains, subject, margin=margin, alpha=alpha))


def _price_rate(subject: Subject, *, level: float) -> CertaintyPrice:
    """The fewest seeds with which a share of failures like this one, rounded towards one half, settles the claim."""
    start, failed = subject.sample.seeds, subject.sample.failed

    def settles(seeds: int) -> bool:
        expected = failed * seeds // start if 2 * failed > start else -(-failed * seeds // start)
        rate = failure_rate(expected, seeds, level=level)
        return not rate.low <= 0.5 <= rate.high

    enough = next((seeds for seeds in range(start, MOST_SEEDS + 1) if settles(seeds)), None)
    return price_of_one(Price(enough, None, "" if enough else HALF), subject, runs=start)

"""The claim that some classes are harder for a model than all others.

Seeds are shared by all classes, images are not: the images of two classes are independent samples. Of each claimed and
each other class, the difference of error rates is judged with the crossed variance, its seed part from the differences
run by run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import special

from bakeoff.comparison.claims.class_names import split_classes
from bakeoff.comparison.claims.judgements import (
    ClaimPair,
    ClaimVerdict,
    Judgement,
    end_sentence,
    join_words,
    write_interval,
    write_value,
)
from bakeoff.comparison.claims.settling import price_of_one, price_of_parts
from bakeoff.comparison.claims.subjects import Subject
from bakeoff.comparison.values import CertaintyPrice
from bakeoff.spec.statements import Hardest
from bakeoff.spec.values import Estimate
from bakeoff.stats import ScoreSummary, adjust_holm, summarize_scores
from bakeoff.stats.interval import never_zero
from bakeoff.stats.price import Outlook, price_outlook
from bakeoff.stats.summary import sample_variance


@dataclass(frozen=True, eq=False)
class _Gap:
    """Two classes of one model.

    Attributes:
        hard: Label of the class that is claimed to be harder.
        other: Label of another one.
        differences: Error rate of the first less that of the second, run by run.
        first: Scores on the images of the first class.
        second: Scores on those of the second.
    """

    hard: int
    other: int
    differences: Float[np.ndarray, " seeds"]
    first: ScoreSummary
    second: ScoreSummary

    @property
    def item(self) -> float:
        """Variance that the images contribute; the classes share none."""
        return self.first.item_part + self.second.item_part

    @property
    def residual(self) -> float:
        """Variance that seed x image noise contributes."""
        return self.first.residual_part + self.second.residual_part


def judge_hardest(claim: Hardest, subject: Subject, *, class_names: Sequence[str], alpha: float) -> Judgement:
    """Judge which classes are the hardest.

    - reproduced: every claimed class has significantly more errors than every other one. No correction is needed: if
      the claim is false, one of these pairs alone must err.
    - not reproduced: some other class has significantly more errors than some claimed one, after Holm's correction.
    - undetermined: everything else.

    Args:
        claim: What is claimed.
        subject: The model.
        class_names: Names of the classes, by label.
        alpha: Error rate of each verdict.

    Returns:
        The judgement, with every pair of a claimed and another class.

    Raises:
        StudyError: A claimed class is none of the data's, or all are claimed.
    """
    claimed, others = split_classes(f"hardest({claim.model})", claim.classes, class_names)
    if obstacle := subject.obstacle():
        return Judgement("undetermined", end_sentence(obstacle))
    absent = [class_names[label] for label in (*claimed, *others) if subject.in_class(label).size < 2]
    if absent:
        return Judgement("undetermined", f"The test set has fewer than two images of {join_words(absent)}.")
    gaps = [_gap(subject, hard, other) for hard in claimed for other in others]
    pairs = [_estimate(gap, class_names, level=1 - 2 * alpha) for gap in gaps]
    verdict, against = _decide(pairs, alpha)
    opening = _error_rates(subject, claimed, others, class_names)
    evidence = f"{opening} {_grounds(verdict, pairs, against, alpha)}"
    price = _price(gaps, pairs, subject, alpha) if verdict == "undetermined" else None
    return Judgement(verdict, evidence, tuple(pairs), price)


def _gap(subject: Subject, hard: int, other: int) -> _Gap:
    scores = subject.evidence.scores
    first, second = (summarize_scores(scores[:, subject.in_class(label)]) for label in (hard, other))
    differences = second.run_means - first.run_means  # recall of the other less recall of the hard one
    return _Gap(hard, other, differences, first, second)


def _estimate(gap: _Gap, class_names: Sequence[str], *, level: float) -> ClaimPair:
    """Error rate of one class less that of another."""
    differences, first, second = gap.differences, gap.first, gap.second
    seed = sample_variance(differences) / differences.size
    variance = max(seed + gap.item - gap.residual, seed, gap.item)
    value, error = float(differences.mean()), math.sqrt(variance) if variance > 0 else math.nan
    smaller = min(first.images, second.images)
    freedom = (differences.size - 1) * (variance / seed) ** 2 if seed > 0 else smaller - 1.0
    half = float(special.stdtrit(freedom, (1 + level) / 2)) * error
    estimate = Estimate(
        value=value,
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        level=level,
        standard_error=error,
        degrees_of_freedom=freedom,
        method="crossed seeds and images of two classes, t" if variance > 0 else "no error in either class",
        runs=differences.size,
        images=first.images + second.images,
    )
    p = never_zero(float(special.stdtr(freedom, -value / error)))
    return ClaimPair(f"{class_names[gap.hard]} - {class_names[gap.other]}", "error", estimate, p)


def _price(gaps: Sequence[_Gap], pairs: Sequence[ClaimPair], subject: Subject, alpha: float) -> CertaintyPrice | None:
    """What would settle the claim."""
    return price_of_parts(
        needed=[_price_gap(gap, subject, alpha) for gap, pair in zip(gaps, pairs, strict=True) if not pair.p <= alpha],
        contrary=[_price_gap(gap, subject, alpha / len(gaps)) for gap in gaps if gap.differences.mean() < 0],
    )


def _price_gap(gap: _Gap, subject: Subject, alpha: float) -> CertaintyPrice:
    """What would tell which of two classes is harder; images are those of the whole test set."""
    outlook = Outlook(
        difference=abs(float(gap.differences.mean())),
        seed_variances=(sample_variance(gap.differences),),
        residual=gap.residual * gap.differences.size,
        floor=gap.item - gap.residual,
        images=subject.sample.images,
        alpha=2 * alpha,
        margin=0.0,
    )
    return price_of_one(price_outlook(outlook, [gap.differences.size]), subject, runs=gap.differences.size)


def _decide(pairs: Sequence[ClaimPair], alpha: float) -> tuple[ClaimVerdict, list[ClaimPair]]:
    """The verdict, and the pairs that are significantly the other way round."""
    opposite = adjust_holm(np.array([1 - pair.p for pair in pairs]))
    against = [pair for pair, p in zip(pairs, opposite.tolist(), strict=True) if p <= alpha]
    if all(pair.p <= alpha for pair in pairs):
        return "reproduced", []
    return ("not reproduced" if against else "undetermined"), against


def _error_rates(subject: Subject, claimed: Sequence[int], others: Sequence[int], class_names: Sequence[str]) -> str:
    rates = {
        label: 1 - float(subject.evidence.scores[:, subject.in_class(label)].mean()) for label in (*claimed, *others)
    }
    listed = join_words([f"{class_names[label]} ({write_value(rates[label], 'error')})" for label in claimed])
    worst = max(others, key=lambda label: rates[label])
    rest = f"of the other classes {class_names[worst]} has the most ({write_value(rates[worst], 'error')})"
    return f"Error rates of {listed}; {rest}."


def _grounds(verdict: ClaimVerdict, pairs: Sequence[ClaimPair], against: Sequence[ClaimPair], alpha: float) -> str:
    if verdict == "not reproduced":
        worst = min(against, key=lambda pair: pair.estimate.value if pair.estimate else 0.0)
        hard, other = worst.name.split(" - ", 1)
        interval = write_interval(worst.estimate, "error") if worst.estimate else ""
        return f"{other} is significantly harder than {hard}: error of {worst.name}{interval}."
    proved = sum(pair.p <= alpha for pair in pairs)
    return f"{proved} of {len(pairs)} pairs of a claimed and another class differ significantly as claimed."

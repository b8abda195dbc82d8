"""Did the source's figures and claims come back? Every one gets an answer, if only that the runs cannot give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bakeoff.comparison.claims.factor_order import judge_factor_order
from bakeoff.comparison.claims.hardest import judge_hardest
from bakeoff.comparison.claims.judgements import ClaimPair, ClaimVerdict, Judgement, join_words, write_value
from bakeoff.comparison.claims.learning import judge_fails, judge_improving
from bakeoff.comparison.claims.published_figures import judge_figure, judge_parameters
from bakeoff.comparison.claims.rarest import judge_rarest
from bakeoff.comparison.claims.relations import judge_difference, judge_order_claim, judge_ratio
from bakeoff.comparison.claims.subjects import Subject
from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.factors import Attribution
from bakeoff.comparison.samples import Sample
from bakeoff.comparison.values import CertaintyPrice
from bakeoff.spec.claims import Claim
from bakeoff.spec.statements import (
    Difference,
    FactorOrder,
    Fails,
    Hardest,
    Improving,
    Measure,
    Order,
    Rarest,
    Ratio,
    Statement,
)
from bakeoff.spec.study import Published, Study

PROSE = "It names no quantity that this study measures."


@dataclass(frozen=True)
class PrintedFigure:
    """Which number of a source a result is about.

    Attributes:
        model: Whose.
        measure: What was measured: "accuracy" or "parameters".
    """

    model: str
    measure: Measure


@dataclass(frozen=True)
class ClaimResult:
    """What became of one claim or figure of a source.

    Attributes:
        claim: In the grammar of claims, e.g. "cnn > dense"; a figure as "accuracy(cnn) = 99.17 %"; prose as it is.
        source: The source's words where the study has them, else the source.
        verdict: "not comparable" where the runs cannot answer it whatever they show.
        evidence: One or two sentences with the numbers.
        pairs: The differences behind it, where a claim is about several.
        price: What would settle an undetermined claim; None where that is not known.
        figure: Where it is a figure, which one; None of a claim in words.
    """

    claim: str
    source: str
    verdict: ClaimVerdict
    evidence: str
    pairs: tuple[ClaimPair, ...] = ()
    price: CertaintyPrice | None = None
    figure: PrintedFigure | None = None


@dataclass(frozen=True, eq=False)
class _Grounds:
    """All that a claim may be held against."""

    study: Study
    subjects: Mapping[str, Subject]
    attribution: Attribution
    class_names: Sequence[str]
    train_images: Sequence[int] | None
    alpha: float


def judge_claims(
    study: Study,
    evidence: Sequence[Evidence],
    samples: Mapping[str, Sample],
    *,
    attribution: Attribution,
    class_names: Sequence[str],
    train_images: Sequence[int] | None = None,
    alpha: float = 0.05,
) -> tuple[ClaimResult, ...]:
    """Judge the published accuracies and numbers of weights, and all claims of a study.

    Args:
        study: With `published`, `claims`, and the overrides that it was run with: runs under overrides cannot bring a
            figure back, but may still show how the models stand to each other.
        evidence: On the models that have runs.
        samples: The same reduced to their margins, by name.
        attribution: What the factors of the study do.
        class_names: Names of the classes, by label.
        train_images: Training images of each class; None where that is not known.
        alpha: Error rate of each verdict; in a race, the smallest level of its looks, since every look was a chance.

    Returns:
        First the accuracies and the numbers of weights, in the order of the study's models, then the claims in the
        order of the study.

    Raises:
        StudyError: A claim names a class that the data do not have.
    """
    subjects = {found.name: Subject(found, samples[found.name]) for found in evidence}
    grounds = _Grounds(study, subjects, attribution, class_names, train_images, alpha)
    figures = [(model.name, study.published.get(model.name)) for model in study.models]
    return (
        *(_weigh_accuracy(name, figure, grounds) for name, figure in figures if figure and figure.accuracy is not None),
        *(
            _weigh_parameters(name, figure.parameters, grounds)
            for name, figure in figures
            if figure and figure.parameters
        ),
        *(_weigh_claim(claim, grounds) for claim in study.claims),
    )


def _weigh_accuracy(name: str, published: Published, grounds: _Grounds) -> ClaimResult:
    value = write_value(published.accuracy or 0.0, "accuracy")
    return _weigh_figure(
        PrintedFigure(name, "accuracy"), value, lambda own: judge_figure(published, own, alpha=grounds.alpha), grounds
    )


def _weigh_parameters(name: str, published: int, grounds: _Grounds) -> ClaimResult:
    value = write_value(published, "parameters")
    return _weigh_figure(
        PrintedFigure(name, "parameters"), value, lambda own: judge_parameters(published, own), grounds
    )


def _weigh_figure(
    figure: PrintedFigure, value: str, judge: Callable[[Subject], Judgement], grounds: _Grounds
) -> ClaimResult:
    changed = [text for text in grounds.study.overrides if _concerns(text, figure)]
    if changed:
        found = Judgement("not comparable", f"Trained with {join_words(changed)}, which the source did not.")
    elif figure.model not in grounds.subjects:
        found = Judgement("undetermined", _no_run([figure.model]))
    else:
        found = judge(grounds.subjects[figure.model])
    result = _result(f"{figure.measure}({figure.model}) = {value}", grounds.study.source, found)
    return replace(result, figure=figure)


def _weigh_claim(claim: Claim, grounds: _Grounds) -> ClaimResult:
    source = claim.says or grounds.study.source
    statement = claim.statement
    if statement is None:
        return _result(claim.says, source, Judgement("not comparable", PROSE))
    missing = [name for name in statement.models if name not in grounds.subjects]
    if missing:
        return _result(claim.claim, source, Judgement("undetermined", _no_run(missing)))
    found = _judge(statement, grounds)
    if overrides := grounds.study.overrides:
        found = replace(found, evidence=f"Under {join_words(overrides)}: {found.evidence}")
    return _result(claim.claim, source, found)


def _judge(statement: Statement, grounds: _Grounds) -> Judgement:
    subjects, margin, alpha = grounds.subjects, grounds.study.protocol.margin, grounds.alpha
    match statement:
        case Order():
            return judge_order_claim(statement, subjects, margin=margin, alpha=alpha)
        case Difference():
            return judge_difference(statement, subjects, alpha=alpha)
        case Ratio():
            return judge_ratio(statement, subjects, alpha=alpha)
        case FactorOrder():
            return judge_factor_order(statement, grounds.attribution, alpha=alpha)
        case Hardest(model):
            return judge_hardest(statement, subjects[model], class_names=grounds.class_names, alpha=alpha)
        case Rarest():
            return judge_rarest(statement, class_names=grounds.class_names, train_images=grounds.train_images)
        case Fails(model):
            return judge_fails(subjects[model], alpha=alpha)
        case Improving(model):
            return judge_improving(subjects[model], margin=margin, alpha=alpha)


def _result(claim: str, source: str, found: Judgement) -> ClaimResult:
    return ClaimResult(claim, source, found.verdict, found.evidence, found.pairs, found.price)


def _concerns(override: str, figure: PrintedFigure) -> bool:
    """Whether an override may change this figure; how a network is trained does not change its number of weights."""
    own = f"models.{figure.model}"
    if figure.measure == "parameters" and override.startswith(("protocol.", f"{own}.protocol")):
        return False
    return not override.startswith("models.") or override.startswith((f"{own}.", f"{own}="))


def _no_run(names: Sequence[str]) -> str:
    return f"There is no run of {join_words(names)} yet."

"""The report as a sequence of blocks: Markdown and LaTeX are both written from it, so they never say different things.

A block knows what it says and nothing of how it looks. Whatever is added here appears in every format at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bakeoff.comparison import Comparison
from bakeoff.report import numbers
from bakeoff.report.document import tables
from bakeoff.report.document.blocks import (
    Block,
    FigureBlock,
    Heading,
    Paragraph,
    Sentences,
    Span,
    Text,
    text,
    text_with_code,
)
from bakeoff.report.document.training import training_blocks
from bakeoff.report.gallery import Picture
from bakeoff.report.sentences import classes, phrases
from bakeoff.report.sentences.factors import estimable_contrasts, interaction_text, refused_contrasts, share_text
from bakeoff.report.sentences.findings import FindingGroup, group_findings
from bakeoff.report.sentences.phrases import Phrase, Sentence, end_clause
from bakeoff.report.sentences.verdict import verdict_sentences
from bakeoff.stats import Factor

_SECTIONS = {
    phrases.LEADERBOARD: "Leaderboard",
    "model": "Leaderboard",
    phrases.PAIRS: "Pairs",
    "pair": "Pairs",
    phrases.CLAIMS: "Claims",
    phrases.FACTORS: "What makes the difference",
    phrases.BUDGET: "Budgets",
    phrases.CLASSES: "Classes",
    phrases.TRAINING: "How it was trained",
    "finding": "Findings",
    "figure": "Figures",
}
"""The section that has what an anchor of a sentence, up to its colon, stands for."""


def make_document(comparison: Comparison, pictures: Sequence[Picture] = ()) -> tuple[Block, ...]:
    """The whole report.

    Args:
        comparison: All that is said follows from it.
        pictures: Figures to show, from `draw_pictures` of the same comparison.

    Returns:
        Blocks in reading order: title, verdict, leaderboard, figures, classes, pairs, claims, factors, budgets,
        findings, how it was trained.
    """
    sections = (
        Heading("Leaderboard"),
        tables.leaderboard(comparison),
        *([Heading("Figures")] if pictures else []),
        *map(FigureBlock, pictures),
        *_classes(comparison),
        *_pairs(comparison),
        *_claims(comparison),
        *_factors(comparison),
        *_budget(comparison),
        *_findings(comparison),
        *training_blocks(comparison),
    )
    there = {block.words for block in sections if isinstance(block, Heading) and block.level == 2}
    return (
        Heading(comparison.study.title or comparison.study.name, 1),
        Paragraph(text(_question(comparison))),
        Heading("Verdict"),
        Sentences(tuple(_sentence(sentence, there) for sentence in verdict_sentences(comparison))),
        *sections,
    )


def _question(comparison: Comparison) -> str:
    count, data = len(comparison.models), comparison.data
    better = "better" if count == 2 else "best"
    asked = (
        f"How good is this model on {data.reference}?"
        if count == 1
        else f"Which of these {count} models is really {better} on {data.reference}?"
    )
    finished = sum(not run.failed for model in comparison.models for run in model.runs)
    images = numbers.format_count(data.test)
    runs = f"{numbers.format_count(finished)} finished run{'s' * (finished != 1)}"
    return f"{asked} Judged on {images} test images, from {runs}."


def _sentence(sentence: Sentence, there: Collection[str]) -> Text:
    return tuple(_phrase(phrase, there) for phrase in sentence.phrases)


def _phrase(phrase: Phrase, there: Collection[str]) -> Span:
    """A number leads to the section that has it, if this document has that section."""
    if phrase.role != "number":
        return Span(phrase.text, "strong" if phrase.role == "model" else "plain")
    section = _SECTIONS[phrase.anchor.split(":")[0]]
    return Span(phrase.text, section=section if section in there else "")


def _classes(comparison: Comparison) -> list[Block]:
    story = comparison.classes
    if story is None:
        return []
    told = []
    for model in classes.shown_models(story):
        hardest = classes.hardest_text(model, story.names)
        confusions = classes.confusions_text(model.confusions, story.names)
        parts = [hardest, confusions, classes.frequency_text(model, story)]
        told.append(text(Span(model.model, "strong"), f": {' '.join(filter(None, parts))}"))
    general = [classes.equal_frequency_text(story), *classes.difference_texts(story)]
    items = (*told, *(text(each) for each in general if each))
    return [Heading("Classes"), *tables.classes(comparison, story), Sentences(items)]


def _pairs(comparison: Comparison) -> list[Block]:
    if not comparison.pairs:
        return []
    prices = tables.prices(comparison)
    return [Heading("Pairs"), tables.pairs(comparison), *([prices] if prices else [])]


def _claims(comparison: Comparison) -> list[Block]:
    return [Heading("Claims"), tables.claims(comparison)] if comparison.claims else []


def _factors(comparison: Comparison) -> list[Block]:
    attribution = comparison.attribution
    if not (attribution.factors or attribution.left_out):
        return []
    left_out = [Sentences(tuple(text(f"{each}.") for each in attribution.left_out))] if attribution.left_out else []
    of_factors = [block for factor in attribution.factors for block in _factor(factor, comparison)]
    return [Heading("What makes the difference"), *of_factors, *left_out]


def _factor(factor: Factor, comparison: Comparison) -> list[Block]:
    blocks: list[Block] = [Heading(factor.factor, 3)]
    if estimable_contrasts(factor):
        said = [interaction_text(factor, alpha=1 - comparison.level), share_text(factor)]
        blocks += [Paragraph(text(" ".join(filter(None, said)))), tables.contrasts(factor, comparison)]
    refused = refused_contrasts(factor)
    if refused:
        opening = f"{len(refused)} of {len(factor.contrasts)} contrasts cannot be estimated:"
        blocks += [Paragraph(text(opening)), Sentences(tuple(text(f"{each.reason}.") for each in refused))]
    return blocks


def _budget(comparison: Comparison) -> list[Block]:
    unequal = comparison.budget.unequal
    equal = "All models had the same images, epochs, updates, seeds and numbers of settings tried."
    told = f"Not equal: {'; '.join(unequal)}." if unequal else equal
    return [Heading("Budgets"), tables.budget(comparison), Paragraph(text(told))]


def _findings(comparison: Comparison) -> list[Block]:
    groups = group_findings(comparison.findings)
    return [Heading("Findings"), Sentences(tuple(map(_finding, groups)))] if groups else []


def _finding(group: FindingGroup) -> Text:
    first = group.first
    spans: list[str | Span] = [Span(f"{first.title}.", "strong"), f" ({first.code}, {first.severity}) "]
    for model, evidence in group.cases:
        spans += [Span(model, "strong"), f": {evidence}. "] if model else [f"{end_clause(evidence)} "]
    if first.cause:
        spans.append(f"Probable cause: {end_clause(first.cause)} ")
    spans.append("Try: ")
    return text(*spans, *text_with_code(first.advice), ".")

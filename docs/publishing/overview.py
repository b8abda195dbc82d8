"""The page before the four: every claim of every source with its verdict, what was chosen, and what it all took."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from docs.publishing.times import name_threads

from bakeoff.comparison import Comparison
from bakeoff.comparison.claims import ClaimResult
from bakeoff.report import numbers
from bakeoff.report.document import tables
from bakeoff.report.document.blocks import Block, Heading, Paragraph, Sentences, text, text_with_code
from bakeoff.report.document.markdown import to_markdown
from bakeoff.report.sentences.claims import claims_sentences

OPENING = """# The four published comparisons

Four published comparisons of neural networks: every model of them trained again at full size, with several seeds, and
every figure and every claim judged. `make published-run` trains them into a store, `make published` writes these pages
from it; no figure on them is typed by hand.
"""

CONTRADICTIONS = "Where these runs contradict what was published or known"
SCALED = "study-b with scaled pixels"


def write_overview(
    compared: Mapping[str, Comparison], scaled: Comparison, long: Comparison, took: Sequence[str]
) -> str:
    """The page, as Markdown.

    Args:
        compared: The four comparisons, by their study's short name.
        scaled: Study B's networks with scaled pixels.
        long: Study D's networks after 100 epochs.
        took: How long all of it took, in sentences.
    """
    contents = "\n".join(f"- [{name}]({name}.md): {_summary(comparison)}" for name, comparison in compared.items())
    machines = _machines([*compared.values(), scaled, long])
    claims: list[Block] = [
        Heading("Every claim"),
        *(block for name, comparison in compared.items() for block in (Heading(name, 3), tables.claims(comparison))),
        Heading(SCALED, 3),
        tables.claims(scaled),
    ]
    rest: list[Block] = [
        Heading("What the sources contradict or leave open, and what was chosen"),
        *(block for name, comparison in compared.items() for block in _choices(name, comparison)),
        Heading("What it took"),
        Sentences(tuple(map(text, [*took, *machines]))),
    ]
    parts = (OPENING, contents, _contradictions(compared, scaled), _markdown(claims), _markdown(rest))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def first_sentence(words: str) -> str:
    """The first sentence of some.

    >>> first_sentence("cnn 0.5 % (90 % interval 0.1 to 0.9). Were it the best of 10 runs: undetermined.")
    'cnn 0.5 % (90 % interval 0.1 to 0.9).'
    """
    return re.split(r"(?<=\.)\s+(?=[A-Z0-9])", words, maxsplit=1)[0]


def _contradictions(compared: Mapping[str, Comparison], scaled: Comparison) -> str:
    """All that was not reproduced; of scaled pixels, which no source says it had, the figures are only counted."""
    lines = [
        f"- [{name}]({name}.md#claims): {_tell(claim, comparison)}"
        for name, comparison in compared.items()
        for claim in _not_reproduced(comparison)
    ]
    of_scaled = list(_not_reproduced(scaled))
    page = "study-b.md#raw-and-scaled-pixels"
    lines += [f"- [{SCALED}]({page}): {_tell(claim, scaled)}" for claim in of_scaled if not claim.figure]
    printed, gone = (sum(claim.figure is not None for claim in claims) for claims in (scaled.claims, of_scaled))
    if gone:
        lines.append(f"- [{SCALED}]({page}): of its {printed} printed figures {gone} do not come back.")
    return f"## {CONTRADICTIONS}\n\n" + ("\n".join(lines) or "Nowhere.")


def _not_reproduced(comparison: Comparison) -> Iterator[ClaimResult]:
    return (claim for claim in comparison.claims if claim.verdict == "not reproduced")


def _tell(claim: ClaimResult, comparison: Comparison) -> str:
    words = tables.published_words(claim, comparison.study.source)
    return _markdown([Paragraph((*words, *text(f": {first_sentence(claim.evidence)}")))]).strip("\n")


def _summary(comparison: Comparison) -> str:
    title = comparison.study.title
    return " ".join([f"{title}.", *(sentence.text for sentence in claims_sentences(comparison))])


def _choices(name: str, comparison: Comparison) -> list[Block]:
    return [Heading(name, 3), Sentences(tuple(map(text_with_code, comparison.study.choices)))]


def _machines(comparisons: Iterable[Comparison]) -> list[str]:
    """Every environment that occurs, in words, each once."""
    environments = [environment for comparison in comparisons for environment in comparison.environments]
    told = [", ".join(_parts(environment)) + name_threads([environment]) for environment in environments]
    return list(dict.fromkeys(f"{each}." for each in told))


def _parts(environment: Mapping[str, str]) -> Iterator[str]:
    software = {"bakeoff": "Bakeoff", "jax": "JAX", "keras": "Keras", "numpy": "NumPy", "python": "Python"}
    yield from (environment[key] for key in ("system", "device") if key in environment)
    versions = [f"{name} {environment[key]}" for key, name in software.items() if key in environment]
    if versions:
        yield numbers.join_names(versions)


def _markdown(blocks: list[Block]) -> str:
    return to_markdown(tuple(blocks), str)

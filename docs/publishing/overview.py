"""The page before the four: every claim of every source with its verdict, what was chosen, and what it all took."""

from __future__ import annotations

from collections.abc import Mapping

from docs.publishing import times

from bakeoff.comparison import Comparison
from bakeoff.report.document import tables
from bakeoff.report.document.blocks import Block, Heading, Paragraph, Sentences, text, text_with_code
from bakeoff.report.document.markdown import to_markdown
from bakeoff.report.sentences.claims import claims_sentences

OPENING = """# The four published comparisons

Four published comparisons of neural networks: every model of them trained again at full size, with several seeds, and
every figure and every claim judged. `make published-run` trains them into a store, `make published` writes these pages
from it; no figure on them is typed by hand.
"""


def write_overview(compared: Mapping[str, Comparison], scaled: Comparison, long: Comparison) -> str:
    """The page, as Markdown.

    Args:
        compared: The four comparisons, by their study's short name.
        scaled: Study B's networks with scaled pixels.
        long: Study D's networks after 100 epochs.
    """
    contents = "\n".join(f"- [{name}]({name}.md): {_summary(comparison)}" for name, comparison in compared.items())
    machine = scaled.environments[0]
    took = (
        f"{times.total_time([*compared.values(), scaled, long])}, as many runs at a time as there are cores; "
        f"{machine['system']}, {machine['device']}, JAX {machine['jax']}. The trials of failing networks come on top."
    )
    blocks: list[Block] = [
        Heading("Every claim"),
        *(block for name, comparison in compared.items() for block in (Heading(name, 3), tables.claims(comparison))),
        Heading("study-b with scaled pixels", 3),
        tables.claims(scaled),
        Heading("What the sources contradict or leave open, and what was chosen"),
        *(block for name, comparison in compared.items() for block in _choices(name, comparison)),
        Heading("What it took"),
        Paragraph(text(took)),
    ]
    return f"{OPENING}\n{contents}\n\n{to_markdown(tuple(blocks), str)}"


def _summary(comparison: Comparison) -> str:
    title = comparison.study.title
    return " ".join([f"{title}.", *(sentence.text for sentence in claims_sentences(comparison))])


def _choices(name: str, comparison: Comparison) -> list[Block]:
    return [Heading(name, 3), Sentences(tuple(map(text_with_code, comparison.study.choices)))]

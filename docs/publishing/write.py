"""Writes docs/published, one page for each of the four published comparisons: `make published`.

A page is the study's report, with the source's own tables and what the networks say of single images. Every figure comes
from the store that `make published-run` fills.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import source_tables
from samples import sample_predictions

import bakeoff
from bakeoff.comparison import Comparison
from bakeoff.report.document.blocks import Block, Heading, TableBlock
from bakeoff.report.document.document import make_document
from bakeoff.report.document.markdown import to_markdown
from bakeoff.report.gallery import draw_pictures
from bakeoff.report.rendering import to_file

FOLDER = Path(__file__).parent.parent / "published"


@dataclass(frozen=True)
class Page:
    """Of one source.

    Attributes:
        study: Its name.
        own_tables: The source's tables, from the comparison and the store.
    """

    study: str
    own_tables: Callable[[Comparison, Path], list[Block]]


def main() -> None:
    """Write all pages, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="*", help="names; all if none is given")
    parser.add_argument("--store", type=Path, default=Path("bakeoff-published"), help="from `make published-run`")
    arguments = parser.parse_args()
    for page in PAGES:
        if page.study in (arguments.studies or [page.study]):
            print(write_page(page, arguments.store))


def write_page(page: Page, store: Path) -> Path:
    """Write a page and its figures."""
    study = bakeoff.load_study(page.study)
    comparison = bakeoff.compare(study, store=store)
    drawn = draw_pictures(comparison)
    extra = [
        *source_tables.published_and_measured(comparison),
        *page.own_tables(comparison, store),
        *sample_predictions(study, store),
    ]
    folder = FOLDER / f"{page.study}-figures"
    folder.mkdir(parents=True, exist_ok=True)
    for picture in drawn:
        (folder / f"{picture.name}.svg").write_bytes(to_file(picture.svg, "svg"))
    path = FOLDER / f"{page.study}.md"
    document = insert_after_leaderboard(make_document(comparison, drawn), extra)
    path.write_text(to_markdown(document, lambda name: f"{folder.name}/{name}.svg"), "utf-8")
    return path


def insert_after_leaderboard(document: tuple[Block, ...], extra: list[Block]) -> tuple[Block, ...]:
    """The report with more blocks behind its first table."""
    headings = [place for place, block in enumerate(document) if block == Heading("Leaderboard")]
    table = headings[0] + 1
    if not isinstance(document[table], TableBlock):
        raise ValueError(f"the leaderboard's heading must be followed by its table, got {document[table]}")
    return (*document[: table + 1], *extra, *document[table + 1 :])


def _of_b(comparison: Comparison, store: Path) -> list[Block]:
    both = bakeoff.compare(bakeoff.load_study("study-b-pixels"), store=store)
    scaled = {model.name.removesuffix("-unit"): model for model in both.models if model.name.endswith("-unit")}
    return [*source_tables.by_activation(comparison), *source_tables.final_inference(comparison, scaled)]


PAGES = (
    Page("study-a", lambda comparison, store: source_tables.sorted_by_accuracy(comparison)),
    Page("study-b", _of_b),
    Page("study-c", lambda comparison, store: source_tables.score(comparison)),
    Page("study-d", lambda comparison, store: source_tables.findings(comparison, store)),
)

if __name__ == "__main__":
    main()

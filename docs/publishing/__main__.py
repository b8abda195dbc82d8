"""Writes docs/published, a page for each published comparison, and the README's headline: `make published`.

A page is the study's report with what its source printed beside it: figures, tables in the source's own form, single
images, training times, and what is still open. Every figure comes from the store that `make published-run` fills.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from docs.publishing import source_tables
from docs.publishing.counterfactuals import find_trials, why_they_fail
from docs.publishing.headline import draw_headline, tell_headline
from docs.publishing.open_questions import open_questions
from docs.publishing.overview import write_overview
from docs.publishing.runs import LONG_RUNS, STORE, Runs
from docs.publishing.samples import sample_predictions
from docs.publishing.times import training_times
from docs.writing.markdown import fill_mark

from bakeoff.comparison import Comparison
from bakeoff.report.document import tables
from bakeoff.report.document.blocks import Block, FigureBlock, Heading
from bakeoff.report.document.document import make_document
from bakeoff.report.document.markdown import to_markdown
from bakeoff.report.gallery import Picture, draw_pictures
from bakeoff.report.rendering import to_file
from bakeoff.runner.remedies import Trial

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "published"


@dataclass(frozen=True)
class Source:
    """One of the four.

    Attributes:
        study: Its name.
        own_tables: The source's tables, from the comparison and all runs.
        next_experiments: What would answer the claims that these runs cannot answer, in words.
    """

    study: str
    own_tables: Callable[[Comparison, Runs], list[Block]]
    next_experiments: tuple[str, ...] = ()


def main() -> None:
    """Write all pages and the headline, or the pages of the studies that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="*", help="names; all, and the headline, if none is given")
    parser.add_argument("--store", type=Path, default=STORE, help="from `make published-run`")
    arguments = parser.parse_args()
    runs = Runs(arguments.store)
    sources = [source for source in SOURCES if source.study in (arguments.studies or [source.study])]
    compared = {source.study: runs.compare(source.study) for source in sources}
    for source in sources:
        print(write_page(source, compared[source.study], runs, FOLDER))
    if not arguments.studies:
        scaled, long = runs.compare_scaled(), runs.compare("study-d", LONG_RUNS)
        write_headline(compared["study-b"], scaled, find_trials(runs))
        (FOLDER / "README.md").write_text(write_overview(compared, scaled, long), "utf-8")


def write_page(source: Source, comparison: Comparison, runs: Runs, folder: Path) -> Path:
    """Write a page and its figures.

    Args:
        source: What it is about.
        comparison: Of its study.
        runs: All that were made.
        folder: Gets the page and a folder of figures.

    Returns:
        The page's path.
    """
    drawn = draw_pictures(comparison)
    document = make_document(comparison, drawn)
    for section, blocks in {
        "Leaderboard": [*source_tables.published_and_measured(comparison), *source.own_tables(comparison, runs)],
        "Classes": sample_predictions(comparison.study, runs.store),
        "Claims": open_questions(comparison, source.next_experiments),
        "Budgets": training_times(comparison),
    }.items():
        document = insert_behind(document, section, blocks)
    pictures = [block.picture for block in document if isinstance(block, FigureBlock)]
    return _save(document, pictures, folder / f"{source.study}.md")


def write_headline(raw: Comparison, scaled: Comparison, trials: Sequence[Trial]) -> None:
    """Fill the README's paragraph and picture on study B."""
    picture = draw_headline(raw, scaled)
    told = tell_headline(raw, scaled, trials)
    (FOLDER / "headline.svg").write_bytes(to_file(picture.svg, "svg"))
    fill_mark(ROOT / "README.md", "headline", f"{told}\n\n![{picture.alt_text}](docs/published/headline.svg)")


def insert_behind(document: Sequence[Block], section: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The document with more blocks where a section ends.

    Raises:
        ValueError: There is no such section.

    >>> [block.words for block in insert_behind([Heading("A"), Heading("a", 3), Heading("B")], "A", [Heading("new")])]
    ['A', 'a', 'new', 'B']
    """
    headings = [place for place, block in enumerate(document) if isinstance(block, Heading) and block.level == 2]
    begins = next((place for place in headings if document[place] == Heading(section)), None)
    if begins is None:
        raise ValueError(f"the report must have the section {section!r} for something to be put behind it")
    ends = next((place for place in headings if place > begins), len(document))
    return (*document[:ends], *blocks, *document[ends:])


def _save(document: Sequence[Block], pictures: Sequence[Picture], path: Path) -> Path:
    folder = path.parent / path.stem
    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        (folder / f"{picture.name}.svg").write_bytes(to_file(picture.svg, "svg"))
    path.write_text(to_markdown(tuple(document), lambda name: f"{folder.name}/{name}.svg"), "utf-8")
    return path


def _tables_of_b(raw: Comparison, runs: Runs) -> list[Block]:
    scaled = runs.compare_scaled()
    return [
        *source_tables.by_activation(raw),
        *source_tables.final_inference(raw, scaled),
        Heading("Raw and scaled pixels"),
        FigureBlock(draw_headline(raw, scaled)),
        tables.claims(scaled),
        *why_they_fail(find_trials(runs)),
    ]


SOURCES = (
    Source(
        "study-a",
        lambda comparison, runs: source_tables.sorted_by_accuracy(comparison),
        (
            "Whether the LSTM is appropriate for other images is a question for other data: "
            "`bakeoff run study-a --set data=fashion-mnist`, then "
            "`bakeoff compare study-a --data mnist --data fashion-mnist`.",
        ),
    ),
    Source(
        "study-b",
        _tables_of_b,
        (
            "Depth, width, activation and loss change together in this table, and epochs and hold-out with them. A "
            "`grid:` of depth and activation under one protocol, with scaled pixels, would tell them apart.",
        ),
    ),
    Source("study-c", lambda comparison, runs: source_tables.summary_and_score(comparison)),
    Source(
        "study-d",
        lambda comparison, runs: source_tables.findings_on_epochs(comparison, runs.compare("study-d", LONG_RUNS)),
        (
            "Transfer learning, which the source recommends: features of a large network that was trained on other "
            "images (Inception, VGG), with a new last layer trained on these, against the CNN with as many seeds.",
        ),
    ),
)

if __name__ == "__main__":
    main()

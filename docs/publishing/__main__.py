"""Writes docs/published, a page for each published comparison, and the README's headline: `make published`.

A page is the study's report with what its source printed beside it: figures, tables in the source's own form, single
images, training times, and what is still open. Every figure comes from the store that `make published-run` fills;
nothing is trained here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from docs.publishing import source_tables
from docs.publishing.finished_runs import refuse_lacking
from docs.publishing.headline import draw_headline
from docs.publishing.headline_words import tell_headline
from docs.publishing.open_questions import open_questions
from docs.publishing.overview import write_overview
from docs.publishing.runs import LONG_RUNS, STORE, Runs
from docs.publishing.samples import sample_predictions
from docs.publishing.sources import SOURCES, Results, Source
from docs.publishing.stored_commands import name_store
from docs.publishing.times import stored_time, training_times
from docs.writing.markdown import fill_mark

from bakeoff.errors import BakeoffError
from bakeoff.report.document.blocks import Block, FigureBlock, Heading
from bakeoff.report.document.document import make_document
from bakeoff.report.document.markdown import to_markdown
from bakeoff.report.gallery import Picture, draw_pictures
from bakeoff.report.rendering import to_file
from bakeoff.spec import Study

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "published"
NAMES = tuple(source.study for source in SOURCES)


def main() -> None:
    """Write all pages and the headline, or the pages of the studies that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", dest="studies", action="append", choices=NAMES, help="repeated; by default all")
    parser.add_argument("--store", type=Path, default=STORE, help="from `make published-run`")
    parser.add_argument("--to", type=Path, default=FOLDER, help="folder of the pages")
    arguments = parser.parse_args()
    try:
        for page in write_pages(Runs(arguments.store), arguments.studies or NAMES, arguments.to):
            print(page)
    except BakeoffError as error:
        sys.exit(str(error))


def write_pages(runs: Runs, names: Collection[str], folder: Path) -> Iterator[Path]:
    """Write the pages of some studies; of all four, also the page before them and the README's headline.

    Args:
        runs: What was trained.
        names: Of the studies.
        folder: Gets the pages. The README's headline is filled in only where that is the published one.

    Yields:
        Each page's path, when it is written.

    Raises:
        StoreError: The store lacks runs; then nothing is written.
    """
    refuse_lacking(needed_studies(runs, names), runs.store)
    results = Results(runs, {name: runs.compare(runs.load(name)) for name in NAMES if name in names})
    if "study-b" in names:
        _ = results.trials  # they are looked for before anything is written
    for source in SOURCES:
        if source.study in names:
            yield write_page(source, results, folder)
    if set(names) == set(NAMES):
        yield from _write_rest(results, folder)


def needed_studies(runs: Runs, names: Collection[str]) -> dict[str, Study]:
    """What must have been run for the pages of these studies, by what `bakeoff run` calls it."""
    studies = {name: runs.load(name) for name in NAMES if name in names}
    scaled = {"study-b-pixels": runs.load_scaled()} if "study-b" in names else {}
    long = {f"study-d --set {LONG_RUNS}": runs.load_long()} if "study-d" in names else {}
    return {**studies, **scaled, **long}


def write_page(source: Source, results: Results, folder: Path) -> Path:
    """Write a page and its figures.

    Args:
        source: What it is about.
        results: Of its study at least.
        folder: Gets the page and a folder of figures.

    Returns:
        The page's path.
    """
    comparison = results.compared[source.study]
    document = make_document(comparison, draw_pictures(comparison))
    for section, blocks in {
        "Leaderboard": [*source_tables.published_and_measured(comparison), *source.own_tables(results)],
        "Classes": sample_predictions(comparison.study, results.runs.store),
        "Claims": open_questions(source.judged(results), source.next_experiments),
        "Budgets": training_times(comparison),
    }.items():
        document = insert_behind(document, section, blocks)
    document = name_store(document, comparison.study.name)
    pictures = [block.picture for block in document if isinstance(block, FigureBlock)]
    return _save(document, pictures, folder / f"{source.study}.md")


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


def _write_rest(results: Results, folder: Path) -> Iterator[Path]:
    raw, scaled = results.compared["study-b"], results.scaled
    picture = draw_headline(raw, scaled)
    (folder / "headline.svg").write_bytes(to_file(picture.svg, "svg"))
    if folder == FOLDER:
        told = tell_headline(raw, scaled, results.trials)
        fill_mark(ROOT / "README.md", "headline", f"{told}\n\n![{picture.alt_text}](docs/published/headline.svg)")
    overview = folder / "README.md"
    took = stored_time(results.runs.store)
    overview.write_text(write_overview(results.compared, scaled, results.long, took), "utf-8")
    yield overview


def _save(document: Sequence[Block], pictures: Sequence[Picture], path: Path) -> Path:
    folder = path.parent / path.stem
    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        (folder / f"{picture.name}.svg").write_bytes(to_file(picture.svg, "svg"))
    path.write_text(to_markdown(tuple(document), lambda name: f"{folder.name}/{name}.svg"), "utf-8")
    return path


if __name__ == "__main__":
    main()

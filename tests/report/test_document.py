"""A document says everything that the comparison says, whatever is made of it afterwards."""

from dataclasses import replace
from itertools import chain

import pytest

from bakeoff.report import verdict_sentences
from bakeoff.report.document.blocks import Code, FigureBlock, Heading, Paragraph, Sentences, TableBlock, Text
from bakeoff.report.document.document import make_document
from bakeoff.report.document.training import find_source
from bakeoff.report.gallery import draw_picture
from bakeoff.spec import parse_study, read_study


def words(content: Text) -> str:
    """Without styles."""
    return "".join(span.words for span in content)


def tables(document) -> list[TableBlock]:
    """In reading order."""
    return [block for block in document if isinstance(block, TableBlock)]


def headings(document) -> list[str]:
    """In reading order."""
    return [block.words for block in document if isinstance(block, Heading)]


def cells(table: TableBlock) -> list[list[str]]:
    """Row by row."""
    return [[words(cell) for cell in row] for row in table.rows]


@pytest.fixture(scope="module")
def document(comparison):
    """The document of each comparison in turn, without pictures."""
    return make_document(comparison)


def test_every_sentence_of_the_verdict_is_in_it(comparison, document):
    """In order, the first list of the document."""
    first = next(block for block in document if isinstance(block, Sentences))
    assert [words(item) for item in first.items] == [sentence.text for sentence in verdict_sentences(comparison)]


def test_every_number_of_the_verdict_leads_to_its_section(comparison):
    """One link for each phrase that is a number, with figures in the document for the sentences on them."""
    drawn = [draw_picture("leaderboard", comparison)]
    first = next(block for block in make_document(comparison, drawn) if isinstance(block, Sentences))
    for item, sentence in zip(first.items, verdict_sentences(comparison), strict=True):
        numbers = [phrase.text for phrase in sentence.phrases if phrase.role == "number"]
        assert [span.words for span in item if span.section] == numbers


def test_a_number_leads_to_no_section_that_is_not_there(by_hand):
    """Without figures nothing leads to them; a pair leads to the pairs."""
    items = next(
        block
        for block in make_document(by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR)))
        if isinstance(block, Sentences)
    ).items
    sections = {span.section for item in items for span in item}
    assert {"Leaderboard", "Pairs", "Classes", "Budgets"} <= sections
    assert "Figures" not in sections


def test_tables_are_rectangular_and_full(document):
    """As many cells as columns, and no cell is empty or shows a hole in the data."""
    for table in tables(document):
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert all(cell and "nan" not in cell.lower() and "None" not in cell for cell in chain(*cells(table)))


def test_every_model_and_pair_has_its_row(comparison, document):
    """The leaderboard lists all models, the table of pairs all pairs, the ledger all budgets."""
    by_first = {table.columns[0].heading: cells(table) for table in reversed(tables(document))}
    assert [row[1] for row in by_first["Rank"]] == [model.name for model in comparison.models]
    if comparison.pairs:
        pairs = next(cells(table) for table in tables(document) if table.columns[0].heading == "Pair")
        assert [row[0] for row in pairs] == [f"{pair.a} vs {pair.b}" for pair in comparison.pairs]
    budget = next(cells(table) for table in tables(document) if table.columns[-1].heading in ("Settings", "Search"))
    assert [row[0] for row in budget] == [row.model for row in comparison.budget.rows]


def test_sections_are_there_where_there_is_something_to_say(by_hand):
    """One model has no pairs; a comparison with everything has every section, in this order."""
    plain = by_hand.make_comparison(by_hand.FOUR[:1])
    assert headings(make_document(plain)) == [
        *("by-hand", "Verdict", "Leaderboard", "Budgets", "How it was trained", "Again", "Cite")
    ]
    everything = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR, title="All of it"))
    picture = draw_picture("leaderboard", everything)
    document = make_document(everything, [picture])
    assert headings(document) == [
        *("All of it", "Verdict", "Leaderboard", "Figures", "Classes", "Pairs", "Claims", "What makes the difference"),
        *("activation", "optimizer", "Budgets", "Findings", "How it was trained", "Again", "Cite"),
    ]
    assert [block.picture for block in document if isinstance(block, FigureBlock)] == [picture]


def test_numbers_by_hand(by_hand):
    """96.4 % with a half-width of 1 point; 3.1 points ahead of the second; p below one in a thousand."""
    document = make_document(by_hand.make_comparison(by_hand.FOUR))
    leader = cells(tables(document)[0])[0]
    accuracy, here = "96.4\u00a0% (95.4 to 97.4)", "96.4\u00a0% (95.8 to 97.0)"
    assert leader == ["1", "cnn", accuracy, here, "a", "1", "0.234 (0.224 to 0.244)", "5"]
    pair = cells(tables(document)[1])[0]
    chance = "80\u00a0% (70 to 90)"
    assert pair == ["cnn vs lstm", "+3.1 (2.1 to 4.1)", "+3.1 (2.5 to 3.7)", "0.0002", "0.0002", chance, "cnn better"]


def test_failed_and_missing_models_keep_their_rows(by_hand):
    """What failed is counted, what was never run is named."""
    document = make_document(by_hand.make_comparison(by_hand.TROUBLED, missing=("later",)))
    rows = {row[1]: row for row in cells(tables(document)[0])}
    assert rows["half"][-1] == "3, 2 failed"
    assert rows["half"][2] == "90.0\u00a0%"
    assert rows["lost"][2] == "\u2013"
    assert rows["later"][-1] == "no run yet"
    assert "Where seeds failed" in tables(document)[0].caption


def test_many_models_share_their_classes_among_tables(by_hand):
    """Four models are three columns of recalls, then one."""
    everything = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    shown = [table for table in tables(make_document(everything)) if table.columns[0].heading == "Class"]
    names = [[column.heading for column in table.columns[3:]] for table in shown]
    assert names == [["cnn", "lstm", "dense"], ["dropout"]]
    assert cells(shown[0])[8][3] == "90.0\u00a0% (88.0 to 92.0), harder"


def test_the_best_of_many_models_are_said_to_be_only_those(by_hand):
    """Of 24 models six have columns, and the caption says so."""
    comparison = by_hand.make_comparison(by_hand.many_entries(24))
    story = by_hand.make_classes(comparison, {model.name: () for model in comparison.models})
    shown = [
        table
        for table in tables(make_document(replace(comparison, classes=story)))
        if table.columns[0].heading == "Class"
    ]
    assert len(shown) == 2
    assert shown[0].caption.endswith("The best 6 of 24 models are shown.")


def test_a_race_says_at_which_level_its_intervals_hold(by_hand):
    """Each interval carries the level of its look."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    raced = replace(comparison, race=by_hand.make_race([model.name for model in comparison.models]))
    table = next(table for table in tables(make_document(raced)) if table.columns[0].heading == "Pair")
    assert cells(table)[0][1] == "+3.1 (2.1 to 4.1) at 95\u00a0%"
    assert "correction for all pairs and looks of the race" in table.caption


def test_refused_contrasts_and_models_left_out_are_told(by_hand):
    """What cannot be said of factors is said."""
    document = make_document(by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR)))
    items = [words(item) for block in document if isinstance(block, Sentences) for item in block.items]
    assert "adam and sgd never differ in optimizer alone: epochs changes along." in items
    assert "lost is left out, because seeds of it failed." in items
    paragraphs = [words(block.content) for block in document if isinstance(block, Paragraph)]
    assert "2 of 2 contrasts cannot be estimated:" in paragraphs
    assert "Not equal: epochs: 5 (a) to 15 (b); updates: 705 (a) to 2,115 (b)." in paragraphs


def test_a_finding_has_code_evidence_and_advice(by_hand):
    """In one item, the model in front of its evidence."""
    document = make_document(by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR)))
    items = [words(item) for block in document if isinstance(block, Sentences) for item in block.items]
    assert "It overfits. (BKO201, warning) cnn: train 100 %. Try: stop earlier." in items


def test_the_study_comes_back_from_the_document(by_hand):
    """The code block is the study file: read again, it asks for the same."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    files = [block.lines for block in make_document(comparison) if isinstance(block, Code)]
    assert parse_study(files[0]).study == comparison.study
    assert files[1] == "bakeoff run by-hand.yaml\nbakeoff report by-hand.yaml"


def test_a_builtin_study_is_run_by_its_name():
    """Unchanged it needs no file; changed it does."""
    study = read_study("quickstart")
    assert find_source(study) == "quickstart"
    assert find_source(study.model_copy(update={"title": "other"})) == "quickstart.yaml"


def test_claims_stand_in_the_source_s_words_and_in_the_grammar(by_hand):
    """Words first, what they were taken to mean as code; what is only one of the two stands alone."""
    made = by_hand.with_everything(by_hand.make_comparison(by_hand.FOUR))
    made = replace(made, study=made.study.model_copy(update={"source": "a book"}))
    table = next(table for table in tables(make_document(made)) if table.columns[0].heading == "Published")
    first = made.models[0].name
    assert [[(span.words, span.style) for span in row[0]] for row in table.rows] == [
        [(f"accuracy({first}) = 98.11 %", "code")],
        [("The CNN wins. ", "plain"), ("cnn > dense", "code")],
        [("The LSTM wins. ", "plain"), ("lstm > cnn > dense", "code")],
        [("Deep is good.", "plain")],
    ]

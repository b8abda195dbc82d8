"""Markdown is read back by a parser of GitHub's dialect: what comes out must be what went in."""

import re
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt

from bakeoff.report.document.blocks import (
    Code,
    Column,
    FigureBlock,
    Heading,
    Paragraph,
    Sentences,
    Span,
    TableBlock,
    text,
)
from bakeoff.report.document.document import make_document
from bakeoff.report.document.markdown import escape, to_markdown
from bakeoff.report.gallery import draw_picture

SPECIAL = (
    "\\ ` * _ { } [ ] ( ) # + - . ! | < > & ~ $ ^ % @ \" ' / :",
    "a|b*c*d_e_f",
    "_x_ __y__ **z** ***w***",
    "<script>alert(1)</script> <b> </p> <!-- no --> <https://example.org>",
    "&amp; &#33; R&D a & b",
    "[link](target) ![image](target) [1]: x",
    "`code` ``more`` \\`",
    "~~gone~~ $x^2$ $$y$$",
    "\\| \\\\| trailing \\",
    "p < 0.05 > 0.01",
    "中文 αβγ é ✕ \u22121",
)
OPENINGS = (
    "# no heading",
    "- no item",
    "+ no item",
    "1. no number",
    "2) no number",
    "> no quote",
    "=== no rule",
    "---",
    "closed #",
    "#",
)


def parse(markdown: str):
    """Tokens as GitHub's dialect has them."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)


def shown(inline) -> str:
    """What a reader sees of a line."""
    return "".join(
        child.content if child.type in ("text", "code_inline") else "\n" if child.type.endswith("break") else ""
        for child in inline.children
    )


def lines(markdown: str) -> list[str]:
    """What a reader sees, line by line and cell by cell."""
    return [shown(token) for token in parse(markdown) if token.type == "inline"]


def write(*blocks) -> str:
    """A document of these blocks."""
    return to_markdown(blocks, lambda name: f"figures/{name}.svg")


@pytest.mark.parametrize("words", [*SPECIAL, *OPENINGS])
@pytest.mark.parametrize("style", ["plain", "strong"])
def test_words_come_back_from_everywhere(words, style):
    """From a paragraph, a heading, an item and a cell, whatever special characters they are made of."""
    content = text(Span(words, style))
    table = TableBlock(words, (Column(words), Column("b")), ((content, text("c")),))
    markdown = write(Paragraph(content), Heading(words, 2), Sentences((content,)), table)
    assert lines(markdown) == [words, words, words, words, "b", words, "c", words]


@pytest.mark.parametrize("words", [*SPECIAL, *OPENINGS])
def test_code_comes_back(words):
    """A code span keeps its characters, backticks included, also inside a table."""
    content = text(Span(words, "code"))
    assert lines(write(Paragraph(content))) == [words]
    if "\\|" not in words:  # no code span inside a table can hold a backslash before a bar
        table = TableBlock("", (Column("a"),), ((content,),))
        assert lines(write(table)) == ["a", words]


def test_a_code_block_cannot_be_ended_by_its_text():
    """The fence is longer than any in it."""
    fence = "```\nno end\n````\n# no heading"
    (token,) = [token for token in parse(write(Code(fence))) if token.type == "fence"]
    assert token.content == fence + "\n"


def test_line_feeds_in_names_do_not_break_a_table():
    """They become spaces."""
    assert lines(write(TableBlock("", (Column("a"),), ((text("one\ntwo"),),)))) == ["a", "one two"]


def test_names_of_networks_stay_readable():
    """An underscore inside a word, a plus and a full stop need no backslash."""
    assert escape("mlp_256_relu+bn.v2 of R&D, p < 0.05") == "mlp_256_relu+bn.v2 of R&D, p < 0.05"


def test_tables_line_up_as_plain_text():
    """Numbers to the right, names to the left, all rows equally long."""
    columns = (Column("Model"), Column("Accuracy", "new images", "right"))
    rows = ((text("a"), text("96.4")), (text("longer-name"), text("1")))
    assert write(TableBlock("Caption.", columns, rows)) == (
        "| Model       | Accuracy, new images |\n"
        "| :---------- | -------------------: |\n"
        "| a           |                 96.4 |\n"
        "| longer-name |                    1 |\n"
        "\nCaption.\n"
    )


def test_a_comparison_comes_back_whole(comparison):
    """Every sentence, every caption and every cell of every table, in order."""
    document = make_document(comparison)
    expected = []
    for block in document:
        match block:
            case Heading(words):
                expected.append(words)
            case Paragraph(content):
                expected.append("".join(span.words for span in content))
            case Sentences(items):
                expected += ["".join(span.words for span in item) for item in items]
            case TableBlock(caption, columns, rows):
                expected += [f"{c.heading}, {c.detail}" if c.detail else c.heading for c in columns]
                expected += ["".join(span.words for span in cell) for row in rows for cell in row]
                expected += [caption] if caption else []
    assert lines(write(*document)) == [" ".join(words.split(" ")).strip(" ") for words in expected]


def test_numbers_of_the_verdict_lead_to_their_section(comparison):
    """Every link goes to a heading, by the name that GitHub gives it: in small letters, with hyphens for spaces."""
    tokens = parse(write(*make_document(comparison)))
    links = [child.attrs["href"] for token in tokens for child in token.children or () if child.type == "link_open"]
    headings = [after.content for token, after in pairwise(tokens) if token.tag == "h2" and token.nesting == 1]
    assert links
    assert set(links) <= {f"#{heading.lower().replace(' ', '-')}" for heading in headings}


def test_figures_are_shown_with_their_alternative_text(by_hand):
    """The picture, where the caller says it is; title and caption below."""
    picture = draw_picture("leaderboard", by_hand.make_comparison(by_hand.FOUR))
    markdown = write(FigureBlock(picture))
    (image,) = [child for token in parse(markdown) for child in token.children or () if child.type == "image"]
    assert image.attrs["src"] == "figures/leaderboard.svg"
    assert image.content == picture.alt_text
    assert lines(markdown)[1] == f"{picture.title}. {picture.caption}"


def test_a_markdown_file_has_no_trailing_spaces_in_its_text(comparison):
    """Nothing that an editor would strip, and one line feed at the end."""
    markdown = write(*make_document(comparison))
    assert not re.search(r"[ \t]$", markdown, re.MULTILINE)
    assert markdown.endswith("\n")
    assert not markdown.endswith("\n\n")

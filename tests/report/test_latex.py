"""LaTeX is read back twice: by undoing the escapes by hand, and by real engines, where there are any."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bakeoff.report.document.blocks import (
    Code,
    Column,
    FigureBlock,
    Heading,
    Paragraph,
    Sentences,
    Span,
    TableBlock,
    section_anchor,
    text,
)
from bakeoff.report.document.document import make_document
from bakeoff.report.document.latex import LONG_TABLE, escape, to_latex
from bakeoff.report.document.latex_widths import GAP, LINE, choose_widths
from bakeoff.report.gallery import draw_picture
from bakeoff.report.rendering import to_file

SPECIAL = (
    "\\ { } $ % & # _ ~ ^ < > | \" ` ' ? ! -- --- ,, '' `` << >> ?` !` "
    "\u00e9 \u0142 \u00df \u2212 \u202f \u00a0 \u201cq\u201d"
)
GREEDY = ("[unk] dog", "*star", "[2cm]")
"""Names that a command before them would take for its argument."""

PRINTABLE = "".join(map(chr, range(32, 127)))
ENGINES = [
    pytest.param(
        engine, marks=pytest.mark.skipif(not shutil.which(engine), reason=f"{engine} is not installed: LaTeX UNTESTED")
    )
    for engine in ("pdflatex", "xelatex")
]
COMPLAINTS = ("Missing character", "LaTeX Warning", "Overfull", "Undefined control sequence", "\n! ")

UNESCAPED = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    r"\textquotedbl{}": '"',
    r"\textasciigrave{}": "`",
    r"\ensuremath{-}": "\u2212",
    **{rf"\{character}": character for character in "{}$%&#_"},
}


def unescape(latex: str) -> str:
    """Read ASCII back, command by command; an empty group keeps apart what would become a ligature."""
    commands = "|".join(sorted(map(re.escape, UNESCAPED), key=len, reverse=True))
    return re.sub(rf"({commands})|\{{\}}", lambda match: UNESCAPED.get(match[0], ""), latex)


def write(*blocks) -> str:
    """A document of these blocks."""
    return to_latex(blocks, lambda name: f"figures/{name}.pdf")


def body(latex: str) -> str:
    """Without the preamble."""
    return latex.split("\\begin{document}\n")[1].removesuffix("\n\\end{document}\n")


def compile_twice(engine: str, latex: str, folder: Path) -> str:
    """The log of the second run, by which all tables have found their widths."""
    (folder / "report.tex").write_text(latex, "utf-8")
    for _ in range(2):
        done = subprocess.run(
            [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "report.tex"],
            cwd=folder,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    return (folder / "report.log").read_text("utf-8", "replace")


def special_document() -> tuple:
    """Special characters in every place that a user's words may reach."""
    opening = TableBlock("", (Column(GREEDY[0]), Column(GREEDY[1], GREEDY[0])), tuple(map(_twice, GREEDY)))
    table = TableBlock(
        SPECIAL, (Column(SPECIAL[:6]), Column("b", "%", "prose")), ((text(SPECIAL[:24]), text(SPECIAL)),)
    )
    many = TableBlock("", (Column("n", align="right"), Column("_")), ((text("1"), text("&")),) * (LONG_TABLE + 9))
    styles = tuple(text(Span(f"{PRINTABLE[:48]} {SPECIAL}", style)) for style in ("plain", "strong", "code"))
    unknown = text("\u4e2d\u6587 \U0001f600 \u03b1\u03b2\u03c3 \u2715 \u2026 \u00d7 \u2265")
    code = Code(f"{PRINTABLE[:48]}\n  {PRINTABLE[48:]}\n\n\\end{{document}}")
    return (
        Heading(SPECIAL, 1),
        Heading(SPECIAL),
        Heading("#", 3),
        Sentences(styles),
        Paragraph(unknown),
        opening,
        table,
        many,
        code,
    )


def _twice(name: str) -> tuple:
    return text(name), text(name)


def test_every_printable_character_comes_back():
    """One by one, all at once and doubled: undoing the escapes gives the words."""
    for words in (*PRINTABLE, PRINTABLE, *(2 * character for character in PRINTABLE)):
        assert unescape(escape(words)) == words


def test_no_special_character_is_left_bare():
    """Behind a backslash, or gone into a command."""
    left = re.sub(r"\\[A-Za-z]+\{\}|\\[^A-Za-z]", "", escape(PRINTABLE))
    assert not set(left) & set('\\{}$%&#_~^<>|"`')


def test_ligatures_of_the_font_do_not_change_the_text():
    """Two hyphens stay two hyphens, as `--set` must."""
    assert escape("--set ,, ''") == "-{}-set ,{}, '{}'"


def test_typography_is_mapped():
    """True minus, spaces that do not break, dashes and quotes."""
    assert escape("\u22121.5\u00a0% 2\u20134 \u201cx\u201d 3\u202f000") == r"\ensuremath{-}1.5~\% 2--4 ``x'' 3\,000"
    assert escape("\u03b1 \u03c3 \u03c7") == r"\ensuremath{\alpha} \ensuremath{\sigma} \ensuremath{\chi}"
    assert escape("na\u00efve \u0141\u00f3d\u017a") == "na\u00efve \u0141\u00f3d\u017a"


def test_characters_beyond_the_fonts_are_shown_by_number():
    """Nothing disappears, and nothing stops the engine."""
    assert escape("a\u4e2d\x07") == r"a\texttt{[U+4E2D]}\texttt{[U+0007]}"
    assert escape("one\ntwo") == "one two"


def test_a_comparison_is_told_whole(comparison):
    """Every sentence and every row of every table, escaped, in order."""
    document = make_document(comparison)
    latex, place = body(write(*document)).replace(r"\allowbreak{}", ""), 0
    for block in document:
        for line in _lines(block):
            place = latex.index(line, place)


def test_every_link_has_its_target(comparison):
    """What a number of the verdict leads to is the heading of a section, once."""
    latex = write(*make_document(comparison))
    targets = re.findall(r"\\section\*\{\\hypertarget\{([a-z-]+)\}", latex)
    assert len(set(targets)) == len(targets)
    assert set(re.findall(r"\\hyperlink\{([a-z-]+)\}", latex)) <= set(targets)


def _lines(block) -> list[str]:
    """What a block must show, as LaTeX has it."""
    styles = {"plain": "{}", "strong": r"\textbf{{{}}}", "code": r"\texttt{{{}}}"}  # apart from breaks

    def show(span):
        words = styles[span.style].format(escape(span.words))
        return rf"\hyperlink{{{section_anchor(span.section)}}}{{{words}}}" if span.section else words

    def told(content):
        return "".join(map(show, content))

    match block:
        case Heading(words):
            return [escape(words)]
        case Paragraph(content):
            return [told(content)]
        case Sentences(items):
            return [told(item) for item in items]
        case TableBlock(_, _, rows):
            return [" & ".join(map(told, row)) + r" \\" for row in rows]
    return []


def test_long_tables_break_over_pages_and_short_ones_float():
    """Their heads are repeated; both have rules of booktabs and no vertical line."""
    row = (text("a"),)
    short = body(write(TableBlock("Caption.", (Column("x"),), (row,) * LONG_TABLE)))
    long = body(write(TableBlock("Caption.", (Column("x"),), (row,) * (LONG_TABLE + 1))))
    assert "\\begin{table}" in short
    assert "longtable" not in short
    assert "\\begin{longtable}" in long
    assert "\\endhead" in long
    assert all(rule in part for part in (short, long) for rule in ("\\toprule", "\\midrule", "\\bottomrule"))


def test_tables_are_made_to_fit():
    """Columns of text wrap until the table is as wide as the line; columns of numbers never do."""
    columns = (Column("name"), Column("number", align="right"), Column("evidence", align="prose"))
    table = TableBlock("", columns, ((text("n" * 60), text("1" * 20), text("word " * 60)),))
    size, widths = choose_widths(table)
    assert size == "footnotesize"
    assert widths[1] is None
    assert widths[0] + widths[2] + 20 * 0.158 + 3 * GAP == pytest.approx(LINE)
    small = TableBlock("", columns, ((text("n"), text("1"), text("word")),))
    assert choose_widths(small) == ("footnotesize", [None, None, None])
    wide = TableBlock("", (Column("x", align="right"),) * 6, ((text("1" * 19),) * 6,))
    assert choose_widths(wide) == ("scriptsize", [None] * 6)


def test_figures_keep_their_proportion_to_the_page(by_hand):
    """A figure as wide as the report's page fills the line, a narrow one less; title and caption are escaped."""
    comparison = by_hand.make_comparison(by_hand.FOUR)
    picture = draw_picture("confusion_differences", comparison)
    latex = write(FigureBlock(picture))
    (share,) = re.findall(r"width=([\d.]+)\\linewidth", latex)
    assert float(share) == pytest.approx(picture.width / 920, abs=0.01)
    assert "{figures/confusion_differences.pdf}" in latex
    assert rf"\textbf{{{picture.title}.}}" in latex


@pytest.mark.parametrize("engine", ENGINES)
def test_special_characters_compile(engine, tmp_path):
    """Without any complaint, whatever users name their things."""
    log = compile_twice(engine, write(*special_document()), tmp_path)
    assert not [complaint for complaint in COMPLAINTS if complaint in log and complaint != "Overfull"]


@pytest.mark.parametrize("engine", ENGINES)
def test_long_settings_stay_on_the_paper(engine, tmp_path):
    """A setting of a hundred characters is broken at its dots, wherever the line ends."""
    setting = Span("--set models.a_long_name.protocol.optimizer.adam.learning_rate=0.0001", "code")
    items = tuple(text("word " * count, setting, " or ", setting, ".") for count in range(1, 20))
    assert "Overfull" not in compile_twice(engine, write(Sentences(items)), tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("count", [1, 24])
def test_reports_compile(engine, count, by_hand, tmp_path):
    """With all that can be said of one model, and of 24, nothing is missing and nothing runs off the paper."""
    comparison = by_hand.with_everything(by_hand.make_comparison(by_hand.many_entries(count)))
    picture = draw_picture("leaderboard", comparison)
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "leaderboard.pdf").write_bytes(to_file(picture.svg, "pdf"))
    log = compile_twice(engine, write(*make_document(comparison, [picture])), tmp_path)
    assert not [complaint for complaint in COMPLAINTS if complaint in log]


@pytest.mark.skipif(not (shutil.which("pdflatex") and shutil.which("pdftotext")), reason="no pdflatex or pdftotext")
def test_what_is_printed_is_what_was_named(tmp_path):
    """Through a real engine and back: every special character of ASCII is in the PDF's text."""
    name = "a_b%c&d#e$f{g}h~i^j\\k<l>m|n--o"
    compile_twice("pdflatex", write(Paragraph(text(name)), Paragraph(text(Span(name, "code")))), tmp_path)
    printed = subprocess.run(
        ["pdftotext", "-layout", "report.pdf", "-"], cwd=tmp_path, capture_output=True, check=True
    ).stdout.decode()
    assert re.sub(r"\s", "", printed).count(name) == 2


@pytest.mark.skipif(not (shutil.which("pdflatex") and shutil.which("pdftotext")), reason="no pdflatex or pdftotext")
@pytest.mark.parametrize("rows", [1, LONG_TABLE])
def test_names_that_look_like_arguments_are_printed(rows, tmp_path):
    """In heads and rows of short and of long tables: what opens with a bracket or a star is there as often as named."""
    columns = (Column(GREEDY[0]), Column(GREEDY[1], GREEDY[0]))
    compile_twice("pdflatex", write(TableBlock("", columns, tuple(map(_twice, GREEDY)) * rows)), tmp_path)
    printed = subprocess.run(
        ["pdftotext", "-layout", "report.pdf", "-"], cwd=tmp_path, capture_output=True, check=True
    ).stdout.decode()
    heads = printed.count("*star") - 2 * rows  # one for each page
    assert heads >= 1
    assert [printed.count(name) for name in GREEDY] == [2 * rows + 2 * heads, 2 * rows + heads, 2 * rows]

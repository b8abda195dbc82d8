"""A document in LaTeX: it compiles as it is with pdfLaTeX and XeLaTeX, and its tables can be copied into a paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from bakeoff.report.document.blocks import (
    Block,
    Code,
    Column,
    FigureBlock,
    Heading,
    Paragraph,
    Sentences,
    Span,
    TableBlock,
    Text,
    section_anchor,
)
from bakeoff.report.document.latex_widths import choose_widths
from bakeoff.report.look import WIDTH

LONG_TABLE = 25
"""Tables of more rows may break over pages."""

_PREAMBLE = r"""\documentclass[a4paper,10pt]{article}
% Written by Bakeoff; compiles with pdfLaTeX and XeLaTeX. Tables need booktabs and array, long ones longtable;
% [H] keeps tables and figures where the text speaks of them, and needs float; links need hyperref.
\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\fi
\usepackage[margin=2cm]{geometry}
\usepackage{array,booktabs,float,graphicx,longtable}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}\setlength{\parskip}{6pt plus 2pt}
\setlength{\tabcolsep}{4pt}\setlength{\LTcapwidth}{\linewidth}
\setlength{\belowcaptionskip}{6pt}\setlength{\emergencystretch}{3em}\frenchspacing
\begin{document}
"""

_COMMANDS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "\u00a0": "~",
    "\u202f": r"\,",
    "\u2009": r"\,",
    "\u2013": "--",
    "\u2014": "---",
    "\u2018": "`",
    "\u2019": "'",
    "\u201c": "``",
    "\u201d": "''",
    "\u2026": r"\ldots{}",
    "\u00b7": r"\textperiodcentered{}",
    "\u00d7": r"\ensuremath{\times}",
    "\u2715": r"\ensuremath{\times}",
    "\u00b1": r"\ensuremath{\pm}",
    "\u2212": r"\ensuremath{-}",
    "\u2264": r"\ensuremath{\leq}",
    "\u2265": r"\ensuremath{\geq}",
    "\u2260": r"\ensuremath{\neq}",
    "\u2248": r"\ensuremath{\approx}",
    "\u2192": r"\ensuremath{\rightarrow}",
    "\u00b5": r"\ensuremath{\mu}",
    "\u00b0": r"\textdegree{}",
    "\u20ac": r"\texteuro{}",
}
_GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi _ pi rho _ sigma tau upsilon phi chi"
_COMMANDS |= {
    chr(0x3B1 + place): rf"\ensuremath{{\{name}}}" for place, name in enumerate(_GREEK.split()) if name != "_"
}
_LETTERS = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĂăĄąĆćČčĎďĐđĘęĚěĞğĹĺĽľŁłŃńŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž"
)
"""Letters beyond ASCII that both engines' standard fonts have."""

_BREAKS = re.compile(r"[.=]|\\_")
"""Where code may be broken: settings are longer than a line."""

_LIGATURES = re.compile(r"(?<=-)(?=-)|(?<=,)(?=,)|(?<=')(?=')")


def to_latex(document: tuple[Block, ...], figure_path: Callable[[str], str]) -> str:
    """Write a document.

    Args:
        document: From `make_document`.
        figure_path: Where the file of a figure is, by its name, as the text is to refer to it.

    Returns:
        The source of a complete document.
    """
    return _PREAMBLE + "\n\n".join(_block(block, figure_path) for block in document) + "\n\\end{document}\n"


def escape(words: str) -> str:
    r"""Words that LaTeX shows as they are; a character that its fonts lack is shown by its number.

    >>> escape("50 % of my_net"), escape("\u4e2d")
    ('50 \\% of my\\_net', '\\texttt{[U+4E2D]}')
    """
    apart = _LIGATURES.sub("\0", " ".join(words.splitlines()))
    return "".join(map(_character, apart))


def _character(character: str) -> str:
    if character == "\0":
        return "{}"
    if character in _COMMANDS:
        return _COMMANDS[character]
    if " " <= character <= "~" or character in _LETTERS:
        return character
    return rf"\texttt{{[U+{ord(character):04X}]}}"


def _block(block: Block, figure_path: Callable[[str], str]) -> str:
    match block:
        case Heading(words, level):
            return _heading(words, level)
        case Paragraph(content):
            return _line(content)
        case Sentences(items):
            listed = "\n".join(rf"  \item {{}}{_line(item)}" for item in items)
            return f"\\begin{{itemize}}\n{listed}\n\\end{{itemize}}"
        case TableBlock():
            return _table(block)
        case FigureBlock():
            return _figure(block, figure_path)
        case Code(lines):
            return _code(lines)


def _heading(words: str, level: int) -> str:
    written = escape(words)
    if level == 1:
        return rf"{{\LARGE\bfseries {written}\par}}"
    if level == 2:
        return rf"\section*{{\hypertarget{{{section_anchor(words)}}}{{{written}}}}}"
    return rf"\subsection*{{{written}}}"


def _line(content: Text) -> str:
    return "".join(map(_span, content))


def _span(span: Span) -> str:
    commands = {"plain": "", "strong": r"\textbf", "code": r"\texttt"}
    words, command = escape(span.words), commands[span.style]
    if span.style == "code":
        words = _BREAKS.sub(r"\g<0>\\allowbreak{}", words)
    if span.section:
        return rf"\hyperlink{{{section_anchor(span.section)}}}{{{words}}}"
    return f"{command}{{{words}}}" if command else words


def _code(lines: str) -> str:
    r"""Line by line: `verbatim` would let the text end it."""
    written = "\\\\\n".join(_code_line(line) for line in lines.splitlines())
    return f"{{\\footnotesize\\ttfamily\\raggedright\n{written}\\par}}"


def _code_line(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return r"\mbox{}" + "~" * indent + escape(line[indent:])


def _figure(block: FigureBlock, figure_path: Callable[[str], str]) -> str:
    picture = block.picture
    share = min(1.0, picture.width / WIDTH)
    size = rf"width={share:.2f}\linewidth,height=0.78\textheight,keepaspectratio"
    return (
        "\\begin{figure}[H]\n\\centering\n"
        f"\\includegraphics[{size}]{{{figure_path(picture.name)}}}\n"
        f"\\caption{{\\textbf{{{escape(picture.title)}.}} {escape(picture.caption)}}}\n\\end{{figure}}"
    )


def _table(table: TableBlock) -> str:
    size, widths = choose_widths(table)
    columns = "".join(_column(column, width) for column, width in zip(table.columns, widths, strict=True))
    head = _row(map(_column_heading, table.columns))
    rows = "\n".join(_row(map(_line, row)) for row in table.rows)
    caption = escape(table.caption)
    if len(table.rows) > LONG_TABLE or any(column.align == "prose" for column in table.columns):
        return _long_table(size, columns, head, rows, caption)
    said = f"\\caption{{{caption}}}\n" if caption else ""
    return (
        f"\\begin{{table}}[H]\n\\centering\\{size}\n{said}\\begin{{tabular}}{{@{{}}{columns}@{{}}}}\n"
        f"\\toprule\n{head}\n\\midrule\n{rows}\n\\bottomrule\n\\end{{tabular}}\n\\end{{table}}"
    )


def _row(cells: Iterable[str]) -> str:
    """A row opens with an empty group: what comes before it would take a bracket or a star for its own argument."""
    return f"{{}}{' & '.join(cells)} \\\\"


def _long_table(size: str, columns: str, head: str, rows: str, caption: str) -> str:
    said = f"\\caption{{{caption}}} \\\\\n" if caption else ""
    return (
        f"{{\\{size}\n\\begin{{longtable}}{{@{{}}{columns}@{{}}}}\n{said}"
        f"\\toprule\n{head}\n\\midrule\n\\endfirsthead\n\\toprule\n{head}\n\\midrule\n\\endhead\n"
        f"\\bottomrule\n\\endlastfoot\n{rows}\n\\end{{longtable}}}}"
    )


def _column(column: Column, width: float | None) -> str:
    """One that needs a line for each cell, or one of a width in centimetres whose cells wrap."""
    if width is None:
        return "r" if column.align == "right" else "l"
    return rf">{{\raggedright\arraybackslash}}p{{{width:.2f}cm}}"


def _column_heading(column: Column) -> str:
    heading, detail = escape(column.heading), escape(column.detail)
    if not detail:
        return heading
    side = "r" if column.align == "right" else "l"
    return rf"\begin{{tabular}}[b]{{@{{}}{side}@{{}}}}{heading}\\{{}}{detail}\end{{tabular}}"

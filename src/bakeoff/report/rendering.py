"""A chart as an SVG element that can stand inside a page: no script, no clashing ids, the page's own text colour.

A file is made from the same element, so that a figure in a paper is the figure of the page.
"""

from __future__ import annotations

import re
from typing import Any, Literal, get_args
from xml.etree import ElementTree

import vl_convert

from bakeoff.errors import OutputError
from bakeoff.report.look import FONT, INK

FileFormat = Literal["svg", "png", "pdf"]
FILE_FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)

PRINTED = "#1b1f24"
"""What a file's text is written in, on white."""

PIXELS = 2.0
"""A PNG has so many for each unit of the SVG: enough for print at half a page's width, and for dense screens."""

LONG_PATH = 200
"""Lines that are described in more characters are written in tenths of a pixel, from point to point."""

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_TINY_NUMBER = re.compile(r"-?\d+(?:\.\d+)?e-\d+")
"""What JavaScript writes for less than a millionth: a zero that arithmetic missed, and svg2pdf stumbles over it."""

_LONG_NUMBER = re.compile(r"\d+\.\d{3,}")
_POINT = re.compile(r"([ML])(-?[\d.]+),(-?[\d.]+)")
_POLYLINE = re.compile(rf"(?:{_POINT.pattern})+")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_GIVEN = {("opacity", "1"), ("stroke-width", "1"), ("transform", "translate(0,0)"), ("font-family", FONT)}
_INVISIBLE = {"foreground", "background"}


def render_svg(specification: dict[str, Any], *, name: str, description: str) -> str:
    """Draw a Vega-Lite specification.

    Args:
        specification: From `apply_look`.
        name: Distinguishes this figure's ids from those of other figures on the page.
        description: Alternative text.

    Returns:
        An `<svg>` element without namespaces, as HTML wants it.
    """
    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(specification))
    # Vega goes on counting from picture to picture: numbering anew makes the same page from the same comparison.
    ids = {element.attrib["id"]: f"{name}-{place}" for place, element in enumerate(root.iterfind(".//*[@id]"))}
    for parent in root.iter():
        for child in [child for child in parent if _draws_nothing(child)]:
            parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_NAMESPACE)
        element.attrib = {key: _clean(value, ids) for key, value in element.attrib.items() if _matters(key, value)}
        if "id" in element.attrib:
            element.attrib["id"] = ids[element.attrib["id"]]
    root.attrib |= {"role": "img", "aria-label": description, "font-family": FONT}
    return ElementTree.tostring(root, encoding="unicode")


def to_file(svg: str, file_format: FileFormat) -> bytes:
    """A figure as a file of its own, dark on white.

    Args:
        svg: From `render_svg`.
        file_format: Of the file.

    Returns:
        Its content.

    Raises:
        OutputError: The renderer gave up.
    """
    root = ElementTree.fromstring(svg)
    root.attrib |= {"xmlns": _NAMESPACE.strip("{}"), "color": PRINTED}
    root.insert(0, ElementTree.Element("rect", {"width": "100%", "height": "100%", "fill": "white"}))
    written = ElementTree.tostring(root, encoding="unicode")
    return written.encode() if file_format == "svg" else _convert(written, file_format)


def _convert(svg: str, file_format: Literal["png", "pdf"]) -> bytes:
    try:
        return bytes(vl_convert.svg_to_png(svg, scale=PIXELS) if file_format == "png" else vl_convert.svg_to_pdf(svg))
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of Rust: no Exception, and no module has it to be named by
            raise
        raise OutputError(
            f"the renderer cannot write a figure as {file_format} ({error}): ask for another kind with --figures"
        ) from error


def _draws_nothing(element: ElementTree.Element) -> bool:
    """Vega's empty frames around every group."""
    painted = {element.get("fill", "none"), element.get("stroke", "none")} - {"none", "transparent"}
    return element.get("class") in _INVISIBLE and not painted


def _matters(attribute: str, value: str) -> bool:
    if attribute.startswith("aria-") or attribute in {"role", "class", "pointer-events", "version"}:
        return False
    return (attribute, value) not in _GIVEN


def _clean(value: str, ids: dict[str, str]) -> str:
    value = _TINY_NUMBER.sub("0", _REFERENCE.sub(lambda match: f"url(#{ids[match[1]]})", value))
    if len(value) > LONG_PATH and _POLYLINE.fullmatch(value):
        return _shorten(value)
    value = _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), value)
    return "currentColor" if value == INK else value


def _shorten(path: str) -> str:
    """Lines by their steps, in tenths of a pixel; steps are taken from rounded points, so that no error adds up.

    >>> _shorten("M1,2.26L3.04,4L5,4M9,9")
    'M1,2.3l2,1.7,2,0M9,9'
    """
    written, before, x, y = [], "", 0, 0
    for command, *point in _POINT.findall(path):
        new_x, new_y = (round(10 * float(each)) for each in point)
        step = (new_x, new_y) if command == "M" else (new_x - x, new_y - y)
        lead = "M" if command == "M" else "," if before == "L" else "l"
        written.append(f"{lead}{step[0] / 10:g},{step[1] / 10:g}")
        before, x, y = command, new_x, new_y
    return "".join(written)

"""A chart as an SVG element that can stand inside a page: no script, no clashing ids, the page's own text colour."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import vl_convert

from bakeoff.report.look import INK

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_LONG_NUMBER = re.compile(r"\d+\.\d{3,}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
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
        element.attrib = {key: _clean(value, ids) for key, value in element.attrib.items() if _matters(key)}
        if "id" in element.attrib:
            element.attrib["id"] = ids[element.attrib["id"]]
    root.attrib |= {"role": "img", "aria-label": description}
    return ElementTree.tostring(root, encoding="unicode")


def _draws_nothing(element: ElementTree.Element) -> bool:
    """Vega's empty frames around every group."""
    painted = {element.get("fill", "none"), element.get("stroke", "none")} - {"none", "transparent"}
    return element.get("class") in _INVISIBLE and not painted


def _matters(attribute: str) -> bool:
    return not attribute.startswith("aria-") and attribute not in {"role", "class", "pointer-events", "version"}


def _clean(value: str, ids: dict[str, str]) -> str:
    value = _REFERENCE.sub(lambda match: f"url(#{ids[match[1]]})", value)
    value = _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), value)
    return "currentColor" if value == INK else value

"""The page that explains the codes is written by the program, and explains them all."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from bakeoff.comparison.diagnose import all_codes
from bakeoff.spec.values import Finding

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def writer():
    """docs/findings.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("findings_page", DOCS / "findings.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # its dataclass asks where it lives
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_the_page_is_up_to_date(writer):
    """What stands in docs/findings.md is what the program has to say: `python docs/findings.py` writes it anew."""
    assert (DOCS / "findings.md").read_text("utf-8") == writer.write_page()


def test_every_code_has_a_section_and_no_other():
    """One heading for each code, in their order, and the finding's own link leads to it."""
    headings = re.findall(r"^## (.*)$", (DOCS / "findings.md").read_text("utf-8"), flags=re.MULTILINE)
    assert headings == list(all_codes())
    finding = Finding(headings[0], "note", "", "", "")
    assert finding.page == f"docs/findings.md#{headings[0].lower()}"


def test_a_threshold_without_a_reason_is_refused(writer):
    """A number that nobody accounts for does not get onto the page."""
    assert writer._reason("LIMIT = 3  # of five", "LIMIT") == "of five."
    assert writer._reason('LIMIT = 3\n"""Of\nfive."""\n', "LIMIT") == "Of five."
    with pytest.raises(ValueError, match="LIMIT has no reason beside it"):
        writer._reason("LIMIT = 3\nOTHER = 4  # of five", "LIMIT")

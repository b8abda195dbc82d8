"""Writes the generated parts of the documentation: `make docs`.

The README's verdict and picture come from the store that `make demo` fills, the benchmark from `make bench-smoke`, the
outputs of the tutorial from its own commands, which are run; findings and reference from the program.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from docs.writing.markdown import fill_mark, write_block

ROOT = Path(__file__).parent.parent
BAKEOFF = [sys.executable, "-c", "from bakeoff.cli.app import main; main()"]
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1000,1130"]


def main() -> None:
    """Generate everything; the quickstart must have been run in this folder."""
    verdict = _output([*BAKEOFF, "compare", "quickstart"])
    for page in (ROOT / "README.md", ROOT / "docs" / "tutorial.md"):
        fill_mark(page, "verdict", verdict)
    bench = _output([sys.executable, str(ROOT / "bench" / "smoke.py")])
    fill_mark(ROOT / "docs" / "engine.md", "bench", bench)
    subprocess.run([sys.executable, str(ROOT / "docs" / "findings.py")], check=True)
    subprocess.run([sys.executable, "-m", "docs.writing"], check=True, cwd=ROOT)
    subprocess.run([sys.executable, "-m", "docs.writing.outputs", "docs/tutorial.md"], check=True, cwd=ROOT)
    with tempfile.TemporaryDirectory() as profile:
        page = (ROOT / "report" / "quickstart.html").as_uri()
        picture = ROOT / "docs" / "images" / "report.png"
        subprocess.run([*CHROMIUM, f"--user-data-dir={profile}", f"--screenshot={picture}", page], check=True)


def _output(command: list[str]) -> str:
    """What a command prints, as a block."""
    return write_block(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout)


if __name__ == "__main__":
    main()

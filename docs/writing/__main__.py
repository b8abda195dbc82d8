"""Writes the pages of docs/reference."""

from __future__ import annotations

from pathlib import Path

from docs.writing import commands, python_names, study_file

FOLDER = Path(__file__).parents[1] / "reference"
PAGES = {
    "commands.md": commands.write_page,
    "study-file.md": study_file.write_page,
    "python.md": python_names.write_page,
}
"""Each page with the function that gives its text."""


def main() -> None:
    """Write them all."""
    for name, write_page in PAGES.items():
        (FOLDER / name).write_text(write_page(), "utf-8")


if __name__ == "__main__":
    main()

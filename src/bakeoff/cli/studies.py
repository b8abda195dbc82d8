"""List the studies that come with Bakeoff."""

from __future__ import annotations

from rich.table import Table

from bakeoff.cli.options import JsonOption
from bakeoff.cli.printing import console, print_json
from bakeoff.verbs.studies import studies


def command(as_json: JsonOption = False) -> None:
    """Print names, aliases and titles."""
    found = studies()
    if as_json:
        print_json([{"name": study.name, "alias": study.alias, "title": study.title} for study in found])
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("study", style="bold", no_wrap=True)
    table.add_column("alias", no_wrap=True)
    table.add_column("title")
    for study in found:
        table.add_row(study.name, study.alias, study.title)
    console().print(table)
    console().print("\nTry one: [bold]bakeoff run quickstart[/bold]")

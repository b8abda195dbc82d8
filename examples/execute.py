"""Write the notebooks of this folder anew and execute them: python examples/execute.py [NAME ...]

Needs nbclient and ipykernel beside Bakeoff, the data sets at hand, and some minutes. Each notebook is one published
comparison at a small size; docs/published has them at full size.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Example:
    """One notebook.

    Attributes:
        study: Name of the built-in study.
        heading: Of the notebook.
        about: What the source did, and what is done here.
        overrides: What makes it small.
        look: What this study is worth looking at for, in words and as code.
    """

    study: str
    heading: str
    about: str
    overrides: tuple[str, ...]
    look: tuple[str, str]


EXAMPLES = (
    Example(
        "study-a",
        "A dense network, a CNN and an LSTM on MNIST",
        "The source trains one network of each kind once and sorts them by accuracy. Here each is trained with three "
        "seeds, on the 5,000 digits that come with Bakeoff, for a few epochs.",
        ("data=mnist-5k", "protocol.epochs=4", "protocol.seeds=3"),
        (
            "Each pair of models has a difference, a p-value after correction, and a verdict. "
            "“undecided” is an answer.",
            'comparison.pair_table[["a", "b", "difference", "p_adjusted", "verdict"]]',
        ),
    ),
    Example(
        "study-b",
        "Seventeen fully connected networks on Fashion-MNIST",
        "The source blames depth and activation for networks that did not learn. Here two epochs with two seeds are "
        "enough to see which networks fail, and the findings say why.",
        ("protocol.epochs=2", "protocol.seeds=2"),
        (
            "What the doctor found, the gravest first.",
            "for finding in comparison.findings[:8]:\n"
            '    print(finding.code, finding.model, "-", finding.title)\n'
            '    print("   ", finding.evidence[:110])',
        ),
    ),
    Example(
        "study-c",
        "A first network for handwritten digits",
        "The source trains one network once and reports one accuracy. Five seeds show how much of it is luck.",
        ("data=mnist-5k", "protocol.epochs=5", "protocol.seeds=5"),
        (
            "The same network, the same data, five seeds.",
            "[f'{run.accuracy:.1%}' for run in comparison.models[0].runs]",
        ),
    ),
    Example(
        "study-d",
        "Dense, dense with dropout, and a CNN",
        "The source chooses the number of epochs on the test set. The study says so, and the comparison flags it.",
        ("data=mnist-5k", "protocol.epochs=5", "protocol.seeds=3", "models.dropout.protocol.epochs=8"),
        (
            "What must not be overlooked.",
            "for finding in comparison.findings:\n    print(finding.severity, finding.code, finding.title)",
        ),
    ),
)


def main() -> None:
    """Write the notebooks that were named, or all."""
    for example in EXAMPLES:
        if example.study in (sys.argv[1:] or [each.study for each in EXAMPLES]):
            notebook = make_notebook(example)
            with tempfile.TemporaryDirectory() as folder:
                NotebookClient(notebook, timeout=1800, resources={"metadata": {"path": folder}}).execute()
            strip(notebook)
            nbformat.write(notebook, FOLDER / f"{example.study}.ipynb")


def make_notebook(example: Example) -> nbformat.NotebookNode:
    """The notebook before it is executed."""
    overrides = ", ".join(f'"{override}"' for override in example.overrides)
    words, code = example.look
    cells = [
        _words(f"# {example.heading}\n\n{example.about}"),
        _code(f'import bakeoff\n\nstudy = bakeoff.load_study("{example.study}", overrides=[{overrides}])\nstudy'),
        _words("Train what is missing. Run this cell again, and nothing is trained twice."),
        _code('results = bakeoff.run(study, store="store")\nresults'),
        _words(words),
        _code(f"comparison = results.compare(images=True)\n{code}"),
        _words("What the source claims, judged. Most of it cannot be compared at this small size."),
        _code("for claim in comparison.claims:\n    print(f'{claim.verdict:15} {claim.claim}')"),
        _words("Everything on one page that opens without a network:"),
        _code(f'bakeoff.write_report(comparison, "{example.study}.html")'),
    ]
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    return nbformat.v4.new_notebook(cells=cells)


def strip(notebook: nbformat.NotebookNode) -> None:
    """Take out what differs from machine to machine, and the plain form of what has a better one."""
    notebook.metadata = nbformat.NotebookNode(kernelspec={"name": "python3", "display_name": "Python 3"})
    for cell in notebook.cells:
        cell.metadata = nbformat.NotebookNode()
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                output.data.pop("text/plain", None)


def _words(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(text)


def _code(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(text)


if __name__ == "__main__":
    main()

"""How a page is read: what counts as a step, and what it prints."""

import pytest
from docs.writing.outputs import fill_outputs
from docs.writing.steps import read_steps

PAGE = """
```yaml
# mine.yaml
name: mine
```
```yaml
data: digits                    # a part of a file is none
```
```sh
make demo
bakeoff run mine.yaml --set \\
    data=digits                 # it's a comment
bakeoff serve mine.yaml
```
```python
print(1)
```
"""


def test_steps_in_their_order():
    """Files with a name, commands of Bakeoff that end, programs."""
    steps = [(step.kind, step.text.splitlines()[0], step.name) for step in read_steps(PAGE)]
    assert steps == [
        ("file", "# mine.yaml", "mine.yaml"),
        ("command", "bakeoff run mine.yaml --set data=digits", ""),
        ("python", "print(1)", ""),
    ]


def test_outputs_are_filled_in():
    """The command before the mark counts; an error that the page announces is shown as well."""
    mark = "<!-- output: begin -->\nold\n<!-- output: end -->\n"
    page = f"```sh\nbakeoff explain BKO504\n```\n{mark}\n```sh fails\nbakeoff explain BKO999\n```\n{mark}"
    filled = fill_outputs(page)
    assert "old" not in filled
    assert filled.index("```text\nBKO504: ") < filled.index("no finding has the code BKO999")


def test_an_output_may_begin_further_down():
    """What stands before the line that is named is left out."""
    whole, cut = (
        fill_outputs(f"```sh\nbakeoff studies\n```\n<!-- output{first}: begin -->\n<!-- output: end -->\n").splitlines()
        for first in ("", ' from "mnist-first"')
    )
    place = next(place for place, line in enumerate(whole) if line.startswith("mnist-first"))
    assert place > 5
    assert cut[3:] == ['<!-- output from "mnist-first": begin -->', "```text", *whole[place:]]


def test_an_output_must_have_the_line_that_it_begins_with():
    """A mark that is out of date is not filled with something else."""
    with pytest.raises(ValueError, match="no line of the output begins with 'mnist-last'"):
        fill_outputs('```sh\nbakeoff studies\n```\n<!-- output from "mnist-last": begin -->\n<!-- output: end -->\n')


def test_a_command_that_fails_stops_the_filling():
    """A page is never filled with an error that it does not announce."""
    with pytest.raises(RuntimeError, match="no finding has the code BKO999"):
        fill_outputs("```sh\nbakeoff explain BKO999\n```\n<!-- output: begin -->\n<!-- output: end -->\n")

"""Commands that can be typed as they are printed."""

import shlex

import pytest

from bakeoff.report.commands import write_command
from bakeoff.spec import only_models, parse_study, read_study, with_seeds

MINE = """
name: quickstart
data: digits
models: {mine: {mlp: {hidden: [8]}}}
"""


def test_overrides_are_typed_again_and_quoted():
    """A shell makes the same words of it as were given."""
    override = "protocol.optimizer={adam: {learning_rate: 0.01}}"
    command = write_command("explain", read_study("fashion-mnist-17-mlps", overrides=[override]), "1_4", "--try")
    assert shlex.split(command) == ["bakeoff", "explain", "fashion-mnist-17-mlps", "1_4", "--try", "--set", override]


@pytest.mark.parametrize("overrides", [[], ["protocol.seeds=2"], ["protocol.margin=0.01"], ["title=Other"]])
def test_what_trains_nothing_else_keeps_the_name(overrides):
    """Fewer models, other seeds, margins or words: the runs are those of the built-in study."""
    study = read_study("quickstart", overrides=overrides)
    assert write_command("run", with_seeds(only_models(study, ["cnn"]), 2)) == "bakeoff run quickstart"


@pytest.mark.parametrize("overrides", [[], ["models.mine.protocol.epochs=3"]])
def test_a_file_with_the_name_of_a_builtin_study(overrides):
    """It is a file all the same, even where its overrides fit no model of the other."""
    command = write_command("run", parse_study(MINE, overrides=overrides).study)
    assert command.startswith("bakeoff run quickstart.yaml")

"""The JSON schema of a study file."""

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml

from bakeoff.spec import builtin_studies, read_study, study_to_dict
from bakeoff.spec.schema import study_schema

COMMITTED = Path(__file__).parents[2] / "docs" / "study.schema.json"
BASE = {"name": "a", "data": "digits", "models": {"own": {"mlp": {"hidden": [3]}}}}


def _accepts(**changes):
    return jsonschema.Draft202012Validator(study_schema()).is_valid({**BASE, **changes})


def test_committed_schema_is_up_to_date():
    """`python -m bakeoff.spec.schema > docs/study.schema.json` was run after the last change."""
    assert json.loads(COMMITTED.read_text()) == study_schema()


def test_schema_is_a_schema():
    """It is valid JSON schema itself."""
    jsonschema.Draft202012Validator.check_schema(study_schema())


@pytest.mark.parametrize("name", [study.name for study in builtin_studies()])
def test_builtin_studies_validate(name):
    """The built-in files as written, and as `bakeoff show` prints them, fit the schema."""
    text = (resources.files("bakeoff") / "studies" / f"{name}.yaml").read_text("utf-8")
    jsonschema.validate(yaml.safe_load(text), study_schema())
    jsonschema.validate(study_to_dict(read_study(name)), study_schema())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"protocol": {"optimizer": "adam", "validation": 0.2, "loss": {"huber": {"delta": 2}}}},
        {"protocol": {"validation": {"kfold": 3}, "pixels": {"l2": 1}, "stop": {"patience": 2}}},
        {"models": {"own": {"layers": ["Flatten", {"Dense": {"units": "classes"}}], "protocol": {"epochs": 3}}}},
        {
            "grid": {"mlp": {"hidden": [[3]]}},
            "defaults": {"mlp": {"activation": "relu"}},
            "factors": {"own": {"a": "b"}},
        },
        {"protocol": {"seeds": {"min": 3, "max": 30}}},
        {"models": {"own": {"mlp": {}, "trials": 4}}},
        {"published": {"own": {"accuracy": 0.98, "rounding": 0.0005, "best_of": 3, "same_test": False}}},
        {"published": {"own": {"history": {"loss": [0.3, 0.2], "validation_accuracy": [0.9, 0.91]}}}},
        {"claims": ["a > b", {"claim": "a > b", "says": "A is better."}, {"says": "A is good."}, {"hardest(a)": 4}]},
    ],
)
def test_what_people_write_is_accepted(changes):
    """Short and long forms both fit."""
    assert _accepts(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"modles": {}},
        {"models": {"own": {}}},
        {"models": {"own": {"mlp": {}, "protocol": {"epoch": 3}}}},
        {"models": {"own": {"mlp": {}, "protocol": {"margin": 0.1}}}},
        {"protocol": {"epochs": 0}},
        {"protocol": {"validation": 0}},
        {"protocol": {"validation": "hold-out"}},
        {"protocol": {"optimizer": {"adam": {}, "sgd": {}}}},
        {"grid": {"mlp": {"activation": "relu"}}},
        {"published": {"own": {"accuracy": 98.1}}},
        {"claims": "a > b"},
        {"claims": [{}]},
        {"claims": [{"claim": "a > b", "say": "A is better."}]},
        {"protocol": {"seeds": {"min": 3}}},
        {"models": {"own": {"mlp": {}, "trials": -1}}},
        {"name": "a b"},
    ],
)
def test_mistakes_are_refused(changes):
    """What `read_study` refuses for its shape, an editor underlines."""
    assert not _accepts(**changes)

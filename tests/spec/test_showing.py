"""Writing a study in the file format."""

import json

import pytest
import yaml

from bakeoff.spec import builtin_studies, parse_study, read_study, study_to_dict


def _read_again(study):
    return parse_study(yaml.safe_dump(study_to_dict(study), sort_keys=False)).study


@pytest.mark.parametrize("name", [study.name for study in builtin_studies()])
def test_builtin_studies_survive_the_round_trip(name):
    """Writing a study and reading it gives an equal study."""
    study = read_study(name)
    assert _read_again(study) == study


def test_grids_defaults_and_overrides_survive_the_round_trip():
    """What was expanded or overridden is written as it came out."""
    text = (
        "name: a\ndata: digits\nprotocol: {validation: 500, optimizer: {sgd: {momentum: 0.9}}}\n"
        "defaults: {mlp: {activation: tanh}}\nmodels: {own: {mlp: , note: Mine.}}\n"
        "grid: {mlp: {hidden: [[8], [4]]}}\n"
    )
    study = parse_study(text, overrides=["models.mlp-8.protocol.validation=0.25"]).study
    assert study.overrides == ("models.mlp-8.protocol.validation=0.25",)
    assert _read_again(study) == study.model_copy(update={"overrides": ()})


def test_races_trials_and_claims_survive_the_round_trip():
    """A race is written in full, claims in their shortest form."""
    claims = [
        "own > flat",
        "hardest(own): 4, 5",
        {"claim": "fails(own)", "says": "It fails."},
        {"says": "All are good."},
    ]
    text = (
        "name: a\ndata: digits\nprotocol: {seeds: {min: 2, max: 9}}\nmodels: {own: {mlp: , trials: 3}, flat: {mlp: }}\n"
    )
    study = parse_study(f"{text}claims: {json.dumps(claims)}\n").study
    written = study_to_dict(study)
    assert written["protocol"]["seeds"] == {"min": 2, "max": 9, "until": "settled"}
    assert written["models"]["own"] == {"mlp": {}, "trials": 3}
    assert written["claims"] == claims
    assert _read_again(study) == study


def test_every_default_of_the_protocol_is_written():
    """The protocol is written in full, in the short forms of the file format."""
    study = parse_study("name: a\ndata: digits\nmodels: {own: {mlp: {hidden: [3]}, protocol: {epochs: 2}}}\n").study
    assert study_to_dict(study) == {
        "name": "a",
        "data": "digits",
        "protocol": {
            "pixels": "unit",
            "validation": {"holdout": 0.1},
            "seeds": 5,
            "epochs": 10,
            "batch_size": 32,
            "optimizer": "adam",
            "loss": "categorical_crossentropy",
            "stop": "last",
            "margin": 0.001,
        },
        "models": {"own": {"mlp": {"hidden": [3]}, "protocol": {"epochs": 2}}},
    }


def test_a_number_of_images_is_written_as_a_whole_number():
    """`{holdout: 500}` does not come back as 500.0."""
    study = parse_study("name: a\ndata: digits\nprotocol: {validation: 500}\nmodels: {own: {mlp: }}\n").study
    assert repr(study_to_dict(study)["protocol"]["validation"]) == "{'holdout': 500}"

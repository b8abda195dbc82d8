"""Smaller studies."""

import pytest

from bakeoff.errors import StudyError
from bakeoff.spec import only_models, parse_study, with_seeds

STUDY = parse_study(
    "name: a\ndata: digits\n"
    "models: {cnn: {cnn: }, dense: {mlp: , protocol: {seeds: 9}}, cnn-2: {cnn: }}\n"
    "published: {cnn: {accuracy: 0.9}, dense: {accuracy: 0.8}}\n"
    "factors: {cnn: {kind: c}, dense: {kind: d}}\n"
    "claims: [cnn > dense, error(cnn-2) <= 0.5 * error(cnn), 'kind: c > d', {says: All are good.}, "
    "{says: Nothing beats cnn-2.}]\n"
).study


def _claims(study):
    return [claim.to_short_form() for claim in study.claims]


def test_with_seeds_is_for_the_study_and_every_model():
    """The number of seeds reaches models that had their own."""
    study = with_seeds(STUDY, 3)
    assert study.protocol.seeds == 3
    assert {model.protocol.seeds for model in study.models} == {3}
    assert STUDY.model("dense").protocol.seeds == 9


def test_with_seeds_ends_a_race():
    """A race with a number of seeds instead is a study of that number."""
    race = parse_study("name: a\ndata: digits\nprotocol: {seeds: {min: 2, max: 9}}\nmodels: {flat: {mlp: }}\n").study
    assert race.protocol.race
    study = with_seeds(race, 4)
    assert {study.protocol.seeds, study.models[0].protocol.seeds, study.protocol.most_seeds} == {4}
    assert study.protocol.race is None


def test_with_seeds_needs_one():
    """No seeds, no study."""
    with pytest.raises(StudyError, match=r"^seeds must be at least 1, got 0$"):
        with_seeds(STUDY, 0)


def test_only_models_keeps_order_and_what_concerns_them():
    """The study's order stays; published figures and claims that mention other models go."""
    study = only_models(STUDY, ["dense", "cnn"])
    assert [model.name for model in study.models] == ["cnn", "dense"]
    assert _claims(study) == ["cnn > dense", "kind: c > d", {"says": "All are good."}]
    assert set(only_models(STUDY, ["dense"]).published) == {"dense"}


def test_names_inside_longer_names_are_not_mentioned():
    """Dropping `cnn` keeps a claim about `cnn-2`, and a full stop behind a name does not hide it."""
    kept = [{"says": "All are good."}, {"says": "Nothing beats cnn-2."}]
    assert _claims(only_models(STUDY, ["dense", "cnn-2"])) == kept
    assert _claims(only_models(STUDY, ["dense"])) == kept[:1]


def test_a_factor_claim_goes_with_the_last_model_of_a_level():
    """Nothing is left to say about a level that no model has."""
    assert "kind: c > d" not in _claims(only_models(STUDY, ["dense", "cnn-2"]))


def test_a_claim_without_model_names_in_its_words_follows_its_statement():
    """What decides is the claim, not the words beside it."""
    study = parse_study(
        "name: a\ndata: digits\nmodels: {cnn: {cnn: }, dense: {mlp: }}\n"
        "claims: [{claim: fails(cnn), says: Not dense.}]\n"
    ).study
    assert _claims(only_models(study, ["cnn"])) == [{"claim": "fails(cnn)", "says": "Not dense."}]
    assert _claims(only_models(study, ["dense"])) == []


def test_unknown_names_get_the_nearest():
    """A misspelt model is refused with the nearest name and all names."""
    message = r"^no model 'dens' in study 'a'; did you mean 'dense'\? Available: cnn, cnn-2, dense$"
    with pytest.raises(StudyError, match=message):
        only_models(STUDY, ["dens"])


def test_no_names_are_refused():
    """Keeping nothing is refused."""
    with pytest.raises(StudyError, match=r"^name at least one model to keep, got none; Available: cnn, cnn-2, dense$"):
        only_models(STUDY, [])

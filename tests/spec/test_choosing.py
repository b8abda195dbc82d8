"""Smaller studies."""

import pytest

from bakeoff.errors import StudyError
from bakeoff.spec import only_models, parse_study, with_seeds

STUDY = parse_study(
    "name: a\ndata: digits\n"
    "models: {cnn: {cnn: }, dense: {mlp: , protocol: {seeds: 9}}, cnn-2: {cnn: }}\n"
    "published: {cnn: {accuracy: 0.9}, dense: {accuracy: 0.8}}\n"
    "claims: [cnn > dense, error(cnn-2) <= 0.5 * error(cnn), All are good., Nothing beats cnn-2.]\n"
).study


def test_with_seeds_is_for_the_study_and_every_model():
    """The number of seeds reaches models that had their own."""
    study = with_seeds(STUDY, 3)
    assert study.protocol.seeds == 3
    assert {model.protocol.seeds for model in study.models} == {3}
    assert STUDY.model("dense").protocol.seeds == 9


def test_with_seeds_needs_one():
    """No seeds, no study."""
    with pytest.raises(StudyError, match=r"^seeds must be at least 1, got 0$"):
        with_seeds(STUDY, 0)


def test_only_models_keeps_order_and_what_concerns_them():
    """The study's order stays; published figures and claims that mention other models go."""
    study = only_models(STUDY, ["dense", "cnn"])
    assert [model.name for model in study.models] == ["cnn", "dense"]
    assert study.claims == ("cnn > dense", "All are good.")
    assert set(only_models(STUDY, ["dense"]).published) == {"dense"}


def test_names_inside_longer_names_are_not_mentioned():
    """Dropping `cnn` keeps a claim about `cnn-2`, and a full stop behind a name does not hide it."""
    assert only_models(STUDY, ["dense", "cnn-2"]).claims == ("All are good.", "Nothing beats cnn-2.")
    assert "Nothing beats cnn-2." not in only_models(STUDY, ["dense"]).claims


def test_unknown_names_get_the_nearest():
    """A misspelt model is refused with the nearest name and all names."""
    message = r"^no model 'dens' in study 'a'; did you mean 'dense'\? Available: cnn, cnn-2, dense$"
    with pytest.raises(StudyError, match=message):
        only_models(STUDY, ["dens"])


def test_no_names_are_refused():
    """Keeping nothing is refused."""
    with pytest.raises(StudyError, match=r"^name at least one model to keep, got none; Available: cnn, cnn-2, dense$"):
        only_models(STUDY, [])

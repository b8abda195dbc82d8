"""Reading a study file: what comes out, and every error with its words and its line."""

import subprocess
import sys

import pytest

from bakeoff.errors import StudyError
from bakeoff.spec import Claim, Holdout, KFold, L2Pixels, Named, Patience, Protocol, Published
from bakeoff.spec.reading import locate_error, parse_study, read_study, read_study_file

SMALL = """\
name: small
title: A small study
data: digits
protocol:
  epochs: 3
  optimizer: {sgd: {learning_rate: 1e-2}}
defaults:
  mlp: {activation: relu}
models:
  dense:
    mlp: {hidden: [8]}
  narrow:
    mlp: {hidden: [4], activation: tanh}
    protocol: {epochs: 7}
    factors: {width: "4"}
    note: Narrow.
  flat: {layers: [Flatten, {Dense: {units: classes}}]}
factors:
  dense: {width: "8"}
published:
  dense: {accuracy: 0.9, label: Superior}
claims: [dense > narrow]
"""


def _message_of(text, **options):
    with pytest.raises(StudyError) as caught:
        parse_study(text, file="a.yaml", **options)
    return str(caught.value)


def _changed(old, new):
    assert SMALL.count(old) == 1
    return _message_of(SMALL.replace(old, new))


def test_study_is_expanded():
    """Defaults, the study's protocol and labels reach every model; a model's own values win."""
    study = parse_study(SMALL).study
    assert [model.name for model in study.models] == ["dense", "narrow", "flat"]
    dense, narrow, flat = study.models
    assert dense.arguments == {"activation": "relu", "hidden": [8]}
    assert narrow.arguments == {"activation": "tanh", "hidden": [4]}
    assert flat.recipe == "layers"
    assert flat.arguments == ["Flatten", {"Dense": {"units": "classes"}}]
    assert (dense.protocol.epochs, narrow.protocol.epochs) == (3, 7)
    assert narrow.protocol.optimizer == Named(name="sgd", arguments={"learning_rate": 0.01})
    assert (dense.factors, narrow.factors, flat.factors) == ({"width": "8"}, {"width": "4"}, {})
    assert narrow.note == "Narrow."
    assert study.published == {"dense": Published(accuracy=0.9, label="Superior")}
    assert study.claims == (Claim(claim="dense > narrow"),)
    assert study.overrides == ()


def test_protocol_has_defaults():
    """A study that says nothing about its protocol gets the default one."""
    study = parse_study("name: a\ndata: digits\nmodels: {flat: {mlp: }}\n").study
    assert study.protocol == Protocol()
    assert study.models[0].arguments == {}


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("validation: 0.2", "validation", Holdout(holdout=0.2)),
        ("validation: 500", "validation", Holdout(holdout=500)),
        ("validation: {kfold: 5}", "validation", KFold(kfold=5)),
        ("validation: none", "validation", "none"),
        ("pixels: {l2: 1}", "pixels", L2Pixels(l2=1)),
        ("stop: {patience: 4}", "stop", Patience(patience=4)),
        ("loss: kl_divergence", "loss", Named(name="kl_divergence")),
    ],
)
def test_short_forms(line, field, value):
    """Short and long forms of the protocol's fields become the same values."""
    study = parse_study(f"name: a\ndata: digits\nprotocol: {{{line}}}\nmodels: {{flat: {{mlp: }}}}\n").study
    assert getattr(study.protocol, field) == value


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "data: digits",
            "date: digits",
            "a.yaml:3: unknown key 'date' in the study; did you mean 'data'? Available: alias, choices, claims, data, "
            "defaults, factors, grid, ignore, models, name, protocol, published, source, title",
        ),
        ("title: A small study", "epochs: 3", "a.yaml:2: unknown key 'epochs' in the study; it belongs under protocol"),
        (
            "  epochs: 3",
            "  epoch: 3",
            "a.yaml:5: unknown key 'epoch' in protocol; did you mean 'epochs'? Available: batch_size, epochs, loss, "
            "margin, optimizer, pixels, seeds, stop, validation",
        ),
        (
            "{epochs: 7}",
            "{epoch: 7}",
            "a.yaml:14: unknown key 'epoch' in protocol of model 'narrow'; did you mean 'epochs'? Available: "
            "batch_size, epochs, loss, optimizer, pixels, seeds, stop, validation",
        ),
        (
            "{epochs: 7}",
            "{margin: 0.1}",
            "a.yaml:14: margin is one for the whole study: move it to the study's own protocol",
        ),
        (
            "label: Superior",
            "labels: Superior",
            "a.yaml:21: unknown key 'labels' in published figures of 'dense'; did you mean 'label'? "
            "Available: accuracy, best_of, chosen_on_test, history, label, loss, parameters, rounding, runs, "
            "same_test, seconds, within",
        ),
        (
            "name: small",
            "name: a b",
            "a.yaml:1: name must be made of letters, digits, '.', '_', '+' and '-', beginning "
            "with a letter or digit, got 'a b'",
        ),
        ("name: small\n", "", "a.yaml:1: name is missing in the study"),
        ("data: digits", "data: ", "a.yaml:1: data is missing in the study"),
        ("title: A small study", "title: 5", "a.yaml:2: title must be text, got 5; put it in quotes"),
        ("title: A small study", "choices: [a, {b: c}]", "a.yaml:2: choices[1] must be text, got {b: c}"),
        ("[dense > narrow]", "dense > narrow", "a.yaml:22: claims must be a list, got 'dense > narrow'"),
        (
            "[dense > narrow]",
            "[flat > dense, dense>narrow]",
            "a.yaml:22: claim 'dense>narrow' has none of the forms of a claim: a > b > c; seconds(a) < seconds(b); "
            "a - b >= 0.1; error(a) <= 0.5 * error(b); factor: level > level; hardest(a): class, class; rarest: "
            "class, class; fails(a); improving(a) (with spaces around operators). A statement that names nothing "
            'measurable is written {says: "..."}',
        ),
        (
            "[dense > narrow]",
            "[dens > narrow]",
            "a.yaml:22: a claim names 'dens', which is no model of this study; did you mean 'dense'? Available: "
            "dense, flat, narrow",
        ),
        (
            "[dense > narrow]",
            "[speed(dense) > speed(narrow)]",
            "a.yaml:22: claim 'speed(dense) > speed(narrow)' has the unknown measure 'speed'; did you mean "
            "'seconds'? Available: accuracy, error, loss, overfitting, parameters, seconds",
        ),
        (
            "[dense > narrow]",
            "\n  - dense > narrow\n  - {claim: 'widht: 4 > 8', says: Narrow is better.}",
            "a.yaml:24: a claim names 'widht', which is no factor of this study; did you mean 'width'? "
            "Available: width",
        ),
        (
            "[dense > narrow]",
            "[width: 4 > 9]",
            "a.yaml:22: a claim names '9', which is no level of factor 'width'; Available: 4, 8",
        ),
        (
            "[dense > narrow]",
            "[{claim: dense > narrow, say: so}]",
            "a.yaml:22: unknown key 'say' in a claim; did you mean 'says'? Available: claim, says",
        ),
        ("[dense > narrow]", "[5]", "a.yaml:22: a claim must be a mapping, got 5"),
        ("[dense > narrow]", '[""]', "a.yaml:22: a claim must have claim or says, and has neither"),
        ("[dense > narrow]", "[{says: 5}]", "a.yaml:22: says must be text, got 5; put it in quotes"),
        ("{accuracy: 0.9,", "{accuracy: 0.9, best_of: 0,", "a.yaml:21: best_of must be at least 1, got 0"),
        ("{accuracy: 0.9,", "{accuracy: 0.9, rounding: 0,", "a.yaml:21: rounding must be more than 0, got 0"),
        ("{accuracy: 0.9,", "{accuracy: 0.9, within: 0,", "a.yaml:21: within must be more than 0, got 0"),
        ("note: Narrow.", "trials: -1", "a.yaml:16: trials must be at least 0, got -1"),
        ("note: Narrow.", "trials: many", "a.yaml:16: trials must be a whole number, got 'many'"),
        ("  epochs: 3", "  seeds: 0", "a.yaml:5: seeds must be at least 1, got 0"),
        ("  epochs: 3", "  seeds: many", "a.yaml:5: seeds must be a whole number, got 'many'"),
        ("  epochs: 3", "  seeds: {min: 1, max: 9}", "a.yaml:5: min must be at least 2, got 1"),
        ("  epochs: 3", "  seeds: {min: 3}", "a.yaml:5: max is missing in protocol"),
        (
            "  epochs: 3",
            "  seeds: {min: 5, max: 5}",
            "a.yaml:5: race must have a max above its min, got min 5 and max 5",
        ),
        (
            "  epochs: 3",
            "  seeds: {min: 3, mx: 5}",
            "a.yaml:5: race has the unknown key 'mx'; did you mean 'max'? Available: max, min, until",
        ),
        (
            "  epochs: 3",
            "  seeds: {min: 3, max: 5, until: bored}",
            "a.yaml:5: seeds must be a number of trainings of each model, with seeds 0, 1, 2, ..., or the race "
            "{min: 3, max: 30, until: settled}, got {min: 3, max: 5, until: bored}",
        ),
        (
            "  epochs: 3",
            "  seeds: {min: 3, max: 5}\n  validation: {kfold: 5}",
            "a.yaml:4: protocol seeds must be a number where validation is {kfold: k}: folds are no independent runs",
        ),
        (
            "{epochs: 7}",
            "{seeds: {min: 3, max: 5}}",
            "a.yaml:14: a race is for the whole study: move it to the study's own protocol",
        ),
        ("  epochs: 3", "  epochs: 0", "a.yaml:5: epochs must be at least 1, got 0"),
        ("  epochs: 3", "  epochs: yes", "a.yaml:5: epochs must be a whole number, got true"),
        ("  epochs: 3", "  epochs: 2.5", "a.yaml:5: epochs must be a whole number, got 2.5"),
        ("  epochs: 3", '  epochs: "3"', "a.yaml:5: epochs must be a whole number, got '3'"),
        ("  epochs: 3", "  epochs:", "a.yaml:5: epochs must be a whole number, got nothing"),
        ("{epochs: 7}", "{epochs: 0}", "a.yaml:14: epochs must be at least 1, got 0"),
        ("  epochs: 3", "  margin: 1", "a.yaml:5: margin must be less than 1, got 1"),
        ("  epochs: 3", "  margin: .nan", "a.yaml:5: margin must be a finite number, got .nan"),
        ("  epochs: 3", "  margin: small", "a.yaml:5: margin must be a number, got 'small'"),
        (
            "  epochs: 3",
            "  pixels: rwa",
            "a.yaml:5: pixels must be raw (0..255), unit (0..1), standardize (mean 0, deviation 1 by training "
            "statistics), or {l2: axis}, got 'rwa'",
        ),
        ("  epochs: 3", "  pixels: {l2: 4}", "a.yaml:5: l2 must be at most 3, got 4"),
        ("  epochs: 3", "  validation: {kfold: 1}", "a.yaml:5: kfold must be at least 2, got 1"),
        ("  epochs: 3", "  validation: 0", "a.yaml:5: holdout must be more than 0, got 0"),
        (
            "  epochs: 3",
            "  validation: 1.5",
            "a.yaml:5: holdout must be a fraction below 1 or a whole number of images, got 1.5",
        ),
        (
            "  epochs: 3",
            "  validation: {holdout: 0.1, kfold: 2}",
            "a.yaml:5: validation must be {holdout: share or number}, {kfold: k}, none, or test (the published leak: "
            "allowed, and flagged), got {holdout: 0.1, kfold: 2}",
        ),
        (
            "  epochs: 3",
            "  stop: early",
            "a.yaml:5: stop must be last, best (by validation loss), {patience: n} (stop early, keep the best), or "
            "plateau (found over all seeds), got 'early'",
        ),
        ("  epochs: 3", "  stop: {patience: 0}", "a.yaml:5: patience must be at least 1, got 0"),
        (
            "{sgd: {learning_rate: 1e-2}}",
            "{sgd: {}, adam: {}}",
            "a.yaml:6: optimizer must be one name with its arguments, such as {adam: {learning_rate: 0.001}}, got 2 "
            "names: sgd, adam",
        ),
        (
            "{sgd: {learning_rate: 1e-2}}",
            "{sgd: 0.01}",
            "a.yaml:6: optimizer must give 'sgd' its arguments by name, such as {adam: {learning_rate: "
            "0.001}}, got 0.01",
        ),
        (
            "{sgd: {learning_rate: 1e-2}}",
            "5",
            "a.yaml:6: optimizer must be a name, such as adam or {adam: {learning_rate: 0.001}}, got 5",
        ),
        ("{accuracy: 0.9,", "{accuracy: 90.1,", "a.yaml:21: accuracy must be at most 1, got 90.1"),
        ("{accuracy: 0.9,", "{loss: low,", "a.yaml:21: loss must be a number, got 'low'"),
        (
            "{accuracy: 0.9, label: Superior}",
            "0.9",
            "a.yaml:21: published figures of 'dense' must be a mapping, got 0.9",
        ),
        ('width: "4"', "width: 4", "a.yaml:15: the level of factor 'width' must be text, got 4; put it in quotes"),
        ('width: "8"', "width: no", "a.yaml:19: the level of factor 'width' must be text, got false; put it in quotes"),
        ("note: Narrow.", "note: [1]", "a.yaml:16: note must be text, got [1]"),
        (
            "published:\n  dense:",
            "published:\n  dens:",
            "a.yaml:21: published for 'dens', which is no model of this study; did you mean 'dense'? "
            "Available: dense, flat, narrow",
        ),
        (
            "factors:\n  dense:",
            "factors:\n  dens:",
            "a.yaml:19: factors for 'dens', which is no model of this study; did you mean 'dense'? "
            "Available: dense, flat, narrow",
        ),
        (
            "factors:\n  dense:",
            "factors:\n  narrow:",
            "a.yaml:19: factor 'width' of model 'narrow' is given twice: here, and by the model or its grid",
        ),
        (
            "  mlp: {activation: relu}",
            "  mpl: {activation: relu}",
            "a.yaml:8: defaults for 'mpl', which no model of this study uses; did you mean 'mlp'? Available: "
            "layers, mlp",
        ),
        (
            "  mlp: {activation: relu}",
            "  mlp: relu",
            "a.yaml:8: mlp must be a mapping of arguments to values, got 'relu'",
        ),
        (
            "  mlp: {activation: relu}",
            "  layers: {units: 3}",
            "a.yaml:17: layers must be a mapping of arguments, since defaults has some for it, got [Flatten, {Dense: "
            "{units: classes}}]",
        ),
        (
            "{layers: [Flatten, {Dense: {units: classes}}]}",
            "{layers: Flatten}",
            "a.yaml:17: layers must be a list of Keras layers, such as [Flatten, {Dense: {units: classes}}], "
            "got 'Flatten'",
        ),
        (
            "{layers: [Flatten, {Dense: {units: classes}}]}",
            "mlp",
            "a.yaml:17: model 'flat' must be a mapping with one builder, such as {mlp: {hidden: [128]}}, got 'mlp'",
        ),
        (
            "{layers: [Flatten, {Dense: {units: classes}}]}",
            "{note: Nothing.}",
            "a.yaml:17: model 'flat' has no builder: it needs exactly one, layers or a recipe, such as {mlp: {hidden: "
            "[128]}}",
        ),
        (
            "    note: Narrow.",
            "    cnn: {filters: [4]}",
            "a.yaml:16: model 'narrow' has 2 builders, 'mlp' and 'cnn', and needs exactly one (layers or a "
            "recipe); as for "
            "'cnn': Available: factors, note, protocol, trials",
        ),
        (
            "    protocol: {epochs: 7}",
            "    protocl: {epochs: 7}",
            "a.yaml:14: model 'narrow' has 2 builders, 'mlp' and 'protocl', and needs exactly one (layers or "
            "a recipe); as "
            "for 'protocl': did you mean 'protocol'? Available: factors, note, protocol, trials",
        ),
        (
            "    protocol: {epochs: 7}",
            "    epochs: 7",
            "a.yaml:14: model 'narrow' has 2 builders, 'mlp' and 'epochs', and needs exactly one (layers or a "
            "recipe); as "
            "for 'epochs': it belongs under protocol",
        ),
        ("protocol: {epochs: 7}", "protocol: 7", "a.yaml:14: protocol must be a mapping of fields to values, got 7"),
        (
            "  flat:",
            '  "a b":',
            "a.yaml:17: name must be made of letters, digits, '.', '_', '+' and '-', beginning with a "
            "letter or digit, got 'a b'",
        ),
    ],
)
def test_errors_say_what_and_where(old, new, message):
    """Each mistake in a study file: its line, what was required, what was received."""
    assert _changed(old, new) == message


def test_a_race_leaves_no_model_its_own_number_of_seeds():
    """The race decides how many seeds each model gets."""
    text = SMALL.replace("  epochs: 3", "  seeds: {min: 3, max: 5}").replace("{epochs: 7}", "{seeds: 4}")
    assert _message_of(text) == (
        "a.yaml:14: model 'narrow' must not have its own number of seeds, got 4, since this study is a race, which "
        "decides how many each model gets; remove it"
    )


@pytest.mark.parametrize("models", ["models:", "models: {}", "models: {}\ngrid: {}"])
def test_zero_models(models):
    """A study without models is refused."""
    message = "a.yaml:3: a study needs at least one model, under models or grid, got none"
    assert _message_of(f"name: a\ndata: digits\n{models}\n") == message


@pytest.mark.parametrize("section", ["protocol", "defaults", "models", "factors", "published", "grid"])
def test_sections_are_mappings(section):
    """A section that should be a mapping and is a list says so."""
    body = {"name": "a", "data": "digits", "models": "{flat: {mlp: }}", section: "[1, 2]"}
    text = "".join(f"{key}: {value}\n" for key, value in body.items())
    line = list(body).index(section) + 1
    assert _message_of(text).startswith(f"a.yaml:{line}: {section} must be a mapping of ")
    assert _message_of(text).endswith(", got [1, 2]")


@pytest.mark.parametrize(("text", "received"), [("", "nothing"), ("- a\n", "[a]"), ("hello\n", "'hello'")])
def test_file_must_be_a_mapping(text, received):
    """An empty file, a list or a word is no study."""
    assert _message_of(text) == f"a.yaml:1: a study file is a mapping with name, data and models, got {received}"


def test_unknown_file_lists_the_builtin_studies():
    """A name that is neither file nor built-in study gets the nearest one and all of them."""
    with pytest.raises(StudyError) as caught:
        read_study("study-bb")
    assert str(caught.value).startswith(
        "study-bb: there is no such file, and no built-in study of this name; did you mean 'study-b'? Available: "
    )
    assert "quickstart" in str(caught.value)


def test_file_is_named_as_the_user_gave_it(tmp_path, monkeypatch):
    """A relative path stays relative in the error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(SMALL.replace("epochs: 3", "epochs: 0"))
    with pytest.raises(StudyError, match=r"^my\.yaml:5: epochs must be at least 1, got 0$"):
        read_study("my.yaml")


def test_path_is_always_a_file(tmp_path):
    """A `Path` reads the file, and a built-in study only hides texts that are its name."""
    path = tmp_path / "quickstart"
    path.write_text("\ufeff" + SMALL, encoding="utf-8")
    assert read_study(path).name == "small"
    assert read_study("quickstart").name == "quickstart"


def test_unreadable_files(tmp_path):
    """A folder and a file that is not UTF-8 are the user's to mend."""
    with pytest.raises(StudyError, match="this file cannot be read: Is a directory"):
        read_study(tmp_path)
    (tmp_path / "latin.yaml").write_bytes("name: caf\xe9".encode("latin-1"))
    with pytest.raises(StudyError, match="a study file must be text in UTF-8, and this one is not"):
        read_study(tmp_path / "latin.yaml")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("models", "narrow", "mlp", "activation"), 13),
        (("models", "dense", "mlp", "activation"), 8),
        (("models", "dense", "mlp", "hidden", 0), 11),
        (("models", "dense", "protocol", "optimizer", "sgd"), 6),
        (("models", "narrow", "protocol", "epochs"), 14),
        (("models", "dense", "protocol", "loss"), 10),
        (("models", "dense", "factors", "width"), 19),
        (("models", "flat", "layers", 1, "Dense", "unit"), 17),
        (("nowhere",), 1),
    ],
)
def test_later_errors_find_their_line(tmp_path, path, line):
    """An error found after reading is placed by the longest known part of its path, inherited values included."""
    file = tmp_path / "a.yaml"
    file.write_text(SMALL)
    placed = read_study_file(file).place(StudyError("no good", path=path))
    assert placed.where == f"{file}:{line}"
    assert (placed.message, placed.path) == ("no good", path)


def test_placed_errors_stay_where_they_are():
    """An error that has its place already keeps it, and one without any known part gets none."""
    placed = StudyError("no good", path=("a",), where="b.yaml:3")
    assert locate_error(placed, {("a",): "a.yaml:1"}) is placed
    assert locate_error(StudyError("no good", path=("a",)), {("b",): "a.yaml:1"}).where == ""


def test_importing_spec_is_light():
    """Reading a study loads neither a deep-learning framework nor the scientific stack."""
    code = "import bakeoff.spec, sys; print(sorted({'keras', 'jax', 'numpy', 'pandas', 'scipy'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_findings_can_be_ignored():
    """By their codes; what is no code is refused."""
    text = "name: a\ndata: digits\nignore: [BKO402]\nmodels: {m: {mlp: {hidden: [4]}}}\n"
    assert parse_study(text).study.ignore == ("BKO402",)
    with pytest.raises(StudyError, match=r"^study\.yaml:3: ignore\[0\] must .*, got 'E501'$"):
        parse_study(text.replace("BKO402", "E501"))

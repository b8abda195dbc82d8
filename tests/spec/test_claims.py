"""The grammar of claims."""

import pytest

from bakeoff.errors import StudyError
from bakeoff.spec import (
    Claim,
    Difference,
    FactorOrder,
    Fails,
    Hardest,
    Improving,
    Order,
    Race,
    Rarest,
    Ratio,
    parse_claim,
    parse_study,
)
from bakeoff.spec.claims import FORMS, check_names


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("lstm > cnn > dnn", Order("accuracy", ("lstm", "cnn", "dnn"))),
        ("dnn < cnn < lstm", Order("accuracy", ("lstm", "cnn", "dnn"))),
        ("seconds(dnn) < seconds(cnn) < seconds(lstm)", Order("seconds", ("lstm", "cnn", "dnn"))),
        ("error(a) > error(b)", Order("error", ("a", "b"))),
        ("loss( a ) > loss(b)", Order("loss", ("a", "b"))),
        ("4_1 > mlp-128-relu > mlp-0.5 > x+y", Order("accuracy", ("4_1", "mlp-128-relu", "mlp-0.5", "x+y"))),
        ("a - b >= 0.1", Difference("accuracy", "a", "b", at_least=True, bound=0.1)),
        ("a-b - b-a <= -1e-2", Difference("accuracy", "a-b", "b-a", at_least=False, bound=-0.01)),
        ("seconds(a) - seconds(b) >= 60", Difference("seconds", "a", "b", at_least=True, bound=60)),
        ("error(cnn) <= 0.55 * error(dense)", Ratio("error", "cnn", "dense", at_least=False, factor=0.55)),
        ("parameters(a) >= 2 * parameters(b)", Ratio("parameters", "a", "b", at_least=True, factor=2)),
        ("activation: leaky_relu > relu > tanh", FactorOrder("activation", ("leaky_relu", "relu", "tanh"))),
        ("extras:none < dropout and more", FactorOrder("extras", ("dropout and more", "none"))),
        ("hardest(dense): 4, 5,8", Hardest("dense", ("4", "5", "8"))),
        ("hardest(dense): T-shirt/top, Ankle boot", Hardest("dense", ("T-shirt/top", "Ankle boot"))),
        ("rarest: 4, 5,8", Rarest(("4", "5", "8"))),
        ("rarest: relu > tanh", FactorOrder("rarest", ("relu", "tanh"))),
        ("fails(1_5)", Fails("1_5")),
        (" improving(1_3) ", Improving("1_3")),
        ("overfitting(dropout) < overfitting(dense)", Order("overfitting", ("dense", "dropout"))),
    ],
)
def test_each_form_is_read(text, statement):
    """Every form, with names that contain the characters of operators."""
    assert parse_claim(text) == statement


def test_forms_in_the_error_message_are_forms():
    """What the message offers can be parsed."""
    for form in FORMS:
        parse_claim(form.replace("class, class", "one, other").replace("level > level", "one > other"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "All are good.",
        "a>b",
        "a > ",
        "a >= b",
        "a - b",
        "a - b > 0.1",
        "a - b >= many",
        "a <= 0.5 * ",
        "a <= b * 0.5",
        "a > b - c",
        "a b > c",
        "accuracy() > accuracy(b)",
        "hardest(a)",
        "hardest(a): ",
        "hardest(a): 4,,5",
        "hardest(a b): 4",
        "hardest: 4",
        "rarest: ",
        "rarest: 4,,5",
        "rarest(a): 4",
        "fails()",
        "fails(a, b)",
        "activation: relu",
        "activation: ",
        "factor(a): b > c",
        ": b > c",
    ],
)
def test_what_has_no_form_is_refused(text):
    """The message quotes the claim and lists the forms."""
    with pytest.raises(StudyError) as caught:
        parse_claim(text)
    assert str(caught.value).startswith(f"{text!r} has none of the forms of a claim: a > b > c; seconds(a) < ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a > b < c", "mixes > and <; write the order in one direction"),
        ("seconds(a) < b", "mixes the measures accuracy and seconds; a claim has one measure for all models"),
        ("error(a) - loss(b) >= 1", "mixes the measures error and loss; a claim has one measure for all models"),
        ("speed(a) > speed(b)", "has the unknown measure 'speed'; did you mean 'seconds'? Available: "),
        ("acuracy(a) > acuracy(b)", "has the unknown measure 'acuracy'; did you mean 'accuracy'?"),
        ("a > b > a", "names 'a' twice"),
        ("a - a >= 0.1", "names 'a' twice"),
        ("a <= 0 * b", "has the factor 0; a ratio must be more than 0"),
        ("a >= -1 * b", "has the factor -1; a ratio must be more than 0"),
        ("hardest(a): 4, 4", "names '4' twice"),
        ("activation: relu > relu", "names 'relu' twice"),
    ],
)
def test_contradictions_are_refused(text, message):
    """A form whose parts do not fit together says which."""
    with pytest.raises(StudyError) as caught:
        parse_claim(text)
    assert str(caught.value).startswith(f"{text!r} {message}")


@pytest.mark.parametrize("text", ["a > b", "a - b >= 0.1", "a <= 2 * b", "hardest(a): 1", "fails(a)", "improving(a)"])
def test_unknown_models_are_refused(text):
    """Whatever the form, its models must be the study's."""
    with pytest.raises(StudyError, match=r"^a claim names 'a', which is no model of this study; Available: b, c$"):
        check_names(parse_claim(text), models=["b", "c"], factors=[])


def test_factor_claims_need_factors():
    """A study without factors has none to offer."""
    with pytest.raises(StudyError, match="'x', which is no factor of this study; Nothing is available here"):
        check_names(parse_claim("x: a > b"), models=["a", "b"], factors=[])


def test_unquoted_claims_with_a_colon_are_put_together_again():
    """YAML reads them as mappings of one key."""
    text = "name: a\ndata: digits\nmodels: {cnn: {cnn: }}\nclaims: [hardest(cnn): 4, {hardest(cnn): '5, 6'}]\n"
    claims = parse_study(text).study.claims
    assert [claim.claim for claim in claims] == ["hardest(cnn): 4", "hardest(cnn): 5, 6"]


def test_a_claim_is_checked_wherever_it_is_made():
    """In Python too, and spaces do not matter."""
    assert Claim(claim="a  >\n b") == Claim.model_validate("a > b")
    with pytest.raises(ValueError, match="has none of the forms of a claim"):
        Claim(claim="a>b")


@pytest.mark.parametrize(
    ("least", "most", "looks"),
    [
        (3, 30, (3, 5, 8, 12, 20, 30)),
        (2, 3, (2, 3)),
        (4, 6, (4, 5, 6)),
        (3, 300, (3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300)),
        (13, 19, (13, 19)),
    ],
)
def test_looks_of_a_race(least, most, looks):
    """The ladder of STATISTICS 1.10, cut to the race."""
    assert Race(min=least, max=most).looks == looks


@pytest.mark.parametrize("text", ["a > z", "a - z >= 0.1", "a <= 2 * z", "z > a"])
def test_every_model_of_a_claim_is_checked(text):
    """The last one too."""
    with pytest.raises(StudyError, match=r"^a claim names 'z', which is no model of this study; Available: a, b$"):
        check_names(parse_claim(text), models=["a", "b"], factors=[])

import numpy as np
import pytest
from scipy import integrate, special, stats

from bakeoff.stats import sequential
from bakeoff.stats.sequential import e_value, spending_levels

KINDS = ["pocock", "obrien_fleming"]
LOOKS = [3, 5, 8, 12, 20, 30]


def _z(levels: np.ndarray) -> np.ndarray:
    return stats.norm.isf(levels / 2)


def _spent(kind: str, information: float, alpha: float) -> float:
    if kind == "pocock":
        return alpha * np.log(1 + (np.e - 1) * information)
    return 4 * stats.norm.sf(stats.norm.isf(alpha / 4) / np.sqrt(information))


@pytest.mark.parametrize(
    ("kind", "z"),
    [
        ("pocock", [2.4380, 2.4269, 2.4101, 2.3968, 2.3860]),
        ("obrien_fleming", [4.8769, 3.3570, 2.6802, 2.2902, 2.0309]),
    ],
)
def test_five_equal_looks_have_the_tabled_boundaries(kind: str, z: list[float]) -> None:
    """Case C12 of the statistics notes, whose integration grid was coarser: equal to 5e-4."""
    assert _z(spending_levels([1, 2, 3, 4, 5], kind=kind)) == pytest.approx(z, abs=5e-4)


@pytest.mark.parametrize(
    ("kind", "levels"),
    [
        ("pocock", [0.007927, 0.006796, 0.009142, 0.011619, 0.017625, 0.020537]),
        ("obrien_fleming", [2.7e-12, 8.0e-8, 2.84e-5, 7.78e-4, 0.01183, 0.04618]),
    ],
)
def test_levels_of_the_default_looks(kind: str, levels: list[float]) -> None:
    """Section 1.10 of the statistics notes, to the precision of its coarser integration."""
    assert spending_levels(LOOKS, kind=kind) == pytest.approx(levels, rel=1e-2 if kind != "pocock" else 3e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("looks", [[3, 5, 30], LOOKS[:3]])
def test_each_look_spends_its_share(kind: str, looks: list[int]) -> None:
    """The multivariate normal distribution of the statistics leaves the boundaries with the probability promised."""
    information = np.array(looks) / looks[-1]
    correlation = np.sqrt(np.minimum.outer(information, information) / np.maximum.outer(information, information))
    z = _z(spending_levels(looks, kind=kind))
    for count in (2, 3):
        normal = stats.multivariate_normal(cov=correlation[:count, :count], abseps=1e-8, releps=1e-8, maxpts=2_000_000)
        inside = normal.cdf(z[:count], lower_limit=-z[:count], rng=np.random.default_rng(0))
        assert 1 - inside == pytest.approx(_spent(kind, information[count - 1], 0.05), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_finer_integration_changes_nothing(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve looks, alpha divided among 136 pairs: twice as many nodes give the same levels."""
    looks = (3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 25, 30)
    coarse = sequential._levels.__wrapped__(looks, 0.05 / 136, kind)
    nodes = special.roots_legendre(2 * sequential.NODES)
    monkeypatch.setattr(sequential, "_gauss_legendre", lambda: nodes)
    assert sequential._levels.__wrapped__(looks, 0.05 / 136, kind) == pytest.approx(coarse, rel=1e-9, abs=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_look_has_the_whole_alpha(kind: str) -> None:
    """Without repetition there is nothing to pay for."""
    assert spending_levels([7], alpha=0.03, kind=kind) == pytest.approx([0.03])


def test_a_first_look_far_too_early_never_stops() -> None:
    """O'Brien and Fleming at a thousandth of the information: below any p-value, without a warning."""
    levels = spending_levels([1, 2, 1000], kind="obrien_fleming")
    assert (levels[:2] < 1e-290).all()
    assert levels[2] == pytest.approx(0.05)


def test_the_answer_may_be_changed_by_its_receiver() -> None:
    """What is kept for the next call is not what the caller holds."""
    spending_levels(LOOKS)[:] = 1
    assert spending_levels(LOOKS)[0] < 0.01


@pytest.mark.parametrize("looks", [[], [0, 3], [3, 3], [5, 3], [3.9, 5.2]])
def test_looks_must_increase(looks: list, unchecked_shapes) -> None:
    """None, zero, equal, falling or fractional looks are refused."""
    with pytest.raises(
        ValueError, match=r"looks must be at least one increasing whole number of runs, .*, received \["
    ):
        spending_levels(looks)


@pytest.mark.parametrize("alpha", [0.0, 1.0, float("nan")])
def test_alpha_must_be_a_rate(alpha: float) -> None:
    """An error rate lies strictly between 0 and 1."""
    with pytest.raises(ValueError, match=r"alpha must lie strictly between 0 and 1, such as 0.05, received"):
        spending_levels([3, 5], alpha=alpha)


@pytest.mark.usefixtures("unchecked_shapes")
def test_unknown_spending_is_refused() -> None:
    """Two ways of spending are known."""
    with pytest.raises(ValueError, match="kind must be 'pocock' or 'obrien_fleming', received 'haybittle'"):
        spending_levels([3, 5], kind="haybittle")


E_VALUES = [(3.0, 10, 1.0, 6.2446892), (5.0, 5, 1.0, 9.7007943), (2.0, 30, 1.0, 1.1671788), (8.0, 4, 4.0, 23.7918003)]


@pytest.mark.parametrize(("t", "n", "g", "expected"), E_VALUES)
def test_e_values_of_the_notes(t: float, n: int, g: float, expected: float) -> None:
    """Case C12 of the statistics notes."""
    assert e_value(t, n=n, g=g) == pytest.approx(expected, abs=5e-8)


@pytest.mark.parametrize(("t", "n", "g", "_"), E_VALUES)
def test_e_value_is_a_bayes_factor(t: float, n: int, g: float, _: float) -> None:
    """The likelihood ratio of non-central and central t, averaged over normal effect sizes."""

    def weighed(effect: float) -> float:
        return stats.nct.pdf(t, n - 1, np.sqrt(n) * effect) * stats.norm.pdf(effect, scale=np.sqrt(g))

    average = integrate.quad(weighed, -8 * np.sqrt(g), 8 * np.sqrt(g), points=[0, t / np.sqrt(n)], epsrel=1e-9)[0]
    assert e_value(t, n=n, g=g) == pytest.approx(average / stats.t.pdf(t, n - 1), rel=1e-6)


def test_e_value_of_two_models() -> None:
    """Five runs each: an effective n of 2.5 and 8 degrees of freedom, by the formula; the sign of t does not matter."""
    expected = 3.5**-0.5 * ((1 + 9 / 8) / (1 + 9 / (8 * 3.5))) ** 4.5
    assert e_value(-3.0, n=2.5, degrees_of_freedom=8) == pytest.approx(expected)


def test_no_effect_is_evidence_for_equality() -> None:
    """At t = 0 the e-value is that of the prior's width alone; a huge t stays a number."""
    assert e_value(0.0, n=8) == pytest.approx(1 / 3)
    assert np.isfinite(e_value(1e200, n=1000, g=1e3))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"t": float("nan"), "n": 5}, "t must be a finite number, received nan; without spread"),
        ({"t": 1.0, "n": 1}, "n must be at least 2 runs, received 1; for two models give degrees_of_freedom too"),
        (
            {"t": 1.0, "n": 0, "degrees_of_freedom": 4},
            "n and degrees_of_freedom must be numbers above 0, received 0 and 4",
        ),
        (
            {"t": 1.0, "n": 2, "degrees_of_freedom": 0},
            "n and degrees_of_freedom must be numbers above 0, received 2 and 0",
        ),
        ({"t": 1.0, "n": 5, "g": 0.0}, "g must be above 0, such as 1, received 0.0"),
    ],
)
def test_what_has_no_e_value_is_refused(arguments: dict, words: str) -> None:
    """No t, too few runs, or no expected effect."""
    with pytest.raises(ValueError, match=words):
        e_value(**arguments)

"""Numbers as people read them."""

import math

import pytest

from bakeoff.report import numbers
from bakeoff.spec import Estimate


def plain(text: str) -> str:
    """With ordinary spaces and minus signs."""
    return text.replace(numbers.NO_BREAK_SPACE, " ").replace(numbers.MINUS, "-")


def interval(low: float, high: float, *, images: int = 1_000) -> Estimate:
    """An estimate in the middle of its interval."""
    return Estimate((low + high) / 2, low, high, 0.95, 0.1, 10.0, "by hand", 5, images)


@pytest.mark.parametrize(
    ("half_width", "decimals"),  # in points; one digit of the uncertainty, two if it starts with 1 or 2
    [(6.0, 1), (1.9, 1), (0.9, 1), (0.13, 2), (0.05, 2), (0.024, 3), (0.0001, 3)],
)
def test_decimals_suit_the_uncertainty(half_width, decimals):
    """An accuracy shows no more digits than its interval can carry."""
    assert numbers.choose_decimals([interval(0.5 - half_width / 100, 0.5 + half_width / 100)]) == decimals


@pytest.mark.parametrize(("images", "decimals"), [(100, 1), (1_000, 1), (10_000, 2)])
def test_without_an_interval_one_image_decides_the_decimals(images, decimals):
    """A share of 10,000 images is worth two decimals of per cent."""
    assert numbers.choose_decimals([interval(math.nan, math.nan, images=images), None]) == decimals


def test_no_estimate_at_all_still_has_decimals():
    """A study of which every run failed can be formatted."""
    assert numbers.choose_decimals([None]) == 1


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [(0.98124, 2, "98.12 %"), (0.9, 1, "90.0 %"), (1.0, 1, "100.0 %"), (0.9996, 1, "99.96 %"), (0.0004, 1, "0.04 %")],
)
def test_percent(share, decimals, text):
    """Only 1 shows as 100 %, and only 0 as 0 %."""
    assert plain(numbers.format_percent(share, decimals=decimals)) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.019, 0.043, "1.9 to 4.3"),
        (-0.003, 0.0112, "-0.3 to 1.1"),
        (0.0002, 0.021, "0.02 to 2.10"),
        (-0.0002, 0.021, "-0.02 to 2.10"),
        (0.0, 0.021, "0.0 to 2.1"),
        (1e-10, 0.021, "1e-08 to 2.100000"),
        (math.nan, math.nan, "\u2013"),
    ],
)
def test_a_bound_beside_zero_never_shows_as_zero(low, high, text):
    """An interval that leaves 0 out is seen to leave it out."""
    assert plain(numbers.format_points_interval(interval(low, high))) == text


@pytest.mark.parametrize("p", [1e-9, 0.00004, 0.0004, 0.012, 0.0496, 0.04999, 0.0499999, 0.0500004, 0.051, 0.3, 1])
def test_a_p_value_never_shows_on_the_wrong_side_of_alpha(p):
    """Rounding never flips a verdict."""
    alpha = 1 - 0.95
    shown = float(numbers.format_p_value(p, alpha=alpha).removeprefix("< "))
    assert (shown < 0.05) == (p < alpha)


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.00041, "p = 0.0004"), (3e-7, "p < 0.0001"), (0.0123, "p = 0.012"), (0.3, "p = 0.30"), (0.04996, "p = 0.04996")],
)
def test_p(p, text):
    """A p-value has few digits, and as many as its verdict needs."""
    assert numbers.format_p(p, alpha=0.05) == text


def test_a_very_strict_alpha_shows_small_p_values():
    """Where alpha is below 0.0001, "< 0.0001" would hide the verdict."""
    assert numbers.format_p(4e-5, alpha=5e-5) == "p = 4e-05"


def test_no_test_is_a_dash():
    """A pair without a test has no p-value."""
    assert numbers.format_p_value(math.nan, alpha=0.05) == "\u2013"


@pytest.mark.parametrize(
    ("value", "margin", "text"),
    [(0.0312, math.inf, "3.1 points"), (-0.0312, math.inf, "3.1 points"), (0.00497, 0.005, "0.497 points")],
)
def test_points_stay_below_their_margin(value, margin, text):
    """What is smaller than the margin never shows as the margin."""
    assert numbers.format_points(value, below=margin) == text


def test_signs():
    """A table's differences carry their sign; the sign is a true minus."""
    assert [numbers.format_signed(value) for value in (0.031, -0.031, 0.0)] == ["+3.1", "\u22123.1", "0.0"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0123, "0.01 s"), (1.31, "1.3 s"), (9.96, "10 s"), (59.7, "1 min 0 s"), (125, "2 min 5 s"), (7260, "2 h 1 min")],
)
def test_seconds(seconds, text):
    """A duration has its two largest units, and never 60 of the smaller one."""
    assert plain(numbers.format_seconds(seconds)) == text


def test_margin_is_not_rounded():
    """A margin shows as the user wrote it."""
    assert [numbers.format_margin(margin) for margin in (0.005, 0.00125)] == ["0.5 points", "0.125 points"]


def test_losses_share_their_decimals():
    """A loss has three significant digits and its bounds as many decimals."""
    loss = Estimate(0.3131, 0.2799, 0.3463, 0.95, 0.01, 4.0, "by hand", 5, 1_000)
    assert (numbers.format_loss(loss), numbers.format_loss_interval(loss)) == ("0.313", "0.280 to 0.346")


def test_losses_of_any_size():
    """Diverging and vanishing losses stay short."""
    values = [1.5e9, 12.9896, 0.0, 1e-7, math.inf]
    shown = [numbers.format_loss(Estimate(v, math.nan, math.nan, 0.95, 0, 0, "", 1, 1)) for v in values]
    assert [plain(text) for text in shown] == ["1.5e+09", "13.0", "0", "1e-07", "inf"]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (7, "7"),
        (218, "220"),
        (1_000, "1,000"),
        (1_001, "1,100"),
        (999_999, "1 million"),
        (24_100_000, "25 million"),
        (10**9 + 1, "more than a billion"),
    ],
)
def test_rough_counts_are_rounded_up(count, words):
    """What would decide is never promised to be less than it is."""
    assert numbers.format_rough_count(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.01, "1 second"),
        (89, "89 seconds"),
        (91, "2 minutes"),
        (5_399, "90 minutes"),
        (7_200, "2 hours"),
        (100_000, "28 hours"),
        (864_000, "10 days"),
    ],
)
def test_rough_durations_have_one_unit(seconds, words):
    """A person hears one number, singular or plural."""
    assert plain(numbers.format_rough_seconds(seconds)) == words


@pytest.mark.parametrize(
    ("level", "text"),
    [(0.95, "95 %"), (0.9, "90 %"), (0.975, "97.5 %"), (1 - 0.00793, "99.21 %"), (0.99996, "99.996 %")],
)
def test_levels_show_two_digits_of_their_error_rate(level, text):
    """The level of a look is crooked, and still never 100 %."""
    assert plain(numbers.format_level(level)) == text


def test_chances_between_two_bounds():
    """Whole per cent, and a dash where there is no interval."""
    assert plain(numbers.format_chance_range(interval(0.053, 0.853))) == "between 5 and 85 %"
    assert numbers.format_chance_range(interval(math.nan, math.nan)) == numbers.UNKNOWN


@pytest.mark.parametrize(
    ("low", "high", "text"), [(0.053, 0.999, "5 to 99.9"), (0.004, 1.0, "0.4 to 100"), (0.0, 0.996, "0 to 99.6")]
)
def test_a_bound_of_a_chance_is_certain_only_where_it_is(low, high, text):
    """Only 1 shows as 100 and only 0 as 0, in a table as in words."""
    assert numbers.format_chance_interval(interval(low, high)) == text
    assert plain(numbers.format_chance_range(interval(low, high))) == f"between {text.replace('to', 'and')} %"


def test_zero_has_no_sign():
    """Not even the zero that is left when a number is taken from a larger one and rounded."""
    assert numbers.format_signed(-0.0) == numbers.format_signed(0.0) == "0.0"
    assert numbers.format_points_interval(interval(-0.0, 0.02)) == "0.0 to 2.0"


def test_a_difference_is_told_from_the_side_that_is_ahead():
    """Turning it round turns its bounds round."""
    turned = numbers.face_forward(interval(-0.04, 0.01))
    assert (turned.value, turned.low, turned.high) == (0.015, -0.01, 0.04)
    ahead = interval(-0.01, 0.04)
    assert numbers.face_forward(ahead) == ahead


@pytest.mark.parametrize(("amount", "text"), [(15.0, "15"), (12.5, "12.5"), (2_115.0, "2,115"), (math.nan, "\u2013")])
def test_amounts_may_be_halves(amount, text):
    """A median of epochs need not be whole."""
    assert numbers.format_amount(amount) == text


@pytest.mark.parametrize(("ratio", "text"), [(0.55, "0.55"), (1.04, "1.0"), (12.3, "12"), (math.nan, "\u2013")])
def test_ratios_have_two_digits(ratio, text):
    """More would be noise."""
    assert numbers.format_ratio(ratio) == text

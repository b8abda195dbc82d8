"""How a number looks to a person: the one place where fractions become per cent, and where rounding is decided.

Rounding must never contradict a verdict: an interval that leaves 0 out does not show a bound of 0.0, a p-value below
alpha does not show as alpha, and an accuracy below 1 does not show as 100 %. Where it would, digits are added.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from bakeoff.spec.values import Estimate

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
UNKNOWN = "\u2013"
SMALLEST_P = 0.0001
MOST_DECIMALS = 6
_UNITS = ((1, "second", 90), (60, "minute", 90), (3600, "hour", 36), (86400, "day", math.inf))
"""In seconds, and up to how many of it one says so."""


def choose_decimals(estimates: Iterable[Estimate | None]) -> int:
    """How many decimals per cent deserve: two digits of a typical uncertainty that starts with 1 or 2, else one.

    Args:
        estimates: Shares or differences of shares that shall look alike; those that are None are left out.

    Returns:
        From 1 to 3.
    """
    needed = sorted(_decimals_of(estimate) for estimate in estimates if estimate is not None)
    return min(3, max(1, needed[len(needed) // 2])) if needed else 1


def format_percent(share: float, *, decimals: int = 1) -> str:
    """A share in per cent, with a space that does not break.

    >>> format_percent(0.98124, decimals=2).replace(NO_BREAK_SPACE, " ")
    '98.12 %'
    >>> format_percent(0.99996, decimals=2).replace(NO_BREAK_SPACE, " ")
    '99.996 %'
    """
    return f"{_percent(share, decimals)}{NO_BREAK_SPACE}%"


def format_percent_interval(estimate: Estimate, *, decimals: int = 1) -> str:
    """Its two bounds, as "96.0 to 98.1"; a dash where there is no interval."""
    if not math.isfinite(estimate.low):
        return UNKNOWN
    return f"{_percent(estimate.low, decimals)} to {_percent(estimate.high, decimals)}"


def format_chance(share: float) -> str:
    """A probability in whole per cent, which is all that a few runs can tell."""
    return format_percent(share, decimals=0)


def format_chance_interval(estimate: Estimate) -> str:
    """The bounds of a probability in whole per cent; a dash where there is no interval."""
    return format_percent_interval(estimate, decimals=0)


def format_chance_range(estimate: Estimate) -> str:
    """The bounds of a probability in words, as "between 5 and 85 %"; a dash where there is no interval."""
    if not math.isfinite(estimate.low):
        return UNKNOWN
    return f"between {_percent(estimate.low, 0)} and {_percent(estimate.high, 0)}{NO_BREAK_SPACE}%"


def format_points(difference: float, *, decimals: int = 1, below: float = math.inf) -> str:
    """A difference of shares in percentage points, without its sign.

    Args:
        difference: As a fraction.
        decimals: At least so many.
        below: A margin that the difference stays under, and must be seen to.

    >>> format_points(-0.031), format_points(0.00496, below=0.005)
    ('3.1 points', '0.496 points')
    """
    points, limit = 100 * abs(difference), 100 * below
    digits = _decimals_that_show([difference], decimals)
    return f"{_round_until(points, digits, lambda shown: shown < limit or points >= limit)} points"


def format_signed(difference: float, *, decimals: int = 1) -> str:
    """A difference of shares in percentage points, as a table shows it: +3.1, or with a true minus sign."""
    return ("+" if difference > 0 else "") + _fixed(100 * difference, _decimals_that_show([difference], decimals))


def format_points_interval(estimate: Estimate, *, decimals: int = 1) -> str:
    """The two bounds of a difference in percentage points, as "1.9 to 4.3"; a dash where there is no interval."""
    bounds = [estimate.low, estimate.high]
    if not all(map(math.isfinite, bounds)):
        return UNKNOWN
    digits = _decimals_that_show(bounds, decimals)
    return " to ".join(_fixed(100 * bound, digits) for bound in bounds)


def format_margin(margin: float) -> str:
    """The margin of a study, without rounding."""
    return f"{float(f'{100 * margin:.10g}'):g} points"


def format_p(p: float, *, alpha: float) -> str:
    """A p-value with its equals sign; never on the wrong side of alpha.

    >>> format_p(0.00041, alpha=0.05), format_p(0.00002, alpha=0.05), format_p(0.0497, alpha=0.05)
    ('p = 0.0004', 'p < 0.0001', 'p = 0.0497')
    """
    text = format_p_value(p, alpha=alpha)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def format_p_value(p: float, *, alpha: float) -> str:
    """A p-value for a table: "0.0004", "< 0.0001", or a dash where there is no test."""
    if math.isnan(p):
        return UNKNOWN
    if p < SMALLEST_P and p < alpha:
        return f"< {SMALLEST_P}" if alpha > SMALLEST_P else f"{p:.1g}"
    threshold = round(alpha, 12)  # 1 - 0.95 is not 0.05
    return _round_until(p, _decimals_of_p(p), lambda shown: (shown < threshold) == (p < alpha))


def format_level(level: float) -> str:
    """A confidence level; a crooked one with two digits of its error rate.

    >>> format_level(0.95).replace(NO_BREAK_SPACE, " "), format_level(1 - 0.00793).replace(NO_BREAK_SPACE, " ")
    ('95 %', '99.21 %')
    """
    digits = max(0, 1 - math.floor(math.log10(round(100 * (1 - level), 10))))
    text = f"{100 * level:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if digits else text}{NO_BREAK_SPACE}%"


def format_count(count: int) -> str:
    """A whole number with thousands separators.

    >>> format_count(101770)
    '101,770'
    """
    return f"{count:,}"


def format_rank(rank: tuple[int, int]) -> str:
    """An interval of ranks.

    >>> format_rank((1, 1)), format_rank((2, 4)).replace(UNKNOWN, "-")
    ('1', '2-4')
    """
    low, high = rank
    return str(low) if low == high else f"{low}{UNKNOWN}{high}"


def format_seconds(seconds: float) -> str:
    """A duration in the two largest units that matter.

    >>> [format_seconds(s).replace(NO_BREAK_SPACE, " ") for s in (0.04, 1.31, 59.6, 125, 3780)]
    ['0.04 s', '1.3 s', '1 min 0 s', '2 min 5 s', '1 h 3 min']
    """
    if math.isnan(seconds):
        return UNKNOWN
    if seconds < 9.95:
        return f"{seconds:.1f}{NO_BREAK_SPACE}s" if seconds >= 0.095 else f"{seconds:.2f}{NO_BREAK_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    if hours:
        parts = [f"{hours} h", f"{left} min"]
    elif minutes:
        parts = [f"{minutes} min", f"{rest} s"]
    else:
        parts = [f"{rest} s"]
    return " ".join(parts).replace(" ", NO_BREAK_SPACE)


def format_rough_seconds(seconds: float) -> str:
    """A duration that is only roughly known, in one unit and in words.

    >>> [format_rough_seconds(s).replace(NO_BREAK_SPACE, " ") for s in (0.2, 40, 100, 360, 9000, 250_000)]
    ['1 second', '40 seconds', '2 minutes', '6 minutes', '2.5 hours', '2.9 days']
    """
    size, unit = next((size, unit) for size, unit, most in _UNITS if seconds < most * size)
    amount = max(1.0, seconds / size)
    decimals = 1 if size >= 3600 and amount < 9.95 else 0
    text = f"{amount:,.{decimals}f}".removesuffix(".0")
    return f"{text}{NO_BREAK_SPACE}{unit}{'s' * (text != '1')}"


def format_rough_count(count: int) -> str:
    """A number that is only roughly known: rounded up to two digits, in words where it is beyond counting.

    >>> [format_rough_count(count) for count in (96, 1004, 20_431, 3_410_000, 10**12)]
    ['96', '1,100', '21,000', '3.5 million', 'more than a billion']
    """
    if count > 10**9:
        return "more than a billion"
    step = 10 ** max(0, len(str(count)) - 2)
    rounded = -(-count // step) * step
    return f"{rounded / 10**6:,.3g} million" if rounded >= 10**6 else f"{rounded:,}"


def format_ratio(ratio: float) -> str:
    """A ratio to two significant digits; a dash where there is none.

    >>> format_ratio(0.5512), format_ratio(1.04), format_ratio(12.3)
    ('0.55', '1.0', '12')
    """
    if math.isnan(ratio):
        return UNKNOWN
    return f"{ratio:.{max(0, 1 - math.floor(math.log10(ratio)))}f}"


def format_correlation(correlation: float) -> str:
    """A correlation to two decimals, which is all that a few classes can tell.

    >>> format_correlation(-0.3012).replace(MINUS, "-")
    '-0.30'
    """
    return f"{correlation:.2f}".replace("-", MINUS)


def format_amount(amount: float) -> str:
    """A number of epochs or updates, whole or halved by a median; a dash where it is not known."""
    return UNKNOWN if math.isnan(amount) else f"{amount:,.1f}".removesuffix(".0")


def format_loss(loss: Estimate) -> str:
    """The value of a loss, to three significant digits."""
    return _significant(loss.value, like=loss.value)


def format_loss_interval(loss: Estimate) -> str:
    """The bounds of a loss, with as many decimals as its value; a dash where there is no interval."""
    if not math.isfinite(loss.low):
        return UNKNOWN
    return f"{_significant(loss.low, like=loss.value)} to {_significant(loss.high, like=loss.value)}"


def face_forward(difference: Estimate) -> Estimate:
    """The same difference from the side of whatever is ahead."""
    if difference.value >= 0:
        return difference
    return replace(difference, value=-difference.value, low=-difference.high, high=-difference.low)


def join_names(names: Iterable[str]) -> str:
    """Names as a person lists them.

    >>> join_names(["cnn", "lstm", "dense"])
    'cnn, lstm and dense'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _decimals_of(estimate: Estimate) -> int:
    """Decimals of per cent; where there is no interval, what one image is worth."""
    half = 50 * (estimate.high - estimate.low)
    if not (math.isfinite(half) and half > 0):
        return math.ceil(math.log10(max(estimate.images, 10))) - 2
    exponent = math.floor(math.log10(half))
    return (1 if half / 10**exponent < 3 else 0) - exponent


def _decimals_of_p(p: float) -> int:
    if p < 0.001:
        return 4
    return 3 if p < 0.1 else 2


def _percent(share: float, decimals: int) -> str:
    def is_honest(shown: float) -> bool:
        return (shown < 100) == (share < 1) and (shown > 0) == (share > 0)

    return _round_until(100 * share, decimals, is_honest)


def _decimals_that_show(values: Iterable[float], decimals: int) -> int:
    """Enough decimals that nothing but 0 shows as 0."""
    smallest = min((abs(100 * value) for value in values if value != 0), default=1.0)
    while decimals < MOST_DECIMALS and round(smallest, decimals) == 0:
        decimals += 1
    return decimals


def _round_until(value: float, decimals: int, is_honest: Callable[[float], bool]) -> str:
    while decimals < MOST_DECIMALS and not is_honest(round(value, decimals)):
        decimals += 1
    return _fixed(value, decimals) if is_honest(round(value, decimals)) else f"{value:.15g}"


def _fixed(value: float, decimals: int) -> str:
    if value != 0 and round(value, decimals) == 0:
        return f"{value:.1g}".replace("-", MINUS)
    return f"{value + 0.0:.{decimals}f}".replace("-", MINUS)  # the sum has no negative zero


def _significant(value: float, *, like: float) -> str:
    """With the decimals that show three significant digits of `like`; extreme ones in scientific notation."""
    if not math.isfinite(like) or like == 0 or not 1e-4 <= abs(like) < 1e6:
        return f"{value:.3g}".replace("-", MINUS)
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(like))))}f}".replace("-", MINUS)

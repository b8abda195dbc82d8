"""What a source says about its models, in a form that runs can confirm or refute.

A published comparison states more than figures: an order, a bound on a difference, a class that is hard. Written in the
grammar below, each of these becomes a question with an answer; what names no measurable quantity stays prose (`says`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import field_validator, model_validator

from bakeoff.errors import StudyError, suggest
from bakeoff.spec.named import Frozen
from bakeoff.spec.statements import (
    MEASURES,
    Difference,
    FactorOrder,
    Fails,
    Hardest,
    Improving,
    Measure,
    Order,
    Rarest,
    Ratio,
    Statement,
)

FORMS = (
    "a > b > c",
    "seconds(a) < seconds(b)",
    "a - b >= 0.1",
    "error(a) <= 0.5 * error(b)",
    "factor: level > level",
    "hardest(a): class, class",
    "rarest: class, class",
    "fails(a)",
    "improving(a)",
)

_NAME = r"[A-Za-z0-9][A-Za-z0-9._+-]*"
_CALL = re.compile(r"([^\s()]+)\s*\(\s*([^()]*?)\s*\)")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_OPERATOR = re.compile(r"\s+(>=|<=|>|<|\*|-)\s+")


class Claim(Frozen):
    """One statement of a source: in the grammar, in the source's words, or both.

    >>> Claim.model_validate("cnn > dense").statement
    Order(measure='accuracy', models=('cnn', 'dense'))
    >>> Claim.model_validate({"says": "The LSTM is appropriate for images."}).statement is None
    True
    """

    claim: str = ""
    """In the grammar, e.g. "lstm > cnn > dnn"; empty where the statement names nothing measurable."""
    says: str = ""
    """What the source says, in short."""

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: object) -> object:
        return expand_claim(value)

    @field_validator("claim")
    @classmethod
    def _parses(cls, claim: str) -> str:
        claim = " ".join(claim.split())
        if claim:
            try:
                parse_claim(claim)
            except StudyError as error:
                raise ValueError(error.message) from None
        return claim

    @model_validator(mode="after")
    def _says_something(self) -> Claim:
        if not self.claim and not self.says:
            raise ValueError("must have claim or says, and has neither")
        return self

    @property
    def statement(self) -> Statement | None:
        """What the claim means; None for prose."""
        return parse_claim(self.claim) if self.claim else None

    def to_short_form(self) -> str | dict[str, str]:
        """As a study file has it, as short as it can be."""
        written = {"claim": self.claim, "says": self.says}
        return self.claim if not self.says else {key: text for key, text in written.items() if text}


def expand_claim(value: object) -> object:
    """The long form of a claim as a study file may have it; anything else is returned as it is.

    YAML reads an unquoted `hardest(dense): 4, 5` as a mapping with one key: it is put together again.

    >>> expand_claim("a > b"), expand_claim({"activation": "relu > tanh"})
    ({'claim': 'a > b'}, {'claim': 'activation: relu > tanh'})
    """
    if isinstance(value, str):
        return {"claim": value}
    if isinstance(value, dict) and len(value) == 1:
        ((key, text),) = value.items()
        if key not in Claim.model_fields and isinstance(text, str | int) and not isinstance(text, bool):
            return {"claim": f"{key}: {text}"}
    return value


def parse_claim(text: str) -> Statement:
    """Read a claim.

    Operators stand between spaces, since names may contain `-` and `.`; parentheses, colon and comma need none.

    Args:
        text: One of `FORMS`. In an order `<` may stand for `>` throughout; in a bound `<=` for `>=`; a name alone
            stands for its accuracy, and `error(a)`, `loss(a)`, `seconds(a)`, `parameters(a)` and `overfitting(a)` for
            other measures.

    Returns:
        What it means. Whether the models exist is another question: see `check_names`.

    Raises:
        StudyError: It has none of the forms, mixes measures or directions, or names something twice or against itself.

    >>> parse_claim("seconds(dnn) < seconds(lstm)")
    Order(measure='seconds', models=('lstm', 'dnn'))
    >>> parse_claim("error(cnn) <= 0.55 * error(dense)")
    Ratio(measure='error', a='cnn', b='dense', at_least=False, factor=0.55)
    """
    head, colon, rest = text.strip().partition(":")
    call = _CALL.fullmatch(head.strip())
    if colon:
        if call and call[1] == "hardest" and _is_name(call[2]):
            return Hardest(call[2], _distinct(_items(rest.split(","), text), text))
        if head.strip() == "rarest" and not _OPERATOR.search(rest):
            return Rarest(_distinct(_items(rest.split(","), text), text))
        if head.strip() and not call:
            return FactorOrder(head.strip(), _distinct(_items(_chain(rest, text), text), text))
        raise _no_claim(text)
    if call and call[1] in ("fails", "improving") and _is_name(call[2]):
        return Fails(call[2]) if call[1] == "fails" else Improving(call[2])
    return _parse_relation(text)


def check_names(statement: Statement, *, models: Iterable[str], factors: Iterable[tuple[str, str]]) -> None:
    """Refuse a statement about what a study does not have.

    Args:
        statement: What a claim means. The classes in it are checked when the data are known.
        models: The study's models.
        factors: Every factor with each of its levels.

    Raises:
        StudyError: For the first unknown model, factor or level, with the nearest that is known.
    """
    known = list(models)
    for name in statement.models:
        if name not in known:
            raise StudyError(f"a claim names {name!r}, which is no model of this study; {suggest(name, known)}")
    if isinstance(statement, FactorOrder):
        _check_levels(statement, list(factors))


def _check_levels(statement: FactorOrder, factors: list[tuple[str, str]]) -> None:
    levels = {level for factor, level in factors if factor == statement.factor}
    if not levels:
        hint = suggest(statement.factor, {factor for factor, _ in factors})
        raise StudyError(f"a claim names {statement.factor!r}, which is no factor of this study; {hint}")
    for level in statement.levels:
        if level not in levels:
            raise StudyError(
                f"a claim names {level!r}, which is no level of factor {statement.factor!r}; {suggest(level, levels)}"
            )


def _parse_relation(text: str) -> Statement:
    """An order, a difference or a ratio."""
    parts = _OPERATOR.split(text.strip())
    operators = parts[1::2]
    if len(operators) == 2 and operators[0] == "-" and operators[1] in (">=", "<="):
        measure, (a, b) = _terms([parts[0], parts[2]], text)
        return Difference(measure, a, b, operators[1] == ">=", _number(parts[4], text))
    if len(operators) == 2 and operators[0] in (">=", "<=") and operators[1] == "*":
        measure, (a, b) = _terms([parts[0], parts[4]], text)
        factor = _number(parts[2], text)
        if factor <= 0:
            raise StudyError(f"{text!r} has the factor {factor:g}; a ratio must be more than 0")
        return Ratio(measure, a, b, operators[0] == ">=", factor)
    measure, names = _terms(_chain(text, text), text)
    return Order(measure, names)


def _chain(chain: str, text: str) -> list[str]:
    """What stands between `>` (or between `<`, then in reverse)."""
    parts = _OPERATOR.split(chain.strip())
    operators = set(parts[1::2])
    if operators == {">", "<"}:
        raise StudyError(f"{text!r} mixes > and <; write the order in one direction")
    if operators not in ({">"}, {"<"}):
        raise _no_claim(text)
    return parts[0::2] if operators == {">"} else parts[::-2]


def _terms(terms: list[str], text: str) -> tuple[Measure, tuple[str, ...]]:
    """The one measure of all terms, and their models."""
    found = [_term(term, text) for term in terms]
    measures = list(dict.fromkeys(measure for measure, _ in found))
    if len(measures) > 1:
        raise StudyError(
            f"{text!r} mixes the measures {' and '.join(measures)}; a claim has one measure for all models"
        )
    return measures[0], _distinct([name for _, name in found], text)


def _term(term: str, text: str) -> tuple[Measure, str]:
    call = _CALL.fullmatch(term.strip())
    written, name = (call[1], call[2]) if call else ("accuracy", term.strip())
    if not _is_name(name):
        raise _no_claim(text)
    for measure in MEASURES:
        if written == measure:
            return measure, name
    raise StudyError(f"{text!r} has the unknown measure {written!r}; {suggest(written, MEASURES)}")


def _items(parts: list[str], text: str) -> list[str]:
    items = [part.strip() for part in parts]
    if not all(items):
        raise _no_claim(text)
    return items


def _distinct(names: list[str], text: str) -> tuple[str, ...]:
    for name in names:
        if names.count(name) > 1:
            raise StudyError(f"{text!r} names {name!r} twice")
    return tuple(names)


def _number(written: str, text: str) -> float:
    if not _NUMBER.fullmatch(written.strip()):
        raise _no_claim(text)
    return float(written)


def _is_name(text: str) -> bool:
    return re.fullmatch(_NAME, text) is not None


def _no_claim(text: str) -> StudyError:
    return StudyError(
        f"{text!r} has none of the forms of a claim: {'; '.join(FORMS)} (with spaces around operators). "
        'A statement that names nothing measurable is written {says: "..."}'
    )

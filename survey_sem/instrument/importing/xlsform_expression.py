"""Expressions of XLSForm (a part of XPath): ``relevant`` -> route, ``constraint`` -> limits.

A small parser for what questionnaires use: ``${item}``, numbers and texts, ``= != < <= > >=``, ``and or``,
``not(...)``, ``selected(${item}, 'code')``, ``count-selected(.)``, ``date('2026-05-01')``, ``true() false()``. Anything
else is said to be not expressible. Nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from survey_sem.instrument.importing.draft import Question
from survey_sem.instrument.importing.routes import InexpressibleError, all_of, any_of, negated
from survey_sem.instrument.importing.wording import code_of
from survey_sem.instrument.routing import All, Answered, Comparator, Comparison, Not, Route

MAX_LENGTH = 5_000
MAX_DEPTH = 30
_TOKEN = re.compile(
    r"\s*(?:(?P<ref>\$\{\s*[^{}\s]{1,200}\s*\})|(?P<number>-?[0-9]+(?:\.[0-9]+)?)|(?P<text>'[^']*'|\"[^\"]*\"|‘[^’]*’|“[^”]*”)"
    r"|(?P<relation><=|>=|!=|=|<|>)|(?P<name>[A-Za-z][A-Za-z0-9_-]*)|(?P<mark>[().,+*|/]|-))"
)
_MIRRORED: dict[str, Comparator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Item:
    """``${name}``; of a constraint ``.``."""

    name: str


@dataclass(frozen=True, slots=True)
class _Count:
    """How many options were chosen."""

    name: str


@dataclass(frozen=True, slots=True)
class _Constant:
    value: str | float
    quoted: bool = False


_Operand = _Item | _Count | _Constant
SELF = "."


def relevant_route(expression: str, asked: Mapping[str, Question]) -> Route:
    """Who is asked, of a ``relevant`` column; items are named as in the form.

    Raises
    ------
    InexpressibleError
        Not XPath, or a part of it that the routing language does not have.
    """
    return _Parser(expression, asked).whole()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a constraint says: least and greatest answer, and what of it could not be said."""

    min: float | date | None = None
    max: float | date | None = None
    notes: tuple[str, ...] = ()


def constraint_limits(expression: str, question: Question) -> Limits:
    """Limits of a ``constraint`` column: comparisons of ``.`` joined by ``and``.

    Raises
    ------
    InexpressibleError
        Anything else, a regular expression for example.
    """
    route = _Parser(expression, {SELF: question}).whole()
    limits = Limits()
    for part in route.parts if isinstance(route, All) else (route,):
        if not isinstance(part, Comparison) or part.item != SELF or part.relation not in ("<", "<=", ">", ">="):
            raise InexpressibleError("it is no lower or upper limit")
        limits = _narrowed(limits, part, question)
    if limits.min is not None and limits.max is not None and _above(limits.min, limits.max):
        raise InexpressibleError("its lower limit is above its upper one")
    return limits


def _above(low: float | date, high: float | date) -> bool:
    if isinstance(low, date) or isinstance(high, date):
        return isinstance(low, date) and isinstance(high, date) and low > high
    return low > high


def _narrowed(limits: Limits, part: Comparison, question: Question) -> Limits:
    limit: float | date = _limit(part, question)
    notes = limits.notes
    if part.relation in ("<", ">"):
        if not isinstance(limit, date) and question.whole and float(limit).is_integer():
            limit = limit - 1 if part.relation == "<" else limit + 1
        else:
            notes = (
                *notes,
                f"in the form the answer must be {part.relation} the limit; here the limit itself is legal",
            )
    if part.relation in (">", ">="):
        return Limits(limit, limits.max, notes)
    return Limits(limits.min, limit, notes)


def _limit(part: Comparison, question: Question) -> float | date:
    value = part.values[0]
    if question.type == "date":
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise InexpressibleError("a limit that is no date") from None
    if question.type not in ("number", "multi") or isinstance(value, str):
        raise InexpressibleError("limits are for numbers, dates and several choices")
    return value


class _Parser:
    """Recursive descent, a token at a time."""

    def __init__(self, expression: str, asked: Mapping[str, Question]) -> None:
        if len(expression) > MAX_LENGTH:
            raise InexpressibleError("an expression of more than a page")
        self._tokens = list(_tokens(expression))
        self._next = 0
        self._asked = asked
        self._depth = 0

    def whole(self) -> Route:
        route = self._any()
        if self._next < len(self._tokens):
            raise InexpressibleError(f"what begins at '{self._tokens[self._next].text[:40]}'")
        return route

    def _any(self) -> Route:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InexpressibleError("parentheses within parentheses without end")
        parts = [self._all()]
        while self._takes("name", "or"):
            parts.append(self._all())
        self._depth -= 1
        return any_of(parts)

    def _all(self) -> Route:
        parts = [self._one()]
        while self._takes("name", "and"):
            parts.append(self._one())
        return all_of(parts)

    def _one(self) -> Route:
        if self._takes("mark", "("):
            inner = self._any()
            self._expects(")")
            return inner
        if self._calls("not"):
            inner = self._any()
            self._expects(")")
            return negated(inner, self._is_certain)
        if self._calls("selected"):
            return self._selected()
        return self._comparison()

    def _selected(self) -> Route:
        item = self._operand()
        self._expects(",")
        code = self._operand()
        self._expects(")")
        if not isinstance(item, _Item) or not isinstance(code, _Constant):
            raise InexpressibleError("selected() of something else than an item and a code")
        kind = self._type(item.name)
        return Comparison(item.name, "has" if kind == "multi" else "=", (code_of(str(code.value)),))

    def _comparison(self) -> Route:
        left = self._operand()
        token = self._peek()
        if token is None or token.kind != "relation":
            if isinstance(left, _Item):
                return Answered(left.name)
            raise InexpressibleError("a value without a comparison")
        self._next += 1
        right = self._operand()
        relation: Comparator = token.text  # type: ignore[assignment]
        if isinstance(left, _Constant):
            left, right, relation = right, left, _MIRRORED[relation]
        return self._compared(left, relation, right)

    def _compared(self, left: _Operand, relation: Comparator, right: _Operand) -> Route:
        if not isinstance(right, _Constant) or isinstance(left, _Constant):
            raise InexpressibleError("a comparison of one item with another")
        if isinstance(left, _Count) and left.name != SELF:
            return self._counted(left.name, relation, right)
        if left == _Item(SELF) and self._type(SELF) == "multi":
            raise InexpressibleError("which options were chosen")
        if right.quoted and right.value == "":
            answered = Answered(left.name)
            if relation not in ("=", "!="):
                raise InexpressibleError("a comparison with an empty text")
            return Not(answered) if relation == "=" else answered
        value = self._value(left.name, right)
        if relation == "!=":
            return negated(Comparison(left.name, "=", (value,)), self._is_certain)
        return Comparison(left.name, relation, (value,))

    def _counted(self, name: str, relation: str, right: _Constant) -> Route:
        """Only "at least one" and "none" can be said."""
        if (relation, right.value) in ((">", 0), (">=", 1), ("!=", 0)):
            return Answered(name)
        if (relation, right.value) in (("=", 0), ("<", 1), ("<=", 0)):
            return Not(Answered(name))
        raise InexpressibleError("how many options were chosen")

    def _value(self, name: str, constant: _Constant) -> str | float:
        """As the item holds it: codes as codes, numbers as numbers, dates and texts as texts."""
        question = self._asked.get(name)
        written = str(constant.value)
        if question is None or question.scale is not None:
            return code_of(written)
        if question.type == "number":
            try:
                number = float(written)
            except ValueError:
                raise InexpressibleError(f"'{name}' is a number") from None
            return int(number) if number.is_integer() else number
        return written

    def _operand(self) -> _Operand:
        token = self._peek()
        if token is None:
            raise InexpressibleError("an expression that ends in the middle")
        self._next += 1
        match token.kind:
            case "ref":
                return _Item(token.text[2:-1].strip())
            case "number":
                number = float(token.text)
                return _Constant(int(number) if number.is_integer() else number)
            case "text":
                return _Constant(token.text[1:-1], quoted=True)
            case "name":
                return self._function(token.text)
        if token.text == SELF and SELF in self._asked:
            return _Item(SELF)
        raise InexpressibleError(f"'{token.text}' in a comparison")

    def _function(self, name: str) -> _Operand:
        if name in ("count-selected", "string-length", "date", "number", "string") and self._takes("mark", "("):
            inner = self._operand()
            self._expects(")")
            if name == "count-selected" and isinstance(inner, _Item):
                return _Count(inner.name)
            if name == "string-length" and isinstance(inner, _Item) and inner.name != SELF:
                return _Count(inner.name)
            if name in ("date", "number", "string"):
                return inner
        raise InexpressibleError(f"the function {name[:40]}()")

    def _is_certain(self, name: str) -> bool:
        question = self._asked.get(name)
        return question is not None and question.required and question.relevant is None

    def _type(self, name: str) -> str:
        question = self._asked.get(name)
        return "" if question is None else question.type

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _takes(self, kind: str, text: str) -> bool:
        token = self._peek()
        if token is None or token.kind != kind or token.text.lower() != text:
            return False
        self._next += 1
        return True

    def _calls(self, name: str) -> bool:
        """Whether a function of that name begins here; its opening parenthesis is taken too."""
        after = self._tokens[self._next + 1] if self._next + 1 < len(self._tokens) else None
        if after is None or after.text != "(" or not self._takes("name", name):
            return False
        self._next += 1
        return True

    def _expects(self, mark: str) -> None:
        if not self._takes("mark", mark):
            raise InexpressibleError(f"an expression without its '{mark}'")


def _tokens(expression: str) -> Iterator[_Token]:
    position = 0
    end = len(expression.rstrip())
    while position < end:
        match = _TOKEN.match(expression, position)
        if match is None or match.lastgroup is None:
            raise InexpressibleError(f"what begins at '{expression[position : position + 20].strip()}'")
        yield _Token(match.lastgroup, match[match.lastgroup])
        position = match.end()

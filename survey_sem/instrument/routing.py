"""Who is asked an item, as a small tree: parsed from text, never evaluated as code.

The language: ``watched = 1 and (age >= 18 or not answered(city))``. Relations ``= != < <= > >=``, ``in (1, 2)`` and,
for items of several choices, ``has 3``; ``and or not`` and parentheses; texts in quotes. An item that was not answered
makes a relation neither true nor false.

`parse_route` reads it, ``str`` of a tree writes it; :mod:`survey_sem.instrument.route_checks` holds it against the
items, :mod:`survey_sem.responses.routing` against the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn, cast

from survey_sem.errors import did_you_mean
from survey_sem.instrument.route_tokens import Token, bad_route, tokenize

Code = int | float | str
Comparator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "has"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """An item against one value; of ``in`` several."""

    item: str
    relation: Comparator
    values: tuple[Code, ...]

    def __str__(self) -> str:
        shown = [written_code(value) for value in self.values]
        listed = f"({', '.join(shown)})" if self.relation == "in" else shown[0]
        return f"{self.item} {self.relation} {listed}"


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether an item was answered."""

    item: str

    def __str__(self) -> str:
        return f"answered({self.item})"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a route."""

    inner: Route

    def __str__(self) -> str:
        return f"not {_inside(self.inner)}"


@dataclass(frozen=True, slots=True)
class All:
    """Several routes that must all hold."""

    parts: tuple[Route, ...]

    def __str__(self) -> str:
        return " and ".join(_inside(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Any:
    """Several routes of which one must hold."""

    parts: tuple[Route, ...]

    def __str__(self) -> str:
        return " or ".join(_inside(part) for part in self.parts)


Route = Comparison | Answered | Not | All | Any


def _inside(route: Route) -> str:
    return f"({route})" if isinstance(route, (All, Any)) else str(route)


def written_code(code: Code) -> str:
    """A code as a route writes it: ``1``, ``2.5``, ``'other'``."""
    return "'" + code.replace("'", "''") + "'" if isinstance(code, str) else repr(code)


def relations_of(route: Route) -> Iterator[Comparison | Answered]:
    """The leaves of the tree, from left to right."""
    match route:
        case Comparison() | Answered():
            yield route
        case Not(inner):
            yield from relations_of(inner)
        case All(parts) | Any(parts):
            for part in parts:
                yield from relations_of(part)


def items_of(route: Route) -> tuple[str, ...]:
    """Items that a route asks about, each once, from left to right."""
    return tuple(dict.fromkeys(relation.item for relation in relations_of(route)))


MAX_DEPTH = 30
KEYWORDS = ("and", "or", "not", "in", "has", "answered")
_COMPARATORS = ("=", "!=", "<", "<=", ">", ">=")
_OTHER_WORDS = {
    "且": "and", "并且": "and", "和": "and", "与": "and", "或": "or", "或者": "or", "非": "not", "不": "not",
    "等于": "=", "是": "=", "is": "=", "eq": "=", "equals": "=", "不等于": "!=", "ne": "!=", "大于": ">", "小于": "<",
    "包含": "has", "选择": "has", "contains": "has", "includes": "has", "属于": "in",
}  # fmt: skip


def parse_route(text: str) -> Route:
    """Read a route.

    ``not`` binds tighter than ``and``, ``and`` tighter than ``or``. ``==`` is read as ``=``, ``x not in (1, 2)`` as
    ``not x in (1, 2)``; full-width signs and quotes as their half-width forms. Writing the tree (``str``) and reading
    it again gives the same tree.

    Raises
    ------
    StudyError
        ``bad-route``, its `where` a column, the line and a caret: not the language, nested deeper than 30, more than
        10,000 characters.
    """
    return _Reader(text).whole()


class _Reader:
    """Recursive descent over the tokens of one route."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._position = 0
        self._depth = 0

    def whole(self) -> Route:
        """The route that the whole text is."""
        if len(self._tokens) == 1:
            raise bad_route(self._text, self._next, "the route is empty", expected="a condition such as q1 = 2")
        route = self._any()
        if self._next.kind != "end":
            self._refuse("'and', 'or' or the end of the route")
        return route

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    def _take(self) -> Token:
        token = self._next
        self._position += 1
        return token

    def _takes_word(self, word: str) -> bool:
        found = self._next.kind == "name" and self._next.value == word
        self._position += found
        return found

    def _takes_sign(self, sign: str) -> bool:
        found = self._next.is_sign(sign)
        self._position += found
        return found

    def _any(self) -> Route:
        parts = self._joined("or", self._all)
        return parts[0] if len(parts) == 1 else Any(parts)

    def _all(self) -> Route:
        parts = self._joined("and", self._negation)
        return parts[0] if len(parts) == 1 else All(parts)

    def _joined(self, word: str, read: Callable[[], Route]) -> tuple[Route, ...]:
        parts = [read()]
        while self._takes_word(word):
            parts.append(read())
        return tuple(parts)

    def _negation(self) -> Route:
        if self._takes_word("not"):
            return Not(self._nested(self._negation))
        if self._takes_sign("("):
            route = self._nested(self._any)
            self._expect(")", "'and', 'or' or the closing ')'")
            return route
        return self._relation()

    def _nested(self, read: Callable[[], Route]) -> Route:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            what = f"the route is nested deeper than {MAX_DEPTH}"
            raise bad_route(self._text, self._next, what, hint="write it with fewer brackets")
        route = read()
        self._depth -= 1
        return route

    def _relation(self) -> Route:
        if self._takes_word("answered"):
            self._expect("(", "'(' and the id of an item, as in answered(q1)")
            item = self._item()
            self._expect(")", "')'")
            return Answered(item)
        item = self._item()
        if self._takes_word("has"):
            return Comparison(item, "has", (self._value(),))
        if self._takes_word("in"):
            return Comparison(item, "in", self._values())
        if self._takes_word("not"):
            if not self._takes_word("in"):
                self._refuse("'in' and a list, as in q1 not in (1, 2)")
            return Not(Comparison(item, "in", self._values()))
        if not self._next.is_sign(*_COMPARATORS):
            self._refuse("a relation: = != < <= > >= in has")
        relation = cast("Comparator", self._take().value)
        return Comparison(item, relation, (self._value(),))

    def _item(self) -> str:
        token = self._next
        if token.kind != "name":
            self._refuse("the id of an item, 'not', 'answered' or '('")
        if token.value in KEYWORDS:
            hint = f"'{token.value}' is a word of the routing language: an item of that id must be renamed"
            self._refuse("the id of an item", hint)
        return str(self._take().value)

    def _values(self) -> tuple[Code, ...]:
        self._expect("(", "'(' and the codes, as in (1, 2)")
        values = [self._value()]
        while self._takes_sign(","):
            values.append(self._value())
        self._expect(")", "',' and another code, or ')'")
        return tuple(dict.fromkeys(values))

    def _value(self) -> Code:
        if self._next.kind == "name":
            hint = f"put a text in quotes: '{self._next.value}' (an item is compared with a value, not with an item)"
            self._refuse("a number, or a text in quotes", hint)
        if self._next.kind not in ("number", "text"):
            self._refuse("a number, or a text in quotes")
        return self._take().value

    def _expect(self, sign: str, expected: str) -> None:
        if not self._takes_sign(sign):
            self._refuse(expected)

    def _refuse(self, expected: str, hint: str | None = None) -> NoReturn:
        token = self._next
        got = self._text[token.start : token.start + token.length][:40]
        what = "the route ends too early" if token.kind == "end" else f"'{got}' does not belong here"
        raise bad_route(self._text, token, what, expected=expected, hint=hint or self._advice())

    def _advice(self) -> str | None:
        """What may have been meant by words of other languages, here or one token before."""
        if self._next.kind == "name":
            word = str(self._next.value).lower()
            meant = word if word in KEYWORDS else _OTHER_WORDS.get(word)
            return f"write {meant}" if meant else None
        called = self._tokens[self._position - 1] if self._position else self._next
        if called.kind == "name" and self._next.is_sign("("):
            return did_you_mean(str(called.value), KEYWORDS) or "the only function is answered(item)"
        return None

"""A route against the items that come before it: known, of a fitting type and scale, and possible at all."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import combinations, islice, pairwise, product
from typing import TYPE_CHECKING, NoReturn

from survey_sem.errors import StudyError, did_you_mean
from survey_sem.instrument.routing import (
    All,
    Answered,
    Any,
    Code,
    Comparison,
    Not,
    Route,
    items_of,
    relations_of,
    written_code,
)

if TYPE_CHECKING:
    from survey_sem.instrument.model import Item

MAX_COMBINATIONS = 10_000
MAX_ITEMS = 13
"""Each item has two answers at least, so that 14 items have more combinations than are tried."""

_ORDER = ("<", "<=", ">", ">=")
_RELATIONS: dict[str, tuple[str, ...]] = {
    "ordinal": ("=", "!=", "in", *_ORDER),
    "nominal": ("=", "!=", "in"),
    "multi": ("has",),
    "rank": (),
    "number": ("=", "!=", "in", *_ORDER),
    "text": (),
    "date": ("=", "!=", "in", *_ORDER),
}
_OPERATORS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Answer = int | float | str | frozenset[Code] | None
"""Of one item: its code, number or ISO date; the chosen options of a multi item; None where it was not answered."""


def check_route(route: Route, known: Mapping[str, Item], later: Collection[str] = ()) -> None:
    """Hold a route against the items that are asked before it.

    Parameters
    ----------
    route : Route
        As `parse_route` gives it.
    known : mapping
        Item id -> Item, those that come earlier.
    later : collection of str
        Ids of the item itself and of those after it: naming one of them gets an error of its own.

    Raises
    ------
    StudyError
        The first problem: ``unknown-item``, ``asked-later``, ``wrong-relation`` (does not fit the item's type),
        ``unknown-code``, ``wrong-value`` (no number, no date), or ``never-asked``: no combination of answers makes
        the route true. The last is decided where the answers that matter have at most 10,000 combinations.
    """
    for relation in relations_of(route):
        _check_relation(relation, known, later)
    if not _is_possible(route, known):
        what = "this route can never hold: nobody would be asked"
        raise StudyError("never-asked", what, where=str(route), hint=_way_out(route, known))


def holds(route: Route, answers: Mapping[str, Answer]) -> bool | None:
    """Whether a route holds for one respondent; None where unanswered items leave it open (Kleene's logic)."""
    match route:
        case Answered(item):
            return answers.get(item) is not None
        case Comparison():
            return _compare(route, answers.get(route.item))
        case Not(inner):
            inside = holds(inner, answers)
            return None if inside is None else not inside
        case All(parts):
            return _strongest((holds(part, answers) for part in parts), decisive=False)
        case Any(parts):
            return _strongest((holds(part, answers) for part in parts), decisive=True)


def _compare(relation: Comparison, answer: Answer) -> bool | None:
    if answer is None:
        return None
    if relation.relation == "has":
        return isinstance(answer, frozenset) and relation.values[0] in answer
    if relation.relation == "in":
        return answer in relation.values
    return bool(_OPERATORS[relation.relation](answer, relation.values[0]))


def _strongest(parts: Iterator[bool | None], decisive: bool) -> bool | None:
    values = set(parts)
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def _check_relation(relation: Comparison | Answered, known: Mapping[str, Item], later: Collection[str]) -> None:
    if relation.item not in known:
        _refuse_item(relation, known, later)
    if isinstance(relation, Answered):
        return
    item = known[relation.item]
    if relation.relation not in _RELATIONS[item.type]:
        what = f"'{relation.relation}' cannot be asked of '{item.id}', an item of type {item.type}"
        raise StudyError("wrong-relation", what, where=str(relation), hint=_fitting(item, relation))
    if relation.relation in _ORDER and item.scale and any(isinstance(code, str) for code in item.scale.codes):
        what = f"'{relation.relation}' needs codes that are numbers; those of '{item.id}' are texts"
        raise StudyError("wrong-relation", what, where=str(relation), hint=_listing(item))
    for value in relation.values:
        _check_value(item, value, relation)


def _refuse_item(relation: Comparison | Answered, known: Mapping[str, Item], later: Collection[str]) -> NoReturn:
    where = str(relation)
    if relation.item in later:
        what = f"'{relation.item}' is not asked before this item"
        raise StudyError("asked-later", what, where=where, hint="a route can only look back: move one of the items")
    hint = did_you_mean(relation.item, known) or ("" if known else "no item comes before this one") or None
    raise StudyError("unknown-item", f"there is no item '{relation.item}' before this one", where=where, hint=hint)


def _fitting(item: Item, relation: Comparison) -> str:
    """How to ask what was probably meant."""
    value = written_code(relation.values[0])
    if item.type == "multi":
        return f"ask for one option: {'not ' if relation.relation == '!=' else ''}{item.id} has {value}"
    if item.type in ("text", "rank"):
        return f"of a {item.type} item a route can only ask whether it was answered: answered({item.id})"
    if relation.relation == "has":
        return f"'has' is for items of several choices: {item.id} = {value}"
    return _listing(item)


def _listing(item: Item) -> str:
    codes = item.scale.codes[:2] if item.scale else ()
    return f"its codes have no order; list them: {item.id} in ({', '.join(map(written_code, codes))})"


def _check_value(item: Item, value: Code, relation: Comparison) -> None:
    where = str(relation)
    if item.scale is not None:
        if value not in item.scale.codes:
            what = f"'{item.id}' has no code {written_code(value)}"
            expected = f"a code of scale '{item.scale.id}': {item.scale.describe()}"
            raise StudyError("unknown-code", what, where=where, expected=expected, hint=_code_meant(item, value))
    elif item.type == "number" and isinstance(value, str):
        what = f"'{item.id}' is a number and is compared with a text"
        raise StudyError("wrong-value", what, where=where, expected="a number without quotes")
    elif item.type == "date" and not _is_date(value):
        what = f"{written_code(value)} is no date"
        raise StudyError("wrong-value", what, where=where, expected="a date in quotes: 'YYYY-MM-DD'")


def _is_date(value: Code) -> bool:
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _code_meant(item: Item, value: Code) -> str | None:
    """The code that was meant by its label, by its text, or by nothing at all."""
    assert item.scale is not None
    for labels in item.scale.labels.values():
        for code, label in labels.items():
            if label == value:
                return f"'{label}' is the label of {written_code(code)}"
    for code in item.scale.codes:
        if str(code) == str(value):
            return f"write {written_code(code)}"
    return did_you_mean(value, map(str, item.scale.codes)) if isinstance(value, str) else None


def _way_out(route: Route, known: Mapping[str, Item]) -> str:
    """Why nothing makes a route true, as far as one sentence can say it."""
    for name in items_of(route):
        asked = known[name].relevant
        if asked is not None and len(items_of(route)) > 1:
            return f"'{name}' itself is asked only where {asked}"
    if isinstance(route, All):
        return "'and' wants all of its conditions at once: write 'or', or in (1, 2), where one is enough"
    return "; ".join(f"'{name}' is {known[name].expected()}" for name in items_of(route))


def _is_possible(route: Route, known: Mapping[str, Item]) -> bool:
    """False where every combination of answers was tried and none makes the route true."""
    for names in (_with_earlier(route, known), items_of(route)):
        if len(names) > MAX_ITEMS:
            continue
        routes = [route, *(asked for name in names if (asked := known[name].relevant) is not None)]
        answers = [tuple(islice(_answers(known[name], routes), MAX_COMBINATIONS + 1)) for name in names]
        if math.prod(map(len, answers)) <= MAX_COMBINATIONS:
            states = (dict(zip(names, each, strict=True)) for each in product(*answers))
            return any(holds(route, state) and _can_occur(state, known) for state in states)
    return True


def _with_earlier(route: Route, known: Mapping[str, Item]) -> tuple[str, ...]:
    """Items of the route and, while they are few, those that decide whether these are asked."""
    names = list(items_of(route))
    for name in names:
        asked = known[name].relevant
        if asked is not None and len(names) <= MAX_ITEMS:
            names += [each for each in items_of(asked) if each in known and each not in names]
    return tuple(names)


def _can_occur(state: Mapping[str, Answer], known: Mapping[str, Item]) -> bool:
    """Whether every item with an answer was asked, as far as the state tells."""
    return all(answer is None or _was_asked(known[name].relevant, state) for name, answer in state.items())


def _was_asked(route: Route | None, state: Mapping[str, Answer]) -> bool:
    if route is None or not state.keys() >= set(items_of(route)):
        return True
    return holds(route, state) is True


def _answers(item: Item, routes: Iterable[Route]) -> Iterator[Answer]:
    """Answers of which every route holds or fails for at least one: the values named, their neighbours, and none."""
    relations = [relation for route in routes for relation in relations_of(route) if relation.item == item.id]
    named = {value for relation in relations if isinstance(relation, Comparison) for value in relation.values}
    yield None
    if item.type == "multi":
        yield from _choices(item, named)
    elif item.scale is not None:
        yield from _codes_near(item.scale.codes, named)
    elif item.type == "number":
        yield from _numbers_near(item, {value for value in named if not isinstance(value, str)})
    elif item.type == "date":
        yield from _dates_near(item, {str(value) for value in named})
    else:
        yield ""


def _choices(item: Item, named: Collection[Code]) -> Iterator[frozenset[Code]]:
    options = sorted(named, key=str)
    most = int(item.max) if isinstance(item.max, (int, float)) else len(options)
    for count in range(min(most, len(options)) + 1):
        for chosen in combinations(options, count):
            if count < 2 or not set(chosen) & set(item.exclusive):
                yield frozenset(chosen)


def _codes_near(codes: tuple[Code, ...], named: Collection[Code]) -> Iterator[Code]:
    ordered = sorted(codes, key=lambda code: (isinstance(code, str), code))
    at = {i for i, code in enumerate(ordered) if code in named}
    for i, code in enumerate(ordered):
        if {i - 1, i, i + 1} & at or i == 0:
            yield code


def _numbers_near(item: Item, named: Collection[float]) -> Iterator[float]:
    limits = [float(limit) for limit in (item.min, item.max) if isinstance(limit, (int, float))]
    cuts = sorted({*named, *limits})
    if item.whole:
        tried = {near for cut in cuts for near in (math.floor(cut) - 1, math.floor(cut), math.ceil(cut), cut // 1 + 1)}
    else:
        between = [(low + high) / 2 for low, high in pairwise(cuts)]
        tried = {*cuts, *between, *(cut + step for cut in cuts for step in (-1, 1))}
    low, high = (_limit(item.min, -math.inf), _limit(item.max, math.inf))
    yield from sorted(number for number in tried or {0} if low <= number <= high)


def _limit(limit: float | date | None, default: float) -> float:
    return float(limit) if isinstance(limit, (int, float)) else default


def _dates_near(item: Item, named: Collection[str]) -> Iterator[str]:
    limits = [limit for limit in (item.min, item.max) if isinstance(limit, date)]
    cuts = {*(date.fromisoformat(value) for value in named), *limits}
    days = {
        cut + timedelta(days=step) for cut in cuts or {date(2000, 1, 1)} for step in (-1, 0, 1) if _has_day(cut, step)
    }
    low = item.min if isinstance(item.min, date) else date.min
    high = item.max if isinstance(item.max, date) else date.max
    yield from sorted(day.isoformat() for day in days if low <= day <= high)


def _has_day(day: date, step: int) -> bool:
    return date.min < day < date.max or step == 0

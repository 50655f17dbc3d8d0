"""Making routes of other platforms' conditions: joined, negated as they mean it, renamed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from survey_sem.instrument.routing import All, Answered, Any, Comparator, Comparison, Not, Route

_OPPOSITE: dict[str, Comparator] = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class InexpressibleError(Exception):
    """A condition of another platform that the routing language does not know; the message says which."""


def all_of(parts: Iterable[Route]) -> Route:
    """Several routes that must all hold; one alone stays itself."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, All) else (part,)))
    distinct = tuple(dict.fromkeys(flat))
    return distinct[0] if len(distinct) == 1 else All(distinct)


def any_of(parts: Iterable[Route]) -> Route:
    """Several routes of which one must hold; equalities of one item become ``in``."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Any) else (part,)))
    merged: dict[object, Route] = {}
    for part in flat:
        if isinstance(part, Comparison) and part.relation in ("=", "in"):
            key = ("in", part.item)
            before = merged.get(key)
            values = (*(before.values if isinstance(before, Comparison) else ()), *part.values)
            distinct = tuple(dict.fromkeys(values))
            merged[key] = Comparison(part.item, "=" if len(distinct) == 1 else "in", distinct)
        else:
            merged[part] = part
    distinct_parts = tuple(merged.values())
    return distinct_parts[0] if len(distinct_parts) == 1 else Any(distinct_parts)


def negated(route: Route, is_certain: Callable[[str], bool]) -> Route:
    """The opposite as Qualtrics and XLSForm mean it: an item without an answer is "not chosen", "not equal".

    Parameters
    ----------
    route : Route
        What must not hold.
    is_certain : function of a key
        Whether everybody has answered that item: then nothing has to be said of those who have not.
    """
    match route:
        case Not(inner):
            return inner
        case Answered():
            return Not(route)
        case All(parts):
            return any_of(negated(part, is_certain) for part in parts)
        case Any(parts):
            return all_of(negated(part, is_certain) for part in parts)
        case Comparison(item, relation, values):
            opposite = _OPPOSITE.get(relation)
            turned: Route = Comparison(item, opposite, values) if opposite else Not(route)
            return turned if is_certain(item) else any_of((turned, Not(Answered(item))))


def renamed(route: Route, names: Mapping[str, str]) -> Route:
    """The route with other names for its items.

    Raises
    ------
    InexpressibleError
        It asks about an item that has no name.
    """
    match route:
        case Comparison(item, relation, values):
            return Comparison(_name(item, names), relation, values)
        case Answered(item):
            return Answered(_name(item, names))
        case Not(inner):
            return Not(renamed(inner, names))
        case All(parts):
            return All(tuple(renamed(part, names) for part in parts))
        case Any(parts):
            return Any(tuple(renamed(part, names) for part in parts))


def _name(item: str, names: Mapping[str, str]) -> str:
    if item not in names:
        raise InexpressibleError("it asks about a question that was not taken over")
    return names[item]

"""Who is asked an item, in words."""

from __future__ import annotations

from functools import reduce

from survey_sem.instrument import Instrument
from survey_sem.instrument.routing import All, Answered, Any, Code, Comparison, Not, Route
from survey_sem.reporting.contents import Content, Joined, Name, Said, Texts, said
from survey_sem.sample.describe import labels_of

_KEYS = {"=": "is", "!=": "is_not", "<": "below", "<=": "at_most", ">": "above", ">=": "at_least", "has": "has"}


def route_in_words(route: Route, instrument: Instrument) -> Said:
    """A route as a sentence without verb: ``watched is "yes" and age is at least 18``."""
    match route:
        case Comparison():
            return _comparison(route, instrument)
        case Answered(item):
            return said("route.answered", item=Name(item))
        case Not(Answered(item)):
            return said("route.unanswered", item=Name(item))
        case Not(inner):
            return said("route.not", inner=route_in_words(inner, instrument))
        case All(parts) | Any(parts):
            key = "route.and" if isinstance(route, All) else "route.or"
            shown = [_grouped(part, instrument) for part in parts]
            return reduce(lambda first, second: said(key, first=first, second=second), shown)


def _grouped(route: Route, instrument: Instrument) -> Said:
    shown = route_in_words(route, instrument)
    return said("route.group", inner=shown) if isinstance(route, (All, Any)) else shown


def _comparison(route: Comparison, instrument: Instrument) -> Said:
    answers = tuple(_answer(route.item, code, instrument) for code in route.values)
    if route.relation == "in":
        return said("route.one_of", item=Name(route.item), answers=Joined(answers))
    return said(f"route.{_KEYS[route.relation]}", item=Name(route.item), answer=answers[0])


def _answer(item: str, code: Code, instrument: Instrument) -> Content:
    """The label of an answer in quotes; a number as it is."""
    scale = instrument.item(item).scale
    label = labels_of(scale, code) if scale is not None else {}
    shown = code if isinstance(code, str) else format(code, ".15g")
    return said("route.quoted", answer=Texts(label)) if label else shown

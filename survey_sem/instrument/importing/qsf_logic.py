"""Display and branch logic of Qualtrics -> routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from survey_sem.instrument.importing.qsf_values import mapping, number_of, text_of
from survey_sem.instrument.importing.routes import InexpressibleError, all_of, any_of, negated
from survey_sem.instrument.importing.wording import code_of, one_line
from survey_sem.instrument.model import ItemType
from survey_sem.instrument.routing import Answered, Code, Comparator, Comparison, Not, Route

_LOCATOR = re.compile(r"q://([^/]+)/([A-Za-z]+)((?:/[^/]+)*)")
_RELATIONS: dict[str, Comparator] = {
    "EqualTo": "=",
    "NotEqualTo": "=",
    "GreaterThan": ">",
    "GreaterThanOrEqual": ">=",
    "LessThan": "<",
    "LessThanOrEqual": "<=",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What logic may say of a question that was taken over.

    Parameters
    ----------
    type : str
        Of its item or items.
    key : str or None
        Of its one item.
    rows : mapping
        Row (of a matrix, a form, a slider) -> key of the item.
    codes : mapping
        Option in Qualtrics -> code in the data.
    is_certain : bool
        Whether everybody answered.
    """

    type: ItemType
    key: str | None = None
    rows: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Code] = field(default_factory=dict)
    is_certain: bool = False


def route_of(logic: Mapping[str, Any], asked: Mapping[str, Asked]) -> Route:
    """One set of conditions (``BooleanExpression``) as a route.

    Within a set and between sets, "and" binds closer than "or", as in Qualtrics. An option that is "not selected"
    was also not selected by those who did not answer.

    Raises
    ------
    InexpressibleError
        A condition about anything else than an answer to a question that was taken over.
    """
    sets = [mapping(value) for _, value in _numbered(logic)]
    if not sets:
        raise InexpressibleError("its logic is empty")
    return _joined((text_of(each.get("Type")) == "OrIf", _of_set(each, asked)) for each in sets)


def _of_set(conditions: Mapping[str, Any], asked: Mapping[str, Asked]) -> Route:
    found = [mapping(value) for _, value in _numbered(conditions)]
    if not found:
        raise InexpressibleError("its logic is empty")
    return _joined((_is_or(each), _of_condition(each, asked)) for each in found)


def _numbered(logic: Mapping[str, Any]) -> list[tuple[int, Any]]:
    """Entries under ``"0"``, ``"1"``, ..., in the order of the numbers."""
    return sorted(
        ((int(key), value) for key, value in logic.items() if re.fullmatch("[0-9]{1,6}", key)), key=lambda pair: pair[0]
    )


def _is_or(condition: Mapping[str, Any]) -> bool:
    written = condition.get("Conjuction", condition.get("Conjunction"))  # the first spelling is Qualtrics' own
    return text_of(written).lower() == "or"


def _joined(parts: Iterable[tuple[bool, Route]]) -> Route:
    """Parts with whether "or" stands before them."""
    groups: list[list[Route]] = []
    for is_or, route in parts:
        if is_or or not groups:
            groups.append([])
        groups[-1].append(route)
    return any_of(all_of(group) for group in groups)


def _of_condition(condition: Mapping[str, Any], asked: Mapping[str, Asked]) -> Route:
    kind = text_of(condition.get("LogicType"))
    if kind not in ("Question", ""):
        raise InexpressibleError(f"a condition on {_KINDS.get(kind, one_line(kind)[:40])}")
    locator = text_of(condition.get("LeftOperand")) or text_of(condition.get("ChoiceLocator"))
    match = _LOCATOR.fullmatch(locator)
    if match is None:
        raise InexpressibleError("a condition whose question is not named")
    question = asked.get(match[1])
    if question is None:
        raise InexpressibleError("it asks about a question that comes later or was not taken over")
    path = [part for part in match[3].split("/") if part]
    return _about(question, match[2], path, condition)


_KINDS = {
    "EmbeddedField": "embedded data",
    "EmbeddedData": "embedded data",
    "PanelData": "the contact list",
    "Quota": "a quota",
    "DeviceType": "the device",
    "GeoIP": "the place",
    "LoopAndMerge": "a loop",
}


def _about(question: Asked, aspect: str, path: list[str], condition: Mapping[str, Any]) -> Route:
    operator = text_of(condition.get("Operator"))
    if aspect == "SelectableChoice" and operator in ("Selected", "NotSelected"):
        chosen = _chosen(question, path)
        return chosen if operator == "Selected" else negated(chosen, lambda _: question.is_certain)
    if operator in ("Empty", "NotEmpty"):
        answered = Answered(_key(question, path))
        return Not(answered) if operator == "Empty" else answered
    entered = ("ChoiceTextEntryValue", "ChoiceNumericEntryValue", "SelectedAnswerRecode", "SelectedChoicesRecode")
    if aspect in entered and operator in _RELATIONS:
        written = text_of(condition.get("RightOperand"))
        if operator == "NotEqualTo":
            return negated(_compared(question, path, "=", written), lambda _: question.is_certain)
        return _compared(question, path, _RELATIONS[operator], written)
    raise InexpressibleError(f"the condition '{one_line(aspect)[:40]} {one_line(operator)[:40]}'")


def _chosen(question: Asked, path: list[str]) -> Route:
    """``SelectableChoice/option``, or of a matrix ``SelectableChoice/row/answer``."""
    relation: Comparator = "has" if question.type == "multi" else "="
    key = _key(question, path[:-1])
    if not path or path[-1] not in question.codes:
        raise InexpressibleError("a condition on an option that is not there")
    return Comparison(key, relation, (question.codes[path[-1]],))


def _key(question: Asked, path: list[str]) -> str:
    if question.key is not None and (not path or question.type in ("ordinal", "nominal", "multi")):
        return question.key
    if path and path[0] in question.rows:
        return question.rows[path[0]]
    raise InexpressibleError("a condition on a part of a question that was not taken over")


def _compared(question: Asked, path: list[str], relation: Comparator, written: str) -> Route:
    key = _key(question, path)
    if question.type == "text":
        if relation != "=" or not written:
            raise InexpressibleError("a text compared by size")
        return Comparison(key, relation, (one_line(written),))
    number = number_of(written)
    if number is None or question.type == "multi":
        raise InexpressibleError("a comparison with something that is no number")
    value = code_of(written) if question.codes else number
    return Comparison(key, relation, (value,))

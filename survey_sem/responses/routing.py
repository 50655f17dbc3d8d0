"""Who was asked an item: routes evaluated for all respondents at once, in three-valued logic.

A route holds, does not hold, or is left open by items that were not answered (Kleene's logic: ``open or true`` is
true, ``open and true`` is open). Where it is left open only by items that were themselves not asked, the item was not
asked either: a chain of filters closes behind the respondent who leaves it at the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.instrument.model import Item
from survey_sem.instrument.routing import All, Answered, Code, Comparison, Not, Route, items_of, relations_of
from survey_sem.instrument.routing import Any as AnyOf

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

Rows = np.ndarray[tuple[int], np.dtype[np.bool_]]


_COMPARE = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


@dataclass(frozen=True, slots=True)
class Relevance:
    """Who was asked.

    Parameters
    ----------
    asked : bool array, shape (n_rows,)
        Rows where the route holds.
    not_asked : bool array, shape (n_rows,)
        Rows where it does not hold. Where neither is true, unanswered items leave it open.
    """

    asked: Rows
    not_asked: Rows


def relevances(items: Iterable[Item], frame: pd.DataFrame) -> dict[str, Relevance]:
    """Who was asked each item of a questionnaire, by item id.

    Parameters
    ----------
    items : iterable of Item
        All items, in the order of the questionnaire: a route looks back only.
    frame : DataFrame, shape (n_rows, n_variables)
        One column per variable, as in `Responses.frame`; a variable that is not there counts as unanswered.
    """
    found: dict[str, Relevance] = {}
    known: dict[str, Item] = {}
    everybody = np.ones(len(frame), dtype=bool)
    for item in items:
        known[item.id] = item
        if item.relevant is None:
            found[item.id] = Relevance(everybody, ~everybody)
        else:
            unasked = {name: found[name].not_asked for name in items_of(item.relevant)}
            found[item.id] = evaluate_route(item.relevant, frame, known, unasked)
    return found


def evaluate_route(
    route: Route, frame: pd.DataFrame, items: Mapping[str, Item], not_asked: Mapping[str, Rows] | None = None
) -> Relevance:
    """Evaluate one route for every row.

    Parameters
    ----------
    route : Route
        Checked against `items` (`check_route`).
    frame : DataFrame, shape (n_rows, n_variables)
        As in `Responses.frame`: numbers for numbers and codes, text for text codes, ``id_code`` 0/1 for the options
        of a multi item, datetimes for dates; missing where there is no answer.
    items : mapping
        Item id -> Item, at least those of the route.
    not_asked : mapping, optional
        Item id -> rows where it was certainly not asked. A row that the route leaves open only by such items counts
        as not asked.
    """
    answers = _Answers(frame, items)
    leaves = {leaf: _leaf(leaf, answers) for leaf in relations_of(route)}
    result = _combine(route, leaves)
    if not not_asked:
        return result
    explained = [
        truth.asked | truth.not_asked | not_asked.get(leaf.item, answers.none()) for leaf, truth in leaves.items()
    ]
    return Relevance(result.asked, result.not_asked | (~result.asked & np.logical_and.reduce(explained)))


class _Answers:
    """The columns behind a route, as arrays."""

    def __init__(self, frame: pd.DataFrame, items: Mapping[str, Item]) -> None:
        self._frame = frame
        self._items = items

    def column(self, name: str) -> Column | None:
        """One variable; None where the export has none."""
        return self._frame[name] if name in self._frame.columns else None

    def is_date(self, item: str) -> bool:
        """Whether the item's answers are dates."""
        return self._items[item].type == "date"

    def none(self) -> Rows:
        """No row."""
        return np.zeros(len(self._frame), dtype=bool)

    def answered(self, item: str) -> Rows:
        """Rows with an answer; of a multi or rank item with one to any option."""
        columns = (self.column(name) for name in self._items[item].variables)
        present = [column.notna().to_numpy() for column in columns if column is not None]
        return reduce(np.logical_or, present, self.none())


def _combine(route: Route, leaves: Mapping[Comparison | Answered, Relevance]) -> Relevance:
    match route:
        case Answered() | Comparison():
            return leaves[route]
        case Not(inner):
            truth = _combine(inner, leaves)
            return Relevance(truth.not_asked, truth.asked)
        case All(parts):
            truths = [_combine(part, leaves) for part in parts]
            return Relevance(_every(each.asked for each in truths), _some(each.not_asked for each in truths))
        case AnyOf(parts):
            truths = [_combine(part, leaves) for part in parts]
            return Relevance(_some(each.asked for each in truths), _every(each.not_asked for each in truths))


def _every(rows: Iterable[Rows]) -> Rows:
    return reduce(np.logical_and, rows)


def _some(rows: Iterable[Rows]) -> Rows:
    return reduce(np.logical_or, rows)


def _leaf(leaf: Comparison | Answered, answers: _Answers) -> Relevance:
    if isinstance(leaf, Answered):
        answered = answers.answered(leaf.item)
        return Relevance(answered, ~answered)
    has = leaf.relation == "has"
    column = answers.column(f"{leaf.item}_{leaf.values[0]}" if has else leaf.item)
    if column is None:
        return Relevance(answers.none(), answers.none())
    answered = column.notna().to_numpy()
    if not answered.any():
        return Relevance(answers.none(), answers.none())  # an empty column may be of any type
    values: tuple[Code, ...] = (1,) if has else leaf.values
    holds = _held(column, leaf.relation, values, answers.is_date(leaf.item))
    return Relevance(holds & answered, ~holds & answered)


def _held(column: Column, relation: str, values: tuple[Code, ...], is_date: bool) -> Rows:
    """Rows whose answer stands in the relation to the values; those without an answer may be either."""
    import pandas as pd

    if is_date:
        days = column.to_numpy().astype("datetime64[D]")
        return _related(days, relation, [np.datetime64(str(value), "D") for value in values])
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        return _related(numbers, relation, [np.nan if isinstance(value, str) else float(value) for value in values])
    held: Rows = column.isin([str(value) for value in values]).to_numpy()
    return ~held if relation == "!=" else held  # text codes have no order: no other relation comes here


def _related(array: np.ndarray[Any, Any], relation: str, values: list[Any]) -> Rows:
    if relation == "in":
        return np.isin(array, values)
    compare = _COMPARE.get(relation, np.equal)  # has: the option is 1
    rows: Rows = compare(array, values[0])
    return rows

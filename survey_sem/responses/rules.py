"""The rules that one column is held against, vectorised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey_sem.instrument.model import Item, MissingCode
from survey_sem.instrument.routing import Code
from survey_sem.responses.report import Finding, MissingCount

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

SHOWN_ROWS = 3
SHOWN_VALUES = 5


@dataclass(frozen=True, slots=True)
class CheckedColumn:
    """A column after its check: missing codes made missing, numbers numeric."""

    values: Column
    findings: tuple[Finding, ...]
    missing: MissingCount


def check_column(column: Column, item: Item, codes: Iterable[MissingCode]) -> CheckedColumn:
    """Hold one column against its item.

    Parameters
    ----------
    column : Series, length n_rows
        As the export holds it.
    item : Item
        What was asked.
    codes : iterable of MissingCode
        Codes for no answer.
    """
    answered, missing = _without_codes(column, item, codes)
    if _is_textual(item):
        values, findings = answered, _illegal(answered.astype("str").where(answered.notna()), item)
    else:
        values, findings = _numeric(answered, item)
    if answered.isna().all():
        findings = (*findings, Finding("all-missing", item.id, "warning", "answers", "not a single answer"))
    return CheckedColumn(values, findings, missing)


def _is_textual(item: Item) -> bool:
    if item.scale is None:
        return item.type == "text"
    return any(isinstance(code, str) for code in item.scale.codes)


def _without_codes(column: Column, item: Item, codes: Iterable[MissingCode]) -> tuple[Column, MissingCount]:
    blank = int(column.isna().sum())
    answered, by_code = column, {}
    for missing in codes:
        hit = _equals(column, missing.code)
        count = int(hit.sum())
        if count:
            by_code[str(missing.code)] = count
            answered = answered.mask(hit)
    return answered, MissingCount(item.id, blank, by_code)


def _equals(column: Column, code: Code) -> Column:
    """Where a column holds a code, be it a number or its text."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype):
        return column == code if not isinstance(code, str) else pd.Series(False, index=column.index)
    return column.notna() & (column.astype("str").str.strip() == str(code))


def _numeric(answered: Column, item: Item) -> tuple[Column, tuple[Finding, ...]]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(answered.dtype):
        return answered, _illegal(answered, item)
    numbers = pd.to_numeric(answered, errors="coerce").astype(float)
    texts = answered.notna() & numbers.isna()
    wrong: tuple[Finding, ...] = ()
    if texts.any():
        hint = "recode the text to its code, or declare it under `missing:`"
        wrong = (_finding("wrong-type", item, answered, texts, hint),)
    return numbers, (*wrong, *_illegal(numbers, item))


def _illegal(values: Column, item: Item) -> tuple[Finding, ...]:
    if item.scale is not None:
        legal = [str(code) for code in item.scale.codes] if _is_textual(item) else list(item.scale.codes)
        outside = values.notna() & ~values.isin(legal)
        hint = "recode it, or declare the code under `missing:`"
        return (_finding("illegal-code", item, values, outside, hint),) if outside.any() else ()
    if item.type == "number":
        return _out_of_range(values, item)
    return ()


def _out_of_range(values: Column, item: Item) -> tuple[Finding, ...]:
    outside = values.isin([float("inf"), float("-inf")])
    if item.min is not None:
        outside |= values < item.min
    if item.max is not None:
        outside |= values > item.max
    hint = "correct it, or declare the code under `missing:`"
    return (_finding("out-of-range", item, values, outside, hint),) if outside.any() else ()


def _finding(rule: str, item: Item, values: Column, where: Column, hint: str) -> Finding:
    rows = [int(position) + 1 for position in where.to_numpy().nonzero()[0][:SHOWN_ROWS]]
    return Finding(rule, item.id, "error", item.expected(), _shown(values[where]), int(where.sum()), tuple(rows), hint)


def _shown(values: Column) -> str:
    """The most frequent offending values, cut to 20 characters each."""
    distinct = [_short(value) for value in values.value_counts().index[:SHOWN_VALUES]]
    more = int(values.nunique()) - len(distinct)
    return ", ".join(distinct) + (f" and {more} other values" if more > 0 else "")


def _short(value: object) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= 20 else value[:19] + "…")
    return format(value, "g")

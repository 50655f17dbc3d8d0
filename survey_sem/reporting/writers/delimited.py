"""Tables as csv: machine names, every digit, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from io import StringIO

from survey_sem.reporting.contents import Absent, Amount, Cell, Count, Interval, Name, Said, spoken
from survey_sem.reporting.table import Column, Table
from survey_sem.reporting.writers.single_values import interval_columns, single_values

# A cell that is an operator of the model language and nothing else stays as it is, so that a program can compare it;
# of all operators only these begin like a formula. They can do no harm: without a function, a reference or a number
# behind the sign a spreadsheet has nothing to evaluate, and shows the text or a syntax error.
_OPERATORS = frozenset({"=~", "=="})
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_csv(table: Table) -> str:
    """The table as csv text (RFC 4180 quoting, line feeds).

    The header holds the columns' machine names; an interval becomes two columns (``_lower``, ``_upper``); variables
    stand by their names in the data; absent values are empty. Text that a spreadsheet would take for a formula
    begins with an apostrophe; an operator of the model language alone is no formula.
    """
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    is_pair = interval_columns(table)
    writer.writerow(
        harmless(name) for column, pair in zip(table.columns, is_pair, strict=True) for name in _headers(column, pair)
    )
    for row in single_values(table).rows:
        writer.writerow(text for cell, pair in zip(row, is_pair, strict=True) for text in _fields(cell, pair))
    return stream.getvalue()


def _headers(column: Column, is_pair: bool) -> Iterator[str]:
    if is_pair:
        yield from (f"{column.key}_lower", f"{column.key}_upper")
    else:
        yield column.key


def _fields(cell: Cell, is_pair: bool) -> Iterator[str]:
    if not is_pair:
        yield _field(cell)
    elif isinstance(cell, Interval):
        yield from (_number(cell.low), _number(cell.high))
    else:
        yield from ("", "")


def _field(cell: Cell) -> str:
    match cell:
        case None | Absent() | Count(None):
            return ""
        case Count(int(n), _):
            return str(n)
        case Amount(value, _):
            return _number(value)
        case int():
            return str(cell)
        case float():
            return _number(cell)
        case Name(code) | Said(_, _, code) if code:
            return harmless(code)
    return harmless(spoken(cell, "en"))


def _number(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else ""


def harmless(text: str) -> str:
    """`text`, marked as text where a spreadsheet would take it for a formula; its lines end alike."""
    is_formula = text.startswith(_STARTS_FORMULA) and text not in _OPERATORS
    marked = f"'{text}" if is_formula else text
    return marked.replace("\r\n", "\n").replace("\r", "\n")

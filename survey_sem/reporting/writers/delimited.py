"""Tables as csv: machine names, every digit, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from io import StringIO

from survey_sem.reporting.contents import Absent, Amount, Cell, Count, Interval, Name, Said, spoken
from survey_sem.reporting.table import Column, Table

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_csv(table: Table) -> str:
    """The table as csv text (RFC 4180 quoting, line feeds).

    The header holds the columns' machine names; an interval becomes two columns (``_lower``, ``_upper``); variables
    stand by their names in the data; absent values are empty. Text that a spreadsheet would take for a formula
    begins with an apostrophe.
    """
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    widths = [_is_interval(table, at) for at in range(len(table.columns))]
    writer.writerow(
        harmless(name)
        for column, is_pair in zip(table.columns, widths, strict=True)
        for name in _headers(column, is_pair)
    )
    for row in _single_values(table, widths):
        writer.writerow(text for cell, is_pair in zip(row, widths, strict=True) for text in _fields(cell, is_pair))
    return stream.getvalue()


def _is_interval(table: Table, at: int) -> bool:
    """Whether a column holds nothing but intervals."""
    cells = [row[at] for row in table.rows]
    has_interval = any(isinstance(cell, Interval) for cell in cells)
    return has_interval and all(cell is None or isinstance(cell, Interval | Absent) for cell in cells)


def _single_values(table: Table, is_pair: Sequence[bool]) -> Iterator[tuple[Cell, ...]]:
    """The rows; one that holds an interval among other rows' numbers becomes two, for its lower and upper ends."""
    for row in table.rows:
        ends = [at for at, cell in enumerate(row) if isinstance(cell, Interval) and not is_pair[at]]
        if not ends:
            yield row
            continue
        for end in ("low", "high"):
            name = f"{_field(row[0])}_{'lower' if end == 'low' else 'upper'}"
            yield (name, *(_end(cell, end) if at in ends else cell for at, cell in enumerate(row[1:], start=1)))


def _end(cell: Cell, end: str) -> Cell:
    return float(getattr(cell, end))


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
    marked = f"'{text}" if text.startswith(_STARTS_FORMULA) else text
    return marked.replace("\r\n", "\n").replace("\r", "\n")

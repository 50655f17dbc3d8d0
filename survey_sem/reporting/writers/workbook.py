"""Tables as one xlsx workbook: numbers as numbers at full precision, text as text, the same bytes each time."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from survey_sem.reporting.contents import Amount, Cell, Count, Interval
from survey_sem.reporting.numbers import Format, Language
from survey_sem.reporting.table import Column, ShownCell, Table
from survey_sem.reporting.wording import phrase
from survey_sem.reporting.writers.single_values import interval_columns, single_values

if TYPE_CHECKING:
    from xlsxwriter.format import Format as CellFormat
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_FIXED_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - xlsx knows no time zones; a clock would change the bytes
_NUMBER_FORMATS: dict[Format, str] = {
    "count": "0",
    "estimate": "0.000",
    "difference": "0.000",
    "statistic": "0.00",
    "score": "0.00",
    "bounded": "0.000",
    "correlation": "0.00",
    "p": '[<0.001]"< .001";0.000',
    "index": "0.0",
    "quantity": "0.##",
    "points": "+0.0;-0.0;0.0",
    "df": "0",
    "percent": "0.0%",
    "exact": "General",
}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def to_xlsx(tables: Sequence[Table], language: Language) -> bytes:
    """One sheet for each table, in three-line style.

    An interval takes two columns. No text becomes a formula or a link.
    """
    from xlsxwriter.workbook import Workbook

    stream = BytesIO()
    book = Workbook(
        stream,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"created": _FIXED_TIME, "author": "survey_sem"})
    styles = _Styles(book)
    names: set[str] = set()
    for table in tables:
        _write(book.add_worksheet(_sheet_name(table.title(language), names)), table, language, styles)
    book.close()
    return stream.getvalue()


class _Styles:
    """Cell formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], CellFormat] = {}

    def get(self, **properties: Any) -> CellFormat:
        """The format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": "Arial", "font_size": 10, **properties})
        return self._made[key]


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name that Excel takes: no more than 31 characters, unique whatever the case."""
    plain = _FORBIDDEN.sub(" ", text_only(title)).strip("' ")[:_LONGEST_NAME] or "table"
    name, count = plain, 1
    while name.lower() in taken:
        count += 1
        name = f"{plain[: _LONGEST_NAME - len(str(count)) - 1]} {count}"
    taken.add(name.lower())
    return name


def text_only(text: str) -> str:
    """`text` without characters that XML cannot hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _write(sheet: Worksheet, table: Table, language: Language, styles: _Styles) -> None:
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, text_only(table.title(language)), styles.get(bold=True, font_size=12))
    is_pair = interval_columns(table)
    table = single_values(table)
    starts = [at + sum(is_pair[:at]) for at in range(len(table.columns))]
    for column, start, pair in zip(table.columns, starts, is_pair, strict=True):
        _write_heading(sheet, column, start, pair, language, styles)
    shown = table.shown_rows(language)
    for at, (row, texts) in enumerate(zip(table.rows, shown, strict=True)):
        style = {"bottom": 2} if at == len(shown) - 1 else {}
        for column, cell, text, start, pair in zip(table.columns, row, texts, starts, is_pair, strict=True):
            _write_cell(sheet, (3 + at, start), column, cell, text, pair, styles, style)
    _set_widths(sheet, table, shown, starts, is_pair)
    sheet.freeze_panes(3, table.row_head + 1)
    for at, note in enumerate(_notes(table, language)):
        sheet.write_string(4 + len(table.rows) + at, 0, text_only(note), styles.get(font_color="#556472"))


def _write_heading(
    sheet: Worksheet, column: Column, start: int, pair: bool, language: Language, styles: _Styles
) -> None:
    side = "right" if column.is_numeric else "left"
    style = styles.get(bold=True, align=side, top=2, bottom=1)
    title = text_only(column.title(language))
    sheet.write_string(2, start, f"{title} {phrase('cell.lower', language)}" if pair else title, style)
    if pair:
        sheet.write_string(2, start + 1, f"{title} {phrase('cell.upper', language)}", style)


def _write_cell(
    sheet: Worksheet,
    place: tuple[int, int],
    column: Column,
    cell: Cell,
    shown: ShownCell,
    pair: bool,
    styles: _Styles,
    style: dict[str, Any],
) -> None:
    line, at = place
    form = cell.form if isinstance(cell, Amount) else column.form
    numeric = styles.get(num_format=_NUMBER_FORMATS.get(form, "General"), align="right", **style)
    text = styles.get(align="right" if column.is_numeric else "left", valign="top", **style)
    values: list[float | None] = [cell.low, cell.high] if isinstance(cell, Interval) else [_plain_number(cell)]
    values += [None] * (1 + pair - len(values))
    for offset, value in enumerate(values):
        if value is not None and math.isfinite(value):
            sheet.write_number(line, at + offset, value, numeric)
        elif offset == 0 and not isinstance(cell, Interval) and shown.text:
            mark = f" ({shown.mark})" if shown.mark else ""
            sheet.write_string(line, at, text_only(shown.text + mark), text)
        else:
            sheet.write_blank(line, at + offset, None, text)


def _plain_number(cell: Cell) -> float | None:
    match cell:
        case Amount(value, _):
            return value
        case Count(int(n), _):
            return n
        case int() | float():
            return cell
    return None


def _set_widths(
    sheet: Worksheet, table: Table, shown: list[list[ShownCell]], starts: list[int], is_pair: list[bool]
) -> None:
    for at, column in enumerate(table.columns):
        widest = max([row[at].width for row in shown] or [0]) if not column.is_numeric else 0
        width = min(max(widest + 2, 11), 60)
        sheet.set_column(starts[at], starts[at] + is_pair[at], width)


def _notes(table: Table, language: Language) -> list[str]:
    notes = [*(table.noted(language)), table.legend(language)]
    return [note for note in notes if note] + [f"({mark}) {reason}" for mark, reason in table.footnotes(language)]

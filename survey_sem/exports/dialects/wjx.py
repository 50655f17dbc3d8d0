"""wjx 问卷星: numbered headers, matrices, ``┋`` ``→`` ``〖〗``, ``(跳过)`` and ``(空)``.

Questions become ``Q1``, ``Q2``, ...; the columns of a matrix (and the 0/1 columns of a multiple choice, whose headers
look the same) ``Q6_R1``, ``Q6_R2``, ... from left to right; what respondents wrote beside an option ``Q2_blank``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from survey_sem.exports.dialects.choices import blanks_apart
from survey_sem.exports.dialects.dialect import Cleaned, Column, Dialect, Head, Heading, named_evidence, over_distinct
from survey_sem.exports.raw_table import MissingRange

if TYPE_CHECKING:
    import pandas as pd

METADATA = {
    "序号": "index",
    "提交答卷时间": "submitted",
    "所用时间": "duration",
    "来源": "source",
    "来源详情": "source_detail",
    "来自IP": "ip",
    "总分": "total",
}
"""Columns about the answer sheet: header -> name."""
SKIPPED, EMPTY = -3, -2
_MARKS = {"(跳过)": SKIPPED, "(空)": EMPTY, "（跳过）": SKIPPED, "（空）": EMPTY}
_QUESTION = re.compile(r"(\d+)、(.*)", re.DOTALL)
_FIRST_ROW = re.compile(r"(\d+)、(.*)—(\d+)[.．、](.*)", re.DOTALL)
_LATER_ROW = re.compile(r"(\d+)[.．](.*)", re.DOTALL)
_PART = re.compile(r"第(\d+)题\((.*)\)", re.DOTALL)
_SECONDS = r"\s*(\d+(?:\.\d+)?)\s*秒\s*"
_ADDRESS = re.compile(r"\s*([0-9A-Fa-f.:]+)\s*[(（]([^()（）]*)[)）]\s*")


def _evidence(head: Head) -> tuple[str, ...]:
    names = [name.strip() for name in head[0]]
    numbered = sum(1 for name in names if _QUESTION.match(name) or _PART.fullmatch(name))
    metadata = named_evidence(head, tuple(METADATA), 2 if numbered else 3)
    if not metadata or not numbered:
        return metadata
    return (*metadata, f"{numbered} headers of the form `1、…` or `第1题(…)`")


def _heading(head: Head) -> Heading:
    reader = _HeaderReader([name.strip() for name in head[0]])
    return Heading(tuple(reader.column(position, header) for position, header in enumerate(head[0])))


class _HeaderReader:
    """Walks the header from left to right: a matrix row knows its question only from the columns before it."""

    def __init__(self, headers: list[str]) -> None:
        found = [_QUESTION.fullmatch(header) for header in headers]
        self._numbers = Counter(match[1] for match in found if match)
        self._rows: Counter[str] = Counter()
        self._question = ""
        self._stem = ""
        self._last_row = 0

    def column(self, position: int, header: str) -> Column:
        """Name, header and text of the column at `position`."""
        text = header.strip()
        if text in METADATA:
            self._question = ""
            return Column(METADATA[text], header, text)
        for pattern, name in ((_PART, self._part), (_FIRST_ROW, self._first_row), (_QUESTION, self._plain)):
            match = pattern.fullmatch(text)
            if match:
                return Column(*name(match, header))
        match = _LATER_ROW.fullmatch(text)
        if match and self._question and int(match[1]) == self._last_row + 1:
            return Column(*self._later_row(match, header))
        return Column(text, header)

    def _part(self, match: re.Match[str], header: str) -> tuple[str, str, str]:
        self._question = ""
        return self._row_name(match[1]), header, match[2]

    def _first_row(self, match: re.Match[str], header: str) -> tuple[str, str, str]:
        self._question, self._stem, self._last_row = match[1], match[2], int(match[3])
        return self._row_name(match[1]), header, f"{match[2]}—{match[4]}"

    def _later_row(self, match: re.Match[str], header: str) -> tuple[str, str, str]:
        self._last_row += 1
        return self._row_name(self._question), header, f"{self._stem}—{match[2]}"

    def _plain(self, match: re.Match[str], header: str) -> tuple[str, str, str]:
        self._question = ""
        name = f"Q{match[1]}" if self._numbers[match[1]] == 1 else self._row_name(match[1])
        return name, header, match[2]

    def _row_name(self, number: str) -> str:
        self._rows[number] += 1
        return f"Q{number}_R{self._rows[number]}"


def _cleaned(frame: pd.DataFrame) -> Cleaned:
    """Seconds and addresses read, texts beside options in columns of their own, marks of no answer as codes.

    A cell is taken apart only where the names of its parts are free.
    """
    import pandas as pd

    taken = set(map(str, frame.columns))
    columns: dict[str, pd.Series[Any]] = {}
    for name in map(str, frame.columns):
        parts = _cleaned_column(name, frame[name])
        columns.update(parts if taken.isdisjoint(parts.keys() - {name}) else {name: frame[name]})
    rows = pd.DataFrame(columns, index=frame.index)
    answers = [name for name in rows.columns if re.match(r"Q\d", str(name))]
    return Cleaned(rows, {name: _missing(rows[name]) for name in answers})


def _cleaned_column(name: str, column: pd.Series[Any]) -> Mapping[str, pd.Series[Any]]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype):
        return {name: column}
    if name == "duration":
        return over_distinct(column, lambda distinct: {name: _seconds(distinct)})
    if name == "ip":
        return over_distinct(column, _address)
    if not re.match(r"Q\d", name):
        return {name: column}
    return over_distinct(column, lambda distinct: _answers(name, distinct))


def _answers(name: str, column: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
    """The answers of a question, and beside them what was written to an option."""
    chosen, beside = blanks_apart(column)
    parts = {name: _numeric_apart_from_marks(chosen)}
    if beside is not None:
        parts[f"{name}_blank"] = beside
    return parts


def _seconds(column: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    found = column.astype("str").str.extract(f"^{_SECONDS}$", expand=False)
    return column if (found.isna() & column.notna()).any() else pd.to_numeric(found)


def _address(column: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
    """``1.2.3.4(四川-成都)`` as address, province and city; left as it is where a cell reads otherwise."""
    import pandas as pd

    found = [_ADDRESS.fullmatch(cell) for cell in column.dropna()]
    if not all(found):
        return {"ip": column}
    parts = [(match[1], *_place(match[2])) for match in found if match]
    named = pd.DataFrame(
        parts, columns=["ip", "ip_province", "ip_city"], index=column.dropna().index, dtype=column.dtype
    )
    return {str(name): named[name].reindex(column.index) for name in named.columns}


def _place(words: str) -> tuple[str, str | float]:
    province, dash, city = words.partition("-")
    return province, city if dash else math.nan


def _numeric_apart_from_marks(column: pd.Series[Any]) -> pd.Series[Any]:
    """Numbers, with -3 for (跳过) and -2 for (空), where nothing else is in the way; else the column as it is."""
    import pandas as pd

    marks = column.map(_MARKS)
    rest = column[marks.isna() & column.notna()]
    if pd.to_numeric(rest.head(1), errors="coerce").isna().any():
        return column
    numbers = pd.to_numeric(rest, errors="coerce")
    if numbers.isna().any():
        return column
    return pd.to_numeric(numbers.reindex(column.index).fillna(marks))


def _missing(column: pd.Series[Any]) -> tuple[MissingRange, ...]:
    import pandas as pd

    kinds = {SKIPPED: "routed", EMPTY: "nonresponse"}
    if pd.api.types.is_numeric_dtype(column.dtype):
        return tuple(MissingRange(code, code, kind) for code, kind in kinds.items())
    marks = {**_MARKS, str(SKIPPED): SKIPPED, str(EMPTY): EMPTY}
    return tuple(MissingRange(mark, mark, kinds[code]) for mark, code in marks.items())


WJX = Dialect("wjx", "问卷星 (wjx)", _evidence, _heading, _cleaned)

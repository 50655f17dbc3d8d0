"""腾讯问卷: numbered headers with a full stop, a last column without a name, tabs in telephone numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from survey_sem.exports.dialects.choices import blanks_apart
from survey_sem.exports.dialects.dialect import Cleaned, Column, Dialect, Head, Heading, named_evidence, over_distinct

if TYPE_CHECKING:
    import pandas as pd

METADATA = {
    "编号": "index",
    "开始答题时间": "started",
    "结束答题时间": "submitted",
    "答题时长": "duration",
    "语言": "language",
    "清洗数据结果": "cleaning",
    "地理位置国家和地区": "country",
    "地理位置省": "province",
    "地理位置市": "city",
    "用户类型": "user_type",
    "用户标识": "user",
    "昵称": "nickname",
    "IP": "ip",
    "UA": "user_agent",
    "Referrer": "referrer",
}
"""Columns about the answer sheet: header -> name."""
_QUESTION = re.compile(r"(\d+)[.．](.*)", re.DOTALL)


def _evidence(head: Head) -> tuple[str, ...]:
    return named_evidence(head, tuple(METADATA), 4)


def _heading(head: Head) -> Heading:
    questions = [_QUESTION.fullmatch(name.strip()) for name in head[0]]
    often = Counter(question[1] for question in questions if question)
    seen: Counter[str] = Counter()
    columns = []
    for header, question in zip(head[0], questions, strict=True):
        if question is None:
            columns.append(Column(METADATA.get(header.strip(), header.strip()), header))
            continue
        seen[question[1]] += 1
        row = f"_R{seen[question[1]]}" if often[question[1]] > 1 else ""
        columns.append(Column(f"Q{question[1]}{row}", header, question[2].strip()))
    return Heading(tuple(columns))


def _cleaned(frame: pd.DataFrame) -> Cleaned:
    """Tabs and blanks around values taken off; words beside an option in columns of their own."""
    import pandas as pd

    columns: dict[str, pd.Series[Any]] = {}
    for name in map(str, frame.columns):
        columns[name] = frame[name]
        if pd.api.types.is_numeric_dtype(frame[name].dtype):
            continue
        columns.update(over_distinct(frame[name], _reader(name, f"{name}_blank" not in frame.columns)))
    return Cleaned(pd.DataFrame(columns, index=frame.index))


def _reader(name: str, apart: bool) -> Callable[[pd.Series[Any]], dict[str, pd.Series[Any]]]:
    """Reads distinct answers; words beside an option `apart` where their column is free."""

    def read(column: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
        answers = _without_tabs(column)
        if not apart:
            return {name: answers}
        chosen, beside = blanks_apart(answers)
        return {name: chosen} if beside is None else {name: chosen, f"{name}_blank": beside}

    return read


def _without_tabs(column: pd.Series[Any]) -> pd.Series[Any]:
    """Values as text, without the tabs that keep a spreadsheet program from reading them as numbers."""
    stripped = column.astype("str").str.strip("\t ")
    return stripped.where(column.notna() & (stripped != ""))


TENCENT = Dialect("tencent", "腾讯问卷", _evidence, _heading, _cleaned)

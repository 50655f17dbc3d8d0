"""Tables for people who open them in a spreadsheet program: no text is ever run as a formula."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from survey_sem.errors import Warned
from survey_sem.exports.writing.cells import Cells, Value
from survey_sem.exports.writing.delimited import write_delimited
from survey_sem.exports.writing.workbook import write_workbook

if TYPE_CHECKING:
    import pandas as pd

_RUN = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def write_xlsx(frame: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write `frame` without its index as the only sheet of a workbook; texts are typed as texts, same bytes each time.

    Raises
    ------
    FileError
        More rows, columns or characters than a sheet holds; the path cannot be written.
    """
    write_workbook([Cells.of(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns)], Path(path))


def write_csv(frame: pd.DataFrame, path: str | os.PathLike[str]) -> tuple[Warned, ...]:
    """Write `frame` without its index as utf-8 with a byte order mark, which spreadsheet programs want.

    A csv does not say what is text. A text that such a program would run (it begins with ``= + - @``, a tab or a
    carriage return, and is no number) gets an apostrophe before it.

    Returns
    -------
    tuple of Warned
        How many distinct texts were changed so, by column; empty where none was.

    Raises
    ------
    FileError
        The path cannot be written.
    """
    headers = [str(_quoted(str(name))) for name in frame.columns]
    columns = [Cells.of(header, frame.iloc[:, place]) for place, header in enumerate(headers)]
    changed = {column.header[0]: sum(map(_is_run, column.values)) for column in columns}
    write_delimited([column.mapped(_quoted) for column in columns], Path(path), encoding="utf-8-sig")
    concerned = {name: count for name, count in changed.items() if count}
    if not concerned:
        return ()
    shown = ", ".join(f"{name} ({count})" for name, count in list(concerned.items())[:5])
    return (
        Warned(
            "formula-quoted",
            f"texts of {len(concerned)} columns begin like a formula and got an apostrophe before them",
            f"{path}: {shown}",
            "write xlsx or parquet, which keep them as they are",
        ),
    )


def _is_run(value: Value) -> bool:
    return isinstance(value, str) and bool(_RUN.match(value)) and not _NUMBER.fullmatch(value)


def _quoted(value: Value) -> Value:
    return f"'{value}" if _is_run(value) else value

"""Excel workbooks (.xlsx): the first sheet, its first row as header, through python-calamine."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import FileError
from survey_sem.exports.archive import LARGE, UNREADABLE, check_sizes
from survey_sem.exports.header import checked_header

if TYPE_CHECKING:
    import pandas as pd

MAX_CELLS = 100_000_000
"""A sheet of a larger area is refused: the reader would reserve memory for every cell of it."""
_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"')
_EXACT_INTEGER = 2.0**53


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a workbook's first sheet, as they are, and its first records as text (at most three)."""

    cells: list[list[Any]]
    head: list[list[str]]
    path: Path

    @classmethod
    def open(cls, content: bytes, path: Path) -> Sheet:
        """Read the first sheet; rows without any value are skipped.

        Raises
        ------
        FileError
            Not a workbook, a damaged one, one that unpacks to too much, a sheet of too large an area, an empty sheet.
        """
        _check_archive(content, path)
        cells = [row for row in _cells(content, path) if row and (row[0] != "" or row.count("") < len(row))]
        if not cells:
            raise FileError("empty-file", f"the first sheet of {path.name} is empty", where=str(path))
        return cls(cells, [[_as_text(cell) for cell in row] for row in cells[:3]], path)

    def rows(self, names: Sequence[str], n_header: int = 1) -> pd.DataFrame:
        """All rows below the header; columns that hold only numbers are numeric, others text.

        Raises
        ------
        FileError
            No rows, a bad header.
        """
        import pandas as pd

        if len(self.cells) <= n_header:
            raise FileError(
                "no-rows", f"the first sheet of {self.path.name} has a header but no rows", where=str(self.path)
            )
        columns = zip(*self.cells[n_header:], strict=True)
        frame = pd.DataFrame({position: _typed(values) for position, values in enumerate(columns)})
        return checked_header(frame, names, self.path)


def _cells(content: bytes, path: Path) -> list[list[Any]]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows: list[list[Any]] = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, ValueError, IndexError, OSError, OverflowError) as problem:
        raise _damaged(path, str(problem)) from None
    return rows


def _damaged(path: Path, problem: str) -> FileError:
    return FileError(
        "damaged-workbook",
        f"{path.name} cannot be read as an Excel workbook: {problem}",
        where=str(path),
        hint="open it in a spreadsheet program and save it again as .xlsx, or export it as csv",
    )


def _check_archive(content: bytes, path: Path) -> None:
    """Refuse what is no workbook, and what would fill the memory, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            check_sizes(members, path)
            for member in members:
                if member.filename.startswith("xl/worksheets/") and member.file_size <= LARGE:
                    _check_area(archive.read(member), path)
    except UNREADABLE:
        raise FileError(
            "damaged-workbook",
            f"{path.name} is not an .xlsx workbook",
            where=str(path),
            hint="a workbook is a zip archive; this file is cut off, encrypted or something else (an old .xls: save it "
            "as .xlsx)",
        ) from None


def _check_area(sheet: bytes, path: Path) -> None:
    places = _CELL.findall(sheet)
    n_columns = max((_column_number(letters) for letters in {letters for letters, _ in places}), default=0)
    n_rows = max((int(row) for row in {row for _, row in places}), default=0)
    if n_columns * n_rows > MAX_CELLS:
        raise FileError(
            "file-too-large",
            f"a sheet of {path.name} spans {n_rows} rows and {n_columns} columns",
            where=str(path),
            expected=f"at most {MAX_CELLS} cells",
            hint="a lonely cell far from the data is usually the reason: delete it, or export as csv",
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


def _typed(values: Sequence[Any]) -> pd.Series[Any]:
    """One column: numbers where it holds nothing else (whole ones as integers), text elsewhere; blank is missing."""
    import pandas as pd

    kinds = set(map(type, values))
    if kinds <= {float, int}:
        return pd.Series(_whole(values))
    if kinds <= {float, int, str}:
        filled = [math.nan if value == "" else value for value in values]
        if str not in set(map(type, filled)):
            return pd.Series(filled, dtype=float)
    if bool in kinds:  # True would be the same as 1
        values = [str(value) if isinstance(value, bool) else value for value in values]
    places, distinct = _distinct(values)
    words = [_as_text(value) for value in distinct]
    texts: pd.Series[Any] = pd.Series([word if word.strip() else math.nan for word in words], dtype=text_type())
    first = texts.dropna().iloc[:1]
    if pd.to_numeric(first, errors="coerce").isna().any():
        return _taken(texts, places)
    try:
        return _taken(pd.to_numeric(texts), places)
    except ValueError:
        return _taken(texts, places)


def _distinct(values: Sequence[Any]) -> tuple[Any, list[Any]]:
    """Which of its distinct values stands in each row, and these: a survey has many rows and few answers."""
    import numpy as np
    import pandas as pd

    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    places, distinct = pd.factorize(cells)
    return places, list(distinct)


def _taken(distinct: pd.Series[Any], places: Any) -> pd.Series[Any]:
    return distinct.take(places).reset_index(drop=True)


def text_type() -> Any:
    """The type of a column of texts in which some may be missing (NaN), under this version of pandas."""
    import pandas as pd

    return "str" if int(pd.__version__.split(".")[0]) >= 3 else object


def _whole(values: Sequence[float]) -> Any:
    import numpy as np

    numbers = np.asarray(values, dtype=float)
    if (np.abs(numbers) < _EXACT_INTEGER).all() and (numbers == np.trunc(numbers)).all():
        return numbers.astype(np.int64)
    return numbers


def _as_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or value != value else str(value)

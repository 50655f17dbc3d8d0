"""Excel workbooks (.xlsx): the first sheet, its first row as header, through python-calamine."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import FileError
from survey_sem.exports.archive import LARGE, UNREADABLE, check_sizes
from survey_sem.exports.coded import as_text, coded_columns, typed
from survey_sem.exports.header import checked_header
from survey_sem.exports.plain_sheet import plain_sheet

if TYPE_CHECKING:
    import pandas as pd

MAX_CELLS = 100_000_000
"""A sheet of a larger area is refused: the reader would reserve memory for every cell of it."""
_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"')
_HEAD_RECORDS = 3
_MANY_BYTES = 1 << 20
"""From here on a workbook is first tried as one that is written plainly: it saves more than looking costs."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A workbook's first sheet.

    Parameters
    ----------
    first : list of rows
        Its first records as they are, at most three.
    columns : function of the number of header records
        Every column below them: which of its distinct values stands in each row, and these. It answers once: the
        cells of a large sheet take ten times the memory of the table made of them, and are let go.
    path : Path
        Named in errors.
    """

    first: list[list[Any]]
    columns: Callable[[int], Iterator[tuple[Any, list[Any]]]]
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
        plain = plain_sheet(content) if len(content) >= _MANY_BYTES else None
        if plain is not None:
            return cls(_not_empty(plain.first(_HEAD_RECORDS), path), plain.columns, path)
        cells = _cells(content, path)
        first = _not_empty(list(islice(cells, _HEAD_RECORDS)), path)
        return cls(first, lambda n_header: coded_columns(chain(first[n_header:], cells), len(first[0])), path)

    @property
    def head(self) -> list[list[str]]:
        """The first records as text, at most three."""
        return [[as_text(cell) for cell in row] for row in self.first]

    def rows(self, names: Sequence[str], n_header: int = 1) -> pd.DataFrame:
        """All rows below the header; columns that hold only numbers are numeric, others text.

        Raises
        ------
        FileError
            No rows, a bad header.
        """
        import pandas as pd

        frame = pd.DataFrame({place: typed(*column) for place, column in enumerate(self.columns(n_header))})
        if frame.empty:
            raise FileError(
                "no-rows", f"the first sheet of {self.path.name} has a header but no rows", where=str(self.path)
            )
        return checked_header(frame, names, self.path)


def _not_empty(first: list[list[Any]], path: Path) -> list[list[Any]]:
    if not first:
        raise FileError("empty-file", f"the first sheet of {path.name} is empty", where=str(path))
    return first


def _cells(content: bytes, path: Path) -> Iterator[list[Any]]:
    """Rows of the first sheet that hold any value, from its first column on."""
    import python_calamine

    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except (python_calamine.CalamineError, ValueError, IndexError, OSError, OverflowError) as problem:
        raise _damaged(path, str(problem)) from None
    if sheet.start is None:  # older versions do not iterate over nothing
        return
    before = [""] * sheet.start[1]
    for row in sheet.iter_rows():
        if row and (row[0] != "" or row.count("") < len(row)):
            yield before + row if before else row


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

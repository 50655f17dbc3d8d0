"""Excel workbooks (.xlsx): the first sheet, its first row as header."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import FileError
from survey_sem.exports.header import checked_header

if TYPE_CHECKING:
    import pandas as pd

MAX_UNPACKED_BYTES = 4 * 1024**3
"""A workbook that unpacks to more than this is refused before it is read."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a workbook's first sheet, as they are, and its first records as text (at most three)."""

    cells: pd.DataFrame
    head: list[list[str]]
    path: Path

    @classmethod
    def open(cls, content: bytes, path: Path) -> Sheet:
        """Read the first sheet.

        Raises
        ------
        FileError
            Not a workbook, a damaged one, one that unpacks to more than 4 GiB, an empty sheet.
        """
        _check_archive(content, path)
        cells = _cells(content, path)
        if cells.empty:
            raise FileError("empty-file", f"the first sheet of {path.name} is empty", where=str(path))
        return cls(cells, [[_as_text(cell) for cell in row] for row in cells.iloc[:3].to_numpy()], path)

    def rows(self, names: Sequence[str], n_header: int = 1) -> pd.DataFrame:
        """All rows below the header; columns that hold only numbers are numeric, others text.

        Raises
        ------
        FileError
            No rows, a bad header.
        """
        if len(self.cells) <= n_header:
            raise FileError(
                "no-rows", f"the first sheet of {self.path.name} has a header but no rows", where=str(self.path)
            )
        body = self.cells.iloc[n_header:].reset_index(drop=True).apply(_typed)
        return checked_header(body, names, self.path)


def _cells(content: bytes, path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_excel(io.BytesIO(content), header=None, dtype=object, engine="openpyxl", keep_default_na=False)
    except (KeyError, ValueError, TypeError, IndexError, zipfile.BadZipFile) as problem:
        raise FileError(
            "damaged-workbook",
            f"{path.name} cannot be read as an Excel workbook: {problem}",
            where=str(path),
            hint="open it in a spreadsheet program and save it again as .xlsx, or export it as csv",
        ) from None


def _check_archive(content: bytes, path: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        raise FileError(
            "damaged-workbook",
            f"{path.name} is not an .xlsx workbook",
            where=str(path),
            hint="a workbook is a zip archive; this file is cut off or something else (an old .xls: save it as .xlsx)",
        ) from None
    if unpacked > MAX_UNPACKED_BYTES:
        raise FileError(
            "file-too-large",
            f"{path.name} would unpack to {unpacked / 1024**3:.1f} GiB",
            where=str(path),
            expected="at most 4 GiB",
        )


def _typed(column: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    values = column.mask(column.isna() | (column.astype(str).str.strip() == ""))
    if values.isna().all():
        return pd.Series(float("nan"), index=column.index)
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values.dropna()):
        return pd.to_numeric(values)
    as_text = values.map(_as_text, na_action="ignore")
    try:
        return pd.to_numeric(as_text)
    except ValueError:
        return as_text.astype("str" if pd.__version__ >= "3" else object)


def _as_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or value != value else str(value)

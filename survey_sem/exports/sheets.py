"""Every sheet of a workbook as text, for workbooks that are no table of answers."""

from __future__ import annotations

import io
from pathlib import Path

from survey_sem.exports.coded import as_text
from survey_sem.exports.workbook import _check_archive, _damaged


def named_sheets(content: bytes, path: Path) -> dict[str, list[list[str]]]:
    """Sheet name -> rows of cells as text, blank rows left out; whole numbers without decimals.

    Raises
    ------
    FileError
        Not a workbook, a damaged one, one that unpacks to too much, a sheet of too large an area.
    """
    import python_calamine

    _check_archive(content, path)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (python_calamine.CalamineError, ValueError, IndexError, OSError, OverflowError) as problem:
        raise _damaged(path, str(problem)) from None
    return {name: [[as_text(cell) for cell in row] for row in rows if any(row)] for name, rows in sheets.items()}

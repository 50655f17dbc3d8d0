"""Answer sheets to files: ``write_export(sheet, folder, dialect)``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from survey_sem.errors import DataError, FileError, OptionError, did_you_mean
from survey_sem.exports.dialects.choice import checked_dialect, choose_dialect
from survey_sem.exports.dialects.wjx import WJX
from survey_sem.exports.writing.cells import Cells
from survey_sem.exports.writing.delimited import write_delimited
from survey_sem.exports.writing.platforms import (
    WJX_CODES,
    WJX_TEXTS,
    credamo_columns,
    generic_columns,
    qualtrics_columns,
    tencent_columns,
    wjx_columns,
)
from survey_sem.exports.writing.sheet import AnswerSheet
from survey_sem.exports.writing.tables import write_parquet_sheet, write_sav_sheet
from survey_sem.exports.writing.workbook import write_workbook

FORMATS: dict[str, tuple[str, ...]] = {
    "wjx": ("xlsx", "csv"),
    "tencent": ("zip", "csv", "xlsx"),
    "credamo": ("xlsx", "csv"),
    "qualtrics": ("csv", "xlsx"),
    "generic": ("csv", "xlsx", "zip", "parquet", "sav"),
}
"""Dialect -> what it can be written as, its own form first."""
_COLUMNS = {
    "tencent": tencent_columns,
    "credamo": credamo_columns,
    "qualtrics": qualtrics_columns,
    "generic": generic_columns,
}


def write_export(
    sheet: AnswerSheet, folder: str | os.PathLike[str], dialect: str, *, file_format: str | None = None
) -> tuple[Path, ...]:
    """Write answers as a platform exports them; equal sheets give equal bytes.

    Files are called ``export.<format>``; wjx is a pair, ``export_text`` and ``export_codes``. Texts are written
    unchanged, also those that begin with ``=``: in a workbook they are typed as texts and never run; a csv knows no
    types, as it knows none on the platforms. In a .sav file long texts are cut, see `write_sav`.

    Parameters
    ----------
    sheet : AnswerSheet
        What was asked and answered, at least one row.
    folder : path
        Made where it is missing.
    dialect : str
        ``wjx tencent credamo qualtrics generic``.
    file_format : str, optional
        One of `FORMATS`; the first of the dialect by default.

    Returns
    -------
    tuple of Path
        The files; of a pair the texts first, as `read_export` takes them.

    Raises
    ------
    OptionError
        An unknown dialect, or a format that it does not have.
    DataError
        No rows; an option, header or name that could not be told back from the file.
    FileError
        A path that cannot be written; a text or table that the format cannot hold.
    """
    checked_dialect(dialect)
    ending = _checked_format(dialect, file_format)
    if not sheet.n_rows or not sheet.questions:
        raise DataError("no-rows", "there are no answers to write", where="answer sheet")
    target = _made(Path(folder))
    if ending == "sav":
        return (write_sav_sheet(sheet, target / "export.sav"),)
    if ending == "parquet":
        return (write_parquet_sheet(sheet, target / "export.parquet"),)
    if dialect == "wjx":
        forms = {f"export_text.{ending}": WJX_TEXTS, f"export_codes.{ending}": WJX_CODES}
        paths = []
        for name, form in forms.items():
            columns = wjx_columns(sheet, form)
            _check_tags(sheet, columns, target / name)
            paths.append(_written(columns, target / name, dialect))
        return tuple(paths)
    return (_written(_COLUMNS[dialect](sheet), target / f"export.{ending}", dialect),)


def _checked_format(dialect: str, file_format: str | None) -> str:
    known = FORMATS[dialect]
    if file_format is None:
        return known[0]
    if file_format not in known:
        raise OptionError(
            "unknown-format",
            f"{dialect} is not written as '{file_format}'",
            where="file_format",
            expected=" or ".join(known),
            hint=did_you_mean(file_format, known),
        )
    return file_format


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise FileError("unwritable-file", f"{folder} cannot be made: {problem}", where=str(folder)) from None
    return folder


def _written(columns: Sequence[Cells], path: Path, dialect: str) -> Path:
    _check_headers(columns, path, dialect)
    if path.suffix == ".xlsx":
        write_workbook(columns, path)
    else:
        marked = "utf-8-sig" if dialect in ("qualtrics", "wjx") else "utf-8"
        write_delimited(columns, path, encoding=marked, last_empty=dialect == "tencent")
    return path


def _check_headers(columns: Sequence[Cells], path: Path, dialect: str) -> None:
    """Refuse headers from which the reader would not find this dialect, or would find one name twice."""
    head = _head(columns)
    found, _ = choose_dialect(head, path, None)
    names = [column.name for column in found.heading(head).columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if found.name != dialect or twice:
        raise _ambiguous(path, f"{twice[0]} would be there twice" if twice else f"it would be read as {found.name}")


def _check_tags(sheet: AnswerSheet, columns: Sequence[Cells], path: Path) -> None:
    """Refuse wordings that look like another question in the headers of wjx (``1、a—1.b`` is a row of a matrix)."""
    names = {column.name for column in WJX.heading(_head(columns)).columns}
    lost = [question for question in sheet.questions if question.tag not in names]
    if lost:
        raise _ambiguous(path, f"question {lost[0].name} ('{lost[0].wording()}') would not be told as {lost[0].tag}")


def _head(columns: Sequence[Cells]) -> list[list[str]]:
    head = [list(record) for record in zip(*(column.header for column in columns), strict=True)]
    return head + [[""] * len(columns)] * (3 - len(head))


def _ambiguous(path: Path, problem: str) -> DataError:
    return DataError(
        "ambiguous-header",
        f"the headers of {path.name} could not be read back: {problem}",
        where="answer sheet, questions",
        hint="change the name or wording of the question",
    )

"""One door for every file: ``read_export(path)``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from survey_sem.errors import FileError, OptionError, did_you_mean
from survey_sem.exports.archive import unpack_table
from survey_sem.exports.coded import plain_texts
from survey_sem.exports.delimited import DelimitedText
from survey_sem.exports.dialects.choice import DIALECTS, checked_dialect, choose_dialect
from survey_sem.exports.dialects.dialect import Dialect
from survey_sem.exports.dialects.generic import GENERIC
from survey_sem.exports.dialects.wjx import WJX
from survey_sem.exports.dialects.wjx_sav import named_as_in_wjx, wjx_sav_evidence
from survey_sem.exports.dta_header import check_dta_header
from survey_sem.exports.labelled import LabelledRows, read_labelled
from survey_sem.exports.pair import join_pair
from survey_sem.exports.parquet import read_parquet
from survey_sem.exports.raw_table import Detection, MissingRange, RawTable
from survey_sem.exports.sav_dictionary import check_dictionary
from survey_sem.exports.signatures import refuse_binary
from survey_sem.exports.text_encoding import as_utf8, plain_utf8
from survey_sem.exports.workbook import Sheet
from survey_sem.provenance import sha256_bytes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DIALECTS", "file_content", "read_export"]


class _Told(TypedDict):
    """What a dialect says about rows."""

    dialect: str
    detection: Detection
    missing_codes: Mapping[str, tuple[MissingRange, ...]]
    column_labels: Mapping[str, str]
    headers: Mapping[str, str]


def read_export(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    dialect: str | None = None,
    *,
    encoding: str | None = None,
) -> RawTable:
    """Rows of a file, as they are.

    Parameters
    ----------
    path : path
        ``.csv .tsv .txt`` (comma, semicolon, tab or bar; utf-8 with or without byte order mark, utf-16 with one,
        gb18030), ``.xlsx``, one such file in a ``.zip``, ``.sav .zsav``, ``.dta``, ``.parquet``. A list of two: the
        texts and the codes of the same wjx answers, in either order, become codes with value labels.
    dialect : str, optional
        Who wrote it (`DIALECTS`); without it the header decides, and ``RawTable.detection`` says why.
        ``"generic"``: one header line with column names, one line per respondent.
    encoding : str, optional
        Forces the text encoding of a csv, .sav or .dta file.

    Raises
    ------
    FileError
        No such file, a directory, an empty or damaged file, no rows, undecodable bytes (with their offset),
        ragged rows (with the line), repeated column names, an extension that is not known.
    OptionError
        An unknown dialect or encoding; more than two files.
    """
    if isinstance(path, (str, os.PathLike)):
        path = [path]
    if not isinstance(path, (list, tuple)) or not all(isinstance(part, (str, os.PathLike)) for part in path):
        what = f"an export is read from the path of a file, not from a {type(path).__name__}"
        raise OptionError("wrong-type", what, where="path", expected="a path, or two paths")
    if len(path) == 1:
        return _with_plain_texts(_read_one(path[0], dialect, encoding))
    if len(path) != 2:
        raise OptionError(
            "number-of-files",
            "an export is one file, or two of the same answers (texts and codes)",
            where="path",
            got=f"{len(path)} files",
        )
    return _with_plain_texts(join_pair(*(_read_one(part, dialect, encoding) for part in path)))


def _with_plain_texts(raw: RawTable) -> RawTable:
    return replace(raw, frame=plain_texts(raw.frame)) if raw.file_format == "xlsx" else raw


def _read_one(path: str | os.PathLike[str], dialect: str | None, encoding: str | None) -> RawTable:
    forced = checked_dialect(dialect)
    file = Path(path)
    reader = _reader(file)
    content = file_content(file)
    return reader(content, file, forced, encoding)


def file_content(path: Path) -> bytes:
    """The bytes of an ordinary, non-empty file.

    Raises
    ------
    FileError
        There is none, it is a directory, it may not be read, it is empty.
    """
    if os.path.isdir(path):  # False for names that are too long
        raise FileError("is-a-directory", f"{path.name or path} is a directory, not a file", where=str(path))
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileError("no-such-file", "there is no such file", where=str(path), hint=_similar(path)) from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise FileError("unreadable-file", f"the file cannot be read: {reason}", where=str(path)) from None
    if not content:
        raise FileError("empty-file", f"{path.name} is empty (0 bytes)", where=str(path))
    return content


def _similar(path: Path) -> str | None:
    """The nearest name beside the missing file."""
    try:
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    except OSError:
        return None
    return did_you_mean(path.name, names)


_Reader = Callable[[bytes, Path, Dialect | None, str | None], RawTable]

_OTHER_SHEETS = frozenset((".xls", ".xlsb", ".xlsm", ".ods", ".et", ".numbers"))
"""Kinds of files that spreadsheet programs open, and can save as another."""


def _reader(path: Path) -> _Reader:
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        if os.path.isdir(path):
            return _read_text
        raise FileError(
            "unknown-format",
            f"files of the kind '{suffix or path.name}' cannot be read",
            where=str(path),
            expected="one of " + " ".join(_READERS),
            hint="save it as .xlsx or .csv" if suffix in _OTHER_SHEETS else None,
        )
    return _READERS[suffix]


def _read_text(content: bytes, path: Path, forced: Dialect | None, encoding: str | None) -> RawTable:
    refuse_binary(content, path)
    if encoding is None:
        with suppress(UnicodeDecodeError):
            return _read_utf8(plain_utf8(content, path), "utf-8", content, path, forced)
    text, found = as_utf8(content, path, encoding)
    return _read_utf8(text, found, content, path, forced)


def _read_utf8(text: bytes, encoding: str, content: bytes, path: Path, forced: Dialect | None) -> RawTable:
    """`text` is what the `content` of a file says, in utf-8; whether it is utf-8 throughout shows when it is read."""
    table = DelimitedText.open(text, path)
    frame, told = _in_dialect(table, path, forced)
    return RawTable(
        frame, path.name, sha256_bytes(content), "csv", encoding=encoding, delimiter=table.delimiter, **told
    )


def _read_archive(content: bytes, path: Path, forced: Dialect | None, encoding: str | None) -> RawTable:
    """The table in a zip archive; the digest is the archive's."""
    ending, table = unpack_table(content, path)
    return replace(_READERS[ending](table, path, forced, encoding), sha256=sha256_bytes(content))


def _read_workbook(content: bytes, path: Path, forced: Dialect | None, encoding: str | None) -> RawTable:
    frame, told = _in_dialect(Sheet.open(content, path), path, forced)
    return RawTable(frame, path.name, sha256_bytes(content), "xlsx", **told)


def _in_dialect(table: DelimitedText | Sheet, path: Path, forced: Dialect | None) -> tuple[pd.DataFrame, _Told]:
    """Rows of a table with a header, and what its dialect says about them."""
    dialect, detection = choose_dialect(table.head, path, forced)
    heading = dialect.heading(table.head)
    frame = table.rows([column.name for column in heading.columns], heading.n_records)
    cleaned = dialect.cleaned(frame)
    return cleaned.frame, {
        "dialect": dialect.name,
        "detection": detection,
        "missing_codes": cleaned.missing_codes,
        "column_labels": {column.name: column.label for column in heading.columns if column.label},
        "headers": {column.name: column.header for column in heading.columns if column.name != column.header.strip()},
    }


def _read_parquet(content: bytes, path: Path, forced: Dialect | None, encoding: str | None) -> RawTable:
    frame = read_parquet(content, path)
    return RawTable(frame, path.name, sha256_bytes(content), "parquet", detection=_plain(path, forced))


def _read_labelled(content: bytes, path: Path, forced: Dialect | None, encoding: str | None) -> RawTable:
    file_format = "dta" if path.suffix.lower() == ".dta" else "sav"
    (check_dictionary if file_format == "sav" else check_dta_header)(content, path)
    rows = read_labelled(path, file_format, encoding)
    detection = _labelled_detection(rows, path, forced)
    headers: Mapping[str, str] = {}
    if detection.dialect == WJX.name:
        rows, headers = named_as_in_wjx(rows)
    return RawTable(
        rows.frame,
        path.name,
        sha256_bytes(content),
        file_format,
        dialect=detection.dialect,
        encoding=rows.encoding,
        value_labels=rows.value_labels,
        column_labels=rows.column_labels,
        missing_codes=rows.missing_codes,
        detection=detection,
        headers=headers,
    )


def _labelled_detection(rows: LabelledRows, path: Path, forced: Dialect | None) -> Detection:
    """Of the platforms only wjx is known by the names in its SPSS files."""
    evidence = wjx_sav_evidence([str(name) for name in rows.frame.columns])
    if forced in (None, WJX) and evidence:
        return Detection(WJX.name, forced is not None, evidence)
    return _plain(path, forced)


def _plain(path: Path, forced: Dialect | None) -> Detection:
    """Why a file that carries its own types is read as it is: most dialects differ in headers of csv and xlsx only."""
    if forced is not None and forced is not GENERIC:
        raise OptionError(
            "dialect-without-header",
            f"dialect '{forced.name}' is for .csv and .xlsx",
            where=str(path),
            hint="leave the dialect out: this format names and types its columns itself",
        )
    return Detection("generic", forced is not None, (f"a {path.suffix.lower()} file names its columns itself",))


_READERS: dict[str, _Reader] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    ".zip": _read_archive,
    ".xlsx": _read_workbook,
    ".sav": _read_labelled,
    ".zsav": _read_labelled,
    ".dta": _read_labelled,
    ".parquet": _read_parquet,
}

"""One door for every file: ``read_export(path)``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from survey_sem.errors import FileError, OptionError, did_you_mean
from survey_sem.exports.delimited import read_delimited
from survey_sem.exports.labelled import read_labelled
from survey_sem.exports.parquet import read_parquet
from survey_sem.exports.raw_table import RawTable
from survey_sem.exports.signatures import refuse_binary
from survey_sem.exports.text_encoding import decode_text
from survey_sem.exports.workbook import read_workbook
from survey_sem.provenance import sha256_bytes

DIALECTS = ("generic",)
"""Who wrote the file, as far as reading differs."""


def read_export(path: str | os.PathLike[str], dialect: str | None = None, *, encoding: str | None = None) -> RawTable:
    """Rows of a file, as they are.

    Parameters
    ----------
    path : path
        ``.csv .tsv .txt`` (comma, semicolon, tab or bar; utf-8 with or without byte order mark, utf-16 with one,
        gb18030), ``.xlsx``, ``.sav .zsav``, ``.dta``, ``.parquet``.
    dialect : str, optional
        ``"generic"``: one header line with column names, one line per respondent.
    encoding : str, optional
        Forces the text encoding of a csv, .sav or .dta file.

    Raises
    ------
    FileError
        No such file, a directory, an empty or damaged file, no rows, undecodable bytes (with their offset),
        ragged rows (with the line), repeated column names, an extension that is not known.
    OptionError
        An unknown dialect or encoding.
    """
    name = _checked_dialect(dialect)
    file = Path(path)
    reader = _reader(file)
    content = file_content(file)
    return reader(content, file, name, encoding)


def file_content(path: Path) -> bytes:
    """The bytes of an ordinary, non-empty file.

    Raises
    ------
    FileError
        There is none, it is a directory, it may not be read, it is empty.
    """
    if path.is_dir():
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


def _checked_dialect(dialect: str | None) -> str:
    if dialect is None:
        return "generic"
    if dialect not in DIALECTS:
        raise OptionError(
            "unknown-dialect",
            f"there is no export dialect '{dialect}'",
            expected=" or ".join(DIALECTS),
            hint=did_you_mean(dialect, DIALECTS),
        )
    return dialect


_Reader = Callable[[bytes, Path, str, str | None], RawTable]


def _reader(path: Path) -> _Reader:
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        if path.is_dir():
            return _read_text
        raise FileError(
            "unknown-format",
            f"files of the kind '{suffix or path.name}' cannot be read",
            where=str(path),
            expected="one of " + " ".join(_READERS),
        )
    return _READERS[suffix]


def _read_text(content: bytes, path: Path, dialect: str, encoding: str | None) -> RawTable:
    refuse_binary(content, path)
    text, found = decode_text(content, path, encoding)
    frame, delimiter = read_delimited(text, path)
    return RawTable(frame, path.name, sha256_bytes(content), "csv", dialect, found, delimiter)


def _read_workbook(content: bytes, path: Path, dialect: str, encoding: str | None) -> RawTable:
    return RawTable(read_workbook(content, path), path.name, sha256_bytes(content), "xlsx", dialect)


def _read_parquet(content: bytes, path: Path, dialect: str, encoding: str | None) -> RawTable:
    return RawTable(read_parquet(content, path), path.name, sha256_bytes(content), "parquet", dialect)


def _read_labelled(content: bytes, path: Path, dialect: str, encoding: str | None) -> RawTable:
    file_format = "dta" if path.suffix.lower() == ".dta" else "sav"
    rows = read_labelled(path, file_format, encoding)
    return RawTable(
        rows.frame,
        path.name,
        sha256_bytes(content),
        file_format,
        dialect,
        rows.encoding,
        None,
        rows.value_labels,
        rows.column_labels,
        rows.missing_codes,
    )


_READERS: dict[str, _Reader] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    ".xlsx": _read_workbook,
    ".sav": _read_labelled,
    ".zsav": _read_labelled,
    ".dta": _read_labelled,
    ".parquet": _read_parquet,
}

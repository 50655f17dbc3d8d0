"""Delimited text (csv), plain or in a zip archive: as a platform writes it, nothing changed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from survey_sem.errors import FileError
from survey_sem.exports.writing.archive import archive_member
from survey_sem.exports.writing.cells import Cells, Value, in_blocks

_QUOTED = frozenset(',"\r\n')


def write_delimited(columns: Sequence[Cells], path: Path, *, encoding: str = "utf-8", last_empty: bool = False) -> None:
    """Write columns under their headers; into a zip archive where `path` ends so.

    Parameters
    ----------
    columns : sequence of Cells
        At least one.
    path : Path
        Where to.
    encoding : str
        ``utf-8``, ``utf-8-sig`` (with a byte order mark), ``gb18030``, ...
    last_empty : bool
        Whether every line ends with a comma.

    Raises
    ------
    FileError
        A character that the encoding does not have; the path cannot be written.
    """
    end = ",\n" if last_empty else "\n"
    text = io.StringIO()
    for record in zip(*(column.header for column in columns), strict=True):
        text.write(",".join(map(field_text, record)) + end)
    pieces = [column.pieces(field_text) for column in columns]
    alone = not last_empty and len(columns) == 1  # an empty line would be no row
    for block in in_blocks(pieces, [column.places for column in columns]):
        text.writelines((",".join(row) or '""' if alone else ",".join(row)) + end for row in block)
    try:
        content = text.getvalue().encode(encoding)
        _write(content, path)
    except UnicodeEncodeError as problem:
        raise FileError(
            "unwritable-text", f"{path.name} cannot be written in {encoding}: {problem.reason}", where=str(path)
        ) from None
    except OSError as problem:
        raise FileError("unwritable-file", f"{path.name} cannot be written: {problem}", where=str(path)) from None


def _write(content: bytes, path: Path) -> None:
    if path.suffix != ".zip":
        path.write_bytes(content)
        return
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(archive_member(f"{path.stem}.csv"), content)


def field_text(value: Value) -> str:
    """A field as it stands in the file: quoted where it holds a comma, a quote or a line end."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else repr(value)
    if _QUOTED.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'

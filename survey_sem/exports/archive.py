"""Zip archives: nothing is unpacked before its size is known to be harmless."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from survey_sem.errors import FileError

MAX_UNPACKED_BYTES = 2 * 1024**3
"""An archive that unpacks to more than this is refused before it is read."""
MAX_RATIO = 100
"""A large part that unpacks to more than this many times its packed size is refused: no answers are so alike."""
LARGE = 32 * 1024**2
"""Parts of at most this many bytes may be packed to any ratio."""
UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What reading a damaged, encrypted or unknown archive raises."""
TABLES = (".csv", ".tsv", ".txt", ".xlsx")


def check_sizes(members: Sequence[zipfile.ZipInfo], path: Path) -> None:
    """Refuse what would fill the memory; sizes are those of the directory, which unpacking never exceeds.

    Raises
    ------
    FileError
        Too large, or packed too densely to be answers.
    """
    unpacked = sum(member.file_size for member in members)
    dense = any(
        member.file_size > LARGE and member.file_size > MAX_RATIO * max(member.compress_size, 1) for member in members
    )
    if unpacked > MAX_UNPACKED_BYTES or dense:
        raise FileError(
            "file-too-large",
            f"{path.name} ({sum(member.compress_size for member in members)} bytes) would unpack to {unpacked} bytes",
            where=str(path),
            expected=f"at most {MAX_UNPACKED_BYTES // 1024**3} GiB, and at most {MAX_RATIO} times the packed size",
            hint="a real export is far smaller: save it again from a spreadsheet program, or as csv",
        )


def unpack_table(content: bytes, path: Path) -> tuple[str, bytes]:
    """Ending and content of the one text or workbook in a zip archive.

    Nothing is written, so its name and folder do not matter.

    Raises
    ------
    FileError
        No archive, a damaged or encrypted one, one that is too large, none or several tables in it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            check_sizes(members, path)
            table = _the_table(members, path)
            return PurePosixPath(table.filename).suffix.lower(), archive.read(table)
    except UNREADABLE as problem:
        raise FileError(
            "damaged-archive",
            f"{path.name} cannot be unpacked: {problem}",
            where=str(path),
            hint="it may be cut off, encrypted, or no zip archive; unpack it and give the file in it",
        ) from None


def _the_table(members: Sequence[zipfile.ZipInfo], path: Path) -> zipfile.ZipInfo:
    names = [PurePosixPath(member.filename) for member in members]
    tables = [
        member
        for member, name in zip(members, names, strict=True)
        if name.suffix.lower() in TABLES and not name.name.startswith(".") and "__MACOSX" not in name.parts
    ]
    if len(tables) != 1:
        raise FileError(
            "not-one-table",
            f"{path.name} holds {len(tables)} tables" if tables else f"{path.name} holds no table",
            where=str(path),
            expected=f"exactly one file of the kind {' '.join(TABLES)}",
            got=", ".join(name.name for name in names[:5]) or "an empty archive",
            hint="unpack it and give the file that is meant",
        )
    return tables[0]

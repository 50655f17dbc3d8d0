"""The sizes that a Stata file claims, held against its length before the library reads it.

ReadStat trusts them: a header of a hundred bytes that claims four thousand million rows without a variable would keep
it busy for hours. Old files (104 to 115) have numbers of variables and rows at fixed places, newer ones behind tags.
"""

from __future__ import annotations

import struct
from pathlib import Path

from survey_sem.errors import FileError

_OLD = range(104, 116)
_BIG = 1
_VARIABLES_AT, _ROWS_AT = 4, 6


def check_dta_header(content: bytes, path: Path) -> None:
    """Refuse a .dta file that claims rows without variables, or more cells than it has bytes.

    Raises
    ------
    FileError
        The header is damaged.
    """
    sizes = _old_sizes(content) if content[:1] and content[0] in _OLD else _new_sizes(content)
    if sizes is None:
        return
    n_variables, n_rows = sizes
    if n_variables * n_rows > len(content) or (n_rows and not n_variables):
        raise FileError(
            "damaged-file",
            f"{path.name} is a damaged Stata file",
            where=str(path),
            got=f"{n_rows} rows of {n_variables} variables claimed in {len(content)} bytes",
            hint="the file may have been cut off or changed on its way: get it again",
        )


def _old_sizes(content: bytes) -> tuple[int, int] | None:
    if len(content) < _ROWS_AT + 4:
        return None
    order = ">" if content[1] == _BIG else "<"
    return (
        struct.unpack_from(f"{order}H", content, _VARIABLES_AT)[0],
        struct.unpack_from(f"{order}I", content, _ROWS_AT)[0],
    )


def _new_sizes(content: bytes) -> tuple[int, int] | None:
    """Sizes of a file of format 117 and later: whole numbers of two to eight bytes between tags."""
    head = content[:512]
    order = ">" if b"<byteorder>MSF</byteorder>" in head else "<"
    found = [_between(head, tag, order) for tag in (b"K", b"N")]
    return None if None in found else (found[0] or 0, found[1] or 0)


def _between(head: bytes, tag: bytes, order: str) -> int | None:
    start, end = head.find(b"<" + tag + b">"), head.find(b"</" + tag + b">")
    number = head[start + len(tag) + 2 : end]
    if start < 0 or len(number) not in (2, 4, 8):
        return None
    return int.from_bytes(number, "big" if order == ">" else "little")

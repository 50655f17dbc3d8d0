"""The dictionary of an SPSS file, walked once before the library reads it.

ReadStat trusts that labels point at variables that exist; a file whose labels do not would end the process. A
file begins with a header of 176 bytes; then come records of kinds 2 (variable), 3 and 4 (labels and where they belong),
6 (documents), 7 (extensions), and 999 (the rows follow).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

from survey_sem.errors import FileError
from survey_sem.exports.archive import LARGE, MAX_RATIO

_HEADER_BYTES, _LAYOUT_AT, _LAYOUTS = 176, 64, (2, 3)
_WIDEST, _LABELLED_WIDTHS = 255, range(9)  # of a text; -1 continues the one before, 0 is a number
_COMPRESSION_AT, _ROWS_AT = 72, 80
WEIGHT_AT = 76
"""Where the header has the place of the variable that the rows are weighted by, counted from 1."""
_CELLS_PER_BYTE = {0: 1 / 8, 1: 1.0, 2: float(MAX_RATIO)}
"""How many cells a byte of the file can hold at most: plain numbers, SPSS' own compression, and zlib over that."""
_VARIABLE, _LABELS, _LABELLED, _DOCUMENTS, _EXTENSION = 2, 3, 4, 6, 7


def check_dictionary(content: bytes, path: Path) -> None:
    """Refuse a .sav or .zsav file whose labels belong to no variable, or whose lengths or rows leave the file.

    Whatever else is unusual is left to the library.

    Raises
    ------
    FileError
        The dictionary is damaged.
    """
    for order in "<>":
        layout = _integers(content, _LAYOUT_AT, 1, order)
        if layout and layout[0] in _LAYOUTS:
            walk = _Walk(content, path, order)
            while walk.step():
                pass
            walk.check_rows()


def last_number(content: bytes, path: Path) -> int:
    """Place of the last numeric variable among the variables and the continuations of texts, counted from 1.

    For files of this byte order that have a numeric variable.
    """
    walk = _Walk(content, path, "<")
    while walk.step():
        pass
    return max(at for at, width in enumerate(walk.widths, 1) if width == 0)


class _Walk:
    """One record after the other."""

    def __init__(self, content: bytes, path: Path, order: str) -> None:
        self._content, self._path, self._order = content, path, order
        self._place = _HEADER_BYTES
        self.widths: list[int] = []
        self._n_continued = 0
        self._steps: dict[int, Callable[[], int]] = {
            _VARIABLE: self._variable,
            _LABELS: self._labels,
            _LABELLED: self._labelled,
            _DOCUMENTS: lambda: 8 + 80 * self._count(4),
            _EXTENSION: lambda: 16 + self._count(8) * self._count(12),
        }

    def step(self) -> bool:
        """Go past one record; False at the end of the dictionary."""
        kind = _integers(self._content, self._place, 1, self._order)
        if not kind or kind[0] not in self._steps:
            return False
        self._place += self._steps[kind[0]]()
        if self._place > len(self._content):
            raise self._damaged("a length leaves the file")
        return True

    def check_rows(self) -> None:
        """The library reserves memory for as many rows as the header says."""
        if len(self._content) < _HEADER_BYTES:
            raise self._damaged("it ends within its header")
        [compression] = _integers(self._content, _COMPRESSION_AT, 1, self._order)
        [n_rows] = _integers(self._content, _ROWS_AT, 1, self._order)
        cells = n_rows * len(self.widths)
        if cells > max(_CELLS_PER_BYTE.get(compression, 1.0) * len(self._content), LARGE):
            raise self._damaged(f"it says that it has {n_rows} rows, which do not fit into it")

    def _variable(self) -> int:
        self.widths.append(self._integer(4))
        self._check_width(self.widths[-1])
        length, has_label = 32, self._integer(8)
        if has_label:
            length += 4 + -(-self._count(32) // 4) * 4
        return length + 8 * abs(self._integer(12))

    def _check_width(self, width: int) -> None:
        """A text of more than 8 bytes is followed by as many continuations as it needs, and nothing else is."""
        if not -1 <= width <= _WIDEST:
            raise self._damaged("a variable is wider than any can be")
        if (width == -1) != (self._n_continued > 0):
            raise self._damaged("the parts of a text variable do not fit together")
        self._n_continued = self._n_continued - 1 if width == -1 else max(-(-width // 8) - 1, 0)

    def _labels(self) -> int:
        length = 8
        for _ in range(self._count(4)):
            at = self._place + length + 8
            if at >= len(self._content):
                raise self._damaged("a length leaves the file")
            length += 8 + -(-(1 + self._content[at]) // 8) * 8
        return length

    def _labelled(self) -> int:
        count = self._count(4)
        variables = _integers(self._content, self._place + 8, count, self._order)
        if len(variables) < count:
            raise self._damaged("a length leaves the file")
        if any(not 1 <= variable <= len(self.widths) for variable in variables):
            raise self._damaged("labels of codes belong to no variable")
        widths = [self.widths[variable - 1] for variable in variables]
        if any(width not in _LABELLED_WIDTHS for width in widths) or len({width > 0 for width in widths}) > 1:
            raise self._damaged("labels of codes belong to a variable that cannot have them")
        return 8 + 4 * count

    def _count(self, offset: int) -> int:
        """A length or number of things: never negative, never more than the file has bytes."""
        count = self._integer(offset)
        if not 0 <= count <= len(self._content):
            raise self._damaged("a length leaves the file")
        return count

    def _integer(self, offset: int) -> int:
        found = _integers(self._content, self._place + offset, 1, self._order)
        if not found:
            raise self._damaged("it ends within its dictionary")
        return found[0]

    def _damaged(self, problem: str) -> FileError:
        return FileError(
            "damaged-file",
            f"{self._path.name} is a damaged SPSS file: {problem}",
            where=f"{self._path}, byte {self._place}",
            hint="the file may have been cut off or changed on its way: get it again",
        )


def _integers(content: bytes, place: int, count: int, order: str) -> tuple[int, ...]:
    """`count` integers of four bytes, or none where the file ends before."""
    if place + 4 * count > len(content):
        return ()
    return struct.unpack_from(f"{order}{count}i", content, place)

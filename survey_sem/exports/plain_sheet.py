"""Large sheets that hold nothing but shared texts and numbers, read without an object for every cell.

Survey platforms write their exports in one plain form: rows in order, cells with an index into the shared texts or a
number in them. Such a sheet is read here as arrays, in pieces. Whatever is written in any other way (dates, formulas,
formatted texts, several sheets, anything unknown) is not: `plain_sheet` answers None, and python-calamine reads it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError, ParserCreate

from survey_sem.exports.archive import UNREADABLE

if TYPE_CHECKING:
    import numpy as np

MAX_CELLS = 100_000_000
"""A sheet of a larger area is not read here: memory is reserved for every cell of it."""
SHEET = "xl/worksheets/sheet1.xml"
_PIECE = 1 << 19
_TEXT = re.compile(rb'<si><t( xml:space="preserve")?>([^<]+)</t></si>')
_ENTITIES = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&apos;", b"'"), (b"&amp;", b"&"))
_ENTITY = re.compile(rb"&(?!(?:lt|gt|quot|apos|amp);)")
_ATTRIBUTES = re.compile(rb'(?: s="(?P<style>\d+)")?(?: t="(?P<kind>[sn])")?(?P<empty>/)?')
_NUMBER = re.compile(rb"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_ROW = re.compile(rb'<row r="([1-9]\d{0,6})"(?: [\w:]+="[\w .:-]*")*>')
_SHEET_ENTRY = re.compile(rb'<sheet\b[^>]*?\br:id="(\w+)"')
_STYLES = re.compile(rb"<cellXfs\b[^>]*>(.*?)</cellXfs>", re.DOTALL)
_STYLE = re.compile(rb'<xf\b[^>]*?\bnumFmtId="(\d+)"')
_ENCODING = re.compile(rb"<\?xml\b[^>]*\bencoding=[\"'](?!utf-8[\"'])", re.IGNORECASE)
_NUMBER_FORMATS = {0, 1, 2, 3, 4, 9, 10, 11, 49}
"""Formats in which a number is a number, and no date."""
_OPEN_ROW, _CLOSE_ROW, _OPEN_CELL, _CLOSE_CELL, _OPEN_VALUE, _CLOSE_VALUE, _EMPTY_CELL = range(1, 8)
_FOLLOWS = {
    _OPEN_ROW: (_OPEN_CELL, _EMPTY_CELL, _CLOSE_ROW),
    _CLOSE_ROW: (_OPEN_ROW,),
    _OPEN_CELL: (_OPEN_VALUE, _CLOSE_CELL),
    _EMPTY_CELL: (_OPEN_CELL, _EMPTY_CELL, _CLOSE_ROW),
    _CLOSE_CELL: (_OPEN_CELL, _EMPTY_CELL, _CLOSE_ROW),
    _OPEN_VALUE: (_CLOSE_VALUE,),
    _CLOSE_VALUE: (_CLOSE_CELL,),
}
_TAGS = {
    _OPEN_ROW: b"<row ",
    _CLOSE_ROW: b"</row>",
    _OPEN_CELL: b'<c r="',
    _CLOSE_CELL: b"</c>",
    _OPEN_VALUE: b"<v>",
    _CLOSE_VALUE: b"</v>",
}
_PADDING = bytes(16)


class _OtherwiseWrittenError(Exception):
    """The sheet is not of the plain form."""


@dataclass(frozen=True, slots=True)
class PlainSheet:
    """The cells of a sheet in blocks of rows.

    Parameters
    ----------
    texts : sequence of str
        The shared texts.
    blocks : tuple of (int32 array, float64 array), each of shape (n_rows, n_columns)
        Index of a cell's text (-1: none) and its number (NaN: none). Columns may be more in a later block.
    """

    texts: Sequence[str]
    blocks: tuple[tuple[np.ndarray, np.ndarray], ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return max((texts.shape[1] for texts, _ in self.blocks), default=0)

    def first(self, n_rows: int) -> list[list[Any]]:
        """The first rows as cells: text, number, or an empty text."""
        rows: list[list[Any]] = []
        for texts, numbers in self.blocks:
            for places, values in zip(texts[: n_rows - len(rows)], numbers, strict=False):
                cells = [
                    self.texts[place] if place >= 0 else "" if value != value else float(value)
                    for place, value in zip(places.tolist(), values.tolist(), strict=True)
                ]
                rows.append(cells + [""] * (self.width - len(cells)))
            if len(rows) == n_rows:
                break
        return rows

    def columns(self, n_header: int) -> Iterator[tuple[np.ndarray, list[Any]]]:
        """Every column below the header: which of its distinct values stands in each row, and these."""
        import numpy as np
        import pandas as pd

        for position in range(self.width):
            texts = np.concatenate([_column(block, position, -1) for block, _ in self.blocks])[n_header:]
            numbers = np.concatenate([_column(block, position, np.nan) for _, block in self.blocks])[n_header:]
            places = np.full(len(texts), -1)
            is_text, is_number = texts >= 0, ~np.isnan(numbers)
            places[is_text], found = pd.factorize(texts[is_text])
            numbered, values = pd.factorize(numbers[is_number])
            places[is_number] = numbered + len(found)
            distinct: list[Any] = [*(self.texts[place] for place in found.tolist()), *values.tolist()]
            if (places < 0).any():
                places[places < 0] = len(distinct)
                distinct.append("")
            yield places, distinct


def _column(block: np.ndarray, position: int, nothing: float) -> np.ndarray:
    import numpy as np

    return block[:, position] if position < block.shape[1] else np.full(len(block), nothing, block.dtype)


def plain_sheet(content: bytes) -> PlainSheet | None:
    """The only sheet of a workbook, where it is written plainly; rows without any value are left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if [name for name in names if name.startswith("xl/worksheets/") and name.endswith(".xml")] != [SHEET]:
                return None
            _check_only_sheet(archive.read("xl/workbook.xml"), archive.read("xl/_rels/workbook.xml.rels"))
            texts = _texts(archive.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else []
            styles = _number_styles(archive.read("xl/styles.xml")) if "xl/styles.xml" in names else set()
            with archive.open(SHEET) as stream:
                blocks = _Scanner(len(texts), styles).blocks(stream)
    except (_OtherwiseWrittenError, KeyError, *UNREADABLE):
        return None
    return PlainSheet(texts, tuple(blocks))


def _check_only_sheet(book: bytes, relations: bytes) -> None:
    """The workbook has one sheet, and knows where it is."""
    _check_xml(book)
    _check_xml(relations)
    found = _SHEET_ENTRY.findall(book)
    if len(found) != 1 or len(re.findall(rb"<sheet\b", book)) != 1 or b'Id="%s"' % found[0] not in relations:
        raise _OtherwiseWrittenError


def _texts(part: bytes) -> list[str]:
    """The shared texts."""
    head, opened, body = part.partition(b"<si>")
    body, closed, after = body.rpartition(b"</sst>")
    _check_xml(head + closed + after)
    body = opened + body
    found = _TEXT.findall(body)
    if not closed or _ENCODING.search(head) or len(found) * 4 != body.count(b"<"):
        raise _OtherwiseWrittenError
    if b"\r" in body or b"_x" in body or _ENTITY.search(body):
        raise _OtherwiseWrittenError
    if any(not kept and text != text.strip() for kept, text in found):
        raise _OtherwiseWrittenError
    plain = [text for _, text in found]
    if b"&" in body:
        for entity, character in _ENTITIES:
            plain = [text.replace(entity, character) for text in plain]
    return [text.decode("utf-8") for text in plain]


def _number_styles(part: bytes) -> set[int]:
    """The cell formats that show a number as a number."""
    found = _STYLES.search(part)
    if not found or _ENCODING.search(part[:200]):
        raise _OtherwiseWrittenError
    _check_xml(part)
    formats = _STYLE.findall(found[1])
    if len(formats) != len(re.findall(rb"<xf\b", found[1])):
        raise _OtherwiseWrittenError
    return {style for style, number in enumerate(formats) if int(number) in _NUMBER_FORMATS}


def _check_xml(rest: bytes) -> None:
    """What stands around the rows or texts must be whole, and declare nothing."""
    if b"<!" in rest:
        raise _OtherwiseWrittenError
    try:
        ParserCreate().Parse(rest, True)
    except ExpatError:
        raise _OtherwiseWrittenError from None


class _Scanner:
    """Reads rows from pieces of a sheet's part."""

    def __init__(self, n_texts: int, styles: set[int]) -> None:
        self._n_texts = n_texts
        self._styles = styles
        self._last_row = 0

    def blocks(self, stream: IO[bytes]) -> list[tuple[np.ndarray, np.ndarray]]:
        """All rows that hold any value."""
        piece = stream.read(_PIECE)
        head, opened, rest = piece.partition(b"<sheetData>")
        if not opened or _ENCODING.search(head):
            raise _OtherwiseWrittenError
        blocks, area = [], [0, 0]
        while True:
            end = rest.rfind(b"</row>") + len(b"</row>")
            if end >= len(b"</row>"):
                blocks.append(self._block(rest[:end]))
                area = [area[0] + blocks[-1][0].shape[0], max(area[1], blocks[-1][0].shape[1])]
                rest = rest[end:]
            if area[0] * area[1] > MAX_CELLS or len(rest) > _PIECE:
                raise _OtherwiseWrittenError
            piece = stream.read(_PIECE)
            rest += piece
            if not piece or rest.startswith(b"</sheetData>"):
                break
        _check_xml(head + opened + rest + stream.read(_PIECE))  # the stream checks its sum where it ends
        if stream.read(1) or not rest.startswith(b"</sheetData>"):
            raise _OtherwiseWrittenError
        return blocks

    def _block(self, piece: bytes) -> tuple[np.ndarray, np.ndarray]:
        import numpy as np

        text = np.frombuffer(piece, np.uint8)
        words = np.ndarray((len(piece) + 8,), "<u8", buffer=piece + _PADDING, strides=(1,))
        starts = np.flatnonzero(text == ord("<"))
        ends = np.append(starts[1:], len(piece))
        kinds = _kinds(words, text, starts, ends)
        cells = np.flatnonzero((kinds == _OPEN_CELL) | (kinds == _EMPTY_CELL))
        opened = np.flatnonzero(kinds == _OPEN_ROW)
        rows = self._rows(piece, starts[opened])
        of_row = np.repeat(np.arange(len(rows)), np.diff(np.searchsorted(cells, opened), append=len(cells)))
        columns, is_text = self._references(words, starts[cells], ends[cells], rows, of_row)
        if ((of_row[1:] == of_row[:-1]) & (columns[1:] <= columns[:-1])).any():
            raise _OtherwiseWrittenError
        owners = np.flatnonzero(kinds[cells + 1] == _OPEN_VALUE)
        filled = cells[owners] + 1
        numbers = _numbers(piece, words, starts[filled] + 3, ends[filled], is_text[owners])
        at = (of_row[owners], columns[owners])
        texts = np.full((len(rows), int(columns.max(initial=-1)) + 1), -1, np.int32)
        values = np.full(texts.shape, np.nan)
        shared = is_text[owners]
        if (numbers[shared] >= self._n_texts).any():
            raise _OtherwiseWrittenError
        texts[at[0][shared], at[1][shared]] = numbers[shared]
        values[at[0][~shared], at[1][~shared]] = numbers[~shared]
        kept = (texts >= 0).any(axis=1) | ~np.isnan(values).all(axis=1)
        return (texts, values) if kept.all() else (texts[kept], values[kept])

    def _rows(self, piece: bytes, starts: np.ndarray) -> list[bytes]:
        """The numbers of the rows, as written; they must grow."""
        found = [_ROW.match(piece, start) for start in starts.tolist()]
        if not all(found):
            raise _OtherwiseWrittenError
        rows = [match[1] for match in found if match]
        for row in map(int, rows):
            if row <= self._last_row:
                raise _OtherwiseWrittenError
            self._last_row = row
        return rows

    def _references(
        self, words: np.ndarray, starts: np.ndarray, ends: np.ndarray, rows: Sequence[bytes], of_row: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Position of every cell's column, and whether it holds a text; its row must be the one it stands in."""
        import numpy as np

        at = starts + len(b'<c r="')
        letters = words[at].astype(np.uint16)
        column, n_letters = _columns()
        columns = column[letters]
        at += n_letters[letters]
        closed = [row + b'"' for row in rows]
        lengths = np.array([len(number) for number in closed])[of_row]
        expected = np.frombuffer(b"".join(number.ljust(8, b"\0") for number in closed), "<u8")[of_row]
        if (columns < 0).any() or (_masked(words[at], lengths) != expected).any():
            raise _OtherwiseWrittenError
        at += lengths
        return columns, self._is_text(words, at, ends - 1 - at)

    def _is_text(self, words: np.ndarray, at: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Whether the other attributes say that the value is the index of a shared text."""
        import numpy as np
        import pandas as pd

        if ((lengths < 0) | (lengths > 16)).any():
            raise _OtherwiseWrittenError
        low_at, lows = pd.factorize(_masked(words[at], np.minimum(lengths, 8)))
        both, found, highs = low_at, np.arange(len(lows)), np.zeros(1, np.uint64)
        if (lengths > 8).any():
            high_at, highs = pd.factorize(_masked(words[at + 8], np.maximum(lengths - 8, 0)))
            both, found = pd.factorize(low_at * len(highs) + high_at)
        answers = []
        for pair in found.tolist():
            first, second = divmod(pair, len(highs))
            match = _ATTRIBUTES.fullmatch((lows[first].tobytes() + highs[second].tobytes()).rstrip(b"\0"))
            if not match:
                raise _OtherwiseWrittenError
            is_text = match["kind"] == b"s"
            if not is_text and match["style"] and int(match["style"]) not in self._styles:
                raise _OtherwiseWrittenError
            answers.append(is_text)
        return np.array(answers, bool)[both]


def _kinds(words: np.ndarray, text: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """What every tag is; each must be a known one, in a place where it may stand, with nothing around it."""
    import numpy as np

    beginning = words[starts]
    kinds, masks, tags, lengths, follows = _tables()
    found: np.ndarray = kinds[(beginning >> np.uint64(8)).astype(np.uint16)]
    if ((beginning & masks[found]) != tags[found]).any():
        raise _OtherwiseWrittenError
    found[(found == _OPEN_CELL) & (text[ends - 2] == ord("/"))] = _EMPTY_CELL
    shut = (text[ends - 1] == ord(">")) | (found == _OPEN_VALUE)
    exact = lengths[found]
    pairs = np.bincount(found[:-1] * np.uint8(8) + found[1:], minlength=64)
    if not shut.all() or ((exact > 0) & (exact != ends - starts)).any() or pairs[~follows.ravel()].any():
        raise _OtherwiseWrittenError
    if len(starts) == 0 or starts[0] != 0 or found[0] != _OPEN_ROW:
        raise _OtherwiseWrittenError
    return found


@lru_cache(maxsize=1)
def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Kind by second and third byte of a tag; by kind: mask and bytes of the beginning, whole length, what follows."""
    import numpy as np

    kinds = np.zeros(1 << 16, np.uint8)
    masks, tags = np.zeros(8, np.uint64), np.ones(8, np.uint64)  # of no kind: bytes that nothing masked can be
    for kind, tag in _TAGS.items():
        kinds[int.from_bytes(tag[1:3], "little")] = kind
        masks[kind] = (1 << 8 * len(tag)) - 1
        tags[kind] = int.from_bytes(tag, "little")
    lengths = np.zeros(8, np.int64)
    lengths[[_CLOSE_ROW, _CLOSE_CELL, _CLOSE_VALUE]] = 6, 4, 4
    follows = np.zeros((8, 8), bool)
    for kind, after in _FOLLOWS.items():
        follows[kind, list(after)] = True
    return kinds, masks, tags, lengths, follows


@lru_cache(maxsize=1)
def _columns() -> tuple[np.ndarray, np.ndarray]:
    """By the first two bytes of a cell's name: position of its column (-1: none), and how many letters name it."""
    import numpy as np

    columns, n_letters = np.full(1 << 16, -1, np.int64), np.zeros(1 << 16, np.int64)
    letters = range(ord("A"), ord("Z") + 1)
    for first in letters:
        for second in range(1 << 8):
            two = second in letters
            place = first + (second << 8)
            columns[place] = 26 * (first - 64) + second - 65 if two else first - 65
            n_letters[place] = 1 + two
    return columns, n_letters


def _numbers(piece: bytes, words: np.ndarray, starts: np.ndarray, ends: np.ndarray, is_text: np.ndarray) -> np.ndarray:
    """The values as numbers: those of up to eight digits together, every other form once."""
    import numpy as np
    import pandas as pd

    lengths = ends - starts
    short = (lengths >= 1) & (lengths <= 8)
    digits = words[starts] << (8 * np.clip(8 - lengths, 0, 7)).astype(np.uint64)
    unused = np.clip(8 - lengths, 0, 7)
    digits |= np.array([int.from_bytes(b"0" * n, "little") for n in range(8)], np.uint64)[unused]
    whole = short & _all_digits(digits)
    numbers = _eight_digits(digits).astype(float)
    if (is_text & ~whole).any():
        raise _OtherwiseWrittenError
    others = np.flatnonzero(~whole)
    written = [piece[start:end] for start, end in zip(starts[others].tolist(), ends[others].tolist(), strict=True)]
    if written:
        places, forms = pd.factorize(np.array(written, dtype=object))
        if not all(_NUMBER.fullmatch(form) for form in forms):
            raise _OtherwiseWrittenError
        numbers[others] = np.array([float(form) for form in forms])[places]
        if not np.isfinite(numbers[others]).all():
            raise _OtherwiseWrittenError
    return numbers


def _masked(words: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Words of eight bytes with only the first so many bytes left."""
    import numpy as np

    masks = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)
    left: np.ndarray = words & masks[lengths]
    return left


def _all_digits(words: np.ndarray) -> np.ndarray:
    import numpy as np

    high, zeros, six = (np.uint64(int(digit * 8, 16)) for digit in ("f0", "30", "06"))
    answer: np.ndarray = ((words & high) == zeros) & (((words + six) & high) == zeros)
    return answer


def _eight_digits(words: np.ndarray) -> np.ndarray:
    """The number that eight digits write: neighbours are joined to pairs, these to fours, these to eight."""
    import numpy as np

    eight, low = np.uint64(8), np.uint64(0x000000FF000000FF)
    pairs = words - np.uint64(int("30" * 8, 16)) if len(words) else words
    pairs = pairs * np.uint64(10) + (pairs >> eight)
    fours = (pairs & low) * np.uint64(100 + (1_000_000 << 32))
    fours += ((pairs >> np.uint64(16)) & low) * np.uint64(1 + (10_000 << 32))
    return fours >> np.uint64(32)

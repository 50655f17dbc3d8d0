"""Delimited text (csv, tsv): header, shape check, values.

pandas reads the values; what it would let pass silently (rows that are too short or too long, a repeated column name,
``None`` taken for missing, True/False made boolean) is settled here.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_sem.errors import FileError
from survey_sem.exports.header import checked_header

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DELIMITERS = (",", ";", "\t", "|")
EMPTY_FIELDS = ("", "NA", "NaN", "nan", "#N/A", "#NULL!")
"""Fields that mean "nothing here": empty, R's NA, Python's and Excel's marks. Anything else is an answer."""
_HEAD_BYTES = 1 << 16
_HEAD_RECORDS = 4
"""Up to three header records and a row."""
_DECIMAL_COMMA = r"[+-]?\d+(?:,\d+)?"


@dataclass(frozen=True, slots=True)
class DelimitedText:
    """A text whose delimiter is known and whose header can be looked at before its rows are read.

    Parameters
    ----------
    body : bytes
        The text in utf-8, without empty lines at its ends.
    delimiter : str
        Between fields.
    head : list of list of str
        Its first records, at most four.
    first_line : int
        Line of the file at which `body` begins.
    path : Path
        Named in errors.
    """

    body: bytes
    delimiter: str
    head: list[list[str]]
    first_line: int
    path: Path

    @classmethod
    def open(cls, content: bytes, path: Path) -> DelimitedText:
        """Find the delimiter of a whole file in utf-8, without byte order mark.

        Raises
        ------
        FileError
            An empty text, an unclosed quote in the first records.
        UnicodeDecodeError
            The beginning is not utf-8.
        """
        body = content.lstrip(b"\r\n")
        first_line = 1 + len(content[: len(content) - len(body)].splitlines())
        body = body.rstrip(b"\r\n")
        start = _start(body, path)
        if not start.strip():
            raise FileError("empty-file", f"{path.name} is empty", where=str(path), expected="a header line and rows")
        delimiter = _delimiter(start, path)
        return cls(body, delimiter, _first_records(start, delimiter, _HEAD_RECORDS, path), first_line, path)

    def rows(self, names: Sequence[str], n_header: int = 1) -> pd.DataFrame:
        """All rows below `n_header` header records, columns named `names`.

        A column whose fields are all numbers becomes numeric, any other stays text; with a delimiter other than
        the comma a decimal comma is a decimal point. Empty lines are skipped.

        Raises
        ------
        FileError
            No rows, ragged rows, an unclosed quote, an unnamed or repeated column.
        UnicodeDecodeError
            Somewhere the text is not utf-8.
        """
        shape = _Shape(self.delimiter, len(self.head[0]), n_header)
        frame = self._parsed(shape)
        if frame.empty:
            raise FileError("no-rows", f"{self.path.name} has a header but no rows", where=str(self.path))
        frame = _text_instead_of_boolean(frame, self.body, shape)
        if self.delimiter != ",":
            frame = frame.apply(_decimal_comma)
        return checked_header(frame, names, self.path)

    def _parsed(self, shape: _Shape) -> pd.DataFrame:
        """All fields, when every record has as many as the header."""
        import pandas as pd

        try:
            frame = _parse_in_chunks(self.body, shape)
            if frame is None:
                frame = _parse(self.body, shape, low_memory=False)
        except pd.errors.ParserError as problem:
            self._check_every_record()
            raise FileError(
                "unreadable-row", f"{self.path.name} cannot be read: {problem}", where=str(self.path)
            ) from None
        uneven = any(len(record) != shape.n_columns for record in self.head)
        if uneven or not _is_even(frame, self.body, shape):
            self._check_every_record()
        return frame

    def _check_every_record(self) -> None:
        _check_every_record(self.body.decode("utf-8"), self.delimiter, self.path, self.first_line)


@dataclass(frozen=True, slots=True)
class _Shape:
    delimiter: str
    n_columns: int
    n_header: int


class _Utf8:
    """A file of bytes that pandas takes as they are: a BytesIO it would decode and encode again."""

    def __init__(self, content: bytes) -> None:
        self._stream = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)


def _parse_in_chunks(content: bytes, shape: _Shape) -> pd.DataFrame | None:
    """All fields, read in pieces that stay in the processor's cache; None where pieces of a column differ in type."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.DtypeWarning)
        try:
            return _parse(content, shape)
        except pd.errors.DtypeWarning:
            return None


def _parse(content: bytes, shape: _Shape, **options: Any) -> pd.DataFrame:
    """All fields below the header, columns numbered from 0."""
    import pandas as pd

    if int(pd.__version__.split(".")[0]) < 3:
        options["float_precision"] = "round_trip"  # later versions always read floats exactly
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.ParserWarning)  # too many fields: found by the check of the shape
        frame: pd.DataFrame = pd.read_csv(
            _Utf8(content),  # type: ignore[call-overload]  # needs no more of a file than this
            sep=shape.delimiter,
            header=shape.n_header - 1,
            names=list(range(shape.n_columns)),
            index_col=False,
            keep_default_na=False,
            na_values=list(EMPTY_FIELDS),
            **options,
        )
    return frame


def _start(body: bytes, path: Path) -> str:
    """Enough of a text to hold its first records, whatever the delimiter; all of it where it is short."""
    size = _HEAD_BYTES
    while True:
        text = codecs.getincrementaldecoder("utf-8")().decode(body[:size], final=size >= len(body))
        found = min(len(_first_records(text, mark, _HEAD_RECORDS + 1, path)) for mark in DELIMITERS)
        if found > _HEAD_RECORDS or size >= len(body):
            return text
        size *= 8


def _delimiter(text: str, path: Path) -> str:
    """The mark that splits header and first row alike, then the one that splits the header most; else a comma."""

    def evidence(mark: str) -> tuple[bool, int]:
        counts = [len(record) for record in _first_records(text, mark, 2, path)]
        return counts[0] == counts[-1] > 1, counts[0]

    return max(DELIMITERS, key=evidence)


@contextmanager
def _any_length(text: str) -> Iterator[None]:
    """The csv module refuses fields of more than 131,072 characters unless told otherwise."""
    before = csv.field_size_limit(max(len(text), 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _first_records(text: str, delimiter: str, count: int, path: Path) -> list[list[str]]:
    """The first non-empty records, leniently split: whether quotes are closed is checked later."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        with _any_length(text):
            return list(itertools.islice((record for record in reader if record), count))
    except csv.Error as problem:
        raise _unreadable(path, reader.line_num, problem) from None


def _check_every_record(text: str, delimiter: str, path: Path, first_line: int) -> None:
    """Refuse the first record that has another number of fields than the header; empty lines are let pass."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        with _any_length(text):
            expected = len(next(reader))
            for row in reader:
                if row and len(row) != expected:
                    raise _ragged(path, reader.line_num + first_line - 1, expected, len(row))
    except csv.Error as problem:
        raise _unreadable(path, reader.line_num + first_line - 1, problem) from None


def _unreadable(path: Path, line: int, problem: csv.Error) -> FileError:
    return FileError(
        "unreadable-row",
        f"{path.name} cannot be split into fields: {problem}",
        where=f"{path}, line {line}",
        hint='look for a lonely " at or before that line: a quoted answer may never be closed',
    )


def _is_even(frame: pd.DataFrame, content: bytes, shape: _Shape) -> bool:
    """Whether every record has as many fields as the header.

    True is certain; False (a stray quote, a lonely line end, ragged rows) wants the record by record check.
    pandas fills up what is too short, so that the last field is missing, and may cut what is too long.
    """
    quoted = b'"' in content
    if not frame[shape.n_columns - 1].notna().all():
        return _quoted_fields_agree(content, shape) if quoted else _fields_agree(content, shape)
    expected = (shape.n_columns - 1) * (len(frame) + shape.n_header)
    return _n_splits(content, shape, quoted) == expected


def _n_splits(content: bytes, shape: _Shape, quoted: bool) -> int:
    """How many delimiters split fields; -1 where parity of quotes cannot tell."""
    import numpy as np

    marks = np.frombuffer(content, dtype=np.uint8)
    splits = marks == ord(shape.delimiter)
    if quoted:
        outside = _outside_quotes(marks, shape.delimiter)
        if outside is None:
            return -1
        splits &= outside
    return int(np.count_nonzero(splits))


def _fields_agree(content: bytes, shape: _Shape) -> bool:
    """Whether every line has as many delimiters as the first."""
    end, mark = _line_end(content), shape.delimiter.encode("ascii")
    return len({line.count(mark) for line in content.split(end)}) == 1


def _quoted_fields_agree(content: bytes, shape: _Shape) -> bool:
    """Whether every line has as many delimiters outside quotes as the first, as far as parity of quotes tells."""
    import numpy as np

    marks = np.frombuffer(content, dtype=np.uint8)
    outside = _outside_quotes(marks, shape.delimiter)
    if outside is None:
        return False
    ends = np.flatnonzero((marks == ord(_line_end(content))) & outside)
    splits = np.flatnonzero((marks == ord(shape.delimiter)) & outside)
    counts = np.diff(np.searchsorted(splits, np.append(ends, len(marks))), prepend=0)
    return bool((counts == counts[0]).all())


def _line_end(content: bytes) -> bytes:
    return b"\n" if b"\n" in content else b"\r"


def _outside_quotes(marks: np.ndarray[Any, Any], delimiter: str) -> np.ndarray[Any, Any] | None:
    """Which characters stand outside quotes; None where a quote does not open a field, or is never closed."""
    import numpy as np

    quotes = marks == ord('"')
    outside: np.ndarray[Any, Any] = ~np.logical_xor.accumulate(quotes)
    return outside if outside[-1] and _quotes_open_fields(marks, quotes, delimiter) else None


def _quotes_open_fields(marks: np.ndarray[Any, Any], quotes: np.ndarray[Any, Any], delimiter: str) -> bool:
    """Whether every other quote, the first included, stands where a field begins (or doubles a quote)."""
    import numpy as np

    opening = np.flatnonzero(quotes)[::2]
    before = marks[opening[opening > 0] - 1]
    return bool(np.isin(before, [ord(mark) for mark in (delimiter, "\n", "\r", '"')]).all())


def _ragged(path: Path, line: int, expected: int, got: int) -> FileError:
    hint = "quote answers that contain the delimiter" if got > expected else "the line was cut or a field is missing"
    if got == expected + 1:
        hint += "; a file with row names needs an (empty) name for them in the header"
    return FileError(
        "ragged-rows",
        f"line {line} of {path.name} has {got} fields where the header has {expected}",
        where=f"{path}, line {line}",
        expected=f"{expected} fields",
        got=f"{got} fields",
        hint=hint,
    )


def _text_instead_of_boolean(frame: pd.DataFrame, content: bytes, shape: _Shape) -> pd.DataFrame:
    """Columns that pandas made boolean, read again as the text they are."""
    booleans = [name for name in frame.columns if _has_booleans(frame[name])]
    if not booleans:
        return frame
    again = _parse(content, shape, usecols=booleans, dtype=str)
    return frame.drop(columns=booleans).join(again)[list(frame.columns)]


def _has_booleans(column: pd.Series[Any]) -> bool:
    import pandas as pd

    if pd.api.types.is_bool_dtype(column.dtype):
        return True
    return column.dtype == object and any(isinstance(value, bool) for value in column.dropna().head(1))


def _decimal_comma(column: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype) or column.isna().all():
        return column
    filled = column.dropna().astype(str)
    if not filled.str.fullmatch(_DECIMAL_COMMA).all():
        return column
    return pd.to_numeric(column.str.replace(",", ".", regex=False))

"""A column as its distinct values: what a value means is decided once, however many respondents gave it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from survey_sem.exports import MissingRange
from survey_sem.instrument import MissingCode
from survey_sem.instrument.routing import Code

if TYPE_CHECKING:
    import pandas as pd

Bytes = NDArray[np.int8]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Positions = NDArray[np.int32]

ABSENT_KINDS = ("answered", "routed", "nonresponse", "dontknow", "refused")
"""What the codes 0 to 4 of `Responses.absent` mean."""
ANSWERED, ROUTED, NONRESPONSE, DONTKNOW, REFUSED = range(5)
UNREADABLE = 5
"""Something stands in the cell, but no answer: kept apart until the rules have been checked."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Cells:
    """The distinct values of one column.

    Parameters
    ----------
    kind : str
        What the column holds: ``number``, ``text`` or ``date``.
    values : array, shape (n_values,)
        Distinct values: float64, str (blanks around them taken off) or datetime64.
    index : int32 array, shape (n_rows,)
        Which value a row has; ``n_values`` where the cell is empty, so that a table of ``n_values + 1`` entries
        is looked up without a special case.
    """

    kind: Literal["number", "text", "date"]
    values: NDArray[Any]
    index: Positions

    @property
    def n_values(self) -> int:
        """Number of distinct values."""
        return len(self.values)

    def counts(self) -> NDArray[np.int64]:
        """Rows per value; of empty cells at the end."""
        return np.bincount(self.index, minlength=self.n_values + 1)

    def rows_where(self, flags: Flags) -> Positions:
        """Rows whose value is flagged; `flags` has an entry per value and one for empty cells."""
        if not flags.any():
            return np.empty(0, dtype=np.int32)
        return np.flatnonzero(flags[self.index]).astype(np.int32)

    def texts(self) -> Objects:
        """The values as texts: numbers as a file would show them, dates in ISO 8601."""
        if self.kind == "text":
            return self.values
        shown = written_number if self.kind == "number" else _iso
        return as_objects([shown(value) for value in self.values])

    def numbers(self) -> Floats:
        """The values as numbers, NaN where they are none."""
        if self.kind == "number":
            return self.values
        if self.kind == "date":
            return np.full(self.n_values, np.nan)
        return np.array([float(text) if _NUMBER.fullmatch(text) else np.nan for text in self.values], dtype=np.float64)


def cells_of(column: pd.Series[Any]) -> Cells:
    """The distinct values of a column of any dtype.

    Truth values count as 1 and 0; a column that mixes kinds is read as text. Blank texts are empty cells.
    """
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _categories(column)
    if pd.api.types.is_bool_dtype(dtype):
        return _numbers(column.to_numpy(dtype=np.float64, na_value=np.nan))
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return _dates(column)
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype):
        return _numbers(column.to_numpy(dtype=np.float64, na_value=np.nan))
    return _texts(column)


def _categories(column: pd.Series[Any]) -> Cells:
    """A categorical column: its categories are the distinct values already."""
    import pandas as pd

    categories = cells_of(pd.Series(column.cat.categories))
    index = np.append(categories.index, np.int32(categories.n_values))[column.cat.codes.to_numpy()]
    return Cells(categories.kind, categories.values, index.astype(np.int32))


def _numbers(values: Floats) -> Cells:
    import pandas as pd

    codes, distinct = pd.factorize(values)
    return Cells("number", np.asarray(distinct, dtype=np.float64), _index(codes, len(distinct)))


def _dates(column: pd.Series[Any]) -> Cells:
    import pandas as pd

    if isinstance(column.dtype, pd.ArrowDtype):
        column = pd.to_datetime(column.astype(object))
    naive = column.dt.tz_localize(None) if getattr(column.dtype, "tz", None) is not None else column
    codes, distinct = pd.factorize(naive.to_numpy(dtype="datetime64[us]"))
    return Cells("date", np.asarray(distinct), _index(codes, len(distinct)))


def _texts(column: pd.Series[Any]) -> Cells:
    import pandas as pd

    try:
        codes, distinct = pd.factorize(column)
    except TypeError:  # lists, dicts and other values that cannot be compared
        codes, distinct = pd.factorize(column.map(repr, na_action="ignore"))
    values = as_objects(_stripped(np.asarray(distinct, dtype=object).tolist()))
    index = _index(codes, len(values))
    blank = values == ""
    if not blank.any():
        return Cells("text", values, index)
    renumbered = np.where(blank, int((~blank).sum()), np.cumsum(~blank) - 1)
    return Cells("text", values[~blank], np.append(renumbered, (~blank).sum())[index].astype(np.int32))


def _index(codes: NDArray[Any], n_values: int) -> Positions:
    index: Positions = codes.astype(np.int32)
    index[index < 0] = n_values
    return index


def _stripped(values: list[Any]) -> list[str]:
    try:
        texts = list(map(str.strip, values))
    except TypeError:  # not all of them are texts
        texts = [_text(value) for value in values]
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:  # half a character: what no file can hold
        return [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
    return texts


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, (int, float, np.integer, np.floating)):
        return written_number(float(value))
    return _iso(value) if isinstance(value, (date, np.datetime64)) else str(value).strip()


def _iso(value: Any) -> str:
    text = str(value).replace("T", " ")
    return text.split(".")[0].removesuffix(" 00:00:00")


def as_objects(values: Sequence[Any]) -> Objects:
    """An object array of the length of `values`, whatever they are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def written_number(value: float) -> str:
    """A number as a file would show it: 9 and 9.0 are the same."""
    return format(value, ".15g")


def written(code: Code) -> str:
    """A code as a file would show it."""
    return code.strip() if isinstance(code, str) else written_number(code)


def folded(text: str) -> str:
    """A text without what typists vary: width, case, blanks and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] not in "ZPC")


def is_full_width_number(text: str) -> bool:
    """Whether a text is a number in digits of another script, such as ``１２``."""
    return not text.isascii() and bool(_NUMBER.fullmatch(unicodedata.normalize("NFKC", text)))


@dataclass(frozen=True, slots=True)
class MissingMarks:
    """What stands for no answer in a column: codes of the instrument, and ranges that the file declares.

    The instrument says what a code means where both know it.
    """

    codes: tuple[MissingCode, ...] = ()
    ranges: tuple[MissingRange, ...] = ()

    def status(self, cells: Cells) -> Bytes:
        """Kind of absence per value (`ABSENT_KINDS`), 0 for answers; the last entry, of empty cells, is nonresponse."""
        status = np.zeros(cells.n_values + 1, dtype=np.int8)
        status[-1] = NONRESPONSE
        inner = status[:-1]
        for marks in self.ranges:
            inner[_within(cells, marks)] = ABSENT_KINDS.index(marks.kind or "nonresponse")
        for mark in self.codes:
            inner[_equal(cells, mark.code)] = ABSENT_KINDS.index(mark.kind)
        return status

    def by_code(self, cells: Cells, status: Bytes) -> Mapping[str, int]:
        """Rows per code that stands for no answer, in the order in which the codes are declared."""
        counts, texts = cells.counts(), None
        found: dict[str, int] = {}
        for at in np.flatnonzero(status[:-1] != ANSWERED):
            texts = cells.texts() if texts is None else texts
            found[texts[at]] = found.get(texts[at], 0) + int(counts[at])
        declared = [written(mark.code) for mark in self.codes]
        order = sorted(found, key=lambda code: (declared.index(code) if code in declared else len(declared), code))
        return {code: found[code] for code in order if found[code]}


def _equal(cells: Cells, code: Code) -> Flags:
    if cells.kind == "number":
        return np.zeros(cells.n_values, dtype=bool) if isinstance(code, str) else cells.values == code
    flags: Flags = cells.texts() == written(code)
    return flags


def _within(cells: Cells, marks: MissingRange) -> Flags:
    low, high = marks.low, marks.high
    if isinstance(low, str) or isinstance(high, str):
        if cells.kind != "text":
            return np.zeros(cells.n_values, dtype=bool)
        texts: Iterable[str] = cells.values
        return np.array([str(low) <= text <= str(high) for text in texts], dtype=bool)
    if cells.kind == "text":
        return np.array([_number_within(text, low, high) for text in cells.values], dtype=bool)
    numbers = cells.numbers()
    return (numbers >= low) & (numbers <= high)


def _number_within(text: str, low: float, high: float) -> bool:
    return bool(_NUMBER.fullmatch(text)) and low <= float(text) <= high

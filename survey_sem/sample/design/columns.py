"""Columns of a data frame as arrays: numbers, codes of levels, weights; what is wrong with them is said by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, OptionError, did_you_mean
from survey_sem.linalg import Array, Indices

if TYPE_CHECKING:
    import pandas as pd


LARGEST = 1e100
"""Of larger values neither squares nor their totals are numbers."""
MOST_CLASSES = 500
"""Of a variable each of whose classes gets a column of its own: where there are more, they are names or numbers."""
_NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal", "boolean")


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column as codes of its levels.

    Parameters
    ----------
    name : str
        Name of the column.
    codes : array of int (n,)
        Position of the row's level, -1 where it is missing.
    levels : tuple
        Values: of a Categorical in its order, those of other columns ascending.
    """

    name: str
    codes: Indices
    levels: tuple[Any, ...]


def names_of(names: str | Sequence[str], what: str) -> list[str]:
    """A name or several as a list of at least one."""
    found = [names] if isinstance(names, str) or not isinstance(names, Iterable) else list(names)
    if not found or not all(isinstance(name, str) for name in found):
        raise OptionError("wrong-type", f"{what} is not a name or a list of names", where=what, got=repr(names)[:80])
    if len(set(found)) < len(found):
        raise OptionError("named-twice", f"{what} names a variable twice", where=what, got=", ".join(found))
    return found


def column(data: pd.DataFrame, name: str, what: str) -> pd.Series[Any]:
    """A column by its name; a name that is a number is found by its digits."""
    if not isinstance(name, str):
        raise OptionError("wrong-type", f"{what} is not a column's name", where=what, got=repr(name)[:80])
    if data.columns.is_unique and name in data.columns:
        return data[name]
    known = [str(known) for known in data.columns]
    at = [k for k, each in enumerate(known) if each == name]
    if not at:
        raise DataError(
            "unknown-variable",
            f"the data have no column '{name}'",
            where=what,
            expected=", ".join(known[:12]) + (", ..." if len(known) > 12 else ""),
            hint=did_you_mean(name, known),
        )
    if len(at) > 1:
        raise DataError("duplicate-column", f"the data have {len(at)} columns named '{name}'", where=what)
    return data.iloc[:, at[0]]


def is_numeric(series: pd.Series[Any]) -> bool:
    """Whether a column is numbers or truth values, in whatever kind of column, and no category."""
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype) or pd.api.types.is_complex_dtype(series.dtype):
        return False
    is_plain = pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.is_bool_dtype(series.dtype)
    return bool(is_plain) or pd.api.types.infer_dtype(series, skipna=True) in _NUMBERS


def numbers(data: pd.DataFrame, name: str, what: str) -> Array:
    """A numeric column as float64 (n,), missing as NaN."""
    series = column(data, name, what)
    if not is_numeric(series):
        raise DataError(
            "not-numeric", f"column '{name}' is not numeric", where=what, got=f"type {series.dtype}", hint="convert it"
        )
    return values_of(series, what)


def values_of(series: pd.Series[Any], what: str) -> Array:
    """The numbers of a numeric column as float64 (n,), missing as NaN; infinite ones are the caller's to judge."""
    try:
        values = np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan))
    except OverflowError:
        values = np.array([np.nan, 2 * LARGEST])
    is_small = values.max(initial=0.0) <= LARGEST and values.min(initial=0.0) >= -LARGEST  # not with NaN
    if not is_small and (np.isfinite(values) & (np.abs(values) > LARGEST)).any():
        raise DataError(
            "too-large", f"column '{series.name}' has values too large to compute with", where=what,
            expected=f"at most {LARGEST:g}",
        )  # fmt: skip
    return values


def factorized(series: pd.Series[Any], what: str, *, sort: bool = False) -> tuple[Indices, list[Any]]:
    """A column as codes (n,), -1 where missing, and the values they stand for: as they appear, or ascending.

    Raises
    ------
    DataError
        Values that cannot be told apart (lists in cells) or, ascending, have no order.
    """
    import pandas as pd

    if getattr(series.dtype, "kind", "O") == "O" and is_numeric(series):
        values_of(series, what)  # giants have no place in a table
    try:
        codes, values = pd.factorize(series, sort=sort)
    except (TypeError, NotImplementedError):
        is_mixed = all(map(pd.api.types.is_hashable, series))
        why = "mixes kinds of values that have no order" if is_mixed else "holds lists or the like, not classes"
        raise DataError(
            "mixed-types" if is_mixed else "no-classes",
            f"column '{series.name}' {why}",
            where=what,
            expected="one value in every cell: text, numbers or categories",
            hint="convert it",
        ) from None
    return np.asarray(codes, dtype=np.intp), list(values.tolist())


def refuse_many_classes(count: int, name: str, what: str, most: int = MOST_CLASSES) -> None:
    """Refuse a variable whose classes would fill the memory: somebody's name, a free text, a number."""
    if count > most:
        raise DataError(
            "too-many-classes", f"'{name}' has {count} different values: too many for classes", where=what,
            expected=f"at most {most}", hint="join classes; make a number of a number, and leave out names",
        )  # fmt: skip


def coded(data: pd.DataFrame, name: str, what: str) -> Coded:
    """A column as codes of its levels; unused categories are levels too."""
    import pandas as pd

    series = column(data, name, what)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return Coded(name, np.asarray(series.cat.codes, dtype=np.intp), tuple(series.cat.categories.tolist()))
    codes, levels = factorized(series, what, sort=True)
    return Coded(name, codes, tuple(levels))


def complete_codes(data: pd.DataFrame, name: str, what: str) -> Coded:
    """A column of the design as codes; a missing value is an error."""
    found = coded(data, name, what)
    if (gaps := np.flatnonzero(found.codes < 0)).size:
        raise missing_error(name, what, gaps)
    used = np.unique(found.codes)
    if len(used) == len(found.levels):
        return found
    return Coded(name, np.searchsorted(used, found.codes).astype(np.intp), tuple(found.levels[k] for k in used))


def missing_error(name: str, what: str, rows: Indices) -> DataError:
    """The error for missing values in a column of the design."""
    return DataError(
        "missing-design",
        f"column '{name}' has missing values in {len(rows)} rows",
        where=f"{what}, {shown_rows(rows)}",
        expected="a value in every row",
    )


def shown_rows(rows: Indices) -> str:
    """The first rows, counted from 1."""
    return "first rows: " + ", ".join(str(row + 1) for row in rows[:3])


def pairs(outer: Indices, inner: Indices) -> tuple[Indices, Indices]:
    """Codes of the pairs that occur, ascending, and the first row of each."""
    key = outer * (int(inner.max(initial=0)) + 1) + inner
    size = int(key.max(initial=0)) + 1
    if size <= 8 * len(key):  # looking up is cheaper than sorting
        first = np.full(size, -1, dtype=np.intp)
        first[key[::-1]] = np.arange(len(key))[::-1]
        occurs = first >= 0
        return (np.cumsum(occurs) - 1)[key], first[occurs]
    _, rows, codes = np.unique(key, return_index=True, return_inverse=True)
    return codes.astype(np.intp).reshape(-1), rows

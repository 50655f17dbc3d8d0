"""The part of a partition into which each answer falls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.instrument.model import Part, Partition
from survey_sem.instrument.routing import Code

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

Positions = np.ndarray[tuple[int], np.dtype[np.int64]]
_NOWHERE = -1


def partition_column(partition: Partition, column: Column) -> Column:
    """The part of every answer.

    Parameters
    ----------
    partition : Partition
        Without overlaps (`partition_problems`).
    column : Series, length n_rows
        The answers of the item that it divides: numbers, or codes as numbers or texts.

    Returns
    -------
    Series of text, length n_rows
        Ids of the parts, under the partition's name and the column's index; missing where the answer is missing or
        falls into no part.
    """
    import pandas as pd

    by_codes = any(part.codes for part in partition.parts)
    positions = (_of_codes if by_codes else _of_numbers)(partition.parts, column)
    ids = np.array([*(part.id for part in partition.parts), np.nan], dtype=object)  # -1 takes the last: missing
    found = pd.Series(ids[positions], index=column.index, name=partition.id)
    return found.astype("str").where(positions != _NOWHERE)


def _of_codes(parts: tuple[Part, ...], column: Column) -> Positions:
    import pandas as pd

    owner: dict[Code, int] = {code: index for index, part in enumerate(parts) for code in part.codes}
    if not pd.api.types.is_numeric_dtype(column.dtype):
        owner = {str(code): index for code, index in owner.items()}
    return column.map(owner).to_numpy(dtype=float, na_value=_NOWHERE).astype(np.int64)


def _of_numbers(parts: tuple[Part, ...], column: Column) -> Positions:
    """Each number belongs to the last part that begins at or below it, if that does not end before."""
    numbers = column.to_numpy(dtype=float, na_value=np.nan)
    lows = np.array([-np.inf if part.low is None else part.low for part in parts])
    highs = np.array([np.inf if part.high is None else part.high for part in parts])
    is_open = np.array([part.is_open for part in parts])
    order = np.argsort(lows, kind="stable")
    ranks = np.searchsorted(lows[order], numbers, side="right") - 1
    positions = order[ranks]
    within = (numbers < highs[positions]) | ((numbers == highs[positions]) & ~is_open[positions])
    return np.where((ranks >= 0) & within, positions, _NOWHERE)

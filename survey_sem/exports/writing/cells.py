"""A column to be written, as its distinct values and where they stand: each value is put into words once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Value = str | int | float | None
"""A cell: a text, a number, or nothing."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One column.

    Parameters
    ----------
    header : tuple of str
        Its cells in the header, one per header record.
    values : tuple of values
        What may stand in a cell (None: nothing).
    places : array of int, shape (n_rows,)
        Which of `values` stands in each row; -1 for none.
    """

    header: tuple[str, ...]
    values: tuple[Value, ...]
    places: np.ndarray[Any, Any]

    @classmethod
    def of(cls, header: str | tuple[str, ...], column: pd.Series[Any]) -> Cells:
        """The cells of a column: whole numbers without a fraction, dates and clock times in ISO form."""
        import pandas as pd

        places, found = pd.factorize(column)
        texts = (header,) if isinstance(header, str) else header
        return cls(texts, tuple(_plain(value) for value in found.tolist()), places)

    @classmethod
    def empty(cls, header: str, n_rows: int) -> Cells:
        """A column in which nothing stands."""
        import numpy as np

        return cls((header,), (), np.full(n_rows, -1, dtype=np.intp))

    @classmethod
    def numbered(cls, header: str, n_rows: int) -> Cells:
        """The rows numbered from 1."""
        import numpy as np

        return cls((header,), tuple(range(1, n_rows + 1)), np.arange(n_rows, dtype=np.intp))

    def mapped(self, change: Callable[[Value], Value]) -> Cells:
        """Every value changed."""
        return replace(self, values=tuple(change(value) for value in self.values))

    def under(self, *header: str) -> Cells:
        """The same cells under another header."""
        return replace(self, header=header)

    def marked(self, absence: np.ndarray[Any, Any], routed: Value, empty: Value) -> Cells:
        """Cells with marks where nobody was asked (`absence` 1) or nothing was answered (other, or no value)."""
        import numpy as np

        last = len(self.values)
        places = np.where((absence == 0) & (self.places >= 0), self.places, last + 1)
        places[absence == 1] = last
        return replace(self, values=(*self.values, routed, empty), places=places)

    def pieces(self, written: Callable[[Value], str]) -> np.ndarray[Any, Any]:
        """Every value as it is written, and last of all (so that -1 finds it) the empty cell."""
        import numpy as np

        pieces = np.empty(len(self.values) + 1, dtype=object)
        pieces[:] = [*map(written, self.values), written(None)]
        return pieces


def in_blocks(columns: Sequence[np.ndarray[Any, Any]], places: Sequence[np.ndarray[Any, Any]], size: int = 4096) -> Any:
    """Rows of written cells, a block at a time: an iterator of iterators of tuples."""
    n_rows = len(places[0]) if places else 0
    for start in range(0, n_rows, size):
        yield zip(
            *(pieces[place[start : start + size]].tolist() for pieces, place in zip(columns, places, strict=True)),
            strict=True,
        )


def _plain(value: object) -> Value:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)  # no cell can hold it as a number
        return int(value) if value.is_integer() else value
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)

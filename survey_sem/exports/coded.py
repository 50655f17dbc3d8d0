"""Columns by their distinct answers: a survey has many rows and few answers, so each is looked at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_BLOCK = 2048
"""Rows taken at once: their cells are let go before the next are made."""
_EXACT_INTEGER = 2.0**53


class _Places(dict[Any, int]):
    """Value -> its number, in the order of first appearance."""

    def __missing__(self, value: Any) -> int:
        place = self[value] = len(self)
        return place


def coded_columns(rows: Iterable[Sequence[Any]], width: int) -> Iterator[tuple[np.ndarray, list[Any]]]:
    """Columns of a table of cells: which of its distinct values stands in each row, and these."""
    import numpy as np

    places = [_Places() for _ in range(width)]
    parts: list[list[np.ndarray]] = [[np.zeros(0, np.int32)] for _ in range(width)]
    rest = iter(rows)
    while block := list(islice(rest, _BLOCK)):
        for known, part, cells in zip(places, parts, zip(*block, strict=True), strict=True):
            if bool in set(map(type, cells)):  # True would be the same as 1
                cells = tuple(str(cell) if isinstance(cell, bool) else cell for cell in cells)
            part.append(np.fromiter(map(known.__getitem__, cells), np.int32, len(cells)))
    for known, part in zip(places, parts, strict=True):
        yield np.concatenate(part), list(known)


def typed(places: np.ndarray, distinct: Sequence[Any]) -> pd.Series[Any]:
    """A column of its own type.

    Numbers where it holds nothing else (whole ones as integers), text elsewhere; blank is missing. Texts are
    categorical here; `plain_texts` makes them ordinary.
    """
    import pandas as pd

    if set(map(type, distinct)) <= {float, int}:
        return pd.Series(_whole(distinct)[places])
    filled = [math.nan if value == "" else value for value in distinct]
    if set(map(type, filled)) <= {float, int}:
        return pd.Series(filled, dtype=float).reindex(places).reset_index(drop=True)
    texts = _texts([as_text(value) for value in distinct])
    first = texts.dropna().iloc[:1]
    if pd.to_numeric(first, errors="coerce").isna().any():
        return spread(texts, places)
    try:
        return spread(pd.to_numeric(texts), places)
    except ValueError:
        return spread(texts, places)


def _texts(words: Sequence[str]) -> pd.Series[Any]:
    import pandas as pd

    texts: pd.Series[Any] = pd.Series([word if word.strip() else math.nan for word in words], dtype=text_type())
    return texts


def _whole(values: Sequence[float]) -> np.ndarray:
    import numpy as np

    numbers = np.asarray(values, dtype=float)
    if (np.abs(numbers) < _EXACT_INTEGER).all() and (numbers == np.trunc(numbers)).all():
        return numbers.astype(np.int64)
    return numbers


def spread(distinct: pd.Series[Any], places: np.ndarray, *, coded: bool = True) -> pd.Series[Any]:
    """A column from its distinct values and which of them stands in each row (-1: none); `coded` texts categorical."""
    import numpy as np
    import pandas as pd

    if not coded or distinct.dtype != text_type():
        return distinct.reindex(places).reset_index(drop=True)
    again, words = pd.factorize(distinct)
    return pd.Series(pd.Categorical.from_codes(np.append(again, -1)[places], categories=words))


def is_coded(column: pd.Series[Any]) -> bool:
    """Whether a column holds its texts as categories."""
    import pandas as pd

    return isinstance(column.dtype, pd.CategoricalDtype)


def distinct_of(column: pd.Series[Any]) -> tuple[np.ndarray, pd.Series[Any]]:
    """Which of its distinct values stands in each row (-1: none), and these in the order of first appearance."""
    import pandas as pd

    if is_coded(column):
        return column.cat.codes.to_numpy(), pd.Series(column.cat.categories)
    places, found = pd.factorize(column)
    return places, pd.Series(found, dtype=column.dtype)


def plain_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with ordinary texts in place of categorical ones."""
    coded = [name for name in frame.columns if is_coded(frame[name])]
    return frame.assign(**{name: frame[name].astype(text_type()) for name in coded}) if coded else frame


def text_type() -> Any:
    """The type of a column of texts in which some may be missing (NaN), under this version of pandas."""
    import pandas as pd

    return "str" if int(pd.__version__.split(".")[0]) >= 3 else object


def as_text(value: object) -> str:
    """A cell as text; whole numbers without decimals."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or value != value else str(value)

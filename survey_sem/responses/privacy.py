"""What is done to personal data before anything is written: pseudonyms, coarser values, masked texts.

A pseudonym is not anonymous: who holds the key, or the other answers of a respondent, may find the person.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.instrument.model import Generalised
from survey_sem.responses.personal_data import KINDS, Place, personal_places, written

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

DIGITS = 16
_MONTH = re.compile(r"\s*([12][0-9]{3})(?:\s?[-/.年]\s?([0-9]{1,2})(?![0-9])|([0-9]{2})[0-9]{2}(?![0-9])|(?![0-9]))")
_KIND_SHOWN = {kind: f"[{kind.replace('-', ' ')}]" for kind in KINDS}


def pseudonyms(column: Column, key: bytes | None) -> Column:
    """The values of a column replaced, equal ones by the same pseudonym.

    With a key: BLAKE2b of the value, keyed, 16 hexadecimal digits: the same value has the same pseudonym in every
    export that is read with that key. Without one: ``p1``, ``p2``, … in the order of first appearance, since a hash
    without a secret can be guessed by trying every address. 5, 5.0 and "5" are the same value.

    Parameters
    ----------
    column : Series, length n_rows
        Numbers or texts; missing values and blank texts stay missing.
    key : bytes or None
        The secret: 32 random bytes are good; of a longer one than 64 bytes its hash is the key.

    Raises
    ------
    OptionError
        ``empty-key``.
    """
    if key is not None and not key:
        raise OptionError("empty-key", "the key of the pseudonyms is empty", expected="at least 16 random bytes")
    return _by_value(column, _numbered if key is None else _hashing(key))


def generalised(column: Column, rule: Generalised) -> Column:
    """A column in coarser form; what cannot be read becomes missing, and is never kept as it was.

    ``year`` gives numbers (1995) and ``month`` texts ("1995-03"), of datetimes or of texts and numbers that begin with
    the year (``1995/3/12``, ``1995年3月``, ``19950312``). ``band`` gives texts: "20-24" where the width and all values
    are whole, else "20 to <22.5"; bands begin at multiples of the width. A text, not its lower end: a band must not
    pass for a measured number.

    Parameters
    ----------
    column : Series, length n_rows
        Dates or numbers.
    rule : Generalised
        What is kept.

    Raises
    ------
    OptionError
        ``wrong-generalisation``: bands of dates, or bands without a width above zero.
    """
    if rule.to == "band":
        return _bands(column, rule)
    months = _months(column, rule.to)
    if rule.to == "month":
        return _texts(np.where(np.isnat(months), np.nan, months.astype(str).astype(object)), column)
    years = months.astype("datetime64[Y]").astype(float) + 1970
    return _series(np.where(np.isnat(months), np.nan, years), column)


def masked_text(column: Column) -> tuple[Column, Mapping[str, int]]:
    """Free text with the personal data in it masked, and how many places were, by kind.

    A place becomes ``[phone]``, ``[email]``, ``[id number]``, ``[card]``, ``[account]`` or ``[link]``; what counts as
    one, :func:`survey_sem.responses.personal_data.personal_places` says. Names and street addresses are not found. A
    column without personal data is given back as it is.

    Parameters
    ----------
    column : Series, length n_rows
        Texts.
    """
    codes, values = _distinct(column)
    texts = [value if isinstance(value, str) else written(value) for value in values]
    rows = np.bincount(codes[codes >= 0], minlength=len(texts))
    counts: Counter[str] = Counter()
    for index, text in enumerate(texts):
        if places := list(personal_places(text)):
            texts[index] = _masked(text, places)
            for place in places:
                counts[place.kind] += int(rows[index])
    if not counts:
        return column, {}
    return _texts(np.array([*texts, np.nan], dtype=object)[codes], column), dict(sorted(counts.items()))


def _masked(text: str, places: Sequence[Place]) -> str:
    ends = [0, *(place.end for place in places)]
    kept = [text[end : place.start] + _KIND_SHOWN[place.kind] for end, place in zip(ends, places, strict=False)]
    return "".join((*kept, text[ends[-1] :]))


def _hashing(key: bytes) -> Callable[[list[str]], list[str]]:
    short = key if len(key) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(key).digest()
    keyed = hashlib.blake2b(key=short, digest_size=DIGITS // 2)

    def hashed(texts: list[str]) -> list[str]:
        found = []
        for text in texts:
            state = keyed.copy()
            state.update(text.encode("utf-8", "surrogatepass"))
            found.append(state.hexdigest())
        return found

    return hashed


def _numbered(texts: list[str]) -> list[str]:
    numbers: dict[str, int] = {}
    return [f"p{numbers.setdefault(text, len(numbers) + 1)}" for text in texts]


def _by_value(column: Column, replaced: Callable[[list[str]], list[str]]) -> Column:
    """Each distinct value replaced once; blank texts become missing."""
    codes, values = _distinct(column)
    texts = [written(value) for value in values]
    filled = [index for index, text in enumerate(texts) if text]
    found = np.full(len(texts) + 1, np.nan, dtype=object)  # the last is taken by -1: missing
    found[filled] = replaced([texts[index] for index in filled])
    return _texts(found[codes], column)


def _distinct(column: Column) -> tuple[np.ndarray[Any, np.dtype[np.int64]], list[object]]:
    """Positions of each row's value (-1: missing) and the values, in the order of first appearance."""
    import pandas as pd

    codes, values = pd.factorize(column)
    return codes, values.tolist()


def _months(column: Column, wanted: str) -> np.ndarray[Any, Any]:
    """The month of each date; where only years are wanted, a year alone is enough (its month is January)."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return np.asarray(column.dt.tz_localize(None).to_numpy(), dtype="datetime64[M]")
    codes, values = _distinct(column)
    texts = [_month(written(value), "01" if wanted == "year" else None) for value in values]
    months: np.ndarray[Any, Any] = np.array([*texts, "NaT"], dtype="datetime64[M]")[codes]
    return months


def _month(text: str, default: str | None) -> str:
    found = _MONTH.match(text)
    month = (found[2] or found[3] or default) if found else None
    return f"{found[1]}-{int(month):02}" if found and month and 1 <= int(month) <= 12 else "NaT"


def _bands(column: Column, rule: Generalised) -> Column:
    import pandas as pd

    width = rule.width or 0
    if width <= 0 or pd.api.types.is_datetime64_any_dtype(column.dtype):
        what = f"'{rule.name}' cannot be kept in bands of {width:g}"
        hint = "bands are of numbers and have a width above 0; of dates keep the year or the month"
        raise OptionError("wrong-generalisation", what, hint=hint)
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    present = numbers[~np.isnan(numbers)]
    is_whole = float(width).is_integer() and bool((present == np.floor(present)).all())
    positions = np.floor(numbers / width + 1e-9)  # 0.3 / 0.1 is 2.9999999999999996
    codes, lows = pd.factorize(positions)
    labels = [_band(position * width, width, is_whole) for position in lows.tolist()]
    return _texts(np.array([*labels, np.nan], dtype=object)[codes], column)


def _band(low: float, width: float, is_whole: bool) -> str:
    if not is_whole:
        return f"{low:.12g} to <{low + width:.12g}"
    high = low + width - 1
    if width == 1:
        return f"{low:.12g}"
    return f"{low:.12g}-{high:.12g}" if low >= 0 else f"{low:.12g} to {high:.12g}"


def _texts(values: np.ndarray[Any, Any], like: Column) -> Column:
    """A text column; `astype` alone would write missing values out in older versions of pandas."""
    found = _series(values, like)
    return found.astype("str").where(found.notna())


def _series(values: np.ndarray[Any, Any], like: Column) -> Column:
    import pandas as pd

    return pd.Series(values, index=like.index, name=like.name)

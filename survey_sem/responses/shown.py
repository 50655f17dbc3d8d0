"""What a finding may quote: codes and frequent texts, never what a single respondent wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from survey_sem.responses.cells import Cells, Flags, written_number

SHOWN_VALUES = 5
"""How many values a finding quotes."""
FREQUENT = 5
"""A text, or a number as long as a telephone number, is quoted when at least so many respondents gave it."""
_LONG_NUMBER = 1e6
_CODES = re.compile(r"-?[0-9０-９]{1,6}(?:[.][0-9]{1,4})?(?: ?[┋|→,;，；、] ?-?[0-9]{1,4}){0,10}")
"""Texts that are codes (``9``, ``-99``, ``1┋9``), in digits of any width: they tell on nobody."""
_LONG_TEXT = 20


def shown_values(cells: Cells, flags: Flags, *, private: bool = False) -> str:
    """The most frequent flagged values in words.

    Parameters
    ----------
    cells : Cells
        A column.
    flags : bool array, shape (n_values + 1,)
        Which values are meant.
    private : bool
        Whether no value may be quoted at all.
    """
    counts = cells.counts()
    meant = [int(at) for at in np.flatnonzero(flags[:-1]) if counts[at]]
    if private:
        return "values that are not shown (personal data)"
    quotable = [at for at in meant if _may_be_quoted(cells, at, int(counts[at]))]
    quotable.sort(key=lambda at: (-counts[at], cells.values[at]))
    quoted = [_quoted(cells, at) for at in quotable[:SHOWN_VALUES]]
    return _with_rest(quoted, len(meant) - len(quoted), "text" if cells.kind == "text" else "value")


def _may_be_quoted(cells: Cells, at: int, count: int) -> bool:
    if count >= FREQUENT:
        return True
    if cells.kind == "number":
        return abs(cells.values[at]) < _LONG_NUMBER or bool(np.isinf(cells.values[at]))
    return cells.kind == "text" and bool(_CODES.fullmatch(cells.values[at]))


def _quoted(cells: Cells, at: int) -> str:
    value = cells.values[at]
    if cells.kind == "number":
        return written_number(value)
    if cells.kind == "date":
        return str(value)[:10]
    return value if value.isascii() and _CODES.fullmatch(value) else repr(shortened(value))


def shortened(text: str) -> str:
    """At most 20 characters of a text."""
    return text if len(text) <= _LONG_TEXT else text[: _LONG_TEXT - 1] + "…"


def _with_rest(quoted: Sequence[str], n_more: int, noun: str) -> str:
    if not n_more:
        return ", ".join(quoted)
    if quoted:
        return f"{', '.join(quoted)} and {n_more} other {noun}{'s' if n_more != 1 else ''}"
    return f"1 {noun} that is not shown" if n_more == 1 else f"{n_more} different {noun}s"

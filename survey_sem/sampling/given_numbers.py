"""Numbers as a caller gives them: a text or a mapping in their place is an error by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.linalg import Array


def given_numbers(value: Any, what: str) -> Array:
    """A number or a sequence of numbers as an array (k,)."""
    try:
        found = np.atleast_1d(np.asarray(value))
    except ValueError:
        found = np.empty(0, dtype=object)
    if found.ndim != 1 or not len(found) or found.dtype.kind not in "iuf":
        raise OptionError("wrong-type", f"{what} is not a number", where=what, got=repr(value)[:80])
    return found.astype(np.float64)


def given_number(value: Any, what: str) -> float:
    """A single number."""
    found = given_numbers(value, what)
    if len(found) != 1:
        raise OptionError("wrong-type", f"{what} is not a single number", where=what, got=repr(value)[:80])
    return float(found[0])

"""The variables of an imputation as arrays: what is known, what is to be imputed, and what was never asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from survey_sem.linalg import Array, Indices

Codes = np.ndarray[tuple[int, ...], np.dtype[np.uint64]]

METHODS = ("pmm", "normal", "logistic", "multinomial", "sample")
"""How a variable can be imputed."""
NOMINAL = ("logistic", "multinomial")


@dataclass(frozen=True, eq=False)
class Variable:
    """One variable.

    Parameters
    ----------
    name : str
        Its column.
    values : float64 array (n,)
        Numbers, or positions of levels; what stands at missing or not-asked rows does not count.
    missing : array of row numbers
        Cells to impute, in order.
    not_asked : array of row numbers
        Cells that have no answer to impute.
    method : str
        One of `METHODS`; "" where nothing is missing.
    is_nominal : bool
        Levels without an order.
    delta : float
        Added to each imputed value.
    """

    name: str
    values: Array
    missing: Indices
    not_asked: Indices
    method: str = ""
    is_nominal: bool = False
    delta: float = 0.0

    @cached_property
    def others(self) -> Indices:
        """Rows that are no donors."""
        return np.union1d(self.missing, self.not_asked)

    @cached_property
    def observed(self) -> Indices:
        """Rows with an answer."""
        keep = np.ones(len(self.values), dtype=bool)
        keep[self.others] = False
        return np.flatnonzero(keep)

    @cached_property
    def table(self) -> Array:
        """The distinct observed values, in order."""
        return np.unique(self.values[self.observed])

    @cached_property
    def codes(self) -> Codes:
        """Position of every row's value in `table`; 0 where there is none."""
        found = np.zeros(len(self.values), dtype=np.uint64)
        found[self.observed] = np.searchsorted(self.table, self.values[self.observed])
        return found

    @cached_property
    def is_whole(self) -> bool:
        """Whether all observed values are whole numbers."""
        return bool((self.table == np.round(self.table)).all())

    @cached_property
    def scale(self) -> tuple[float, float]:
        """Mean and standard deviation of the observed values; the latter 0 where all are the same."""
        known = self.values[self.observed]
        if len(self.table) < 2:
            return (float(self.table[0]) if len(self.table) else 0.0), 0.0
        return float(known.mean()), float(known.std())

    @property
    def width(self) -> int:
        """Number of predictor columns that it makes."""
        return max(len(self.table) - 1, 0) if self.is_nominal else int(len(self.table) > 1)

    def predictor(self, values: Array) -> Array:
        """Predictor columns of some values (width, n): standardised numbers, or indicators of all levels but one."""
        if self.is_nominal:
            return np.asarray(values[None, :] == self.table[1:, None], dtype=np.float64)
        mean, sd = self.scale
        return ((values - mean) / sd)[None, :] if sd else np.zeros((0, len(values)))

    def initial(self, rng: np.random.Generator) -> Array:
        """Random observed values for the missing cells."""
        return self.values[self.observed[rng.integers(0, len(self.observed), len(self.missing))]]

    def shifted(self, values: Array, rng: np.random.Generator) -> Array:
        """Imputed values plus `delta`. Whole numbers are rounded to one of their neighbours at random, so that the
        shift holds on average, and kept within what was observed.
        """
        if not self.delta:
            return values
        moved = values + self.delta
        if not self.is_whole:
            return moved
        return np.clip(np.floor(moved + rng.random(len(moved))), self.table[0], self.table[-1])

"""The sampling covariance of totals, from one pass over blocks of rows.

Units that hold several rows are kept as totals, n_units x width. Where every row is its own unit, sums and
cross-products per stratum are enough; they are taken around a provisional mean, the one of the stratum's first rows,
so that totals far from zero lose no digits.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from survey_sem.linalg import Array, Indices, symmetric
from survey_sem.sampling.stages import Level, Sampling


class SampleTotals:
    """Totals of `width` weighted variables; made by `Sampling.totals`."""

    def __init__(self, sampling: Sampling, width: int) -> None:
        self._lonely = sampling.lonely
        self._parts: list[_Part] = [
            _RowTotals(level, width) if level.rows_are_units else _UnitTotals(level, width) for level in sampling.levels
        ]
        self._n_rows = sampling.n_rows
        self._total = np.zeros(width)

    @property
    def total(self) -> Array:
        """The totals so far (width,)."""
        return self._total

    def add(self, values: Array, rows: Indices | slice) -> None:
        """Add a block of rows.

        Parameters
        ----------
        values : array (width, block)
            Values times weights; zero outside the domain.
        rows : array of int (block,) or slice
            Positions of these rows in the sample, each at most once over all blocks; what is never added is zero.
        """
        self._total += values.sum(axis=1)
        for part in self._parts:
            part.add(values, part.level.unit[rows])

    def covariance(self) -> Array:
        """Sampling covariance of the totals (width, width)."""
        return symmetric(sum((self._of_stage(part) for part in self._parts), start=np.zeros(2 * self._total.shape)))

    def _of_stage(self, part: _Part) -> Array:
        level = part.level
        known = ~level.lonely
        weight = np.where(known, level.factor * level.size / np.maximum(level.size - 1, 1), 0.0)
        value = part.within(weight)
        lonely = level.lonely & level.inside
        if not lonely.any() or self._lonely in ("certainty", "remove"):
            return value
        if self._lonely == "adjust":
            return value + part.squared(np.where(lonely, level.factor, 0.0))
        n_known = int((known & level.inside).sum())
        return value * (1 + lonely.sum() / n_known) if n_known else np.full_like(value, np.nan)


class _Part(Protocol):
    """Totals of the units of one stage."""

    level: Level

    def add(self, values: Array, units: Indices) -> None:
        """Add values (width, block) of rows in these units."""

    def within(self, weight: Array) -> Array:
        """Squares of the units' totals around their stratum's mean, times the stratum's weight (n_strata,)."""

    def squared(self, weight: Array) -> Array:
        """Squares of the units' totals, times their stratum's weight (n_strata,)."""


class _UnitTotals:
    """Totals of each unit."""

    def __init__(self, level: Level, width: int) -> None:
        self.level = level
        self._totals = np.zeros((width, len(level.stratum)))

    def add(self, values: Array, units: Indices) -> None:
        found, sums = sums_by_code(values, units)
        self._totals[:, found] += sums

    def within(self, weight: Array) -> Array:
        stratum = self.level.stratum
        found, sums = sums_by_code(self._totals, stratum)
        means = np.zeros((len(self._totals), len(self.level.size)))
        means[:, found] = sums / self.level.size[found]
        scaled = (self._totals - means[:, stratum]) * np.sqrt(weight[stratum])
        return np.asarray(scaled @ scaled.T)

    def squared(self, weight: Array) -> Array:
        scaled = self._totals * np.sqrt(weight[self.level.stratum])
        return np.asarray(scaled @ scaled.T)


class _RowTotals:
    """Sums and cross-products per stratum around provisional means; the strata's weights are known beforehand."""

    def __init__(self, level: Level, width: int) -> None:
        self.level = level
        n_strata = len(level.size)
        self._weight = np.where(level.lonely, 1.0, level.factor * level.size / np.maximum(level.size - 1, 1))
        self._shift = np.zeros((width, n_strata))
        self._added = np.zeros(n_strata, dtype=np.intp)
        self._sums = np.zeros((width, n_strata))
        self._products = np.zeros((width, width))
        self._singles: list[tuple[Indices, Array]] = []

    def add(self, values: Array, units: Indices) -> None:
        strata = self.level.stratum[units]
        single = self.level.lonely[strata]
        if single.any():
            self._singles.append((strata[single], values[:, single]))
            values, strata = values[:, ~single], strata[~single]
        found, sums = sums_by_code(values, strata)
        counts = np.bincount(strata, minlength=len(self._added))[found]
        new = self._added[found] == 0
        self._shift[:, found[new]] = sums[:, new] / counts[new]
        self._added[found] += counts
        self._sums[:, found] += sums - counts * self._shift[:, found]
        scaled = (values - self._shift[:, strata]) * np.sqrt(self._weight[strata])
        self._products += scaled @ scaled.T

    def within(self, weight: Array) -> Array:
        zeros = np.where(self.level.lonely, 0, self.level.size - self._added)
        shift = self._shift * np.sqrt(weight * zeros)
        scaled = (self._sums - zeros * self._shift) * np.sqrt(weight / self.level.size)
        return np.asarray(self._products + shift @ shift.T - scaled @ scaled.T)

    def squared(self, weight: Array) -> Array:
        value = np.zeros_like(self._products)
        for strata, values in self._singles:
            scaled = values * np.sqrt(weight[strata])
            value += scaled @ scaled.T
        return value


def sums_by_code(values: Array, codes: Indices) -> tuple[Indices, Array]:
    """Sums of the columns of values (width, n) by code (n,): the codes that occur, ascending, and (width, n_codes)."""
    if not len(codes):
        return np.zeros(0, dtype=np.intp), np.zeros((len(values), 0))
    if np.any(codes[1:] < codes[:-1]):
        least = int(codes.min())
        if int(codes.max()) - least < 2 * len(codes):
            shifted = codes - least
            found = np.flatnonzero(np.bincount(shifted))
            return found + least, np.stack([np.bincount(shifted, weights=row)[found] for row in values])
        order = np.argsort(codes, kind="stable")
        values, codes = values[:, order], codes[order]
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
    return codes[starts], np.add.reduceat(values, starts, axis=1)

"""How a total varies from sample to sample: independent rows, clusters, or a whole sampling design.

The one door through which weights and design reach standard errors and tests. Whatever sums up rows asks for an
accumulator of its width, adds blocks of values that carry their weights, and takes the covariance of the total from it.
`survey_sem.sampling.Sampling` and `Replicates` are such designs, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from survey_sem.linalg import Array, Indices, symmetric
from survey_sem.sampling import Adjustment, LinearAdjustment, Sampling
from survey_sem.sampling.totals import sums_by_code


class Totals(Protocol):
    """Totals of some variables."""

    def add(self, values: Array, rows: Indices | slice) -> None:
        """Add values times weights (width, block) of the rows at these positions among all rows."""

    def covariance(self) -> Array:
        """Covariance of the totals (width, width)."""


class Scatter(Protocol):
    """A way of sampling all rows."""

    def totals(self, width: int) -> Totals:
        """An accumulator of `width` totals."""


class RowTotals:
    """Totals over independent rows, whose mean is zero: the covariance is the sum of squares."""

    def __init__(self, width: int) -> None:
        self._products = np.zeros((width, width))

    def add(self, values: Array, rows: Indices | slice) -> None:
        """Add a block; where its rows are does not matter."""
        del rows
        self._products += values @ values.T

    def covariance(self) -> Array:
        """Sum of the squares of the rows."""
        return symmetric(self._products)


class ClusterTotals:
    """Totals over clusters, whose mean is zero: G / (G - 1) times the sum of the squares of the clusters' totals.

    Parameters
    ----------
    codes : array of int (n,)
        The cluster of every row.
    n_clusters : int
        G, the clusters of the rows that belong.
    width : int
    """

    def __init__(self, codes: Indices, n_clusters: int, width: int) -> None:
        self._codes = codes
        self._n_clusters = n_clusters
        self._sums = np.zeros((width, int(codes.max(initial=-1)) + 1))

    def add(self, values: Array, rows: Indices | slice) -> None:
        """Add a block of rows."""
        found, sums = sums_by_code(values, self._codes[rows])
        self._sums[:, found] += sums

    def covariance(self) -> Array:
        """Covariance of the totals (width, width)."""
        factor = self._n_clusters / (self._n_clusters - 1.0)
        return symmetric(factor * (self._sums @ self._sums.T))


@dataclass(frozen=True, eq=False)
class AdjustedSampling:
    """A design whose weights were adjusted to known totals: only what the adjustments leave unexplained varies.

    Parameters
    ----------
    sampling : Sampling
    adjustments : tuple of Adjustment
        In the order in which they were made.
    """

    sampling: Sampling
    adjustments: tuple[Adjustment, ...]

    @cached_property
    def rules(self) -> tuple[LinearAdjustment, ...]:
        """The adjustments with their columns written out."""
        return tuple(adjustment.linear() for adjustment in self.adjustments)

    def totals(self, width: int) -> AdjustedTotals:
        """An accumulator of `width` totals."""
        return AdjustedTotals(self, width)


class AdjustedTotals:
    """Totals of residuals.

    A residual is the value less a combination of the adjustments' columns, so that the covariance of its total follows
    from the joint covariance of the totals of values and columns, and from the sums that the combination is made of:
    no row is held.
    """

    def __init__(self, design: AdjustedSampling, width: int) -> None:
        self._rules = design.rules
        self._width = width
        self._carried = np.vstack([rule.carried for rule in self._rules])
        self._totals = design.sampling.totals(width + len(self._carried))
        self._sums = [np.zeros((width, len(rule.taken))) for rule in self._rules]
        self._is_open = np.ones(design.sampling.n_rows, dtype=bool)

    def add(self, values: Array, rows: Indices | slice) -> None:
        """Add a block of rows."""
        self._totals.add(np.vstack([values, self._carried[:, rows]]), rows)
        self._is_open[rows] = False
        for sums, rule in zip(self._sums, self._rules, strict=True):
            sums += values @ rule.taken[:, rows].T

    def covariance(self) -> Array:
        """Covariance of the totals (width, width)."""
        if self._is_open.any():
            self.add(np.zeros((self._width, int(self._is_open.sum()))), np.flatnonzero(self._is_open))
        taken_off = -self._coefficients()
        joint = self._totals.covariance()
        own, crossed = joint[: self._width, : self._width], joint[: self._width, self._width :] @ taken_off.T
        return symmetric(own + crossed + crossed.T + taken_off @ joint[self._width :, self._width :] @ taken_off.T)

    def _coefficients(self) -> Array:
        """Of every adjustment's columns, the later ones fitted to what the earlier ones leave (width, columns)."""
        found: list[Array] = []
        for at, rule in enumerate(self._rules):
            sums = self._sums[at]
            for earlier, coefficients in zip(self._rules, found, strict=False):
                sums = sums - coefficients @ (earlier.carried @ rule.taken.T)
            found.append(sums @ rule.solver.T)
        return np.hstack(found)

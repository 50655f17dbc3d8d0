"""Statistics of a sample: the estimate under any weights, and every row's influence on it.

`estimate(weights)` is the statistic as a function of the weights, which replicate variances evaluate again;
`influence(weights, estimate, rows)` are its derivatives times the weights, (k, rows), whose total's sampling variance
is the linearised variance. Source: Deville (1999), Survey Methodology 25, 193-203.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from survey_sem.linalg import Array, Indices, vech_indices


class Statistic(Protocol):
    """k numbers of a sample of n rows."""

    @property
    def width(self) -> int:
        """k."""
        ...

    def estimate(self, weights: Array) -> Array:
        """The statistic (k,) under these weights (n,); NaN where nothing has a weight."""
        ...

    def influence(self, weights: Array, estimate: Array, rows: slice) -> Array:
        """Influence of a block of rows times their weights (k, rows)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows by group.

    Parameters
    ----------
    code : array of int (n,)
        Group of each row; n_groups and above: in none.
    n_groups : int
        How many there are.
    """

    code: Indices
    n_groups: int
    order: Indices | None = field(init=False)
    bounds: Indices = field(init=False)

    def __post_init__(self) -> None:
        single = self.n_groups == 1 and not self.code.any()
        order = None if single else np.argsort(self.code, kind="stable")
        counts = np.bincount(self.code, minlength=self.n_groups)[: self.n_groups]
        object.__setattr__(self, "order", order)
        object.__setattr__(self, "bounds", np.concatenate([[0], np.cumsum(counts)]))

    def rows(self, group: int) -> Indices | slice:
        """Positions of a group's rows."""
        if self.order is None:
            return slice(None)
        found: Indices = self.order[self.bounds[group] : self.bounds[group + 1]]
        return found

    def sums(self, values: Array, weights: Array) -> Array:
        """Weighted sums of values (k, n) by group, (n_groups, k)."""
        if self.order is None:
            return np.asarray(values @ weights)[None]
        found = np.empty((self.n_groups, len(values)))
        for group in range(self.n_groups):
            rows = self.rows(group)
            found[group] = values[:, rows] @ weights[rows]
        return found

    def spread(self, values: Array, rows: slice) -> Array:
        """Values (k, block) into the places of their groups (n_groups k, block), zero elsewhere."""
        if self.order is None:
            return values
        found: Array = np.zeros((self.n_groups, *values.shape))
        code = self.code[rows]
        here = np.flatnonzero(code < self.n_groups)
        found[code[here], :, here] = values[:, here].T
        return found.reshape(-1, values.shape[1])

    def own(self, by_group: Array, rows: slice) -> Array:
        """Columns of (n_groups, k) for the rows of a block (k, block); zero for rows of no group."""
        if self.order is None:
            return np.asarray(by_group[0][:, None])
        padded: Array = np.concatenate([by_group, np.zeros((1, by_group.shape[1]))])
        return padded[np.minimum(self.code[rows], self.n_groups)].T


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Weighted totals of values (k, n), by group."""

    values: Array
    groups: Groups

    @property
    def width(self) -> int:
        """Number of totals."""
        return self.groups.n_groups * len(self.values)

    def estimate(self, weights: Array) -> Array:
        """The totals, groups outermost."""
        return self.groups.sums(self.values, weights).ravel()

    def influence(self, weights: Array, estimate: Array, rows: slice) -> Array:
        """The weighted values."""
        return self.groups.spread(self.values[:, rows] * weights[rows], rows)


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Ratios of the totals of values (k, n) to those of `below` (k, n) or (1, n), by group; below 1: means."""

    values: Array
    below: Array
    groups: Groups

    @property
    def width(self) -> int:
        """Number of ratios."""
        return self.groups.n_groups * len(self.values)

    def estimate(self, weights: Array) -> Array:
        """The ratios, groups outermost."""
        return _over(self.groups.sums(self.values, weights), self.groups.sums(self.below, weights)).ravel()

    def influence(self, weights: Array, estimate: Array, rows: slice) -> Array:
        """w (y - r x) / X."""
        ratio = self.groups.own(estimate.reshape(self.groups.n_groups, -1), rows)
        scale = self.groups.own(_over(1.0, self.groups.sums(self.below, weights)), rows)
        with np.errstate(invalid="ignore"):
            found = (self.values[:, rows] - ratio * self.below[:, rows]) * (scale * weights[rows])
        return self.groups.spread(found, rows)


@dataclass(frozen=True, slots=True, eq=False)
class Covariances:
    """Variances and covariances of values (k, n), divisor (sum of weights)(n - 1)/n, as the lower triangle by rows."""

    values: Array
    groups: Groups
    n: Indices

    @property
    def width(self) -> int:
        """Number of elements."""
        return self.groups.n_groups * len(self.values) * (len(self.values) + 1) // 2

    def estimate(self, weights: Array) -> Array:
        """The elements, groups outermost."""
        means = self._means(weights)
        found = []
        for group in range(self.groups.n_groups):
            rows = self.groups.rows(group)
            centred = self.values[:, rows] - means[group][:, None]
            cov = _over((centred * weights[rows]) @ centred.T, weights[rows].sum())
            found.append(cov[vech_indices(len(cov))] * self._factor()[group])
        return np.concatenate(found)

    def influence(self, weights: Array, estimate: Array, rows: slice) -> Array:
        """w (c d_i d_j - v_ij) / W with d the distances from the mean; that of the mean itself adds nothing."""
        at, to = vech_indices(len(self.values))
        centred = self.values[:, rows] - self.groups.own(self._means(weights), rows)
        by_group = estimate.reshape(self.groups.n_groups, -1)
        total = self.groups.sums(np.ones((1, len(weights))), weights)
        factor = self.groups.own(self._factor()[:, None], rows)
        with np.errstate(invalid="ignore"):
            found = centred[at] * centred[to] * factor - self.groups.own(by_group, rows)
            found *= weights[rows] * self.groups.own(_over(1.0, total), rows)
        return self.groups.spread(found, rows)

    def _means(self, weights: Array) -> Array:
        return _over(self.groups.sums(self.values, weights), self.groups.sums(np.ones((1, len(weights))), weights))

    def _factor(self) -> Array:
        return _over(self.n.astype(np.float64), self.n - 1.0)


def _over(above: Array | float, below: Array | float) -> Array:
    """A quotient; NaN where the divisor is zero."""
    divisor = np.asarray(below, dtype=np.float64)
    shape = np.broadcast_shapes(np.shape(above), divisor.shape)
    return np.asarray(np.divide(above, divisor, out=np.full(shape, np.nan), where=divisor != 0))

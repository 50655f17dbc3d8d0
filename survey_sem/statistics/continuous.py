"""Means and covariances of continuous variables, from rows in one blocked pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from survey_sem.linalg import Array, Indices
from survey_sem.statistics.scatter import ClusterTotals, RowTotals, Scatter, Totals

if TYPE_CHECKING:
    from survey_sem.statistics.patterns import Patterns

BLOCK_ROWS = 4096
Divisor = Literal["n", "n-1"]


@dataclass(frozen=True, slots=True, eq=False)
class RowBlocks:
    """Rows that can be read again: one array per variable, and which rows count.

    Parameters
    ----------
    columns : tuple of 1-d arrays
        Numeric arrays of one length, one per variable; never copied.
    keep : array of row numbers, optional
        The rows that belong (None: all of them).
    labels : sequence, optional
        Labels of all rows, as the caller knows them; only handed back.
    clusters : array of int, optional
        Which cluster each of all rows belongs to; what is resampled are then clusters.
    weights : array, optional
        Sampling weights of all rows; None: every row counts once.
    scatter : Scatter, optional
        How all rows were sampled, where that is more than independent rows or clusters.
    """

    columns: tuple[np.ndarray[Any, Any], ...]
    keep: Indices | None = None
    labels: Any = None
    clusters: Indices | None = None
    weights: Array | None = None
    scatter: Scatter | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows that belong."""
        return len(self.columns[0]) if self.keep is None else len(self.keep)

    @property
    def kept_weights(self) -> Array | None:
        """Weights of the rows that belong; None where every row counts once."""
        return None if self.weights is None else self._kept(self.weights)

    @property
    def kept_clusters(self) -> Indices | None:
        """Clusters of the rows that belong, as they are numbered; None where rows stand for themselves."""
        return None if self.clusters is None else self._kept(self.clusters)

    @property
    def size(self) -> float:
        """Sum of the weights, or number of rows where there are none."""
        weights = self.kept_weights
        return float(self.n_rows) if weights is None else float(weights.sum())

    def totals(self, width: int) -> Totals:
        """An accumulator of weighted totals over these rows, which knows how they vary from sample to sample."""
        if self.scatter is not None:
            return self.scatter.totals(width)
        if self.clusters is not None:
            return ClusterTotals(self.clusters, self.n_units, width)
        return RowTotals(width)

    def cluster_codes(self) -> Indices | None:
        """Clusters of the rows that belong, numbered from 0 without gaps; None where rows stand for themselves."""
        codes = self.kept_clusters
        return None if codes is None else np.unique(codes, return_inverse=True)[1].ravel()

    @property
    def n_units(self) -> int:
        """Number of clusters, or of rows where there are none."""
        codes = self.kept_clusters
        return self.n_rows if codes is None else int(np.count_nonzero(np.bincount(codes)))

    def blocks(self, centre: Array | None = None, size: int = BLOCK_ROWS) -> Iterator[Array]:
        """The rows in order, as float64 blocks of shape (n_variables, at most `size`), less `centre` (n_variables,).

        One buffer serves all blocks: a block is overwritten when the next one is asked for.
        """
        for block, _ in self.placed_blocks(centre, size):
            yield block

    def placed_blocks(
        self, centre: Array | None = None, size: int = BLOCK_ROWS
    ) -> Iterator[tuple[Array, slice | Indices]]:
        """The same blocks, and where their rows are among all rows."""
        shift = np.zeros(len(self.columns)) if centre is None else centre
        buffer = np.empty((len(self.columns), min(size, self.n_rows)))
        for start in range(0, self.n_rows, size):
            stop = min(start + size, self.n_rows)
            block = buffer[:, : stop - start]
            at = slice(start, stop) if self.keep is None else self.keep[start:stop]
            for row, column, value in zip(block, self.columns, shift, strict=True):
                np.subtract(column[at], value, out=row)
            yield block, at

    def complete_rows(self) -> Indices:
        """Row numbers without a missing value (NaN) in any variable, of those that belong."""
        complete = np.ones(self.n_rows, dtype=bool)
        for column in self.columns:
            if column.dtype.kind == "f":
                complete &= ~np.isnan(self._kept(column))
        found = np.flatnonzero(complete)
        return found if self.keep is None else self.keep[found]

    def missing_counts(self) -> list[int]:
        """Number of missing values (NaN) of each variable, over the rows that belong."""
        return [int(np.isnan(self._kept(column)).sum()) if column.dtype.kind == "f" else 0 for column in self.columns]

    def _kept(self, column: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return column if self.keep is None else column[self.keep]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Sufficient statistics of one group.

    Parameters
    ----------
    names : tuple of str
        The p variables, in the order of the arrays.
    n_obs : float
        Number of observations behind the moments: the sum of their weights, where they have any.
    cov : array (p, p)
        Covariance matrix with the divisor that `divisor` names.
    mean : array (p,), optional
        Means; None where a published matrix came without them.
    divisor : {"n", "n-1"}
        Divisor of `cov`. Rows give "n"; published matrices are taken as "n-1".
    label : str
        Group label, "" for a single group.
    n_total : int
        Rows before listwise deletion.
    rows : RowBlocks, optional
        The rows themselves, for what moments cannot give (factor scores); never serialised.
    patterns : Patterns, optional
        Where rows have missing values and all that they have is used: their statistics by pattern. `cov` and `mean`
        are maximum likelihood moments then.
    n_analysed : int, optional
        Rows that were analysed, where their number is not `n_obs`.
    """

    names: tuple[str, ...]
    n_obs: float
    cov: Array
    mean: Array | None = None
    divisor: Divisor = "n"
    label: str = ""
    n_total: int = 0
    rows: RowBlocks | None = field(default=None, repr=False)
    patterns: Patterns | None = field(default=None, repr=False)
    n_analysed: int | None = None

    @property
    def n_rows(self) -> int:
        """Rows that were analysed."""
        return int(self.n_obs) if self.n_analysed is None else self.n_analysed

    def select(self, names: Sequence[str]) -> Moments:
        """The same moments for `names`, in that order; without the patterns of other variables."""
        if tuple(names) == self.names:
            return self
        at = [self.names.index(name) for name in names]
        rows = None if self.rows is None else replace(self.rows, columns=tuple(self.rows.columns[i] for i in at))
        mean = None if self.mean is None else self.mean[at]
        cov = self.cov[np.ix_(at, at)]
        return replace(self, names=tuple(names), cov=cov, mean=mean, rows=rows, patterns=None)

    def rescaled(self, divisor: Divisor) -> Moments:
        """The same moments with the covariance matrix on another divisor (N or N-1)."""
        if divisor == self.divisor:
            return self
        factor = (self.n_obs - 1) / self.n_obs
        cov = self.cov * factor if divisor == "n" else self.cov / factor
        return replace(self, cov=cov, divisor=divisor)

    def without_rows(self) -> Moments:
        """The same moments without the handle to the rows."""
        return replace(self, rows=None)

    @property
    def is_incomplete(self) -> bool:
        """Whether rows with missing values stand behind the moments."""
        return self.patterns is not None


def label_of(value: Any) -> str:
    """A group's label: whole numbers without a decimal point."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def sample_moments(rows: RowBlocks, names: Sequence[str], label: str = "", n_total: int | None = None) -> Moments:
    """Means and covariances (divisor N) of the rows, in one pass and without a copy of them.

    The values are centred at a pilot mean (the first block's) before cross-products are summed, so that large
    means do not cost digits. A missing value anywhere shows as NaN in `mean`.
    """
    n_variables = len(rows.columns)
    total, products = np.zeros(n_variables), np.zeros((n_variables, n_variables))
    pilot = np.zeros(n_variables)
    n_obs = rows.size
    with np.errstate(invalid="ignore", over="ignore"):  # infinity ends as NaN, which the caller looks for
        for first in islice(rows.blocks(), 1):
            pilot = first.mean(axis=1)
        for block, at in rows.placed_blocks(centre=pilot):
            weighted = block if rows.weights is None else block * rows.weights[at]
            total += weighted.sum(axis=1)
            products += weighted @ block.T
        shift = total / max(n_obs, 1e-300)
        cov = products / max(n_obs, 1e-300) - np.outer(shift, shift)
    return Moments(
        names=tuple(names),
        n_obs=rows.n_rows if rows.weights is None else n_obs,
        cov=(cov + cov.T) / 2.0,
        mean=pilot + shift,
        label=label,
        n_total=rows.n_rows if n_total is None else n_total,
        rows=rows,
        n_analysed=rows.n_rows,
    )

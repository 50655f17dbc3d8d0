"""Calibration columns without their copies: indicators once for every cell of rows, numeric variables by row.

All that calibration needs are scores, weighted totals and weighted cross-products; sums over the rows of a cell come
first, so that the work on indicators does not grow with the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_sem.linalg import Array, Indices


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """k columns of n rows.

    Parameters
    ----------
    by_cell : array (n_cells, k_cell)
        The first columns, of every cell.
    cell : array of int (n,), or None
        Cell of each row; None: every row is one.
    by_row : array (n, k_row)
        The other columns.
    """

    by_cell: Array
    cell: Indices | None
    by_row: Array

    @classmethod
    def of_rows(cls, columns: Array) -> Columns:
        """Columns (n, k) that are given row by row."""
        return cls(columns, None, np.zeros((len(columns), 0)))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.by_row)

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return int(self.by_cell.shape[1] + self.by_row.shape[1])

    def score(self, multipliers: Array) -> Array:
        """Columns times multipliers (k,), summed (n,); several sets (width, k) of them give (width, n)."""
        first = self.by_cell.shape[1]
        score = multipliers[..., :first] @ self.by_cell.T
        score = score if self.cell is None else score[..., self.cell]
        return np.asarray(score + multipliers[..., first:] @ self.by_row.T if self.by_row.shape[1] else score)

    def totals(self, weights: Array) -> Array:
        """Weighted totals (k,) under weights (n,); several sets (width, n) of them give (width, k)."""
        return np.concatenate([self._summed(weights) @ self.by_cell, weights @ self.by_row], axis=-1)

    def sizes(self, weights: Array) -> Array:
        """Weighted totals (k,) of absolute values, under absolute weights (n,)."""
        weights = np.abs(weights)
        return np.concatenate([self._summed(weights) @ np.abs(self.by_cell), weights @ np.abs(self.by_row)])

    def squares(self, weights: Array) -> Array:
        """Weighted totals (k,) of squares."""
        by_row = np.einsum("i,ij,ij->j", weights, self.by_row, self.by_row)
        return np.concatenate([self._summed(weights) @ self.by_cell**2, by_row])

    def products(self, weights: Array) -> Array:
        """Weighted cross-products (k, k) under weights (n,)."""
        first = self.by_cell.shape[1]
        found = np.empty((self.n_columns, self.n_columns))
        found[:first, :first] = (self.by_cell * self._summed(weights)[:, None]).T @ self.by_cell
        weighted = self.by_row * weights[:, None]
        found[first:, first:] = weighted.T @ self.by_row
        for at in range(self.by_row.shape[1]):
            found[first + at, :first] = found[:first, first + at] = self._summed(weighted[:, at]) @ self.by_cell
        return found

    def only(self, kept: Indices) -> Columns:
        """Some of the columns, ascending."""
        first = self.by_cell.shape[1]
        return Columns(self.by_cell[:, kept[kept < first]], self.cell, self.by_row[:, kept[kept >= first] - first])

    def scaled(self, size: Array) -> Columns:
        """The columns divided by sizes (k,)."""
        first = self.by_cell.shape[1]
        return Columns(self.by_cell / size[:first], self.cell, self.by_row / size[first:])

    def _summed(self, weights: Array) -> Array:
        if self.cell is None:
            return weights
        if weights.ndim == 1:
            return sums_of(self.cell, weights, len(self.by_cell))
        return np.stack([sums_of(self.cell, row, len(self.by_cell)) for row in weights])


def sums_of(codes: Indices, values: Array, size: int) -> Array:
    """Sums (size,) of values (n,) by code (n,)."""
    return np.asarray(np.bincount(codes, values, minlength=size), dtype=np.float64)

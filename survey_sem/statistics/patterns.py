"""Patterns of missing values: rows that have the same variables observed, summed up together.

A pattern's rows enter a normal likelihood through their number, their mean and their cross-products only. Both are
held as columns of an array with a row per variable, zero where the pattern has nothing: the mean, and deviations whose
products sum to the cross-products (those of a small pattern are its rows, those of a large one a factor of as many
columns as it has variables). Memory is bounded by the rows themselves, and shrinks with the number of patterns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from survey_sem.linalg import Array, Indices
from survey_sem.statistics.continuous import BLOCK_ROWS, RowBlocks

Bools = NDArray[np.bool_]

LARGE = 4
"""A pattern with more rows than this many times its variables is held as a factor of its cross-products."""
CHUNK_COLUMNS, CHUNK_PATTERNS = 4096, 1024
"""Columns and patterns that are worked on at once."""
CHUNK_NUMBERS = 2_000_000
"""Numbers that the inverses of a chunk may hold."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some patterns with equally many missing variables, and where their columns are.

    Parameters
    ----------
    first, last : int
        The patterns, half open.
    first_deviation, last_deviation : int
        Their deviations, half open.
    missing, observed : arrays (k, patterns), (p - k, patterns)
        Variables that each pattern lacks and has.
    of : array
        For every column (the means, then the deviations) its pattern, counted from `first`.
    """

    first: int
    last: int
    first_deviation: int
    last_deviation: int
    missing: Indices
    observed: Indices
    of: Indices

    @property
    def by_missing(self) -> bool:
        """Whether the missing side of the covariance matrix is the smaller one."""
        return len(self.missing) <= len(self.observed)

    @property
    def side(self) -> Indices:
        """The variables of the smaller side."""
        return self.missing if self.by_missing else self.observed


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Sufficient statistics of rows with missing values.

    Parameters
    ----------
    n_obs : int
        Rows with at least one observed variable.
    observed : array of bool (p, r)
        What each of the r patterns has; sorted by the number of missing variables.
    counts : array (r,)
        Rows of each pattern.
    weights : array (r,)
        Sum of the weights of each pattern's rows; `counts` where every row counts once.
    centre : array (p,)
        Subtracted from all values: the available means.
    means : array (p, r)
        Means of each pattern, less `centre`.
    deviations : array (p, c)
        Divided by the root of `size`; products of a pattern's columns sum to its share of the cross-products.
    order : array (n_obs,)
        Positions of the rows, among those that `RowBlocks` hands out, in the order of the patterns.
    chunks : tuple of Chunk
    """

    n_obs: int
    observed: Bools
    counts: Indices
    weights: Array
    centre: Array
    means: Array
    deviations: Array
    order: Indices
    chunks: tuple[Chunk, ...] = field(repr=False)

    @property
    def size(self) -> float:
        """Sum of the weights of all rows."""
        return float(self.weights.sum())

    @property
    def shares(self) -> Array:
        """Share of each pattern in `size` (r,)."""
        return np.asarray(self.weights / self.weights.sum())

    @property
    def n_cells(self) -> float:
        """Number of observed values, each with its weight."""
        return float(self.observed.sum(axis=0) @ self.weights)

    def coverage(self) -> Array:
        """Share of the rows in which two variables are both observed (p, p)."""
        seen = self.observed.astype(np.float64)
        return np.asarray((seen * self.shares) @ seen.T)

    def columns(self, chunk: Chunk, mu: Array) -> Array:
        """Columns of a chunk around `mu`, each pattern's mean scaled by the root of its share (p, columns)."""
        n_means = chunk.last - chunk.first
        found = np.empty((len(mu), len(chunk.of)))
        at = slice(chunk.first, chunk.last)
        shift = (mu - self.centre)[:, None]
        np.subtract(self.means[:, at], shift, out=found[:, :n_means])
        found[:, :n_means] *= self.observed[:, at] * np.sqrt(self.shares[at])
        found[:, n_means:] = self.deviations[:, chunk.first_deviation : chunk.last_deviation]
        return found

    def available_moments(self) -> tuple[Array, Array]:
        """Means and variances (divisor n) of every variable over the rows that have it."""
        seen = (self.observed * self.shares).sum(axis=1)
        shift = (self.means * self.shares).sum(axis=1) / seen
        squares = (self.deviations**2).sum(axis=1) + (self.means**2 * self.shares).sum(axis=1)
        return self.centre + shift, squares / seen - shift**2

    def blocks(self, rows: RowBlocks, centre: Array) -> Iterator[tuple[Chunk, Indices, Array, Indices]]:
        """The rows themselves, by chunk: the chunk, each row's pattern in it, values less `centre` (p, n), 0 where
        missing, and where the rows are among all rows.
        """
        starts = np.concatenate([[0], np.cumsum(self.counts)])
        keep = np.arange(len(rows.columns[0])) if rows.keep is None else rows.keep
        for chunk in self.chunks:
            first, last = starts[chunk.first], starts[chunk.last]
            of = np.repeat(np.arange(chunk.last - chunk.first), self.counts[chunk.first : chunk.last])
            for start in range(first, last, BLOCK_ROWS):
                stop = min(start + BLOCK_ROWS, last)
                at = keep[self.order[start:stop]]
                yield chunk, of[start - first : stop - first], _filled(rows, at, centre), at


def _filled(rows: RowBlocks, at: Indices, centre: Array) -> Array:
    """Values of some rows less `centre`, zero where missing (p, n)."""
    block = np.empty((len(rows.columns), len(at)))
    for out, column, value in zip(block, rows.columns, centre, strict=True):
        np.subtract(column[at], value, out=out)
    np.nan_to_num(block, copy=False, nan=0.0)
    return block


def find_patterns(rows: RowBlocks) -> Patterns:
    """Sort the rows into patterns and sum them up. Rows without any observed variable are left out."""
    seen = _observed(rows)
    observed, of = _distinct(seen)
    n_missing = (~observed).sum(axis=0)
    ranking = np.lexsort((*observed[::-1], n_missing))
    ranking = ranking[n_missing[ranking] < len(observed)]
    rank = np.full(observed.shape[1], len(ranking))
    rank[ranking] = np.arange(len(ranking))
    own = rank[of]
    order = np.argsort(own, kind="stable")
    counts = np.bincount(own, minlength=len(ranking) + 1)[: len(ranking)]
    order = order[: counts.sum()]
    return summed(rows, np.ascontiguousarray(observed[:, ranking]), counts, order)


def _observed(rows: RowBlocks) -> Bools:
    """What every row has (p, n)."""
    found = np.ones((len(rows.columns), rows.n_rows), dtype=bool)
    for seen, column in zip(found, rows.columns, strict=True):
        if column.dtype.kind == "f":
            np.logical_not(np.isnan(column if rows.keep is None else column[rows.keep]), out=seen)
    return found


def _distinct(seen: Bools) -> tuple[Bools, Indices]:
    """The distinct columns, and for every column which of them it is."""
    packed = np.packbits(seen, axis=0)
    words = np.zeros((-(-len(packed) // 8) * 8, packed.shape[1]), dtype=np.uint8)
    words[: len(packed)] = packed
    keys = np.ascontiguousarray(words.T).view(np.uint64)
    if keys.shape[1] == 1:
        _, first, of = np.unique(keys[:, 0], return_index=True, return_inverse=True)
    else:
        whole = keys.view([("", np.uint64)] * keys.shape[1])[:, 0]
        _, first, of = np.unique(whole, return_index=True, return_inverse=True)
    return seen[:, first], of.reshape(-1)


def summed(rows: RowBlocks, observed: Bools, counts: Indices, order: Indices) -> Patterns:
    """Sufficient statistics of sorted rows; see `Patterns` for the parameters."""
    n_obs, n_variables = len(order), len(observed)
    keep = np.arange(len(rows.columns[0])) if rows.keep is None else rows.keep
    centre = _available_means(rows, keep[order])
    weights = np.ones(n_obs) if rows.weights is None else rows.weights[keep[order]]
    large = counts > LARGE * np.maximum(n_variables - (~observed).sum(axis=0), 1)
    starts = np.concatenate([[0], np.cumsum(counts)])
    means = np.zeros(observed.shape)
    n_columns = np.where(large, observed.sum(axis=0), np.where(counts > 1, counts, 0))
    firsts = np.concatenate([[0], np.cumsum(n_columns)])
    deviations = np.zeros((n_variables, firsts[-1]))
    for at in np.flatnonzero(large):
        has = observed[:, at]
        its = slice(starts[at], starts[at + 1])
        means[has, at], factor = _factored(rows, keep[order[its]], weights[its], centre, has)
        deviations[has, firsts[at] : firsts[at + 1]] = factor
    small = np.flatnonzero(~large)
    if len(small):
        _add_small(rows, keep[order], weights, (observed, counts, starts, firsts, centre, small), means, deviations)
    deviations /= np.sqrt(weights.sum())
    by_pattern = np.add.reduceat(weights, starts[:-1]) if len(counts) else np.zeros(0)
    chunks = tuple(_chunks(observed, n_columns, firsts))
    return Patterns(n_obs, observed, counts, by_pattern, centre, means, deviations, order, chunks)


def _available_means(rows: RowBlocks, at: Indices) -> Array:
    found = np.zeros(len(rows.columns))
    for k, column in enumerate(rows.columns):
        values = column[at]
        if values.dtype.kind == "f":
            values = values[~np.isnan(values)]
        found[k] = values.mean() if len(values) else 0.0
    return found


def _factored(rows: RowBlocks, at: Indices, weights: Array, centre: Array, has: Bools) -> tuple[Array, Array]:
    """Mean of a large pattern less `centre`, and a square factor of its cross-products around the mean."""
    size = int(has.sum())
    total, products = np.zeros(size), np.zeros((size, size))
    for start in range(0, len(at), BLOCK_ROWS):
        here = slice(start, start + BLOCK_ROWS)
        block = _filled(rows, at[here], centre)[has]
        weighted = block if rows.weights is None else block * weights[here]
        total += weighted.sum(axis=1)
        products += weighted @ block.T
    whole = max(float(weights.sum()), 1e-300)
    mean = total / whole
    values, vectors = np.linalg.eigh(products - whole * np.outer(mean, mean))
    return mean, vectors * np.sqrt(np.maximum(values, 0.0))


def _add_small(
    rows: RowBlocks,
    at: Indices,
    weights: Array,
    sorted_by: tuple[Bools, Indices, Indices, Indices, Array, Indices],
    means: Array,
    deviations: Array,
) -> None:
    """Means and deviations of the patterns that are held row by row, some patterns at a time."""
    observed, counts, starts, firsts, centre, small = sorted_by
    ends = np.cumsum(counts[small])
    cuts = np.unique(np.searchsorted(ends, np.arange(BLOCK_ROWS, ends[-1] + BLOCK_ROWS, BLOCK_ROWS)))
    for part in np.split(small, cuts):
        if not len(part):
            continue
        n = counts[part]
        of = np.repeat(np.arange(len(part)), n)
        inner = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        own = starts[part][of] + inner
        block, weight = _filled(rows, at[own], centre), weights[own]
        first = np.cumsum(n) - n
        mean = np.add.reduceat(block * weight, first, axis=1) / np.maximum(np.add.reduceat(weight, first), 1e-300)
        means[:, part] = mean
        several = n[of] > 1
        to = firsts[part][of] + inner
        scaled = (block - mean[:, of]) * observed[:, part[of]] * np.sqrt(weight)
        deviations[:, to[several]] = scaled[:, several]


def _chunks(observed: Bools, n_columns: Indices, firsts: Indices) -> Iterator[Chunk]:
    """Runs of patterns with equally many missing variables, cut into pieces."""
    n_missing = (~observed).sum(axis=0)
    p, r = observed.shape
    first = 0
    while first < r:
        k = int(n_missing[first])
        side = min(k, p - k)
        columns = max(64, min(CHUNK_COLUMNS, CHUNK_NUMBERS // max(side * side, 1)))
        patterns = min(CHUNK_PATTERNS, columns, max(16, 2 * CHUNK_NUMBERS // (p * (p + 1))))
        run = int(np.searchsorted(n_missing, k, side="right"))
        last = min(run, first + patterns)
        fitting = int(np.searchsorted(firsts, firsts[first] + columns, side="right")) - 1
        last = max(first + 1, min(last, fitting))
        at = slice(first, last)
        local = np.arange(last - first)
        yield Chunk(
            first,
            last,
            int(firsts[first]),
            int(firsts[last]),
            np.ascontiguousarray(np.nonzero(~observed[:, at].T)[1].reshape(last - first, k).T),
            np.ascontiguousarray(np.nonzero(observed[:, at].T)[1].reshape(last - first, p - k).T),
            np.concatenate([local, np.repeat(local, n_columns[at])]),
        )
        first = last

"""Moments of resampled rows, many draws at a time.

A draw is a count for every row; its moments are these counts times the rows' cross-products, so that all draws of a
block of rows are one matrix product and no row is ever gathered. Values that are small whole numbers, such as the codes
of answers, are summed in single precision, which is exact for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from survey_sem.linalg import Array, Indices, vech_indices
from survey_sem.statistics.continuous import RowBlocks

UNIT_BLOCK = 2048
"""Rows of a block: the counts of a chunk of draws then stay in the cache."""
SMALLEST_BLOCK, WIDEST = 128, 1_500_000
"""Of many variables, fewer rows are squared at a time, so that no more than so many products are held."""
EXACT = 2**24
"""Whole numbers below this are exact in single precision."""


@dataclass(frozen=True, slots=True, eq=False)
class ResampledMoments:
    """Moments of one group in R draws.

    `cov` (R, p, p) has the divisor N, `mean` is (R, p), `n_obs` (R,) the number of rows drawn.
    """

    cov: Array
    mean: Array
    n_obs: Array


class Draws(Protocol):
    """Where the counts of a chunk of draws come from."""

    n_draws: int
    is_whole: bool

    def counts(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """How often each of the units `start` to `stop` is drawn, shape (n_draws, stop - start); asked for in order."""


class UniformDraws:
    """As many units as there are, drawn with replacement; the stream decides everything.

    How many fall into each block is drawn first, then which ones they are.
    """

    is_whole = True

    def __init__(self, stream: np.random.Generator, n_draws: int, n_units: int) -> None:
        self.n_draws = n_draws
        self._stream = stream
        sizes = np.diff(np.append(np.arange(0, n_units, UNIT_BLOCK), n_units))
        self._totals = stream.multinomial(n_units, sizes / n_units, size=n_draws)

    def counts(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Counts of one block, whose bounds are multiples of `UNIT_BLOCK`."""
        totals = self._totals[:, start // UNIT_BLOCK]
        drawn = self._stream.integers(0, stop - start, size=int(totals.sum()), dtype=np.uint16)
        counts = np.empty((self.n_draws, stop - start), dtype=np.float32)
        ends = np.cumsum(totals)
        for row, (first, last) in enumerate(zip((ends - totals).tolist(), ends.tolist(), strict=True)):
            counts[row] = np.bincount(drawn[first:last], minlength=stop - start)
        return counts


class ListedDraws:
    """Draws that are known: the units of each draw, by their positions (n_draws, any)."""

    is_whole = True

    def __init__(self, positions: Indices, n_units: int) -> None:
        self.n_draws = len(positions)
        self._counts = np.stack([np.bincount(each, minlength=n_units) for each in positions]).astype(np.float32)

    def counts(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Counts of the units from `start` to `stop`."""
        return self._counts[:, start:stop]


class GivenDraws:
    """Draws whose counts are known, or that count units by other numbers: `factors` (n_draws, n_units)."""

    is_whole = False

    def __init__(self, factors: Array) -> None:
        self.n_draws = len(factors)
        self._factors = factors

    def counts(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Factors of the units from `start` to `stop`."""
        return self._factors[:, start:stop]


def unit_factors(stream: np.random.Generator, n_draws: int, strata: Indices, *, rescaled: bool) -> Array:
    """How often each of the sampled units is drawn (n_draws, n_units), stratum by stratum with replacement.

    Parameters
    ----------
    strata : array of int (n_units,)
        The units' strata, from 0.
    rescaled : bool
        Whether n_h - 1 units of a stratum are drawn, and count n_h / (n_h - 1) times (Rao & Wu 1988,
        doi:10.1080/01621459.1988.10478591), so that variances are unbiased in strata of few units; else n_h. A
        stratum of one unit is always drawn.
    """
    found = np.empty((n_draws, len(strata)))
    order = np.argsort(strata, kind="stable")
    sizes = np.bincount(strata)
    for members in np.split(order, np.cumsum(sizes)[:-1]):
        size = len(members)
        n_drawn = size - 1 if rescaled and size > 1 else size
        counts = stream.multinomial(n_drawn, np.full(size, 1.0 / size), size=n_draws)
        found[:, members] = counts * (size / n_drawn)
    return found


def resampled_moments(rows: RowBlocks, centre: Array, draws: Draws) -> ResampledMoments:
    """Moments of every draw.

    Parameters
    ----------
    rows : RowBlocks
        Without missing values.
    centre : array (p,)
        Sample means: cross-products are taken around them, so that large means do not cost digits.
    draws : Draws
        Counts of rows, or of clusters where the rows have them.
    """
    p = len(centre)
    shift = _whole(rows, centre) if draws.is_whole and rows.weights is None else None
    used = np.asarray(centre if shift is None else shift, dtype=np.float64)
    total = np.zeros((draws.n_draws, 1 + p + p * (p + 1) // 2))
    counts, n_units = np.zeros((draws.n_draws, 0), dtype=np.float32), rows.n_units
    for start, stop, values in _units(rows, used, single=shift is not None):
        first = start - start % UNIT_BLOCK
        if start == first:
            counts = draws.counts(start, min(start + UNIT_BLOCK, n_units)).astype(values.dtype, copy=False)
        total += counts[:, start - first : stop - first] @ values.T
    n_obs = total[:, :1]
    mean = total[:, 1 : p + 1] / n_obs
    at, to = vech_indices(p)
    cov = np.empty((draws.n_draws, p, p))
    cov[:, at, to] = total[:, p + 1 :] / n_obs - mean[:, at] * mean[:, to]
    cov[:, to, at] = cov[:, at, to]
    return ResampledMoments(cov, mean + used, n_obs[:, 0])


def _whole(rows: RowBlocks, centre: Array) -> Array | None:
    """The whole numbers to centre at where sums of a block are then exact in single precision, else None."""
    if any(column.dtype.kind == "b" for column in rows.columns):
        return None
    shift = np.round(centre)
    largest = 0.0
    for block in rows.blocks(shift):
        if (block != np.round(block)).any():
            return None
        largest = max(largest, float(np.abs(block).max(initial=0.0)))
    return shift if 4 * UNIT_BLOCK * largest**2 < EXACT else None


def _units(rows: RowBlocks, centre: Array, *, single: bool) -> Iterator[tuple[int, int, np.ndarray[Any, Any]]]:
    """Blocks of units: first, last + 1, and weighted (1, z, vech(z z')) summed over each unit, variables x units."""
    clusters = rows.cluster_codes()
    kind = np.float32 if single and clusters is None else np.float64
    p, size = len(centre), UNIT_BLOCK
    width = 1 + p + p * (p + 1) // 2
    while size > SMALLEST_BLOCK and size * width > WIDEST:
        size //= 2
    buffer = np.empty((width, min(size, rows.n_rows)), dtype=kind)
    totals = None if clusters is None else np.zeros((int(clusters.max(initial=-1)) + 1, len(buffer)))
    start = 0
    for block, where in rows.placed_blocks(centre, size):
        stop = start + block.shape[1]
        values = buffer[:, : stop - start]
        values[0] = 1.0
        values[1 : p + 1] = block
        at = p + 1
        for k in range(1, p + 1):  # row k of the lower triangle
            np.multiply(values[k], values[1 : k + 1], out=values[at : at + k])
            at += k
        if rows.weights is not None:
            values *= rows.weights[where].astype(kind, copy=False)
        if totals is None or clusters is None:
            yield start, stop, values
        else:
            np.add.at(totals, clusters[start:stop], values.T)
        start = stop
    if totals is not None:
        for start in range(0, len(totals), size):
            stop = min(start + size, len(totals))
            yield start, stop, np.ascontiguousarray(totals[start:stop].T)

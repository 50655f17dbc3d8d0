"""Gamma: N times the sampling covariance of one group's moments, from one blocked pass over the rows.

Moments are (mean, vech S), each element once; without a mean structure vech S alone. The influence of row y is
(z, vech(z z' - S)) with z = y - mean, so that quadratic forms in Gamma need sums of products of few projections of the
rows: the matrix itself, of p* x p* elements, is made only where an estimator inverts it.
Source: Browne (1984), doi:10.1111/j.2044-8317.1984.tb00789.x.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from survey_sem.linalg import Array, Indices, vech, vech_indices
from survey_sem.statistics.continuous import RowBlocks

WIDE_BLOCK = 1_000_000
"""Numbers that a block of influences may hold."""
WIDEST = 512
"""Totals of units that are held at once where only their variances are wanted."""


def gamma(rows: RowBlocks, mean: Array, cov: Array, *, with_mean: bool) -> Array:
    """The whole matrix (m, m), distribution free, centred at the sample moments: N times what the moments vary.

    N is the sum of the weights, where there are any; clusters and designs come in through `RowBlocks.totals`.

    Parameters
    ----------
    rows : RowBlocks
        Without missing values.
    mean, cov : arrays (p,), (p, p)
        Sample moments, divisor N.
    with_mean : bool
        Whether means are among the moments: m = p + p*, else p*.
    """
    totals = rows.totals(len(mean) * (len(mean) + 1) // 2 + (len(mean) if with_mean else 0))
    for values, at in influences(rows, mean, cov, with_mean=with_mean):
        totals.add(values, at)
    return totals.covariance() / rows.size


def influences(rows: RowBlocks, mean: Array, cov: Array, *, with_mean: bool) -> Iterator[tuple[Array, Indices | slice]]:
    """Weighted influences of the rows on their moments (m, block), and where these rows are; one buffer serves all."""
    p = len(mean)
    first, second = vech_indices(p)
    n_means = p if with_mean else 0
    centre = np.concatenate([np.zeros(n_means), vech(cov)])
    size = max(256, WIDE_BLOCK // len(centre))
    buffer = np.empty((len(centre), min(size, rows.n_rows)))
    for block, at in rows.placed_blocks(mean, size):
        part = buffer[:, : block.shape[1]]
        part[:n_means] = block[:n_means]
        np.multiply(block[first], block[second], out=part[n_means:])
        part -= centre[:, None]
        if rows.weights is not None:
            part *= rows.weights[at]
        yield part, at


def projections(
    rows: RowBlocks, centre: Array, factors: tuple[Array, Array, Array], constant: Array
) -> Iterator[tuple[Array, Indices | slice]]:
    """Weighted s of the rows (k, block), s_k = (u_k'z)(v_k'z) + w_k'z - constant_k and z = y - centre.

    Parameters
    ----------
    rows : RowBlocks
        Without missing values.
    centre : array (p,)
        Sample or implied means.
    factors : arrays (k, p)
        u, v and w.
    constant : array (k,)

    Yields
    ------
    s : array (k, block)
    at : slice or array
        Where these rows are among all rows.
    """
    u, v, w = factors
    has_means = bool(w.any())
    for block, at in rows.placed_blocks(centre):
        part = (u @ block) * (v @ block)
        if has_means:
            part += w @ block
        part -= constant[:, None]
        if rows.weights is not None:
            part *= rows.weights[at]
        yield part, at


def normal_trace(rows: RowBlocks, mean: Array, cov: Array, precision: Array, *, with_mean: bool) -> float:
    """tr(W Gamma) with W the normal-theory weight of a covariance matrix whose inverse is `precision`.

    The mean over rows of d' W d = z'Pz + tr((P (z z' - S))^2) / 2, the first term only with means.
    """
    if rows.clusters is not None or rows.scatter is not None:
        return _designed_trace(rows, mean, cov, precision, with_mean=with_mean)
    turned = precision @ cov @ precision
    constant = 0.5 * float(np.sum(turned * cov))
    total = squares = 0.0
    for block, at in rows.placed_blocks(mean):
        square = np.ones(block.shape[1]) if rows.weights is None else rows.weights[at] ** 2
        length = np.einsum("ij,ij->j", block, precision @ block)
        total += float(0.5 * (length * square) @ length - np.einsum("ij,ij,j->", block, turned @ block, square))
        squares += float(square.sum())
        if with_mean:
            total += float(length @ square)
    return (total + constant * squares) / rows.size


def _designed_trace(rows: RowBlocks, mean: Array, cov: Array, precision: Array, *, with_mean: bool) -> float:
    """The same where totals vary by design: with x = P^(1/2) z, the variances of x and of vech(x x' - C) add up."""
    values, vectors = np.linalg.eigh(precision)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    p = len(mean)
    first, second = vech_indices(p)
    scale = np.where(first == second, np.sqrt(0.5), 1.0)
    constant = scale * vech(root @ cov @ root)
    width = p + len(first)
    parts = [np.arange(start, min(start + WIDEST, width)) for start in range(0 if with_mean else p, width, WIDEST)]
    found = 0.0
    for part in parts:  # some columns at a time: a design holds a total per unit
        totals = rows.totals(len(part))
        means, stars = part[part < p], part[part >= p] - p
        for block, at in rows.placed_blocks(mean):
            turned = root @ block
            quadratic = turned[first[stars]] * turned[second[stars]] * scale[stars, None] - constant[stars, None]
            influence = np.concatenate([turned[means], quadratic])
            totals.add(influence if rows.weights is None else influence * rows.weights[at], at)
        found += float(np.trace(totals.covariance()))
    return found / rows.size

"""Gamma: N times the sampling covariance of one group's moments, from one blocked pass over the rows.

Moments are (mean, vech S), each element once; without a mean structure vech S alone. The influence of row y is
(z, vech(z z' - S)) with z = y - mean, so that quadratic forms in Gamma need sums of products of few projections of the
rows: the matrix itself, of p* x p* elements, is made only where an estimator inverts it.
Source: Browne (1984), doi:10.1111/j.2044-8317.1984.tb00789.x.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from survey_sem.linalg import Array, Indices, symmetric_root, vech, vech_indices
from survey_sem.statistics.continuous import RowBlocks

WIDE_BLOCK = 1_000_000
"""Numbers that a block of influences may hold."""
LEAST_ROWS = 1024
"""Rows of a block, however wide: their products are added to a matrix of m x m elements, which costs by the block."""
SMALL_BLOCK = 1024
"""Rows whose products are summed up by unit while they are in the cache."""
WIDEST, HELD = 512, 8_000_000
"""Totals that are taken at once where only their variances are wanted; numbers that the totals of units may hold."""


Blocks = Iterator[tuple[Array, Indices | slice]]
"""Weighted values of rows (k, block), and where these rows are among all rows."""


def gamma(
    rows: RowBlocks,
    mean: Array,
    cov: Array,
    *,
    with_mean: bool,
    fitted: Array | None = None,
    root: Array | None = None,
) -> Array:
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
    fitted : array (p, p), optional
        F, with F z what fixed exogenous variables predict of z, themselves included: they do not vary, and only what
        they leave of the moments does.
    root : array (p, p), optional
        The moments are those of ``root @ z``, variances times the root of 1/2: where root' root = Sigma^-1, the
        normal-theory weight of these moments is the identity.
    """
    totals = rows.totals(len(mean) * (len(mean) + 1) // 2 + (len(mean) if with_mean else 0))
    for values, at in influences(rows, mean, cov, with_mean=with_mean, fitted=fitted, root=root):
        totals.add(values, at)
    return totals.covariance() / rows.size


def unit_weight(size: int) -> Array:
    """What elements of vech are multiplied with for the squared length to be tr(M M) / 2 (p*,)."""
    first, second = vech_indices(size)
    return np.where(first == second, np.sqrt(0.5), 1.0)


def influences(
    rows: RowBlocks,
    mean: Array,
    cov: Array,
    *,
    with_mean: bool,
    fitted: Array | None = None,
    root: Array | None = None,
) -> Blocks:
    """Weighted influences of the rows on their moments (m, block), and where these rows are; one buffer serves all.

    `fitted` and `root` as in `gamma`.
    """
    p = len(mean)
    n_means = p if with_mean else 0
    left = cov if fitted is None else cov - fitted @ cov @ fitted.T
    centre = np.concatenate([np.zeros(n_means), vech(left if root is None else root @ left @ root.T)])
    size = max(LEAST_ROWS, WIDE_BLOCK // len(centre))
    buffer = np.empty((len(centre), min(size, rows.n_rows)))
    for block, at in rows.placed_blocks(mean, size):
        part = buffer[:, : block.shape[1]]
        turned = block if root is None else root @ block
        part[:n_means] = turned[:n_means]
        _products(turned, part[n_means:])
        part -= centre[:, None]
        if fitted is not None:
            predicted = fitted @ block if root is None else root @ (fitted @ block)
            part[:n_means] -= predicted[:n_means]
            first, second = vech_indices(p)
            part[n_means:] -= predicted[first] * predicted[second]
        if root is not None:
            part[n_means:] *= unit_weight(p)[:, None]
        if rows.weights is not None:
            part *= rows.weights[at]
        yield part, at


def conditional_influences(rows: RowBlocks, mean: Array, turn: Array, given: Sequence[int], products: Array) -> Blocks:
    """Weighted influences of the rows on conditional moments: intercepts, slopes (by given variable), vech Omega.

    That of a row is (P^-1 (1, x) times e, vech(e e' - Omega)), with P the averages of (1, x)(1, x)'.

    Parameters
    ----------
    rows : RowBlocks
        Without missing values.
    mean : array (p,)
        Sample means.
    turn : array (y, p)
        What makes residuals e of deviations from the means.
    given : sequence of int
        Positions of the given variables x.
    products : array (1 + x, 1 + x)
        P, divisor N.
    """
    first, second = vech_indices(len(turn))
    weights = np.linalg.inv(products)
    x = np.array(given, dtype=np.intp)
    n_slopes = len(turn) * len(weights)
    size, omega = max(256, WIDE_BLOCK // (n_slopes + len(first))), np.zeros((len(turn), len(turn)))
    for block, at in rows.placed_blocks(mean, size):
        residual = turn @ block
        omega += (residual if rows.weights is None else residual * rows.weights[at]) @ residual.T
    centre = vech(omega) / rows.size
    for block, at in rows.placed_blocks(mean, size):
        residual = turn @ block
        regressors = np.vstack([np.ones(block.shape[1]), block[x] + mean[x, None]])
        by_slope = (weights @ regressors)[:, None, :] * residual[None, :, :]
        by_cov = residual[first] * residual[second] - centre[:, None]
        part = np.vstack([by_slope.reshape(n_slopes, -1), by_cov])
        if rows.weights is not None:
            part *= rows.weights[at]
        yield part, at


def _products(block: Array, out: Array, start: int = 0) -> None:
    """vech(z z') of the columns z of a block (p, n) into `out` (p*, n), from row `start` of the triangle on."""
    at = 0
    for row in range(start, len(block)):
        np.multiply(block[row], block[: row + 1], out=out[at : at + row + 1])
        at += row + 1


def projections(
    rows: RowBlocks,
    centre: Array,
    factors: tuple[Array, Array, Array],
    constant: Array,
    fitted: Array | None = None,
) -> Blocks:
    """Weighted s of the rows (k, block), s_k = (u_k'z)(v_k'z) + w_k'z - constant_k and z = y - centre.

    With `fitted` (see `gamma`), less what the fixed exogenous variables predict: (u_k'Fz)(v_k'Fz) + w_k'Fz.

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
    if fitted is not None:
        w = w - w @ fitted
        u_fitted, v_fitted = u @ fitted, v @ fitted
    for block, at in rows.placed_blocks(centre):
        part = (u @ block) * (v @ block)
        if fitted is not None:
            part -= (u_fitted @ block) * (v_fitted @ block)
        if has_means:
            part += w @ block
        part -= constant[:, None]
        if rows.weights is not None:
            part *= rows.weights[at]
        yield part, at


def normal_trace(
    rows: RowBlocks, mean: Array, cov: Array, precision: Array, *, with_mean: bool, fitted: Array | None = None
) -> float:
    """tr(W Gamma) with W the normal-theory weight of a covariance matrix whose inverse is `precision`.

    The mean over rows of d' W d = e'Pe + tr((P (z z' - f f' - C))^2) / 2, the first term only with means; f = F z with
    `fitted` (see `gamma`), else 0; e = z - f; C is the covariance matrix of e.
    """
    left = cov if fitted is None else cov - fitted @ cov @ fitted.T
    if rows.clusters is not None or rows.scatter is not None:
        return _designed_trace(rows, mean, left, precision, with_mean=with_mean, fitted=fitted)
    turned = precision @ left @ precision
    constant = 0.5 * float(np.sum(turned * left))
    total = squares = 0.0
    for block, at in rows.placed_blocks(mean):
        square = np.ones(block.shape[1]) if rows.weights is None else rows.weights[at] ** 2
        length = np.einsum("ij,ij->j", block, precision @ block)
        total += float(0.5 * (length * square) @ length - np.einsum("ij,ij,j->", block, turned @ block, square))
        squares += float(square.sum())
        if fitted is not None:
            predicted = fitted @ block
            weighted = precision @ predicted
            own, across = (np.einsum("ij,ij->j", each, weighted) for each in (predicted, block))
            total += float((0.5 * own**2 - across**2 + np.einsum("ij,ij->j", predicted, turned @ predicted)) @ square)
            length = length + own - 2.0 * across
        if with_mean:
            total += float(length @ square)
    return (total + constant * squares) / rows.size


def _designed_trace(
    rows: RowBlocks, mean: Array, left: Array, precision: Array, *, with_mean: bool, fitted: Array | None
) -> float:
    """The same where totals vary by design: with x = P^(1/2) z, the variances of x and of vech(x x' - C) add up.

    Totals of x, of x x' and of the weights are taken; the constant C comes off their covariances.
    """
    root = symmetric_root(precision)
    p = len(mean)
    constant = root @ left @ root
    found = 0.0
    for chosen in _runs(p, _width(rows)):  # some rows of x x' at a time: a design holds a total per unit
        inner = chosen.stop * (chosen.stop + 1) // 2 - chosen.start * (chosen.start + 1) // 2
        n_means = chosen.stop - chosen.start if with_mean else 0
        totals = rows.totals(n_means + inner + 1)
        buffer = np.empty((n_means + inner + 1, SMALL_BLOCK))
        for block, at in rows.placed_blocks(mean, SMALL_BLOCK):
            part = buffer[:, : block.shape[1]]
            part[-1] = 1.0 if rows.weights is None else rows.weights[at]
            turned = root[: chosen.stop] @ block
            predicted = np.zeros((0, 0)) if fitted is None else root[: chosen.stop] @ (fitted @ block)
            if with_mean:
                part[:n_means] = (turned if fitted is None else turned - predicted)[chosen] * part[-1]
            if rows.weights is not None:
                turned *= np.sqrt(part[-1])
            _products(turned, part[n_means:-1], chosen.start)
            if fitted is not None:
                of_fitted = np.empty((inner, block.shape[1]))
                _products(predicted * np.sqrt(part[-1]), of_fitted, chosen.start)
                part[n_means:-1] -= of_fitted
            totals.add(part, at)
        covariance = totals.covariance()
        first, second = (each[-inner:] for each in vech_indices(chosen.stop))
        off = constant[first, second]
        own = np.diag(covariance)[n_means:-1] - 2.0 * off * covariance[n_means:-1, -1] + off**2 * covariance[-1, -1]
        found += float(np.trace(covariance[:n_means, :n_means]) + own @ np.where(first == second, 0.5, 1.0))
    return found / rows.size


def _width(rows: RowBlocks) -> int:
    """How many totals are taken at once."""
    if rows.clusters is None:
        return WIDEST  # rows that are units are summed up by stratum
    return min(WIDEST, HELD // rows.n_units)


def _runs(p: int, width: int) -> Iterator[slice]:
    """Rows of the lower triangle of a (p, p) matrix in runs of at most `width` elements."""
    start = 0
    for stop in range(1, p + 1):
        if stop == p or (stop + 1) * (stop + 2) // 2 - start * (start + 1) // 2 > width:
            yield slice(start, stop)
            start = stop

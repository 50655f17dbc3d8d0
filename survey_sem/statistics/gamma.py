"""Gamma: N times the sampling covariance of one group's moments, from one blocked pass over the rows.

Moments are (mean, vech S), each element once; without a mean structure vech S alone. The influence of row y is
(z, vech(z z' - S)) with z = y - mean, so that quadratic forms in Gamma need sums of products of few projections of the
rows: the matrix itself, of p* x p* elements, is made only where an estimator inverts it.
Source: Browne (1984), doi:10.1111/j.2044-8317.1984.tb00789.x.
"""

from __future__ import annotations

import numpy as np

from survey_sem.linalg import Array, symmetric, vech, vech_indices
from survey_sem.statistics.continuous import RowBlocks

WIDE_BLOCK = 1_000_000
"""Numbers that a block of influences may hold."""


def gamma(rows: RowBlocks, mean: Array, cov: Array, *, with_mean: bool) -> Array:
    """The whole matrix (m, m), distribution free, centred at the sample moments, divisor N.

    Parameters
    ----------
    rows : RowBlocks
        Without missing values.
    mean, cov : arrays (p,), (p, p)
        Sample moments, divisor N.
    with_mean : bool
        Whether means are among the moments: m = p + p*, else p*.
    """
    p = len(mean)
    at, to = vech_indices(p)
    n_means = p if with_mean else 0
    centre = np.concatenate([np.zeros(n_means), vech(cov)])
    size = max(256, WIDE_BLOCK // len(centre))
    total = np.zeros((len(centre), len(centre)))
    influence = np.empty((len(centre), min(size, rows.n_rows)))
    for block in rows.blocks(mean, size):
        part = influence[:, : block.shape[1]]
        part[:n_means] = block[:n_means]
        np.multiply(block[at], block[to], out=part[n_means:])
        part -= centre[:, None]
        total += part @ part.T
    return symmetric(total / rows.n_rows)


def projected(rows: RowBlocks, centre: Array, u: Array, v: Array, w: Array) -> tuple[Array, Array]:
    """Sums over the rows of s and of s s', with s_k = (u_k'z)(v_k'z) + w_k'z and z = y - centre.

    Parameters
    ----------
    rows : RowBlocks
        Without missing values.
    centre : array (p,)
        Sample or implied means.
    u, v, w : arrays (k, p)
        Projections.

    Returns
    -------
    total, products : arrays (k,), (k, k)
    """
    total, products = np.zeros(len(u)), np.zeros((len(u), len(u)))
    has_means = bool(w.any())
    for block in rows.blocks(centre):
        part = (u @ block) * (v @ block)
        if has_means:
            part += w @ block
        total += part.sum(axis=1)
        products += part @ part.T
    return total, products


def normal_trace(rows: RowBlocks, mean: Array, cov: Array, precision: Array, *, with_mean: bool) -> float:
    """tr(W Gamma) with W the normal-theory weight of a covariance matrix whose inverse is `precision`.

    The mean over rows of d' W d = z'Pz + tr((P (z z' - S))^2) / 2, the first term only with means.
    """
    turned = precision @ cov @ precision
    constant = 0.5 * float(np.sum(turned * cov))
    total = 0.0
    for block in rows.blocks(mean):
        length = np.einsum("ij,ij->j", block, precision @ block)
        total += float(0.5 * length @ length - np.sum(block * (turned @ block)))
        if with_mean:
            total += float(length.sum())
    return total / rows.n_rows + constant

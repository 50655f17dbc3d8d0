"""Bivariate normal probabilities, and with them the exact moments of answers in categories.

With T and U standard normal and correlated rho, and Phi2 their joint distribution function (Drezner & Wesolowsky 1990,
doi:10.1080/00949659008811236, with the angle turned so that its end is regular up to rho = 1)::

    Phi2(h, k; rho) - Phi(h) Phi(k) = 1/(2 pi) integral from arccos(rho) to pi/2 of
                                      exp(-(h-k)^2 / (2 sin^2 a) - h k / (2 cos^2(a/2))) da,     rho >= 0

and its negative at (h, -k; -rho) for rho < 0. Gauss-Legendre on panels that halve towards a = 0 gives 1e-12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from survey_sem.linalg import Array

N_NODES = 16
SMALLEST = 1e-13
"""The angle at which panels are small enough."""
_BLOCK = 2_000_000  # values of the integrand at a time


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """How a normal latent response becomes a code.

    Parameters
    ----------
    thresholds : array (k - 1,)
        Ascending: category c lies between thresholds c - 1 and c.
    codes : array (k,)
        The code of each category, as numbers; descending for a reversed item.
    """

    thresholds: Array
    codes: Array


def excess(h: Array, k: Array, rho: Array) -> Array:
    """``Phi2(h, k; rho) - Phi(h) Phi(k)`` of finite arrays that broadcast together; absolute error below 1e-12."""
    h, k, rho = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in (h, k, rho)))
    return _table(h.reshape(-1, 1), k.reshape(-1, 1), rho.ravel()).reshape(h.shape)


def _table(h: Array, k: Array, rho: Array) -> Array:
    """`excess` of every h (r, a) with every k (r, b) at the same rho (r,): shape (r, a, b)."""
    sign = np.where(rho < 0.0, -1.0, 1.0)
    found = np.zeros((len(rho), h.shape[1], k.shape[1]))
    order = np.argsort(-np.abs(rho), kind="stable")  # neighbours need as many panels
    size = max(1, _BLOCK // max(1, N_NODES * h.shape[1] * k.shape[1] * 4))
    for start in range(0, len(rho), size):
        at = order[start : start + size]
        found[at] = _integral(h[at], sign[at, None] * k[at], np.abs(rho[at]))
    return np.asarray(sign[:, None, None] * found)


def _integral(h: Array, k: Array, rho: Array) -> Array:
    angle, weight = _nodes(rho)
    with np.errstate(under="ignore", over="ignore"):
        apart = -0.5 / np.maximum(np.sin(angle) ** 2, 1e-300)
        product = -0.5 / np.cos(angle / 2.0) ** 2
        distance, both = (h[:, :, None] - k[:, None, :]) ** 2, h[:, :, None] * k[:, None, :]
        density = np.exp(distance[..., None] * apart[:, None, None] + both[..., None] * product[:, None, None])
    return np.asarray(np.einsum("rabn,rn->rab", density, weight) / (2.0 * np.pi))


def _nodes(rho: Array) -> tuple[Array, Array]:
    """Angles and weights (r, n) from arccos(rho) to pi/2: panels that halve towards 0, as many as any rho needs."""
    lowest = np.arccos(np.minimum(rho, 1.0))[:, None]
    n_panels = 1 + int(np.ceil(np.log2(np.pi / 2 / max(float(lowest.min(initial=1.0)), SMALLEST))))
    ends = np.maximum(np.pi / 2 * 0.5 ** np.arange(n_panels + 1)[None, :], lowest)
    ends[:, -1] = lowest[:, 0]
    nodes, weights = np.polynomial.legendre.leggauss(N_NODES)
    half = (ends[:, :-1] - ends[:, 1:]) / 2.0
    angle = (ends[:, 1:] + half)[:, :, None] + half[:, :, None] * nodes
    return angle.reshape(len(rho), -1), (half[:, :, None] * weights).reshape(len(rho), -1)


def coded_moments(mu: Array, sigma: Array, items: Sequence[Categories]) -> tuple[Array, Array]:
    """Means (p,) and covariances (p, p) of the codes, when the latent responses are normal (mu, sigma).

    ``cov = sum over thresholds a of item i, b of item j of step_a step_b (Phi2(a, b; rho) - Phi(a) Phi(b))``,
    where a step is the difference between the codes on both sides of a threshold.
    """
    sd = np.sqrt(np.diag(sigma))
    width = max((len(item.thresholds) for item in items), default=0)
    cuts, steps = np.zeros((len(items), width)), np.zeros((len(items), width))
    for i, item in enumerate(items):
        n_cuts = len(item.thresholds)
        cuts[i, :n_cuts] = (item.thresholds - mu[i]) / sd[i]
        steps[i, :n_cuts] = np.diff(item.codes)
    first = np.array([item.codes[0] for item in items], dtype=np.float64)
    mean = first + np.sum(steps * ndtr(-cuts), axis=1)
    cov = np.diag(_variances(cuts, items, mean))
    rows, columns = np.tril_indices(len(items), -1)
    rho = np.clip(sigma[rows, columns] / (sd[rows] * sd[columns]), -1.0, 1.0)
    together = _table(cuts[rows], cuts[columns], rho)
    cov[rows, columns] = np.einsum("iab,ia,ib->i", together, steps[rows], steps[columns])
    cov[columns, rows] = cov[rows, columns]
    return mean, cov


def _variances(cuts: Array, items: Sequence[Categories], mean: Array) -> Array:
    found = np.zeros(len(items))
    for i, item in enumerate(items):
        below = ndtr(np.concatenate([[-np.inf], cuts[i, : len(item.thresholds)], [np.inf]]))
        found[i] = np.diff(below) @ (item.codes - mean[i]) ** 2
    return found


def mixed_moments(shares: Array, means: Sequence[Array], covs: Sequence[Array]) -> tuple[Array, Array]:
    """Mean and covariance of a mixture of groups with these shares (which sum to 1)."""
    mean = np.einsum("g,gi->i", shares, np.array(means))
    total = np.zeros_like(covs[0])
    for share, own_mean, own_cov in zip(shares, means, covs, strict=True):
        apart = own_mean - mean
        total += share * (own_cov + np.outer(apart, apart))
    return mean, total

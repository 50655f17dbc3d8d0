"""Indices of how well a row's answers fit together and fit those of others.

Arrays only: answers (rows, items), NaN where there is none. In every index but `mahalanobis` a low value is a sign of
carelessness (of `antonyms` a high one). NaN where a row does not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.special import chdtrc

from survey_sem.linalg import Array, Indices

LEAST_PAIRS = 3
"""A correlation within a row needs at least so many pairs of answers, or scales."""


def mahalanobis(answers: Array) -> tuple[Array, Array]:
    """Squared distance D^2 of each row from the centre, and its p-value (chi-square, as many df as answers).

    Rows with missing answers are held against the moments of what they answered. Moments are pairwise where that gives
    a covariance matrix, else of the complete rows; NaN where neither can be inverted.
    """
    n = len(answers)
    distances, df = np.full(n, np.nan), np.zeros(n, dtype=np.intp)
    there = ~np.isnan(answers)
    moments = _moments(answers, there)
    if moments is None:
        return distances, distances.copy()
    mean, cov = moments
    centred = np.where(there, answers - mean, 0.0)
    keys = np.ascontiguousarray(np.packbits(there, axis=1))
    voids = keys.view(np.dtype((np.void, keys.shape[1]))).ravel()
    _, first, which = np.unique(voids, return_index=True, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    edges = np.searchsorted(which.ravel()[order], np.arange(len(first) + 1))
    for at, (low, high) in enumerate(pairwise(edges)):
        seen = np.flatnonzero(there[first[at]])
        if not len(seen):
            continue
        rows = order[low:high]
        whitened = np.linalg.solve(np.linalg.cholesky(cov[np.ix_(seen, seen)]), centred[np.ix_(rows, seen)].T)
        distances[rows] = np.einsum("ij,ij->j", whitened, whitened)
        df[rows] = len(seen)
    p_values = np.where(df > 0, chdtrc(np.maximum(df, 1), distances), np.nan)
    return distances, p_values


def _moments(answers: Array, there: Array) -> tuple[Array, Array] | None:
    for usable in (there, np.repeat(there.all(axis=1, keepdims=True), there.shape[1], axis=1)):
        n = usable.sum(axis=0)
        if n.min(initial=len(answers)) < 2:
            continue
        mean = np.where(usable, answers, 0.0).sum(axis=0) / n
        centred = np.where(usable, answers - mean, 0.0)
        weights = usable.astype(np.float64)
        pairs = weights.T @ weights
        if pairs.min() < 2:
            continue
        cov = centred.T @ centred / (pairs - 1.0)
        if _is_definite(cov):
            return mean, cov
    return None


def _is_definite(cov: Array) -> bool:
    scale = np.sqrt(np.diag(cov))
    if not (scale > 0).all():
        return False
    return bool(np.linalg.eigvalsh(cov / np.outer(scale, scale))[0] > 1e-10)


def person_total(keyed: Array) -> Array:
    """Correlation of a row's answers with the means of the items over all other rows (reversed items turned)."""
    there = ~np.isnan(keyed)
    values = np.where(there, keyed, 0.0)
    others = there.sum(axis=0) - there
    means = np.divide(values.sum(axis=0) - values, others, out=np.full(keyed.shape, np.nan), where=others > 0)
    return row_correlation(keyed, means)


def row_correlation(first: Array, second: Array) -> Array:
    """Correlation of two arrays within each row, over the places where both are there; NaN below three of them."""
    both = ~(np.isnan(first) | np.isnan(second))
    n = both.sum(axis=1)
    x, y = np.where(both, first, 0.0), np.where(both, second, 0.0)
    least = np.maximum(n, 1)[:, None]
    x = np.where(both, x - x.sum(axis=1, keepdims=True) / least, 0.0)
    y = np.where(both, y - y.sum(axis=1, keepdims=True) / least, 0.0)
    xx, yy = np.einsum("ij,ij->i", x, x), np.einsum("ij,ij->i", y, y)
    xy = np.einsum("ij,ij->i", x, y)
    scale = np.sqrt(xx * yy)
    is_known = (n >= LEAST_PAIRS) & (scale > 1e-12 * np.maximum(n, 1))
    found: Array = np.divide(xy, scale, out=np.full(len(first), np.nan), where=is_known)
    return np.clip(found, -1.0, 1.0)


def correlated_pairs(answers: Array, least: float) -> tuple[Indices, Indices]:
    """Pairs of items whose answers correlate at `least` (negative: at most), pairwise complete."""
    correlations = _correlations(answers)
    first, second = np.triu_indices(answers.shape[1], 1)
    found = correlations[first, second]
    chosen = found >= least if least > 0 else found <= least
    return first[chosen], second[chosen]


def _correlations(answers: Array) -> Array:
    there = (~np.isnan(answers)).astype(np.float64)
    x = np.where(there > 0, answers, 0.0)
    x = np.where(there > 0, x - x.sum(axis=0) / np.maximum(there.sum(axis=0), 1), 0.0)
    n, sums, squares = there.T @ there, x.T @ there, (x * x).T @ there
    n = np.maximum(n, 1)
    cov = x.T @ x - sums * sums.T / n
    spread = squares - sums * sums / n
    scale = np.sqrt(np.maximum(spread * spread.T, 0.0))
    return np.divide(cov, scale, out=np.zeros_like(cov), where=scale > 1e-12)


def pair_correlation(answers: Array, pairs: tuple[Indices, Indices]) -> Array:
    """Correlation within a row over pairs of items; NaN with fewer than three pairs, or one answer throughout."""
    if len(pairs[0]) < LEAST_PAIRS:
        return np.full(len(answers), np.nan)
    return row_correlation(answers[:, pairs[0]], answers[:, pairs[1]])


def even_odd(keyed: Array, scales: Sequence[Indices]) -> Array:
    """Even-odd consistency: near 1 is consistent, 0 or less is not.

    Within a row, the means of the first, third, ... items of every scale are correlated with the means of its second,
    fourth, ... items over the scales (reversed items turned), and corrected to the whole length by Spearman-Brown,
    ``2 r / (1 + r)``, at least -1 (the formula falls without limit as r nears -1). Programs differ in sign: here high
    is consistent. At least three scales of two items are needed.
    """
    usable = [scale for scale in scales if len(scale) >= 2]
    if len(usable) < LEAST_PAIRS:
        return np.full(len(keyed), np.nan)
    odd = np.stack([_means(keyed[:, scale[0::2]]) for scale in usable], axis=1)
    even = np.stack([_means(keyed[:, scale[1::2]]) for scale in usable], axis=1)
    r = row_correlation(odd, even)
    found: Array = np.where(r <= -1.0 / 3.0, -1.0, 2.0 * r / np.maximum(1.0 + r, 2.0 / 3.0))  # NaN stays NaN
    return found


def _means(values: Array) -> Array:
    there = ~np.isnan(values)
    n = there.sum(axis=1)
    sums = np.where(there, values, 0.0).sum(axis=1)
    found: Array = np.divide(sums, n, out=np.full(len(values), np.nan), where=n > 0)
    return found

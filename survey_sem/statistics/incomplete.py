"""The normal likelihood of incomplete rows, from pattern statistics: value, derivatives and information by moments.

With P = Sigma^-1, the inverse of a pattern's observed block of Sigma, padded with zeros, is Q = P - P C P, C the padded
inverse of the missing block of P; its log-determinant is log|Sigma| + log|P_mm|. The smaller of the two blocks is the
one that is inverted, for many patterns at once. Everything is divided by the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from survey_sem.linalg import Array, Indices, cholesky_or_none, inverse_from_cholesky, log_determinant, vech_indices
from survey_sem.statistics.continuous import BLOCK_ROWS, RowBlocks
from survey_sem.statistics.patterns import Chunk, Patterns

LAPACK_FROM = 12
"""Blocks of this size or more are inverted one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """The likelihood of incomplete rows at moments.

    Parameters
    ----------
    value : float
        Minus the log-likelihood of one row, without its constant.
    precision : array (p, p)
        Sigma^-1.
    by_sigma, by_mu : arrays (p, p), (p,)
        ``d value = tr(by_sigma dSigma) / 2 - by_mu' dmu``.
    """

    value: float
    precision: Array
    by_sigma: Array
    by_mu: Array


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """What one chunk of patterns needs of Sigma: inverses of the smaller blocks (k, k, r), their log-determinants."""

    inverse: Array
    log_det: Array


def likelihood(patterns: Patterns, sigma: Array, mu: Array) -> Likelihood | None:
    """The likelihood at (Sigma, mu); None where Sigma is not positive definite."""
    factor = cholesky_or_none(sigma)
    if factor is None:
        return None
    precision = inverse_from_cholesky(factor)
    whole = log_determinant(factor)
    shares = patterns.shares
    p = len(sigma)
    log_dets = squares = by_missing = 0.0
    products, padded, direct, by_mu = np.zeros((p, p)), np.zeros((p, p)), np.zeros((p, p)), np.zeros(p)
    for chunk in patterns.chunks:
        share = shares[chunk.first : chunk.last]
        side = side_of(chunk, sigma, precision)
        log_dets += float(share @ side.log_det)
        if chunk.by_missing:
            by_missing += float(share.sum())
        _add_padded(padded if chunk.by_missing else direct, chunk.side, side.inverse * share)
        columns = patterns.columns(chunk, mu)
        kept = columns.copy()
        projected = project(chunk, side, precision, columns, chunk.of)
        squares += float(np.sum(kept * projected))
        products += projected @ projected.T
        by_mu += projected[:, : chunk.last - chunk.first] @ np.sqrt(share)
    weight = by_missing * precision - precision @ padded @ precision + direct
    by_sigma = weight - products
    value = 0.5 * (by_missing * whole + log_dets + squares)
    return Likelihood(value, precision, (by_sigma + by_sigma.T) / 2.0, by_mu)


def side_of(chunk: Chunk, sigma: Array, precision: Array) -> Side:
    """Inverses of the missing blocks of P, or of the observed blocks of Sigma where these are smaller."""
    at = chunk.side
    source = precision if chunk.by_missing else sigma
    return Side(*inverses(source[at[:, None, :], at[None, :, :]]))


def inverses(blocks: Array) -> tuple[Array, Array]:
    """Inverses and log-determinants of positive definite matrices along the last axis (k, k, r)."""
    k, _, r = blocks.shape
    if k >= LAPACK_FROM:
        stacked = np.ascontiguousarray(np.moveaxis(blocks, -1, 0))
        return np.moveaxis(np.linalg.inv(stacked), 0, -1), np.linalg.slogdet(stacked)[1]
    found, log_det = blocks.copy(), np.zeros(r)
    for at in range(k):  # Gauss-Jordan, all matrices at once
        pivot = found[at, at].copy()
        log_det += np.log(pivot)
        row, column = found[at] / pivot, found[:, at].copy()
        found -= column[:, None, :] * row
        found[at], found[:, at] = row, -column / pivot
        found[at, at] = 1.0 / pivot
    return found, log_det


def project(chunk: Chunk, side: Side, precision: Array, columns: Array, of: Indices) -> Array:
    """Q times each column, Q that of the column's pattern (`of`). Columns are zero where missing, and overwritten."""
    if not chunk.by_missing:
        found = np.zeros_like(columns)
        _place(found, chunk.observed, of, _solved(side, _taken(columns, chunk.observed, of), of))
        return found
    if len(chunk.missing):  # the conditional means of what is missing make the columns complete
        _place(columns, chunk.missing, of, -_solved(side, _taken(precision @ columns, chunk.missing, of), of))
    return precision @ columns


def _taken(columns: Array, at: Indices, of: Indices) -> Array:
    return np.asarray(columns[at[:, of], np.arange(columns.shape[1])])


def _place(columns: Array, at: Indices, of: Indices, values: Array) -> None:
    columns[at[:, of], np.arange(columns.shape[1])] = values


def _solved(side: Side, values: Array, of: Indices) -> Array:
    """Inverse times value, column by column."""
    found = np.zeros_like(values)
    for inverse, value in zip(side.inverse, values, strict=True):  # symmetric: its rows are its columns
        found += inverse[:, of] * value
    return found


def _add_padded(total: Array, at: Indices, blocks: Array) -> None:
    """Add blocks (k, k, r) at the places `at` (k, r)."""
    p = len(total)
    flat = (at[:, None, :] * p + at[None, :, :]).ravel()
    total += np.bincount(flat, blocks.ravel(), p * p).reshape(p, p)


@dataclass(frozen=True, slots=True, eq=False)
class MomentInformation:
    """Information of one row about (mu, vech Sigma), each element once.

    Parameters
    ----------
    expected, observed : arrays (m, m)
        m = p + p*.
    """

    expected: Array
    observed: Array


def expected_information(patterns: Patterns, sigma: Array, precision: Array) -> Array:
    """The expected part of `moment_information` alone (m, m)."""
    p = len(sigma)
    by_q, mean = np.zeros((p * (p + 1) // 2,) * 2), np.zeros(p * (p + 1) // 2)
    for chunk in patterns.chunks:
        share = patterns.shares[chunk.first : chunk.last]
        q = padded_inverses(chunk, side_of(chunk, sigma, precision), precision)
        by_q += (q * share) @ q.T
        mean += q @ share
    return _expected(by_q, mean, places(p))


def _expected(by_q: Array, mean: Array, place: Indices) -> Array:
    """Q for the means, and half the traces of Q E1 Q E2, from the sums over patterns."""
    p, stars = len(place), len(mean)
    found = np.zeros((p + stars, p + stars))
    found[:p, :p] = mean[place]
    found[p:, p:] = _crossed(by_q, place)
    return found


def places(size: int) -> Indices:
    """Position in vech of every element of a symmetric matrix (p, p)."""
    place = np.zeros((size, size), dtype=np.intp)
    rows, columns = vech_indices(size)
    place[rows, columns] = place[columns, rows] = np.arange(len(rows))
    return place


def moment_information(patterns: Patterns, sigma: Array, mu: Array, precision: Array) -> MomentInformation:
    """Second derivatives of the likelihood by moments, and their expectation where (Sigma, mu) are true.

    Per pattern, with R = Q T Q and h = Q d: the expected information has Q for the means and
    ``tr(Q E1 Q E2) / 2`` for the covariances; the observed one ``tr(Q E1 R E2) - tr(Q E1 Q E2) / 2``, and
    ``(Q m)' E h`` between means and covariances. The sums over patterns of products of elements of Q with those of Q,
    R and h are matrix products of stacked half-vectorised matrices.
    """
    p = len(mu)
    stars = p * (p + 1) // 2
    by_q, by_r, by_h = np.zeros((stars, stars)), np.zeros((stars, stars)), np.zeros((stars, p))
    mean = np.zeros(stars)
    for chunk in patterns.chunks:
        share = patterns.shares[chunk.first : chunk.last]
        side = side_of(chunk, sigma, precision)
        q = padded_inverses(chunk, side, precision)
        projected = project(chunk, side, precision, patterns.columns(chunk, mu), chunk.of)
        by_q += (q * share) @ q.T
        by_r += q @ _summed_squares(chunk, projected).T
        by_h += q @ (projected[:, : len(share)] * np.sqrt(share)).T
        mean += q @ share
    place = places(p)
    rows, columns = vech_indices(p)
    expected = _expected(by_q, mean, place)
    observed = expected.copy()
    observed[p:, p:] = _crossed(by_r + by_r.T, place) - expected[p:, p:]
    along = by_h[place[rows]].swapaxes(1, 2)[np.arange(stars), columns]  # h of the column, Q of the row
    along += by_h[place[columns]].swapaxes(1, 2)[np.arange(stars), rows]
    along *= np.where(rows == columns, 0.5, 1.0)[:, None]
    observed[p:, :p], observed[:p, p:] = along, along.T
    return MomentInformation(expected, observed)


def _crossed(sums: Array, place: Indices) -> Array:
    """S_ik,jl + S_il,jk for all pairs (i, j), (k, l) of vech, halved for each pair of equals."""
    rows, columns = vech_indices(len(place))
    flat, stars = sums.ravel(), len(rows)
    to_row, to_column = place[rows], place[columns]
    found = flat.take(to_row[:, rows] * stars + to_column[:, columns])
    found += flat.take(to_row[:, columns] * stars + to_column[:, rows])
    found[rows == columns] *= 0.5
    found[:, rows == columns] *= 0.5
    return found


def padded_inverses(chunk: Chunk, side: Side, precision: Array) -> Array:
    """vech Q of every pattern of a chunk (p*, patterns)."""
    p, r = len(precision), chunk.last - chunk.first
    rows, columns = vech_indices(p)
    if not chunk.by_missing:
        found = np.zeros((len(rows), r))
        place = np.zeros((p, p), dtype=np.intp)
        place[rows, columns] = np.arange(len(rows))
        low, high = vech_indices(len(chunk.observed))
        at = place[chunk.observed[low], chunk.observed[high]]
        found[at, np.arange(r)] = side.inverse[low, high]
        return found
    found = np.repeat(precision[rows, columns][:, None], r, axis=1)
    spread = precision[:, chunk.missing]  # (p, k, r)
    for k in range(len(chunk.missing)):
        turned = np.einsum("pkr,kr->pr", spread, side.inverse[:, k])
        first = 0
        for i in range(p):
            found[first : first + i + 1] -= turned[i] * spread[: i + 1, k]
            first += i + 1
    return found


def _summed_squares(chunk: Chunk, projected: Array) -> Array:
    """Sums of vech(g g') over the columns g of every pattern (p*, patterns)."""
    p, r = len(projected), chunk.last - chunk.first
    found = np.empty((p * (p + 1) // 2, r))
    of = chunk.of[r:]
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    has = of[starts]
    first = 0
    for i in range(p):
        squares = projected[i] * projected[: i + 1]
        found[first : first + i + 1] = squares[:, :r]
        if len(starts):
            found[first : first + i + 1, has] += np.add.reduceat(squares[:, r:], starts, axis=1)
        first += i + 1
    return found


def moment_scores(
    patterns: Patterns, rows: RowBlocks, sigma: Array, mu: Array
) -> Iterator[tuple[Array, Indices | slice]]:
    """Weighted derivatives of the rows' log-likelihoods by (mu, vech Sigma) (m, block), and where these rows are.

    One buffer serves all blocks.
    """
    p = len(mu)
    at, to = vech_indices(p)
    half = np.where(at == to, 0.5, 1.0)[:, None]
    scores = np.empty((p + len(at), BLOCK_ROWS))
    for projected, of, inverses, where in projected_rows(patterns, rows, sigma, mu):
        part = scores[:, : len(of)]
        part[:p] = projected
        first = p
        for i in range(p):
            np.multiply(projected[i], projected[: i + 1], out=part[first : first + i + 1])
            first += i + 1
        part[p:] -= inverses[:, of]
        part[p:] *= half
        if rows.weights is not None:
            part *= rows.weights[where]
        yield part, where


def projected_scores(
    patterns: Patterns, rows: RowBlocks, moments: tuple[Array, Array], factors: tuple[Array, Array, Array]
) -> Iterator[tuple[Array, Indices | slice]]:
    """Weighted s of the rows (k, block), s_k = (u_k'g)(v_k'g) + w_k'g less the expectation of its first term.

    g is a row's `projected_rows` at `moments` (Sigma, mu), so that s_k is its score for a parameter with the `factors`
    u, v and w. Where the rows are comes with them.
    """
    sigma, mu = moments
    u, v, w = factors
    at, to = vech_indices(len(mu))
    slopes = u[:, at] * v[:, to] + v[:, at] * u[:, to]
    slopes *= np.where(at == to, 0.5, 1.0)
    has_means = bool(w.any())
    before: Array | None = None
    constants = np.zeros((0, 0))
    for projected, of, inverses, where in projected_rows(patterns, rows, sigma, mu):
        if inverses is not before:
            before, constants = inverses, slopes @ inverses
        part = (u @ projected) * (v @ projected)
        part -= constants[:, of]
        if has_means:
            part += w @ projected
        if rows.weights is not None:
            part *= rows.weights[where]
        yield part, where


def projected_rows(
    patterns: Patterns, rows: RowBlocks, sigma: Array, mu: Array
) -> Iterator[tuple[Array, Indices, Array, Indices]]:
    """Q (y - mu) of the rows in blocks (p, n), each row's pattern, vech Q of these patterns (p*, r), and where the rows
    are among all rows.
    """
    precision = np.linalg.inv(sigma)
    before: Chunk | None = None
    side = Side(np.zeros((0, 0, 0)), np.zeros(0))
    inverses: Array = np.zeros((0, 0))
    for chunk, of, block, where in patterns.blocks(rows, mu):
        if chunk is not before:
            before, side = chunk, side_of(chunk, sigma, precision)
            inverses = padded_inverses(chunk, side, precision)
        block *= patterns.observed[:, chunk.first + of]
        yield project(chunk, side, precision, block, of), of, inverses, where

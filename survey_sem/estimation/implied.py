"""Implied moments and their derivatives.

    Sigma = Lambda A Psi A' Lambda' + Theta,   mu = nu + Lambda A alpha,   A = (I - Beta)^-1

Every first derivative of Sigma is a rank-one matrix plus its transpose, dSigma = u v' + v u', so that a p x p
derivative is held as two p-vectors. Pure functions: nothing is cached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_sem.estimation.representation import MATRICES, Representation
from survey_sem.linalg import Array, Indices, vech_indices


@dataclass(frozen=True, slots=True, eq=False)
class ImpliedMoments:
    """What a parameter vector implies for one group.

    Parameters
    ----------
    sigma, mu : arrays (p, p), (p,)
        Covariances and means of the observed variables.
    total_effect : array (m, m)
        A = (I - Beta)^-1.
    reach : array (p, m)
        G = Lambda A: effect of the disturbances on the observed variables.
    cov_eta, mean_eta : arrays (m, m), (m,)
        Covariances and means of eta.
    cov_y_eta : array (p, m)
        Covariances of the observed variables with eta (before residuals): G Psi A'.
    """

    sigma: Array
    mu: Array
    total_effect: Array
    reach: Array
    cov_eta: Array
    mean_eta: Array
    cov_y_eta: Array


def implied(rep: Representation, theta: Array) -> ImpliedMoments | None:
    """Implied moments of one group, or None where I - Beta is singular (no such model)."""
    m = rep.matrices(theta)
    try:
        total = np.linalg.inv(np.eye(len(m["Beta"])) - m["Beta"])
    except np.linalg.LinAlgError:
        return None
    with np.errstate(over="ignore", invalid="ignore"):  # a Sigma that is not finite has no likelihood
        reach = m["Lambda"] @ total
        disturbance = m["Psi"] @ total.T
        cov_eta = total @ disturbance
        cov_y_eta = reach @ disturbance
        sigma = cov_y_eta @ m["Lambda"].T + m["Theta"]
        mean_eta = (total @ m["alpha"])[:, 0]
        mu = m["nu"][:, 0] + m["Lambda"] @ mean_eta
        sigma = sigma / 2.0 + sigma.T / 2.0
    return ImpliedMoments(sigma, mu, total, reach, cov_eta, mean_eta, cov_y_eta)


@dataclass(frozen=True, slots=True, eq=False)
class RankOneJacobian:
    """Derivatives of the implied moments with respect to k parameters.

    dSigma_k = u_k v_k' + v_k u_k' and dmu_k = w_k, with u, v, w of shape (k, p); `theta` (k,) are the positions of
    the parameters in the parameter vector.
    """

    u: Array
    v: Array
    w: Array
    theta: Indices

    def dense(self) -> Array:
        """The Jacobian of (mu, vech Sigma), shape (p + p*, k). For tests and for weight matrices that need it."""
        rows, columns = vech_indices(self.u.shape[1])
        sigma = self.u[:, rows] * self.v[:, columns] + self.v[:, rows] * self.u[:, columns]
        return np.concatenate([self.w, sigma], axis=1).T

    def diagonal(self) -> Array:
        """Derivatives of the diagonal of Sigma, shape (k, p)."""
        return 2.0 * self.u * self.v


def implied_jacobian(rep: Representation, point: ImpliedMoments) -> RankOneJacobian:
    """First derivatives of one group's implied moments at a point."""
    n_observed = len(rep.observed)
    identity = np.eye(n_observed)
    pieces = []
    for name in MATRICES:
        at = rep.places[name]
        pieces.append(_piece(name, at.row, at.column, point, identity))
    u, v, w = (np.concatenate([piece[k] for piece in pieces]) for k in range(3))
    return RankOneJacobian(u, v, w, rep.theta)


def _piece(
    name: str, row: Indices, column: Indices, point: ImpliedMoments, identity: Array
) -> tuple[Array, Array, Array]:
    """u, v, w of the free elements (row, column) of one matrix."""
    reach = point.reach.T
    nothing = np.zeros((len(row), len(identity)))
    half = np.where(row == column, 0.5, 1.0)[:, None]
    if name == "Lambda":
        u = identity[row]
        return u, point.cov_y_eta.T[column], u * point.mean_eta[column, None]
    if name == "Beta":
        u = reach[row]
        return u, point.cov_y_eta.T[column], u * point.mean_eta[column, None]
    if name == "Psi":
        return reach[row], reach[column] * half, nothing
    if name == "Theta":
        return identity[row], identity[column] * half, nothing
    return nothing, nothing, identity[row] if name == "nu" else reach[row]


def eta_jacobian(rep: Representation, point: ImpliedMoments) -> RankOneJacobian:
    """First derivatives of the covariances and means of eta: as `implied_jacobian`, with Lambda = I and no Theta."""
    identity = np.eye(len(rep.latent))
    on_eta = ImpliedMoments(
        point.cov_eta,
        point.mean_eta,
        point.total_effect,
        point.total_effect,
        point.cov_eta,
        point.mean_eta,
        point.cov_eta,
    )
    pieces = []
    for name in MATRICES:
        at = rep.places[name]
        if name in ("Beta", "Psi", "alpha"):
            pieces.append(_piece(name, at.row, at.column, on_eta, identity))
        else:
            nothing = np.zeros((len(at), len(identity)))
            pieces.append((nothing, nothing, nothing))
    u, v, w = (np.concatenate([piece[k] for piece in pieces]) for k in range(3))
    return RankOneJacobian(u, v, w, rep.theta)


def curvature(rep: Representation, point: ImpliedMoments, weight: Array, slope: Array) -> Array:
    """Hessian of ``tr(weight Sigma) / 2 - slope' mu`` for constant `weight` (p, p, symmetric) and `slope` (p,).

    It is the part of a discrepancy's Hessian that comes from the second derivatives of the implied moments.
    Shape (k, k), in the order of ``rep.theta``.
    """
    a, g, c, eta = point.total_effect, point.reach, point.cov_eta, point.mean_eta
    weight_g, weight_l = weight @ g, weight @ point.cov_y_eta
    g_weight_g, g_weight_l, g_slope = g.T @ weight_g, g.T @ weight_l, g.T @ slope
    lam, beta, psi, alpha = (rep.places[name] for name in ("Lambda", "Beta", "Psi", "alpha"))

    def pick(matrix: Array, rows: Indices, columns: Indices) -> Array:
        return np.asarray(matrix[rows[:, None], columns[None, :]])

    blocks: dict[tuple[str, str], Array] = {}
    blocks["Lambda", "Lambda"] = pick(weight, lam.row, lam.row) * pick(c, lam.column, lam.column)
    blocks["Lambda", "Beta"] = (
        pick(weight_g, lam.row, beta.row) * pick(c, lam.column, beta.column)
        + pick(weight_l, lam.row, beta.column) * pick(a, lam.column, beta.row)
        - slope[lam.row, None] * pick(a, lam.column, beta.row) * eta[None, beta.column]
    )
    half = np.where(psi.row == psi.column, 0.5, 1.0)[None, :]
    blocks["Lambda", "Psi"] = half * (
        pick(weight_g, lam.row, psi.row) * pick(a, lam.column, psi.column)
        + pick(weight_g, lam.row, psi.column) * pick(a, lam.column, psi.row)
    )
    blocks["Lambda", "alpha"] = -slope[lam.row, None] * pick(a, lam.column, alpha.row)
    blocks["Beta", "Beta"] = (
        pick(a, beta.column, beta.row).T * pick(g_weight_l, beta.row, beta.column).T
        + pick(g_weight_g, beta.row, beta.row) * pick(c, beta.column, beta.column)
        + pick(g_weight_l, beta.row, beta.column) * pick(a, beta.column, beta.row)
        - pick(a, beta.column, beta.row).T * (g_slope[None, beta.row] * eta[beta.column, None])
        - g_slope[beta.row, None] * pick(a, beta.column, beta.row) * eta[None, beta.column]
    )
    blocks["Beta", "Psi"] = half * (
        pick(g_weight_g, beta.row, psi.row) * pick(a, beta.column, psi.column)
        + pick(g_weight_g, beta.row, psi.column) * pick(a, beta.column, psi.row)
    )
    blocks["Beta", "alpha"] = -g_slope[beta.row, None] * pick(a, beta.column, alpha.row)
    return _assembled(rep, blocks)


def _assembled(rep: Representation, blocks: dict[tuple[str, str], Array]) -> Array:
    """One symmetric matrix in the order of ``rep.theta`` from its upper blocks."""
    offsets, start = {}, 0
    for name in MATRICES:
        offsets[name] = slice(start, start + len(rep.places[name]))
        start += len(rep.places[name])
    result = np.zeros((start, start))
    for (one, other), block in blocks.items():
        result[offsets[one], offsets[other]] = block
        if one != other:
            result[offsets[other], offsets[one]] = block.T
    return result

"""Covariance matrices of regression coefficients: by the model, robust, by clusters.

Names are those of their literature: HC0-HC3 of MacKinnon & White (1985), doi:10.1016/0304-4076(85)90158-7; CR0, CR1,
CR1S, CR2, CR3 of Cameron & Miller (2015), doi:10.3368/jhr.50.2.317, and Bell & McCaffrey (2002).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from survey_sem.errors import OptionError
from survey_sem.linalg import Array, Indices, symmetric
from survey_sem.regression.fitted import Fitted

ROBUST = ("HC0", "HC1", "HC2", "HC3")
CLUSTERED = ("CR0", "CR1", "CR1S", "CR2", "CR3")


def classical(fit: Fitted) -> Array:
    """Inverse information times the dispersion."""
    return fit.dispersion * fit.bread


def robust(fit: Fitted, kind: str) -> Array:
    """Sandwich over rows; HC1 times n / (n - k), HC2 and HC3 correct every row for its leverage."""
    scores = fit.scores
    n = len(scores)
    if kind in ("HC2", "HC3"):
        x, residual = _working(fit, kind)
        spare = 1.0 - np.einsum("ij,jk,ik->i", x, fit.bread, x)
        scores = x * (residual / (np.sqrt(spare) if kind == "HC2" else spare))[:, None]
    factor = n / (n - len(fit.theta)) if kind == "HC1" else 1.0
    return symmetric(factor * fit.bread @ (scores.T @ scores) @ fit.bread)


def clustered(fit: Fitted, kind: str, clusters: Indices) -> Array:
    """Sandwich over the sums of clusters (codes 0 .. G-1).

    CR1 is CR0 times G / (G - 1); CR1S times G (n - 1) / ((G - 1) (n - k)), Stata's; CR2 and CR3 correct the residuals
    of a cluster by (I - H_g)^(-1/2) and (I - H_g)^(-1), H_g its part of the hat matrix.
    """
    n_clusters = int(clusters.max()) + 1
    if kind in ("CR2", "CR3"):
        sums = np.vstack(list(_corrected(fit, kind, clusters, n_clusters)))
    else:
        sums = np.zeros((n_clusters, len(fit.theta)))
        np.add.at(sums, clusters, fit.scores)
    n, k = fit.scores.shape
    factor = {"CR1": 1.0, "CR1S": (n - 1) / (n - k)}.get(kind, 0.0) * n_clusters / (n_clusters - 1) or 1.0
    return symmetric(factor * fit.bread @ (sums.T @ sums) @ fit.bread)


def _corrected(fit: Fitted, kind: str, clusters: Indices, n_clusters: int) -> Iterator[Array]:
    """Score sums (k,) of clusters with corrected residuals; H_g has the rank k, so only k x k matrices are turned."""
    x, residual = _working(fit, kind)
    root = np.linalg.cholesky(fit.bread)
    order = np.argsort(clusters, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(clusters, minlength=n_clusters))[:-1]):
        left, singular, _ = np.linalg.svd(x[rows] @ root, full_matrices=False)
        spare = np.maximum(1.0 - singular**2, 0.0)
        power = np.where(spare > 1e-10, spare, np.inf) ** (-0.5 if kind == "CR2" else -1.0)
        own = residual[rows]
        inside = left.T @ own
        yield x[rows].T @ (own + left @ ((power - 1.0) * inside))


def _working(fit: Fitted, kind: str) -> tuple[Array, Array]:
    if fit.working is None:
        raise OptionError(
            "not-supported",
            f"{kind} corrects for leverage, which this family has not",
            where="vcov",
            expected="HC0, HC1, CR0, CR1 or CR1S",
        )
    return fit.working.rooted()

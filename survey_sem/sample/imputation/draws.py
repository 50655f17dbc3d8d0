"""Random draws of regression coefficients, given data: linear and multinomial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_sem.linalg import Array, Indices, cholesky_or_none

SINGULAR = 1e-8
"""Share of a predictor's variation that the others must leave unexplained."""
RIDGE = 1e-5
"""Added to the diagonal, in units of it, where predictors are collinear."""
CONSTANT = 1e-9
"""A predictor with a smaller share of its squares around its mean is constant."""
PRIOR_PRECISION = 0.04
"""Of the normal prior of multinomial slopes of standardised predictors: a standard deviation of 5."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearDraw:
    """Coefficients of a linear regression.

    Parameters
    ----------
    fitted, drawn : arrays (k,)
        Least squares, and a draw from the posterior distribution under a flat prior.
    sigma : float
        The residual standard deviation that was drawn.
    collinear : array of int
        Predictors in a combination that hardly varies; empty where there is none.
    """

    fitted: Array
    drawn: Array
    sigma: float
    collinear: Indices


def draw_linear(
    products: Array, with_target: Array, squares: float, n_rows: int, rng: np.random.Generator
) -> LinearDraw:
    """Draw the coefficients of a linear regression from cross-products.

    ``sigma*^2 = RSS / chi-square(n - k)`` and ``beta* = beta + sigma* (X'X)^(-1/2) z`` (Rubin 1987, p. 167).

    Parameters
    ----------
    products : array (k, k)
        X'X, the first predictor being the constant.
    with_target : array (k,)
        X'y.
    squares : float
        y'y.
    n_rows : int
    rng : Generator
    """
    k = len(products)
    z, chance = rng.standard_normal(k), rng.chisquare(max(n_rows - k, 1))
    used = varying(products)
    scale = np.sqrt(np.diag(products)[used])
    correlations = products[np.ix_(used, used)] / np.outer(scale, scale)
    factor, collinear = _safe_factor(correlations)
    half = np.linalg.inv(factor)
    solution = half.T @ (half @ (with_target[used] / scale)) / scale
    residual = squares - float(2.0 * solution @ with_target[used] - solution @ products[np.ix_(used, used)] @ solution)
    sigma = float(np.sqrt(max(residual, 0.0) / chance))
    fitted, drawn = np.zeros(k), np.zeros(k)
    fitted[used] = solution
    drawn[used] = solution + sigma * (half.T @ z[: len(used)]) / scale
    return LinearDraw(fitted, drawn, sigma, used[collinear])


def varying(products: Array) -> Indices:
    """The constant, and the predictors that vary, by X'X with the constant first."""
    squares = np.diag(products)
    around = squares - products[0] ** 2 / max(products[0, 0], 1.0)
    keep = around > CONSTANT * np.maximum(squares, 1e-300)
    keep[0] = True
    return np.flatnonzero(keep)


def _safe_factor(correlations: Array) -> tuple[Array, Indices]:
    """Cholesky factor; with a ridge where there is none, and then the predictors that are collinear."""
    factor = cholesky_or_none(correlations)
    if factor is not None and np.diag(factor).min() ** 2 > SINGULAR:
        return factor, np.zeros(0, dtype=np.intp)
    vector = np.abs(np.linalg.eigh(correlations)[1][:, 0])
    ridged = cholesky_or_none(correlations + RIDGE * np.eye(len(correlations)))
    assert ridged is not None  # the sum of a Gram matrix and a multiple of the identity
    return ridged, np.flatnonzero(vector > 0.1)


def draw_multinomial(
    predictors: Array, codes: Indices, n_levels: int, start: Array | None, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw the coefficients of a multinomial logistic regression from a normal approximation of their posterior.

    Slopes have a normal prior of mean 0 and standard deviation 5, so that separated categories have a mode.

    Parameters
    ----------
    predictors : array (k, n)
        Standardised, the first row being ones.
    codes : array of int (n,)
        0 to `n_levels` - 1; 0 is the reference.
    n_levels : int
        2 or more.
    start : array (k, n_levels - 1) or None
        Where the search begins.
    rng : Generator

    Returns
    -------
    drawn, mode : arrays (k, n_levels - 1)
    """
    k = len(predictors)
    others = n_levels - 1
    is_level = (codes[None, :] == np.arange(1, n_levels)[:, None]).astype(np.float64)
    prior = np.full(k, PRIOR_PRECISION)
    prior[0] = 1e-6
    coefficients: Array = np.zeros((k, others)) if start is None else start.copy()
    value, probabilities = _posterior(predictors, is_level, coefficients, prior)
    for _ in range(50):
        slope = predictors @ (is_level - probabilities).T - prior[:, None] * coefficients
        factor = np.linalg.cholesky(_curvature(predictors, probabilities, prior))
        half = np.linalg.inv(factor)
        step = (half.T @ (half @ slope.T.ravel())).reshape(others, k).T
        fraction = 1.0
        while True:
            trial = coefficients + fraction * step
            reached, there = _posterior(predictors, is_level, trial, prior)
            if reached >= value - 1e-9 * abs(value) or fraction < 1e-4:
                break
            fraction *= 0.5
        coefficients, value, probabilities = trial, reached, there
        if np.abs(fraction * step).max() < 1e-6:
            break
    half = np.linalg.inv(np.linalg.cholesky(_curvature(predictors, probabilities, prior)))
    noise = (half.T @ rng.standard_normal(k * others)).reshape(others, k).T
    return coefficients + noise, coefficients


def level_probabilities(predictors: Array, coefficients: Array) -> Array:
    """Probabilities of all levels, the reference first (levels, n)."""
    linear = np.vstack([np.zeros(predictors.shape[1]), coefficients.T @ predictors])
    linear -= linear.max(axis=0)
    np.exp(linear, out=linear)
    return np.asarray(linear / linear.sum(axis=0))


def _posterior(predictors: Array, is_level: Array, coefficients: Array, prior: Array) -> tuple[float, Array]:
    """Log-posterior, and the probabilities of the levels but the reference (levels - 1, n)."""
    linear = coefficients.T @ predictors
    top = np.maximum(linear.max(axis=0), 0.0)
    weight = np.exp(linear - top)
    total = np.exp(-top) + weight.sum(axis=0)
    value = float(np.sum(is_level * linear) - np.sum(np.log(total) + top))
    return value - 0.5 * float(np.sum(prior[:, None] * coefficients**2)), weight / total


def _curvature(predictors: Array, probabilities: Array, prior: Array) -> Array:
    """Minus the second derivatives of the log-posterior, level by level ((levels - 1) k, same)."""
    k, others = len(predictors), len(probabilities)
    found = np.zeros((others, k, others, k))
    for a in range(others):
        for b in range(a + 1):
            weight = probabilities[a] * ((1.0 if a == b else 0.0) - probabilities[b])
            found[a, :, b] = (predictors * weight) @ predictors.T
            found[b, :, a] = found[a, :, b].T
        found[a, :, a] += np.diag(prior)
    return found.reshape(others * k, others * k)

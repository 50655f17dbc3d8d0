"""What every family of regressions hands on: coefficients, casewise scores, information."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from survey_sem.errors import Warned
from survey_sem.linalg import Array
from survey_sem.regression.means import Means


@dataclass(frozen=True, slots=True)
class Working:
    """The last least-squares step of a regression, for corrections by leverage.

    Parameters
    ----------
    x, weights, residual : arrays (n, k), (n,), (n,)
        Matrix, working weights and working residuals; the scores are their product.
    """

    x: Array
    weights: Array
    residual: Array

    def rooted(self) -> tuple[Array, Array]:
        """Matrix and residuals, both times the root of the weights."""
        root = np.sqrt(self.weights)
        return self.x * root[:, None], self.residual * root


@dataclass(frozen=True, slots=True)
class Fitted:
    """A regression at its optimum.

    Parameters
    ----------
    equations, names : tuples of str, (q,)
        Of every coefficient; the equation is "" where there is one only.
    theta : array (q,)
        Coefficients.
    bread : array (q, q)
        Inverse information of all rows at unit dispersion.
    scores : array (n, q)
        Casewise scores times the row's weight, at unit dispersion; their sum is 0.
    dispersion : float
        Residual variance of a Gaussian model, 1 elsewhere.
    df_residual : float
        n - k for Gaussian models, infinite elsewhere.
    working : Working or None
        None where the model is not solved by least squares.
    means : Means
        Expected values of rows of the matrix: a response, or the probability of each category.
    outcomes : tuple of str, (m,)
        What the m expected values are of; ("",) for a response.
    measures : mapping
        Log-likelihood, deviance and the like by name.
    kernel : array (q, q), or None
        Of quantiles: the covariance matrix where the model holds in every row.
    """

    equations: tuple[str, ...]
    names: tuple[str, ...]
    theta: Array
    bread: Array
    scores: Array
    dispersion: float
    df_residual: float
    working: Working | None
    means: Means
    outcomes: tuple[str, ...] = ("",)
    measures: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[Warned, ...] = ()
    kernel: Array | None = None

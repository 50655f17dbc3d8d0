"""Iteratively weighted least squares for generalised linear models, step for step as R's ``glm()`` takes them.

R stops when the deviance stands still to eight digits and takes its information matrix from the weights of the last
step, one step behind the coefficients. Coefficients then agree with the optimum to ten digits, standard errors to four
or more. The same start and the same stop give R's numbers to rounding, in ``glm``, ``svyglm`` and ``vcovHC`` alike.
Source: McCullagh & Nelder (1989), Generalized Linear Models, sec. 2.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from survey_sem.linalg import Array
from survey_sem.regression.solving import NormalEquations

EPSILON = 1e-8
MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class Converged:
    """The end of the iterations.

    Parameters
    ----------
    theta : array (k,)
        Coefficients.
    mu : array (n,)
        Expected values.
    last : NormalEquations
        Of the last step, with its working weights, prior weights included.
    residual : array (n,)
        Working residuals at `theta`.
    stands_still : bool
        Whether the deviance did.
    """

    theta: Array
    mu: Array
    last: NormalEquations
    residual: Array
    stands_still: bool


def iterate(family: Any, x: Array, y: Array, weights: Array, offset: Array, mu: Array) -> Converged:
    """Iterate from expected values `mu` (n,).

    Parameters
    ----------
    family : statsmodels family
        Link, variance function and deviance.
    x, y, weights, offset : arrays (n, k), (n,), (n,), (n,)
        Matrix, response, prior weights, offset.
    """
    eta, deviance = family.link(mu), np.inf
    theta: Array = np.zeros(x.shape[1])
    stands_still = False
    for _ in range(MAX_STEPS):
        slope = 1.0 / family.link.deriv(mu)
        equations = NormalEquations.of(x, weights * slope**2 / family.variance(mu))
        theta = equations.solve(eta - offset + (y - mu) / slope)
        eta = x @ theta + offset
        mu = family.link.inverse(eta)
        before, deviance = deviance, float(family.deviance(y, mu, var_weights=weights))
        if not np.isfinite(deviance):
            break
        if abs(deviance - before) / (abs(deviance) + 0.1) < EPSILON:
            stands_still = True
            break
    return Converged(theta, mu, equations, (y - mu) * family.link.deriv(mu), stands_still)

"""Populations in which a model holds exactly, with normal and clearly non-normal variables, and what goes missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHAPE = 3.0
"""Shape of the gamma distribution of the common scale: its fourth moment is 1 + 1/SHAPE."""
DISTRIBUTIONS = ("normal", "skewed")

MODEL = """
f =~ x1 + x2 + x3
g =~ x4 + x5 + x6
h =~ x7 + x8 + x9
g ~ a*f
h ~ b*g + f
indirect := a*b
"""
ITEMS = tuple(f"x{k}" for k in range(1, 10))
PLANTED = {"f=~x2": 0.8, "f=~x3": 1.1, "g~f": 0.5, "h~g": 0.4, "h~f": 0.2, "indirect": 0.2, "x1~~x1": 0.6, "f~~f": 0.8}

GROUP_MODEL = """
f =~ x1 + x2 + x3
g =~ x4 + x5 + x6
"""
GROUP_ITEMS = ITEMS[:6]


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Means (p,) and covariance matrix (p, p) that a model implies."""

    names: tuple[str, ...]
    mean: Array
    cov: Array

    def draw(self, rng: np.random.Generator, n: int, distribution: str) -> pd.DataFrame:
        """Rows with exactly these moments in the population.

        "skewed": x = mean + s R u with R the symmetric root of the covariance matrix, u independent exponential
        variables less their mean (skewness 2, excess kurtosis 6), and s^2 gamma with mean 1, common to a row. The root
        mixes every u into every variable, so that no part of the model is independent of another: the conditions
        under which normal-theory tests happen to hold (asymptotic robustness) are not met.
        """
        values, vectors = np.linalg.eigh(self.cov)
        root = (vectors * np.sqrt(values)) @ vectors.T
        shape = (n, len(self.names))
        if distribution == "normal":
            rows = rng.standard_normal(shape)
        else:
            scale = np.sqrt(rng.gamma(SHAPE, 1.0 / SHAPE, size=(n, 1)))
            rows = scale * (rng.standard_exponential(shape) - 1.0)
        return pd.DataFrame(rows @ root + self.mean, columns=list(self.names))

    def skewed_shape(self) -> tuple[Array, Array]:
        """Skewness and excess kurtosis (p,) of the variables under "skewed"."""
        values, vectors = np.linalg.eigh(self.cov)
        root = (vectors * np.sqrt(values)) @ vectors.T
        variance = np.diag(self.cov)
        third = np.exp(_log_gamma(SHAPE + 1.5) - _log_gamma(SHAPE) - 1.5 * np.log(SHAPE))
        skewness = third * 2.0 * np.sum(root**3, axis=1) / variance**1.5
        fourth = (1.0 + 1.0 / SHAPE) * (3.0 * variance**2 + 6.0 * np.sum(root**4, axis=1))
        return skewness, fourth / variance**2 - 3.0


def _log_gamma(value: float) -> float:
    from scipy.special import gammaln

    return float(gammaln(value))


def mediation() -> Population:
    """Three factors of three items, with paths f -> g -> h and f -> h: 24 degrees of freedom."""
    loadings = np.kron(np.eye(3), np.array([[1.0], [0.8], [1.1]]))
    paths = np.zeros((3, 3))
    paths[1, 0], paths[2, 1], paths[2, 0] = 0.5, 0.4, 0.2
    total = np.linalg.inv(np.eye(3) - paths)
    latent = total @ np.diag([0.8, 0.6, 0.6]) @ total.T
    cov = loadings @ latent @ loadings.T + np.diag([0.6, 0.5, 0.7] * 3)
    return Population(ITEMS, np.linspace(2.0, 4.0, 9), cov)


def two_groups() -> tuple[Population, Population]:
    """Two factors of three items in two groups: loadings and intercepts equal; factors and residuals differ."""
    loadings = np.kron(np.eye(2), np.array([[1.0], [0.8], [1.1]]))
    intercepts = np.linspace(2.0, 4.0, 6)
    factors = (np.array([[0.8, 0.4], [0.4, 0.9]]), np.array([[1.1, 0.3], [0.3, 0.7]]))
    residuals = (np.array([0.6, 0.5, 0.7] * 2), np.array([0.5, 0.6, 0.6] * 2))
    means = (np.zeros(2), np.array([0.4, -0.2]))
    first, second = (
        Population(GROUP_ITEMS, intercepts + loadings @ mean, loadings @ cov @ loadings.T + np.diag(residual))
        for mean, cov, residual in zip(means, factors, residuals, strict=True)
    )
    return first, second


def with_missing(rows: pd.DataFrame, rng: np.random.Generator, mechanism: str) -> pd.DataFrame:
    """Rows with values missing completely at random ("mcar") or at random ("mar") given x1 and x4, which are complete.

    mcar: every other item with probability .15. mar: x2, x3, x7 where x1 is high and x5, x6, x8 where x4 is high, with
    logistic probabilities, about a quarter of the rows each.
    """
    hidden = np.zeros(rows.shape, dtype=bool)
    column = {name: at for at, name in enumerate(rows.columns)}
    if mechanism == "mcar":
        free = [at for name, at in column.items() if name not in ("x1", "x4")]
        hidden[:, free] = rng.random((len(rows), len(free))) < 0.15
    else:
        for driver, targets in (("x1", ("x2", "x3", "x7")), ("x4", ("x5", "x6", "x8"))):
            z = (rows[driver].to_numpy() - mediation().mean[column[driver]]) / 1.2
            chance = 1.0 / (1.0 + np.exp(1.5 - 1.5 * z))
            for target in targets:
                hidden[:, column[target]] = rng.random(len(rows)) < chance
    return rows.mask(hidden)

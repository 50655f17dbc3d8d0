"""Expected values of a regression for rows of its matrix, and their derivatives by the coefficients.

Each is called with rows x (n, k) and gives means (n, m) and slopes (n, m, q): m = 1, or one per category.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from survey_sem.linalg import Array
from survey_sem.regression.likelihoods import (
    Link,
    curve,
    multinomial_probabilities,
    multinomial_slopes,
    ordered_probabilities,
    ordered_slopes,
)


class Means(Protocol):
    """Expected values of rows, and their derivatives."""

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """Means (n, m) and slopes (n, m, q)."""


@dataclass(frozen=True, slots=True)
class Linear:
    """x theta."""

    theta: Array

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """See `Means`."""
        return (x @ self.theta)[:, None], x[:, None, :]


@dataclass(frozen=True, slots=True)
class Exponential:
    """exp(x theta); coefficients after those of x (a dispersion) have no part in it."""

    theta: Array

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """See `Means`."""
        k = x.shape[1]
        mu = np.exp(x @ self.theta[:k])
        others = np.zeros((len(x), len(self.theta) - k))
        return mu[:, None], np.column_stack([x * mu[:, None], others])[:, None, :]


@dataclass(frozen=True, slots=True)
class Probability:
    """Probability of the second of two answers."""

    theta: Array
    link: Link

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """See `Means`."""
        shape, eta = curve(self.link), x @ self.theta
        return shape.cdf(eta)[:, None], (x * shape.pdf(eta)[:, None])[:, None, :]


@dataclass(frozen=True, slots=True)
class OrderedCategories:
    """Probabilities of ordered categories; the first `n_dropped` columns of x (an intercept) have no coefficient."""

    theta: Array
    link: Link
    n_dropped: int

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """See `Means`."""
        own = x[:, self.n_dropped :]
        return ordered_probabilities(self.theta, own, self.link), ordered_slopes(self.theta, own, self.link)


@dataclass(frozen=True, slots=True)
class Categories:
    """Probabilities of unordered categories."""

    theta: Array

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """See `Means`."""
        return multinomial_probabilities(self.theta, x), multinomial_slopes(self.theta, x)


@dataclass(frozen=True, slots=True)
class TwoParts:
    """Probability of any amount times the mean amount where there is one."""

    whether: Means
    amount: Means

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """See `Means`."""
        (p, dp), (m, dm) = self.whether(x), self.amount(x)
        return p * m, np.concatenate([dp * m[:, :, None], p[:, :, None] * dm], axis=2)

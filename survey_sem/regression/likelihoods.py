"""Likelihoods of the models that statsmodels fits without weights: ordered, multinomial, negative binomial.

Each gives log-likelihood, casewise scores (n, q) and information (q, q) of weighted rows; `maximise` finds the maximum
by Newton steps with halving. A row of weight w counts as w rows.
Sources: McCullagh (1980), doi:10.1111/j.2517-6161.1980.tb01109.x (ordered); Lawless (1987), doi:10.2307/3314912
(negative binomial).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from survey_sem.errors import ModelError
from survey_sem.linalg import Array

Link = Literal["logit", "probit", "cloglog"]
MAX_STEPS = 200
GRADIENT_TOLERANCE = 1e-9
"""Largest element of the mean gradient, in units of its standard deviation, that counts as zero."""


class Likelihood(Protocol):
    """What `maximise` needs of a model."""

    def log(self, theta: Array) -> Array:
        """Log-likelihood of every row (n,); -inf where theta is outside the parameter space."""

    def scores(self, theta: Array) -> Array:
        """Derivatives of `log` (n, q)."""

    def information(self, theta: Array, weights: Array) -> Array:
        """Minus the weighted sum of second derivatives (q, q)."""


def maximise(model: Likelihood, start: Array, weights: Array, what: str) -> Array:
    """Parameters at the maximum of the weighted log-likelihood.

    Raises
    ------
    ModelError
        No maximum was reached: the usual cause is a category that predictors separate perfectly.
    """
    theta = start
    value = float(weights @ model.log(theta))
    for _ in range(MAX_STEPS):
        scores = model.scores(theta)
        gradient = weights @ scores
        scale = np.sqrt(np.maximum(weights @ scores**2, 1e-300))
        if np.max(np.abs(gradient) / scale) < GRADIENT_TOLERANCE:
            return theta
        step = _newton_step(model.information(theta, weights), gradient)
        for _ in range(60):
            new = theta + step
            reached = float(weights @ model.log(new))
            if reached >= value - 1e-12 * abs(value):
                break
            step = step / 2.0
        else:
            break
        if reached <= value + 1e-13 * abs(value) and np.max(np.abs(step)) < 1e-10 * (1.0 + np.max(np.abs(theta))):
            return new
        theta, value = new, reached
    raise ModelError(
        "not-converged",
        f"the {what} regression has no maximum that could be reached",
        got=f"largest coefficient {np.max(np.abs(theta)):.3g}",
        hint="a predictor that separates a category perfectly has no finite coefficient: cross-tabulate it",
    )


def _newton_step(information: Array, gradient: Array) -> Array:
    """Solve, with the diagonal raised until the matrix is positive definite."""
    ridge = 0.0
    scale = np.mean(np.abs(np.diag(information))) + 1e-12
    while True:
        try:
            np.linalg.cholesky(information + ridge * scale * np.eye(len(gradient)))
        except np.linalg.LinAlgError:
            ridge = max(10.0 * ridge, 1e-8)
            continue
        return np.asarray(np.linalg.solve(information + ridge * scale * np.eye(len(gradient)), gradient))


@dataclass(frozen=True, slots=True)
class Curve:
    """A distribution function of a latent response with its first two derivatives."""

    cdf: Callable[[Array], Array]
    pdf: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def curve(link: Link) -> Curve:
    """The curve of a link; at +-infinity all derivatives are 0."""
    from scipy.special import expit, ndtr

    if link == "logit":
        return Curve(expit, lambda t: expit(t) * expit(-t), lambda t: expit(t) * expit(-t) * (expit(-t) - expit(t)))
    if link == "probit":

        def density(t: Array) -> Array:
            return np.asarray(np.exp(-0.5 * t * t) / np.sqrt(2.0 * np.pi))

        return Curve(ndtr, density, lambda t: np.where(np.isfinite(t), -np.nan_to_num(t) * density(t), 0.0))

    def bounded(t: Array) -> Array:
        return np.clip(t, -700.0, 700.0)

    def complementary(t: Array) -> Array:
        return np.asarray(np.exp(bounded(t) - np.exp(bounded(t))))

    return Curve(
        lambda t: -np.expm1(-np.exp(bounded(t))),
        complementary,
        lambda t: complementary(t) * (1.0 - np.exp(np.minimum(bounded(t), 300.0))),
    )


@dataclass(frozen=True, slots=True)
class Ordered:
    """P(y <= j) = F(tau_j - x b), categories 0 .. J-1; theta = (b, tau).

    Parameters
    ----------
    x : array (n, k)
        Without an intercept: the thresholds take its place.
    y : int array (n,)
        Categories.
    n_categories : int
        J.
    link : {"logit", "probit", "cloglog"}
        F.
    """

    x: Array
    y: Array
    n_categories: int
    link: Link

    @property
    def shape(self) -> Curve:
        """F with its derivatives."""
        return curve(self.link)

    def _ends(self, theta: Array) -> tuple[Array, Array]:
        k = self.x.shape[1]
        tau = np.concatenate([[-np.inf], theta[k:], [np.inf]])
        eta = self.x @ theta[:k]
        return tau[self.y + 1] - eta, tau[self.y] - eta

    def _probability(self, upper: Array, lower: Array) -> Array:
        return self.shape.cdf(upper) - self.shape.cdf(lower)

    def log(self, theta: Array) -> Array:
        """Log of the probability of the answered category."""
        if np.any(np.diff(theta[self.x.shape[1] :]) <= 0):
            return np.full(len(self.y), -np.inf)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(self._probability(*self._ends(theta)), 0.0)))

    def scores(self, theta: Array) -> Array:
        """Derivatives (n, k + J - 1)."""
        upper, lower = self._ends(theta)
        p = np.maximum(self._probability(upper, lower), 1e-300)
        high, low = self.shape.pdf(upper) / p, self.shape.pdf(lower) / p
        return np.column_stack([-(high - low)[:, None] * self.x, self._thresholds(high, -low)])

    def _thresholds(self, high: Array, low: Array) -> Array:
        """Values for the threshold above (`high`) and below (`low`) the answered category (n, J - 1)."""
        wide = np.zeros((len(self.y), self.n_categories + 1))
        rows = np.arange(len(self.y))
        wide[rows, self.y + 1] = high
        wide[rows, self.y] += low
        return wide[:, 1:-1]

    def information(self, theta: Array, weights: Array) -> Array:
        """Observed information."""
        upper, lower = self._ends(theta)
        p = np.maximum(self._probability(upper, lower), 1e-300)
        high, low = self.shape.pdf(upper) / p, self.shape.pdf(lower) / p
        bent_high, bent_low = self.shape.slope(upper) / p, self.shape.slope(lower) / p
        scores = np.column_stack([-(high - low)[:, None] * self.x, self._thresholds(high, -low)])
        total = (scores * weights[:, None]).T @ scores
        k = self.x.shape[1]
        curvature = weights * (bent_high - bent_low)
        total[:k, :k] -= (self.x * curvature[:, None]).T @ self.x
        crossed = -self.x.T @ self._thresholds(weights * bent_high, -weights * bent_low)
        total[:k, k:] -= crossed
        total[k:, :k] -= crossed.T
        at = np.arange(k, total.shape[0])
        total[at, at] -= self._thresholds(weights * bent_high, -weights * bent_low).sum(axis=0)
        return total


def ordered_probabilities(theta: Array, x: Array, link: Link) -> Array:
    """P(y = j) of ordered categories for rows x: (n, J)."""
    k = x.shape[1]
    below = curve(link).cdf(theta[None, k:] - (x @ theta[:k])[:, None])
    return np.asarray(np.diff(np.column_stack([np.zeros(len(x)), below, np.ones(len(x))]), axis=1))


def ordered_slopes(theta: Array, x: Array, link: Link) -> Array:
    """Derivatives of `ordered_probabilities` (n, J, q)."""
    k, n_bars = x.shape[1], len(theta) - x.shape[1]
    density = curve(link).pdf(theta[None, k:] - (x @ theta[:k])[:, None])
    below = np.zeros((len(x), n_bars + 2, len(theta)))
    below[:, 1:-1, :k] = -density[:, :, None] * x[:, None, :]
    at = np.arange(n_bars)
    below[:, 1 + at, k + at] = density
    return np.asarray(np.diff(below, axis=1))


@dataclass(frozen=True, slots=True)
class Multinomial:
    """P(y = j) proportional to exp(x b_j), b_0 = 0; theta = (b_1, ..., b_(J-1)), one after the other."""

    x: Array
    y: Array
    n_categories: int

    def log(self, theta: Array) -> Array:
        """Log of the probability of the chosen category."""
        from scipy.special import log_softmax

        eta = np.column_stack([np.zeros(len(self.x)), self.x @ theta.reshape(self.n_categories - 1, -1).T])
        return np.asarray(log_softmax(eta, axis=1)[np.arange(len(self.y)), self.y])

    def scores(self, theta: Array) -> Array:
        """Derivatives (n, (J - 1) k)."""
        chosen = np.eye(self.n_categories)[self.y] - multinomial_probabilities(theta, self.x)
        return np.asarray((chosen[:, 1:, None] * self.x[:, None, :]).reshape(len(self.x), -1))

    def information(self, theta: Array, weights: Array) -> Array:
        """Observed information, which is the expected one."""
        p = multinomial_probabilities(theta, self.x)[:, 1:]
        k = self.x.shape[1]
        total = np.empty((p.shape[1] * k, p.shape[1] * k))
        for a in range(p.shape[1]):
            for b in range(a + 1):
                curvature = weights * p[:, a] * ((a == b) - p[:, b])
                block = (self.x * curvature[:, None]).T @ self.x
                total[a * k : a * k + k, b * k : b * k + k] = block
                total[b * k : b * k + k, a * k : a * k + k] = block.T
        return total


def multinomial_probabilities(theta: Array, x: Array) -> Array:
    """P(y = j) of unordered categories for rows x: (n, J)."""
    from scipy.special import softmax

    eta = x @ theta.reshape(-1, x.shape[1]).T
    return np.asarray(softmax(np.column_stack([np.zeros(len(x)), eta]), axis=1))


def multinomial_slopes(theta: Array, x: Array) -> Array:
    """Derivatives of `multinomial_probabilities` (n, J, q)."""
    p = multinomial_probabilities(theta, x)
    slopes = -p[:, :, None] * p[:, None, 1:] + np.eye(p.shape[1])[None, :, 1:] * p[:, :, None]
    return np.asarray((slopes[:, :, :, None] * x[:, None, None, :]).reshape(*p.shape, -1))


@dataclass(frozen=True, slots=True)
class NegativeBinomial:
    """Counts of mean mu = exp(x b + offset) and variance mu + alpha mu^2; theta = (b, ln alpha)."""

    x: Array
    y: Array
    offset: Array

    def _parts(self, theta: Array) -> tuple[Array, float]:
        eta = np.minimum(self.x @ theta[:-1] + self.offset, 500.0)
        return np.exp(eta), float(np.exp(-theta[-1]))

    def log(self, theta: Array) -> Array:
        """Log-probability of the counts."""
        from scipy.special import gammaln

        mu, size = self._parts(theta)
        share = np.log1p(mu / size)
        constant = gammaln(self.y + size) - gammaln(size) - gammaln(self.y + 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            counted = np.where(self.y > 0, self.y * (np.log(mu) - np.log(size) - share), 0.0)
        return np.asarray(constant - size * share + counted)

    def scores(self, theta: Array) -> Array:
        """Derivatives (n, k + 1)."""
        from scipy.special import digamma

        mu, size = self._parts(theta)
        slope = (self.y - mu) / (1.0 + mu / size)
        by_size = digamma(self.y + size) - digamma(size) - np.log1p(mu / size) + (mu - self.y) / (size + mu)
        return np.column_stack([slope[:, None] * self.x, -size * by_size])

    def information(self, theta: Array, weights: Array) -> Array:
        """Expected for b, observed for ln alpha, which are uncorrelated at the maximum."""
        from scipy.special import digamma, polygamma

        mu, size = self._parts(theta)
        k = self.x.shape[1]
        total = np.zeros((k + 1, k + 1))
        total[:k, :k] = (self.x * (weights * mu / (1.0 + mu / size))[:, None]).T @ self.x
        by_size = digamma(self.y + size) - digamma(size) - np.log1p(mu / size) + (mu - self.y) / (size + mu)
        bent = (
            polygamma(1, self.y + size)
            - polygamma(1, size)
            + mu / (size * (size + mu))
            - (mu - self.y) / (size + mu) ** 2
        )
        total[k, k] = -float(weights @ (size * size * bent + size * by_size))
        return total

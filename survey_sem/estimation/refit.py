"""Refitting a model to many samples that are near to one whose optimum is known.

All samples move together: quasi-Newton steps that begin with the curvature of the known optimum (limited memory BFGS;
Nocedal & Wright 2006, algorithm 7.4), so that no sample's own Hessian is ever made. What does not arrive so, and models
with nonlinear or inequality constraints, are searched for one by one with the optimiser of a single fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from survey_sem.estimation.estimate import CAUTION, Estimates, Objective, usable_starts
from survey_sem.estimation.model import Model
from survey_sem.estimation.optimise import minimise
from survey_sem.estimation.stacked import StackedModel
from survey_sem.linalg import Array, Indices, cholesky_or_none, inverse_from_cholesky, symmetric

MEMORY = 10
"""Steps that the quasi-Newton direction remembers."""
MAX_ROUNDS = 30
"""Evaluations after which a sample is left to the single optimiser."""
STOP_BELOW = 1e-19
"""Squared distance to the optimum, in the metric of the information, at which a search ends."""
ACCEPT_BELOW = 1e-14
"""Squared distance that still counts as an optimum when rounding stops progress."""
SINGLE_ITERATIONS = 60
"""Steps of a single search."""


@dataclass(frozen=True, slots=True, eq=False)
class Refits:
    """Optima of R samples: `theta` (R, q), `value` (R,), `converged` (R,).

    A sample without a positive definite covariance matrix has not converged; its row is NaN.
    """

    theta: Array
    value: Array
    converged: NDArray[np.bool_]


def refit(estimates: Estimates, model: StackedModel) -> Refits:
    """Fit all samples, beginning at the known optimum.

    Parameters
    ----------
    estimates : Estimates
        The fit to the sample that the others resemble.
    model : StackedModel
        The same model with the other samples.
    """
    n_draws = len(model.shares)
    theta = np.full((n_draws, len(estimates.theta)), np.nan)
    value, converged = np.full(n_draws, np.nan), np.zeros(n_draws, dtype=bool)
    usable = np.flatnonzero(model.is_usable)
    basis, inverse = _curvature(estimates)
    if inverse is not None and len(usable):
        found = _together(estimates.theta, model.take(usable), basis, inverse, estimates.model.size)
        theta[usable], value[usable], converged[usable] = found.theta, found.value, found.converged
    for at in usable[~converged[usable]]:
        theta[at], value[at], converged[at] = _alone(estimates, model, int(at), theta[at])
    return Refits(theta, value, converged)


def _curvature(estimates: Estimates) -> tuple[Array, Array | None]:
    """A basis of what linear equalities leave free, and the inverse Hessian there; None where steps need more care."""
    constraints, model = estimates.constraints, estimates.model
    free = constraints.directions
    basis = free.dense()
    if not constraints.are_linear_equalities or not basis.size:
        return basis, None
    factor = cholesky_or_none(symmetric(model.observed_information(estimates.points, free)))
    return basis, None if factor is None else inverse_from_cholesky(factor)


class _Memory:
    """The last steps of every sample and the changes of the gradient along them."""

    def __init__(self, inverse: Array, n_draws: int) -> None:
        shape = (MEMORY, n_draws, len(inverse))
        self._inverse = inverse
        self._steps, self._changes = np.zeros(shape), np.zeros(shape)
        self._weights = np.zeros(shape[:2])
        self._newest = -1

    def add(self, at: Indices, steps: Array, changes: Array) -> None:
        """Remember one step of the samples `at`; the others remember none in its place."""
        self._newest = (self._newest + 1) % MEMORY
        product = np.sum(steps * changes, axis=1)
        length = np.sqrt(np.sum(steps**2, axis=1) * np.sum(changes**2, axis=1))
        self._weights[self._newest] = 0.0
        with np.errstate(divide="ignore"):
            self._weights[self._newest, at] = np.where(product > 1e-10 * length, 1.0 / product, 0.0)
        self._steps[self._newest, at], self._changes[self._newest, at] = steps, changes

    def direction(self, at: Indices, gradient: Array) -> Array:
        """Downhill directions of the samples `at`, from their gradients."""
        order = [(self._newest - back) % MEMORY for back in range(MEMORY)]
        order = [slot for slot in order if self._weights[slot, at].any()]
        turned, factors = gradient.copy(), []
        for slot in order:
            factor = self._weights[slot, at] * np.sum(self._steps[slot, at] * turned, axis=1)
            turned -= factor[:, None] * self._changes[slot, at]
            factors.append(factor)
        turned = turned @ self._inverse
        for slot, factor in zip(reversed(order), reversed(factors), strict=True):
            other = self._weights[slot, at] * np.sum(self._changes[slot, at] * turned, axis=1)
            turned += (factor - other)[:, None] * self._steps[slot, at]
        return -turned


def _together(start: Array, model: StackedModel, basis: Array, inverse: Array, size: float) -> Refits:
    """Quasi-Newton search of all samples at once; `size` as in `minimise`."""
    n_draws = len(model.shares)
    theta = np.repeat(start[None], n_draws, axis=0)
    value, slope = model.value_and_gradient(theta)
    gradient = slope @ basis
    memory = _Memory(inverse, n_draws)
    everyone = np.arange(n_draws)
    direction = memory.direction(everyone, gradient)
    decrement, fraction = -np.sum(gradient * direction, axis=1), np.ones(n_draws)
    converged, lost = decrement < STOP_BELOW, ~np.isfinite(value)
    for _ in range(MAX_ROUNDS):
        at = np.flatnonzero(~converged & ~lost)
        if not len(at):
            break
        steps = fraction[at, None] * direction[at]
        trial = theta[at] + steps @ basis.T
        new_value, new_slope = model.take(at).value_and_gradient(trial)
        rounding = 1e-14 * np.maximum(max(10.0, size), value[at])
        lower = new_value <= value[at] - 1e-4 * fraction[at] * decrement[at] + rounding
        fraction[at[~lower]] *= 0.25
        lost[at] = fraction[at] < 1e-4
        moved, new_gradient = at[lower], new_slope[lower] @ basis
        memory.add(moved, steps[lower], new_gradient - gradient[moved])
        theta[moved], value[moved], gradient[moved], fraction[moved] = trial[lower], new_value[lower], new_gradient, 1.0
        direction[moved] = memory.direction(moved, new_gradient)
        previous = decrement[moved]
        decrement[moved] = -np.sum(new_gradient * direction[moved], axis=1)
        lost[moved] = decrement[moved] < 0.0
        is_still = (decrement[moved] < ACCEPT_BELOW) & (decrement[moved] >= 0.25 * previous)
        converged[moved] = ~lost[moved] & ((decrement[moved] < STOP_BELOW) | is_still)
    return Refits(theta, value, converged)


def _alone(estimates: Estimates, model: StackedModel, at: int, reached: Array) -> tuple[Array, float, bool]:
    """One sample with the optimiser of a single fit: from where it stopped, then from its own starting values."""
    single = model.single(at)
    for start, damping in _attempts(estimates, single, reached):
        if np.isfinite(start).all() and np.isfinite(single.value(start)):
            found = minimise(Objective(single), start, estimates.constraints, SINGLE_ITERATIONS, damping)
            if found.converged:
                return found.theta, found.value, True
    return np.full(len(reached), np.nan), np.nan, False


def _attempts(estimates: Estimates, single: Model, reached: Array) -> Iterator[tuple[Array, float]]:
    yield reached, 0.0
    starts = usable_starts(replace(estimates.built, model=single))
    yield from ((start, 0.0) for start in starts[:1])
    yield estimates.theta, CAUTION

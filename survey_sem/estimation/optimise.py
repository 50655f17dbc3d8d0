"""The optimiser. It knows functions and constraints, and nothing of statistics.

Without nonlinear or inequality constraints: Levenberg-Marquardt steps in the metric that the problem offers (Fisher
scoring), ending in Newton steps with the exact Hessian. With them: sequential quadratic programming with the same
matrices, each quadratic programme solved as a least-distance problem (Lawson & Hanson 1974).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from survey_sem.linalg import Array, Directions, all_directions, cholesky_or_none, free_directions, symmetric

NEWTON_BELOW = 1e-2
"""Newton decrement below which the exact Hessian replaces the metric."""
STOP_BELOW = 1e-20
"""Newton decrement (squared distance to the optimum in the metric) at which the search ends."""
FLAT = 1e-9
"""Eigenvalue of the Hessian, scaled to unit diagonal, below which a direction counts as flat."""
RESTLESS = 1e-4
"""Gradient times parameter (free of units) above which a point is no optimum, whatever its decrement."""
ACCEPT_BELOW = 1e-13
"""Newton decrement that still counts as an optimum when rounding stops progress."""


class Local(Protocol):
    """A function around one point: what a step needs, computed when it is asked for."""

    def gradient(self) -> Array:
        """Gradient (q,)."""

    def metric(self, free: Directions) -> Array:
        """A positive semi-definite approximation of the Hessian, for the directions that are free (r, r)."""

    def hessian(self, free: Directions) -> Array:
        """The exact Hessian, for the directions that are free (r, r)."""


class Problem(Protocol):
    """What the optimiser asks of a function."""

    def value(self, theta: Array) -> float:
        """The function; infinity where it has no value."""

    def at(self, theta: Array) -> Local:
        """The function around a point where it has a value."""


class NonlinearFunctions(Protocol):
    """Constraint functions of the parameter vector."""

    def values(self, theta: Array) -> Array:
        """Values (r,)."""

    def jacobian(self, theta: Array) -> Array:
        """Jacobian (r, q)."""

    def weighted_hessian(self, theta: Array, weights: Array) -> Array:
        """Weighted sum of Hessians (q, q)."""

    def __len__(self) -> int:
        """Number of functions."""


@dataclass(frozen=True, eq=False)
class Constraints:
    """What the parameter vector must satisfy.

    Parameters
    ----------
    matrix, target : arrays (r, q), (r,)
        Linear equalities: ``matrix @ theta = target``, of full row rank.
    equal, positive : NonlinearFunctions
        Functions that must be zero, and functions that must not be negative.
    lower, upper : arrays (q,)
        Bounds.
    """

    matrix: Array
    target: Array
    equal: NonlinearFunctions
    positive: NonlinearFunctions
    lower: Array
    upper: Array

    @cached_property
    def directions(self) -> Directions:
        """Directions that the linear equalities leave free."""
        return free_directions(self.matrix)

    def directions_at(self, theta: Array) -> Directions:
        """Directions that all equalities leave free at theta."""
        return free_directions(self.equality_jacobian(theta)) if len(self.equal) else self.directions

    @property
    def are_linear_equalities(self) -> bool:
        """Is there nothing but linear equalities?"""
        bounded = bool(np.isfinite(self.lower).any() or np.isfinite(self.upper).any())
        return not (len(self.equal) or len(self.positive) or bounded)

    def equality_jacobian(self, theta: Array) -> Array:
        """Derivatives of all equalities at theta (r, q)."""
        return np.vstack([self.matrix, self.equal.jacobian(theta)])

    def violation(self, theta: Array) -> float:
        """Largest violation of any constraint; NaN counts as infinite."""
        inequality, _ = self._inequalities(theta, with_jacobian=False)
        gaps = [
            np.abs(self.matrix @ theta - self.target),
            np.abs(self.equal.values(theta)),
            np.maximum(-inequality, 0.0),
        ]
        gap = np.concatenate(gaps)
        if not np.isfinite(gap).all():
            return float("inf")
        return float(gap.max(initial=0.0))

    def total_violation(self, theta: Array) -> float:
        """Sum of absolute violations, the penalty of the merit function."""
        inequality, _ = self._inequalities(theta, with_jacobian=False)
        equality = np.concatenate([self.matrix @ theta - self.target, self.equal.values(theta)])
        total = float(np.abs(equality).sum() + np.maximum(-inequality, 0.0).sum())
        return total if np.isfinite(total) else float("inf")

    def linearised(self, theta: Array) -> tuple[Array, Array, Array, Array]:
        """E, e, G, h of ``E d = e`` and ``G d >= h`` for a step d from theta."""
        equality = np.concatenate([self.matrix @ theta - self.target, self.equal.values(theta)])
        values, jacobian = self._inequalities(theta, with_jacobian=True)
        return self.equality_jacobian(theta), -equality, jacobian, -values

    def lagrangian_hessian(self, theta: Array, equal: Array, positive: Array) -> Array:
        """Weighted Hessian of the nonlinear constraints at their multipliers."""
        own = equal[len(self.target) :]
        return -self.equal.weighted_hessian(theta, own) - self.positive.weighted_hessian(
            theta, positive[: len(self.positive)]
        )

    def _inequalities(self, theta: Array, *, with_jacobian: bool) -> tuple[Array, Array]:
        low, high = np.isfinite(self.lower), np.isfinite(self.upper)
        values = np.concatenate([self.positive.values(theta), (theta - self.lower)[low], (self.upper - theta)[high]])
        if not with_jacobian:
            return values, np.zeros((0, len(theta)))
        identity = np.eye(len(theta))
        return values, np.vstack([self.positive.jacobian(theta), identity[low], -identity[high]])


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """Where the search ended.

    Parameters
    ----------
    theta : array (q,)
        The parameter vector.
    value : float
        The function there.
    converged : bool
        Gradient (projected on the constraints) zero to rounding, Hessian positive definite on them,
        constraints met.
    n_iterations : int
        Steps taken.
    gradient_norm : float
        Largest absolute element of the projected gradient.
    decrement : float
        Newton decrement: squared distance to the optimum in the metric of the Hessian.
    message : str
        What ended the search, in words.
    """

    theta: Array
    value: float
    converged: bool
    n_iterations: int
    gradient_norm: float
    decrement: float
    message: str


def minimise(
    problem: Problem,
    start: Array,
    constraints: Constraints,
    max_iterations: int = 250,
    damping: float = 0.0,
    size: float = 1.0,
) -> Optimum:
    """A local minimum of the problem from a start where it has a value.

    `damping` shortens the first steps (1 halves them); it falls as steps succeed. `size` is that of the terms that the
    function is a difference of, where they are larger than itself: what rounding does to it grows with them.
    """
    if constraints.are_linear_equalities:
        return _minimise_in_null_space(problem, start, constraints, max_iterations, damping, size)
    found = _minimise_constrained(problem, start, constraints, max_iterations, size)
    return replace(found, theta=np.clip(found.theta, constraints.lower, constraints.upper))


def _minimise_in_null_space(
    problem: Problem, start: Array, constraints: Constraints, max_iterations: int, damping: float, size: float
) -> Optimum:
    """Levenberg-Marquardt over ``theta = theta0 + K x``, K a basis of the linear equalities' null space."""
    free = constraints.directions
    theta, value, previous = start, problem.value(start), np.inf
    gradient: Array = np.zeros(free.size)
    decrement, escapes = np.inf, 0
    for iteration in range(max_iterations + 1):
        local = problem.at(theta)
        gradient = free.of_vector(local.gradient())
        curved = None
        if decrement < NEWTON_BELOW or iteration > 40:
            curved = _positive_definite(local.hessian(free))
        step, decrement = _damped_step(gradient, local.metric(free) if curved is None else curved, damping)
        is_still = decrement < STOP_BELOW or (decrement < ACCEPT_BELOW and decrement >= 0.25 * previous)
        if is_still and damping > 0.0:
            damping, previous = 0.0, np.inf  # a damped step is short for another reason
            continue
        if is_still:
            curved = local.hessian(free) if curved is None else curved
            if _positive_definite(curved) is not None:
                return _ended(theta, value, iteration, gradient, decrement, _runaway(theta, free.along(gradient)))
            escapes += 1
            if escapes > 5:
                return _ended(
                    theta,
                    value,
                    iteration,
                    gradient,
                    decrement,
                    "the function does not rise in every direction",
                )
            theta, value = _off_the_saddle(problem, theta, value, free, curved)
            damping, previous, decrement = 0.0, np.inf, np.inf
            continue
        if iteration == max_iterations:
            break
        previous, before = decrement, theta
        theta, value, damping = _advance(problem, theta, value, free.along(step), float(gradient @ step), damping, size)
        if theta is before and decrement < ACCEPT_BELOW:
            damping = 0.0  # it is rounding that lets no step lower the function: the next look ends the search
        if damping > 1e12:
            break
    message = f"no optimum after {iteration} iterations"
    if damping > 1e12:
        message = "no step lowers the function, and its gradient is not zero"
    return _ended(theta, value, iteration, gradient, decrement, message)


def _runaway(theta: Array, gradient: Array) -> str:
    """Empty at an optimum; a message where the gradient is small only because the parameters are huge."""
    at_rest = float(np.abs(gradient * theta).max(initial=0.0)) < RESTLESS
    return "" if at_rest else "the parameters grow without end"


def _ended(theta: Array, value: float, iteration: int, gradient: Array, decrement: float, message: str) -> Optimum:
    norm = float(np.abs(gradient).max(initial=0.0))
    return Optimum(theta, value, not message, iteration, norm, decrement, message or "gradient zero to rounding")


def _positive_definite(matrix: Array) -> Array | None:
    """The matrix where it is safely positive definite, else None."""
    scale = np.sqrt(np.abs(np.diag(matrix)))
    if not matrix.size:
        return matrix
    if not np.isfinite(matrix).all() or (scale <= 0).any():
        return None
    scaled = matrix / np.outer(scale, scale)
    return matrix if cholesky_or_none(scaled - FLAT * np.eye(len(matrix))) is not None else None


def _damped_step(gradient: Array, metric: Array, damping: float) -> tuple[Array, float]:
    """Solution of (metric + damping diag) d = -gradient, and the decrement -gradient' d."""
    if not len(gradient):
        return gradient, 0.0
    scale = np.sqrt(np.maximum(np.diag(metric), 1e-300))
    scaled = metric / np.outer(scale, scale)
    lift = damping
    while True:
        factor = cholesky_or_none(symmetric(scaled) + lift * np.eye(len(scale)))
        if factor is not None:
            half = np.linalg.solve(factor, -gradient / scale)
            step = np.linalg.solve(factor.T, half) / scale
            return step, float(-gradient @ step)
        lift = max(1e-10, 10.0 * lift)


def _advance(
    problem: Problem, theta: Array, value: float, step: Array, slope: float, damping: float, size: float
) -> tuple[Array, float, float]:
    """Take the step when it lowers the value as a fraction of what the slope promises; set the next damping."""
    trial = theta + step
    found = problem.value(trial)
    rounding = 1e-14 * max(size, abs(value))
    if found <= value + 1e-4 * slope + rounding:
        gain = (found - value) / slope if slope < 0 else 1.0
        return trial, found, (damping / 10.0 if gain > 0.25 and damping > 1e-8 else 0.0 if gain > 0.25 else damping)
    for shrink in (0.5, 0.25, 0.1, 0.03):
        trial = theta + shrink * step
        found = problem.value(trial)
        if found <= value + 1e-4 * shrink * slope + rounding:
            return trial, found, damping
    return theta, value, max(1e-3, 10.0 * damping)


def _off_the_saddle(
    problem: Problem, theta: Array, value: float, free: Directions, curved: Array
) -> tuple[Array, float]:
    """A lower point along the direction of most negative curvature."""
    scale = np.sqrt(np.maximum(np.abs(np.diag(curved)), 1e-12))
    _, vectors = np.linalg.eigh(curved / np.outer(scale, scale))
    direction = free.along(vectors[:, 0] / scale)
    trials = [theta + sign * size * direction for size in (0.3, 0.1, 0.03, 0.01) for sign in (1.0, -1.0)]
    found = [(problem.value(trial), at) for at, trial in enumerate(trials)]
    lowest, at = min(found)
    return (trials[at], lowest) if lowest < value else (theta, value)


def _minimise_constrained(
    problem: Problem, start: Array, constraints: Constraints, max_iterations: int, size: float
) -> Optimum:
    """Sequential quadratic programming with an l1 merit function."""
    theta, value, penalty, previous, distance = start, problem.value(start), 1.0, np.inf, np.inf
    curvature: Array | None = None
    active: Array = np.zeros((0, len(start)))
    projected = np.zeros(len(start))
    everything = all_directions(len(start))
    for iteration in range(max_iterations + 1):
        local = problem.at(theta)
        gradient, metric = local.gradient(), local.metric(everything)
        linear = constraints.linearised(theta)
        solved = None if curvature is None else _newton_programme(gradient, curvature, active, linear)
        if solved is None:
            solved = _quadratic_programme(gradient, _regularised(metric), *linear)
        if solved is None:
            return _ended(theta, value, iteration, gradient, np.inf, "the constraints contradict each other")
        step, equal, positive = solved
        projected, active = gradient - linear[0].T @ equal - linear[2].T @ positive, linear[2][positive > 0.0]
        distance = float(step @ metric @ step)
        gap = constraints.violation(theta)
        if (distance < STOP_BELOW and gap < 1e-10) or (distance < ACCEPT_BELOW and gap < 1e-9 and distance >= previous):
            return _ended(theta, value, iteration, projected, distance, _second_order(local, linear, positive))
        previous = distance
        penalty = max(penalty, 2.0 * max(np.abs(equal).max(initial=0.0), positive.max(initial=0.0)))
        moved = _merit_search(problem, constraints, theta, value, step, float(gradient @ step), penalty, distance, size)
        if moved is None:
            break
        theta, value = moved
        curvature = None
        if distance < NEWTON_BELOW:
            curvature = problem.at(theta).hessian(everything) + constraints.lagrangian_hessian(theta, equal, positive)
    return _ended(theta, value, iteration, projected, distance, f"no optimum after {iteration} iterations")


def _second_order(local: Local, linear: tuple[Array, Array, Array, Array], positive: Array) -> str:
    """Empty where the Hessian is positive definite on the active constraints' null space, else a message."""
    active = np.vstack([linear[0], linear[2][positive > 1e-12]])
    free = free_directions(active)
    if not free.size or _positive_definite(local.hessian(free)) is not None:
        return ""
    return "the function does not rise in every direction"


def _regularised(metric: Array) -> Array:
    scale = np.maximum(np.diag(metric), 1e-12)
    return metric + 1e-10 * np.diag(scale)


def _merit_search(
    problem: Problem,
    constraints: Constraints,
    theta: Array,
    value: float,
    step: Array,
    slope: float,
    penalty: float,
    distance: float,
    size: float,
) -> tuple[Array, float] | None:
    """The longest of a few fractions of the step that lowers value + penalty * violation; None where none does."""
    merit = value + penalty * constraints.total_violation(theta)
    promised = min(slope - penalty * constraints.total_violation(theta), 0.0)
    for fraction in (1.0, 0.5, 0.25, 0.1, 0.03, 0.01, 1e-3, 1e-4):
        trial = theta + fraction * step
        found = problem.value(trial)
        reached = found + penalty * constraints.total_violation(trial)
        if np.isfinite(found) and (
            reached <= merit + 1e-4 * fraction * promised + 1e-13 * size or distance < ACCEPT_BELOW
        ):
            return trial, found
    return None


def _quadratic_programme(
    gradient: Array, hessian: Array, equal: Array, target: Array, positive: Array, least: Array
) -> tuple[Array, Array, Array] | None:
    """Step and multipliers of ``min g'd + d'Hd/2`` subject to ``E d = e`` and ``G d >= h``; None where none exists.

    The equalities are eliminated; what is left is a least-distance problem, solved through non-negative least
    squares (Lawson & Hanson 1974, chapter 23).
    """
    if not (np.isfinite(equal).all() and np.isfinite(positive).all() and np.isfinite(least).all()):
        return None
    shift = np.linalg.lstsq(equal, target, rcond=1e-12)[0] if len(target) else np.zeros(len(gradient))
    if len(target) and np.abs(equal @ shift - target).max() > 1e-8 * max(1.0, np.abs(target).max()):
        return None
    free = free_directions(equal)
    factor = cholesky_or_none(symmetric(free.of_matrix(hessian)))
    if factor is None:
        return None
    centre = np.linalg.solve(factor, free.of_vector(gradient + hessian @ shift))
    rows = np.linalg.solve(factor, (positive @ free.dense()).T).T
    reduced, multipliers = _least_distance(rows, least - positive @ shift + rows @ centre)
    if reduced is None:
        return None
    step = shift + free.along(np.linalg.solve(factor.T, reduced - centre))
    residual = gradient + hessian @ step - positive.T @ multipliers
    equal_multipliers = np.linalg.lstsq(equal.T, residual, rcond=1e-12)[0] if len(target) else np.zeros(0)
    return step, equal_multipliers, multipliers


def _newton_programme(
    gradient: Array, hessian: Array, active: Array, linear: tuple[Array, Array, Array, Array]
) -> tuple[Array, Array, Array] | None:
    """The quadratic programme with an exact Hessian, stiffened across active inequalities until it is convex.

    Those hold whatever the curvature across them. None where the Hessian is not convex along them either.
    """
    scale = active**2 @ np.abs(np.diag(hessian)) / (active**2).sum(axis=1) ** 2
    across = active.T @ (scale[:, None] * active)
    for stiffness in (0.0, 1e1, 1e3, 1e5) if len(active) else (0.0,):
        solved = _quadratic_programme(gradient, hessian + stiffness * across, *linear)
        if solved is not None:
            return solved
    return None


def _least_distance(rows: Array, least: Array) -> tuple[Array | None, Array]:
    """The shortest y with ``rows @ y >= least``, and its multipliers; None where there is none."""
    if not len(least) or (least <= 0).all():
        return np.zeros(rows.shape[1]), np.zeros(len(least))
    from scipy.optimize import nnls

    system = np.vstack([rows.T, least])
    aim = np.zeros(len(system))
    aim[-1] = 1.0
    weights, norm = nnls(system, aim)
    residual = system @ weights - aim
    if norm < 1e-10 or residual[-1] >= 0:
        return None, np.zeros(len(least))
    return -residual[:-1] / residual[-1], -weights / residual[-1]

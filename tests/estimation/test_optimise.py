"""The optimiser on functions whose optimum is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from survey_sem.estimation.optimise import Constraints, minimise


class Around:
    """A test function around one point."""

    def __init__(self, function, theta):
        self.function, self.theta = function, theta

    def gradient(self):
        return self.function.slope(self.theta)[0]

    def metric(self, free):
        return free.of_matrix(self.function.slope(self.theta)[1])

    def hessian(self, free):
        return free.of_matrix(self.function.hessian(self.theta))


class Function:
    def at(self, theta):
        return Around(self, theta)


class Quadratic(Function):
    """(theta - centre)' H (theta - centre) / 2."""

    def __init__(self, centre, hessian):
        self.centre, self.matrix = np.array(centre, float), np.array(hessian, float)

    def value(self, theta):
        gap = theta - self.centre
        return 0.5 * float(gap @ self.matrix @ gap)

    def slope(self, theta):
        return self.matrix @ (theta - self.centre), self.matrix

    def hessian(self, theta):
        return self.matrix


class Rosenbrock(Function):
    """A curved valley with its floor at (1, 1); the metric is the Gauss-Newton one."""

    def value(self, theta):
        x, y = theta
        return float((1 - x) ** 2 + 100 * (y - x * x) ** 2)

    def slope(self, theta):
        x, y = theta
        jacobian = np.array([[-1.0, 0.0], [-20 * x, 10.0]])
        residual = np.array([1 - x, 10 * (y - x * x)])
        return 2 * jacobian.T @ residual, 2 * jacobian.T @ jacobian

    def hessian(self, theta):
        x, y = theta
        return np.array([[2 - 400 * (y - 3 * x * x), -400 * x], [-400 * x, 200.0]])


class Saddle(Function):
    """x^2 - y^2 + y^4: a saddle at the origin, minima at y = +-sqrt(1/2)."""

    def value(self, theta):
        x, y = theta
        return float(x * x - y * y + y**4)

    def slope(self, theta):
        x, y = theta
        return np.array([2 * x, -2 * y + 4 * y**3]), np.diag([2.0, 2.0])

    def hessian(self, theta):
        return np.diag([2.0, -2.0 + 12 * theta[1] ** 2])


class Functions:
    """Constraint functions from plain callables."""

    def __init__(self, *functions):
        self.functions = functions

    def __len__(self):
        return len(self.functions)

    def values(self, theta):
        return np.array([f(theta) for f in self.functions], dtype=float)

    def jacobian(self, theta):
        size = len(theta)
        steps = 1e-7 * np.eye(size)
        rows = [[(f(theta + s) - f(theta - s)) / 2e-7 for s in steps] for f in self.functions]
        return np.array(rows, dtype=float).reshape(len(self.functions), size)

    def weighted_hessian(self, theta, weights):
        steps = 1e-4 * np.eye(len(theta))
        change = [weights @ (self.jacobian(theta + s) - self.jacobian(theta - s)) / 2e-4 for s in steps]
        return np.array(change)


def constraints(size, matrix=None, target=None, equal=(), positive=(), lower=None, upper=None):
    return Constraints(
        np.zeros((0, size)) if matrix is None else np.array(matrix, float),
        np.zeros(0) if target is None else np.array(target, float),
        Functions(*equal),
        Functions(*positive),
        np.full(size, -np.inf) if lower is None else np.array(lower, float),
        np.full(size, np.inf) if upper is None else np.array(upper, float),
    )


H = [[2.0, 0.5], [0.5, 1.0]]


def test_free():
    optimum = minimise(Quadratic([1, -2], H), np.zeros(2), constraints(2))
    assert optimum.converged
    assert_allclose(optimum.theta, [1, -2], atol=1e-12)


def test_a_curved_valley():
    optimum = minimise(Rosenbrock(), np.array([-1.2, 1.0]), constraints(2))
    assert optimum.converged
    assert_allclose(optimum.theta, [1, 1], atol=1e-9)


def test_a_saddle_is_left():
    optimum = minimise(Saddle(), np.array([0.5, 0.0]), constraints(2))
    assert optimum.converged
    assert_allclose(np.abs(optimum.theta), [0, np.sqrt(0.5)], atol=1e-9)


def test_linear_equality():
    optimum = minimise(Quadratic([1, -2], H), np.array([0.5, 0.5]), constraints(2, [[1.0, 1.0]], [1.0]))
    assert optimum.converged
    assert optimum.theta.sum() == pytest.approx(1.0)
    direction = np.array([1.0, -1.0])
    assert direction @ np.array(H) @ (optimum.theta - [1, -2]) == pytest.approx(0.0, abs=1e-10)


def test_bounds_that_bind_and_bounds_that_do_not():
    inside = minimise(Quadratic([1, -2], H), np.zeros(2), constraints(2, lower=[-9, -9], upper=[9, 9]))
    assert inside.converged
    assert_allclose(inside.theta, [1, -2], atol=1e-8)
    on_bound = minimise(Quadratic([1, -2], H), np.zeros(2), constraints(2, lower=[-9, 0]))
    assert on_bound.converged
    assert_allclose(on_bound.theta, [0.5, 0.0], atol=1e-8)  # 2 (x - 1) + 0.5 * 2 = 0


def test_nonlinear_equality_and_inequality():
    circle = minimise(Quadratic([3, 4], np.eye(2)), np.array([1.0, 0.5]), constraints(2, equal=[lambda t: t @ t - 1]))
    assert circle.converged
    assert_allclose(circle.theta, [0.6, 0.8], atol=1e-7)
    disc = minimise(Quadratic([3, 4], np.eye(2)), np.array([0.1, 0.1]), constraints(2, positive=[lambda t: 1 - t @ t]))
    assert disc.converged
    assert_allclose(disc.theta, [0.6, 0.8], atol=1e-7)
    idle = minimise(Quadratic([0.1, 0.2], H), np.array([0.5, 0.5]), constraints(2, positive=[lambda t: 1 - t @ t]))
    assert idle.converged
    assert_allclose(idle.theta, [0.1, 0.2], atol=1e-8)


def test_constraints_that_contradict_each_other_are_said():
    both = constraints(1, positive=[lambda t: t[0] - 1, lambda t: -t[0]])
    optimum = minimise(Quadratic([0.5], [[1.0]]), np.array([0.5]), both)
    assert not optimum.converged
    assert "contradict" in optimum.message


def test_a_limit_on_iterations_is_kept_and_said():
    optimum = minimise(Rosenbrock(), np.array([-1.2, 1.0]), constraints(2), max_iterations=2)
    assert not optimum.converged
    assert optimum.n_iterations == 2
    assert "2 iterations" in optimum.message


class Noisy(Quadratic):
    """A quadratic whose value is known up to rounding only: every look at it finds it a little higher."""

    looks = 0

    def value(self, theta):
        self.looks += 1
        return super().value(theta) + 1e-12 * self.looks


def test_rounding_that_hides_the_last_step_ends_the_search():
    problem = Noisy([1.0, 2.0], np.eye(2))
    found = minimise(problem, np.array([1.0 + 1e-8, 2.0]), constraints(2))
    assert found.converged
    assert problem.looks < 20

"""The last resort of a search: a slow walk downhill, with curvature learned from gradients.

Where a small sample's fit function falls without end beyond a ridge, long steps jump the ridge and never come back;
the first steps of a quasi-Newton method are short, and end in the optimum on the near side, if there is one.
"""

from __future__ import annotations

import numpy as np

from survey_sem.estimation.optimise import Constraints, Problem
from survey_sem.linalg import Array

MAX_STEPS = 300
"""Steps of one walk: an optimum is reached in about a hundred."""
NO_VALUE = 1e10
"""Stands for infinity, which the line search does not understand."""


def walk_downhill(problem: Problem, start: Array, constraints: Constraints) -> Array:
    """Where a limited-memory quasi-Newton method ends, under linear equalities only.

    Source: Byrd, Lu, Nocedal & Zhu (1995), doi:10.1137/0916069.
    """
    from scipy.optimize import minimize

    free = constraints.directions

    def value_and_gradient(moved: Array) -> tuple[float, Array]:
        theta = start + free.along(moved)
        value = problem.value(theta)
        if not np.isfinite(value):
            return NO_VALUE, np.zeros(free.size)
        return value, free.of_vector(problem.at(theta).gradient())

    found = minimize(
        value_and_gradient, np.zeros(free.size), jac=True, method="L-BFGS-B", options={"maxiter": MAX_STEPS}
    )
    return np.asarray(start + free.along(found.x), dtype=np.float64)

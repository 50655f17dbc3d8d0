"""Hadamard matrices: square, of +1 and -1, with orthogonal rows; the first row is all +1.

Sylvester's doubling (1867) where there is a matrix of half the order, else Paley's (1933) of a prime. In most orders
(not 28, 36 and their doubles) these are the matrices of R's survey.
"""

from __future__ import annotations

import numpy as np

from survey_sem.linalg import Array


def hadamard(least: int) -> Array:
    """The smallest matrix that these constructions give, of order `least` or more."""
    order = max(least, 1)
    while (found := _of_order(order)) is None:
        order += 1
    return found


def _of_order(order: int) -> Array | None:
    if order == 1:
        return np.ones((1, 1))
    if order == 2:
        return np.array([[1.0, 1.0], [1.0, -1.0]])
    if order % 4:
        return None
    if (inner := _of_order(order // 2)) is not None:
        return np.kron(np.array([[1.0, 1.0], [1.0, -1.0]]), inner)
    if _is_prime(order - 1):
        return _paley_one(order - 1)
    if (half := order // 2 - 1) % 4 == 1 and _is_prime(half):
        return _paley_two(half)
    return None


def _paley_one(prime: int) -> Array:
    """Order p + 1, p = 3 modulo 4."""
    total = np.add.outer(np.arange(prime), np.arange(prime)) % prime
    matrix = np.ones((prime + 1, prime + 1))
    matrix[1:, 1:] = np.where(_character(prime)[total] == -1, 1.0, -1.0)
    return matrix


def _paley_two(prime: int) -> Array:
    """Order 2 (p + 1), p = 1 modulo 4."""
    core = np.ones((prime + 1, prime + 1))
    core[0, 0] = 0.0
    core[1:, 1:] = _character(prime)[np.subtract.outer(np.arange(prime), np.arange(prime)) % prime]
    matrix = np.kron(core, np.array([[1.0, 1.0], [1.0, -1.0]]))
    matrix += np.kron(np.eye(prime + 1), np.array([[1.0, -1.0], [-1.0, -1.0]]))
    return np.asarray(matrix * matrix[0])


def _character(prime: int) -> Array:
    """1 for squares modulo a prime, -1 for the others, 0 for 0."""
    found = -np.ones(prime)
    found[np.unique(np.arange(1, prime) ** 2 % prime)] = 1.0
    found[0] = 0.0
    return found


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % k for k in range(2, int(number**0.5) + 1))

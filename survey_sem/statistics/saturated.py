"""Maximum likelihood means and covariances of incomplete rows: expectation-maximisation, ended by Newton steps.

Source: Dempster, Laird & Rubin (1977), doi:10.1111/j.2517-6161.1977.tb01600.x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_sem.linalg import Array, cholesky_or_none, vech, vech_indices
from survey_sem.statistics.incomplete import Likelihood, likelihood, moment_information
from survey_sem.statistics.patterns import Patterns

FIRST_STEPS = 2
"""Steps of expectation-maximisation before Newton steps are tried; after three times as many they are tried again."""
MOST_STEPS = 2000
"""Steps of expectation-maximisation at most."""
STILL = 1e-11
"""Largest step, in standard deviations, at which the search ends."""
NEWTON_VARIABLES = 40
"""With more variables than this the matrix of second derivatives is not made."""


@dataclass(frozen=True, slots=True, eq=False)
class Saturated:
    """Maximum likelihood moments of incomplete rows.

    Parameters
    ----------
    cov, mean : arrays (p, p), (p,)
    value : float
        Minus the log-likelihood of one row there, without its constant.
    converged : bool
    n_steps : int
    """

    cov: Array
    mean: Array
    value: float
    converged: bool
    n_steps: int


def saturated_moments(patterns: Patterns) -> Saturated:
    """Maximum likelihood moments, from the available means and variances.

    A few steps of expectation-maximisation come near; Newton steps with one matrix of second derivatives end the
    search. Where that matrix is not positive definite, or there are too many variables for it,
    expectation-maximisation goes on, accelerated. Where no row has both of two variables their covariance is where
    plain expectation-maximisation leads from zero, so that it does not depend on how the search is done. Where too
    few rows let the covariance matrix lose its inverse, the search ends before it does.
    """
    is_covered = bool((patterns.coverage() > 0.0).all())
    mean, variance = patterns.available_moments()
    cov = np.diag(variance)
    here = likelihood(patterns, cov, mean)
    assert here is not None
    size, n_steps, attempt = np.inf, 0, FIRST_STEPS
    advance = _accelerated if is_covered else _plain
    while n_steps < MOST_STEPS and size >= STILL:
        if is_covered and n_steps == attempt and len(mean) <= NEWTON_VARIABLES:
            ended = _newton(patterns, cov, mean, here)
            if ended is not None:
                return ended
            attempt *= 3
        n_steps += 1
        reached = advance(patterns, cov, mean, here)
        if reached is None:
            break
        cov, mean, here, size = reached
    return Saturated(cov, mean, here.value, size < STILL, n_steps)


def _step(cov: Array, mean: Array, here: Likelihood) -> tuple[Array, Array]:
    """One step of expectation-maximisation from the derivatives of the likelihood."""
    shift = cov @ here.by_mu
    new = cov - cov @ here.by_sigma @ cov - np.outer(shift, shift)
    return (new + new.T) / 2.0, mean + shift


_Reached = tuple[Array, Array, Likelihood, float]
"""Moments, the likelihood there, and the size of the step in standard deviations."""


def _plain(patterns: Patterns, cov: Array, mean: Array, here: Likelihood) -> _Reached | None:
    """One step; None where it leads to a matrix without an inverse."""
    new_cov, new_mean = _step(cov, mean, here)
    there = likelihood(patterns, new_cov, new_mean)
    if there is None:
        return None
    sd = np.sqrt(np.diag(cov))
    step = _packed((new_cov - cov) / np.outer(sd, sd), (new_mean - mean) / sd)
    return new_cov, new_mean, there, float(np.abs(step).max())


def _accelerated(patterns: Patterns, cov: Array, mean: Array, here: Likelihood) -> _Reached | None:
    """Two steps and an extrapolation from them, taken where it raises the likelihood (squared extrapolation).

    Source: Varadhan & Roland (2008), doi:10.1111/j.1467-9469.2007.00585.x.
    """
    one = _step(cov, mean, here)
    at_one = likelihood(patterns, *one)
    if at_one is None:
        return None
    two = _step(*one, at_one)
    if not (np.diag(two[0]) > 0.0).all():  # rounding, where the matrix has all but lost its inverse
        return None
    start, first, second = (_packed(*each) for each in ((cov, mean), one, two))
    scale = _packed(np.sqrt(np.outer(np.diag(two[0]), np.diag(two[0]))), np.sqrt(np.diag(two[0])))
    step, bend = (first - start) / scale, (second - 2.0 * first + start) / scale
    size = float(np.abs(step).max())
    length = max(1.0, float(np.linalg.norm(step)) / max(float(np.linalg.norm(bend)), 1e-150))
    if length > 1.0 and size > STILL:
        far = _unpacked(start + scale * (2.0 * length * step + length**2 * bend), len(mean))
        at_far = likelihood(patterns, *far)
        if at_far is not None and at_far.value <= at_one.value:
            return *far, at_far, size
    at_two = likelihood(patterns, *two)
    return None if at_two is None else (*two, at_two, size)


def _newton(patterns: Patterns, cov: Array, mean: Array, here: Likelihood) -> Saturated | None:
    """Newton steps with the second derivatives at the start; None where they do not lead to a maximum."""
    observed = moment_information(patterns, cov, mean, here.precision).observed
    sd = np.sqrt(np.diag(cov))
    scale = np.concatenate([sd, vech(np.outer(sd, sd))])
    factor = cholesky_or_none(observed * np.outer(scale, scale) - 1e-8 * np.eye(len(scale)))
    if factor is None:
        return None
    inverse = np.linalg.inv(factor)
    previous = np.inf
    for n_steps in range(40):
        step = -scale * (inverse.T @ (inverse @ (scale * _gradient(here))))
        size = float(np.abs(step / scale).max())
        if size < STILL or (size < 1e-9 and size > 0.5 * previous):
            return Saturated(cov, mean, here.value, True, FIRST_STEPS + n_steps)
        if size > 0.9 * previous:
            return None
        previous = size
        new_cov, new_mean = _unpacked(_packed(cov, mean) + step, len(mean))
        there = likelihood(patterns, new_cov, new_mean)
        if there is None or there.value > here.value + 1e-12 * abs(here.value):
            return None
        cov, mean, here = new_cov, new_mean, there
    return None


def _gradient(here: Likelihood) -> Array:
    """Derivative by (mu, vech Sigma)."""
    rows, columns = vech_indices(len(here.by_mu))
    return np.concatenate([-here.by_mu, vech(here.by_sigma) * np.where(rows == columns, 0.5, 1.0)])


def _packed(cov: Array, mean: Array) -> Array:
    return np.concatenate([mean, vech(cov)])


def _unpacked(values: Array, size: int) -> tuple[Array, Array]:
    cov = np.zeros((size, size))
    rows, columns = vech_indices(size)
    cov[rows, columns] = cov[columns, rows] = values[size:]
    return cov, values[:size].copy()

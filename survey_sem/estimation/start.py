"""Starting values in closed form.

Loadings by instrumental variables within each factor (FABIN, Hagglund 1982, doi:10.1007/BF02296276), factor
covariances from the blocks of covariances between indicators, then regressions among them, and means by least squares.
What is equal in several groups is levelled before anything rests on it. The plain start (unit loadings, half the
observed variances, everything else zero) stands by for when that gives no admissible Sigma.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from survey_sem.estimation.discrepancy import SampleMoments
from survey_sem.estimation.representation import Places, Representation
from survey_sem.linalg import Array, Directions, Indices, all_directions, over_ties


def starting_values(
    groups: Sequence[Representation],
    samples: Sequence[SampleMoments],
    given: Array,
    free: Directions | None = None,
) -> tuple[Array, ...]:
    """Parameter vectors to start from: the informed one, the plain one, and the plain one with informed loadings.

    `given` (q,) holds the user's starting values, NaN where there is none; all vectors honour them. `free` tells which
    parameters are equal.
    """
    free = free or all_directions(len(given))
    informed: Array = np.zeros(len(given))
    plain = informed.copy()
    for rep, sample in zip(groups, samples, strict=True):
        _set_plain(rep, sample, plain)
        _set_loadings(rep, sample, informed)
    informed = free.levelled(informed)
    for rep, sample in zip(groups, samples, strict=True):
        _set_informed(rep, sample, informed)
    informed = free.levelled(informed)
    _set_means(groups, samples, informed, free)
    mixed = plain.copy()
    for rep in groups:
        mixed[rep.places["Lambda"].theta] = informed[rep.places["Lambda"].theta]
    has = ~np.isnan(given)
    for start in (informed, plain, mixed):
        start[has] = given[has]
    return informed, plain, mixed


def _set_plain(rep: Representation, sample: SampleMoments, theta: Array) -> None:
    variance = np.diag(sample.cov)
    lam, theta_places, psi, nu = (rep.places[name] for name in ("Lambda", "Theta", "Psi", "nu"))
    theta[lam.theta] = np.sqrt(variance[lam.row])
    if not _fixes_unit_variance(rep):
        theta[lam.theta] = 1.0
    _set_variances(theta, theta_places, 0.5 * variance)
    _set_variances(theta, psi, _eta_variance(rep, variance))
    if sample.mean is not None:
        theta[nu.theta] = sample.mean[nu.row]


def _set_variances(theta: Array, places: Places, variance: Array) -> None:
    on_diagonal = places.row == places.column
    theta[places.theta[on_diagonal]] = variance[places.row[on_diagonal]]


def _fixes_unit_variance(rep: Representation) -> bool:
    return bool((np.diag(rep.fixed["Psi"]) == 1.0).any())


def _eta_variance(rep: Representation, variance: Array) -> Array:
    """A small variance for each latent variable, the observed one for the observed variables among eta."""
    small = 0.05 * np.ones(len(rep.latent))
    for at, name in enumerate(rep.latent):
        if name in rep.observed:
            small[at] = 0.5 * variance[rep.observed.index(name)]
    return small


def _set_loadings(rep: Representation, sample: SampleMoments, theta: Array) -> None:
    places = rep.places["Lambda"]
    theta[places.theta] = _loadings(rep, sample.cov)[places.row, places.column]


def _set_informed(rep: Representation, sample: SampleMoments, theta: Array) -> None:
    """Everything but loadings, which `theta` holds, and means."""
    loadings = rep.matrices(theta)["Lambda"]
    cov_eta = _eta_covariance(rep, sample.cov, loadings)
    psi, residual = rep.places["Psi"], rep.places["Theta"]
    disturbance = _regressions(rep, cov_eta, theta)
    theta[psi.theta] = disturbance[psi.row, psi.column]
    explained = np.sum((loadings @ cov_eta) * loadings, axis=1)
    variance = np.diag(sample.cov)
    _set_variances(theta, residual, np.clip(variance - explained, 0.1 * variance, 0.9 * variance))


def _set_means(
    groups: Sequence[Representation], samples: Sequence[SampleMoments], theta: Array, free: Directions
) -> None:
    """Intercepts and means by least squares, over all groups at once: mu is linear in them."""
    designs, aims = [], []
    for rep, sample in zip(groups, samples, strict=True):
        if sample.mean is None:
            continue
        nu, alpha = rep.places["nu"], rep.places["alpha"]
        matrices = rep.matrices(theta)
        reach = matrices["Lambda"] @ np.linalg.pinv(np.eye(len(rep.latent)) - matrices["Beta"])
        design = np.zeros((len(sample.mean), len(theta)))
        design[nu.row, nu.theta] = 1.0
        design[:, alpha.theta] = reach[:, alpha.row]
        designs.append(design)
        aims.append(sample.mean - rep.fixed["nu"][:, 0] - reach @ rep.fixed["alpha"][:, 0])
    if not designs:
        return
    tied = over_ties(np.vstack(designs), free.place, free.n_ties)
    used = np.flatnonzero(tied.any(axis=0))
    solution = np.zeros(free.n_ties)
    solution[used] = np.linalg.lstsq(tied[:, used], np.concatenate(aims), rcond=None)[0]
    sought = np.concatenate([rep.places[name].theta for rep in groups for name in ("nu", "alpha")])
    theta[sought] = solution[free.place[sought]]


def _loadings(rep: Representation, cov: Array) -> Array:
    """Lambda with closed-form values in its free elements."""
    loadings = rep.fixed["Lambda"].copy()
    free = np.zeros(loadings.shape, dtype=bool)
    free[rep.places["Lambda"].row, rep.places["Lambda"].column] = True
    for factor in range(loadings.shape[1]):
        items = np.flatnonzero(free[:, factor] | (loadings[:, factor] != 0.0))
        if free[items, factor].any():
            _set_factor(loadings, free, cov, items, factor)
    return loadings


def _set_factor(loadings: Array, free: NDArray[np.bool_], cov: Array, items: Indices, factor: int) -> None:
    """One factor's free loadings, on the scale of its marker (the first fixed loading) or of unit variance."""
    fixed = [i for i in items if not free[i, factor] and loadings[i, factor] != 0.0]
    marker = fixed[0] if fixed else items[0]
    others = [i for i in items if i != marker]
    relative = {marker: 1.0}
    for item in others:
        instruments = [k for k in others if k != item]
        top = sum(cov[item, k] * cov[marker, k] for k in instruments)
        bottom = sum(cov[marker, k] ** 2 for k in instruments)
        usable = bottom > 1e-12 and abs(top) > 1e-12
        ratio = (
            top / bottom
            if usable
            else np.sign(cov[item, marker] or 1.0) * np.sqrt(cov[item, item] / cov[marker, marker])
        )
        limit = 5.0 * np.sqrt(cov[item, item] / cov[marker, marker])
        relative[item] = float(np.clip(ratio, -limit, limit))
    scale = loadings[marker, factor] if fixed else np.sqrt(_common_variance(cov, relative, int(marker)))
    for item in items:
        if free[item, factor]:
            loadings[item, factor] = scale * relative[item]


def _common_variance(cov: Array, relative: dict[int, float], marker: int) -> float:
    """Variance of a factor whose loadings are `relative`, by least squares over pairs of indicators, kept plausible."""
    pairs = [(i, j) for i in relative for j in relative if i < j]
    top = sum(relative[i] * relative[j] * cov[i, j] for i, j in pairs)
    bottom = sum((relative[i] * relative[j]) ** 2 for i, j in pairs)
    estimate = top / bottom if bottom > 0 else 0.5 * cov[marker, marker]
    return float(np.clip(estimate, 0.1 * cov[marker, marker], 0.95 * cov[marker, marker]))


def _eta_covariance(rep: Representation, cov: Array, loadings: Array) -> Array:
    """Covariances among eta: least squares over the covariances between their indicators, made positive definite."""
    size = len(rep.latent)
    result = np.zeros((size, size))
    items = [np.flatnonzero(loadings[:, k]) for k in range(size)]
    for one in range(size):
        for other in range(one + 1):
            result[one, other] = result[other, one] = _pair_covariance(cov, loadings, items, one, other)
    measured = np.array([len(i) > 0 for i in items], dtype=bool)
    _fill_higher_order(rep, result, measured)
    return _near_positive_definite(result)


def _pair_covariance(cov: Array, loadings: Array, items: Sequence[Indices], one: int, other: int) -> float:
    rows, columns = items[one], items[other]
    if not len(rows) or not len(columns):
        return 0.0
    if one == other and len(rows) > 1:
        marker = int(rows[0])
        variance = _common_variance(
            cov, {int(i): float(loadings[i, one] / loadings[marker, one]) for i in rows}, marker
        )
        return variance / float(loadings[marker, one]) ** 2
    weights = np.outer(loadings[rows, one], loadings[columns, other])
    different = rows[:, None] != columns[None, :] if one != other else np.ones(weights.shape, dtype=bool)
    bottom = float(np.sum(weights**2 * different))
    return float(np.sum(weights * cov[np.ix_(rows, columns)] * different)) / bottom if bottom > 0 else 0.0


def _fill_higher_order(rep: Representation, cov_eta: Array, measured: NDArray[np.bool_]) -> None:
    """Variances and covariances of factors without observed indicators, from the variables that they reach.

    Such a factor is treated as the factor of what it reaches: the same closed form as for observed indicators.
    """
    beta = rep.places["Beta"]
    effects = rep.fixed["Beta"].copy()
    free = np.zeros(effects.shape, dtype=bool)
    free[beta.row, beta.column] = True
    for at in np.flatnonzero(~measured):
        reached = np.array([k for k in np.flatnonzero(free[:, at] | (effects[:, at] != 0.0)) if cov_eta[k, k] > 0])
        if not len(reached):
            cov_eta[at, at] = 0.5
            continue
        _set_factor(effects, free, cov_eta, reached, int(at))
        relative = {int(k): float(effects[k, at] / effects[reached[0], at]) for k in reached}
        variance = _common_variance(cov_eta, relative, int(reached[0])) / float(effects[reached[0], at]) ** 2
        cov_eta[at, at] = variance
        cov_eta[reached, at] = cov_eta[at, reached] = effects[reached, at] * variance


def _near_positive_definite(matrix: Array) -> Array:
    """The matrix with its correlations shrunk until it is positive definite."""
    diagonal = np.diag(np.diag(matrix))
    if not matrix.size:
        return matrix
    for keep in (1.0, 0.9, 0.75, 0.5, 0.25):
        trial = diagonal + keep * (matrix - diagonal)
        if np.linalg.eigvalsh(trial)[0] > 1e-6 * np.diag(matrix).max():
            return trial
    return diagonal


def _regressions(rep: Representation, cov_eta: Array, theta: Array) -> Array:
    """Set free regressions by least squares among eta; return the covariance matrix of what they leave."""
    beta_places = rep.places["Beta"]
    beta = rep.fixed["Beta"].copy()
    for target in np.unique(beta_places.row):
        chosen = beta_places.row == target
        sources = beta_places.column[chosen]
        known = np.diag(cov_eta)[sources] > 0
        values = np.zeros(len(sources))
        reduced = cov_eta[np.ix_(sources[known], sources[known])]
        aim = cov_eta[sources[known], target] - _already_explained(beta, cov_eta, int(target), sources[known])
        values[known] = np.linalg.lstsq(reduced, aim, rcond=None)[0]
        theta[beta_places.theta[chosen]] = values
        beta[target, sources] = values
    inner = np.eye(len(beta)) - beta
    left = inner @ cov_eta @ inner.T
    floor = 0.1 * np.diag(cov_eta)
    np.fill_diagonal(left, np.maximum(np.diag(left), floor))
    return left


def _already_explained(beta: Array, cov_eta: Array, target: int, sources: Indices) -> Array:
    """What the already fixed regressions of `target` contribute to its covariances with `sources`."""
    return np.asarray(cov_eta[sources] @ beta[target], dtype=np.float64)

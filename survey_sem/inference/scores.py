"""Factor scores: predictions of the latent variables for rows of data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from survey_sem.errors import ModelError
from survey_sem.estimation.representation import Representation
from survey_sem.inference.solution import Solution
from survey_sem.linalg import Array, Indices
from survey_sem.statistics import RowBlocks
from survey_sem.statistics.incomplete import projected_rows
from survey_sem.statistics.patterns import find_patterns

NO_ERROR = 1e-9
"""Share of an indicator's variance below which it has no error of its own, or no part in a factor."""
ScoreMethod = Literal["regression", "bartlett"]


@dataclass(frozen=True, slots=True, eq=False)
class ScoreWeights:
    """Scores are ``mean + (y - centre) @ weights.T``; `weights` (k, p), `mean` (k,), `centre` (p,), `names` (k,)."""

    names: tuple[str, ...]
    weights: Array
    mean: Array
    centre: Array

    def scores(self, block: Array) -> Array:
        """Scores (k, n) of a block of rows (p, n)."""
        return self.mean[:, None] + self.weights @ (block - self.centre[:, None])


def score_weights(solution: Solution, method: ScoreMethod, group: int = 0) -> ScoreWeights:
    """Weights of the factor scores of one group.

    * ``regression`` (Thurstone): the conditional mean of the latent variables given the observed ones.
    * ``bartlett``: generalised least squares, unbiased for the latent variables as fixed quantities; exogenous
      observed variables are given.

    Without a mean structure the sample means are the centre; latent means are what observed variables contribute to
    them, as under a saturated mean structure.

    Raises
    ------
    ModelError
        The model has no latent variables, or Bartlett scores do not exist (higher-order factors).
    """
    estimates = solution.estimates
    names = estimates.table.names("lv", group + 1)
    if not names:
        raise ModelError("no-latent-variables", "the model has no latent variables to score")
    rep, point = estimates.model.groups[group], estimates.points[group]
    at = np.array([rep.latent.index(name) for name in names])
    implied = point.moments
    cross = implied.cov_y_eta[:, at]
    sample_mean = solution.moments[group].mean
    if estimates.table.meanstructure or sample_mean is None:
        mean, centre = implied.mean_eta[at], implied.mu
    else:
        mean, centre = _means_given_sample(rep, estimates.theta, at, sample_mean), sample_mean
    if method == "regression":
        return ScoreWeights(names, np.linalg.solve(implied.sigma, cross).T, mean, centre)
    exogenous = [rep.observed.index(name) for name in estimates.table.names("ov_x", group + 1)]
    return ScoreWeights(
        names, _bartlett(implied.sigma, cross, implied.cov_eta[np.ix_(at, at)], exogenous), mean, centre
    )


def _means_given_sample(rep: Representation, theta: Array, at: Indices, sample_mean: Array) -> Array:
    """Means of the latent variables (positions `at` in eta) when every observed variable has its sample mean."""
    beta = rep.matrices(theta)["Beta"]
    others = np.array([k for k in range(len(rep.latent)) if k not in at], dtype=np.intp)
    means = sample_mean[[rep.observed.index(rep.latent[k]) for k in others]]
    inner = np.eye(len(at)) - beta[np.ix_(at, at)]
    return np.asarray(np.linalg.solve(inner, beta[np.ix_(at, others)] @ means))


def _bartlett(sigma: Array, cross: Array, cov_eta: Array, exogenous: list[int]) -> Array:
    """(L' E^-1 L)^-1 L' E^-1 for the indicators, given the latent and the exogenous observed variables."""
    n_latent = cov_eta.shape[0]
    indicators = [k for k in range(len(sigma)) if k not in exogenous]
    given = np.block([[cov_eta, cross[exogenous].T], [cross[exogenous], sigma[np.ix_(exogenous, exogenous)]]])
    with_given = np.hstack([cross[indicators], sigma[np.ix_(indicators, exogenous)]])
    slopes = np.linalg.lstsq(given, with_given.T, rcond=None)[0].T
    loadings, direct = slopes[:, :n_latent], slopes[:, n_latent:]
    total = sigma[np.ix_(indicators, indicators)]
    error = total - slopes @ with_given.T
    # an indicator without error of its own gets next to none: its factor's score is then the indicator
    error += np.diag(np.where(np.diag(error) < NO_ERROR * np.diag(total), NO_ERROR * np.diag(total), 0.0))
    weighted = np.linalg.solve(error, loadings).T
    inner = weighted @ loadings
    reached = np.abs(loadings / np.sqrt(np.diag(total))[:, None]).max(axis=0, initial=0.0)
    if reached.min(initial=1.0) < NO_ERROR:
        raise ModelError(
            "bartlett-scores",
            "Bartlett scores do not exist: a latent variable has no indicators of its own",
            hint='use method="regression"; or leave the higher-order factor out',
        )
    own = np.linalg.solve(inner, weighted)
    weights = np.zeros((n_latent, len(sigma)))
    weights[:, indicators] = own
    weights[:, exogenous] = -own @ direct
    return weights


def incomplete_scores(
    solution: Solution, method: ScoreMethod, rows: RowBlocks, group: int = 0
) -> tuple[tuple[str, ...], Indices, Array]:
    """Scores of rows with missing values, each from the variables that it has.

    Returns
    -------
    names, positions, scores
        The k latent variables; numbers of the n rows that have any variable; scores (k, n) in their order.

    Raises
    ------
    ModelError
        The model has no latent variables.
    """
    whole = score_weights(solution, "regression", group)
    patterns = find_patterns(rows)
    sigma, mu = solution.estimates.points[group].moments.sigma, whole.centre
    cross = whole.weights @ sigma
    found = np.empty((len(cross), patterns.n_obs))
    first = 0
    if method == "regression":
        for projected, *_ in projected_rows(patterns, rows, sigma, mu):
            found[:, first : first + projected.shape[1]] = whole.mean[:, None] + cross @ projected
            first += projected.shape[1]
    else:
        weights = [_bartlett_of_some(solution, group, has) for has in patterns.observed.T]
        for chunk, of, block, _ in patterns.blocks(rows, mu):
            for at in np.unique(of):
                here = of == at
                scores = whole.mean[:, None] + weights[chunk.first + at] @ block[:, here]
                found[:, first + np.flatnonzero(here)] = scores
            first += block.shape[1]
    keep = np.arange(len(rows.columns[0])) if rows.keep is None else rows.keep
    return whole.names, keep[patterns.order], found


def _bartlett_of_some(solution: Solution, group: int, has: NDArray[np.bool_]) -> Array:
    """Bartlett weights (k, p) of a row that has some of the variables; NaN for latent variables it says nothing of."""
    estimates = solution.estimates
    rep, implied = estimates.model.groups[group], estimates.points[group].moments
    at = np.array([rep.latent.index(name) for name in estimates.table.names("lv", group + 1)])
    own = np.flatnonzero(has)
    exogenous = [rep.observed.index(name) for name in estimates.table.names("ov_x", group + 1)]
    given = [int(k) for k in np.flatnonzero(np.isin(own, exogenous))]
    weights = np.full((len(at), len(has)), np.nan)
    indicators = np.array([k for k in own if k not in exogenous], dtype=np.intp)
    loadings = np.abs(rep.matrices(estimates.theta)["Lambda"][np.ix_(indicators, at)])
    reached = np.flatnonzero(loadings.max(axis=0, initial=0.0) > NO_ERROR)
    if not len(reached):
        return weights
    cov_eta = implied.cov_eta[np.ix_(at[reached], at[reached])]
    cross = implied.cov_y_eta[np.ix_(own, at[reached])]
    try:
        found = _bartlett(implied.sigma[np.ix_(own, own)], cross, cov_eta, given)
    except (ModelError, np.linalg.LinAlgError):
        return weights  # fewer indicators than latent variables
    weights[reached] = 0.0
    weights[np.ix_(reached, own)] = found
    return weights

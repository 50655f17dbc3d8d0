"""One solution from those of several imputed data sets: pooled estimates, and the fit of the model to all of them.

Tests pool likelihood ratios (D3, D4) or chi-squares (D2), see `pooling`; indices are functions of the pooled
chi-squares of the model and of the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from survey_sem.estimation.discrepancy import maximum_likelihood
from survey_sem.estimation.estimate import Estimates
from survey_sem.estimation.functions import ParameterFunctions
from survey_sem.inference import indices
from survey_sem.inference.adjusted import AdjustedTest
from survey_sem.inference.baseline import baseline_estimates
from survey_sem.inference.fit import (
    LOG_2_PI,
    add_comparative,
    add_others,
    add_residuals,
    add_rmsea,
    add_tests,
    degrees_of_freedom,
    n_parameters,
)
from survey_sem.inference.measures import SATURATED, FitMeasures
from survey_sem.inference.scaled import Tested, add_pooled_adjusted
from survey_sem.inference.solution import Solution, fixed_exogenous
from survey_sem.linalg import Array
from survey_sem.statistics.pooling import (
    Pooled,
    PooledTest,
    combine_chi_squares,
    likelihood_ratio,
    pool_estimates,
    stacked_likelihood_ratio,
)

POOL_TESTS = ("D2", "D3", "D4")
Implied = tuple[tuple[Array, Array], ...]
"""Sigma and mu of every group."""


@dataclass(frozen=True, eq=False)
class Imputations:
    """What the fits of imputed data sets hold together.

    Parameters
    ----------
    n_imputations : int
        Data sets that there are.
    used : tuple of int
        Those whose fits are pooled (from 0): they converged and were identified.
    theta : array (m, q)
        Their estimates.
    vcov : array (m, q, q)
        Their sampling covariances.
    chisq : array (m,)
        Their chi-squares.
    scaling : array (m,) or None
        Scaling factors of their adjusted tests (1 without degrees of freedom); None where they have none.
    chisq_at_pooled : array (m,) or None
        Chi-squares at the pooled estimates and pooled sample moments; None without a likelihood.
    chisq_stacked : float or None
        The chi-square of all data sets as one, divided by m; None without a likelihood.
    method : {"D2", "D3", "D4"}
        How chi-squares are pooled.
    is_scaled : bool
        Whether sampling covariances are (1 + mean riv) W instead of Rubin's T.
    """

    n_imputations: int
    used: tuple[int, ...]
    theta: Array
    vcov: Array
    chisq: Array
    scaling: Array | None
    chisq_at_pooled: Array | None
    chisq_stacked: float | None
    method: str
    is_scaled: bool

    @cached_property
    def pooled(self) -> Pooled:
        """The parameter vector by Rubin's rules."""
        return pool_estimates(self.theta, self.vcov)

    def total(self) -> Array:
        """Sampling covariance of the pooled parameter vector (q, q)."""
        return self.pooled.scaled_within() if self.is_scaled else self.pooled.total

    def functions(self, slopes: Array) -> Pooled:
        """Functions of the parameters with derivatives `slopes` (r, q), by the delta method."""
        theta = self.theta @ slopes.T
        covs = np.einsum("ij,mjk,ik->mi", slopes, self.vcov, slopes)
        return pool_estimates(theta, covs[:, :, None] * np.eye(len(slopes)))

    def definitions(self, functions: ParameterFunctions) -> Pooled:
        """Defined parameters: what each data set gives for them, with its own delta method, pooled."""
        values = np.array([functions.values(theta) for theta in self.theta])
        slopes = np.array([functions.jacobian(theta) for theta in self.theta])
        values[~np.isfinite(values)] = np.nan
        covs = np.einsum("mij,mjk,mik->mi", slopes, self.vcov, slopes)
        return pool_estimates(values, covs[:, :, None] * np.eye(values.shape[1]))

    def test(self, df: float) -> PooledTest:
        """The pooled test of the model."""
        return pooled_test(self.method, self.chisq, self.chisq_at_pooled, self.chisq_stacked, df)


def pooled_test(method: str, own: Array, at_pooled: Array | None, stacked: float | None, df: float) -> PooledTest:
    """D2, D3 or D4 of chi-square differences with `df` degrees of freedom."""
    if method == "D2":
        return combine_chi_squares(own, df)
    if method == "D3":
        assert at_pooled is not None
        return likelihood_ratio(own, at_pooled, df)
    assert stacked is not None
    return stacked_likelihood_ratio(own, stacked, df)


def implied_by(estimates: Estimates) -> Implied:
    """Implied moments of every group."""
    return tuple((point.moments.sigma, point.moments.mu) for point in estimates.points)


def averaged(parts: Sequence[Implied]) -> Implied:
    """Averages of moments, group by group."""
    return tuple(
        (np.mean([sigma for sigma, _ in group], axis=0), np.mean([mu for _, mu in group], axis=0))
        for group in zip(*parts, strict=True)
    )


def sample_moments_of(solution: Solution) -> Implied:
    """Sample moments of every group as the estimator takes them; means are zero without a mean structure."""
    return tuple(
        (sample.cov, np.zeros(len(sample.cov)) if sample.mean is None else sample.mean)
        for sample in solution.estimates.model.samples
    )


def likelihood_ratios(solutions: Sequence[Solution], restricted: Implied, free: Implied) -> Array:
    """For each data set: twice the difference of its log-likelihoods at two sets of moments (m,)."""
    found = np.zeros(len(solutions))
    for at, solution in enumerate(solutions):
        less = 0 if solution.rules.uses_n else 1
        groups = zip(solution.moments, solution.estimates.model.samples, restricted, free, strict=True)
        for own, sample, low, high in groups:
            here, there = maximum_likelihood(sample, *low), maximum_likelihood(sample, *high)
            assert here is not None and there is not None  # averages of positive definite matrices
            found[at] += 2.0 * (own.n_obs - less) * (here.value - there.value)
    return found


def log_likelihood(solutions: Sequence[Solution], implied: Implied) -> float:
    """Average log-likelihood of the data sets at some moments, given the fixed exogenous variables.

    What is taken off for these is the log-likelihood of their own moments in each data set.
    """
    total = 0.0
    for solution in solutions:
        for block, (own, sample, (sigma, mu)) in enumerate(
            zip(solution.moments, solution.estimates.model.samples, implied, strict=True)
        ):
            distance = sample.distance(mu)
            scatter = sample.cov + np.outer(distance, distance)
            total += _normal(own.n_obs, scatter, sigma)
            x = [own.names.index(name) for name in fixed_exogenous(solution.estimates, block)]
            if x:
                block_of_x = sample.cov[np.ix_(x, x)]
                total -= _normal(own.n_obs, block_of_x, block_of_x)
    return total / len(solutions)


def _normal(n_obs: float, scatter: Array, sigma: Array) -> float:
    log_det = float(np.linalg.slogdet(sigma)[1])
    return -0.5 * n_obs * (len(sigma) * LOG_2_PI + log_det + float(np.trace(np.linalg.solve(sigma, scatter))))


def pooled_measures(
    solutions: Sequence[Solution],
    each: Sequence[Mapping[str, float]],
    pooled: Solution,
    found: Imputations,
    baseline_stacked: float | None,
) -> FitMeasures:
    """Fit measures of a pooled solution.

    Parameters
    ----------
    solutions : sequence of Solution
        Of the data sets.
    each : sequence of mapping
        Their fit measures.
    pooled : Solution
        The pooled solution, with averaged sample moments.
    found : Imputations
    baseline_stacked : float or None
        As `Imputations.chisq_stacked`, of the baseline.
    """
    fit = FitMeasures()
    df = degrees_of_freedom(pooled.estimates)
    baselines = [baseline_estimates(one.estimates, one.moments) for one in solutions]
    df_base = degrees_of_freedom(baselines[0])
    test = found.test(df) if df else PooledTest(found.method, 0.0, 0.0, np.inf, 0.0)
    base = _baseline_test(solutions, each, baselines, pooled, found, baseline_stacked, df_base)
    tested = Tested(max(test.chisq, 0.0), df, max(base.chisq, 0.0), df_base)
    fit.add("npar", lambda: float(n_parameters(pooled.estimates)))
    add_tests(fit, tested.chi2, df, tested.chi2_base, df_base)
    _add_f(fit, test, df)
    add_comparative(fit, tested.chi2, df, tested.chi2_base, df_base)
    _add_likelihood(fit, solutions, pooled)
    add_rmsea(fit, tested.chi2, df, pooled.n_scale, len(pooled.moments))
    add_residuals(fit, pooled)
    add_others(fit, pooled, tested.chi2, df)
    if pooled.rules.adjusted_test and df:
        _add_adjusted(fit, each, pooled, found.method, tested)
    return fit


def _baseline_test(
    solutions: Sequence[Solution],
    each: Sequence[Mapping[str, float]],
    baselines: Sequence[Estimates],
    pooled: Solution,
    found: Imputations,
    stacked: float | None,
    df: int,
) -> PooledTest:
    if not df:
        return PooledTest(found.method, 0.0, 0.0, np.inf, 0.0)
    own = np.array([measures["baseline_chisq"] for measures in each])
    at_pooled = None
    if found.method == "D3":
        implied = averaged([implied_by(baseline) for baseline in baselines])
        at_pooled = likelihood_ratios(solutions, implied, sample_moments_of(pooled))
    return pooled_test(found.method, own, at_pooled, stacked, df)


def _add_f(fit: FitMeasures, test: PooledTest, df: int) -> None:
    """The test with the F distribution that it refers to in small samples, and what is missing on average."""
    reason = None if df else SATURATED
    fit.add("f", lambda: test.f, reason)
    fit.add("f_df1", lambda: test.df1, reason)
    fit.add("f_df2", lambda: test.df2, reason or (None if np.isfinite(test.df2) else "infinite: nothing is missing"))
    fit.add("f_pvalue", lambda: test.p_value, reason)
    fit.add("ariv", lambda: test.riv, reason)
    fit.add("fmi", lambda: test.fmi, reason)


def _add_likelihood(fit: FitMeasures, solutions: Sequence[Solution], pooled: Solution) -> None:
    n_obs = sum(own.n_obs for own in pooled.moments)
    fit.add("ntotal", lambda: float(n_obs))
    if not pooled.rules.has_likelihood:
        for name in ("logl", "unrestricted_logl", "aic", "bic", "bic2"):
            fit.not_applicable[name] = "least squares has no likelihood"
        return
    logl = log_likelihood(solutions, implied_by(pooled.estimates))
    n_par = n_parameters(pooled.estimates)
    fit.add("logl", lambda: logl)
    fit.add("unrestricted_logl", lambda: log_likelihood(solutions, sample_moments_of(pooled)))
    fit.add("aic", lambda: indices.aic(logl, n_par))
    fit.add("bic", lambda: indices.bic(logl, n_par, n_obs))
    fit.add("bic2", lambda: indices.bic_adjusted(logl, n_par, n_obs))


def _add_adjusted(
    fit: FitMeasures, each: Sequence[Mapping[str, float]], pooled: Solution, method: str, tested: Tested
) -> None:
    """Scaled and robust measures: scaled chi-squares pooled (D2), or the pooled one divided by the average scaling."""
    name = pooled.rules.adjusted_test
    assert name is not None
    if any("chisq_scaled" not in measures for measures in each):
        fit.not_applicable["chisq_scaled"] = "some data sets have no adjusted test"
        return
    own = _average_test(each, name, method, tested.chi2, tested.df, "")
    base = None
    if tested.df_base and all("baseline_chisq_scaled" in measures for measures in each):
        base = _average_test(each, name, method, tested.chi2_base, tested.df_base, "baseline_")
    add_pooled_adjusted(fit, pooled, tested, own, base)


def _average_test(
    each: Sequence[Mapping[str, float]], name: str, method: str, chi2: float, df: int, prefix: str
) -> AdjustedTest:
    def average(measure: str, default: float) -> float:
        return float(np.mean([measures.get(f"{prefix}{measure}", default) for measures in each]))

    scaling, shift = average("chisq_scaling_factor", 1.0), average("chisq_shift_parameter", 0.0)
    own_df = average("df_scaled", float(df))
    statistic = chi2 / scaling + shift
    if method == "D2":
        scaled = np.array([measures[f"{prefix}chisq_scaled"] for measures in each])
        statistic = max(combine_chi_squares(scaled, own_df).chisq, 0.0)
    mean_scaling = scaling
    if name == "mean.var.adjusted":
        mean_scaling = scaling * own_df / df
    elif name == "scaled.shifted":
        mean_scaling = scaling * (df - shift) / df
    return AdjustedTest(name, statistic, own_df, scaling, shift, mean_scaling)

"""Fit measures of a solution: gathers the quantities, leaves the formulas to `indices`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from survey_sem.estimation.discrepancy import SampleMoments
from survey_sem.estimation.estimate import Estimates
from survey_sem.estimation.full_information import IncompleteMoments
from survey_sem.inference import indices
from survey_sem.inference.baseline import baseline_estimates
from survey_sem.inference.browne import browne_statistic
from survey_sem.inference.covariance import constrained_inverse
from survey_sem.inference.distributions import chi_square_quantile, chi_square_tail, noncentrality_for
from survey_sem.inference.incomplete import is_incomplete
from survey_sem.inference.measures import RMSEA_CLOSE, RMSEA_LEVEL, RMSEA_NOT_CLOSE, SATURATED, WIDER, FitMeasures
from survey_sem.inference.residuals import root_mean_squares
from survey_sem.inference.scaled import Tested, add_adjusted, add_corrected
from survey_sem.inference.solution import Solution, fixed_exogenous
from survey_sem.linalg import Array

ROUNDING = 1e-8
"""A chi-square without degrees of freedom below this is zero."""
GOODNESS = ("gfi", "gfi_ci_lower", "gfi_ci_upper", "gfi_ci_level", "gfi_lisrel", "agfi_lisrel", "pgfi")
LOG_2_PI = float(np.log(2.0 * np.pi))


def degrees_of_freedom(estimates: Estimates) -> int:
    """Sample moments that are modelled, minus free parameters, plus independent equality constraints."""
    return n_moments(estimates) - n_parameters(estimates)


def n_moments(estimates: Estimates) -> int:
    """Number of sample moments that carry information: fixed exogenous ones do not count."""
    total = 0
    for block, rep in enumerate(estimates.model.groups):
        p, x = len(rep.observed), len(fixed_exogenous(estimates, block))
        total += p * (p + 1) // 2 - x * (x + 1) // 2
        if estimates.table.meanstructure:
            total += p - x
    return total


def fit_measures(solution: Solution) -> FitMeasures:
    """All fit measures that apply to complete-data maximum likelihood."""
    estimates = solution.estimates
    n_obs = sum(m.n_obs for m in solution.moments)
    df = degrees_of_freedom(estimates)
    chi2 = _statistic(solution, estimates)
    if df == 0 and chi2 < ROUNDING:
        chi2 = 0.0
    baseline = baseline_estimates(estimates, solution.moments)
    chi2_base, df_base = _statistic(solution, baseline), degrees_of_freedom(baseline)
    fit = FitMeasures()
    fit.add("npar", lambda: float(n_parameters(estimates)))
    fit.add(
        "fmin",
        lambda: (
            max(estimates.optimum.value, 0.0) * (1.0 if solution.rules.has_likelihood else solution.n_scale / n_obs)
        ),
    )
    add_tests(fit, chi2, df, chi2_base, df_base)
    add_comparative(fit, chi2, df, chi2_base, df_base)
    if solution.rules.has_likelihood:
        _add_likelihood(fit, solution, n_obs)
    else:
        _add_no_likelihood(fit, n_obs)
    add_rmsea(fit, chi2, df, solution.n_scale, len(solution.moments))
    add_residuals(fit, solution)
    add_others(fit, solution, chi2, df)
    if solution.rules.has_likelihood:
        _add_goodness(fit, solution, chi2, df)
    else:
        fit.not_applicable |= dict.fromkeys(GOODNESS, "given for maximum likelihood only")
    _add_residual_tests(fit, solution, df)
    if solution.rules.adjusted_test:
        add_adjusted(fit, solution, baseline, Tested(chi2, df, chi2_base, df_base))
    if is_incomplete(estimates):
        add_corrected(fit, solution, baseline, Tested(chi2, df, chi2_base, df_base))
    return fit


def _statistic(solution: Solution, estimates: Estimates) -> float:
    """The standard test statistic of estimates made by the rules of a solution."""
    if solution.rules.is_residual_based:
        return browne_statistic(estimates, solution.moments, "browne.residual.nt", solution.n_scale)
    less = 0 if solution.rules.uses_n else 1
    pairs = zip(solution.moments, estimates.points, strict=True)
    return sum(2.0 * (own.n_obs - less) * max(point.discrepancy.value, 0.0) for own, point in pairs)


def _add_residual_tests(fit: FitMeasures, solution: Solution, df: int) -> None:
    for name in solution.rules.residual_tests:
        value = browne_statistic(solution.estimates, solution.moments, name, solution.n_scale)
        short = name.replace(".", "_")
        fit.add(f"chisq_{short}", partial(float, value))
        fit.add(f"pvalue_{short}", partial(chi_square_tail, value, df), None if df else SATURATED)


def n_parameters(estimates: Estimates) -> int:
    """Free parameters less independent equality constraints."""
    return estimates.equality_directions().size


def add_tests(fit: FitMeasures, chi2: float, df: int, chi2_base: float, df_base: int) -> None:
    """Add the chi-square tests of the model and of the baseline."""
    fit.add("chisq", lambda: chi2)
    fit.add("df", lambda: float(df))
    saturated = SATURATED if df == 0 else None
    fit.add("pvalue", lambda: chi_square_tail(chi2, df), saturated)
    no_baseline = "the baseline model has no degrees of freedom" if df_base == 0 else None
    fit.add("baseline_chisq", lambda: chi2_base)
    fit.add("baseline_df", lambda: float(df_base))
    fit.add("baseline_pvalue", lambda: chi_square_tail(chi2_base, df_base), no_baseline)


def add_comparative(fit: FitMeasures, chi2: float, df: int, chi2_base: float, df_base: int) -> None:
    """Add the indices that compare with the baseline."""
    none = "the baseline model has no degrees of freedom" if df_base == 0 < df else None
    fit.add("cfi", lambda: indices.cfi(chi2, df, chi2_base, df_base), none)
    for name in ("tli", "nnfi"):
        fit.add(name, lambda: indices.tli(chi2, df, chi2_base, df_base), none)
    wider = WIDER if df_base < df else None
    fit.add("rfi", lambda: indices.rfi(chi2, df, chi2_base, df_base), none or wider)
    fit.add("nfi", lambda: indices.nfi(chi2, chi2_base), none or wider)
    fit.add("pnfi", lambda: indices.pnfi(chi2, df, chi2_base, df_base), none)
    fit.add("ifi", lambda: indices.ifi(chi2, df, chi2_base), none)
    fit.add("rni", lambda: indices.rni(chi2, df, chi2_base, df_base), none)


def _add_likelihood(fit: FitMeasures, solution: Solution, n_obs: float) -> None:
    logl, unrestricted = log_likelihoods(solution)
    n_par = n_parameters(solution.estimates)
    fit.add("logl", lambda: logl)
    fit.add("unrestricted_logl", lambda: unrestricted)
    fit.add("aic", lambda: indices.aic(logl, n_par))
    fit.add("bic", lambda: indices.bic(logl, n_par, n_obs))
    fit.add("ntotal", lambda: float(n_obs))
    fit.add("bic2", lambda: indices.bic_adjusted(logl, n_par, n_obs))


def _add_no_likelihood(fit: FitMeasures, n_obs: float) -> None:
    for name in ("logl", "unrestricted_logl", "aic", "bic", "bic2"):
        fit.not_applicable[name] = "least squares has no likelihood"
    fit.add("ntotal", lambda: float(n_obs))


def add_rmsea(fit: FitMeasures, chi2: float, df: int, n_scale: float, n_groups: int) -> None:
    """Add the RMSEA with its interval and tests."""
    saturated = df == 0
    tail = (1.0 - RMSEA_LEVEL) / 2.0

    def unless_saturated(compute: Callable[[], float]) -> Callable[[], float]:
        return (lambda: 0.0) if saturated else compute

    reason = SATURATED if saturated else None
    fit.add("rmsea", unless_saturated(lambda: indices.rmsea(chi2, df, n_scale, n_groups)))
    fit.add("rmsea_ci_lower", unless_saturated(lambda: indices.rmsea_bound(chi2, df, n_scale, 1.0 - tail, n_groups)))
    fit.add("rmsea_ci_upper", unless_saturated(lambda: indices.rmsea_bound(chi2, df, n_scale, tail, n_groups)))
    fit.add("rmsea_ci_level", lambda: RMSEA_LEVEL)
    fit.add("rmsea_pvalue", lambda: indices.rmsea_close_p(chi2, df, n_scale, RMSEA_CLOSE, n_groups), reason)
    fit.add("rmsea_close_h0", lambda: RMSEA_CLOSE)
    fit.add(
        "rmsea_notclose_pvalue", lambda: indices.rmsea_notclose_p(chi2, df, n_scale, RMSEA_NOT_CLOSE, n_groups), reason
    )
    fit.add("rmsea_notclose_h0", lambda: RMSEA_NOT_CLOSE)


def add_residuals(fit: FitMeasures, solution: Solution) -> None:
    """Add root mean squares of the residuals."""
    for name, value in root_mean_squares(solution).items():
        fit.add(name, partial(float, value))


def add_others(fit: FitMeasures, solution: Solution, chi2: float, df: int) -> None:
    """Add critical N, McDonald's index and the expected cross-validation index."""
    reason = SATURATED if df == 0 else None
    for name, level in (("cn_05", 0.05), ("cn_01", 0.01)):
        quantile = chi_square_quantile(1.0 - level, df) if df else 0.0
        fit.add(name, partial(indices.critical_n, chi2, solution.n_scale, quantile), reason)
    fit.add("mfi", lambda: indices.mcdonald(chi2, df, solution.n_scale))
    fit.add("ecvi", lambda: indices.ecvi(chi2, n_parameters(solution.estimates), solution.n_scale))


def log_likelihoods(solution: Solution) -> tuple[float, float]:
    """Log-likelihood of the model and of the unrestricted model, given the fixed exogenous variables.

    The likelihood is that of the endogenous variables given fixed exogenous ones: the exogenous variables' own
    saturated log-likelihood is taken off both.
    """
    logl = unrestricted = 0.0
    estimates = solution.estimates
    for block, (moments, sample, point) in enumerate(
        zip(solution.moments, estimates.model.samples, estimates.points, strict=True)
    ):
        n_obs = moments.n_obs
        exogenous = [moments.names.index(name) for name in fixed_exogenous(estimates, block)]
        own = _saturated(n_obs, sample.cov[np.ix_(exogenous, exogenous)]) if exogenous else 0.0
        saturated = _unrestricted(n_obs, sample)
        unrestricted += saturated - own
        logl += saturated - n_obs * max(point.discrepancy.value, 0.0) - own
    return logl, unrestricted


def _unrestricted(n_obs: float, sample: SampleMoments) -> float:
    """Log-likelihood of one group under its own moments."""
    if isinstance(sample, IncompleteMoments):
        return -n_obs * sample.saturated - 0.5 * sample.patterns.n_cells * LOG_2_PI
    p = len(sample.cov)
    return -0.5 * n_obs * (p * LOG_2_PI + sample.log_det + p)


def _saturated(n_obs: float, cov: Array) -> float:
    return -0.5 * n_obs * (len(cov) * (LOG_2_PI + 1.0) + float(np.linalg.slogdet(cov)[1]))


def _add_goodness(fit: FitMeasures, solution: Solution, chi2: float, df: int) -> None:
    """GFI in its unbiased form with a 90% interval, and the classic GFI under the name that lavaan 0.7 gives it.

    Of incomplete rows, the chi-square stands for the residual one, and the classic form has no moments to compare.
    """
    rows_are_incomplete = is_incomplete(solution.estimates)
    statistic, share_left = (chi2, 0.0) if rows_are_incomplete else _residual_statistic(solution)
    p = sum(len(rep.observed) for rep in solution.estimates.model.groups)
    fixed = any(fixed_exogenous(solution.estimates, block) for block in range(len(solution.moments)))
    reason = "not defined here for models with fixed exogenous variables" if fixed else None
    tail = (1.0 - RMSEA_LEVEL) / 2.0
    n = solution.n_scale
    moments = n_moments(solution.estimates)
    classic = 1.0 - share_left
    fit.add("gfi", lambda: indices.gfi(max(statistic - df, 0.0), p, n), reason)
    fit.add("gfi_ci_lower", lambda: indices.gfi(noncentrality_for(statistic, df, tail), p, n) if df else 1.0, reason)
    fit.add(
        "gfi_ci_upper", lambda: indices.gfi(noncentrality_for(statistic, df, 1.0 - tail), p, n) if df else 1.0, reason
    )
    fit.add("gfi_ci_level", lambda: RMSEA_LEVEL, reason)
    if rows_are_incomplete:
        reason = "the classic GFI compares moments of complete rows"
    fit.add("gfi_lisrel", lambda: classic, reason)
    saturated = reason or (SATURATED if df == 0 else None)
    fit.add("agfi_lisrel", lambda: 1.0 - moments / df * (1.0 - classic), saturated)
    fit.add("pgfi", lambda: df / moments * classic, reason)


def _expected_inverse(solution: Solution) -> Array | None:
    """Constrained inverse of the expected information; that of the standard errors, where it is the same."""
    estimates, rules = solution.estimates, solution.rules
    if rules.information == "expected" and rules.h1_information == "structured" and not estimates.active_inequalities():
        return solution.inverse
    return constrained_inverse(estimates.model.expected_information(estimates.points), estimates.equality_directions())


def _residual_statistic(solution: Solution) -> tuple[float, float]:
    """Normal-theory residual chi-square (Browne 1984), and the residuals' share of the moments' weighted squares.

    N e' W e less the part that the parameters could still explain, with e the residual moments and W the inverse of
    their normal-theory covariance at the implied moments. At an interior optimum that part is zero.
    """
    estimates = solution.estimates
    squares = total = 0.0
    for sample, point, share in zip(estimates.model.samples, estimates.points, estimates.model.shares, strict=True):
        ratio = point.discrepancy.precision @ sample.cov
        off = ratio - np.eye(len(ratio))
        squares += share * 0.5 * float(np.sum(off * off.T))
        total += share * float(np.sum(ratio * ratio.T))
        if sample.mean is not None:
            distance = sample.mean - point.moments.mu
            squares += share * float(distance @ point.discrepancy.by_mu)
            total += share * 2.0 * float(sample.mean @ point.discrepancy.precision @ sample.mean)
    gradient = estimates.model.gradient(estimates.points)
    inverse = _expected_inverse(solution)
    explained = 0.0 if inverse is None else float(gradient @ inverse @ gradient)
    return solution.n_scale * max(squares - explained, 0.0), 2.0 * squares / total

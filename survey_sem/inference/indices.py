"""Fit indices as scalar formulas: each can be checked against a textbook line.

`chi2, df` belong to the model, `chi2_base, df_base` to the baseline (independence) model. `n_obs` is the N that the
statistic was multiplied with: N under the normal likelihood, N-1 (summed over groups N-G) under Wishart.
"""

from __future__ import annotations

from math import exp, log, sqrt

from survey_sem.inference.distributions import noncentral_chi_square_below, noncentrality_for


def rmsea(chi2: float, df: float, n_obs: float, n_groups: int = 1) -> float:
    """Root mean square error of approximation (Steiger & Lind): sqrt(max(chi2 - df, 0) / (df N)) * sqrt(G)."""
    return sqrt(max(chi2 - df, 0.0) / (df * n_obs)) * sqrt(n_groups)


def rmsea_bound(chi2: float, df: float, n_obs: float, probability: float, n_groups: int = 1) -> float:
    """Confidence bound of the RMSEA: probability .95 gives the lower, .05 the upper bound of a 90% interval."""
    return sqrt(noncentrality_for(chi2, df, probability) / (df * n_obs)) * sqrt(n_groups)


def rmsea_close_p(chi2: float, df: float, n_obs: float, hypothesis: float = 0.05, n_groups: int = 1) -> float:
    """P-value of the hypothesis RMSEA <= `hypothesis` (test of close fit)."""
    return 1.0 - noncentral_chi_square_below(chi2, df, n_obs * df * hypothesis**2 / n_groups)


def rmsea_notclose_p(chi2: float, df: float, n_obs: float, hypothesis: float = 0.08, n_groups: int = 1) -> float:
    """P-value of the hypothesis RMSEA >= `hypothesis` (test of not-close fit)."""
    return noncentral_chi_square_below(chi2, df, n_obs * df * hypothesis**2 / n_groups)


def cfi(chi2: float, df: float, chi2_base: float, df_base: float) -> float:
    """Comparative fit index (Bentler 1990, doi:10.1037/0033-2909.107.2.238)."""
    misfit = max(chi2 - df, 0.0)
    worst = max(chi2 - df, chi2_base - df_base, 0.0)
    return 1.0 if worst == 0.0 else 1.0 - misfit / worst


def tli(chi2: float, df: float, chi2_base: float, df_base: float) -> float:
    """Tucker-Lewis index, not cut at 1; 1 for a saturated model."""
    if df == 0:
        return 1.0
    base = chi2_base - df_base
    return 1.0 - (chi2 - df) / df * df_base / base if base != 0.0 else 1.0


def nfi(chi2: float, chi2_base: float) -> float:
    """Normed fit index (Bentler & Bonett 1980, doi:10.1037/0033-2909.88.3.588)."""
    return (chi2_base - chi2) / chi2_base


def pnfi(chi2: float, df: float, chi2_base: float, df_base: float) -> float:
    """Parsimony normed fit index: NFI times df / df_base."""
    return df / df_base * nfi(chi2, chi2_base)


def rfi(chi2: float, df: float, chi2_base: float, df_base: float) -> float:
    """Relative fit index; 1 for a saturated model and, as lavaan has it, where the model fits worse than the baseline.

    The last is a convention that deserves a warning: see `worse_than_baseline`.
    """
    if df == 0 or worse_than_baseline(chi2, df, chi2_base, df_base):
        return 1.0
    return 1.0 - (chi2 / df) / (chi2_base / df_base)


def worse_than_baseline(chi2: float, df: float, chi2_base: float, df_base: float) -> bool:
    """Does the model fit worse, per degree of freedom, than the independence model?"""
    return df > 0 and df_base > 0 and chi2 / df > chi2_base / df_base


def ifi(chi2: float, df: float, chi2_base: float) -> float:
    """Incremental fit index (Bollen 1989)."""
    return (chi2_base - chi2) / (chi2_base - df)


def rni(chi2: float, df: float, chi2_base: float, df_base: float) -> float:
    """Relative noncentrality index: CFI that is not cut."""
    return 1.0 - (chi2 - df) / (chi2_base - df_base)


def mcdonald(chi2: float, df: float, n_obs: float) -> float:
    """McDonald's centrality index: exp(-(chi2 - df) / (2 N))."""
    return exp(-0.5 * (chi2 - df) / n_obs)


def gfi(noncentrality: float, n_observed: int, n_obs: float) -> float:
    """Goodness-of-fit index from the noncentrality of the residual chi-square: p / (p + 2 nc / N).

    With ``nc = max(T - df, 0)`` it is the (nearly unbiased) point estimate.
    """
    return n_observed / (n_observed + 2.0 * noncentrality / n_obs)


def ecvi(chi2: float, n_par: int, n_obs: float) -> float:
    """Expected cross-validation index: chi2 / N + 2 npar / N."""
    return (chi2 + 2.0 * n_par) / n_obs


def critical_n(chi2: float, n_obs: float, quantile: float) -> float:
    """Hoelter's critical N: the sample size at which the chi-square would reach `quantile`."""
    return quantile / (chi2 / n_obs) + 1.0


def aic(log_likelihood: float, n_par: int) -> float:
    """Akaike's information criterion from the log-likelihood: -2 logL + 2 npar."""
    return -2.0 * log_likelihood + 2.0 * n_par


def bic(log_likelihood: float, n_par: int, n_obs: float) -> float:
    """Schwarz's criterion: -2 logL + npar log N."""
    return -2.0 * log_likelihood + n_par * log(n_obs)


def bic_adjusted(log_likelihood: float, n_par: int, n_obs: float) -> float:
    """Sample-size adjusted BIC, N replaced by (N + 2) / 24."""
    return bic(log_likelihood, n_par, (n_obs + 2.0) / 24.0)

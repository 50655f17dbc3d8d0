"""Pooling what was estimated on several imputed data sets: Rubin's rules, and tests of several parameters.

Throughout, m data sets gave estimates q_i with sampling covariances U_i; W is the mean of the U_i (within), B the
covariance of the q_i with divisor m - 1 (between), and T = W + (1 + 1/m) B.

Sources: Rubin (1987), doi:10.1002/9780470316696; Barnard & Rubin (1999), doi:10.1093/biomet/86.4.948;
Li, Raghunathan & Rubin (1991), doi:10.1080/01621459.1991.10475152; Meng & Rubin (1992), doi:10.1093/biomet/79.1.103;
Reiter (2007), doi:10.1093/biomet/asm028.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
from scipy import special

from survey_sem.linalg import Array, as_array


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """Estimates of several imputed data sets, pooled by Rubin's rules.

    Parameters
    ----------
    n_imputations : int
        m, 2 or more.
    estimates : array (k,)
        Means of the m estimates.
    within, between : arrays (k, k)
        W and B.
    df_complete : float
        Degrees of freedom that complete data would leave; infinity where inference is by the normal distribution.
    """

    n_imputations: int
    estimates: Array
    within: Array
    between: Array
    df_complete: float = inf

    @property
    def total(self) -> Array:
        """T = W + (1 + 1/m) B (k, k)."""
        return self.within + self._inflated

    @property
    def _inflated(self) -> Array:
        return np.asarray((1.0 + 1.0 / self.n_imputations) * self.between)

    @property
    def standard_errors(self) -> Array:
        """Square roots of the diagonal of T (k,)."""
        return np.asarray(np.sqrt(np.diag(self.total)))

    @property
    def riv(self) -> Array:
        """Relative increase of variance due to missing values, (1 + 1/m) B / W (k,); NaN where W is 0."""
        return _ratio(np.diag(self._inflated), np.diag(self.within))

    @property
    def shares(self) -> Array:
        """Lambda: share of the total variance that is due to missing values (k,); NaN where T is 0."""
        return _ratio(np.diag(self._inflated), np.diag(self.total))

    @property
    def df(self) -> Array:
        """Degrees of freedom by Barnard and Rubin (k,); Rubin's of 1987 where `df_complete` is infinite."""
        return np.array([barnard_rubin(self.n_imputations, float(each), self.df_complete) for each in self.shares])

    @property
    def fmi(self) -> Array:
        """Fraction of missing information, (riv + 2 / (df + 3)) / (riv + 1) (k,)."""
        riv = self.riv
        return np.asarray((riv + 2.0 / (self.df + 3.0)) / (riv + 1.0))

    @property
    def mean_riv(self) -> float:
        """Average relative increase of variance over all directions, (1 + 1/m) tr(B W^-1) / k."""
        return float(np.trace(np.linalg.solve(self.within, self._inflated)) / len(self.estimates))

    def scaled_within(self) -> Array:
        """(1 + mean riv) W: a total that has the same missing information in every direction (k, k)."""
        return (1.0 + self.mean_riv) * self.within


def _ratio(above: Array, below: Array) -> Array:
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0.0))


def pool_estimates(estimates: Array, covariances: Array, df_complete: float = inf) -> Pooled:
    """Pool estimates (m, k) with sampling covariances (m, k, k)."""
    values = as_array(estimates)
    centred = values - values.mean(axis=0)
    between = centred.T @ centred / (len(values) - 1)
    return Pooled(len(values), values.mean(axis=0), as_array(covariances).mean(axis=0), between, df_complete)


def barnard_rubin(n_imputations: int, share: float, df_complete: float = inf) -> float:
    """Degrees of freedom for one estimate.

    ``df_old = (m - 1) / share^2``; with v complete-data degrees of freedom, ``df_obs = v (v + 1) / (v + 3)
    (1 - share)``, and the result is ``df_old df_obs / (df_old + df_obs)``.

    Parameters
    ----------
    n_imputations : int
        m.
    share : float
        Lambda, the share of the variance that is due to missing values; below 1e-4 it counts as that (as in mice).
    df_complete : float
        v; infinity gives ``df_old``.
    """
    if not isfinite(share):
        return float("nan")
    old = (n_imputations - 1) / max(share, 1e-4) ** 2
    if not isfinite(df_complete):
        return old if share > 0.0 else inf
    observed = (df_complete + 1.0) / (df_complete + 3.0) * df_complete * (1.0 - max(share, 1e-4))
    return old * observed / (old + observed)


@dataclass(frozen=True, slots=True)
class PooledTest:
    """A test of several parameters, pooled.

    Parameters
    ----------
    method : {"D1", "D2", "D3", "D4"}
    f : float
        Refers to the F distribution with `df1` and `df2` degrees of freedom.
    df1, df2 : float
    riv : float
        Average relative increase of variance due to missing values.
    """

    method: str
    f: float
    df1: float
    df2: float
    riv: float

    @property
    def p_value(self) -> float:
        """Upper tail of the F distribution."""
        return f_tail(self.f, self.df1, self.df2)

    @property
    def chisq(self) -> float:
        """``df1 * f``: what refers to chi-square when m is large."""
        return self.f * self.df1

    @property
    def fmi(self) -> float:
        """Share of the information that is missing, on average: riv / (1 + riv)."""
        return self.riv / (1.0 + self.riv)


def f_tail(f: float, df1: float, df2: float) -> float:
    """P(F with `df1` and `df2` degrees of freedom > f); `df2` may be infinite."""
    if not isfinite(df2):
        return float(special.chdtrc(df1, max(f, 0.0) * df1))
    return float(special.fdtrc(df1, df2, max(f, 0.0)))


def wald_test(pooled: Pooled, restrictions: Array, values: Array | None = None) -> PooledTest:
    """D1: Wald test of ``restrictions @ parameters = values`` (Li, Raghunathan & Rubin 1991).

    Degrees of freedom follow Reiter (2007) where `pooled` has finite complete-data degrees of freedom.

    Parameters
    ----------
    pooled : Pooled
    restrictions : array (r, k)
        Of full row rank.
    values : array (r,), optional
        Zero where not given.
    """
    rows = as_array(restrictions)
    k, m = len(rows), pooled.n_imputations
    distance = rows @ pooled.estimates - (0.0 if values is None else as_array(values))
    within = rows @ pooled.within @ rows.T
    between = (1.0 + 1.0 / m) * rows @ pooled.between @ rows.T
    riv = float(np.trace(np.linalg.solve(within, between)) / k)
    f = float(distance @ np.linalg.solve(within, distance)) / (k * (1.0 + riv))
    df2 = reiter_df(m, k, riv, pooled.df_complete) if isfinite(pooled.df_complete) else large_sample_df(m, k, riv)
    return PooledTest("D1", f, float(k), df2, riv)


def combine_chi_squares(statistics: Array, df: float) -> PooledTest:
    """D2: pool m chi-square statistics with `df` degrees of freedom (Li, Meng, Raghunathan & Rubin 1991).

    It needs nothing else, and loses power for it. F may be negative, where the statistics vary much around a small
    mean; its p-value is 1 then.
    """
    values = as_array(statistics)
    m = len(values)
    riv = (1.0 + 1.0 / m) * float(np.var(np.sqrt(np.maximum(values, 0.0)), ddof=1))
    f = (float(values.mean()) / df - (m + 1.0) / (m - 1.0) * riv) / (1.0 + riv)
    df2 = df ** (-3.0 / m) * (m - 1.0) * (1.0 + 1.0 / riv) ** 2 if riv > 0.0 else inf
    return PooledTest("D2", f, float(df), df2, riv)


def likelihood_ratio(own: Array, at_pooled: Array, df: float) -> PooledTest:
    """D3: pooled likelihood ratio test (Meng & Rubin 1992).

    Parameters
    ----------
    own : array (m,)
        Likelihood ratio statistics of the data sets, each at its own estimates.
    at_pooled : array (m,)
        The same at the pooled estimates of both models.
    df : float
        Difference in free parameters.
    """
    m = len(own)
    average, together = float(np.mean(own)), float(np.mean(at_pooled))
    riv = max(0.0, (m + 1.0) / (df * (m - 1.0)) * (average - together))
    return PooledTest("D3", together / (df * (1.0 + riv)), float(df), large_sample_df(m, df, riv), riv)


def stacked_likelihood_ratio(own: Array, stacked: float, df: float) -> PooledTest:
    """D4: likelihood ratio test from the stacked data sets (Chan & Meng 2022, doi:10.5705/ss.202019.0314).

    Unlike D3 it does not depend on how the models are parameterised, and is never negative.

    Parameters
    ----------
    own : array (m,)
        Likelihood ratio statistics of the data sets, each at its own estimates.
    stacked : float
        The statistic of all data sets as one, divided by m.
    df : float
        Difference in free parameters.
    """
    m = len(own)
    riv = max(0.0, (m + 1.0) / (df * (m - 1.0)) * (float(np.mean(own)) - stacked))
    df2 = df * (m - 1.0) * (1.0 + 1.0 / riv) ** 2 if riv > 0.0 else inf
    return PooledTest("D4", stacked / (df * (1.0 + riv)), float(df), df2, riv)


def large_sample_df(n_imputations: int, k: float, riv: float) -> float:
    """Denominator degrees of freedom of D1 and D3 (Li, Raghunathan & Rubin 1991)."""
    if riv <= 0.0:
        return inf
    t = k * (n_imputations - 1.0)
    if t > 4.0:
        return 4.0 + (t - 4.0) * (1.0 + (1.0 - 2.0 / t) / riv) ** 2
    return t * (1.0 + 1.0 / k) * (1.0 + 1.0 / riv) ** 2 / 2.0


def reiter_df(n_imputations: int, k: float, riv: float, df_complete: float) -> float:
    """Denominator degrees of freedom of D1 in small samples (Reiter 2007).

    Where there are too few imputations or complete-data degrees of freedom for it, the smaller of those two kinds.
    """
    t = k * (n_imputations - 1.0)
    v = (df_complete + 1.0) / (df_complete + 3.0) * df_complete
    if t <= 4.0 or v <= 4.0 * (1.0 + riv * t / (t - 2.0)):
        return min(large_sample_df(n_imputations, k, riv), v)
    a = riv * t / (t - 2.0)
    c0, c1, c2, c3 = 1.0 / (t - 4.0), v - 2.0 * (1.0 + a), v - 4.0 * (1.0 + a), 1.0 + a
    inverse = 1.0 / c2
    inverse += c0 * a**2 * c1 / (c3**2 * c2)
    inverse += c0 * 8.0 * a**2 * c1 / (c3 * c2**2)
    inverse += c0 * 4.0 * a**2 / (c3 * c2)
    inverse += c0 * 4.0 * a**2 / (c2 * c1)
    inverse += c0 * 16.0 * a**2 * c1 / c2**3
    inverse += c0 * 8.0 * a**2 / c2**2
    return 4.0 + 1.0 / inverse


def t_quantile(probability: float, df: Array) -> Array:
    """Quantiles of Student's t; the normal quantile where `df` is infinite, NaN where it is NaN."""
    values = as_array(df)
    finite = np.isfinite(values)
    found = np.where(np.isnan(values), np.nan, special.ndtri(probability))
    found[finite] = special.stdtrit(values[finite], probability)
    return np.asarray(found)


def two_sided_t(statistic: Array, df: Array) -> Array:
    """Two-sided p-values of t statistics; normal ones where `df` is infinite."""
    values, freedom = as_array(statistic), as_array(df)
    finite = np.isfinite(freedom)
    found = np.where(np.isnan(freedom), np.nan, 2.0 * special.ndtr(-np.abs(values)))
    found[finite] = 2.0 * special.stdtr(freedom[finite], -np.abs(values[finite]))
    return np.asarray(found)


def monte_carlo_error(pooled: Pooled) -> Array:
    """Standard deviation of the pooled estimates over repetitions of the imputation: sqrt(B / m) (k,)."""
    return np.asarray(np.sqrt(np.diag(pooled.between) / pooled.n_imputations))


def tested(pooled: Pooled, ci_level: float) -> dict[str, Array]:
    """Columns of a table of pooled estimates, each an array (k,).

    ``est se statistic df p_value ci_lower ci_upper riv lambda fmi mc_error``: t tests with the degrees of freedom of
    Barnard and Rubin, and what is missing.
    """
    se, df = pooled.standard_errors, pooled.df
    statistic = np.divide(pooled.estimates, se, out=np.full(len(se), np.nan), where=se > 0.0)
    reach = t_quantile(0.5 + ci_level / 2.0, df) * se
    return {
        "est": pooled.estimates,
        "se": se,
        "statistic": statistic,
        "df": df,
        "p_value": two_sided_t(statistic, df),
        "ci_lower": pooled.estimates - reach,
        "ci_upper": pooled.estimates + reach,
        "riv": pooled.riv,
        "lambda": pooled.shares,
        "fmi": pooled.fmi,
        "mc_error": monte_carlo_error(pooled),
    }

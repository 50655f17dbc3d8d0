"""Pooling any estimates over imputed data sets: `ss.pool`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, OptionError, did_you_mean
from survey_sem.fitting.data_sets import FEWEST, DataSets
from survey_sem.fitting.imputed import SolvedModel, pool_solved
from survey_sem.fitting.options import FitOptions
from survey_sem.inference.findings import Findings
from survey_sem.linalg import Array, as_array, one_blas_thread
from survey_sem.regression.pooled import pool_coefficients
from survey_sem.regression.result import Regression
from survey_sem.results import SemResult
from survey_sem.results.pooled import PooledResult
from survey_sem.sample.design.results import Estimates, check_level
from survey_sem.statistics.pooling import Pooled, PooledTest, pool_estimates, tested, wald_test

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class PooledEstimates:
    """Estimates of several imputed data sets, pooled by Rubin's rules.

    Parameters
    ----------
    names : tuple of str
        Of the estimates.
    pooled : Pooled
        Numbers by Rubin's rules.
    ci_level : float
        Of the intervals.
    """

    names: tuple[str, ...]
    pooled: Pooled = field(repr=False)
    ci_level: float = 0.95

    @property
    def n_imputations(self) -> int:
        """Number of data sets."""
        return self.pooled.n_imputations

    @property
    def estimates(self) -> pd.DataFrame:
        """One row per estimate.

        Columns ``term est se statistic df p_value ci_lower ci_upper riv lambda fmi mc_error``: degrees of freedom by
        Barnard and Rubin; `lambda` the share of the variance that is due to missing values, `fmi` the fraction of
        missing information (larger where there are few imputations); `mc_error` by how much the estimate would vary
        if the data were imputed again.
        """
        import pandas as pd

        return pd.DataFrame({"term": list(self.names), **tested(self.pooled, self.ci_level)})

    def vcov(self) -> pd.DataFrame:
        """Sampling covariance matrix T = W + (1 + 1/m) B."""
        import pandas as pd

        return pd.DataFrame(self.pooled.total, index=list(self.names), columns=list(self.names))

    def test(self, terms: str | Sequence[str]) -> PooledTest:
        """D1: the Wald test that these terms are zero, all at once."""
        chosen = [terms] if isinstance(terms, str) else list(terms)
        unknown = [name for name in chosen if name not in self.names]
        if unknown or not chosen:
            name = unknown[0] if unknown else ""
            raise OptionError(
                "unknown-term", f"there is no term '{name}'", where="terms", expected=", ".join(self.names),
                hint=did_you_mean(name, self.names),
            )  # fmt: skip
        rows = np.zeros((len(chosen), len(self.names)))
        rows[np.arange(len(chosen)), [self.names.index(name) for name in chosen]] = 1.0
        return wald_test(self.pooled, rows)

    def __str__(self) -> str:
        return f"{self.n_imputations} imputations\n{self.estimates.to_string(float_format='{:.4g}'.format)}"


def pool(
    fits: Sequence[Any],
    *,
    df_complete: float | None = None,
    ci_level: float | None = None,
    pool_test: str | None = None,
) -> PooledEstimates | PooledResult:
    """Pool the same analysis of several imputed data sets by Rubin's rules.

    Parameters
    ----------
    fits : sequence
        Regressions (`survey_sem.regress`, which takes imputed data itself), structural equation models
        (`survey_sem.sem`), statistics of a designed sample (`survey_sem.design`), or pairs of estimates and their
        covariance matrix (a Series and a DataFrame, or arrays).
    df_complete : float, optional
        Degrees of freedom that complete data would leave: of regressions those of their t tests, else rows less
        coefficients (as in mice); of design statistics those of the design; infinite for models and pairs.
    ci_level : float, optional
        Of the intervals; that of the fits, or .95.
    pool_test : {"D2", "D3", "D4"}, optional
        Test of structural equation models, see `survey_sem.sem`.

    Returns
    -------
    PooledEstimates or PooledResult

    Raises
    ------
    OptionError
        Fewer than two fits, fits of several kinds, or no fits at all.
    DataError
        Fits of different models.

    Examples
    --------
    >>> import pandas as pd, survey_sem as ss
    >>> data = pd.DataFrame({"y": [1.0, 2, 4, 3, 5, 6, 6, 8], "x": [1.0, 2, None, 4, 5, None, 7, 8]})
    >>> imputed = ss.impute(data, m=5, seed=1)
    >>> ss.pool(imputed.map(lambda rows: ss.regress("y ~ x", rows))).names
    ('Intercept', 'x')
    """
    given = list(fits) if isinstance(fits, Sequence) and not isinstance(fits, str) else []
    if len(given) < FEWEST:
        raise OptionError(
            "too-few-imputations", "pooling needs two fits or more", where="fits", got=f"{len(given)}",
            hint="ss.pool(imputed.map(lambda rows: ss.regress(formula, rows)))",
        )  # fmt: skip
    if ci_level is not None:
        ci_level = check_level(ci_level)
    if all(isinstance(fit, SemResult) for fit in given):
        return _pool_models(given, pool_test)
    if all(isinstance(fit, Regression) for fit in given):
        return _pool_regressions(given, df_complete, ci_level)
    if all(isinstance(fit, Estimates) for fit in given):
        return _pool_statistics(given, df_complete, ci_level)
    if all(isinstance(fit, tuple) and len(fit) == 2 for fit in given):
        return _pool_pairs(given, df_complete, ci_level)
    kinds = ", ".join(sorted({type(fit).__name__ for fit in given}))
    raise OptionError(
        "bad-fits", "these cannot be pooled together", where="fits", got=kinds,
        expected="regressions, models, design statistics, or pairs of estimates and covariance matrix",
    )  # fmt: skip


def _pool_regressions(fits: list[Regression], df_complete: float | None, ci_level: float | None) -> PooledEstimates:
    names = tuple(str(name) for name in fits[0].vcov_frame().index)
    found = pool_coefficients(fits, df_complete)
    return PooledEstimates(names, found, fits[0].ci_level if ci_level is None else ci_level)


def _pool_pairs(pairs: list[tuple[Any, Any]], df_complete: float | None, ci_level: float | None) -> PooledEstimates:
    first = pairs[0][0]
    size = len(first)
    names = tuple(str(name) for name in getattr(first, "index", range(1, size + 1)))
    values: list[Array] = []
    covs: list[Array] = []
    for at, (estimates, covariance) in enumerate(pairs, 1):
        own = tuple(str(name) for name in getattr(estimates, "index", range(1, len(estimates) + 1)))
        matrix = np.atleast_2d(as_array(covariance))
        if own != names or matrix.shape != (size, size):
            raise _different(at)
        values.append(as_array(estimates))
        covs.append(matrix)
    if not (np.isfinite(values).all() and np.isfinite(covs).all()):
        raise DataError("not-finite", "an estimate or a covariance is not a number", where="fits")
    df = float("inf") if df_complete is None else df_complete
    return PooledEstimates(names, pool_estimates(np.array(values), np.array(covs), df), ci_level or 0.95)


def _pool_statistics(fits: list[Estimates], df_complete: float | None, ci_level: float | None) -> PooledEstimates:
    """Means, totals and the like of designed samples, with the degrees of freedom of the design."""
    import pandas as pd

    pairs = [(pd.Series(fit.estimate, index=fit.names), fit.cov) for fit in fits]
    level = fits[0].level if ci_level is None else ci_level
    return _pool_pairs(pairs, min(fit.df for fit in fits) if df_complete is None else df_complete, level)


def _different(at: int) -> DataError:
    return DataError("different-models", f"fit {at} has other coefficients than the first", where="fits")


def _pool_models(fits: list[SemResult], pool_test: str | None) -> PooledResult:
    rows = [(row.lhs, row.op, row.rhs, row.group, row.free, row.label) for row in fits[0].table.rows]
    for at, fit in enumerate(fits[1:], 2):
        if [(row.lhs, row.op, row.rhs, row.group, row.free, row.label) for row in fit.table.rows] != rows:
            raise _different(at)
        if fit.options["estimator"] != fits[0].options["estimator"]:
            raise DataError("different-models", f"fit {at} has another estimator than the first", where="fits")
    if any(isinstance(fit, PooledResult) or fit.is_incomplete for fit in fits):
        raise OptionError("bad-fits", "only fits of complete data are pooled", where="fits")
    solved, failures = {}, {}
    for at, fit in enumerate(fits):
        if fit.converged and fit.identified and fit.solution.vcov is not None:
            findings = Findings(fit.converged, fit.identified, fit.admissible, dict(fit.findings), fit.warnings)
            solved[at] = SolvedModel(fit.table, fit.solution, findings)
        else:
            failures[at] = "not converged" if not fit.converged else "not identified"
    first = fits[0].options
    options = FitOptions(
        estimator=first["estimator"], likelihood=first["likelihood"], sample_cov_rescale=first["sample_cov_rescale"],
        pool_test=pool_test,
    )  # fmt: skip
    with one_blas_thread():
        return pool_solved(
            fits[0].model, solved, failures, DataSets((), len(fits)), options, lambda _table: dict(first)
        )

"""A regression of several imputed data sets: fitted to each, and pooled by Rubin's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from survey_sem.errors import DataError, SurveySemError, Warned
from survey_sem.linalg import Array
from survey_sem.regression import equivalence
from survey_sem.regression.covariance import ROBUST
from survey_sem.regression.result import RATIOS, Regression, WaldTest, plain_row
from survey_sem.statistics.pooling import Pooled, PooledTest, pool_estimates, t_quantile, tested, wald_test

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class PooledRegression:
    """One regression of several imputed data sets, pooled by Rubin's rules. It reads as a `Regression`.

    Made by `survey_sem.regress` from imputed data. Coefficients, marginal effects and tests carry the uncertainty that
    comes from missing values; degrees of freedom are those of Barnard and Rubin. A sum over rows, such as the
    log-likelihood, AIC or BIC, has no pooled value: ``fits`` has those of each data set.

    Parameters
    ----------
    fits : tuple of Regression
        Of each data set.
    pooled : Pooled
        The coefficients by Rubin's rules.
    warnings : tuple of Warned
        What a reader must know; what was found in single data sets says in how many.
    """

    fits: tuple[Regression, ...] = field(repr=False)
    pooled: Pooled = field(repr=False)
    warnings: tuple[Warned, ...]

    @property
    def n_imputations(self) -> int:
        """Number of data sets, m."""
        return len(self.fits)

    @property
    def formula(self) -> str:
        """As it was given."""
        return self.fits[0].formula

    @property
    def family(self) -> str:
        """What was fitted."""
        return self.fits[0].family

    @property
    def link(self) -> str:
        """Of the family."""
        return self.fits[0].link

    @property
    def response(self) -> str:
        """Left-hand side of the formula."""
        return self.fits[0].response

    @property
    def categories(self) -> tuple[str, ...]:
        """Of the response."""
        return self.fits[0].categories

    @property
    def vcov(self) -> str:
        """Kind of the covariance matrix within each data set."""
        return self.fits[0].vcov

    @property
    def ci_level(self) -> float:
        """Of the intervals."""
        return self.fits[0].ci_level

    @property
    def n_obs(self) -> int:
        """Rows that were used; the fewest, where data sets differ (the warnings say so)."""
        return min(fit.n_obs for fit in self.fits)

    @property
    def n_dropped(self) -> int:
        """Rows left out for values that were not imputed; the most, where data sets differ."""
        return max(fit.n_dropped for fit in self.fits)

    @property
    def df(self) -> float:
        """Degrees of freedom that complete data would leave; every coefficient has fewer, see ``estimates``."""
        return self.pooled.df_complete

    @property
    def has_terms(self) -> bool:
        """Whether there is more to the right-hand side than an intercept."""
        return self.fits[0].has_terms

    @property
    def measures(self) -> Mapping[str, float]:
        """Pooled R squared and adjusted R squared, of Gaussian regressions; see `r_squared`."""
        if self.family != "gaussian":
            return {}
        found = self.r_squared()
        return {str(name): float(value) for name, value in zip(found["measure"], found["est"], strict=True)}

    @property
    def estimates(self) -> pd.DataFrame:
        """One row per coefficient, as of `Regression`, and what is missing.

        ``riv`` is the relative increase of variance due to missing values, ``lambda`` their share of the variance,
        ``fmi`` the fraction of missing information, ``mc_error`` by how much the estimate would vary if the data were
        imputed again. ``std_beta`` is the average over the data sets, ``exp_est`` a function of the pooled estimate.
        """
        frame = self._table(self.pooled)
        first = self.fits[0].fit
        frame.insert(0, "term", list(first.names))
        frame.insert(0, "equation", list(first.equations))
        if self.family == "gaussian":
            frame["std_beta"] = np.mean([fit.fit.theta * fit.standard_deviations() for fit in self.fits], axis=0)
        if (self.family, self.link) in RATIOS:
            outside = frame["equation"].isin(["threshold", "dispersion"])
            frame["exp_est"] = np.where(outside, np.nan, np.exp(self.pooled.estimates))
        return frame

    def _table(self, pooled: Pooled) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(tested(pooled, self.ci_level))

    def vcov_frame(self) -> pd.DataFrame:
        """Covariance matrix of the coefficients, T = W + (1 + 1/m) B, with their names."""
        import pandas as pd

        names = self.fits[0].vcov_frame().index
        return pd.DataFrame(self.pooled.total, index=names, columns=names)

    def margins(self, variables: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Average marginal effects: those of each data set (`Regression.margins`), pooled.

        Returns
        -------
        DataFrame
            ``variable contrast outcome est se statistic df p_value ci_lower ci_upper riv lambda fmi mc_error``.
        """
        import pandas as pd

        tables = [fit.margins(variables) for fit in self.fits]
        labels = tables[0][["variable", "contrast", "outcome"]]
        for at, table in enumerate(tables[1:], 2):
            if not table[labels.columns].equals(labels):
                raise DataError("different-models", f"data set {at} has other categories than the first", where="data")
        pooled = self._pooled([table["est"] for table in tables], [table["se"] for table in tables])
        return pd.concat([labels, self._table(pooled)], axis=1)

    def _pooled(self, values: Sequence[Any], errors: Sequence[Any]) -> Pooled:
        """Numbers (m, k) with standard errors (m, k), each pooled by itself."""
        within = [np.diag(np.square(each)) for each in errors]
        return pool_estimates(np.array(values), np.array(within), self.df)

    def r_squared(self) -> pd.DataFrame:
        """R squared and adjusted R squared, pooled as Fisher's z of their roots: ``measure est ci_lower ci_upper fmi``.

        Intervals take the rows as independent draws; under a design or clusters there are none.
        Source: Harel (2009), doi:10.1080/02664760802553000.
        """
        import pandas as pd

        rows = []
        for name in ("r2", "adj_r2"):
            values = np.array([fit.measures.get(name, np.nan) for fit in self.fits])
            if ((values >= 0.0) & (values < 1.0)).all():
                rows.append((name, *self._fisher(np.arctanh(np.sqrt(values)))))
        return pd.DataFrame(rows, columns=["measure", "est", "ci_lower", "ci_upper", "fmi"])

    def _fisher(self, z: Array) -> tuple[float, float, float, float]:
        variances = np.array([[[1.0 / (fit.n_obs - 3.0)]] for fit in self.fits])
        found = pool_estimates(z[:, None], variances)
        middle = float(found.estimates[0])
        est = np.tanh(middle) ** 2
        if self.vcov not in ("classical", *ROBUST) or not np.isfinite(variances).all() or (variances <= 0.0).any():
            return est, np.nan, np.nan, np.nan
        reach = float(t_quantile(0.5 + self.ci_level / 2.0, np.array([np.inf]))[0] * found.standard_errors[0])
        lower, upper = np.tanh(max(middle - reach, 0.0)) ** 2, np.tanh(middle + reach) ** 2
        return est, lower, upper, float(found.fmi[0])

    def wald(self, *terms: str) -> WaldTest:
        """D1: test that all coefficients of the named terms are zero (all terms without names)."""
        test = self._test(terms)
        return WaldTest(test.chisq, int(test.df1), test.f, test.df2, test.p_value)

    def _test(self, terms: Sequence[str]) -> PooledTest:
        chosen = self.fits[0].columns_of(terms)
        return wald_test(self.pooled, np.eye(len(self.pooled.estimates))[chosen])

    def tests(self) -> pd.DataFrame:
        """Joint test of every term given all others: ``term df f df_residual p_value riv`` (D1)."""
        import pandas as pd

        rows = [(term.name, self._test((term.name,))) for term in self.fits[0].predictors.terms]
        return pd.DataFrame(
            [(name, int(test.df1), test.f, test.df2, test.p_value, test.riv) for name, test in rows],
            columns=["term", "df", "f", "df_residual", "p_value", "riv"],
        )

    def equivalence(self, bound: float, *, scale: Literal["std_beta", "est"] = "std_beta") -> pd.DataFrame:
        """Two one-sided tests of every coefficient against a smallest effect: see `Regression.equivalence`."""
        equivalence.check(self.family, bound, scale)
        pooled = self.pooled
        if scale == "std_beta":
            factors = [fit.standard_deviations() for fit in self.fits]
            errors = [np.sqrt(np.diag(fit.covariance)) for fit in self.fits]
            pooled = self._pooled(
                [fit.fit.theta * factor for fit, factor in zip(self.fits, factors, strict=True)],
                [se * factor for se, factor in zip(errors, factors, strict=True)],
            )
        return equivalence.table(
            self.fits[0].fit, pooled.estimates, pooled.standard_errors, pooled.df, bound, self.ci_level
        )

    def vif(self) -> pd.DataFrame:
        """Variance inflation of every term, averaged over the data sets: see `Regression.vif`."""
        return self._averaged([fit.vif().set_index("term") for fit in self.fits]).astype({"df": int}).reset_index()

    def importance(self) -> pd.DataFrame:
        """Shares of R squared, averaged over the data sets: see `Regression.importance`.

        They sum to the average R squared, which differs a little from the pooled one.
        """
        found = self._averaged([fit.importance().set_index("term") for fit in self.fits])
        found["percent"] = 100.0 * found["share"] / found["share"].sum()
        return found.reset_index()

    def dominance(self) -> pd.DataFrame:
        """Conditional dominance, averaged over the data sets: see `Regression.dominance`."""
        return self._averaged([fit.dominance() for fit in self.fits])

    def predict(self, data: pd.DataFrame) -> pd.DataFrame:
        """Expected response, or probabilities of the categories, of other rows: averages over the data sets."""
        return self._averaged([fit.predict(data) for fit in self.fits])

    @staticmethod
    def _averaged(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
        total = tables[0].astype(float)
        for table in tables[1:]:
            total = total + table
        return total / len(tables)

    def to_dict(self) -> dict[str, Any]:
        """The regression as plain data (schema ``survey-sem/regression/1``, with ``n_imputations``); no rows."""
        return {
            **self.fits[0].to_dict(),
            "n_imputations": self.n_imputations,
            "n_obs": self.n_obs,
            "n_dropped": self.n_dropped,
            "df": self.df if np.isfinite(self.df) else None,
            "estimates": [plain_row(row) for row in self.estimates.to_dict("records")],
            "measures": plain_row(dict(self.measures)),
            "warnings": [warned.to_dict() for warned in self.warnings],
        }

    def __str__(self) -> str:
        from survey_sem.regression.shown import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from survey_sem.regression.shown import as_html

        return as_html(self)


def pooled_regression(
    data_sets: Iterable[Any], fit_one: Callable[[Any], Regression], warnings: Sequence[Warned] = ()
) -> PooledRegression:
    """Fit each data set and pool.

    Parameters
    ----------
    data_sets : iterable of m data sets
    fit_one : function
        Of a data set.
    warnings : sequence of Warned
        Of the imputation.

    Raises
    ------
    SurveySemError
        A data set cannot be fitted: the error names it.
    DataError
        The data sets give other coefficients.
    """
    fits = []
    for at, rows in enumerate(data_sets, 1):
        try:
            fits.append(fit_one(rows))
        except SurveySemError as problem:
            problem.where = f"data set {at}: {problem.where}" if problem.where else f"data set {at}"
            raise
    return PooledRegression(tuple(fits), pool_coefficients(fits), (*warnings, *_told(fits)))


def pool_coefficients(fits: Sequence[Regression], df_complete: float | None = None) -> Pooled:
    """The coefficients of the same regression of several data sets.

    Parameters
    ----------
    fits : sequence of Regression
    df_complete : float, optional
        Degrees of freedom that complete data would leave; those of the t tests, else rows less coefficients.

    Raises
    ------
    DataError
        Another family or other coefficients than the first.
    """
    first = fits[0]
    for at, fit in enumerate(fits[1:], 2):
        own = (fit.fit.equations, fit.fit.names, fit.family, fit.link, fit.vcov)
        if own != (first.fit.equations, first.fit.names, first.family, first.link, first.vcov):
            raise DataError(
                "different-models", f"fit {at} has other coefficients than the first, or another kind", where="fits"
            )
    if df_complete is None:
        df_complete = min(min(fit.df, fit.n_obs - len(fit.fit.theta)) for fit in fits)
    return pool_estimates(
        np.array([fit.fit.theta for fit in fits]), np.array([fit.covariance for fit in fits]), df_complete
    )


def _told(fits: Sequence[Regression]) -> list[Warned]:
    """Warnings of the fits, each kind once with the number of data sets; and rows that differ."""
    found: dict[tuple[str, str | None], list[Warned]] = {}
    for fit in fits:
        for warned in fit.warnings:
            found.setdefault((warned.code, warned.where), []).append(warned)
    told = [
        Warned(each[0].code, f"{each[0].what} (in {len(each)} of {len(fits)} data sets)", each[0].where, each[0].hint)
        for each in found.values()
    ]
    if moving := _moving(fits):
        told.append(
            Warned(
                "basis-differs",
                f"{', '.join(moving)}: made from the values of each data set, and not quite the same in all of them",
                "formula",
                "I(x**2), x - 3, or bs() with knots and bounds mean the same everywhere",
            )
        )
    counts = {fit.n_obs for fit in fits}
    if len(counts) > 1:
        told.append(Warned("rows-differ", f"the data sets have {min(counts)} to {max(counts)} rows of the regression"))
    return told


def _moving(fits: Sequence[Regression]) -> list[str]:
    """Factors such as ``poly(x, 2)`` whose centre, scale or knots are not those of the first data set, by name."""
    states = [fit.predictors.spec.transform_state for fit in fits]
    return sorted(name for name, state in states[0].items() if any(other.get(name) != state for other in states[1:]))

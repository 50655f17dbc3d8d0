"""A fitted regression: tidy tables of coefficients, marginal effects, importance, tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from survey_sem.errors import OptionError, Warned, did_you_mean
from survey_sem.linalg import Array
from survey_sem.regression import equivalence, importance, margins
from survey_sem.regression.fitted import Fitted
from survey_sem.regression.formula import Predictors, usable
from survey_sem.sample.design.columns import column

if TYPE_CHECKING:
    import pandas as pd

RATIOS = {
    ("binomial", "logit"), ("ordinal", "logit"), ("multinomial", "logit"), ("poisson", "log"),
    ("negative_binomial", "log"), ("two_part", "logit"),
}  # fmt: skip
"""Families and links whose exponentiated coefficients are ratios of odds, risks or means."""


@dataclass(frozen=True, slots=True)
class Regression:
    """Coefficients of one regression, with all that its tables need.

    Made by `survey_sem.regress`. ``estimates`` is the table of coefficients, ``measures`` holds R squared,
    log-likelihood, AIC and their like by name.

    Parameters
    ----------
    formula : str
        As it was given.
    family, link : str
        What was fitted.
    n_obs : int
        Rows that were used; rows of weight zero are not counted.
    n_dropped : int
        Rows left out for missing values.
    vcov : str
        Kind of the covariance matrix.
    df : float
        Degrees of freedom of the t tests; infinite: normal tests.
    categories : tuple of str
        Of the response, the reference (multinomial) or the first first; of a binomial response the second one is what
        the probability is of.
    measures : mapping
        Fit by name.
    warnings : tuple of Warned
        What a reader must know.
    """

    formula: str
    family: str
    link: str
    n_obs: int
    n_dropped: int
    vcov: str
    df: float
    categories: tuple[str, ...]
    measures: Mapping[str, float]
    warnings: tuple[Warned, ...]
    ci_level: float
    response: str
    fit: Fitted = field(repr=False)
    covariance: Array = field(repr=False)
    predictors: Predictors = field(repr=False)
    data: pd.DataFrame = field(repr=False)
    y: Array = field(repr=False)
    weights: Array = field(repr=False)

    @property
    def has_terms(self) -> bool:
        """Whether there is more to the right-hand side than an intercept."""
        return bool(self.predictors.terms)

    @property
    def estimates(self) -> pd.DataFrame:
        """One row per coefficient: ``equation term est se statistic df p_value ci_lower ci_upper``.

        ``std_beta`` (Gaussian: in standard deviations of both sides) and ``exp_est`` (ratio of odds, risks or means)
        stand beside them where the family has them.
        """
        frame = self._tested(self.fit.theta, self.covariance)
        frame.insert(0, "term", list(self.fit.names))
        frame.insert(0, "equation", list(self.fit.equations))
        if self.family == "gaussian":
            frame["std_beta"] = self.fit.theta * self.standard_deviations()
        if (self.family, self.link) in RATIOS:
            outside = frame["equation"].isin(["threshold", "dispersion"])
            frame["exp_est"] = np.where(outside, np.nan, np.exp(self.fit.theta))
        return frame

    def _tested(self, values: Array, covariance: Array) -> pd.DataFrame:
        import pandas as pd

        se = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        statistic = np.divide(values, se, out=np.full(len(se), np.nan), where=se > 0)
        reach = _quantile_of_t(0.5 + self.ci_level / 2.0, self.df) * se
        return pd.DataFrame(
            {
                "est": values,
                "se": se,
                "statistic": statistic,
                "df": self.df,
                "p_value": _two_sided(statistic, self.df),
                "ci_lower": values - reach,
                "ci_upper": values + reach,
            }
        )

    def standard_deviations(self) -> Array:
        """Standard deviation of every column over that of the response, weighted; 0 for the intercept."""
        spread = np.sqrt(np.diag(self._moments()))
        return np.asarray(spread[:-1] / spread[-1])

    def _moments(self) -> Array:
        """Weighted covariance matrix of the columns and, last, the response."""
        return np.atleast_2d(np.cov(np.column_stack([self.predictors.x, self.y]).T, aweights=self.weights))

    def vcov_frame(self) -> pd.DataFrame:
        """Covariance matrix of the coefficients with their names."""
        import pandas as pd

        names = self._full_names()
        return pd.DataFrame(self.covariance, index=names, columns=names)

    def _full_names(self) -> list[str]:
        return [f"{eq}:{name}" if eq else name for eq, name in zip(self.fit.equations, self.fit.names, strict=True)]

    def margins(self, variables: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Average marginal effects, with standard errors by the delta method.

        Of a number: the average derivative of the expected response; of a category: the average change against the
        reference, all else as it is. Squares and products of a variable move with it. Rows are averaged by weight.

        Parameters
        ----------
        variables : str or list, optional
            All predictors without it.

        Returns
        -------
        DataFrame
            ``variable contrast outcome est se statistic df p_value ci_lower ci_upper``; ``outcome`` names the category
            whose probability changes.
        """
        import pandas as pd

        asked = self._asked(variables)
        if not asked:
            raise OptionError("not-supported", "there is no predictor whose effect could be told", where="formula")
        rows, values, covariances = [], [], []
        for name in asked:
            for contrast, (effect, slopes) in self._effects(name):
                rows += [(name, contrast, outcome) for outcome in self.fit.outcomes]
                values.append(effect)
                covariances.append(np.diag(slopes @ self.covariance @ slopes.T))
        frame = self._tested(np.concatenate(values), np.diag(np.concatenate(covariances)))
        return pd.concat([pd.DataFrame(rows, columns=["variable", "contrast", "outcome"]), frame], axis=1)

    def _asked(self, variables: str | Sequence[str] | None) -> list[str]:
        known = list(dict.fromkeys(name for term in self.predictors.terms for name in term.variables))
        asked = known if variables is None else [variables] if isinstance(variables, str) else list(variables)
        for name in asked:
            if name not in known:
                raise OptionError(
                    "unknown-variable", f"'{name}' is no predictor", expected=", ".join(known),
                    hint=did_you_mean(name, known),
                )  # fmt: skip
        return asked

    def _effects(self, name: str) -> list[tuple[str, tuple[Array, Array]]]:
        task = self.fit, self.predictors, self.data, self.weights, name
        levels = self._levels(name)
        if levels is None:
            return [("slope", margins.slope(*task))]
        reference = levels[0]
        return [(f"{level} - {reference}", margins.change(*task, level, reference)) for level in levels[1:]]

    def _levels(self, name: str) -> list[Any] | None:
        """Levels of a categorical predictor, the reference of its coding first; None for a number."""
        wrapped = any(f"C({name}" in term.name for term in self.predictors.terms)
        if margins.is_number(self.data, name) and not wrapped:
            return None
        column = self.data[name]
        levels = list(column.cat.categories) if hasattr(column, "cat") else sorted(column.unique())
        return [level for level in levels if (column == level).any()]

    def vif(self) -> pd.DataFrame:
        """Variance inflation of every term: ``term df vif vif_scaled`` (generalised where a term has several columns).

        From the correlations of the coefficients, so that rows count in it as they do in the model; of multinomial,
        quantile and two-part regressions from those of the columns. ``vif_scaled`` is vif^(1 / (2 df)), to compare
        terms of different size. Source: Fox & Monette (1992), doi:10.1080/01621459.1992.10475190.
        """
        import pandas as pd

        terms = self.predictors.terms
        sizes = [len(term.columns) for term in terms]
        ends = np.cumsum(sizes)
        correlation = self._inflated()
        rows = []
        for term, size, end in zip(terms, sizes, ends, strict=True):
            is_inside = (np.arange(ends[-1]) >= end - size) & (np.arange(ends[-1]) < end)
            parts = (correlation[np.ix_(each, each)] for each in (is_inside, ~is_inside))
            inflation = float(np.prod([np.linalg.det(part) for part in parts]) / np.linalg.det(correlation))
            rows.append((term.name, size, inflation, inflation ** (0.5 / size)))
        return pd.DataFrame(rows, columns=["term", "df", "vif", "vif_scaled"])

    def _inflated(self) -> Array:
        """Correlations of the coefficients of all terms, or of their columns, which inflate alike in linear models."""
        columns = [column for term in self.predictors.terms for column in term.columns]
        if self.family in ("multinomial", "quantile", "two_part"):
            found = self._moments()[np.ix_(columns, columns)]
        else:
            place = {name: at for at, name in enumerate(self.fit.names) if not self.fit.equations[at]}
            at = [place[self.predictors.names[column]] for column in columns]
            found = self.fit.bread[np.ix_(at, at)]
        spread = np.sqrt(np.diag(found))
        return np.asarray(found / np.outer(spread, spread))

    def importance(self) -> pd.DataFrame:
        """Shares of R squared: ``term share percent individual last`` (Gaussian family).

        ``share`` is the LMG measure, which equals the general dominance weight: what a term adds to R squared, averaged
        over all orders in which terms can come in; shares sum to R squared. ``individual`` is the R squared of the term
        alone, ``last`` what it adds to all others.
        """
        import pandas as pd

        found = self._contributions()
        share = found.mean(axis=1)
        terms = self.predictors.terms
        return pd.DataFrame(
            {
                "term": [term.name for term in terms],
                "share": share,
                "percent": 100.0 * share / share.sum(),
                "individual": found[:, 0],
                "last": found[:, -1],
            }
        )

    def dominance(self) -> pd.DataFrame:
        """Conditional dominance: mean contribution of each term to sets of 0, 1, ... other terms."""
        import pandas as pd

        found = self._contributions()
        names = [term.name for term in self.predictors.terms]
        return pd.DataFrame(found, index=pd.Index(names, name="term"), columns=[f"with_{m}" for m in range(len(names))])

    def _contributions(self) -> Array:
        if self.family != "gaussian":
            raise OptionError(
                "not-supported", "relative importance shares R squared, which a Gaussian regression has", where="family"
            )
        terms = self.predictors.terms
        if not terms or not self.predictors.has_intercept:
            raise OptionError("not-supported", "relative importance needs an intercept and predictors", where="formula")
        columns = [column for term in terms for column in term.columns]
        place = {column: at for at, column in enumerate(columns)}
        inside = [*columns, self.predictors.x.shape[1]]
        blocks = [[place[column] for column in term.columns] for term in terms]
        return importance.shares(self._moments()[np.ix_(inside, inside)], blocks)

    def wald(self, *terms: str) -> WaldTest:
        """Test that all coefficients of the named terms are zero (all terms without names).

        F with the design's or residual degrees of freedom, chi-square where there are none.
        """
        chosen = self.columns_of(terms)
        values = self.fit.theta[chosen]
        statistic = float(values @ np.linalg.solve(self.covariance[np.ix_(chosen, chosen)], values))
        return WaldTest.of(statistic, len(chosen), self.df)

    def tests(self) -> pd.DataFrame:
        """Joint test of every term given all others: ``term df statistic df_residual p_value`` (Wald, type III)."""
        import pandas as pd

        rows = [(term.name, self.wald(term.name)) for term in self.predictors.terms]
        return pd.DataFrame(
            [(name, test.df, test.f, test.df_residual, test.p_value) for name, test in rows],
            columns=["term", "df", "f", "df_residual", "p_value"],
        )

    def columns_of(self, terms: Sequence[str]) -> list[int]:
        """Positions of the coefficients of the named terms (of all terms without names)."""
        known = {term.name: term for term in self.predictors.terms}
        asked = terms or tuple(known)
        found: list[int] = []
        for name in asked:
            if name not in known:
                raise OptionError(
                    "unknown-term", f"the formula has no term '{name}'", expected=", ".join(known),
                    hint=did_you_mean(name, list(known)),
                )  # fmt: skip
            columns = {self.predictors.names[column] for column in known[name].columns}
            found += [at for at, column in enumerate(self.fit.names) if column in columns]
        return found

    def equivalence(self, bound: float, *, scale: Literal["std_beta", "est"] = "std_beta") -> pd.DataFrame:
        """Two one-sided tests of every coefficient against a smallest effect of interest.

        Parameters
        ----------
        bound : float
            Effects within (-bound, bound) are too small to matter.
        scale : {"std_beta", "est"}
            Of the bound. Standardised coefficients take the standard deviations as known.

        Returns
        -------
        DataFrame
            ``term value ci_lower ci_upper p_equivalence conclusion``, the interval at twice the error rate (90% for
            tests at 5%): ``negligible`` (inside the bounds), ``relevant`` (outside), ``undecided``.
            Source: Schuirmann (1987), doi:10.1007/BF01068419; Lakens (2017), doi:10.1177/1948550617697177.
        """
        equivalence.check(self.family, bound, scale)
        factor = self.standard_deviations() if scale == "std_beta" else np.ones(len(self.fit.theta))
        se = np.sqrt(np.diag(self.covariance)) * np.abs(factor)
        return equivalence.table(self.fit, self.fit.theta * factor, se, self.df, bound, self.ci_level)

    def predict(self, data: pd.DataFrame) -> pd.DataFrame:
        """Expected response, or probabilities of the categories, of other rows (NaN where a number is missing).

        Raises
        ------
        OptionError
            No data frame.
        DataError
            A variable is not there, or has a category that the regression was not fitted to.
        """
        import pandas as pd

        if not isinstance(data, pd.DataFrame):
            raise OptionError("bad-data", "data must be a pandas DataFrame", where="data", got=type(data).__name__)
        used = {name for term in self.predictors.terms for name in term.variables}
        data = data.assign(**{name: usable(column(data, name, "data")) for name in used})
        values, _ = self.fit.means(self.predictors.anew(data))
        names = ["mean"] if self.fit.outcomes == ("",) else list(self.fit.outcomes)
        return pd.DataFrame(values, columns=names, index=data.index)

    def to_dict(self) -> dict[str, Any]:
        """The regression as plain data (schema ``survey-sem/regression/1``); no rows."""
        frame = self.estimates
        return {
            "schema": "survey-sem/regression/1",
            "formula": self.formula,
            "family": self.family,
            "link": self.link,
            "n_obs": self.n_obs,
            "n_dropped": self.n_dropped,
            "vcov": self.vcov,
            "df": None if np.isinf(self.df) else self.df,
            "ci_level": self.ci_level,
            "categories": list(self.categories),
            "estimates": [plain_row(row) for row in frame.to_dict("records")],
            "measures": plain_row(dict(self.measures)),
            "warnings": [warned.to_dict() for warned in self.warnings],
        }

    def __str__(self) -> str:
        from survey_sem.regression.shown import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from survey_sem.regression.shown import as_html

        return as_html(self)


@dataclass(frozen=True, slots=True)
class WaldTest:
    """A joint test: F = chi-square / df with `df_residual` denominator degrees of freedom (infinite: chi-square)."""

    chisq: float
    df: int
    f: float
    df_residual: float
    p_value: float

    @classmethod
    def of(cls, chisq: float, df: int, df_residual: float) -> WaldTest:
        """The test of a quadratic form."""
        from scipy.special import chdtrc, fdtrc

        f = chisq / df
        p = chdtrc(df, chisq) if np.isinf(df_residual) else fdtrc(df, df_residual, f)
        return cls(chisq, df, f, df_residual, float(p))


def plain_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of a table as plain data: None for what is no finite number."""
    return {
        str(key): None if isinstance(value, float) and not np.isfinite(value) else value for key, value in row.items()
    }


def _two_sided(statistic: Array, df: float) -> Array:
    from scipy.special import ndtr, stdtr

    size = -np.abs(statistic)
    return np.asarray(2.0 * (ndtr(size) if np.isinf(df) else stdtr(df, size)))


def _quantile_of_t(p: float, df: float) -> float:
    from scipy.special import ndtri, stdtrit

    return float(ndtri(p) if np.isinf(df) else stdtrit(df, p))

"""Are answers missing completely at random? Little's test with effect sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, Warned
from survey_sem.fitting.data import numeric_column
from survey_sem.fitting.incomplete import incomplete_moments
from survey_sem.inference.distributions import chi_square_tail
from survey_sem.inference.indices import rmsea
from survey_sem.linalg import one_blas_thread
from survey_sem.sample.design.columns import names_of
from survey_sem.sample.imputation.columns import Table, as_table, check_known, usable_column
from survey_sem.statistics import Moments, RowBlocks
from survey_sem.statistics.little import mean_differences, mean_distance

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class LittleTest:
    """Little's test of missing completely at random.

    Parameters
    ----------
    chisq, df, p_value : float
        The statistic, its degrees of freedom, its p-value.
    n_obs, n_patterns : int
        Rows with at least one answer; patterns of missing answers among them.
    rmsea : float
        ``sqrt(max(chisq - df, 0) / (df n_obs))``: misfit per degree of freedom, which does not grow with n.
    means : Series
        Maximum likelihood means.
    differences : DataFrame
        ``variable missing difference n_missing n_observed``: by how many standard deviations the mean of a variable
        lies higher where another one is missing than where it is not; the largest in size first.
    warnings : tuple of Warned
    """

    chisq: float
    df: int
    p_value: float
    n_obs: int
    n_patterns: int
    rmsea: float
    means: pd.Series[float]
    differences: pd.DataFrame
    warnings: tuple[Warned, ...] = ()

    @property
    def largest_difference(self) -> float:
        """The largest standardised mean difference, in absolute value; NaN where there is none."""
        return float(self.differences["difference"].abs().max())

    def to_frame(self) -> pd.DataFrame:
        """The test as one row."""
        import pandas as pd

        names = ("chisq", "df", "p_value", "n_obs", "n_patterns", "rmsea", "largest_difference")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def __repr__(self) -> str:
        p = f"p {self.p_value:.3f}" if self.p_value >= 0.001 else "p < .001"
        return (
            f"<LittleTest chisq({self.df}) {self.chisq:.3f}, {p}, rmsea {self.rmsea:.3f}, largest difference "
            f"{self.largest_difference:.2f} SD, {self.n_patterns} patterns of {self.n_obs} rows>"
        )


def little_test(data: Any, items: str | Sequence[str] | None = None, *, not_asked: Any = None) -> LittleTest:
    """Little's test: do the means differ between patterns of missing answers, beyond chance?

    The statistic uses maximum likelihood means and covariances of all rows, not those of available cases. With many
    rows it rejects any data: read `rmsea` and `differences`, which do not grow with n. A test that does not reject
    does not show that answers are missing at random: only what was measured is compared.

    Parameters
    ----------
    data : DataFrame, Sample or Responses
        Numbers and ordered categories; other columns are left out. So are items that some were not asked.
    items : names, optional
        The variables that are compared; all usable columns where not given.
    not_asked : DataFrame of bool, or mapping of column -> bools, optional
        True where nobody asked; a `Sample` and `Responses` know it themselves.

    Returns
    -------
    LittleTest

    Raises
    ------
    DataError
        Nothing is missing, all rows lack the same, a variable without variance, a covariance matrix without inverse.

    Examples
    --------
    >>> import pandas as pd, survey_sem as ss
    >>> answers = pd.DataFrame({"a": [1, 2, None, 4, 5, 3, None, 2], "b": [2, 3, 3, 5, 4, 1, 2, 2]})
    >>> ss.little_test(answers).df
    1
    """
    table = as_table(data, not_asked)
    names, told = _chosen(table, items)
    columns = tuple(_numbers(table, name) for name in names)
    with one_blas_thread():
        moments, warnings = incomplete_moments(RowBlocks(columns), names, (), "")
        return _tested(moments, (*told, *warnings))


def _tested(moments: Moments, warnings: tuple[Warned, ...]) -> LittleTest:
    import pandas as pd

    patterns = moments.patterns
    assert patterns is not None and moments.mean is not None
    if any(warning.code == "saturated-not-converged" for warning in warnings):
        raise DataError(
            "saturated-not-converged", "the means and covariances that the test rests on could not be estimated",
            hint="leave out copies and sums of other variables, and variables that few rows have",
        )  # fmt: skip
    if patterns.observed.all():
        raise DataError("nothing-missing", "no answer is missing: there is nothing to test")
    if len(patterns.counts) == 1:
        raise DataError(
            "one-pattern", "all rows lack the same answers: there is nothing to compare",
            hint="leave out variables that nobody answered",
        )  # fmt: skip
    found = mean_distance(moments)
    if found.df <= 0:
        raise DataError("no-df", "the patterns share no variable: their means cannot be compared")
    return LittleTest(
        chisq=found.statistic,
        df=found.df,
        p_value=chi_square_tail(found.statistic, found.df),
        n_obs=patterns.n_obs,
        n_patterns=len(patterns.counts),
        rmsea=rmsea(found.statistic, found.df, patterns.n_obs),
        means=pd.Series(moments.mean, index=list(moments.names), name="mean"),
        differences=_differences(moments),
        warnings=warnings,
    )


def _differences(moments: Moments) -> pd.DataFrame:
    import pandas as pd

    found = mean_differences(moments)
    rows, columns = np.nonzero(np.isfinite(found.standardised))
    names = np.array(moments.names, dtype=object)
    frame = pd.DataFrame(
        {
            "variable": names[rows],
            "missing": names[columns],
            "difference": found.standardised[rows, columns],
            "n_missing": found.n_missing[rows, columns].astype(int),
            "n_observed": found.n_observed[rows, columns].astype(int),
        }
    )
    return frame.sort_values("difference", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def _chosen(table: Table, items: str | Sequence[str] | None) -> tuple[list[str], tuple[Warned, ...]]:
    """The variables that are compared, and what is said of others."""
    if items is not None:
        names = names_of([str(name) for name in items] if isinstance(items, list | tuple) else items, "items")
        check_known(names, table.frame, "items")
        return names, ()
    names, unusable, routed = [], [], []
    for name in table.frame.columns:
        column = usable_column(table.frame[name], name)
        if isinstance(column, str) or column.is_nominal:
            unusable.append(name)
        elif name in table.not_asked and table.not_asked[name].any():
            routed.append(name)
        elif len(np.unique(column.values[~np.isnan(column.values)])) > 1:
            names.append(name)
        else:
            unusable.append(name)
    if not names:
        raise DataError("no-usable-columns", "the data have no column of numbers that vary")
    told = []
    if unusable:
        told.append(Warned("left-out", f"not compared, as they hold no numbers that vary: {', '.join(unusable)}"))
    if routed:
        told.append(Warned("left-out", f"not compared, as not everybody was asked: {', '.join(routed)}"))
    return names, tuple(told)


def _numbers(table: Table, name: str) -> np.ndarray[Any, Any]:
    column = usable_column(table.frame[name], name)
    if isinstance(column, str) or column.is_nominal:
        return numeric_column(table.frame[name], name)  # tells what is wrong with it
    return column.values

"""The methods of a result that show the moments of one group: of the sample, of the model, and what is between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survey_sem.errors import DataError, OptionError, did_you_mean
from survey_sem.estimation.conditional import regression
from survey_sem.inference.residuals import RESIDUAL_KINDS, conditional_residuals, residuals
from survey_sem.inference.solution import Solution
from survey_sem.inference.summaries import latent_correlation, latent_covariance
from survey_sem.linalg import Array
from survey_sem.statistics import Moments
from survey_sem.statistics.patterns import Patterns
from survey_sem.syntax import ParameterTable

if TYPE_CHECKING:
    import pandas as pd


class GroupMoments:
    """What `SemResult` can tell of the moments of its groups."""

    solution: Solution

    @property
    def table(self) -> ParameterTable:
        """The parameter table: every row, with where it came from."""
        return self.solution.estimates.table

    @property
    def moments(self) -> tuple[Moments, ...]:
        """Sample moments, one per group."""
        return self.solution.moments

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.moments)

    def residuals(self, type: str = "cor_bentler", group: int = 1) -> dict[str, Any]:
        """Residuals of one group: ``{"cov": DataFrame, "mean": Series or None}``.

        Under ``conditional_x=True`` also ``res_cov``, ``res_int`` and ``res_slopes``: those of the residual
        covariances, intercepts and slopes given the exogenous variables (not for z statistics).

        Parameters
        ----------
        type : {"cor_bentler", "cor_bollen", "raw", "normalized", "standardized"}
            Sample minus implied correlations (``cor_bentler`` scales both by the sample standard deviations),
            covariances, or z statistics.
        group : int
            1-based group.
        """
        import pandas as pd

        kind = one_of("type", type.replace(".", "_"), RESIDUAL_KINDS)
        found = residuals(self.solution, kind)[self._group(group)]
        names = list(self.moments[self._group(group)].names)
        shown = {
            "cov": pd.DataFrame(found.cov, index=names, columns=names),
            "mean": None if found.mean is None else pd.Series(found.mean, index=names),
        }
        given = conditional_residuals(self.solution, kind, self._group(group))
        if given is None:
            return shown
        own, slopes = given
        assert own.mean is not None
        return {**shown, **self._conditional(group, own.cov, own.mean, slopes)}

    def _conditional(self, group: int, cov: Array, intercepts: Array, slopes: Array) -> dict[str, Any]:
        """Moments of one group given the exogenous variables, with their names."""
        import pandas as pd

        names = self.moments[self._group(group)].names
        given = self.solution.estimates.model.samples[self._group(group)].given
        x = [names[at] for at in given]
        y = [name for name in names if name not in x]
        return {
            "res_cov": pd.DataFrame(cov, index=y, columns=y),
            "res_int": pd.Series(intercepts, index=y),
            "res_slopes": pd.DataFrame(slopes, index=y, columns=x),
        }

    def missing_patterns(self, group: int = 1) -> pd.DataFrame:
        """Which variables are observed together, under full information.

        Returns
        -------
        DataFrame
            One row per pattern, the most frequent first: ``n`` rows have it; a column per variable is True where the
            pattern has that variable.
        """
        import pandas as pd

        found = self._patterns(group)
        frame = pd.DataFrame(found.observed.T, columns=list(self.moments[self._group(group)].names))
        frame.insert(0, "n", found.counts)
        return frame.sort_values("n", ascending=False, kind="stable").reset_index(drop=True)

    def coverage(self, group: int = 1) -> pd.DataFrame:
        """Share of the rows in which two variables are both observed, under full information; alone on the diagonal."""
        import pandas as pd

        names = list(self.moments[self._group(group)].names)
        return pd.DataFrame(self._patterns(group).coverage(), index=names, columns=names)

    def _patterns(self, group: int) -> Patterns:
        found = self.moments[self._group(group)].patterns
        if found is None:
            raise DataError(
                "no-patterns",
                "patterns of missing values are known to a full information fit only, before it goes through JSON",
                hint='fit the model to the rows with missing="fiml"',
            )
        return found

    def implied(self, group: int = 1) -> dict[str, Any]:
        """Implied moments of one group: ``{"cov": DataFrame, "mean": Series or None}``.

        Under ``conditional_x=True`` also ``res_cov``, ``res_int`` and ``res_slopes``: residual covariances, intercepts
        and slopes given the exogenous variables.
        """
        import pandas as pd

        names = list(self.moments[self._group(group)].names)
        found = self.solution.estimates.points[self._group(group)].moments
        shown = {
            "cov": pd.DataFrame(found.sigma, index=names, columns=names),
            "mean": pd.Series(found.mu, index=names) if self.table.meanstructure else None,
        }
        given = self.solution.estimates.model.samples[self._group(group)].given
        if not given:
            return shown
        at = regression(found.sigma, found.mu, given)
        return {**shown, **self._conditional(group, at.cov, at.intercepts, at.slopes)}

    def latent_cov(self, group: int = 1) -> pd.DataFrame:
        """Model-implied covariance matrix of the latent variables."""
        import pandas as pd

        names, cov = latent_covariance(self.solution, self._group(group))
        return pd.DataFrame(cov, index=list(names), columns=list(names))

    def latent_cor(self, group: int = 1) -> pd.DataFrame:
        """Model-implied correlation matrix of the latent variables; NaN where a variance is not positive."""
        import pandas as pd

        names, cov = latent_covariance(self.solution, self._group(group))
        return pd.DataFrame(latent_correlation(cov), index=list(names), columns=list(names))

    def thresholds(self) -> pd.DataFrame:
        """Thresholds of ordinal variables: none in a model of continuous variables."""
        import pandas as pd

        return pd.DataFrame(columns=["variable", "threshold", "est"])

    def _group(self, group: int) -> int:
        """Position of a 1-based group."""
        if group not in range(1, self.n_groups + 1):
            raise OptionError(
                "bad-option", f"there is no group {group!r}", where="group", expected=f"1 to {self.n_groups}"
            )
        return group - 1


def one_of(option: str, value: str, known: tuple[Any, ...]) -> Any:
    """The value, where it is a known one of an option."""
    if value not in known:
        raise OptionError(
            "bad-option", f"{option} has no value '{value}'", where=option, expected=", ".join(known),
            hint=did_you_mean(value, known),
        )  # fmt: skip
    return value

"""The result of one model fitted to several imputed data sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.inference.imputed import Imputations
from survey_sem.linalg import Array, as_array
from survey_sem.results.sem_result import COLUMNS, SemResult
from survey_sem.statistics.pooling import Pooled, barnard_rubin, t_quantile, two_sided_t

if TYPE_CHECKING:
    import pandas as pd

POOLED_COLUMNS = (*COLUMNS[: COLUMNS.index("std_lv")], "df", "riv", "fmi", *COLUMNS[COLUMNS.index("std_lv") :])
UNPOOLED_RESIDUALS = ("normalized", "standardized")


@dataclass(frozen=True, eq=False, repr=False)
class PooledResult(SemResult):
    """A model fitted to several imputed data sets, pooled by Rubin's rules. It reads as a `SemResult`.

    The solution is at the average of the estimates, the moments are averages of the sample moments, and the sampling
    covariance holds the variance within and between data sets. `estimates` has three more columns: ``df`` of the t
    distribution that intervals and p-values refer to, ``riv`` the relative increase of variance due to missing values,
    and ``fmi`` the share riv / (1 + riv) of the variance that is due to them (mice calls it lambda).

    Attributes
    ----------
    imputations : Imputations
        Estimates, covariances and chi-squares of the data sets.
    """

    imputations: Imputations = field(repr=False, kw_only=True)

    @property
    def n_imputations(self) -> int:
        """Imputed data sets whose fits are pooled."""
        return len(self.imputations.used)

    @cached_property
    def _estimates(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(self.estimate_records(), columns=list(POOLED_COLUMNS))

    def _inferred(self, kind: Any, values: Array, slopes: Array) -> dict[str, Array]:
        """Standard errors, t tests and intervals, and what is missing."""
        se = self._standard_errors(slopes)
        missing = np.asarray(np.isnan(slopes).any(axis=1))
        rules = self.imputations.functions(np.where(missing[:, None], 0.0, slopes))
        riv, share = rules.riv, rules.shares
        if kind == "est" and self.table.definitions:
            defined = self._defined
            n = len(defined.estimates)
            riv[-n:], share[-n:] = defined.riv, defined.shares
            if not self.imputations.is_scaled:
                se[-n:] = defined.standard_errors
        elif kind != "est":
            se[se < 1e-10] = 0.0
        is_estimated = (se > 0.0) & ~missing
        df = np.array([barnard_rubin(self.n_imputations, float(each)) for each in share])
        riv, share, df = (np.where(is_estimated, column, np.nan) for column in (riv, share, df))
        with np.errstate(invalid="ignore", divide="ignore"):
            t = np.where(se > 0.0, values / se, np.nan)
        width = np.where(is_estimated, t_quantile(0.5 + self.options["ci_level"] / 2.0, df), 0.0) * se
        bounds = {"ci_lower": values - width, "ci_upper": values + width}
        return {"se": se, "z": t, "p_value": two_sided_t(t, df), **bounds, "df": df, "riv": riv, "fmi": share}

    @cached_property
    def _defined(self) -> Pooled:
        return self.imputations.definitions(self.solution.definitions)

    @cached_property
    def _values_and_slopes(self) -> tuple[Array, Array]:
        """Values and derivatives of all rows; defined parameters are averages over the data sets."""
        values, slopes = super()._values_and_slopes
        n = len(self.table.definitions)
        return (np.concatenate([values[:-n], self._defined.estimates]) if n else values), slopes

    def residuals(self, type: str = "cor_bentler", group: int = 1) -> dict[str, Any]:
        """Residuals of one group, of the averaged sample moments: ``{"cov": DataFrame, "mean": Series or None}``.

        Parameters
        ----------
        type : {"cor_bentler", "cor_bollen", "raw"}
            z statistics of residuals are not pooled.
        group : int
            1-based group.
        """
        if type.replace(".", "_") in UNPOOLED_RESIDUALS:
            raise OptionError("not-pooled", "z statistics of residuals are not pooled over imputations", where="type")
        return super().residuals(type, group)

    def modification_indices(self, sort: bool = True, minimum: float = 0.0) -> pd.DataFrame:
        """Not pooled.

        Raises
        ------
        DataError
            Always: score tests of averaged moments would ignore what is missing.
        """
        raise DataError(
            "not-pooled",
            "modification indices are not pooled over imputations",
            hint='missing="fiml" has them; or look at those of single data sets: ss.sem(model, imputed.data(0))',
        )

    def __repr__(self) -> str:
        """One line; `print(fit)` gives the summary."""
        return super().__repr__().replace("<SemResult", f"<PooledResult {self.n_imputations} imputations,", 1)


def imputations_record(result: SemResult) -> dict[str, Any] | None:
    """What a pooled result holds of its data sets, as plain data; None for a single fit."""
    if not isinstance(result, PooledResult):
        return None
    found = result.imputations
    names = ("n_imputations", "used", "theta", "vcov", "chisq", "scaling", "chisq_at_pooled", "chisq_stacked", "method")
    return {**{name: getattr(found, name) for name in names}, "is_scaled": found.is_scaled}


def imputations_of(record: Mapping[str, Any]) -> Imputations:
    """The same from plain data."""
    arrays = {name: as_array(record[name]) for name in ("theta", "vcov", "chisq")}

    def known(name: str) -> Array | None:
        return None if record[name] is None else as_array(record[name])

    return Imputations(
        n_imputations=record["n_imputations"],
        used=tuple(record["used"]),
        **arrays,
        scaling=known("scaling"),
        chisq_at_pooled=known("chisq_at_pooled"),
        chisq_stacked=record["chisq_stacked"],
        method=record["method"],
        is_scaled=record["is_scaled"],
    )

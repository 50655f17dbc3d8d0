"""A sample with its design: frozen, changed by copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from survey_sem.errors import DataError, OptionError
from survey_sem.linalg import Array
from survey_sem.sample.design.statistics import Statistic
from survey_sem.sample.weighting.methods import WeightingMethods
from survey_sem.sampling import Adjustment, MadeKind, Replicates, ReplicateTotals, SampleTotals, Sampling
from survey_sem.sampling.factors import make_replicates
from survey_sem.sampling.stages import Booleans

if TYPE_CHECKING:
    import pandas as pd

    from survey_sem.sample.design.proportion_intervals import ProportionInterval
    from survey_sem.sample.design.quantile_rules import QuantileRule
    from survey_sem.sample.design.quantiles import QuantileInterval
    from survey_sem.sample.design.results import Estimates
    from survey_sem.sample.design.tables import CrossTable, Independence, IndependenceTest, TableOf
    from survey_sem.sample.weighting.result import Weighting

BLOCK_NUMBERS = 500_000
"""Numbers of a block of influences."""

Missing = Literal["drop"]
Deff = bool | Literal["replace"]


@dataclass(frozen=True, slots=True, eq=False)
class SurveyDesign(WeightingMethods):
    """Rows, their weights, and how they were sampled. Made by ``ss.design`` and ``ss.replicate_design``.

    Parameters
    ----------
    data : DataFrame, shape (n, any)
        One row per respondent, those outside the domain too.
    weights : array (n,)
        Weights; 0 outside the domain.
    sampling : Sampling or None
        Stages, from which linearised variances come; None where only replicate weights are known.
    replicates : Replicates or None
        Replicate weights; where there are some, variances come from them.
    adjustments : tuple of Adjustment
        What was done to the weights since the design: linearised variances use the residuals of each in turn.
        Replicates carry their adjustments in their weights.
    described : mapping
        Names of the columns of the design, to show them.
    weighting : Weighting or None
        The report of what was done to the weights since the design.
    """

    data: pd.DataFrame
    weights: Array
    sampling: Sampling | None = None
    replicates: Replicates | None = None
    adjustments: tuple[Adjustment, ...] = ()
    described: Mapping[str, Any] = field(default_factory=dict)
    weighting: Weighting | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows, those outside the domain too."""
        return len(self.weights)

    @property
    def inside(self) -> Booleans:
        """Rows inside the domain: those with a weight."""
        return np.asarray(self.weights != 0)

    @property
    def degrees_of_freedom(self) -> int:
        """Sampling units less strata inside the domain; of given replicate weights, their rank less one.

        Replicates that were made from the stages have one less than there are, if that is fewer.
        """
        return self.degrees_of_freedom_among(self.inside)

    def degrees_of_freedom_among(self, rows: Booleans) -> int:
        """The degrees of freedom of a domain (n,), as `subset` would leave them."""
        if self.sampling is None:
            assert self.replicates is not None
            return self.replicates.degrees_of_freedom(rows)
        found = self.sampling.degrees_of_freedom_among(rows)
        return found if self.replicates is None else min(found, self.replicates.n_replicates - 1)

    def subset(self, rows: Any) -> SurveyDesign:
        """The domain of these rows: the others get weight 0, and remain a part of the sample.

        Parameters
        ----------
        rows : boolean Series or array (n,)
            Which rows; a Series must have the index of the data.

        Raises
        ------
        OptionError
            Not truth values for every row.
        DataError
            No row with a weight is left.

        Examples
        --------
        >>> import pandas as pd
        >>> import survey_sem as ss
        >>> rows = pd.DataFrame({"y": [1, 3, 2, 6], "sex": list("fmfm")})
        >>> ss.design(rows).subset(rows["sex"] == "f").mean("y").estimate
        array([1.5])
        """
        keep = _truth(rows, self.data)
        weights = np.where(keep, self.weights, 0.0)
        if not weights.any():
            raise DataError("empty-domain", "no row with a weight is left", where="subset")
        sampling = self.sampling if self.sampling is None else replace(self.sampling, inside=weights != 0)
        return replace(self, weights=weights, sampling=sampling)

    def refuse_negative_weights(self) -> None:
        """Refuse what linear calibration can leave: under negative weights no fit has an optimum.

        Raises
        ------
        DataError
            A weight is negative.
        """
        count = int((self.weights < 0).sum())
        if count:
            raise DataError(
                "wrong-weights",
                f"{count} weights are negative (least {self.weights.min():.4g}): models cannot be fitted under them",
                where="weights",
                hint="calibrate with method raking or logit, or with bounds from 0",
            )

    def assign(self, **columns: Any) -> SurveyDesign:
        """The design with more columns, as ``DataFrame.assign`` makes them."""
        return replace(self, data=self.data.assign(**columns))

    def as_replicates(
        self,
        type: MadeKind = "auto",
        replicates: int = 500,
        *,
        seed: int = 1,
        fay_rho: float | None = None,
        mse: bool = False,
    ) -> SurveyDesign:
        """The same sample with replicate weights, so that every variance comes from estimating again.

        Parameters
        ----------
        type : {"auto", "JK1", "JKn", "BRR", "Fay", "bootstrap", "subbootstrap", "mrbbootstrap"}
            ``JK1``, ``JKn``: every sampling unit left out in turn, without and with strata (``auto`` decides);
            ``BRR``, ``Fay``: balanced half-samples of pairs of units, of which a stratum may have several (neighbours
            in the data); ``bootstrap``: Canty and Davison; ``subbootstrap``: Rao and Wu; ``mrbbootstrap``: Preston's
            for several stages with population sizes. All but the last use the first stage only.
        replicates : int
            How many, of the bootstraps.
        seed : int
            Seed of the bootstraps.
        fay_rho : float, optional
            Fay's rho: 0 is BRR.
        mse : bool
            Squares around the estimate of the whole sample instead of the mean of the replicates.

        Raises
        ------
        OptionError
            An unknown type, one that the strata do not allow, or a sample that has replicate weights already or
            whose weights were adjusted: replicates come first, and every adjustment is then repeated in each.
        DataError
            Too many sampling units for a jackknife, or a single one in a stratum.
        """
        if self.sampling is None or self.replicates is not None or self.adjustments:
            raise OptionError(
                "wrong-replicates",
                "replicates are made from the stages of a sample, before its weights are adjusted",
                where="as_replicates",
                hint="ss.design(...).as_replicates(...), and then adjust",
            )
        made = make_replicates(self.sampling, type, replicates=replicates, seed=seed, fay_rho=fay_rho, mse=mse)
        return replace(self, replicates=made)

    def evaluate(self, statistic: Statistic) -> tuple[Array, Array]:
        """A statistic (k,) and its sampling covariance (k, k)."""
        estimate = statistic.estimate(self.weights)
        if self.replicates is not None:
            return estimate, self.replicate_covariance(statistic.estimate, estimate, partial=True)
        if self.adjustments:
            return estimate, self.influence_covariance(
                statistic.influence(self.weights, estimate, slice(0, self.n_rows))
            )
        totals = self.totals(statistic.width)
        size = max(256, BLOCK_NUMBERS // max(statistic.width, 1))
        for start in range(0, self.n_rows, size):
            rows = slice(start, min(start + size, self.n_rows))
            totals.add(statistic.influence(self.weights, estimate, rows), rows)
        return estimate, totals.covariance()

    def totals(self, width: int) -> SampleTotals | ReplicateTotals:
        """An accumulator of totals of weighted values, from which their covariance comes; knows no adjustments."""
        if self.replicates is not None:
            return self.replicates.totals(width)
        assert self.sampling is not None
        return self.sampling.totals(width)

    def influence_covariance(self, influence: Array) -> Array:
        """Sampling covariance (k, k) of an estimator from its weighted influences (k, n), zero outside the domain.

        With replicate weights this is the covariance to first order; `replicate_covariance` evaluates the estimator
        again under each replicate's weights.
        """
        if self.replicates is None:
            for adjustment in self.adjustments:
                influence = adjustment.residuals(influence)
        totals = self.totals(len(influence))
        totals.add(influence, slice(0, self.n_rows))
        return totals.covariance()

    def replicate_covariance(
        self, estimator: Callable[[Array], Array], estimate: Array, *, partial: bool = False
    ) -> Array:
        """Covariance (k, k) of a function of the weights (n,) -> (k,), evaluated for every replicate.

        With `partial` an estimate that is NaN in a replicate has NaN covariances; without it that is an error.

        Raises
        ------
        OptionError
            The design has no replicate weights.
        """
        replicates = self.replicates
        if replicates is None:
            raise OptionError(
                "no-replicates", "the design has no replicate weights", hint="design.as_replicates(...) makes them"
            )
        found = [estimator(replicates.weights(self.weights, r)) for r in range(replicates.n_replicates)]
        return replicates.covariance(np.array(found), estimate, partial=partial)

    def mean(
        self,
        variables: str | Sequence[str],
        *,
        by: str | Sequence[str] | None = None,
        missing: Missing | None = None,
        deff: Deff = True,
        level: float = 0.95,
    ) -> Estimates:
        """Means of numeric variables; of others the share of each level.

        Parameters
        ----------
        variables : str or list of str
            Columns. Numbers and truth values (0, 1) have a mean, categories and texts one share per level.
        by : str or list of str, optional
            Columns whose combinations are groups.
        missing : {"drop"}, optional
            ``drop``: rows with a missing value in any of these columns are outside the domain. Without it missing
            values are an error.
        deff : bool or "replace"
            Design effects against a simple random sample without replacement (True), with replacement, or none.
            Without replacement needs weights that count a population: where one is below 1 there are none, and a note.
        level : float
            Level of the confidence intervals, which are those of t with the degrees of freedom of the domain.

        Returns
        -------
        Estimates
            With `to_frame()`, `covariance`, `contrast()`.

        Raises
        ------
        DataError, MissingChoiceError, OptionError
            An unknown column, missing values without a choice, an unknown option.
        """
        from survey_sem.sample.design.means import means

        return means(self, variables, by=by, missing=missing, deff=deff, level=level)

    def total(
        self,
        variables: str | Sequence[str],
        *,
        by: str | Sequence[str] | None = None,
        missing: Missing | None = None,
        deff: Deff = True,
        level: float = 0.95,
    ) -> Estimates:
        """Population totals of numeric variables; of others the number in each level. Parameters as in `mean`."""
        from survey_sem.sample.design.means import totals

        return totals(self, variables, by=by, missing=missing, deff=deff, level=level)

    def ratio(
        self,
        numerator: str | Sequence[str],
        denominator: str | Sequence[str],
        *,
        by: str | Sequence[str] | None = None,
        missing: Missing | None = None,
        level: float = 0.95,
    ) -> Estimates:
        """Ratios of totals, of every numerator to every denominator. Parameters as in `mean`."""
        from survey_sem.sample.design.means import ratios

        return ratios(self, numerator, denominator, by=by, missing=missing, level=level)

    def variance(
        self,
        variables: str | Sequence[str],
        *,
        by: str | Sequence[str] | None = None,
        missing: Missing | None = None,
        level: float = 0.95,
    ) -> Estimates:
        """Population variances and covariances, divisor (sum of weights)(n - 1)/n. Parameters as in `mean`."""
        from survey_sem.sample.design.means import variances

        return variances(self, variables, by=by, missing=missing, level=level)

    def proportion(
        self,
        variables: str | Sequence[str],
        *,
        by: str | Sequence[str] | None = None,
        missing: Missing | None = None,
        interval: ProportionInterval = "logit",
        deff: Deff = True,
        level: float = 0.95,
    ) -> Estimates:
        """Proportions of yes (1, True) or of each level, with intervals that stay between 0 and 1.

        Parameters
        ----------
        variables, by, missing, deff, level
            As in `mean`.
        interval : {"logit", "xlogit", "likelihood", "asin", "beta", "mean"}
            ``logit``, ``xlogit``, ``asin``: symmetric on that scale (from replicates ``logit`` takes the logit in each,
            ``xlogit`` the variance of the proportion); ``likelihood``: of the binomial, scaled by the design effect;
            ``beta``: Korn and Graubard's, for small samples and shares near 0 or 1; ``mean``: symmetric. Each group of
            `by` has its own degrees of freedom.
        """
        from survey_sem.sample.design.proportions import proportions

        return proportions(self, variables, by=by, missing=missing, interval=interval, deff=deff, level=level)

    def quantile(
        self,
        variables: str | Sequence[str],
        q: float | Sequence[float] = (0.25, 0.5, 0.75),
        *,
        by: str | Sequence[str] | None = None,
        missing: Missing | None = None,
        rule: QuantileRule = "math",
        interval: QuantileInterval = "mean",
        level: float = 0.95,
    ) -> Estimates:
        """Quantiles.

        Parameters
        ----------
        variables, by, missing, level
            As in `mean`; variables are numbers.
        q : float or sequence of float
            Shares between 0 and 1.
        rule : {"math", "school", "shahvaish", "hf1", ..., "hf9"}
            Definition of a quantile, as in R's survey: ``math`` is the smallest value with the share at or below it,
            ``school`` averages two values where the share falls between them, hf1 to hf9 are Hyndman and Fan's.
        interval : {"mean", "beta", "xlogit", "asin", "score", "quantile"}
            Interval of the share below the quantile, turned into one of the quantile (Woodruff): as `proportion` has
            them; ``score``: the values that a test does not reject; ``quantile``: from replicates of the quantile.
            Each group of `by` has its own degrees of freedom.
        """
        from survey_sem.sample.design.quantiles import quantile_estimates

        return quantile_estimates(self, variables, q, by=by, missing=missing, rule=rule, interval=interval, level=level)

    def table(
        self,
        rows: str,
        columns: str,
        *,
        of: TableOf = "share",
        missing: Missing | None = None,
        level: float = 0.95,
    ) -> CrossTable:
        """A cross-table of two variables, every cell with its standard error.

        Parameters
        ----------
        rows, columns : str
            Columns of the data; every value is a level.
        of : {"share", "row", "column", "total"}
            Shares of all, of the row, of the column, or numbers in the population.
        missing, level
            As in `mean`.
        """
        from survey_sem.sample.design.tables import cross_table

        return cross_table(self, rows, columns, of=of, missing=missing, level=level)

    def chisq(
        self, rows: str, columns: str, *, statistic: Independence = "F", missing: Missing | None = None
    ) -> IndependenceTest:
        """Whether two variables are independent.

        Parameters
        ----------
        rows, columns : str
            Columns of the data; every value is a level.
        statistic : {"F", "Chisq", "Wald", "adjWald", "saddlepoint"}
            Pearson's chi-square with the second-order correction of Rao and Scott (``F``), the first-order one
            (``Chisq``), or the distribution of its weighted sum of chi-squares by a saddlepoint approximation
            (``saddlepoint``, denominator as of ``F``); Wald's test of the differences from independence (``Wald``),
            and for few sampling units (``adjWald``).
        missing : {"drop"}, optional
            As in `mean`.
        """
        from survey_sem.sample.design.tables import independence_test

        return independence_test(self, rows, columns, statistic=statistic, missing=missing)

    def __repr__(self) -> str:
        """Size and design: never a respondent's answer."""
        from survey_sem.sample.design.shown import described

        return described(self)


def _truth(rows: Any, data: pd.DataFrame) -> Booleans:
    import pandas as pd

    if isinstance(rows, pd.Series):
        if not rows.index.equals(data.index):
            raise OptionError("wrong-index", "rows have another index than the data", where="subset")
        if rows.isna().any():
            raise OptionError(
                "missing-in-subset",
                f"{int(rows.isna().sum())} rows are neither inside nor outside",
                where="subset",
                hint="rows.fillna(False) puts them outside",
            )
    values = np.asarray(rows)
    if values.dtype == np.object_ and all(isinstance(value, bool | np.bool_) for value in values.flat):
        values = values.astype(bool)
    if values.dtype != np.bool_ or values.shape != (len(data),):
        raise OptionError(
            "wrong-type",
            "rows are not one truth value for each row",
            where="subset",
            expected=f"{len(data)} truth values",
            got=f"{values.dtype}, shape {values.shape}",
        )
    return values

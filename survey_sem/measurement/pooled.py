"""Difference tests of models that were fitted to imputed data sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from survey_sem.errors import DataError, OptionError, Warned
from survey_sem.inference.imputed import POOL_TESTS, pooled_test
from survey_sem.results.pooled import PooledResult
from survey_sem.results.sem_result import SemResult
from survey_sem.statistics.pooling import PooledTest

MEAN_SCALED = ("satorra.bentler", "yuan.bentler", "yuan.bentler.mplus")
"""Adjusted tests that divide the chi-square, and do no more."""
POOLED_NAMES = {
    "D2": "chi-squares pooled over imputations (D2)",
    "D3": "likelihood ratios pooled over imputations (D3)",
    "D4": "likelihood ratio of the stacked imputations (D4)",
}


@dataclass(frozen=True, slots=True)
class PooledDifference:
    """A pooled likelihood ratio test, as comparisons read it: its p-value refers to the F distribution."""

    test: PooledTest
    scaling: float = 1.0

    @property
    def statistic(self) -> float:
        """``df1 * F``."""
        return self.test.chisq

    @property
    def p_value(self) -> float:
        """Upper tail of F."""
        return self.test.p_value


def pooled_method(fits: Sequence[SemResult], method: str | None) -> str | None:
    """How the differences of pooled fits are tested; None where no fit is pooled.

    Raises
    ------
    OptionError
        An unknown or unsuited method.
    DataError
        The fits pool different data sets.
    """
    pooled = [fit for fit in fits if isinstance(fit, PooledResult)]
    if not pooled:
        return None
    if len({fit.imputations.used for fit in pooled}) > 1 or len({fit.imputations.n_imputations for fit in pooled}) > 1:
        raise DataError(
            "different-data", "the fits pool different imputed data sets",
            hint="impute once, ss.impute(data), and fit all models to that; drop data sets that one model fails on",
        )  # fmt: skip
    chosen = method or pooled[0].imputations.method
    has_likelihood = pooled[0].solution.rules.has_likelihood
    if chosen not in POOL_TESTS or (chosen != "D2" and not has_likelihood):
        raise OptionError(
            "bad-option", f"there is no pooled difference test {method!r} here", where="method",
            expected=", ".join(POOL_TESTS if has_likelihood else ("D2",)),
        )  # fmt: skip
    return chosen


def pooled_difference(
    fit: PooledResult, against: PooledResult, method: str, df: int
) -> tuple[PooledDifference | None, str, list[Warned]]:
    """The test of the difference, or why there is none, and what must be said of it.

    Adjusted tests are those of Satorra & Bentler (2001): the scaled differences of the data sets, pooled (D2), or the
    pooled difference divided by the average scaling factor, which refers to chi-square (D3, D4).
    """
    here, there = fit.imputations, against.imputations
    own = here.chisq - there.chisq
    at_pooled = stacked = None
    if here.chisq_at_pooled is not None and there.chisq_at_pooled is not None:
        at_pooled = here.chisq_at_pooled - there.chisq_at_pooled
    if here.chisq_stacked is not None and there.chisq_stacked is not None:
        stacked = here.chisq_stacked - there.chisq_stacked
    adjusted = fit.solution.rules.adjusted_test
    scaling = 1.0
    if adjusted is not None:
        if adjusted not in MEAN_SCALED or here.scaling is None or there.scaling is None:
            return None, f"no difference test: {adjusted} tests are not pooled over imputations; see CFI and RMSEA", []
        factors = (_df(fit) * here.scaling - _df(against) * there.scaling) / df
        if factors.min() <= 0.0:
            return None, "no difference test: a data set's scaled difference is negative; see CFI and RMSEA", []
        own, scaling = (own / factors, 1.0) if method == "D2" else (own, float(factors.mean()))
    test = pooled_test(method, own, at_pooled, stacked, df)
    if scaling != 1.0:
        test = replace(test, f=test.f / scaling, df2=np.inf)
    kind = method if adjusted is None else f"{method} of scaled differences"
    told = Warned(
        "pooled-test",
        f"{kind}: F({test.df1:g}, {test.df2:.4g}) = {test.f:.3f}, relative increase of variance {test.riv:.3f}",
    )
    why = "" if test.f >= 0.0 else "no p-value: the pooled statistic is negative"
    return PooledDifference(test, scaling), why, [told]


def _df(fit: PooledResult) -> float:
    return fit.measures["df"]

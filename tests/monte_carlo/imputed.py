"""The study of multiple imputation: coverage under Rubin's rules, and the level of the pooled tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

import survey_sem as ss
from survey_sem.inference.imputed import POOL_TESTS, pooled_test
from survey_sem.results.pooled import PooledResult
from tests.monte_carlo.population import MODEL, mediation, with_missing
from tests.monte_carlo.record import Test, intervals

if TYPE_CHECKING:
    from tests.monte_carlo.studies import Condition, Recorder

N_IMPUTATIONS, N_CYCLES = 20, 10


def replicate(condition: Condition, rng: np.random.Generator, recorder: Recorder) -> None:
    """Impute by predictive mean matching, fit, pool; the same rows by full information beside it."""
    rows = with_missing(mediation().draw(rng, condition.n, condition.distribution), rng, condition.missing)
    imputed = ss.impute(rows, N_IMPUTATIONS, cycles=N_CYCLES, seed=int(rng.integers(2**31)))
    fit = ss.sem(MODEL, imputed, meanstructure=True)
    assert isinstance(fit, PooledResult)
    found = fit.imputations
    df = fit.fit_measures["df"]
    tests = {}
    for method in POOL_TESTS:
        pooled = pooled_test(method, found.chisq, found.chisq_at_pooled, found.chisq_stacked, df)
        tests[f"{method} (F)"] = Test(pooled.chisq, df, pooled.p_value)
    tests["D3 (chi-square)"] = Test(fit.fit_measures["chisq"], df, fit.fit_measures["pvalue"])
    recorder["MI, Rubin"].add(fit, None, tests)
    scaled = replace(found, is_scaled=True)
    other = replace(fit, imputations=scaled, solution=replace(fit.solution, vcov=scaled.total()))
    recorder["MI, scaled within"].add(other, intervals(other), {})
    recorder["FIML ML"].add(ss.sem(MODEL, rows, missing="fiml"))

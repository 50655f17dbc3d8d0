"""Pooling over imputations, against mice and mitml."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from survey_sem.statistics import pooling

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "imputation"
EXACT = 1e-9
"""Relative; both programs evaluate the same closed formulas on stored numbers of 15 digits."""


def nested() -> dict[str, Any]:
    return json.loads((FOLDER / "pool_tests.json").read_text("utf-8"))


def fits(stored: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([each["b1"] for each in stored["each"]]), np.array([each["v1"] for each in stored["each"]])


@pytest.mark.reference
def test_rubins_rules_are_those_of_mice():
    stored = json.loads((FOLDER / "mi_pool_lm_bfi600.json").read_text("utf-8"))["result"]
    each = stored["each_fit"].values()
    values = np.array([list(fit["coef"].values()) for fit in each])
    covs = np.array([np.diag(np.square(list(fit["se"].values()))) for fit in each])
    found = pooling.pool_estimates(values, covs, 596)
    for at, (row, line) in enumerate(zip(stored["pool"]["pooled"], stored["pool"]["summary"], strict=True)):
        own = {
            "estimate": found.estimates[at], "ubar": found.within[at, at], "b": found.between[at, at],
            "t": found.total[at, at], "df": found.df[at], "riv": found.riv[at], "lambda": found.shares[at],
            "fmi": found.fmi[at],
        }  # fmt: skip
        assert own == {name: pytest.approx(row[name], rel=EXACT) for name in own}
        statistic = found.estimates[at] / found.standard_errors[at]
        assert pooling.two_sided_t([statistic], [found.df[at]])[0] == pytest.approx(line["p.value"], rel=1e-8)
        bound = found.estimates[at] + pooling.t_quantile(0.975, found.df)[at] * found.standard_errors[at]
        assert bound == pytest.approx(line["97.5 %"], rel=EXACT)


@pytest.mark.reference
@pytest.mark.parametrize("df_complete", [595, 40, 15, inf])
def test_wald_test_is_that_of_mitml(df_complete):
    stored = nested()
    values, covs = fits(stored)
    restrictions = np.zeros((2, 5))
    restrictions[0, 2] = restrictions[1, 4] = 1.0
    found = pooling.wald_test(pooling.pool_estimates(values, covs, df_complete), restrictions)
    (row,) = stored["D1" if df_complete == inf else f"D1_{df_complete}"]
    assert [found.f, found.df1, found.df2, found.p_value, found.riv] == pytest.approx(row, rel=EXACT)


@pytest.mark.reference
def test_likelihood_ratio_tests_are_those_of_mitml():
    stored = nested()
    own = np.array([2.0 * (each["l1"] - each["l0"]) for each in stored["each"]])
    stacked = 2.0 * (stored["stack"][0] - stored["stack"][1]) / len(own)
    for found in (pooling.combine_chi_squares(own, 2), pooling.stacked_likelihood_ratio(own, stacked, 2)):
        (row,) = stored[found.method]
        # statistics are differences of log-likelihoods of size 1e3
        assert [found.f, found.df1, found.df2, found.p_value, found.riv] == pytest.approx(row, rel=1e-8)


def test_identical_imputations_pool_to_the_single_result():
    values, cov = np.array([1.0, -2.0]), np.array([[0.3, 0.1], [0.1, 0.2]])
    found = pooling.pool_estimates(np.tile(values, (5, 1)), np.tile(cov, (5, 1, 1)))
    assert found.total == pytest.approx(cov)
    assert list(found.riv) == [0.0, 0.0]
    assert list(found.df) == [inf, inf]
    assert pooling.t_quantile(0.975, found.df) == pytest.approx(1.959963984540054)
    chi2 = float(values @ np.linalg.solve(cov, values))
    assert pooling.wald_test(found, np.eye(2)).chisq == pytest.approx(chi2)
    for pooled in (
        pooling.combine_chi_squares(np.full(5, chi2), 2),
        pooling.likelihood_ratio(np.full(5, chi2), np.full(5, chi2), 2),
        pooling.stacked_likelihood_ratio(np.full(5, chi2), chi2, 2),
    ):
        assert pooled.chisq == pytest.approx(chi2)
        assert pooled.df2 == inf
        assert pooled.p_value == pytest.approx(np.exp(-chi2 / 2.0))


def test_small_samples_do_not_break_the_degrees_of_freedom():
    values = np.array([[1.0, 2.0], [1.5, 1.0], [0.5, 2.5]])
    covs = np.tile(np.eye(2) * 0.1, (3, 1, 1))
    for df_complete in (3, 4, 6, 10, 1000):
        found = pooling.wald_test(pooling.pool_estimates(values, covs, df_complete), np.eye(2))
        assert 0.0 < found.df2 <= df_complete
        assert 0.0 <= found.p_value <= 1.0
    assert pooling.combine_chi_squares(np.array([0.1, 9.0, 0.2]), 5).p_value == 1.0

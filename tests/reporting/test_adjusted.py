"""An adjusted test is shown wherever fit is shown: sentence, table, summary, notebook."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.reporting.contents import spoken
from survey_sem.reporting.statements import adjusted_statements
from survey_sem.reporting.tables.fit import ADJUSTED, fit_table


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    factor = rng.standard_t(6, 300)
    return pd.DataFrame({f"x{k}": factor + rng.standard_t(6, 300) for k in range(1, 5)})


@pytest.fixture(scope="module")
def fit(rows: pd.DataFrame) -> ss.SemResult:
    return ss.cfa("f =~ x1 + x2 + x3 + x4", rows, estimator="MLR")


def test_the_sentence_names_the_test(fit: ss.SemResult) -> None:
    (statement,) = adjusted_statements(fit)
    english, chinese = (spoken(statement, language) for language in ("en", "zh"))
    assert "(Yuan-Bentler, as in Mplus): χ²(2) = " in english
    assert f"{fit.fit_measures['chisq_scaled']:.2f}" in english
    assert "稳健 CFI" in chinese


def test_the_table_has_rows_only_where_there_is_such_a_test(fit: ss.SemResult, rows: pd.DataFrame) -> None:
    plain = ss.cfa("f =~ x1 + x2 + x3 + x4", rows)
    assert len(fit_table({"m": fit}).rows) == len(fit_table({"m": plain}).rows) + len(ADJUSTED)
    assert adjusted_statements(plain) == ()


def test_summary_and_notebook_show_it(fit: ss.SemResult) -> None:
    assert "Adjusted test" in str(fit.summary())
    assert "CFI, robust" in fit._repr_html_()


def test_least_squares_says_why_there_is_no_likelihood(rows: pd.DataFrame) -> None:
    fit = ss.cfa("f =~ x1 + x2 + x3 + x4", rows, estimator="WLSMV")
    assert fit.not_applicable["aic"] == "least squares has no likelihood"
    assert "Shift" in str(fit.summary())

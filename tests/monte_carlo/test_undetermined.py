"""Why robust indices are withheld where two variables are never observed together (decision 0012)."""

from __future__ import annotations

import pandas as pd
import pytest

import survey_sem as ss
from tests.monte_carlo.undetermined import MODEL, ROWS, along_the_flat_direction


def test_the_rows_say_nothing_of_the_indices() -> None:
    fit = ss.cfa(MODEL, pd.read_csv(ROWS), missing="fiml")
    found = along_the_flat_direction(fit)
    assert found["log-likelihood"].max() - found["log-likelihood"].min() < 1e-9
    assert found["CFI"].min() == 0.0 and found["CFI"].max() > 0.8
    assert found["RMSEA"].max() > 5 * found["RMSEA"].min()
    assert "cfi_robust" in fit.not_applicable
    assert any("p-values are too large" in (warning.hint or "") for warning in fit.warnings)


def test_the_generalised_inverse_changes_nothing_where_all_is_told() -> None:
    rows = pd.read_csv(ROWS.with_name("hs_mar.csv"))
    fit = ss.cfa(MODEL, rows, missing="fiml")
    cov = fit.solution.estimates.model.samples[0].cov
    told = cov[0, 1] / (cov[0, 0] * cov[1, 1]) ** 0.5
    at_home = along_the_flat_direction(fit, [told])
    assert at_home["CFI"][0] == pytest.approx(fit.fit_measures["cfi_robust"], abs=1e-8)
    assert at_home["RMSEA"][0] == pytest.approx(fit.fit_measures["rmsea_robust"], abs=1e-8)

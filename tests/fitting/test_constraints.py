"""Constraints under every estimator, with the errors and degrees of freedom that know them, against lavaan 0.6-14.

Linear and nonlinear equalities, inequalities that bind and ones that do not, within and across groups, with
incomplete rows, and definitions of constrained parameters (reference/engine/constraints.R).
"""

from __future__ import annotations

import pytest
import reference_cases as cases

pytestmark = pytest.mark.slow  # all of it; the lowest versions have the estimators' own tests

CASES = cases.engine_cases("constraints")
DIAGONAL = {"cfi_robust", "tli_robust", "nnfi_robust", "rni_robust"}  # of least squares: see test_conditional


@pytest.mark.parametrize("name", CASES)
def test_estimates_and_fit(name):
    case = CASES[name]
    fit = cases.call_engine(case)
    assert fit.converged and fit.identified
    is_diagonal = case["options"]["estimator"].startswith("WLSM")
    assert cases.differences(fit, case, DIAGONAL if is_diagonal else ()) == []
    assert ("constraint-active" in [warning.code for warning in fit.warnings]) == ("_active_" in f"_{name}")

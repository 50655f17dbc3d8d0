"""Factors of factors where intercepts are equal over groups, against lavaan 0.6-14 (reference/engine/second_order.R).

Tolerances are those of lavaan's usual stopping rule (`reference_cases.STOPS`).
"""

from __future__ import annotations

import pytest
import reference_cases as cases

import survey_sem as ss
from survey_sem.errors import IdentificationError

CASES = cases.engine_cases("second_order")
PIN = "\ng ~ 0*1"
DIAGONAL = {"cfi_robust", "tli_robust", "nnfi_robust", "rni_robust"}  # lavaan's depend on rounding: decision 0005
BASE = CASES["default_ml"]


@pytest.mark.parametrize("name", [name for name in CASES if name != "default_ml"])
def test_the_higher_mean_is_pinned_where_the_lower_ones_are_free(name):
    case = CASES[name]
    fit = cases.call_engine({**case, "model": case["model"].removesuffix(PIN)})
    assert cases.differences(fit, case, DIAGONAL if "WLSMV" in case["options"].get("estimator", "") else ()) == []
    said = any(warning.code == "higher-order-mean" for warning in fit.warnings)
    assert said == case["model"].endswith(PIN)


def test_lavaan_counts_a_parameter_too_many():
    fit = cases.call_engine(BASE)
    assert fit.fit_measures["chisq"] == pytest.approx(BASE["fit"]["chisq"], abs=1e-6)
    assert fit.fit_measures["df"] == BASE["fit"]["df"] + 1


def test_a_mean_that_an_outcome_tells_is_free():
    fit = cases.call_engine({**BASE, "model": BASE["model"] + "\nageyr ~ g"})
    assert cases.by_key(fit.estimates)["g", "~1", "", 2]["se"] > 0
    assert fit.identified


def test_a_mean_that_nothing_tells_is_refused():
    model = BASE["model"] + "\ng ~ c(0, NA)*1"
    with pytest.raises(IdentificationError, match="g ~1"):
        ss.cfa(model, cases.rows(BASE["data"]), group="school", group_equal=["loadings", "intercepts"])

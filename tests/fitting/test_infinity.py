"""Loadings that grow without end come back from the other side (reference/engine/infinity.R, lavaan 0.6-14)."""

from __future__ import annotations

import reference_cases as cases

import survey_sem as ss
from survey_sem.estimation.infinity import beyond_infinity

CASE = cases.engine_cases("infinity")["infinity"]


def test_the_optimum_beyond_infinity_is_found():
    fit = cases.call_engine(CASE)
    assert fit.converged and not fit.admissible
    assert cases.differences(fit, CASE) == []


def test_a_solution_that_does_not_run_away_has_no_other_side():
    fit = ss.cfa("f =~ x1 + x2 + x3", cases.rows("HolzingerSwineford1939.csv"))
    estimates = fit.solution.estimates
    assert beyond_infinity(estimates.model, estimates.theta) is None

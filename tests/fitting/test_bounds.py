"""Bounded estimation against lavaan 0.6-14 (reference/engine/bounds.R): the bounds, and fits that run into them.

Tolerances are those of lavaan's usual stopping rule (`reference_cases.STOPS`); bounds are arithmetic on
sample variances.
"""

from __future__ import annotations

import math

import pytest
import reference_cases as cases

import survey_sem as ss

CASES = cases.engine_cases("bounds")
EM_STOPS = 1e-5
"""lavaan's maximum likelihood moments of incomplete rows end about 1e-6 from the maximum."""


@pytest.mark.parametrize("name", CASES)
def test_bounds_estimates_errors_and_fit(name):
    case = CASES[name]
    fit = cases.call_engine(case)
    assert fit.converged
    assert cases.differences(fit, case) == []
    ours = {cases.key(vars_of(row)): (row.lower, row.upper) for row in fit.table.parameters if row.free}
    for row in case["bounds"]:
        given = (-math.inf if row.get("lower") is None else row["lower"], row.get("upper") or math.inf)
        assert ours[cases.key(row)] == pytest.approx(given, rel=EM_STOPS if name.startswith("fiml") else 1e-9)


def vars_of(row):
    return {"lhs": row.lhs, "op": row.op, "rhs": row.rhs, "group": row.group}


def ends(model, **options):
    fit = ss.cfa(model, cases.rows("HolzingerSwineford1939.csv"), **options)
    return {row.shown: (row.lower, row.upper) for row in fit.table.parameters if row.free}


def test_a_bound_of_the_text_takes_the_place_of_the_automatic_one():
    found = ends("f =~ x1 + lower(-9)*x2 + x3\nx1 ~~ lower(-1)*x1\nx2 ~~ upper(5)*x2", bounds="standard")
    assert found["f =~ x2"] == pytest.approx((-9.0, 3.1894), abs=1e-4)
    assert found["x1 ~~ x1"] == pytest.approx((-1.0, 1.2225), abs=1e-4)
    assert found["x2 ~~ x2"] == (0.0, 5.0)


def test_wide_without_negative_variances():
    wide, zero = (ends("f =~ x1 + x2 + x3", bounds=bounds) for bounds in ("wide", "wide.zerovar"))
    assert wide["x2 ~~ x2"][0] < 0.0 == zero["x2 ~~ x2"][0]
    assert {name: top for name, (_, top) in wide.items()} == {name: top for name, (_, top) in zero.items()}
    assert wide == ends("f =~ x1 + x2 + x3", bounds="default")


def test_effect_coding_has_no_marker_to_take_bounds_from():
    found = ends("f =~ x1 + x2 + x3", bounds="standard", effect_coding=True)
    assert found["f ~~ f"] == pytest.approx((0.0, 1.3818), abs=1e-4)  # the largest sample variance
    assert found["f =~ x1"] == (-math.inf, math.inf)


def test_auxiliary_variables_are_not_bounded():
    fit = ss.cfa(
        "f =~ x1 + x2 + x3", cases.rows("hs_mar.csv"), missing="fiml", auxiliary=["x9"], bounds="standard", se="none"
    )
    free = [row for row in fit.table.parameters if "x9" in (row.lhs, row.rhs)]
    assert free and all(row.upper == math.inf for row in free)

"""Details against lavaan 0.6-14 (R 4.2.2), Holzinger & Swineford and Demo.growth; numbers as printed, script beside.

    V <- "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9"
    resid(cfa(V, d), type = "standardized")$cov; resid(..., type = "normalized")$cov
    modindices(cfa(V + "visual =~ x9; x7 ~~ x8; x1 ~~ 0.1*x4", d, information = "observed"))
    lavPredict(sem("speed =~ x7 + x8 + x9; speed ~ ageyr", d)); lavPredict(..., method = "Bartlett")

Tolerance 2e-4: lavaan stops up to that far from its optimum.
"""

from __future__ import annotations

import pytest
import reference_cases as cases

import survey_sem as ss

FACTORS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"
CLOSE = {"rel": 2e-4, "abs": 2e-4}


@pytest.fixture(scope="module")
def rows():
    return cases.rows("HolzingerSwineford1939.csv")


def cells(matrix, *names):
    return [matrix.loc[one, other] for one, other in names]


def test_standardized_and_normalized_residuals(rows):
    fit = ss.cfa(FACTORS, rows)
    at = [("x2", "x1"), ("x3", "x2"), ("x4", "x1"), ("x4", "x3")]
    standardized = cells(fit.residuals("standardized")["cov"], *at)
    assert standardized == pytest.approx([-1.99605930, 2.68898258, 2.67921687, -1.89935830], **CLOSE)
    normalized = cells(fit.residuals("normalized")["cov"], *at)
    assert normalized == pytest.approx([-0.49263565, 1.53886217, 1.15942965, -1.16978399], **CLOSE)


def test_residuals_given_fixed_exogenous_variables(rows):
    fit = ss.sem(FACTORS + "visual ~ ageyr + sex\nx3 ~ sex", rows, meanstructure=True)
    found = cells(fit.residuals("normalized")["cov"], ("x5", "ageyr"), ("x7", "sex"), ("x4", "x1"))
    assert found[:2] == pytest.approx([-3.95728268, 2.04266679], **CLOSE)
    growth = ss.growth(
        "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4\ni + s ~ x1 + x2\nt1 ~ c1",
        cases.rows("Demo.growth.csv"),
    )
    means = growth.residuals("standardized")["mean"][["t1", "t2", "t3", "t4"]].tolist()
    assert means == pytest.approx([-0.99726517, 1.55223965, -1.04311086, 0.29248809], **CLOSE)


def test_modification_indices_use_the_expected_information(rows):
    fit = ss.cfa(FACTORS + "visual =~ x9\nx7 ~~ x8\nx1 ~~ 0.1*x4", rows, information="observed")
    found = cases.by_key(fit.modification_indices())
    for lhs, rhs, mi, epc in (("visual", "x8", 7.771, 0.339), ("textual", "x1", 6.413, 0.258)):
        assert found[lhs, "=~", rhs, 1]["mi"] == pytest.approx(mi, abs=6e-4)
        assert found[lhs, "=~", rhs, 1]["epc"] == pytest.approx(epc, abs=6e-4)
    wide = ss.cfa(FACTORS + "visual =~ x9 + x8\nx7 ~~ x8\nx1 ~~ 0.1*x4", rows)
    drop = fit.fit_measures["chisq"] - wide.fit_measures["chisq"]
    assert drop == pytest.approx(7.771, rel=0.1)


def test_an_exogenous_factor_may_turn_out_to_depend_on_something(rows):
    fit = ss.sem(FACTORS + "speed ~ visual + ageyr + sex", rows)
    found = cases.by_key(fit.modification_indices())
    assert found["visual", "~", "sex", 1]["mi"] == pytest.approx(10.081, abs=1e-3)


def test_scores_do_not_depend_on_a_saturated_mean_structure(rows):
    model = "speed =~ x7 + x8 + x9\nspeed ~ ageyr"
    without, with_means = ss.sem(model, rows).factor_scores(), ss.sem(model, rows, meanstructure=True).factor_scores()
    assert without["speed"][:3].tolist() == pytest.approx([2.12160644, 2.54040976, 1.14009733], **CLOSE)
    assert with_means["speed"][:3].tolist() == pytest.approx([2.12160644, 2.54040976, 1.14009733], **CLOSE)


def test_the_bartlett_score_of_a_single_indicator_is_the_indicator(rows):
    fit = ss.cfa("visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nage =~ ageyr", rows)
    scores = fit.factor_scores(method="bartlett")
    assert scores["age"].tolist() == pytest.approx((rows["ageyr"] - rows["ageyr"].mean()).tolist(), abs=1e-6)
    assert scores.iloc[0].tolist() == pytest.approx([-1.3467857780, -0.0942741607, 0.00332225914], **CLOSE)


@pytest.mark.parametrize(
    ("model", "chisq"),
    [
        ("f1 =~ y1 + y2 + y3\nf1 ~ x1\nx2 ~ f1\nx3 ~ x2", 75.074),
        ("f1 =~ y5 + y6 + y7\nf2 =~ y8 + x1 + x2 + y7\nf2 ~ f1", 71.175),
    ],
)
def test_of_two_optima_the_clearly_lower_one_is_taken_and_the_other_said(model, chisq):
    fit = ss.sem(model, cases.rows("PoliticalDemocracy.csv"))
    assert fit.fit_measures["chisq"] == pytest.approx(chisq, abs=1e-3)
    assert "several-optima" in [warning.code for warning in fit.warnings]


def test_effect_coding_with_items_that_point_both_ways():
    """The loadings sum to a constant although some are negative: the likelihood also falls towards infinity."""
    rows = cases.rows("bfi.csv")
    marker = ss.cfa("f =~ E1 + E2 + E3 + E4 + E5", rows, missing="listwise")
    effect = ss.cfa("f =~ E1 + E2 + E3 + E4 + E5", rows, missing="listwise", effect_coding="loadings")
    assert effect.converged and effect.identified
    assert effect.fit_measures["chisq"] == pytest.approx(marker.fit_measures["chisq"], abs=1e-6)


def test_an_item_turned_wrongly_is_named(rows):
    turned = rows.assign(x2=-rows["x2"])
    told = [warning for warning in ss.cfa(FACTORS, turned).warnings if warning.code == "loads-against"]
    assert "x2 on visual" in told[0].what
    assert "loads-against" not in {warning.code for warning in ss.cfa(FACTORS, rows).warnings}
    crossed = ss.cfa(FACTORS + "textual =~ x2\n", turned)
    assert "loads-against" not in {warning.code for warning in crossed.warnings}

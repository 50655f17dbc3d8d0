"""Exogenous variables, given (`conditional_x=True`) or fixed, against lavaan 0.6-14 (reference/engine)."""

from __future__ import annotations

import numpy as np
import pytest
import reference_cases as cases

import survey_sem as ss
from survey_sem.errors import OptionError

CASES = cases.engine_cases("conditional")
FIXED = cases.engine_cases("fixed")
MIMIC = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nvisual ~ ageyr + sex\ntextual ~ visual + sex\nx2 ~ ageyr"
CRMR = {"crmr"}  # lavaan takes exogenous variables off the number of correlations: NA with 3 of both
DIAGONAL = CRMR | {
    "cfi_robust", "tli_robust", "nnfi_robust", "rni_robust",  # of least squares: not corrected there
}  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    return cases.rows("HolzingerSwineford1939.csv")


@pytest.mark.parametrize("name", CASES)
def test_estimates_and_fit(name):
    case = CASES[name]
    fit = cases.call_engine(case)
    assert fit.converged and fit.identified
    is_diagonal = case["options"].get("estimator", "ML").startswith(("W", "D"))
    assert cases.differences(fit, case, DIAGONAL if is_diagonal else CRMR) == []


@pytest.mark.parametrize("name", FIXED)
def test_robust_statistics_with_fixed_exogenous_variables(name):
    """What robust tests and errors rest on is the sampling variability given the exogenous variables."""
    fit = cases.call_engine(FIXED[name])
    assert cases.differences(fit, FIXED[name]) == []


@pytest.mark.parametrize(
    ("estimator", "chisq", "scaled", "se"),
    [
        ("ULSM", 45.5464, 72.7916, 0.11905),
        ("ULSMV", 45.5464, 56.4488, 0.11905),
        ("WLSM", 33.4266, 74.7126, 0.12208),
        ("WLSMV", 33.4266, 61.4878, 0.12208),
        ("WLS", 39.4572, None, 0.10443),
    ],
)
def test_least_squares_with_fixed_exogenous_variables(rows, estimator, chisq, scaled, se):
    """As lavaan 0.6-14 prints it; moments of fixed variables weigh nothing (a binary one has a singular Gamma)."""
    fit = ss.sem(MIMIC, rows, estimator=estimator, fixed_x=True, meanstructure=True)
    assert fit.fit_measures["chisq"] == pytest.approx(chisq, abs=2e-4)
    assert fit.fit_measures.get("chisq_scaled") == (None if scaled is None else pytest.approx(scaled, abs=1e-3))
    assert cases.by_key(fit.estimates)["visual", "=~", "x2", 1]["se"] == pytest.approx(se, abs=1e-5)


def test_the_residual_test_leaves_fixed_moments_out(rows):
    model = MIMIC.replace("sex", "grade")
    fit = ss.sem(model, rows, test="browne.residual.adf", missing="listwise")
    assert fit.fit_measures["chisq_browne_residual_adf"] == pytest.approx(58.48829, abs=2e-3)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.get("implied")])
def test_implied_moments_and_residuals(name):
    case = CASES[name]
    fit = cases.call_engine(case)
    for at, (implied, residual) in enumerate(zip(case["implied"], case["residuals"], strict=True), 1):
        for theirs, ours in ((implied, fit.implied(at)), (residual, fit.residuals("raw", group=at))):
            for part in ("res.cov", "res.slopes"):
                expected = cases.matrix(theirs[part])
                found = ours[part.replace(".", "_")].loc[expected.index, expected.columns]
                np.testing.assert_allclose(found, expected, atol=1e-4)
            expected = theirs["res.int"]
            assert ours["res_int"][list(expected)].tolist() == pytest.approx(list(expected.values()), abs=2e-4)


def test_under_maximum_likelihood_only_the_baseline_is_another(rows):
    given, fixed = (ss.sem(MIMIC, rows, **o) for o in ({"conditional_x": True}, {"meanstructure": True}))
    for column in ("est", "se", "std_all", "std_nox"):
        np.testing.assert_allclose(given.estimates[column], fixed.estimates[column], atol=1e-9)
    ours, theirs = given.fit_measures, fixed.fit_measures
    assert {ours[k] - theirs[k] for k in ("df", "npar")} == {0.0}
    assert ours["logl"] == pytest.approx(theirs["logl"], abs=1e-9)
    assert (ours["baseline_df"], theirs["baseline_df"]) == (15.0, 27.0)
    assert "nfi" in given.not_applicable


@pytest.mark.parametrize("estimator", ["ML", "ULSMV", "WLSMV", "WLS"])
def test_the_fit_does_not_depend_on_where_exogenous_variables_have_their_zero(rows, estimator):
    """But the SRMR does under maximum likelihood, as in lavaan: it counts intercepts, which are at that zero."""
    moved = rows.assign(ageyr=rows["ageyr"] - 13.0, sex=rows["sex"] - 1.5)
    one, other = (ss.sem(MIMIC, each, estimator=estimator, conditional_x=True) for each in (rows, moved))
    assert one.fit_measures["chisq"] == pytest.approx(other.fit_measures["chisq"], abs=1e-6)
    if estimator == "ML":
        assert one.fit_measures["srmr"] == pytest.approx(0.6524312, abs=1e-5)
        assert other.fit_measures["srmr"] < 0.1


@pytest.mark.parametrize("estimator", ["ULSMV", "DWLS", "WLS"])
def test_derivatives(rows, estimator):
    model = ss.sem(MIMIC, rows, estimator=estimator, conditional_x=True).solution.estimates.model
    theta = ss.sem(MIMIC, rows, conditional_x=True).solution.estimates.theta * 1.05
    points = model.points(theta)
    step = 1e-5

    def moved(at, by):
        shifted = theta.copy()
        shifted[at] += by
        return shifted

    gradient = [(model.value(moved(k, step)) - model.value(moved(k, -step))) / (2 * step) for k in range(len(theta))]
    scale = np.abs(gradient).max()
    np.testing.assert_allclose(model.gradient(points), gradient, atol=1e-7 * scale)
    hessian = [
        (model.gradient(model.points(moved(k, step))) - model.gradient(model.points(moved(k, -step)))) / (2 * step)
        for k in range(len(theta))
    ]
    found = model.observed_information(points)
    np.testing.assert_allclose(found, hessian, atol=1e-6 * np.abs(found).max())


def test_published_moments_and_documents(rows):
    names = ["x1", "x2", "x3", "x4", "x5", "x6", "ageyr", "sex"]
    moments = ss.moments(cov=rows[names].cov(), mean=rows[names].mean(), n_obs=len(rows))
    fit = ss.sem(MIMIC, moments, conditional_x=True)
    again = ss.SemResult.from_json(fit.to_json())
    assert fit.fit_measures["chisq"] == pytest.approx(46.3507593, abs=1e-5)
    np.testing.assert_allclose(again.implied()["res_slopes"], fit.implied()["res_slopes"])
    np.testing.assert_allclose(again.estimates["se"], fit.estimates["se"], rtol=1e-9)
    weighted = ss.sem(MIMIC, rows, conditional_x=True, estimator="WLSMV")
    reread = ss.SemResult.from_json(weighted.to_json())
    assert reread.fit_measures == weighted.fit_measures
    np.testing.assert_allclose(reread.estimates["se"], weighted.estimates["se"], rtol=1e-9)


@pytest.mark.parametrize(
    "options",
    [{"estimator": "GLS"}, {"missing": "fiml"}, {"fixed_x": False}, {"meanstructure": False},
     {"estimator": "ULS", "bootstrap": 10, "seed": 1}],
)  # fmt: skip
def test_what_it_does_not_go_with(rows, options):
    with pytest.raises(OptionError, match="conditional_x=True"):
        ss.sem(MIMIC, rows, conditional_x=True, **options)

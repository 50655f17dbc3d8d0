"""Invariances that hold for any data, checked on random ones."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import survey_sem as ss

CFA = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6"
PATH = "f =~ x1 + x2 + x3\nx5 ~ a*f + x4\nx6 ~ b*x5 + f\nind := a*b"
NAMES = [f"x{i}" for i in range(1, 7)]


def sample(seed, n=200):
    """Rows from a two-factor model with uneven loadings and correlated factors."""
    rng = np.random.default_rng(seed)
    factors = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=n)
    loadings = rng.uniform(0.6, 1.2, 6)
    values = factors[:, [0, 0, 0, 1, 1, 1]] * loadings + rng.normal(size=(n, 6)) * rng.uniform(0.5, 0.9, 6)
    return pd.DataFrame(values + rng.uniform(-2, 5, 6), columns=NAMES)


seeds = st.integers(0, 10_000)


def estimates(fit, column="est"):
    frame = fit.estimates
    names = []
    for lhs, op, rhs in frame[["lhs", "op", "rhs"]].to_numpy():
        one, other = sorted((lhs, rhs)) if op == "~~" else (lhs, rhs)
        names.append(f"{one} {op} {other}")
    return pd.Series(frame[column].to_numpy(), index=names)


@given(seeds, st.sampled_from([CFA, PATH]))
def test_rows_and_columns_may_come_in_any_order(seed, model):
    data = sample(seed)
    rng = np.random.default_rng(seed)
    mixed = data.iloc[rng.permutation(len(data))][list(rng.permutation(NAMES))]
    one, other = ss.sem(model, data), ss.sem(model, mixed)
    assert other.fit_measures["chisq"] == pytest.approx(one.fit_measures["chisq"], rel=1e-8)
    np.testing.assert_allclose(estimates(other), estimates(one), rtol=1e-6, atol=1e-8)


@given(seeds)
def test_factors_and_statements_may_come_in_any_order(seed):
    data = sample(seed)
    one, other = ss.cfa(CFA, data), ss.cfa("\n".join(reversed(CFA.splitlines())), data)
    assert other.fit_measures["chisq"] == pytest.approx(one.fit_measures["chisq"], rel=1e-8)
    two = estimates(other)
    np.testing.assert_allclose(two[estimates(one).index], estimates(one), rtol=1e-6, atol=1e-8)


@given(seeds, st.floats(-3, 3), st.floats(-3, 3))
def test_units_of_measurement_do_not_matter(seed, power_one, power_two):
    data = sample(seed)
    scaled = data.copy()
    scaled["x2"] = data["x2"] * 10**power_one + 7
    scaled["x5"] = data["x5"] * 10**power_two
    one, other = ss.cfa(CFA, data, std_lv=True), ss.cfa(CFA, scaled, std_lv=True)
    assert other.fit_measures["chisq"] == pytest.approx(one.fit_measures["chisq"], rel=1e-6)
    np.testing.assert_allclose(estimates(other, "std_all"), estimates(one, "std_all"), rtol=1e-5, atol=1e-7)
    z = ~one.estimates["z"].isna()
    loading = one.estimates["op"] == "=~"
    np.testing.assert_allclose(other.estimates["z"][z & loading], one.estimates["z"][z & loading], rtol=1e-5)


@given(seeds)
def test_marker_unit_variance_and_effect_coding_are_one_model(seed):
    data = sample(seed)
    fits = [ss.cfa(CFA, data), ss.cfa(CFA, data, std_lv=True), ss.cfa(CFA, data, effect_coding=["loadings"])]
    for fit in fits[1:]:
        assert fit.fit_measures["chisq"] == pytest.approx(fits[0].fit_measures["chisq"], rel=1e-6, abs=1e-8)
        assert fit.fit_measures["df"] == fits[0].fit_measures["df"]
        np.testing.assert_allclose(estimates(fit, "std_all"), estimates(fits[0], "std_all"), rtol=1e-5, atol=1e-7)


@given(seeds)
def test_moments_are_all_that_a_fit_needs(seed):
    data = sample(seed)
    moments = ss.moments(cov=data.cov(), n_obs=len(data), mean=data.mean())
    one, other = ss.cfa(CFA, data, meanstructure=True), ss.cfa(CFA, moments)
    assert other.fit_measures["chisq"] == pytest.approx(one.fit_measures["chisq"], rel=1e-8)
    np.testing.assert_allclose(estimates(other, "se"), estimates(one, "se"), rtol=1e-6, atol=1e-8)


@given(seeds)
def test_a_saturated_model_fits_exactly(seed):
    fit = ss.sem("x1 ~ x2 + x3\nx4 ~ x1 + x2 + x3", sample(seed))
    assert fit.fit_measures["df"] == 0
    assert fit.fit_measures["chisq"] == pytest.approx(0, abs=1e-8)
    assert fit.fit_measures["cfi"] == 1
    assert fit.fit_measures["rmsea"] == 0
    assert "saturated" in fit.not_applicable["pvalue"]


@given(seeds)
def test_regression_by_maximum_likelihood_is_least_squares(seed):
    data = sample(seed)
    fit = ss.sem("x1 ~ x2 + x3 + x4", data)
    design = np.column_stack([np.ones(len(data)), data[["x2", "x3", "x4"]]])
    beta, residual, *_ = np.linalg.lstsq(design, data["x1"].to_numpy(), rcond=None)
    np.testing.assert_allclose(fit.estimates["est"][:3], beta[1:], rtol=1e-8)
    variance = residual[0] / len(data)
    np.testing.assert_allclose(fit.estimates["est"][3], variance, rtol=1e-8)
    se = np.sqrt(np.diag(np.linalg.inv(design.T @ design))[1:] * variance)
    np.testing.assert_allclose(fit.estimates["se"][:3], se, rtol=1e-6)


@given(seeds)
def test_fewer_paths_never_fit_better(seed):
    data = sample(seed)
    wide = ss.cfa(CFA, data)
    narrow = ss.cfa(CFA + "\nf ~~ 0*g", data)
    equal = ss.cfa("f =~ x1 + a*x2 + a*x3\ng =~ x4 + x5 + x6", data)
    for fit in (narrow, equal):
        assert fit.fit_measures["chisq"] >= wide.fit_measures["chisq"] - 1e-6
        assert fit.fit_measures["df"] == wide.fit_measures["df"] + 1


@given(seeds)
def test_equality_constraints_hold_and_standard_errors_know_them(seed):
    fit = ss.cfa("f =~ x1 + a*x2 + b*x3\ng =~ x4 + x5 + x6\na == b", sample(seed))
    rows = fit.estimates.set_index("label")
    assert rows.loc["a", "est"] == pytest.approx(rows.loc["b", "est"], rel=1e-10)
    assert rows.loc["a", "se"] == pytest.approx(rows.loc["b", "se"], rel=1e-8)


@given(seeds)
def test_a_linear_and_a_nonlinear_spelling_of_a_constraint_agree(seed):
    data = sample(seed)
    base = "f =~ x1 + a*x2 + b*x3\ng =~ x4 + x5 + x6\n"
    linear = ss.cfa(base + "a == b", data)
    nonlinear = ss.cfa(base + "exp(a) == exp(b)", data)
    assert nonlinear.fit_measures["df"] == linear.fit_measures["df"]
    assert nonlinear.fit_measures["chisq"] == pytest.approx(linear.fit_measures["chisq"], rel=1e-7)
    np.testing.assert_allclose(estimates(nonlinear, "se"), estimates(linear, "se"), rtol=1e-4, atol=1e-7)


@given(seeds)
def test_an_idle_inequality_changes_nothing(seed):
    data = sample(seed)
    base = "f =~ x1 + a*x2 + x3\ng =~ x4 + x5 + x6\n"
    free, bounded = ss.cfa(base, data), ss.cfa(base + "a > -50", data)
    np.testing.assert_allclose(estimates(bounded, "est"), estimates(free, "est"), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(estimates(bounded, "se"), estimates(free, "se"), rtol=1e-5, atol=1e-8)


@given(seeds)
def test_the_expected_gain_of_a_freed_path_is_roughly_its_gain(seed):
    data = sample(seed)
    data["x6"] = data["x6"] + 0.4 * data["x1"]
    narrow = ss.cfa(CFA, data)
    index = narrow.modification_indices().iloc[0]
    assume(index["mi"] > 10 and index["op"] == "~~")
    wide = ss.cfa(f"{CFA}\n{index['lhs']} ~~ {index['rhs']}", data)
    drop = narrow.fit_measures["chisq"] - wide.fit_measures["chisq"]
    assert drop == pytest.approx(index["mi"], rel=0.35)


@given(seeds)
def test_results_survive_json_and_pickle(seed):
    fit = ss.sem(PATH, sample(seed))
    through_json = ss.SemResult.from_json(fit.to_json())
    assert through_json.to_json() == fit.to_json()
    for other in (through_json, pickle.loads(pickle.dumps(fit))):
        pd.testing.assert_frame_equal(other.estimates, fit.estimates)
        pd.testing.assert_frame_equal(other.modification_indices(), fit.modification_indices())
        assert other.fit_measures == fit.fit_measures
        with pytest.raises(ss.SurveySemError, match="rows"):
            other.factor_scores()


@given(seeds)
def test_text_to_table_to_text_is_the_same_fit(seed):
    data = sample(seed)
    fit = ss.sem(PATH, data)
    again = ss.lavaan(fit.table.to_text(), data, fixed_x=True)
    assert again.fit_measures["chisq"] == pytest.approx(fit.fit_measures["chisq"], rel=1e-7, abs=1e-9)


@given(seeds)
def test_scores_have_the_moments_they_should(seed):
    """Bartlett scores are unbiased: their covariance with the items reproduces the loadings."""
    data = sample(seed)
    fit = ss.cfa(CFA, data)
    assume(fit.admissible)
    regression, bartlett = fit.factor_scores(), fit.factor_scores(method="bartlett")
    assert np.abs(regression.mean()).max() < 1e-8
    assert (regression.var() < bartlett.var()).all()
    assert np.corrcoef(regression["f"], bartlett["f"])[0, 1] > 0.9

"""Full information maximum likelihood: what must hold whatever the data, and what a user is told."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest
import reference_cases as cases
from numpy.testing import assert_allclose

import survey_sem as ss
from survey_sem.errors import DataError, MissingChoiceError, OptionError

MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
ONE = "f =~ x1 + x2 + x3 + x4"
X = [f"x{k}" for k in range(1, 10)]


@pytest.fixture(scope="module")
def mar():
    return cases.rows("hs_mar.csv")


@pytest.fixture(scope="module")
def complete():
    return cases.rows("HolzingerSwineford1939.csv")


@pytest.fixture(scope="module")
def fitted(mar):
    return ss.cfa(MODEL, mar, missing="fiml", estimator="MLR")


def codes(fit):
    return [warning.code for warning in fit.warnings]


# -- what must hold ----------------------------------------------------------------------------------------------------


def test_without_missing_values_it_is_maximum_likelihood(complete):
    one = ss.cfa(MODEL, complete, missing="fiml", information="expected")
    other = ss.cfa(MODEL, complete, meanstructure=True)
    assert_allclose(one.estimates["est"], other.estimates["est"], atol=1e-7)
    assert_allclose(one.estimates["se"], other.estimates["se"], atol=1e-7)
    for name, value in other.fit_measures.items():
        if "gfi" not in name:  # of incomplete rows it comes from the chi-square, as in lavaan 0.7
            assert one.fit_measures[name] == pytest.approx(value, rel=1e-7, abs=1e-8), name


def test_without_missing_values_robust_standard_errors_are_those_of_complete_rows(complete):
    one = ss.cfa(MODEL, complete, missing="fiml", estimator="MLR")
    other = ss.cfa(MODEL, complete, meanstructure=True, estimator="MLR")
    assert_allclose(one.estimates["se"], other.estimates["se"], atol=1e-7)
    for name in ("chisq_scaled", "chisq_scaling_factor", "baseline_chisq_scaled", "cfi_scaled"):
        assert one.fit_measures[name] == pytest.approx(other.fit_measures[name], rel=1e-7)


@pytest.mark.parametrize("spelled", ["fiml", "ml", "direct", "FIML"])
def test_spellings(mar, fitted, spelled):
    fit = ss.cfa(ONE, mar, missing=spelled)
    assert fit.options["missing"] == "fiml"
    assert fit.options["information"] == "observed"
    assert fit.options["meanstructure"] is True


def test_order_of_rows_and_variables_does_not_matter(mar, fitted):
    rng = np.random.default_rng(5)
    shuffled = mar.iloc[rng.permutation(len(mar))]
    turned = "speed =~ x7 + x8 + x9\ntextual =~ x4 + x5 + x6\nvisual =~ x1 + x2 + x3"
    other = ss.cfa(turned, shuffled, missing="fiml", estimator="MLR")
    ours, theirs = cases.by_key(fitted.estimates), cases.by_key(other.estimates)
    for key, row in ours.items():
        assert row["est"] == pytest.approx(theirs[key]["est"], abs=1e-8), key
        assert row["se"] == pytest.approx(theirs[key]["se"], abs=1e-8), key
    for name, value in fitted.fit_measures.items():
        assert other.fit_measures[name] == pytest.approx(value, rel=1e-6, abs=1e-8), name


def test_units_do_not_matter(mar, fitted):
    scaled = mar[X] * np.array([10.0] * 9) + 100.0
    other = ss.cfa(MODEL, scaled, missing="fiml", estimator="MLR")
    for name in ("chisq", "chisq_scaled", "cfi_robust", "rmsea_robust", "srmr"):
        assert other.fit_measures[name] == pytest.approx(fitted.fit_measures[name], rel=1e-6)


def test_a_saturated_model_has_chi_square_zero(mar):
    names = X[:4]
    text = "\n".join(f"{one} ~~ {other}" for at, one in enumerate(names) for other in names[at:])
    fit = ss.sem(text, mar, missing="fiml")
    assert fit.fit_measures["df"] == 0
    assert fit.fit_measures["chisq"] == 0.0
    assert fit.fit_measures["srmr"] < 1e-8
    assert fit.fit_measures["logl"] == pytest.approx(fit.fit_measures["unrestricted_logl"], abs=1e-8)


def test_rows_with_one_value_count(mar):
    """A row that has x9 alone moves the mean of x9 and nothing that x9 is unrelated to."""
    single = pd.DataFrame(np.nan, index=[0, 1], columns=X)
    single["x9"] = [9.0, 2.0]
    fit = ss.cfa(MODEL, pd.concat([mar[X], single], ignore_index=True), missing="fiml")
    assert fit.n_obs == len(mar) + 2
    assert fit.converged


def test_many_variables_are_summed_by_pattern(mar, monkeypatch):
    from survey_sem.estimation import full_information

    narrow = ss.cfa(MODEL, mar, missing="fiml", test="none")
    monkeypatch.setattr(full_information, "WIDE", 0)
    wide = ss.cfa(MODEL, mar, missing="fiml", test="none")
    assert_allclose(wide.estimates["est"], narrow.estimates["est"], atol=1e-8)
    assert_allclose(wide.estimates["se"], narrow.estimates["se"], atol=1e-8)


def test_groups_are_fitted_together(mar):
    both = ss.cfa(ONE, mar, missing="fiml", group="school", group_equal="loadings", estimator="MLR")
    apart = [ss.cfa(ONE, mar[mar["school"] == school], missing="fiml") for school in mar["school"].unique()]
    free = ss.cfa(ONE, mar, missing="fiml", group="school")
    assert free.fit_measures["chisq"] == pytest.approx(sum(fit.fit_measures["chisq"] for fit in apart), rel=1e-8)
    assert both.fit_measures["chisq"] > free.fit_measures["chisq"]
    assert both.fit_measures["df"] == free.fit_measures["df"] + 3


@pytest.mark.slow
def test_recovery_where_listwise_deletion_is_biased():
    """x3 and x4 are missing where x1 is high: means of complete rows are too low, full information's are not."""
    rng = np.random.default_rng(11)
    factor = rng.normal(size=20_000)
    data = pd.DataFrame({f"x{k}": 0.8 * factor + 0.6 * rng.normal(size=len(factor)) for k in range(1, 5)})
    data.loc[data["x1"] > 0.3, ["x3", "x4"]] = np.nan
    means = {}
    for missing in ("fiml", "listwise"):
        fit = ss.cfa(ONE, data, missing=missing, meanstructure=True)
        means[missing] = cases.by_key(fit.estimates)["x3", "~1", "", 1]["est"]
    assert abs(means["fiml"]) < 0.03
    assert means["listwise"] < -0.2


# -- what follows from a fit -------------------------------------------------------------------------------------------


def test_auxiliary_variables_against_semtools(mar):
    """Saturated correlates; the baseline lets them correlate too, for the robust CFI as for CFI.

    semTools prints .926 for the robust CFI, above its CFI of .921: a baseline that cannot be told from its output.
    """
    stored = json.loads((cases.FOLDER / "other" / "hs_fiml_auxiliary_ageyr.json").read_text("utf-8"))["result"]
    fit = ss.cfa(MODEL, mar, missing="fiml", auxiliary=["ageyr", "grade"])
    ours = cases.by_key(fit.estimates)
    for row in stored["estimates"]:
        own = ours[cases.key(row)]
        assert own["est"] == pytest.approx(row["est"], abs=2e-5)
        assert own["se"] == pytest.approx(row["se"], abs=2e-5)
        assert own["std_all"] == pytest.approx(row["std.all"], abs=2e-5)
    for name in ("npar", "chisq", "df", "cfi", "tli", "rmsea", "srmr", "logl", "baseline.chisq", "rmsea.robust"):
        assert fit.fit_measures[name.replace(".", "_")] == pytest.approx(stored["fit"][name], rel=1e-4)


def test_standardised_residuals_are_lavaans(mar):
    """Printed by lavaan 0.6-14 for the same fit."""
    fit = ss.cfa(MODEL, mar, missing="fiml")
    normalized, standardized = fit.residuals("normalized")["cov"], fit.residuals("standardized")
    assert normalized.loc["x2", "x1"] == pytest.approx(-0.5394, abs=1e-3)
    assert normalized.loc["x4", "x3"] == pytest.approx(-0.9049, abs=1e-3)
    assert standardized["cov"].loc["x2", "x1"] == pytest.approx(-1.1528, abs=1e-3)
    assert standardized["cov"].loc["x4", "x3"] == pytest.approx(-1.4864, abs=1e-3)
    assert standardized["mean"]["x8"] == pytest.approx(2.451, abs=1e-2)


def test_patterns_and_coverage(mar, fitted):
    patterns, coverage = fitted.missing_patterns(), fitted.coverage()
    assert patterns["n"].sum() == len(mar)
    assert (patterns["n"].diff().dropna() <= 0).all()
    both = mar[["x2", "x7"]].notna().all(axis=1).mean()
    assert coverage.loc["x2", "x7"] == pytest.approx(both)
    assert patterns.loc[patterns["x2"] & patterns["x7"], "n"].sum() == pytest.approx(both * len(mar))
    with pytest.raises(DataError, match="JSON"):
        ss.SemResult.from_json(fitted.to_json()).coverage()


def test_scores_of_rows_rest_on_what_they_have(mar, fitted):
    scores = fitted.factor_scores()
    assert list(scores.index) == list(mar.index)
    implied = fitted.implied()
    row = mar.loc[0, X]
    has = row.notna().to_numpy()
    sigma, mu = implied["cov"].to_numpy(), implied["mean"].to_numpy()
    loadings = fitted.solution.estimates.points[0].moments.cov_y_eta
    expected = loadings[has].T @ np.linalg.solve(sigma[np.ix_(has, has)], row.to_numpy(dtype=float)[has] - mu[has])
    assert_allclose(scores.iloc[0], expected, atol=1e-10)


def test_bartlett_scores_are_missing_where_a_factor_has_nothing(mar, fitted):
    rows = mar[X].copy()
    rows.loc[3, ["x7", "x8", "x9"]] = np.nan
    scores = fitted.factor_scores(data=rows, method="bartlett")
    assert np.isnan(scores.loc[3, "speed"])
    assert np.isfinite(scores.loc[3, ["visual", "textual"]]).all()
    assert np.isfinite(fitted.factor_scores(data=rows).loc[3]).all()


@pytest.mark.parametrize("options", [{}, {"estimator": "MLR"}, {"group": "school"}, {"information": "expected"}])
def test_round_trip_through_json(mar, options):
    fit = ss.cfa(MODEL, mar, missing="fiml", **options)
    text = fit.to_json()
    back = ss.SemResult.from_json(text)
    assert back.to_json() == text
    numbers = ["est", "se", "std_all"]
    pd.testing.assert_frame_equal(back.estimates[numbers], fit.estimates[numbers])
    pd.testing.assert_frame_equal(back.modification_indices(), fit.modification_indices())
    for kind in ("raw", "normalized", "standardized"):
        pd.testing.assert_frame_equal(back.residuals(kind)["cov"], fit.residuals(kind)["cov"], atol=1e-9)
    pd.testing.assert_frame_equal(back.factor_scores(data=mar), fit.factor_scores())


def test_no_row_is_in_the_document(mar):
    """A pattern of one row is that row: patterns stay out."""
    document = json.loads(ss.cfa(ONE, mar, missing="fiml").to_json())
    assert set(document["incomplete"]) == {"information", "groups"}
    assert not {"patterns", "means", "deviations"} & set(document["incomplete"]["groups"][0])


def test_pickle(fitted):
    back = pickle.loads(pickle.dumps(fitted))
    assert back.fit_measures == fitted.fit_measures
    assert back.solution.estimates.model.samples[0].rows is None


# -- what a user is told -----------------------------------------------------------------------------------------------


def test_the_choice_names_full_information(mar):
    with pytest.raises(MissingChoiceError) as caught:
        ss.cfa(MODEL, mar)
    assert "fiml" in caught.value.expected
    assert "fiml" in caught.value.hint


def test_never_jointly_observed_variables_are_named():
    """What depends on their covariance alone is withheld: lavaan 0.6-14 prints a robust CFI of .49, 0.7-2 of .10."""
    fit = ss.cfa(ONE, cases.rows("edge_never_jointly_observed.csv"), missing="fiml")
    (warning,) = [warning for warning in fit.warnings if warning.code == "never-jointly-observed"]
    assert "x1 with x2" in warning.what
    assert fit.fit_measures["chisq"] == pytest.approx(2.0492601, abs=1e-5)
    assert fit.fit_measures["srmr"] == pytest.approx(0.0951703, abs=1e-6)
    assert fit.fit_measures["gfi"] == pytest.approx(0.9999182, abs=1e-6)  # lavaan 0.7-2
    assert fit.fit_measures["gfi_ci_lower"] == pytest.approx(0.9869682, abs=1e-6)
    assert "do not determine" in fit.not_applicable["cfi_robust"]


def test_low_coverage_is_told(mar):
    data = mar.copy()
    data.loc[data.index[20:], "x9"] = np.nan
    fit = ss.cfa(MODEL, data, missing="fiml")
    (warning,) = [warning for warning in fit.warnings if warning.code == "low-coverage"]
    assert "x9 (" in warning.what


def test_rows_without_any_value_are_dropped_aloud(mar):
    data = mar[X].copy()
    data.loc[[4, 9]] = np.nan
    fit = ss.cfa(MODEL, data, missing="fiml")
    assert fit.n_obs == len(mar) - 2
    assert "empty-rows" in codes(fit)
    assert 4 not in fit.factor_scores().index


def test_rows_without_fixed_exogenous_values_are_dropped_aloud(mar):
    text = "speed =~ x7 + x8 + x9\nspeed ~ x1 + x2 + x3"
    fit = ss.sem(text, mar, missing="fiml")
    assert fit.n_obs == int(mar[["x1", "x2", "x3"]].notna().all(axis=1).sum())
    assert "exogenous-missing" in codes(fit)
    assert ss.sem(text, mar, missing="fiml", fixed_x=False).n_obs == len(mar)


def test_a_variable_without_values(mar):
    with pytest.raises(DataError, match="x4") as caught:
        ss.cfa(ONE, mar.assign(x4=np.nan), missing="fiml")
    assert caught.value.code == "no-values"


def test_a_constant_variable(mar):
    with pytest.raises(DataError) as caught:
        ss.cfa(ONE, mar.assign(x4=mar["x4"] * 0 + 3), missing="fiml")
    assert caught.value.code == "constant-variable"


def test_infinite_values(mar):
    data = mar.copy()
    data.loc[0, "x1"] = np.inf
    with pytest.raises(DataError) as caught:
        ss.cfa(ONE, data, missing="fiml")
    assert caught.value.code == "infinite-values"


@pytest.mark.parametrize(
    "option",
    [
        {"estimator": "MLM"},
        {"estimator": "WLS"},
        {"estimator": "ULS"},
        {"meanstructure": False},
        {"likelihood": "wishart"},
        {"se": "robust.sem"},
        {"test": "satorra.bentler"},
        {"test": ["standard", "scaled.shifted"]},
    ],
)
def test_what_needs_complete_rows_is_refused(mar, option):
    with pytest.raises(OptionError, match="fiml") as caught:
        ss.cfa(ONE, mar, missing="fiml", **option)
    assert caught.value.code == "options-contradict"


def test_published_moments_have_no_rows():
    moments = ss.moments(cov=[[1, 0.3, 0.2], [0.3, 1, 0.4], [0.2, 0.4, 1]], n_obs=100, names=["x1", "x2", "x3"])
    with pytest.raises(OptionError) as caught:
        ss.cfa("f =~ x1 + x2 + x3", moments, missing="fiml")
    assert caught.value.code == "rows-needed"


def test_auxiliary_variables_need_full_information(mar):
    with pytest.raises(OptionError, match="fiml"):
        ss.cfa(ONE, mar, missing="listwise", auxiliary="ageyr")
    with pytest.raises(OptionError, match="x1"):
        ss.cfa(ONE, mar, missing="fiml", auxiliary=["x1"])
    with pytest.raises(DataError, match="ageyear"):
        ss.cfa(ONE, mar, missing="fiml", auxiliary="ageyear")


def test_auxiliary_variables_by_group(mar):
    fit = ss.cfa(ONE, mar, missing="fiml", auxiliary="ageyr", group="school", group_equal="loadings")
    plain = ss.cfa(ONE, mar, missing="fiml", group="school", group_equal="loadings")
    assert fit.fit_measures["df"] == plain.fit_measures["df"]
    assert fit.converged

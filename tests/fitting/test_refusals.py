"""What cannot be fitted, and what must be said about it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import (
    DataError,
    IdentificationError,
    MissingChoiceError,
    ModelError,
    ModelSyntaxError,
    OptionError,
    UsageError,
)

CFA = "f =~ x1 + x2 + x3"


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    factor = rng.normal(size=150)
    return pd.DataFrame({f"x{i}": factor + rng.normal(size=150) for i in range(1, 7)})


def test_an_unknown_variable_is_named_with_its_nearest_neighbour(data):
    with pytest.raises(DataError) as caught:
        ss.cfa("f =~ x1 + x2 + X3", data)
    assert "'X3'" in caught.value.what
    assert "x3" in caught.value.hint


def test_a_typo_in_the_model_points_with_a_caret(data):
    with pytest.raises(ModelSyntaxError) as caught:
        ss.cfa("f =~ x1 + x2\ng = ~ x3 + x4", data)
    assert "line 2" in caught.value.where
    assert "^" in str(caught.value)


def test_missing_values_need_a_choice(data):
    data.loc[3:9, "x2"] = np.nan
    with pytest.raises(MissingChoiceError) as caught:
        ss.cfa(CFA, data)
    assert "x2 (7)" in caught.value.what
    assert "listwise" in caught.value.expected
    fit = ss.cfa(CFA, data, missing="listwise")
    assert fit.n_obs == 143
    assert "dropped 7 of 150 rows" in fit.warnings[0].what
    assert ss.cfa("f =~ x1 + x3 + x4", data).n_obs == 150  # the gap is in a variable that is not modelled


def test_text_is_not_a_number(data):
    data["x2"] = ["many", "few"] * 75
    with pytest.raises(DataError, match="not numeric") as caught:
        ss.cfa(CFA, data)
    assert "'many'" in caught.value.got


def test_categories_are_no_numbers(data):
    data["x2"] = pd.Categorical(np.tile([1, 2, 3], 50), ordered=True)
    with pytest.raises(OptionError, match="ordered category"):
        ss.cfa(CFA, data)
    data["x2"] = pd.Categorical(np.tile(["a", "b", "c"], 50))
    with pytest.raises(DataError, match="not numeric"):
        ss.cfa(CFA, data)


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "boolean"])
def test_nullable_numbers_are_numbers(data, dtype):
    values = (data["x4"] > 0).astype(int)
    data["x4"] = values.astype(dtype)
    assert ss.sem("x1 ~ x4", data).n_obs == 150
    data.loc[0, "x4"] = pd.NA
    with pytest.raises(MissingChoiceError, match="x4"):
        ss.sem("x1 ~ x4", data)


def test_a_constant_item_is_named(data):
    data["x2"] = 4.0
    with pytest.raises(DataError, match="no variance in x2"):
        ss.cfa(CFA, data)


def test_infinite_values_are_named(data):
    data.loc[0, "x3"] = np.inf
    with pytest.raises(DataError, match="infinite values in x3"):
        ss.cfa(CFA, data)


def test_a_linear_dependency_names_its_variables(data):
    data["total"] = data["x1"] + data["x2"]
    with pytest.raises(DataError, match="not positive definite") as caught:
        ss.sem("x3 ~ x1 + x2 + total", data)
    for name in ("x1", "x2", "total"):
        assert name in caught.value.got


def test_too_few_rows_are_said(data):
    with pytest.raises(DataError, match="not positive definite") as caught:
        ss.cfa("f =~ x1 + x2 + x3 + x4 + x5", data.head(5))
    assert "5 observations cannot carry 5 variables" in caught.value.got


def test_no_rows_at_all(data):
    with pytest.raises(DataError, match="no rows"):
        ss.cfa(CFA, data.head(0))


@pytest.mark.parametrize(
    ("model", "undetermined"),
    [
        ("f =~ x1 + x2", "f =~ x2"),
        ("f =~ NA*x1 + x2 + x3\nf ~~ f", "f ~~ f"),
        ("f =~ x1 + x2 + x3 + x4 + x5 + x6\ng =~ x1 + x2 + x3 + x4 + x5 + x6", "f =~"),
        ("f =~ x1 + x2 + x3\nf ~ x4\nx4 ~ f", "x4 ~ f"),
        ("x1 ~ x2\nx2 ~ x1", "x1 ~ x2"),
    ],
)
def test_an_unidentified_model_names_its_parameters(data, model, undetermined):
    with pytest.raises(IdentificationError) as caught:
        ss.sem(model, data)
    assert undetermined in caught.value.got


def test_contradictory_constraints_are_quoted(data):
    with pytest.raises(ModelError, match="cannot hold") as caught:
        ss.sem("x1 ~ a*x2 + x3\na == 0.2\na == 0.4", data)
    assert "a == 0.4" in caught.value.what
    assert "a == 0.2" in caught.value.what
    with pytest.raises(ModelError, match="cannot all hold"):
        ss.sem("x1 ~ a*x2 + x3\na > 1\na < 0", data)


def test_a_redundant_constraint_costs_no_degree_of_freedom(data):
    fit = ss.sem("x1 ~ a*x2 + b*x3\na == b\nb == a", data)
    assert fit.fit_measures["df"] == 1
    assert [warning.code for warning in fit.warnings] == ["constraint-redundant"]


def test_circular_definitions(data):
    with pytest.raises(UsageError):
        ss.sem("x1 ~ a*x2\nu := v + 1\nv := u + 1", data)


def test_one_parameter_written_twice(data):
    with pytest.raises(ss.SurveySemError, match="same parameter"):
        ss.sem("f =~ x1 + x2 + x3 + x4\nx4 ~ f", data)


def test_an_unknown_option_suggests_the_known_one(data):
    with pytest.raises(OptionError) as caught:
        ss.cfa(CFA, data, estimater="ML")
    assert "'estimator'" in caught.value.hint
    assert "missing" in caught.value.expected


def test_an_unknown_value_suggests_the_known_one(data):
    with pytest.raises(OptionError) as caught:
        ss.cfa(CFA, data, likelihood="wishert")
    assert "'wishart'" in caught.value.hint


@pytest.mark.parametrize(
    "option",
    [
        {"missing": "pairwise"},
        {"ordered": ["x1"]},
        {"ordered": "x1"},
        {"bootstrap": 100, "estimator": "WLSMV"},
        {"mimic": "EQS"},
        {"parameterization": "theta"},
        {"mimic": "Mplus"},
    ],
)
def test_what_is_not_supported_is_refused_and_never_ignored(data, option):
    with pytest.raises(OptionError, match="not supported"):
        ss.cfa(CFA, data, **option)


@pytest.mark.parametrize(
    "option",
    [
        {"std_lv": "yes"},
        {"meanstructure": 2},
        {"control": {"tolerance": 1}},
        {"control": 5},
        {"seed": -1},
        {"ci_level": 95},
        {"effect_coding": ["residuals"]},
        {"estimator": 3},
    ],
)
def test_values_of_the_wrong_kind_are_refused(data, option):
    with pytest.raises(OptionError):
        ss.cfa(CFA, data, **option)


@pytest.mark.parametrize("switch", [True, 1, np.True_])
def test_a_switch_is_on_however_it_is_said(data, switch):
    assert ss.cfa(CFA, data, std_lv=switch).options["std_lv"] is True


@pytest.mark.parametrize("spelling", ["ML", "ml"])
def test_values_are_taken_in_any_case(data, spelling):
    assert ss.cfa(CFA, data, estimator=spelling, test=["standard"]).options["estimator"] == "ML"


def test_a_limit_on_iterations_gives_a_result_that_says_so(data):
    fit = ss.cfa("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6", data, control={"iter_max": 1})
    assert not fit.converged
    assert fit.warnings[0].code == "not-converged"
    assert "chisq" in fit.not_applicable
    assert fit.estimates["se"].isna().any()
    with pytest.raises(ss.SurveySemError, match="no standard errors"):
        fit.vcov()


def test_data_of_another_kind(data):
    with pytest.raises(OptionError, match="DataFrame"):
        ss.cfa(CFA, data.to_dict("records"))
    with pytest.raises(UsageError, match="must be a text"):
        ss.cfa(3, data)


def test_two_ways_to_scale_a_factor_are_refused(data):
    with pytest.raises(OptionError, match="scale"):
        ss.cfa(CFA, data, std_lv=True, effect_coding="loadings")


def test_products_of_latent_variables_are_refused(data):
    with pytest.raises(OptionError, match="f:g"):
        ss.sem("f =~ x1 + x2 + x3\ng =~ x4 + x5\nx6 ~ f + g + f:g", data)


def test_what_the_table_decided_against_the_text_is_said(data):
    fit = ss.sem("x1 ~ x2 + x3\nx2 ~~ x2", data)
    assert "exogenous-made-random" in [warning.code for warning in fit.warnings]


def test_two_columns_of_one_name(data):
    twice = pd.concat([data, data[["x2"]]], axis=1)
    with pytest.raises(DataError, match="two columns named 'x2'"):
        ss.cfa(CFA, twice)


def test_products_are_computed_where_the_data_have_no_such_column(data):
    fit = ss.sem("x1 ~ x2 + x3 + x2:x3", data)
    data["x2:x3"] = data["x2"] * data["x3"]
    own = ss.sem("x1 ~ x2 + x3 + x2:x3", data)
    pd.testing.assert_frame_equal(fit.estimates, own.estimates)


def test_empirical_underidentification_withholds_standard_errors():
    """Two factors of two indicators that do not covary in the data: the model is identified, the data are not."""
    names = ["x1", "x2", "x3", "x4"]
    cov = np.eye(4)
    cov[0, 1] = cov[1, 0] = cov[2, 3] = cov[3, 2] = 0.5
    fit = ss.cfa("f =~ x1 + x2\ng =~ x3 + x4", ss.moments(cov=cov, n_obs=200, names=names))
    assert not fit.identified
    assert "not-identified-here" in [warning.code for warning in fit.warnings]
    assert fit.estimates.query("op == '=~'")["se"].isna().any()


def test_variances_of_very_different_size_are_said(data):
    data["x2"] = data["x2"] * 1e4
    fit = ss.cfa(CFA, data)
    assert fit.converged
    assert "variance-scales" in [warning.code for warning in fit.warnings]


def test_a_bound_that_binds_is_said(data):
    fit = ss.sem("x1 ~ upper(0.1)*x2 + x3", data)
    assert fit.estimates["est"][0] == pytest.approx(0.1)
    assert "constraint-active" in [warning.code for warning in fit.warnings]


def test_levels_in_the_text_are_refused_not_ignored(data):
    with pytest.raises(OptionError, match="levels are not supported"):
        ss.sem("level: 1\nx1 ~ x2\nlevel: 2\nx1 ~ x3", data)


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("group: m\nx1 ~ x2", {}),
        ("group: 1\nx1 ~ x2\ngroup: 2\nx1 ~ x2", {}),
        ("x1 ~ c(a,b)*x2", {}),
        ("x1 ~ x2", {"group_equal": "regressions"}),
    ],
)
def test_groups_are_not_spoken_of_without_groups(data, model, options):
    with pytest.raises(OptionError, match="the data are one group") as caught:
        ss.sem(model, data, **options)
    assert "group=" in caught.value.hint


@pytest.mark.parametrize("scale", [1e-9, 1e7, 1e10])
def test_a_marker_on_another_scale_is_the_same_model(data, scale):
    expected = ss.cfa("f =~ x1 + x2 + x3 + x4", data).fit_measures["chisq"]
    data["x1"] = data["x1"] * scale
    assert ss.cfa("f =~ x1 + x2 + x3 + x4", data).fit_measures["chisq"] == pytest.approx(expected, rel=1e-6)


def test_a_large_mean_is_not_a_constant(data):
    expected = ss.cfa("f =~ x1 + x2 + x3 + x4", data).fit_measures["chisq"]
    data["x1"] = data["x1"] + 1e8
    assert ss.cfa("f =~ x1 + x2 + x3 + x4", data).fit_measures["chisq"] == pytest.approx(expected, rel=1e-4)


def test_a_value_that_cannot_be_squared_is_named(data):
    data.loc[3, "x1"] = 1e300
    with pytest.raises(DataError, match="'x1' holds 1e\\+300") as caught:
        ss.cfa(CFA, data)
    assert caught.value.where == "data row 4"
    data.loc[5, "x2"] = np.nan
    with pytest.raises(DataError, match="'x1' holds"):
        ss.cfa(CFA, data, missing="listwise")


def test_numbers_in_a_column_of_objects_are_numbers(data):
    expected = ss.cfa(CFA, data).fit_measures["ntotal"]
    data["x1"] = data["x1"].astype(object)
    assert ss.cfa(CFA, data).fit_measures["ntotal"] == expected
    data.loc[0, "x1"] = None
    assert ss.cfa(CFA, data, missing="listwise").n_obs == expected - 1


def test_the_one_value_that_is_no_number_is_shown(data):
    data["x1"] = data["x1"].astype(str).astype(object)
    data.loc[9, "x1"] = "=cmd"
    with pytest.raises(DataError, match="1 of 150 values") as caught:
        ss.cfa(CFA, data)
    assert "data row 10" in caught.value.where
    assert "=cmd" in caught.value.got


@pytest.mark.parametrize("text", ["q := a / (a - a)", "q := 9^9^9^9", "q := log(0*a)", "q := sqrt(0 - a^2)"])
def test_a_definition_without_a_value_is_said(data, text):
    fit = ss.sem(f"x1 ~ a*x2\n{text}", data)
    assert "definition-undefined" in [warning.code for warning in fit.warnings]
    last = fit.estimates.iloc[-1]
    assert last["est"] != last["est"] and last["se"] != last["se"]


def test_a_constraint_without_a_value_is_said(data):
    with pytest.raises(ModelError, match="no value"):
        ss.sem("f =~ x1 + a*x2 + x3\nsqrt(0 - a^2 - 1) == 1", data)


def test_a_start_beyond_all_measure_is_survived(data):
    with pytest.raises(ModelError, match="starting values"):
        ss.sem("f =~ x1 + start(1e308)*x2 + x3", data)


def test_a_correlation_matrix_and_an_unlikely_n_are_said():
    cov = [[1, 0, 0], [0.5, 1, 0], [0.4, 0.3, 1]]
    fit = ss.sem("c ~ a + b", ss.moments(cov=cov, n_obs=3, names=["a", "b", "c"]))
    assert {"correlation-matrix", "few-observations"} <= {warning.code for warning in fit.warnings}

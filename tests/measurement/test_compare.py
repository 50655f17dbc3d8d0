"""Comparing fits: what is nested in what, what cannot be compared, what is said."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import reference_cases as cases

import survey_sem as ss
from survey_sem.errors import DataError, OptionError
from survey_sem.inference.difference import scaled_difference
from survey_sem.inference.nesting import reach

TWO = "visual =~ x1 + x2 + x3\nspeed =~ x7 + x8 + x9"
ONE = "g =~ x1 + x2 + x3 + x7 + x8 + x9"


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return cases.rows("HolzingerSwineford1939.csv")


@pytest.fixture(scope="module")
def two(rows) -> ss.SemResult:
    return ss.cfa(TWO, rows)


def test_the_order_of_fits_changes_nothing(rows):
    fits = {str(k): ss.cfa(TWO, rows, group="school", group_equal=["loadings", "intercepts"][:k]) for k in range(3)}
    straight = ss.compare(*fits.values(), names=list(fits))
    turned = ss.compare(*reversed(fits.values()), names=list(reversed(fits)))
    assert straight == turned
    pd.testing.assert_frame_equal(straight.table, turned.table)


def test_a_model_compared_with_itself(two):
    step = ss.compare(two, two).steps[0]
    assert (step.relation, step.df_diff, step.chisq_diff) == ("equivalent", 0, None)
    assert (step.delta_cfi, step.delta_rmsea, step.delta_srmr) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("larger", "smaller"),
    [
        (TWO, ONE),  # one factor is two with a correlation of 1: nested, though no parameter is shared
        (TWO, TWO + "\nvisual ~~ 0*speed"),
        (TWO + "\nx1 ~~ x7", TWO),
        (TWO, TWO.replace("x2", "a*x2").replace("x3", "a*x3")),
        ("x2 ~ x1\nx3 ~ x2 + x1", "x2 ~ x1\nx3 ~ x2"),
    ],
)
def test_nested_pairs(rows, larger, smaller):
    fits = [ss.sem(model, rows) for model in (smaller, larger)]
    step = ss.compare(*fits, names=["smaller", "larger"]).step("smaller")
    assert step.relation == "nested"
    assert step.df_diff == fits[0].measures["df"] - fits[1].measures["df"]
    assert step.chisq_diff == pytest.approx(fits[0].measures["chisq"] - fits[1].measures["chisq"], rel=1e-12)
    assert not reach(fits[0].solution, fits[1].solution).is_nested


def test_not_nested_gets_information_criteria_and_the_reason(rows):
    fits = [ss.sem(model, rows) for model in (TWO + "\nx1 ~~ x2\nx1 ~~ x7", TWO + "\nx3 ~~ x9")]
    found = ss.compare(*fits)
    assert found.steps[0].relation == "not nested"
    assert found.steps[0].chisq_diff is None
    assert found.steps[0].p_value is None
    assert "not nested" in str(found)
    assert found.table["aic"].notna().all()


def test_as_many_degrees_of_freedom_and_other_moments(rows):
    step = ss.compare(ss.cfa(TWO + "\nx1 ~~ x7", rows), ss.cfa(TWO + "\nx2 ~~ x9", rows)).steps[0]
    assert (step.relation, step.df_diff) == ("not nested", 0)


def test_equivalent_models_are_told(rows):
    forward, backward = ss.sem("x2 ~ x1\nx3 ~ x2", rows, fixed_x=False), ss.sem("x2 ~ x3\nx1 ~ x2", rows, fixed_x=False)
    step = ss.compare(forward, backward).steps[0]
    assert step.relation == "equivalent"
    assert "no difference to test" in step.reason


def test_each_is_tested_against_the_nearest_model_that_contains_it(rows):
    models = {"wide": TWO + "\nx1 ~~ x7\nx2 ~~ x8", "other": TWO + "\nx3 ~~ x9", "narrow": TWO + "\nvisual ~~ 0*speed"}
    found = ss.compare(*(ss.cfa(model, rows) for model in models.values()), names=list(models))
    assert found.step("other").relation == "not nested"
    assert found.step("narrow").against == "other"
    models["narrow"] = TWO.replace("x2", "a*x2").replace("x3", "a*x3") + "\nx1 ~~ x7"
    found = ss.compare(*(ss.cfa(model, rows) for model in models.values()), names=list(models))
    assert found.step("narrow").against == "wide"
    assert "narrow is compared with wide" in str(found)


def test_the_order_of_variables_and_groups_does_not_matter(rows):
    plain = ss.cfa(TWO, rows, group="school", group_equal="loadings", estimator="MLM")
    turned = rows.iloc[::-1].reset_index(drop=True)
    model = "speed =~ x7 + x8 + x9\nvisual =~ x1 + x2 + x3"
    other = ss.cfa(model, turned, group="school", group_equal=["loadings", "intercepts"], estimator="MLM")
    same = ss.cfa(TWO, rows, group="school", group_equal=["loadings", "intercepts"], estimator="MLM")
    for method in ("satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000"):
        one, two = (ss.compare(plain, each, method=method).steps[0] for each in (other, same))
        assert one.chisq_diff == pytest.approx(two.chisq_diff, rel=1e-6)


def test_normal_data_need_no_correction(rows):
    """Under normality every scaled difference is near the plain one."""
    data = ss.simulate("f =~ .8*a + .7*b + .6*c + .7*d", n=20_000, seed=5)
    free = ss.cfa("f =~ a + b + c + d", data, estimator="MLM")
    equal = ss.cfa("f =~ a + p*b + q*c + p*d", data, estimator="MLM")
    plain = ss.compare(free, equal, method="standard").steps[0].chisq_diff
    for method in ("satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000"):
        assert ss.compare(free, equal, method=method).steps[0].chisq_diff == pytest.approx(plain, rel=0.05)


def test_a_scaled_difference_can_be_negative():
    found = scaled_difference("satorra.bentler.2001", 5.0, 10, 1.0, 8, 1.5)
    assert found.scaling == pytest.approx(-1.0)
    assert found.statistic == pytest.approx(-5.0)


def test_a_negative_difference_is_said_and_the_other_tests_are_not(rows):
    few = rows.sample(40, random_state=31).reset_index(drop=True)
    fits = [ss.cfa(model, few, estimator="MLR") for model in (TWO, TWO.replace("x2 + x3", "1*x2 + x3"))]
    found = ss.compare(*fits)
    assert found.steps[0].chisq_diff < 0.0
    assert found.steps[0].p_value is None
    warning = next(each for each in found.warnings if each.code == "negative-difference")
    assert "satorra.bentler.2010" in warning.hint
    assert ss.compare(*fits, method="satorra.2000").steps[0].p_value > 0.0


def test_a_variance_on_its_edge_is_said(rows):
    zero = ss.cfa(TWO + "\nx1 ~~ 0*x1", rows)
    found = ss.compare(zero, ss.cfa(TWO, rows))
    assert [warning.code for warning in found.warnings] == ["variance-at-boundary"]


@pytest.mark.parametrize("estimator", ["GLS", "ULS", "WLS", "DWLS", "WLSMV", "ULSM"])
def test_least_squares_has_differences_and_no_information_criteria(rows, estimator):
    fits = [ss.cfa(model, rows, estimator=estimator) for model in (TWO, TWO + "\nx1 ~~ x7")]
    found = ss.compare(*fits)
    assert found.steps[0].relation == "nested"
    assert found.steps[0].chisq_diff >= 0.0
    assert found.table["aic"].isna().all()


def test_a_comparison_shows_itself(two, rows):
    found = ss.compare(two, ss.cfa(ONE, rows), names=["two", "one & only"])
    assert "one & only" in str(found)
    assert "one &amp; only" in found._repr_html_()
    document = json.loads(found.to_json())
    assert document["schema"] == "survey-sem/comparison/1"
    assert document["steps"][0]["df_diff"] == 1
    table = found.table
    assert table.loc["one & only", "against"] == "two"
    assert np.isnan(table.loc["two", "chisq_diff"])


def test_fits_from_json_compare(two, rows):
    other = ss.cfa(ONE, rows)
    again = [ss.SemResult.from_json(fit.to_json()) for fit in (two, other)]
    assert ss.compare(*again).steps == ss.compare(two, other).steps


def test_what_cannot_be_compared_is_refused(two, rows):
    with pytest.raises(OptionError, match="at least two"):
        ss.compare(two)
    with pytest.raises(OptionError, match="only fits"):
        ss.compare(two, "model")
    with pytest.raises(OptionError, match="names"):
        ss.compare(two, two, names=["a", "a"])
    with pytest.raises(DataError, match="300 observations"):
        ss.compare(two, ss.cfa(ONE, rows.iloc[1:]))
    with pytest.raises(DataError, match=r"variables differ \(x3\)"):
        ss.compare(two, ss.cfa("visual =~ x1 + x2\nspeed =~ x7 + x8 + x9", rows))
    with pytest.raises(DataError, match="covariances differ"):
        ss.compare(two, ss.cfa(ONE, rows.assign(x1=rows["x1"] ** 2)))
    with pytest.raises(OptionError, match="different options"):
        ss.compare(two, ss.cfa(ONE, rows, estimator="MLM"))
    with pytest.raises(OptionError, match="different options"):
        ss.compare(two, ss.cfa(ONE, rows, meanstructure=True))
    with pytest.raises(DataError, match="groups none and"):
        ss.compare(ss.cfa(TWO, rows, meanstructure=True), ss.cfa(TWO, rows, group="school"))
    with pytest.raises(OptionError, match="no difference test"):
        ss.compare(two, two, method="satorra.2001")
    with pytest.raises(OptionError, match="does not suit"):
        ss.compare(two, two, method="satorra.2000")
    with pytest.raises(DataError, match="did not converge"):
        ss.compare(two, ss.cfa(ONE, rows, control={"iter_max": 1}))
    shifted = ss.cfa(TWO, rows, estimator="MLMV")
    with pytest.raises(OptionError, match="does not suit"):
        ss.compare(shifted, shifted, method="satorra.bentler.2001")

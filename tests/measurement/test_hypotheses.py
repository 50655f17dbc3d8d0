"""Score and Wald tests: what may be asked, and what they are worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import reference_cases as cases

import survey_sem as ss
from survey_sem.errors import DataError, ModelError, ModelSyntaxError, OptionError

MODEL = "visual =~ x1 + a*x2 + b*x3\nspeed =~ x7 + c*x8 + d*x9\nab := a*b"
EQUAL = MODEL + "\na == b\nc == 2*d"


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return cases.rows("HolzingerSwineford1939.csv")


@pytest.fixture(scope="module")
def free(rows) -> ss.SemResult:
    return ss.cfa(MODEL, rows)


@pytest.fixture(scope="module")
def equal(rows) -> ss.SemResult:
    return ss.cfa(EQUAL, rows)


def test_score_wald_and_difference_agree_where_the_restriction_nearly_holds():
    data = ss.simulate("f =~ .8*x + .7*y + .7*z + .6*w", n=40_000, seed=3)
    free, tied = ss.cfa("f =~ x + a*y + b*z + w", data), ss.cfa("f =~ x + a*y + a*z + w", data)
    difference = ss.compare(free, tied).steps[0].chisq_diff
    assert ss.wald_test(free, "a == b").statistic == pytest.approx(difference, rel=0.02)
    assert ss.score_test(tied).statistic == pytest.approx(difference, rel=0.02)


def test_an_added_parameter_has_its_modification_index(free):
    found = ss.score_test(free, add="visual =~ x9; x1 ~~ x7")
    indices = free.modification_indices()
    for row in found.tests:
        own = indices.query("lhs == @row['lhs'] and op == @row['op'] and rhs == @row['rhs']").iloc[0]
        assert row["chisq"] == pytest.approx(own["mi"], rel=1e-9)
        assert row["epc"] == pytest.approx(own["epc"], rel=1e-9)


def test_a_fixed_parameter_of_the_model_can_be_added(rows):
    fit = ss.cfa(MODEL + "\nvisual ~~ 0*speed", rows)
    found = ss.score_test(fit, add="visual ~~ speed")
    assert found.df == 1
    assert found.tests[0]["epc"] > 0.0


@pytest.mark.parametrize("release", [1, [1], "a == b", "a==b", "a", "visual=~x3", ["a", "b"]])
def test_ways_to_name_a_constraint(equal, release):
    found = ss.score_test(equal, release=release)
    assert len(found.table) == 1
    assert found.table["restriction"].iloc[0] == "a == b"


def test_changes_of_both_sides_and_of_all_parameters(equal):
    found = ss.score_test(equal, release="a")
    row = found.table.iloc[0]
    changes = found.changes.set_index("label")["epc"]
    assert row["epc_lhs"] == pytest.approx(changes["a"], rel=1e-12)
    assert row["epc_rhs"] == pytest.approx(changes["b"], rel=1e-12)
    second = ss.score_test(equal, release=2)
    assert second.table["epc_rhs"].iloc[0] == pytest.approx(2.0 * second.changes.set_index("label")["epc"]["d"])
    np.testing.assert_allclose(found.changes["epv"], found.changes["est"] + found.changes["epc"])


def test_releasing_everything_is_the_sum_only_where_constraints_are_apart(equal):
    both = ss.score_test(equal)
    assert both.df == 2
    assert both.statistic >= max(row["chisq"] for row in both.tests)


def test_a_redundant_constraint_has_nothing_to_release(rows):
    fit = ss.cfa(MODEL + "\na == b\nb == a", rows)
    found = ss.score_test(fit)
    assert found.df == 1
    assert found.table["df"].tolist() == [0, 0]
    assert found.table["chisq"].tolist() == pytest.approx([0.0, 0.0], abs=1e-8)


def test_wald_takes_definitions_and_functions(free):
    assert ss.wald_test(free, "ab == a*c").statistic == pytest.approx(ss.wald_test(free, "a*b == a*c").statistic)
    assert ss.wald_test(free, "a == b; b == a").df == 1
    single = ss.wald_test(free, "a == 0")
    row = free.estimates.query("label == 'a'").iloc[0]
    assert single.statistic == pytest.approx(row["z"] ** 2, rel=1e-10)
    assert single.p_value == pytest.approx(row["p_value"], rel=1e-8)


def test_wald_over_groups(rows):
    fit = ss.cfa("visual =~ x1 + c(a1, a2)*x2 + x3", rows, group="school", estimator="MLR")
    assert ss.wald_test(fit, "a1 == a2").df == 1


def test_they_work_after_json(equal, free):
    again = ss.SemResult.from_json(equal.to_json())
    assert ss.score_test(again).statistic == pytest.approx(ss.score_test(equal).statistic, rel=1e-10)
    again = ss.SemResult.from_json(free.to_json())
    assert ss.wald_test(again, "a == b").statistic == pytest.approx(ss.wald_test(free, "a == b").statistic, rel=1e-10)


def test_they_show_themselves(equal, free):
    assert "Wald test of a == b" in str(ss.wald_test(free, "a==b"))
    assert ss.wald_test(free, "a==b").to_dict()["df"] == 1
    found = ss.score_test(equal)
    assert "All together" in str(found)
    assert "<table>" in found._repr_html_()


def test_what_is_wrong_is_said(free, equal, rows):
    with pytest.raises(ModelError, match="no label 'q'") as caught:
        ss.wald_test(free, "a == q")
    assert caught.value.expected == "a, ab, b, c, d"
    with pytest.raises(ModelError, match="equality constraints only"):
        ss.wald_test(free, "a > b")
    with pytest.raises(ModelError, match="equality constraints only"):
        ss.wald_test(free, "visual =~ x9")
    with pytest.raises(ModelSyntaxError):
        ss.wald_test(free, "a == ")
    with pytest.raises(OptionError, match="are a text"):
        ss.wald_test(free, ["a == b"])
    with pytest.raises(DataError, match="no sampling variation"):
        ss.wald_test(equal, "a == b")
    with pytest.raises(DataError, match="no standard errors"):
        ss.wald_test(ss.cfa(MODEL, rows, se="none"), "a == b")
    with pytest.raises(DataError, match="no equality constraints"):
        ss.score_test(free)
    with pytest.raises(OptionError, match="two tests"):
        ss.score_test(equal, release=1, add="visual =~ x9")
    for wrong in (0, 3, True, "z", "a == c", None.__class__):
        with pytest.raises(OptionError, match="no equality constraint"):
            ss.score_test(equal, release=wrong)
    with pytest.raises(ModelError, match="free parameter already"):
        ss.score_test(free, add="visual =~ x2")
    with pytest.raises(ModelError, match="no variable 'x99'"):
        ss.score_test(free, add="visual =~ x99")
    with pytest.raises(ModelError, match="parameters only"):
        ss.score_test(free, add="a == b")

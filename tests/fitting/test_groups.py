"""Several groups: which rows belong to which, what is equal, what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import reference_cases as cases

import survey_sem as ss
from survey_sem.errors import DataError, MissingChoiceError, OptionError

MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"


@pytest.fixture
def rows() -> pd.DataFrame:
    return cases.rows("HolzingerSwineford1939.csv")


def test_groups_stand_in_the_order_of_the_data_and_labels_are_whole(rows):
    fit = ss.cfa(MODEL, rows, group="grade", missing="listwise")
    assert fit.group_labels == ("7", "8")
    assert "7.0" not in str(fit.summary())


def test_separate_fits_and_one_unrestricted_fit_agree(rows):
    together = ss.cfa(MODEL, rows, group="school", meanstructure=True)
    apart = [ss.cfa(MODEL, part, meanstructure=True) for _, part in rows.groupby("school", sort=False)]
    assert together.fit_measures["chisq"] == pytest.approx(sum(fit.fit_measures["chisq"] for fit in apart), rel=1e-9)
    assert together.fit_measures["logl"] == pytest.approx(sum(fit.fit_measures["logl"] for fit in apart), rel=1e-12)
    est = together.estimates
    for number, fit in enumerate(apart, 1):
        own = est[est["group"] == number]
        np.testing.assert_allclose(own["est"], fit.estimates["est"], atol=1e-6)
        np.testing.assert_allclose(own["se"], fit.estimates["se"], atol=1e-6)


def test_the_order_of_rows_and_of_groups_changes_no_number(rows):
    options = {"group": "school", "group_equal": ["loadings", "intercepts"]}
    one = ss.cfa(MODEL, rows, **options)
    other = ss.cfa(MODEL, rows.iloc[::-1].reset_index(drop=True), **options)
    assert one.group_labels == other.group_labels[::-1]
    assert one.fit_measures["chisq"] == pytest.approx(other.fit_measures["chisq"], rel=1e-8)
    loadings = [fit.estimates.query("op == '=~' and group == 1")["est"].to_numpy() for fit in (one, other)]
    np.testing.assert_allclose(*loadings, atol=1e-6)


def test_nested_restrictions_raise_chi_square_and_df(rows):
    ladder = [[], ["loadings"], ["loadings", "intercepts"], ["loadings", "intercepts", "residuals"]]
    fits = [ss.cfa(MODEL, rows, group="school", group_equal=equal) for equal in ladder]
    chisq, df = ([fit.fit_measures[name] for fit in fits] for name in ("chisq", "df"))
    assert chisq == sorted(chisq)
    assert df == [16.0, 20.0, 24.0, 30.0]


def test_groups_may_be_chosen_and_ordered(rows):
    fit = ss.cfa(MODEL, rows, group="agemo", group_label=["5", "3"])
    assert fit.group_labels == ("5", "3")
    assert [m.n_obs for m in fit.moments] == [int((rows["agemo"] == month).sum()) for month in (5, 3)]


def test_factor_scores_keep_the_rows_of_the_data(rows):
    rows.index = rows.index + 1000
    fit = ss.cfa(MODEL, rows, group="school")
    scores = fit.factor_scores()
    assert scores.index.equals(rows.index)
    pd.testing.assert_frame_equal(scores, fit.factor_scores(rows))
    with pytest.raises(DataError, match="which group"):
        fit.factor_scores(rows.drop(columns="school"))


def test_a_result_of_groups_round_trips(rows):
    fit = ss.cfa(MODEL, rows, group="school", group_equal="loadings")
    again = ss.SemResult.from_json(fit.to_json())
    pd.testing.assert_frame_equal(again.estimates, fit.estimates)
    assert again.group_labels == ("Pasteur", "Grant-White")
    assert again.factor_scores(rows).equals(fit.factor_scores())


def test_a_partly_missing_group_variable_is_a_choice(rows):
    rows["school"] = rows["school"].where(rows.index > 4)
    with pytest.raises(MissingChoiceError, match="5 rows have no value in the group variable"):
        ss.cfa(MODEL, rows, group="school")
    fit = ss.cfa(MODEL, rows, group="school", missing="listwise")
    assert fit.n_obs == len(rows) - 5
    assert "group-missing" in {warning.code for warning in fit.warnings}


@pytest.mark.parametrize("kind", ["category", "string", "Int64"])
def test_any_kind_of_group_column(rows, kind):
    column = "grade" if kind == "Int64" else "school"
    rows = rows.dropna(subset=[column])
    changed = rows.assign(**{column: rows[column].astype(kind)})
    plain = ss.cfa(MODEL, rows, group=column)
    assert ss.cfa(MODEL, changed, group=column).fit_measures == plain.fit_measures
    assert ss.cfa(MODEL, changed, group=column).group_labels == plain.group_labels


def test_what_is_wrong_with_groups_is_said(rows):
    with pytest.raises(DataError, match="no column 'schol'") as caught:
        ss.cfa(MODEL, rows, group="schol")
    assert "school" in caught.value.hint
    with pytest.raises(DataError, match="has 1 value"):
        ss.cfa(MODEL, rows[rows["school"] == "Pasteur"], group="school")
    with pytest.raises(DataError, match="fewer than two rows"):
        ss.cfa(MODEL, rows, group="id")
    with pytest.raises(DataError, match="no value Xavier"):
        ss.cfa(MODEL, rows, group="school", group_label=["Pasteur", "Xavier"])
    moments = ss.cfa(MODEL, rows).moments[0]
    with pytest.raises(OptionError, match="no rows to group"):
        ss.cfa(MODEL, moments, group="school")
    with pytest.raises(OptionError, match="holds Moments"):
        ss.cfa(MODEL, {"a": rows, "b": rows})


def test_a_negative_scaling_factor_is_a_reason_and_not_a_crash(rows):
    few = rows.sample(30, random_state=14).reset_index(drop=True)
    fit = ss.cfa("visual =~ x1 + x2 + x3\nspeed =~ x7 + x8 + x9", few, estimator="MLR")
    assert fit.converged
    assert "negative" in fit.not_applicable["chisq_scaled"]


def test_the_summary_counts_every_group(rows):
    text = str(ss.cfa(MODEL, rows, group="school").summary())
    assert [line.split() for line in text.splitlines() if line.startswith("    Pasteur")] == [["Pasteur", "156"]]
    assert "Group 2: Grant-White" in text


def test_starting_values_of_equal_intercepts_are_near(rows):
    """Latent means begin where equal loadings and intercepts put them, in the second group and in the fourth."""
    quarters = rows.assign(quarter=np.arange(len(rows)) % 4)
    quarters.loc[quarters["quarter"] == 3, ["x1", "x2", "x3", "x4", "x5", "x6"]] += 0.8
    fit = ss.cfa(MODEL, quarters, group="quarter", group_equal=["loadings", "intercepts"])
    assert fit.optimum["n_iterations"] <= 7

"""`ss.pool`: regressions against mice, models against their own pooled fit, pairs."""

from __future__ import annotations

import json
from math import inf

import numpy as np
import pandas as pd
import pytest
from reference_cases import FOLDER

import survey_sem as ss

IMPUTATION = FOLDER / "imputation"


def frames() -> list[pd.DataFrame]:
    data = pd.read_csv(IMPUTATION / "imp_bfi600_m5.csv.gz")
    return [part.assign(high=(part["A3"] > 4).astype(int)) for _, part in data.groupby(".imp")]


@pytest.mark.reference
@pytest.mark.parametrize(
    ("case", "formula", "family"),
    [
        ("ols", "C1 ~ A2 + A3*age", "gaussian"),
        ("logit", "high ~ C1 + age + C(gender)", "binomial"),
        ("poisson", "A1 ~ C1 + age", "poisson"),
    ],
)
def test_pooled_regressions_are_those_of_mice(case: str, formula: str, family: str):
    found = ss.pool([ss.regress(formula, frame, family=family) for frame in frames()])
    stored = json.loads((IMPUTATION / "pool_regressions.json").read_text("utf-8"))[case]
    assert len(found.names) == len(stored)
    frame = found.estimates
    for at, row in enumerate(stored):
        own = [*frame.loc[at, ["est", "df", "riv", "lambda", "fmi"]], frame.loc[at, "se"] ** 2]
        theirs = [row[name] for name in ("estimate", "df", "riv", "lambda", "fmi", "t")]
        # R's glm stops at a relative change in deviance of 1e-8
        assert own == pytest.approx(theirs, rel=1e-6)
    assert found.pooled.df_complete == stored[0]["dfcom"]


def test_tests_intervals_and_covariances():
    found = ss.pool([ss.regress("C1 ~ A2 + age", frame) for frame in frames()])
    frame = found.estimates.set_index("term")
    one = found.test("age")
    assert one.f == pytest.approx(frame.loc["age", "statistic"] ** 2)
    assert found.test(["A2", "age"]).df1 == 2.0
    assert np.sqrt(np.diag(found.vcov())) == pytest.approx(frame["se"].to_numpy())
    narrow = ss.pool([ss.regress("C1 ~ A2 + age", each) for each in frames()], ci_level=0.5, df_complete=10)
    assert (narrow.estimates["ci_upper"] < found.estimates["ci_upper"]).all()
    assert (narrow.estimates["df"] < 10).all()
    assert "5 imputations" in str(found)
    with pytest.raises(ss.SurveySemError, match="no term 'Age'"):
        found.test("Age")


def test_models_pool_as_in_one_call():
    model = "A =~ A1 + A2 + A3\nA ~ age"
    pooled = ss.pool([ss.sem(model, frame) for frame in frames()])
    assert isinstance(pooled, ss.SemResult)
    pd.testing.assert_frame_equal(pooled.estimates, ss.sem(model, frames()).estimates)
    other = ss.pool([ss.sem(model, frame) for frame in frames()], pool_test="D2")
    assert other.options["pool_test"] == "D2"


def test_pairs_of_estimates_and_covariances():
    pairs = [(pd.Series({"a": 1.0 + k, "b": 2.0}), np.eye(2)) for k in range(3)]
    found = ss.pool(pairs)
    assert found.names == ("a", "b")
    assert found.estimates.loc[0, "se"] == pytest.approx(np.sqrt(1.0 + 4.0 / 3.0))
    assert found.estimates.loc[1, "df"] == inf


@pytest.mark.parametrize(
    ("fits", "code"),
    [
        ([], "too-few-imputations"),
        ("fits", "too-few-imputations"),
        ([1, 2], "bad-fits"),
        ([(pd.Series({"a": 1.0}), [[1.0]]), (pd.Series({"b": 1.0}), [[1.0]])], "different-models"),
        ([(pd.Series({"a": 1.0}), [[1.0]]), (pd.Series({"a": np.nan}), [[1.0]])], "not-finite"),
    ],
)
def test_what_cannot_be_pooled_is_said(fits, code):
    with pytest.raises(ss.SurveySemError) as caught:
        ss.pool(fits)
    assert caught.value.code == code


def test_a_level_is_one():
    with pytest.raises(ss.SurveySemError, match="level"):
        ss.pool([(pd.Series({"a": 1.0}), [[1.0]])] * 2, ci_level=5)


def test_other_models_are_not_pooled():
    one, two = frames()[:2]
    with pytest.raises(ss.SurveySemError, match="fit 2 has other coefficients"):
        ss.pool([ss.regress("C1 ~ A2", one), ss.regress("C1 ~ A3", two)])
    with pytest.raises(ss.SurveySemError, match="fit 2 has other coefficients"):
        ss.pool([ss.cfa("f =~ A1 + A2 + A3", one), ss.cfa("f =~ A1 + A3 + A2", two)])

"""Little's test: exact from maximum likelihood moments, and what it says of data it cannot test."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import FOLDER

import survey_sem as ss

IMPUTATION = FOLDER / "imputation"
X = [f"x{k}" for k in range(1, 10)]
LAVAAN = {
    "hs_mcar": ("hs_mcar.csv", X),
    "hs_mar": ("hs_mar.csv", X),
    "hs_mar_with_ageyr": ("hs_mar.csv", [*X, "ageyr"]),
    "nhanes": ("mice_nhanes.csv", ["age", "bmi", "hyp", "chl"]),
}


@pytest.mark.reference
@pytest.mark.parametrize("case", list(LAVAAN))
def test_statistic_from_lavaans_moments(case: str):
    stored = json.loads((IMPUTATION / "mi_little_mcar.json").read_text("utf-8"))["result"][case]
    name, columns = LAVAAN[case]
    found = ss.little_test(pd.read_csv(FOLDER / "data" / name), columns)
    assert found.chisq == pytest.approx(stored["chisq"], rel=1e-8)  # lavaan's EM stopped there
    assert (found.df, found.n_patterns) == (stored["df"], stored["patterns"])
    assert found.p_value == pytest.approx(stored["p"], rel=1e-6)
    assert found.means.to_dict() == pytest.approx(stored["mean"], rel=1e-8)


@pytest.mark.reference
@pytest.mark.parametrize("case", ["airquality", "factor", "monotone"])
def test_statistic_from_a_long_em(case: str):
    stored = json.loads((IMPUTATION / "little.json").read_text("utf-8"))[case]
    found = ss.little_test(pd.read_csv(IMPUTATION / f"little_{case}.csv"))
    assert [found.chisq, found.df, found.p_value] == pytest.approx([stored[k] for k in ("chisq", "df", "p")], rel=1e-7)
    assert found.n_patterns == stored["patterns"]


def gaps(n: int = 4000, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((n, 3)) + 0.7 * rng.standard_normal((n, 1))
    frame = pd.DataFrame(values, columns=["a", "b", "c"])
    frame.loc[rng.random(n) < 0.2, "b"] = np.nan
    frame.loc[rng.random(n) < 0.1, "c"] = np.nan
    return frame


def test_effect_sizes_say_what_depends_on_what():
    frame = gaps()
    none = ss.little_test(frame)
    assert none.p_value > 0.001
    assert none.largest_difference < 0.2
    frame.loc[frame["a"] > 0.8, "b"] = np.nan
    some = ss.little_test(frame)
    assert some.p_value < 1e-100
    assert some.rmsea > 0.2
    first = some.differences.iloc[0]
    assert (first["variable"], first["missing"]) == ("a", "b")
    direct = frame.loc[frame["b"].isna(), "a"].mean() - frame.loc[frame["b"].notna(), "a"].mean()
    assert first["difference"] == pytest.approx(direct / frame["a"].std(ddof=0))
    assert first["n_missing"] == frame["b"].isna().sum()
    assert "p < .001" in repr(some)
    assert list(some.to_frame().columns)[:3] == ["chisq", "df", "p_value"]


def test_the_order_of_rows_and_variables_and_their_units_do_not_matter():
    frame = gaps(500)
    other = frame.sample(frac=1.0, random_state=1)[["c", "a", "b"]] * [100.0, 0.01, -3.0] + [5.0, 0.0, 7.0]
    assert ss.little_test(other).chisq == pytest.approx(ss.little_test(frame).chisq, rel=1e-8)


def test_the_test_keeps_its_level():
    rejected = np.mean([ss.little_test(gaps(400, seed)).p_value < 0.05 for seed in range(100)])
    assert 0.0 < rejected <= 0.115  # three standard errors of 100 tests at .05


def test_columns_without_numbers_and_items_that_were_not_asked_are_left_out():
    frame = gaps(300).assign(text="x", kind=pd.Categorical(["u", "v", "w"] * 100), same=1.0)
    asked = {"c": frame["c"].isna().to_numpy()}
    found = ss.little_test(frame, not_asked=asked)
    assert list(found.means.index) == ["a", "b"]
    assert [warning.code for warning in found.warnings] == ["left-out", "left-out"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pd.DataFrame({"a": [1.0, 2, 3], "b": [2.0, 2, 1]}), "nothing-missing"),
        (pd.DataFrame({"a": [1.0, 2, 3, np.nan], "b": [2.0, 2, 1, np.nan]}), "nothing-missing"),
        (pd.DataFrame({"a": [1.0, 2, np.nan, np.nan], "b": [np.nan, np.nan, 1.0, 2.0]}), "no-df"),
        (pd.DataFrame({"a": ["x", "y"]}), "no-usable-columns"),
        (pd.DataFrame({"a": [1.0, 2, 3, 4, np.nan], "b": [1.0, 2, 3, 4, 5]}), "covariance-singular"),
        (pd.DataFrame({"a": [1.0, 2, 3, np.nan], "b": [1.0, 2, 3, 4], "c": [2.0, 4, 6, 8]}), "saturated-not-converged"),
        (pd.DataFrame({"a": [1.0, np.inf, np.nan]}), "infinite-values"),
        ([1, 2], "bad-data"),
    ],
)  # fmt: skip
def test_what_cannot_be_tested_is_said(frame: Any, code: str):
    with pytest.raises(ss.SurveySemError) as caught:
        ss.little_test(frame)
    assert caught.value.code == code


@pytest.mark.parametrize(("items", "code"), [(["zz"], "unknown-variable"), (["text"], "not-numeric")])
def test_named_items_must_be_there(items: list[str], code: str):
    with pytest.raises(ss.SurveySemError) as caught:
        ss.little_test(gaps(50).assign(text="x"), items)
    assert caught.value.code == code

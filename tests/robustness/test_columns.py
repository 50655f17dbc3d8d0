"""Whatever kind of column a name leads to, wherever a name is taken: an answer or an error in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss

N = 60
AT = np.arange(N)
MODEL = "f =~ x1 + x2 + x3"
SHARES = {"1": 0.5, "2": 0.5}
NOT_CLASSES: dict[str, Any] = {
    "lists": [[1, 2]] * N,
    "a list": [[1]] + [1.0] * (N - 1),
    "mappings": [{"a": 1}] * N,
    "arrays": [np.ones(2)] * N,
}
OTHERS: dict[str, Any] = {
    "numbers in an object column": [float(k % 2 + 1) for k in AT],
    "decimals": [Decimal(int(k % 2 + 1)) for k in AT],
    "numbers and NA": [pd.NA if k % 9 == 0 else int(k % 2 + 1) for k in AT],
    "numbers and text": [1 if k % 2 else "1" for k in AT],
    "numbers and dates": [1 if k % 2 else date(2026, 1, 1) for k in AT],
    "a giant": [10**400] + [1] * (N - 1),
    "blanks": [""] * N,
}
SERIES = {
    "nullable text": pd.Series([f"s{k % 3}" for k in AT], dtype="string"),
    "nullable text with NA": pd.Series([None if k % 9 == 0 else f"s{k % 3}" for k in AT], dtype="string"),
    "arrow text": pd.Series([f"s{k % 3}" for k in AT], dtype="string[pyarrow]"),
    "arrow numbers": pd.Series(AT % 2 + 1, dtype="int64[pyarrow]"),
    "nullable truth": pd.Series([None if k % 9 == 0 else bool(k % 2) for k in AT], dtype="boolean"),
    "category that is empty": pd.Series(pd.Categorical([None] * N, categories=["a"])),
    "periods": pd.Series(pd.period_range("2020-01", periods=N, freq="D")),
    "infinite": pd.Series(np.where(AT == 3, np.inf, AT % 2 + 1.0)),
    "1e300": pd.Series((AT % 2 + 1) * 1e300),
    "1e-300": pd.Series((AT % 2 + 1) * 1e-300),
    "zeros": pd.Series(np.zeros(N)),
    "half precision": pd.Series((AT % 2 + 1).astype(np.float16)),
}
CLASSES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "cluster of a model": lambda data: ss.sem(MODEL, data, cluster="bad"),
    "group of a model": lambda data: ss.sem(MODEL, data, group="bad"),
    "strata": lambda data: ss.design(data, "w", strata="bad", psu="psu"),
    "by": lambda data: ss.design(data, "w").mean("y", by="bad"),
    "groups": lambda data: ss.compare_groups(data, "y", "bad", missing="listwise"),
    "targets": lambda data: ss.rake(data, {"bad": SHARES}),
    "cells": lambda data: ss.adjust_nonresponse(data, "answered", cells="bad"),
    "propensity": lambda data: ss.adjust_nonresponse(data, "answered", propensity="bad"),
    "groups of an imputation": lambda data: ss.impute(data, 2, cycles=1, seed=1, items=["x1", "x2"], by="bad"),
    "device": lambda data: ss.screen(data, ["x1", "x2", "x3"], ip="bad"),
    "cluster of a regression": lambda data: ss.regress("y ~ x1", data, cluster="bad", missing="listwise"),
    "cluster of a prediction": lambda data: ss.predictive_power("y ~ C(bad)", data, folds=2, cluster="bad"),
    "categories": lambda data: ss.regress("y ~ C(bad)", data, missing="listwise"),
    "answers": lambda data: ss.regress("bad ~ x1", data, family="multinomial", missing="listwise"),
    "an answer": lambda data: ss.regress("bad ~ x1", data, family="logit", missing="listwise"),
}
NUMBERS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "weights": lambda data: ss.sem(MODEL, data, weights="bad"),
    "weights of a design": lambda data: ss.design(data, "bad").mean("y"),
    "weights to rake": lambda data: ss.rake(data, {"sex": {"f": 0.5, "m": 0.5}}, "bad"),
    "fpc": lambda data: ss.design(data, "w", psu="psu", fpc="bad").mean("y"),
    "item": lambda data: ss.sem("f =~ x1 + x2 + bad", data, missing="fiml"),
    "items": lambda data: ss.little_test(data, ["x1", "x2", "bad"]),
    "screened": lambda data: ss.screen(data, ["x1", "x2", "bad"]),
    "total": lambda data: ss.calibrate(data, {"bad": 100.0}),
    "mean": lambda data: ss.design(data, "w").mean("bad", missing="listwise"),
    "compared": lambda data: ss.compare_groups(data, "bad", "sex", missing="listwise"),
    "response": lambda data: ss.regress("bad ~ x1", data, missing="listwise"),
    "counts": lambda data: ss.regress("bad ~ x1", data, family="poisson", missing="listwise"),
    "median": lambda data: ss.regress("bad ~ x1", data, family="quantile", missing="listwise"),
    "predictor": lambda data: ss.regress("y ~ x1 + bad", data, missing="listwise"),
}


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    factor = rng.normal(size=N)
    data = pd.DataFrame({name: factor + rng.normal(size=N) for name in ("x1", "x2", "x3", "y")})
    return data.assign(w=1.0 + AT % 3, psu=AT // 4, sex=np.where(AT % 2, "f", "m"), answered=(AT % 4 > 0) * 1)


def columns() -> dict[str, pd.Series[Any]]:
    return {name: pd.Series(each, dtype=object) for name, each in (NOT_CLASSES | OTHERS).items()} | SERIES


@pytest.mark.parametrize("place", [*CLASSES, *NUMBERS])
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_an_answer_or_an_error_in_words(place: str) -> None:
    ask = (CLASSES | NUMBERS)[place]
    for kind, column in columns().items():
        data = rows().assign(bad=column)
        try:
            ask(data)
        except ss.SurveySemError as error:
            assert str(error), kind
        else:
            assert kind not in NOT_CLASSES, kind
    twice = pd.concat([rows().assign(bad=1.0), rows()[["y"]].rename(columns={"y": "bad"})], axis=1)
    with pytest.raises(ss.SurveySemError, match="bad"):
        ask(twice)


@pytest.mark.parametrize("kind", ["nullable text", "arrow text"])
def test_text_of_every_kind_is_the_same_category(kind: str) -> None:
    plain = ss.regress("y ~ bad", rows().assign(bad=SERIES[kind].to_numpy(dtype=object)))
    other = ss.regress("y ~ bad", rows().assign(bad=SERIES[kind]))
    pd.testing.assert_frame_equal(plain.estimates, other.estimates)


@pytest.mark.parametrize("kind", ["numbers in an object column", "decimals", "arrow numbers"])
def test_numbers_of_every_kind_are_numbers(kind: str) -> None:
    plain, data = rows().assign(bad=AT % 2 + 1.0), rows().assign(bad=columns()[kind])
    pd.testing.assert_frame_equal(ss.regress("y ~ bad", plain).estimates, ss.regress("y ~ bad", data).estimates)
    expected = ss.design(plain, "bad").mean("y").to_frame()
    pd.testing.assert_frame_equal(ss.design(data, "bad").mean("y").to_frame(), expected)


def test_predictions_know_no_other_categories() -> None:
    fit = ss.regress("y ~ sex", rows())
    with pytest.raises(ss.SurveySemError, match="was not fitted to"):
        fit.predict(pd.DataFrame({"sex": ["x"]}))
    with pytest.raises(ss.SurveySemError, match="no column 'sex'"):
        fit.predict(pd.DataFrame({"six": ["f"]}))


def test_effects_of_no_predictor_are_refused() -> None:
    with pytest.raises(ss.SurveySemError, match="no predictor"):
        ss.regress("y ~ 1", rows()).margins()


@pytest.mark.parametrize(
    "ask",
    [
        lambda data: ss.design(data).mean("name"),
        lambda data: ss.design(data).chisq("sex", "name"),
        lambda data: ss.adjust_nonresponse(data, "answered", propensity="name"),
        lambda data: ss.regress("y ~ name", data),
        lambda data: ss.regress("y ~ C(number)", data),
    ],
)
def test_names_of_persons_are_no_classes(ask: Callable[[pd.DataFrame], Any]) -> None:
    data = pd.concat([rows()] * 12, ignore_index=True)
    with pytest.raises(ss.SurveySemError, match="too many for classes"):
        ask(data.assign(name=[f"p{k}" for k in data.index], number=np.arange(len(data))))

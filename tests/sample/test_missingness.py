"""Diagnostics of missing answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.sample import Flow, Sample


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "a": [1.0, 2, 3, 4, np.nan, 6],
            "b": [1.0, np.nan, 3, 4, np.nan, 6],
            "c": ["x", None, "y", None, None, "z"],
        }
    )


def test_rates_patterns_and_coverage():
    found = ss.missing(frame(), scales={"ab": ["a", "b"]})
    assert found.items.set_index("item")["rate"].to_dict() == pytest.approx({"a": 1 / 6, "b": 2 / 6, "c": 0.5})
    assert found.rate == pytest.approx(6 / 18)
    assert found.complete == 3
    assert found.is_monotone
    assert found.n_patterns == 4
    assert found.patterns.loc[0, ["n", "a", "b", "c"]].tolist() == [3, "answered", "answered", "answered"]
    assert found.persons["persons"].tolist() == [3, 1, 1, 1]
    assert found.scales.loc[0, ["rate", "persons_incomplete", "persons_without"]].tolist() == pytest.approx(
        [0.25, 1 / 3, 1 / 6]
    )
    assert found.coverage().loc["b", "c"] == pytest.approx(3 / 6)
    assert np.diag(found.coverage()) == pytest.approx([5 / 6, 4 / 6, 3 / 6])
    assert "monotone" in repr(found)
    assert "c" in str(found)


def test_what_was_not_asked_is_no_missing_answer():
    routed = frame()["c"].isna().to_numpy()
    found = ss.missing(frame(), not_asked={"c": routed})
    row = found.items.set_index("item").loc["c"]
    assert (row["asked"], row["missing"], row["not_asked"], row["rate"]) == (3, 0, 3, 0.0)
    assert found.complete == 4
    assert "not asked" in set(found.patterns["c"])


def test_a_sample_knows_why_answers_are_absent():
    absent = pd.DataFrame({"a": [0, 0, 0, 0, 3, 0], "b": [0, 1, 0, 0, 4, 0]}, dtype="int8")
    found = ss.missing(Sample(frame(), Flow(), (), absent=absent)).items.set_index("item")
    assert found.loc["a", "dontknow"] == 1
    assert found.loc["b", ["not_asked", "refused", "asked"]].tolist() == [1, 1, 5]
    assert found.loc["c", "nonresponse"] == 3


def test_a_pattern_that_is_not_monotone():
    found = ss.missing(pd.DataFrame({"a": [1, None, 2], "b": [None, 1, 2]}))
    assert not found.is_monotone


def test_figures():
    found = ss.missing(frame())
    for kind in ("rates", "patterns"):
        assert found.draw(kind, title="Missing").startswith("<svg")
        assert found.draw(kind) == found.draw(kind)
    imputed = ss.impute(frame()[["a", "b"]].assign(d=[1, 2, 3, 4, 5, 7]), m=2, cycles=3, seed=1)
    assert imputed.draw("a").startswith("<svg")
    assert imputed.draw(["a", "b"], title="Traces") == imputed.draw(title="Traces")
    with pytest.raises(ss.SurveySemError, match="nothing was imputed in 'd'"):
        imputed.draw("d")
    with pytest.raises(ss.SurveySemError, match="no figure"):
        found.draw("pie")


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (frame(), {"items": ["zz"]}, "unknown-variable"),
        (frame(), {"items": []}, "no-usable-columns"),
        (frame(), {"scales": {"s": ["q"]}}, "unknown-variable"),
        (frame().head(0), {}, "no-rows"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, "duplicate-column"),
        (3, {}, "bad-data"),
    ],
)
def test_what_cannot_be_diagnosed_is_said(data, options, code):
    with pytest.raises(ss.SurveySemError) as caught:
        ss.missing(data, **options)
    assert caught.value.code == code


@pytest.mark.parametrize("items", [3, True])
def test_items_are_names(items: object) -> None:
    with pytest.raises(ss.SurveySemError, match="items is not a name"):
        ss.missing(pd.DataFrame({"a": [1.0, None]}), items)
    with pytest.raises(ss.SurveySemError, match="items is not a name"):
        ss.little_test(pd.DataFrame({"a": [1.0, None]}), items)
    with pytest.raises(ss.SurveySemError, match="items is not a name"):
        ss.little_test(pd.DataFrame({"a": [1.0, None]}), [])


@pytest.mark.parametrize("wrong", [None, 3, pd.Series([1.0, 0.0])])
def test_nonresponse_takes_names(wrong: object) -> None:
    rows = pd.DataFrame({"answered": [1, 0], "g": ["a", "a"]})
    for call in ({"responded": wrong, "cells": "g"}, {"responded": "answered", "cells": wrong}):
        with pytest.raises(ss.SurveySemError) as caught:
            ss.adjust_nonresponse(rows, **call)
        assert caught.value.code == "wrong-type"


@pytest.mark.parametrize("option", [{"nest": "yes"}, {"nest": pd.NA}, {"lonely_psu": pd.Series([1])}])
def test_design_options(option: dict[str, object]) -> None:
    with pytest.raises(ss.SurveySemError):
        ss.design(pd.DataFrame({"y": [1.0, 2.0]}), **option)


def test_paths_are_of_a_result() -> None:
    with pytest.raises(ss.SurveySemError, match="result of sem"):
        ss.path_differences(3)

"""The weighting of a study: read from YAML, carried out, each stage a step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey_sem as ss
from survey_sem.errors import DataError, StudyError
from survey_sem.instrument.model import Design, Target
from survey_sem.instrument.model import Weighting as InstrumentWeighting
from survey_sem.instrument.strict_yaml import read_yaml
from survey_sem.sample.weighting import (
    NonresponsePlan,
    TrimPlan,
    WeightingPlan,
    plan_variables,
    read_weighting_plan,
    weigh,
    weigh_design,
)

INSTRUMENT = InstrumentWeighting(
    "rake",
    (Target("sex", {1: 0.5, 2: 0.5}, "census 2020"), Target("age", {"young": 0.4, "old": 0.6}, "census 2020")),
    (0.2, 5.0),
)


def read(text: str, tmp_path: Path) -> WeightingPlan:
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    return read_weighting_plan(read_yaml(tmp_path / "plan.yaml"), tmp_path)


def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "sex": pd.array(random.integers(1, 3, 500), dtype="Int64"),
            "age": random.choice(["young", "old"], 500, p=[0.7, 0.3]),
            "w": random.uniform(1, 2, 500),
            "done": random.integers(0, 2, 500),
        }
    )


def test_a_whole_plan(tmp_path: Path) -> None:
    (tmp_path / "margins.csv").write_text(
        "variable,category,share,source\nsex,1,0.5,census\nsex,2,0.5,census\n", encoding="utf-8"
    )
    plan = read(
        """
        weight: w
        nonresponse: {responded: done, cells: [age], collapse: adjacent, least_respondents: 10, greatest_factor: 4}
        calibration: {method: logit, bounds: [0.3, 3], targets: margins.csv, total: 1000}
        trim: {upper: 1.4, unit: mean}
        """,
        tmp_path,
    )
    assert plan_variables(plan) == ("w", "done", "age")
    found = weigh(frame(), plan)
    assert found is not None
    assert [step.name for step in found.steps] == [
        "base-weights", "adjust-nonresponse", "calibrate-weights", "trim-weights",
    ]  # fmt: skip
    assert found.method == "base+nonresponse-cells+logit+trim"
    assert found.base.to_numpy() == pytest.approx(frame()["w"].to_numpy())
    assert (found.weights[frame()["done"] == 0] == 0).all() and found.weights.sum() == pytest.approx(1000)
    margins = found.to_frame()
    np.testing.assert_allclose(
        margins["after"], found.weights.groupby(frame()["sex"]).sum()
    )  # as they are after trimming
    assert set(margins["source"]) == {"census"}


def test_what_the_instrument_asks_for() -> None:
    data = frame()
    found = weigh(data, None, INSTRUMENT, Design(weight="w"))
    assert found is not None and found.method == "base+rake" and found.bounds == (0.2, 5.0)
    np.testing.assert_allclose(found.to_frame()["after_share"], [0.5, 0.5, 0.4, 0.6], rtol=1e-9)
    assert found.weights.sum() == pytest.approx(data["w"].sum())
    assert weigh(data, WeightingPlan(calibration=None), INSTRUMENT) is None
    assert weigh(data) is None


def test_a_design_knows_of_its_weighting() -> None:
    data = frame().assign(psu=lambda rows: rows.index % 25)
    plan = WeightingPlan(nonresponse=NonresponsePlan("done", cells=("sex",)), trim=TrimPlan(upper=2.5, unit="mean"))
    found = weigh_design(ss.design(data, weights="w", psu="psu"), plan, INSTRUMENT)
    alone = weigh(data, plan, INSTRUMENT, Design(weight="w"))
    assert found.weighting is not None and alone is not None
    np.testing.assert_allclose(found.weights, alone.weights)
    assert [step.name for step in found.weighting.steps] == [step.name for step in alone.steps]
    assert len(found.adjustments) == 1 and "base+nonresponse-cells+rake+trim" in repr(found)
    assert found.mean("w").n[0] == data["done"].sum()
    share = weigh_design(ss.design(data, weights="w", psu="psu"), None, INSTRUMENT).mean("age")
    np.testing.assert_allclose(np.sqrt(np.diag(share.cov)), 0.0, atol=1e-3)  # what was raked to is known


@pytest.mark.parametrize("kind", ["cells", "propensity"])
def test_replicates_are_adjusted_for_nonresponse(kind: str) -> None:
    data = frame().assign(psu=lambda rows: rows.index % 25)
    design = ss.design(data, weights="w", psu="psu").as_replicates("JK1")
    found = design.adjust_nonresponse("done", **{kind: ["sex", "age"]})
    assert found.replicates is not None and design.replicates is not None
    groups = [data["sex"], data["age"]]
    for which in (0, 7):
        new = pd.Series(found.replicates.weights(found.weights, which))
        old = pd.Series(design.replicates.weights(design.weights, which))
        assert new[data["done"] == 0].sum() == 0 and new.sum() == pytest.approx(old.sum())
        if kind == "cells":
            np.testing.assert_allclose(new.groupby(groups).sum(), old.groupby(groups).sum())
    assert found.mean("w").cov.shape == (1, 1)


def test_margins_that_trimming_moves_are_said() -> None:
    found = weigh(frame(), WeightingPlan(trim=TrimPlan(upper=1.2, unit="mean")), INSTRUMENT)
    assert found is not None and found.notes[-1].code == "margins-moved"
    assert "age = " in found.notes[-1].what


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("trims: {upper: 3}", "unknown-key"),
        ("trim: {}", "missing-option"),
        ("trim: {lower: 3, upper: 2}", "bad-bounds"),
        ("trim: {upper: 3, unit: sd}", "unknown-value"),
        ("nonresponse: {responded: done}", "missing-option"),
        ("nonresponse: {cells: age}", "missing-key"),
        ("nonresponse: {responded: done, cells: age, greatest_factor: 1}", "wrong-value"),
        ("calibration: raking", "wrong-type"),
        ("calibration: {method: logit, targets: a.csv}", "missing-key"),
        ("calibration: {method: rake}", "missing-key"),
        ("calibration: {bounds: [1, 2], targets: a.csv}", "bad-bounds"),
        ("calibration: {targets: a.csv, total: 0}", "wrong-value"),
    ],
)
def test_plans_are_refused(text: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError) as problem:
        read(text, tmp_path)
    assert problem.value.code == code and "plan.yaml:1" in str(problem.value.where)


def test_a_variable_that_is_not_there() -> None:
    with pytest.raises(DataError) as problem:
        weigh(frame(), WeightingPlan(weight="pw"))
    assert problem.value.code == "unknown-variable"

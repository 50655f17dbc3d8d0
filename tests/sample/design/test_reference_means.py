"""Means, totals, ratios, variances and groups equal those of R's survey."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from survey_designs import close, designed, rows, stored

import survey_sem as ss

STORED = stored("means")

pytestmark = pytest.mark.reference


@pytest.mark.parametrize("name", list(STORED["means"]))
def test_means(name: str) -> None:
    expected = STORED["means"][name]
    design = designed(name.removesuffix("_subset"))
    x, by, factor = ["api00", "enroll"], ["stype", "sch.wide"], "stype"
    if name == "nhanes":
        design = design.subset(design.data["HI_CHOL"].notna())
        design = design.assign(race=pd.Categorical(design.data["race"]))
        x, by, factor = ["HI_CHOL", "RIAGENDR"], ["race", "agecat"], "race"
    if name.endswith("_subset"):
        design = design.subset((design.data["comp.imp"] == "Yes") & (design.data["api99"] > 550))
        x, by, factor = ["api00", "ell"], ["stype"], "awards"
    assert [design.degrees_of_freedom] == expected["degf"]
    for what, found in {
        "mean": design.mean(x, missing="drop"),
        "mean_replace": design.mean(x, missing="drop", deff="replace"),
        "total": design.total(x, missing="drop"),
        "share": design.mean(factor),
    }.items():
        close(found.estimate, expected[what]["estimate"])
        close(found.cov, expected[what]["vcov"])
        close(found.deff, expected[what]["deff"])
    count, ratio, variance = design.total(factor), design.ratio(x[0], x[1], missing="drop"), design.variance(x[0])
    for what, found in {"count": count, "ratio": ratio, "variance": variance}.items():
        close(found.estimate, np.ravel(expected[what]["estimate"]))
        close(found.cov, expected[what]["vcov"])
    groups = design.mean(x[0], by=by)
    order = groups.labels.sort_values(by[::-1], kind="stable").index  # R's first group runs fastest
    for what, found in {"by": groups, "by_total": design.total(x[0], by=by)}.items():
        close(found.estimate[order], expected[what]["estimate"])
        close(found.cov[np.ix_(order, order)], expected[what]["vcov"])
    close(groups.deff[order], expected["by"]["deff"])
    assert groups.labels.loc[order, by[0]].astype(str).tolist() == [str(g[by[0]]) for g in expected["by"]["groups"]]


@pytest.mark.parametrize("policy", list(STORED["lonely"]))
def test_lonely_units(policy: str) -> None:
    data = rows("apistrat")
    data = data[(data["stype"] != "H") | ~data["stype"].duplicated()]
    design = ss.design(data, weights="pw", strata="stype", fpc="fpc", lonely_psu=policy)
    for what, found in {"mean": design.mean(["api00", "enroll"]), "total": design.total(["api00", "enroll"])}.items():
        close(found.estimate, STORED["lonely"][policy][what]["estimate"])
        close(found.cov, STORED["lonely"][policy][what]["vcov"])

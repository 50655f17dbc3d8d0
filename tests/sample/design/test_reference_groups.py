"""Groups, their own degrees of freedom, pairs of units and stages equal those of R's survey."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from survey_designs import close, designed, stored

import survey_sem as ss

STORED = stored("groups")
T_QUANTILE = 1e-8
"""Quantiles of t have nine digits in scipy 1.11 and more in later ones; the limits of a quantile magnify them."""
ITERATED = 1e-7
"""R finds a logit by iteration, and stops eight digits in."""

pytestmark = pytest.mark.reference


def grouped(name: str) -> tuple[ss.SurveyDesign, str]:
    design = designed(name.removesuffix("_jkn"))
    design = design.assign(high=design.data["api00"] > 650)
    return (
        design.as_replicates("JKn") if name.endswith("_jkn") else design
    ), "comp.imp" if name == "clus1" else "stype"


@pytest.mark.parametrize("name", list(STORED["groups"]))
def test_every_group_has_its_own_degrees_of_freedom(name: str) -> None:
    design, by = grouped(name)
    expected = STORED["groups"][name]
    found = design.quantile("meals", [0.4, 0.7], by=by, rule="hf7")
    n_groups = len(found.estimate) // 2
    close(found.estimate.reshape(n_groups, 2).T.ravel(), expected["quantile"]["estimate"])
    se = np.array(expected["quantile"]["se"], dtype=float)  # unknown where the share leaves its bounds
    np.testing.assert_allclose(found.se.reshape(n_groups, 2).T.ravel(), se, rtol=T_QUANTILE)
    for method in ("logit", "xlogit", "beta", "mean"):
        shares = design.proportion("high", by=by, interval=method)
        close(shares.interval, expected[method], ITERATED if method == "logit" else T_QUANTILE)
        level = shares.labels[by].iloc[0]
        alone = design.subset(design.data[by] == level).proportion("high", interval=method)
        np.testing.assert_allclose(shares.interval[0], alone.interval[0])
        assert shares.to_frame()["df"].iloc[0] == alone.df
    means = design.mean("api00", by=by)
    contrast = means.contrast(dict(zip(means.names, (1, -0.5, -0.5), strict=False)))
    close([contrast.estimate[0], contrast.se[0]], expected["contrast"])


def test_no_limit_where_the_share_leaves_its_bounds() -> None:
    rows = designed("clus1").data.iloc[:12]
    design = ss.design(rows, weights="pw")
    found, expected = design.quantile("api00", [0.05, 0.5, 0.95], rule="hf7"), STORED["open"]
    close(found.estimate, expected["estimate"])
    np.testing.assert_allclose(found.interval, np.array(expected["limits"], dtype=float), rtol=T_QUANTILE)
    np.testing.assert_allclose(found.se, np.array(expected["se"], dtype=float), rtol=T_QUANTILE)
    assert "no limit where" in repr(found)
    known = found.contrast({"0.5": 1})
    np.testing.assert_allclose(known.se, found.se[1])
    unknown = found.contrast({"0.95": 1, "0.5": -1})
    assert np.isfinite(unknown.estimate).all() and np.isnan(unknown.se).all()


@pytest.mark.parametrize("case", STORED["halves"], ids=lambda case: f"{case['kind'][0]}-{len(case['sizes'])}")
def test_balanced_half_samples(case: dict[str, Any]) -> None:
    rows = pd.DataFrame(case["rows"])
    rho = {"fay_rho": 0.4} if case["kind"] == ["Fay"] else {}
    design = ss.design(rows, weights="w", strata="stratum", psu="unit").as_replicates(case["kind"][0], **rho)
    assert design.replicates is not None and [design.replicates.n_replicates] == case["n"]
    close(design.ratio("y", "z").se, case["ratio"])
    close(design.variance("y").se, case["variance"])
    close(design.mean(["y", "z"]).cov, case["mean"]["vcov"])


@pytest.mark.parametrize("policy", list(STORED["stages"]["policies"]))
def test_three_stages_with_strata_at_the_second(policy: str) -> None:
    rows = pd.DataFrame(STORED["stages"]["rows"])
    expected = STORED["stages"]["policies"][policy]
    design = ss.design(
        rows,
        weights="w",
        strata=["s1", "s2"],
        psu=["u1", "u2", "u3"],
        fpc=["N1", "N2", "N3"],
        lonely_psu=policy,  # type: ignore[arg-type]
    ).subset(rows["inside"] == 1)
    assert [design.degrees_of_freedom] == expected["degf"]
    mean, total, by = design.mean(["y", "z", "g"]), design.total(["y", "g"]), design.total("y", by="g")
    for what, found in {"mean": mean, "total": total, "by": by}.items():
        close(found.estimate, expected[what]["estimate"])
        close(found.cov, expected[what]["vcov"])
    ratio = design.ratio(["y", "z"], ["z", "y"])
    column_major = [0, 2, 1, 3]
    close(ratio.estimate[column_major], np.ravel(expected["ratio"]["estimate"]))
    close(ratio.se[column_major], expected["ratio"]["se"])


def test_a_group_that_is_empty_in_a_replicate_has_no_standard_error() -> None:
    """Leaving the replicate out, as survey does, would make the group's variance too small."""
    design = designed("clus1_nofpc")
    rare = design.data["dnum"].where(design.data["dnum"] == 61, 0)  # a single sampling unit
    groups = design.assign(rare=rare).as_replicates("JK1").mean("api00", by="rare")
    others = design.subset(rare == 0).as_replicates("JK1").mean("api00")
    assert np.isnan(groups.se[1]) and np.isfinite(groups.estimate).all()
    np.testing.assert_allclose(groups.se[0], others.se[0])
    assert "no standard errors where a group is empty in a replicate" in repr(groups)
    with pytest.raises(ss.SurveySemError, match="give no estimate"):
        design.as_replicates("JK1").subset(rare == 61).mean("api00")


@pytest.mark.parametrize("replicated", [False, True])
def test_a_group_of_one_row_has_no_variance(replicated: bool) -> None:
    design = designed("clus1_nofpc")
    group = np.where(np.arange(design.n_rows) == 5, "one", np.where(design.data["api00"] > 600, "high", "low"))
    design = design.assign(group=group)
    design = design.as_replicates("JK1") if replicated else design
    found = design.variance("enroll", by="group")
    high = design.subset(group == "high").variance("enroll")
    np.testing.assert_allclose([found.estimate[0], found.se[0]], [high.estimate[0], high.se[0]])
    assert np.isnan([found.estimate[2], found.se[2]]).all()
    assert "no variance in groups of a single row: 1" in repr(found)
    with pytest.raises(ss.SurveySemError, match="no group has two rows"):
        design.subset(group == "one").variance("enroll")
